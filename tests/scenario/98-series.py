#!/usr/bin/env python3
# limit: 120
"""Copies written apart (分繕, R2.2): one draft, one act, all or none; each copy
has its own text and attachments and reaches its recipient alone; what became of
all is one question; a kill in the middle leaves nothing sent, and the act again
sends each once; while they are held all are undone together."""

import concurrent.futures
import os

from network import PATIENCE_S, Network, Tap, pdf, run
from web import Web

A, B, C = "376490000A", "376470000A", "376530000A"
SCOPES = "read,send,receive,events"


def copy(net, number, code, attachments=None, also=(), serial=None):
    return net.letter([code, *also], serial or number, attachments or {},
                      folder=f"{net.dir}/apart-{number}", stem=str(number))


def kept(web, *copies):
    """A draft of all these files, each name once."""
    files = {os.path.basename(path): path for paths in copies
             for path in paths}
    paths = list(files.values())
    draft = web.send("/v1/drafts", paths[:20]).json
    for place in range(20, len(paths), 20):
        draft = web.send(
            f"/v1/drafts/{draft['id']}:files?version={draft['version']}",
            paths[place:place + 20]).json
    return draft


def act(web, draft, verb="send", more=""):
    return web.post(f"/v1/drafts/{draft['id']}:{verb}-apart?version="
                    f"{draft['version']}{more}", {})


def count(web):
    return len(web.get("/v1/outbox?limit=200").json["documents"])


def states(web, series):
    return {letter["state"] for letter in
            web.get(f"/v1/series/{series}").json["letters"]}


def names(net, host, document):
    net.wait_for(lambda: any(item["document_id"] == document
                             for item in net.inbox(host)), "not there")
    return {part["name"] for item in net.inbox(host)
            if item["document_id"] == document for part in item["files"]}


def each_its_own(tap, net, web):
    common = {"common.pdf": pdf(3000, 1)}
    draft = kept(web, copy(net, 1, B, {**common, "only-b.pdf": pdf(2000, 2)}),
                 copy(net, 2, C, common))
    seen = act(web, draft, "check").json
    tap.ok(seen["accepted"] and seen["count"] == 2 and not count(web),
           "all copies are checked, and nothing is sent", seen)
    sent = act(web, draft)
    again = act(web, draft)
    letters = sent.json["letters"]
    tap.ok(sent.status == 201 and again.status == 200 and
           [item["document_id"] for item in letters] ==
           [item["document_id"] for item in again.json["letters"]] and
           [item["recipient"] for item in letters] == [B, C] and
           count(web) == 2, "one act sends each, once", (sent, again))
    net.wait_for(lambda: states(web, draft["id"]) == {"opened"}, "not opened")
    got = [names(net, host, item["document_id"])
           for host, item in zip(("gateway-2", "gateway-3"), letters)]
    tap.ok(got == [{"1.di", "1.sw", "common.pdf", "only-b.pdf"},
                   {"2.di", "2.sw", "common.pdf"}],
           "each has its own text and attachments", got)
    one = web.get(f"/v1/drafts/{draft['id']}").json
    tap.ok(one["state"] == "sent" and not one["files"],
           "the draft is sent", one)


def all_or_none(tap, net, web):
    before = count(web)
    copies = [copy(net, number, B, serial=20 + number)
              for number in range(1, 6)]
    copies.append(copy(net, 6, B, also=[C], serial=26))
    draft = kept(web, *copies, [net.letter([B], 27, {
        "over.pdf": pdf(500)}, folder=f"{net.dir}/over")[2]])
    refused = act(web, draft)
    found = {(item["rule"], item["file"])
             for item in refused.json.get("errors", [])}
    tap.ok(refused.status == 422 and refused.code == "E4201" and
           {("E6621", "6.di"), ("E2124", "over.pdf")} <= found and
           count(web) == before,
           "what is wrong with any is told of all, and none is sent",
           refused)
    seen = act(web, draft, "check").json
    tap.ok(not seen["accepted"] and {item["rule"] for item in
                                     seen["findings"]} >=
           {"E6621", "E2124"}, "a check says the same", seen)
    draft = web.post(f"/v1/drafts/{draft['id']}:edit?version="
                     f"{draft['version']}",
                     {"remove": ["over.pdf", "6.di", "6.sw"]}).json
    sent = act(web, draft)
    tap.ok(sent.status == 201 and sent.json["count"] == 5 and
           count(web) == before + 5, "mended, all are", sent)
    nothing = kept(web, [copies[0][1]])
    refused = act(web, nothing)
    tap.ok(refused.code == "E7619", "a draft without a letter is refused",
           refused)


