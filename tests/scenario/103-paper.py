#!/usr/bin/env python3
# limit: 100
"""Goal: who gets a letter by electronic exchange and who on paper is a list in two
parts, as PDF and as table; what was changed to paper is printed with the stamp
已電子交換未確認, and what all have signed for with 已電子交換; and the review of
the next day is on record for each clerk, by log-in.  Copies that are written apart
name their recipient alone, each is sent once, and who gets no attachments has no
byte of them.  Letters to a bulletin board are published to everybody until their
last day, and nothing else is."""

import datetime
import glob
import json
import os
import re
import subprocess

from network import NAMES, Network, Refused, Tap, pdf, run
from web import Web

A, B, C = "376490000A", "376470000A", "376530000A"
UNCONFIRMED, EXCHANGED = "已電子交換未確認", "已電子交換"
FAST = "[courier]\nretry_first_ms = 50\nretry_max_ms = 200\n"


def text_of(pdf):
    return subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf,
                          capture_output=True, check=True).stdout.decode()


def person(net, name, role):
    net.command("person", "add", name, "--role", role, "--organisation", A,
                "-c", net.conf("gateway-1"))
    text = net.command("person", "link", name, "-c",
                       net.conf("gateway-1")).stdout
    web = Web(net)
    web.log_in(re.search(r"#code=([0-9a-f]+)", text).group(1))
    return web


def mixed(net, serial):
    """A letter to two electronically, which names a third one."""
    paths = net.letter([B, (C, False)], serial)
    with open(paths[0], encoding="utf-8") as file:
        text = file.read()
    with open(paths[0], "w", encoding="utf-8") as file:
        file.write(text.replace("</正本>", "<全銜>紙本鄉公所</全銜></正本>"))
    return paths


def printed(web, document, recipient=""):
    query = f"?recipient={recipient}" if recipient else ""
    return text_of(web.get(f"/v1/outbox/{document}/print{query}").body)


def paper(tap, net, web):
    net.stop("gateway-3")
    sent = net.send(mixed(net, 1) + ["--accept", "E2133"])
    net.wait_for(lambda: net.states(sent["id"])[B] == "opened" and
                 net.states(sent["id"])[C] == "relayed", "not on its way")
    tap.ok(UNCONFIRMED not in printed(web, sent["id"], C) and
           EXCHANGED not in printed(web, sent["id"]),
           "under way, nothing is stamped")
    net.json("gateway-1", "doc", "paper", sent["id"], C)
    net.wait_for(lambda: net.states(sent["id"])[C] == "paper", "no paper")
    tap.ok(UNCONFIRMED in printed(web, sent["id"], C) and
           UNCONFIRMED not in printed(web, sent["id"], B),
           "changed to paper, its copy says so, and no other")
    page = web.get(f"/v1/outbox/{sent['id']}/view?recipient={C}").body
    tap.ok(UNCONFIRMED in page.decode(), "on screen as well")
    table = web.get(f"/v1/outbox/{sent['id']}/recipients?as=csv")
    lines = table.body.decode("utf-8-sig").splitlines()[1:]
    tap.ok(lines == [f"電子交換,彰化縣政府,{B},正本,含附件",
                     f"非電子交換（紙本）,屏東縣政府,{C},正本,不含附件",
                     "非電子交換（紙本）,紙本鄉公所,,正本,含附件"],
           "the list has two parts, as a table", table.body.decode())
    answer = web.get(f"/v1/outbox/{sent['id']}/recipients")
    text = text_of(answer.body)
    tap.ok(answer.headers["content-type"] == "application/pdf" and
           text.index("電子交換（1）") < text.index("彰化縣政府") <
           text.index("非電子交換（紙本）（2）") < text.index("屏東縣政府") <
           text.index("紙本鄉公所") and "府計管一字第1150000001號" in text,
           "and on paper", text)
    with open(f"{net.dir}/list.pdf", "wb") as file:
        file.write(answer.body)
    with open(f"{net.dir}/stamped.pdf", "wb") as file:
        file.write(web.get(
            f"/v1/outbox/{sent['id']}/print?recipient={C}").body)


