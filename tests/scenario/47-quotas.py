#!/usr/bin/python3
"""Goal: one organisation can fill neither a center's disk nor its queue
(T-LOAD-03): over a quota its letters wait at their gateway, which says why, and
none is lost; others go on.  Restarts do not forget what was counted.
limit: 200"""

import sqlite3

from network import Network, Tap, run

tap = Tap()
LOCAL, AWAY = "376470000A", "376530000A"
FAST = "[courier]\nretry_first_ms = 100\nretry_max_ms = 500\n"
LIMITS = "[limits]\norganisation_letters = {}\n"


def configure(net, host, text):
    with open(f"{net.dir}/{host}.conf.d/test.conf", "w",
              encoding="utf-8") as file:
        file.write(text)


def delivery(net, document):
    return net.outbox(document)["deliveries"][0]


def waits_for(net, document):
    return delivery(net, document)["waits_for"]


def queued(net, center):
    """What the center counts, and what its rows say."""
    rows = sqlite3.connect(f"file:{net.dir}/{center}/rows.db?mode=ro",
                           uri=True)
    counted = rows.execute("SELECT kind, party, deliveries, bytes FROM queued"
                           " WHERE deliveries <> 0 OR bytes <> 0"
                           " ORDER BY kind, party").fetchall()
    found = rows.execute(
        "SELECT 1, d.recipient, count(*), sum(w.content_len) FROM delivery d"
        " JOIN waybill w ON w.id = d.waybill WHERE d.state < 3"
        " GROUP BY d.recipient ORDER BY d.recipient").fetchall()
    rows.close()
    return [row for row in counted if row[0] == 1], found


def within_an_hour(net):
    documents = []
    for serial in range(1, 8):
        documents.append(net.send(net.letter([LOCAL], serial))["id"])
        if serial == 4:
            for document in documents:
                net.wait_states(document, ["opened"])
    net.wait_for(lambda: all(waits_for(net, document) == "E4042"
                             for document in documents[4:]),
                 "the others do not say what they wait for")
    shown = net.command("doc", "show", documents[-1], "-c",
                        net.conf("gateway-1")).stdout
    tap.ok("E4042 The limit of an hour is reached" in shown,
           "over the quota letters wait, and say why", shown)
    other = net.send(net.letter(["376490000A"], 9, sender=LOCAL),
                     host="gateway-2")["id"]
    net.wait_states(other, ["opened"], host="gateway-2")
    tap.ok(True, "another organisation goes on")
    net.kill("center-a")
    net.start("center-a")
    again = net.send(net.letter([LOCAL], 10))["id"]
    net.wait_for(lambda: waits_for(net, again) == "E4042",
                 "the restart forgot what was counted")
    tap.ok(all(delivery(net, document)["state"] == "queued"
               for document in [*documents[4:], again]),
           "a restart forgets nothing")
    net.stop("center-a")
    configure(net, "center-a", FAST + LIMITS.format(1000))
    net.start("center-a")
    for document in [*documents, again]:
        net.wait_states(document, ["opened"])
    tap.ok(True, "with room again all arrive")
    # The control: it was the quota, and nothing else, that made them wait.
    more = [net.send(net.letter([LOCAL], serial))["id"]
            for serial in range(11, 18)]
    for document in more:
        net.wait_states(document, ["opened"])
    tap.ok(not any(waits_for(net, document) for document in more),
           "as many letters again wait for nothing without the quota")


def queued_for_a_recipient(net):
    net.stop("gateway-3")
    documents = [net.send(net.letter([AWAY], serial))["id"]
                 for serial in range(21, 27)]
    net.wait_for(lambda: sorted(delivery(net, document)["state"]
                                for document in documents) ==
                 ["accepted"] * 3 + ["relayed"] * 3,
                 "the recipient's center does not stop at its limit")
    near = net.send(net.letter([LOCAL], 30))["id"]
    net.wait_states(near, ["opened"])
    counted, found = queued(net, "center-b")
    tap.ok(counted == found and found[0][2] == 3,
           "only so many are queued for one who does not fetch",
           (counted, found))
    net.kill("center-b")
    net.start("center-b")
    net.start("gateway-3")
    for document in documents:
        net.wait_states(document, ["opened"])
    tap.ok(queued(net, "center-b") == ([], []),
           "and all arrive when it fetches again", queued(net, "center-b"))
    # The control: without the limit all of them are queued.
    net.stop("center-b")
    configure(net, "center-b", FAST)
    net.start("center-b")
    net.stop("gateway-3")
    documents = [net.send(net.letter([AWAY], serial))["id"]
                 for serial in range(41, 47)]
    for document in documents:
        net.wait_states(document, ["relayed"])
    counted, found = queued(net, "center-b")
    tap.ok(counted == found and found[0][2] == 6,
           "without the limit as many as there are", (counted, found))


def quotas(tap):
    with Network("quotas", {
            "gateway-1": FAST, "gateway-2": FAST, "gateway-3": FAST,
            "center-a": FAST + LIMITS.format(4),
            "center-b": FAST + "[limits]\nqueue_deliveries = 3\n"}) as net:
        within_an_hour(net)
        queued_for_a_recipient(net)


run(tap, quotas)
tap.done()
