#!/usr/bin/env python3
# limit: 100
"""Goal: who gets a letter by electronic exchange and who on paper is a list in two
parts, as PDF and as table; what was changed to paper is printed with the stamp
已電子交換未確認, and what all have signed for with 已電子交換; and the review of
the next day is on record for each clerk, by log-in."""

import re
import subprocess

from network import Network, Tap, run
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


def on_paper(tap):
    with Network(extra=FAST) as net:
        first, second = person(net, "甲", "clerk"), person(net, "乙", "clerk")
        exchanged(tap, net, first)
        reviews(tap, net, first, second)
        paper(tap, net, first)


if __name__ == "__main__":
    tap = Tap()
    run(tap, on_paper)
    tap.done()