def exchanged(tap, net, web):
    sent = net.send(net.letter([B], 2))
    net.wait_states(sent["id"], {"opened"})
    letter = next(item for item in net.inbox("gateway-2")
                  if item["document_id"] == sent["id"])
    net.json("gateway-2", "doc", "confirm", f"{letter['waybill_id']}/{B}")
    net.wait_states(sent["id"], {"confirmed"})
    text = printed(web, sent["id"])
    tap.ok(EXCHANGED in text and UNCONFIRMED not in text,
           "signed for by all, the transcript says 已電子交換")
    tap.ok(EXCHANGED not in printed(web, sent["id"], B),
           "and no copy of a recipient")


def reviews(tap, net, first, second):
    sent = net.send(net.letter([B], 3))["id"]
    for web, action in ((first, "chase"), (second, "wait"), (first, "wait")):
        answer = web.post("/v1/review", {
            "reviewer": "別人", "action": action, "note": "=電話",
            "deliveries": [f"{sent}/{B}"]})
        if answer.status != 200:
            tap.ok(False, "a review is recorded", answer)
    net.command("doc", "review", "--by", "說的人", "--action", "other",
                f"{sent}/{B}", "-c", net.conf("gateway-1"))
    said = first.get("/v1/reviews").json
    tap.ok([(item["reviewer"], item["logged_in"], item["action"])
            for item in said["reviews"]] ==
           [("說的人", False, "other"), ("甲", True, "wait"),
            ("乙", True, "wait"), ("甲", True, "chase")],
           "each review is its clerk's, whoever the body names", said)
    tap.ok({item["reviewer"]: item["deliveries"]
            for item in said["reviewers"]} ==
           {"甲": 2, "乙": 1, "說的人": 1}, "and counted for each")
    mine = first.get("/v1/reviews?reviewer=%E4%B9%99&limit=1").json
    tap.ok([item["reviewer"] for item in mine["reviews"]] == ["乙"] and
           mine["next"] == "", "one by one")
    page = first.get("/v1/reviews?limit=3").json
    rest = first.get(f"/v1/reviews?cursor={page['next']}").json
    tap.ok(len(page["reviews"]) == 3 and len(rest["reviews"]) == 1,
           "page by page")
    table = first.get("/v1/reviews?as=csv").body.decode("utf-8-sig")
    tap.ok(len(table.splitlines()) == 5 and "\"'=電話\"" in table,
           "and as a table, in which nothing is a formula", table)
    token = Web(net, token=net.command(
        "token", "create", "p", "--organisation", A, "--scopes", "read,send",
        "-c", net.conf("gateway-1")).stdout.strip())
    tap.ok(token.post("/v1/review", {
        "action": "wait", "note": "", "deliveries": [f"{sent}/{B}"]}).status
        == 403, "no program reviews")


def has_bytes(net, host, wanted):
    for folder, _, files in os.walk(f"{net.dir}/{host}"):
        for name in files:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                try:
                    with open(path, "rb") as file:
                        if wanted in file.read():
                            return True
                except FileNotFoundError:  # done with meanwhile
                    continue
    return False


def package(net, host, letter, code, folder):
    """The package as it was handed over, and the files in it."""
    net.command("doc", "save", f"{letter['waybill_id']}/{code}", "--to",
                f"{net.dir}/{folder}", "-c", net.conf(host))
    found = {}
    for path in glob.glob(f"{net.dir}/{folder}/*"):
        with open(path, "rb") as file:
            found[os.path.basename(path)] = file.read()
    return found


def received(net, host, document):
    net.wait_for(lambda: any(item["document_id"] == document
                             for item in net.inbox(host)), "not there")
    return next(item for item in net.inbox(host)
                if item["document_id"] == document)


