#!/usr/bin/env python3
# limit: 150
"""Goal: a draft is kept with its files through kills, changed only by who knows
its version, proofread by a second person, and sent once: repeats, two at a time
and kill -9 at random moments make no second letter and lose no draft.  Without the
key that stands for the draft a second letter is seen (control)."""

import random
import re
import threading
import time

from network import PATIENCE_S, Network, Refused, Tap, pdf, rows_of, run
from web import Web

A, B = "376490000A", "376470000A"
FAST = "[courier]\nretry_first_ms = 50\nretry_max_ms = 200\n"
LIMITS = "[sending]\nundo_s = 0\ndrafts = 40\ndraft_bytes = 8M\n"


def person(net, name, role):
    net.command("person", "add", name, "--role", role, "--organisation", A,
                "-c", net.conf("gateway-1"))
    text = net.command("person", "link", name, "-c",
                       net.conf("gateway-1")).stdout
    web = Web(net)
    web.log_in(re.search(r"#code=([0-9a-f]+)", text).group(1))
    return web


def arrived(net, document):
    return [item for item in net.inbox("gateway-2")
            if item["document_id"] == document]


class Desk:
    """Drafts as one person changes them: by the ETag of what was read."""

    def __init__(self, web):
        self.web = web

    def act(self, draft, verb, body=None, tag=None, query=""):
        tag = tag or self.tag(draft)
        return self.web.post(f"/v1/drafts/{draft}:{verb}{query}", body,
                             headers={"If-Match": tag})

    def tag(self, draft):
        return self.web.get(f"/v1/drafts/{draft}").headers["etag"]

    def get(self, draft):
        return self.web.get(f"/v1/drafts/{draft}").json


def writing(tap, net, desk, other):
    web = desk.web
    files = net.letter([B], 1, {"note.pdf": pdf(3000)})
    made = web.send("/v1/drafts?title=first", files[:2],
                    headers={"Idempotency-Key": "d1"})
    draft = made.json["id"]
    tap.ok(made.status == 201 and made.json["state"] == "draft" and
           made.json["made_by"] == "撰稿" and
           [item["name"] for item in made.json["files"]] ==
           ["letter.di", "letter.sw"], "files become a draft", made)
    again = web.send("/v1/drafts?title=first", files[:2],
                     headers={"Idempotency-Key": "d1"})
    tap.ok(again.status == 200 and again.json == made.json, "once")
    tap.ok(web.send("/v1/drafts", files,
                    headers={"Idempotency-Key": "d1"}).code == "E4202",
           "other files under its key are refused")
    check = web.post(f"/v1/drafts/{draft}:check").json
    tap.ok(not check["accepted"] and any(
        item["rule"] == "E2123" for item in check["findings"]),
        "checked, it lacks an attachment", check)
    old = desk.tag(draft)
    tap.ok(web.send(f"/v1/drafts/{draft}:files", files[2:]).code == "E6605",
           "nothing is changed without saying which version")
    more = web.send(f"/v1/drafts/{draft}:files", files[2:],
                    headers={"If-Match": old})
    tap.ok(more.status == 200 and more.json["version"] == 2 and
           len(more.json["files"]) == 3, "a file is added", more)
    tap.ok(web.post(f"/v1/drafts/{draft}:check").json["accepted"],
           "now it is accepted")
    extra = web.send(f"/v1/drafts/{draft}:files?title=new", net.letter(
        [B], 1, {"more.csv": b"1,2\n"})[2:],
                     headers={"If-Match": desk.tag(draft)})
    gone = web.send(f"/v1/drafts/{draft}:files?remove=nothing.pdf", files[2:],
                    headers={"If-Match": desk.tag(draft)})
    back = web.send(f"/v1/drafts/{draft}:files?title=first&remove=more.csv",
                    files[2:], headers={"If-Match": desk.tag(draft)})
    tap.ok(extra.json["title"] == "new" and len(extra.json["files"]) == 4 and
           gone.code == "E6204" and back.json["version"] == 4 and
           back.json["title"] == "first" and
           [item["name"] for item in back.json["files"]] ==
           [item["name"] for item in more.json["files"]],
           "title, files that come and files that go are one change", back)
    more = back
    tap.ok(desk.act(draft, "edit", {"title": "x"}, old).code == "E6410",
           "who knows an older version changes nothing")
    tap.ok(web.get(f"/v1/drafts/{draft}/files/2").body == pdf(3000) and
           web.get(f"/v1/drafts/{draft}/print").body[:5] == b"%PDF-",
           "its files can be read, and it can be printed")
    other_org = Web(net, "gateway-2", token=net.command(
        "token", "create", "o", "--organisation", B, "--scopes", "read,send",
        "-c", net.conf("gateway-2")).stdout.strip())
    tap.ok(other_org.get(f"/v1/drafts/{draft}").code == "E6604",
           "it is nobody else's")
    net.kill("gateway-1")
    net.start("gateway-1")
    tap.ok(desk.get(draft) == more.json, "a kill loses nothing of it")
    return draft


