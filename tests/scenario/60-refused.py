#!/usr/bin/python3
"""Goal: a center that refuses one receipt for good gets all the others; the one
is set aside with its reason, people see it, and it goes through by itself once
the center takes it.  limit: 120"""

import json

from by_hand import local
from network import Network, Tap, rows_of, run

tap = Tap()
EXTRA = ("[courier]\nretry_first_ms = 50\nretry_max_ms = 400\n"
         "[store]\nsegment_mb = 4\n")
REMOTE = "376530000A"


def entry(net, document):
    found = [item for item in net.inbox("gateway-3")
             if item["document_id"] == document]
    return f"{found[0]['waybill_id']}/{found[0]['recipient']}"


def change_leaf(net, waybill, leaf):
    """What center-a knows of a delivery; returns what it knew.  As if it were
    another one, it refuses what is said of it (E4032)."""
    where = "waybill = (SELECT id FROM waybill WHERE waybill_id = ?)"
    name = bytes.fromhex(waybill.replace("-", ""))
    with rows_of(f"{net.dir}/center-a/rows.db") as rows:
        before = rows.execute(f"SELECT leaf FROM delivery WHERE {where}",
                              (name,)).fetchone()[0]
        rows.execute(f"UPDATE delivery SET leaf = ? WHERE {where}",
                     (leaf, name))
    return before


def queue(net):
    return net.json("center-b", "queue", "list")


def aside(net):
    return queue(net)["set_aside"]


def test(tap):
    with Network("refused", EXTRA) as net:
        letters = [net.send(net.letter([REMOTE], number))["id"]
                   for number in range(1, 6)]
        for document in letters:
            net.wait_states(document, ["opened"])
        tap.ok(not aside(net), "nothing is set aside")
        refused = letters[2]
        waybill = entry(net, refused).split("/", maxsplit=1)[0]
        net.stop("center-a")
        for document in letters:
            net.command("doc", "confirm", entry(net, document), "-c",
                        net.conf("gateway-3"))
        net.wait_for(lambda: sum(
            some["count"] for item in queue(net)["destinations"]
            for some in item["waiting"] if some["kind"] == "receipt") >= 5,
            "the receipts do not wait")
        tap.ok(not aside(net), "while the center is away all of them wait")
        leaf = change_leaf(net, waybill, bytes(32))
        net.start("center-a")
        for document in letters:
            if document != refused:
                net.wait_states(document, ["confirmed"])
        tap.ok(True, "those before and behind the refused one arrive")
        net.wait_for(lambda: len(aside(net)) == 1, "nothing is set aside")
        item = aside(net)[0]
        tap.ok(item["code"] == "E4032" and item["event"] == "confirmed" and
               item["recipient"] == REMOTE and item["center"] == "center-a",
               "it is set aside with its reason", item)
        said = net.command("queue", "list", "-c", net.conf("center-b")).stdout
        tap.ok("E4032" in said and item["waybill_id"] in said,
               "yizhan queue list shows it", said)
        said = net.command("doctor", "-c", net.conf("center-b"),
                           check=False).stdout
        tap.ok("E4501" in said, "and doctor warns", said)
        figures = local(net, "center-b", "/metrics").body.decode()
        tap.ok('yizhan_queue_set_aside{peer="center-a",kind="receipt"} 1'
               in figures, "and the figures count it", figures)
        later = net.send(net.letter([REMOTE], 6))["id"]
        net.wait_states(later, ["opened"])
        net.command("doc", "confirm", entry(net, later), "-c",
                    net.conf("gateway-3"))
        net.wait_states(later, ["confirmed"])
        net.wait_for(lambda: any(item["failures"] > 1 for item in aside(net)),
                     "it is not tried again")
        tap.ok(net.states(refused)[REMOTE] == "opened",
               "what comes later goes on, while it is tried again",
               json.dumps(aside(net)))
        net.stop("center-a")
        change_leaf(net, waybill, leaf)
        net.start("center-a")
        net.wait_states(refused, ["confirmed"])
        net.wait_for(lambda: not queue(net)["destinations"],
                     "something is left")
        tap.ok(True, "once it is taken nothing is left")


run(tap, test)
tap.done()
