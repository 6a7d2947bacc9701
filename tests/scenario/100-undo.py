#!/usr/bin/env python3
# limit: 150
"""Goal: a letter that is held can be undone and then leaves no trace at the
center; it goes out at the end of its time, exactly once, also after kill -9 and
while both are tried at the same time.  People have such a time by default,
programs none.  An undone letter that is let go all the same is seen (control)."""

import os
import re
import threading
import time
import uuid

from network import Network, Refused, Tap, rows_of, run
from web import Web

A, B = "376490000A", "376470000A"
SUBMIT = 5  # exchange/job.h
FAST = "[courier]\nretry_first_ms = 50\nretry_max_ms = 200\n"


def has_trace(net, host, document):
    """Whether the id of the letter or of its waybill lies anywhere there."""
    ids = [uuid.UUID(document["id"])]
    ids += [uuid.UUID(item["waybill_id"]) for item in document["deliveries"]]
    wanted = [form for one in ids for form in (one.bytes, str(one).encode())]
    for folder, _, files in os.walk(f"{net.dir}/{host}"):
        for name in files:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                try:
                    with open(path, "rb") as file:
                        data = file.read()
                except FileNotFoundError:  # done with meanwhile
                    continue
                if any(form in data for form in wanted):
                    return True
    return False


def arrived(net, document):
    return [item for item in net.inbox("gateway-2")
            if item["document_id"] == document["id"]]


def refused(action):
    try:
        action()
    except Refused as failure:
        return failure.code
    return ""


def send(net, serial, undo, **options):
    return net.json("gateway-1", "doc", "send", *net.letter([B], serial),
                    "--undo", str(undo), **options)


def undo(net, document):
    return net.json("gateway-1", "doc", "undo", document["id"])


def by_hand(tap, net):
    first = net.send(net.letter([B], 1))
    tap.ok(first["state"] == "sent" and "undo_s" not in first,
           "without a wish it goes at once", first)
    net.wait_states(first["id"], {"opened"})
    tap.ok(has_trace(net, "center-a", first),
           "(what went is found at the center)")
    held = send(net, 2, 300)
    tap.ok(held["state"] == "held" and 200 < held["undo_s"] <= 300 and
           held["deliveries"][0]["state"] == "queued",
           "with one it is held, and says how long", held)
    tap.ok(refused(lambda: net.json("gateway-1", "doc", "withdraw",
                                    held["id"])) == "E6603",
           "nobody withdraws a part of what has not left")
    undone = undo(net, held)
    tap.ok(undone["state"] == "undone" and
           undone["deliveries"][0]["state"] == "withdrawn" and
           undone["deliveries"][0]["reason"] == "undo",
           "undone, it has ended here", undone)
    tap.ok(undo(net, held) == undone, "undoing it twice is undoing it once")
    tap.ok(refused(lambda: send(net, 2, 0)) == "E6602",
           "a repeat that comes late does not send it after all")
    again = net.json(
        "gateway-1", "doc", "send", *net.letter([B], 2), "--key", "again")
    net.wait_states(again["id"], {"opened"})
    tap.ok(again["earlier"] == "" and len(arrived(net, again)) == 1,
           "with another key it goes")
    tap.ok(refused(lambda: undo(net, again)) == "E6601",
           "what has gone cannot be undone")
    tap.ok(not has_trace(net, "center-a", undone) and
           not arrived(net, undone), "and the undone one left no trace")
    tap.ok(held["id"] not in [item["document_id"] for item in net.json(
        "gateway-1", "doc", "review")["deliveries"]],
        "nobody has to review it")
    return undone