def apart(tap, net, web):
    root = os.path.join(os.path.dirname(__file__), "../..")
    with open(f"{root}/data/samples/make/letter.json",
              encoding="utf-8") as file:
        letter = json.load(file)
    letter.update(senders=[{"name": NAMES[A], "code": A}],
                  originals=[{"kind": "org", "name": NAMES[B]}],
                  copies=[{"kind": "org", "name": NAMES[C]}],
                  attachments=[], rosters=[{"entries": [
                      {"name": NAMES[B], "code": B},
                      {"name": NAMES[C], "code": C, "copy": "副本"}]}])
    letter.pop("attachment_note", None)
    with open(f"{net.dir}/apart.json", "w", encoding="utf-8") as file:
        json.dump(letter, file)
    folder = f"{net.dir}/apart"
    net.command("doc", "make", "--apart", f"{net.dir}/apart.json", "--to",
                folder, "-c", net.conf("gateway-1"))
    texts = {name: open(f"{folder}/{name}", encoding="utf-8").read()
             for name in sorted(os.listdir(folder))}
    tap.ok(set(texts) == {"1.di", "1.sw", "2.di", "2.sw"} and all(
        (NAMES[B] in text) == name.startswith("1") and
        (NAMES[C] in text) == name.startswith("2")
        for name, text in texts.items()),
        "written apart, each copy names its recipient alone", texts)
    whole = web.send("/v1/documents:validate?apart=1", net.letter([B, C], 60))
    tap.ok(not whole.json["accepted"] and "E6621" in
           [item["rule"] for item in whole.json["findings"]],
           "a copy for two is none", whole)
    with open(f"{folder}/1.di", "r+", encoding="utf-8") as file:
        text = file.read()
        file.seek(0)
        file.write(text.replace("</正本>", f"<全銜>{NAMES[C]}</全銜></正本>"))
    files = [f"{folder}/{name}" for name in texts]
    command = ["doc", "send", "--apart", "--key", "series", "-c",
               net.conf("gateway-1"), "--json", *files]
    before = len(web.get("/v1/outbox?limit=200").json["documents"])
    try:
        net.command(*command)
        failed = ""
    except Refused as refused:
        failed = refused.code
    tap.ok(failed == "E4201" and before == len(
        web.get("/v1/outbox?limit=200").json["documents"]),
        "one that names another stops all, before the first leaves", failed)
    with open(f"{folder}/1.di", "w", encoding="utf-8") as file:
        file.write(texts["1.di"])
    first, again = ([letter["document_id"] for letter in
                     json.loads(net.command(*command).stdout)["letters"]]
                    for _ in range(2))
    tap.ok(len(set(first)) == 2 and first == again,
           "sent and sent again, each is one letter", (first, again))
    for host, code, document, other in (("gateway-2", B, first[0], C),
                                        ("gateway-3", C, first[1], B)):
        held = package(net, host, received(net, host, document), code,
                       f"got-{host}")
        tap.ok(held and not any(
            NAMES[other].encode() in data or other.encode() in data
            for data in held.values()), f"{host} reads of nobody else",
            list(held))


def attachments(tap, net, web):
    secret = pdf(4000, 99)
    sent = net.send(net.letter([B, (C, False)], 61, {"only-b.pdf": secret}))
    net.wait_states(sent["id"], {"opened"})
    ids = {item["recipient"]: item["waybill_id"]
           for item in net.outbox(sent["id"])["deliveries"]}
    tap.ok(ids[B] != ids[C], "with and without attachments: two waybills")
    tap.ok(has_bytes(net, "gateway-2", secret[100:160]),
           "(who gets them has their bytes)")
    tap.ok(not has_bytes(net, "gateway-3", secret[100:160]) and
           list(package(net, "gateway-3", received(net, "gateway-3",
                                                   sent["id"]), C, "less"))
           and "only-b.pdf" not in os.listdir(f"{net.dir}/less"),
           "who does not has none, and no file of that name")
    with open(f"{net.dir}/evidence.zip", "wb") as file:
        file.write(web.get(
            f"/v1/outbox/{sent['id']}/evidence?recipient={C}").body)
    said = subprocess.run(["unzip", "-p", f"{net.dir}/evidence.zip"],
                          capture_output=True, check=False).stdout
    tap.ok(said and b"only-b.pdf" not in said,
           "nor does the evidence of its delivery tell of them")


def sent_in_error(net, serial):
    """The letter again with the message that it was sent in error."""
    paths = net.letter([C], serial, folder=f"{net.dir}/letters/error")
    with open(paths[0], encoding="utf-8") as file:
        text = file.read()
    with open(paths[0], "w", encoding="utf-8") as file:
        file.write(text.replace(
            "<!NOTATION DI",
            '<!ENTITY 文書訊息表單 SYSTEM "letter.dm" NDATA DM>\n'
            '<!NOTATION DM SYSTEM "">\n<!NOTATION DI', 1))
    paths.append(os.path.dirname(paths[0]) + "/letter.dm")
    with open(paths[-1], "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n'
                   '<!DOCTYPE 文書訊息表單 SYSTEM "104_DM_utf8.dtd">\n'
                   '<文書訊息表單><文書訊息代碼 代碼="4"/>'
                   "<訊息備註>錯發</訊息備註></文書訊息表單>\n")
    return paths