def proofreading(tap, net, desk, other, chief, draft):
    chief.post("/v1/sending", {"proofreading": True})
    tap.ok(desk.act(draft, "send").code == "E6611" and
           desk.web.send("/v1/documents", net.letter([B], 2)).code ==
           "E6611", "where it is wanted, nothing leaves unread")
    desk.act(draft, "submit", {"note": "請校對"})
    tap.ok(desk.act(draft, "proofread", {"passed": True}).code == "E6609",
           "who wrote it does not proofread it")
    back = other.act(draft, "proofread", {"passed": False, "note": "缺日期"})
    tap.ok(back.json["state"] == "draft" and
           back.json["steps"][-1]["note"] == "缺日期" and
           back.json["steps"][-1]["by"] == "校對" and
           back.json["steps"][-1]["logged_in"], "another sends it back", back)
    desk.act(draft, "edit", {"note": "已補"})
    desk.act(draft, "submit")
    passed = other.act(draft, "proofread", {"passed": True})
    tap.ok(passed.json["state"] == "proofread", "or passes it", passed)
    desk.act(draft, "edit", {"note": "再改"})
    tap.ok(desk.act(draft, "send").code == "E6611",
           "what was changed after is not proofread")
    desk.act(draft, "submit")
    other.act(draft, "proofread", {"passed": True})
    tag = desk.tag(draft)
    sent = desk.act(draft, "send", tag=tag)
    tap.ok(sent.status == 201 and sent.json["state"] == "sent",
           "then it is sent", sent)
    again = desk.act(draft, "send", tag=tag)
    tap.ok(again.status == 200 and again.json["id"] == sent.json["id"],
           "once", again)
    now = desk.get(draft)
    tap.ok(now["state"] == "sent" and now["document_id"] == sent.json["id"]
           and [step["step"] for step in now["steps"]][-3:] ==
           ["submitted", "passed", "sent"], "and that is on record", now)
    tap.ok(desk.act(draft, "edit", {"title": "y"}).code == "E6606",
           "and nothing of it changes any more")
    net.wait_states(sent.json["id"], {"opened"})
    chief.post("/v1/sending", {"proofreading": False})
    return sent.json["id"]


def undoing(tap, net, desk):
    draft = desk.web.send("/v1/drafts", net.letter([B], 5)).json["id"]
    tag = desk.tag(draft)
    held = desk.act(draft, "send", tag=tag, query="?undo=300").json
    desk.web.post(f"/v1/outbox/{held['id']}:undo")
    now = desk.get(draft)
    tap.ok(now["state"] == "draft" and len(now["files"]) == 2 and
           now["steps"][-1]["step"] == "undone",
           "an undone letter is a draft again, with its files", now)
    tap.ok(desk.act(draft, "send", tag=tag).code == "E6410",
           "a repeat that comes late does not send it")
    sent = desk.act(draft, "send").json
    net.wait_states(sent["id"], {"opened"})
    tap.ok(sent["id"] != held["id"] and not arrived(net, held["id"]),
           "sent anew, it is another letter")