def people(tap, net):
    def person(name, role):
        net.command("person", "add", name, "--role", role, "--organisation",
                    A, "-c", net.conf("gateway-1"))
        text = net.command("person", "link", name, "-c",
                           net.conf("gateway-1")).stdout
        web = Web(net)
        web.log_in(re.search(r"#code=([0-9a-f]+)", text).group(1))
        return web

    clerk, chief = person("收發", "clerk"), person("主管", "supervisor")
    token = Web(net, token=net.command(
        "token", "create", "dms", "--organisation", A, "--scopes",
        "read,send,events", "-c", net.conf("gateway-1")).stdout.strip())
    after = token.get("/v1/events?wait=0").json["next"]
    sent = token.send("/v1/documents", net.letter([B], 10)).json
    tap.ok(sent["state"] == "sent", "a program's letter goes at once", sent)
    held = clerk.send("/v1/documents", net.letter([B], 11)).json
    tap.ok(held["state"] == "held" and held["undo_s"] <= 30 and
           clerk.get("/v1/sending").json["undo_s"] == 30,
           "a person has 30 s", held)
    held = clerk.send("/v1/documents?undo=300", net.letter([B], 14)).json
    answer = clerk.post(f"/v1/outbox/{held['id']}:undo")
    tap.ok(answer.status == 200 and answer.json["state"] == "undone",
           "in which it undoes it", answer)
    seen = [(item["type"], item["state"]) for item in
            token.get(f"/v1/events?after={after}").json["events"]
            if item["document_id"] == held["id"]]
    tap.ok(("document", "held") in seen and ("document", "undone") in seen,
           "events tell both", seen)
    tap.ok(clerk.post("/v1/sending", {"undo_s": 0}).status == 403,
           "a clerk does not change the time")
    tap.ok(chief.post("/v1/sending", {"undo_s": 0}).json["undo_s"] == 0 and
           clerk.get("/v1/sending").json["undo_s"] == 0,
           "a supervisor does, for the organisation")
    sent = clerk.send("/v1/documents", net.letter([B], 12)).json
    tap.ok(sent["state"] == "sent", "none any more", sent)
    tap.ok(clerk.send("/v1/documents?undo=601", net.letter([B], 13)).code ==
           "E6204", "ten minutes are the most")


def kills(tap, net):
    held = send(net, 20, 300)
    net.kill("gateway-1")
    net.start("gateway-1")
    now = net.outbox(held["id"])
    tap.ok(now["state"] == "held" and now["undo_s"] <= held["undo_s"],
           "a kill does not end the time", now)
    tap.ok(undo(net, held)["state"] == "undone", "and it is undone after")
    letters = []
    for number in range(5):
        letters.append(send(net, 30 + number, 1))
        time.sleep(0.8 + 0.1 * number)  # around the end of its time
        net.kill("gateway-1")
        net.start("gateway-1")
    for letter in letters:
        net.wait_states(letter["id"], {"opened"})
    tap.ok(all(len(arrived(net, letter)) == 1 for letter in letters),
           "killed around its end, each arrives once")
    tap.ok(all(net.outbox(letter["id"])["state"] == "sent"
               for letter in letters), "and reads as sent")


def races(tap, net):
    """Undo at about the end: one of both, never both."""
    letters, outcome = [], {}

    def try_undo(letter, pause):
        time.sleep(pause)
        outcome[letter["id"]] = refused(lambda: undo(net, letter))

    threads = []
    for number in range(8):
        letters.append(send(net, 50 + number, 1))
        threads.append(threading.Thread(
            target=try_undo, args=(letters[-1], 0.7 + 0.06 * number)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    gone = [letter for letter in letters if outcome[letter["id"]] == "E6601"]
    kept = [letter for letter in letters if outcome[letter["id"]] == ""]
    tap.ok(len(gone) + len(kept) == 8,
           f"{len(kept)} were undone, {len(gone)} were too late", outcome)
    for letter in gone:
        net.wait_states(letter["id"], {"opened"})
    net.send(net.letter([B], 70), timeout=60)
    tap.ok(all(len(arrived(net, letter)) == 1 for letter in gone) and
           not any(arrived(net, letter) for letter in kept) and
           not any(has_trace(net, "center-a", letter) for letter in kept),
           "what was too late arrived once, what was undone never left")


def control(tap, net, undone):
    """Were it let go all the same, the checks above would see it."""
    net.stop("gateway-1")
    with rows_of(f"{net.dir}/gateway-1/rows.db") as rows:
        rows.execute(
            "UPDATE outbox_waybill SET step = ? WHERE document = (SELECT id"
            " FROM outbox_document WHERE document_id = ?)",
            (SUBMIT, uuid.UUID(undone["id"]).bytes))
    net.start("gateway-1")
    net.wait_for(lambda: arrived(net, undone), "the control did not arrive")
    tap.ok(has_trace(net, "center-a", undone),
           "(an undone letter that leaves is seen)")


def undoing(tap):
    hosts = ["management", "center-a", "center-b", "gateway-1", "gateway-2"]
    with Network(extra=FAST, hosts=hosts) as net:
        undone = by_hand(tap, net)
        people(tap, net)
        kills(tap, net)
        races(tap, net)
        control(tap, net, undone)


if __name__ == "__main__":
    tap = Tap()
    run(tap, undoing)
    tap.done()