def board(tap, net):
    """C is a bulletin board, at gateway-3; gateway-2 has none of its codes."""
    stranger, other = Web(net, "gateway-3"), Web(net, "gateway-2")
    sent = net.send(net.letter([B, C], 80, {"plan.pdf": pdf(500, 5)}))
    net.wait_states(sent["id"], {"opened"})
    ids = {item["recipient"]: item["waybill_id"]
           for item in net.outbox(sent["id"])["deliveries"]}
    listed = stranger.get("/v1/board").json["notices"]
    mine = [item for item in listed if item["waybill_id"] == ids[C]]
    tap.ok(len(mine) == 1 and mine[0]["subject"] == sent["subject"] and
           mine[0]["sender_name"] == NAMES[A] and mine[0]["until"] >
           mine[0]["published_at"], "a letter to the board is published once",
           listed)
    one = stranger.get(f"/v1/board/{ids[C]}/{C}")
    number = [item["name"] for item in one.json["files"]].index("plan.pdf")
    tap.ok(stranger.get(f"/v1/board/{ids[C]}/{C}/files/{number}").body ==
           pdf(500, 5) and sent["subject"] in stranger.get(
               f"/v1/board/{ids[C]}/{C}/view").body.decode(),
           "anybody reads it, with its files", one)
    tap.ok(stranger.get("/v1/board?as=opendata").json[0]["SendNo"] ==
           sent["reference"] and stranger.get(
               "/v1/board?q=%E6%B2%92%E6%9C%89").json["notices"] == [],
           "as open data, and by words")
    tap.ok({other.get(path).code for path in (
        f"/v1/board/{ids[B]}/{B}", f"/v1/board/{ids[B]}/{B}/files/0",
        f"/v1/board/{ids[B]}/{B}/view")} == {"E6622"} and
        other.get("/v1/board").json["notices"] == [] and
        Web(net).get("/v1/board").code == "E6622",
        "nothing else of an inbox is there, and no board where none is")
    tap.ok({stranger.get(path).status for path in (
        "/v1/inbox", "/v1/boards", "/v1/board/../inbox", "/v1/outbox")} <=
        {400, 401, 404} and
        stranger.post(f"/v1/board/{ids[C]}/{C}:change", {}).status == 401,
        "and nobody else is let in by it")
    clerk = Web(net, "gateway-3")
    net.command("person", "add", "公布", "--role", "clerk", "--organisation",
                C, "-c", net.conf("gateway-3"))
    clerk.log_in(re.search(r"#code=([0-9a-f]+)", net.command(
        "person", "link", "公布", "-c", net.conf("gateway-3")).stdout)
        .group(1))

    def change(body):
        return clerk.post(f"/v1/board/{ids[C]}/{C}:change", body).status

    def is_up():
        return stranger.get(f"/v1/board/{ids[C]}/{C}").status == 200

    day = (datetime.date.today() + datetime.timedelta(60)).isoformat()
    done = [change({"withdrawn": True, "reason": "誤登"}), is_up(),
            change({"withdrawn": False}), is_up(),
            change({"until": "2020-01-01T00:00:00.000Z"}), is_up(),
            change({"until": f"{day}T08:00:00+08:00"}), is_up()]
    tap.ok(done == [200, False, 200, True] * 2,
           "its people take it down, and say until when it is up", done)
    net.kill("gateway-3")
    net.start("gateway-3")
    net.wait_for(is_up, "the board is gone")
    now = stranger.get(f"/v1/board/{ids[C]}/{C}").json
    tap.ok(now["until"].startswith(day) and
           now["files"] == one.json["files"], "a kill changes nothing of it",
           now)
    error = net.send(sent_in_error(net, 80))
    net.wait_states(error["id"], {"opened"})
    tap.ok(not is_up() and sent["reference"] not in [
        item["reference"] for item in
        stranger.get("/v1/board").json["notices"]],
        "sent in error, says its sender: it is down")


def on_paper(tap):
    shown = FAST + f"[board]\ncodes = {C}\n"
    with Network(extra={"gateway-1": FAST, "gateway-2": shown,
                        "gateway-3": shown}) as net:
        first, second = person(net, "甲", "clerk"), person(net, "乙", "clerk")
        exchanged(tap, net, first)
        reviews(tap, net, first, second)
        apart(tap, net, first)
        attachments(tap, net, first)
        board(tap, net)
        paper(tap, net, first)


if __name__ == "__main__":
    tap = Tap()
    run(tap, on_paper)
    tap.done()