def limits(tap, net, desk):
    big = net.letter([B], 6, {"big.pdf": pdf(5 << 20)})
    first = desk.web.send("/v1/drafts", big).json["id"]
    tap.ok(desk.web.send("/v1/drafts", big).code == "E6610",
           "more bytes than there may be are refused")
    tap.ok(desk.act(first, "discard").status == 200 and
           desk.web.get(f"/v1/drafts/{first}").code == "E6604",
           "a draft is discarded")
    again = desk.web.send("/v1/drafts", big)
    tap.ok(again.status == 201, "which makes room", again)
    desk.act(again.json["id"], "discard")
    made = [desk.web.send("/v1/drafts", net.letter([B], 7)) for _ in range(45)]
    tap.ok({answer.code for answer in made} == {"", "E6610"} and
           desk.web.get("/v1/drafts?limit=200&state=draft").json["next"] ==
           "", "and more drafts than there may be",
           {answer.code for answer in made})
    for answer in made:
        if answer.status == 201:
            desk.act(answer.json["id"], "discard")


def kills(tap, net, count=10):
    """Sent again and again while its host is killed: one letter each."""
    chance = random.Random(7)
    drafts = {}
    for number in range(count):
        drafts[net.json("gateway-1", "draft", "add", "--by", "甲", *net.letter(
            [B], 20 + number, {"a.pdf": pdf(200000, number)}))["id"]] = set()

    def send(draft):
        end = time.monotonic() + 3 * PATIENCE_S
        while time.monotonic() < end:
            try:
                drafts[draft].add(net.json("gateway-1", "draft", "send",
                                           draft)["id"])
                if len(drafts[draft]) > 1 or chance.random() < 0.5:
                    return
            except Refused as failure:
                if failure.status not in (69, 70, 74, 75):
                    raise
                time.sleep(0.05)

    threads = [threading.Thread(target=send, args=(draft,))
               for draft in drafts for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        time.sleep(chance.uniform(0.05, 0.4))
        net.kill("gateway-1")
        net.start("gateway-1")
    for thread in threads:
        thread.join()
    tap.ok(all(len(ids) == 1 for ids in drafts.values()),
           f"{count} drafts, two senders each, 4 kills: one letter each",
           drafts)
    for ids in drafts.values():
        net.wait_states(min(ids), {"opened"})
    subjects = [item["subject"] for item in net.inbox("gateway-2")
                if any(f"第{20 + number}號" in item["subject"]
                       for number in range(count))]
    tap.ok(len(subjects) == count == len(set(subjects)),
           "and each arrived once", subjects)
    return min(drafts)


def control(tap, net, draft):
    """Were the draft not marked as sent, a second letter would be seen."""
    net.stop("gateway-1")
    with rows_of(f"{net.dir}/gateway-1/rows.db") as rows:
        row = rows.execute("SELECT id, document FROM draft WHERE "
                           "lower(hex(draft_id)) = ?",
                           (draft.replace("-", ""),)).fetchone()
        rows.execute("INSERT INTO draft_file SELECT ?, position, name, "
                     "payload, len, digest FROM outbox_file WHERE document = "
                     "(SELECT id FROM outbox_document WHERE document_id = ?)",
                     row)
        rows.execute("UPDATE outbox_document SET key = '' WHERE "
                     "document_id = ?", (row[1],))
        rows.execute("UPDATE draft SET state = 0 WHERE id = ?", (row[0],))
    net.start("gateway-1")
    second = net.json("gateway-1", "draft", "send", draft)
    net.wait_states(second["id"], {"opened"})
    same = [item for item in net.inbox("gateway-2")
            if item["reference"] == second["reference"]]
    tap.ok(len(same) == 2, "(a draft that is sent twice is seen)", same)


def drafts(tap):
    hosts = ["management", "center-a", "center-b", "gateway-1", "gateway-2"]
    with Network(extra=FAST + LIMITS, hosts=hosts) as net:
        desk, other = Desk(person(net, "撰稿", "clerk")), \
            Desk(person(net, "校對", "clerk"))
        chief = person(net, "主管", "supervisor")
        draft = writing(tap, net, desk, other)
        proofreading(tap, net, desk, other, chief, draft)
        undoing(tap, net, desk)
        limits(tap, net, desk)
        control(tap, net, kills(tap, net))


if __name__ == "__main__":
    tap = Tap()
    run(tap, drafts)
    tap.done()