def killed(tap, net, web):
    """At some moment between the first copy that is packed and the last."""
    before = count(web)
    draft = kept(web, *[copy(net, number, B, serial=100 + number)
                        for number in range(1, 41)])
    log = f"{net.dir}/gateway-1.log"
    start = os.path.getsize(log)

    def packed():
        with open(log, "rb") as file:
            file.seek(start)
            return file.read().count(b"waybill.made")

    asker = Web(net, token=web.token)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        asked = pool.submit(act, asker, draft)
        net.wait_for(lambda: packed() > 3, "none is packed")
        net.kill("gateway-1")
        asked.exception()
    done = packed()
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    left = count(web)
    again = act(web, draft)
    tap.ok(left in (before, before + 40) and again.status in (200, 201) and
           count(web) == before + 40,
           f"killed with {done} of 40 packed: {left - before} are sent, and "
           "then each once", (left, again))
    net.wait_for(lambda: states(web, draft["id"]) == {"opened"}, "not opened",
                 timeout=3 * PATIENCE_S)
    tap.ok(len([item for item in net.inbox("gateway-2")
                if "第1" in item["subject"]]) >= 1 and
           states(web, draft["id"]) == {"opened"}, "all of them arrive")


def undone(tap, net, web):
    copies = [copy(net, 1, B, {"a.pdf": pdf(100)}, serial=200),
              copy(net, 2, C, {"a.pdf": pdf(100)}, serial=201)]
    draft = kept(web, *copies)
    sent = act(web, draft, more="&undo=300").json
    held = states(web, draft["id"])
    back = web.post(f"/v1/series/{draft['id']}:undo", {})
    again = web.post(f"/v1/series/{draft['id']}:undo", {})
    one = web.get(f"/v1/drafts/{draft['id']}").json
    tap.ok(held == {"held"} and back.status == again.status == 200 and
           {item["state"] for item in back.json["letters"]} == {"undone"} and
           one["state"] == "draft" and
           sorted(part["name"] for part in one["files"]) ==
           ["1.di", "1.sw", "2.di", "2.sw", "a.pdf"],
           "while they are held all are undone, and the draft is there again",
           (held, back, one))
    new = act(web, one).json
    tap.ok(new["count"] == 2 and not {item["document_id"] for item in
                                      new["letters"]} &
           {item["document_id"] for item in sent["letters"]},
           "and sent again, they are other letters", new)
    net.wait_for(lambda: states(web, draft["id"]) == {"opened"}, "not opened")
    late = web.post(f"/v1/series/{draft['id']}:undo", {})
    tap.ok(late.code == "E6601", "of which none can be undone", late)
    other = Web(net, "gateway-1", token=net.command(
        "token", "create", "other", "--organisation", A, "--scopes",
        "receive", "-c", net.conf("gateway-1")).stdout.strip())
    tap.ok(other.get(f"/v1/series/{draft['id']}").status == 403,
           "(who may not read hears nothing)")


def series(tap):
    with Network() as net:
        web = Web(net, token=net.command(
            "token", "create", "dms", "--organisation", A, "--scopes",
            SCOPES, "-c", net.conf("gateway-1")).stdout.strip())
        each_its_own(tap, net, web)
        all_or_none(tap, net, web)
        undone(tap, net, web)
        killed(tap, net, web)


if __name__ == "__main__":
    tap = Tap()
    run(tap, series)
    tap.done()
