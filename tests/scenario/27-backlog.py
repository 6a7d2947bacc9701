#!/usr/bin/python3
"""Goal: what piled up at the centers while a gateway was away comes in when it
is back, however much it is: more receipts than one answer of a feed may hold
(docs/protocol.md 8).  limit: 300"""

import os

from network import NAMES, Network, Tap, run

tap = Tap()

LETTERS = int(os.environ.get("BACKLOG_LETTERS", "250"))
RECIPIENT, HOST = "376530000A", "gateway-3"  # at the other center: two logs


def documents(net, host, *box):
    """Every document of a list, page by page."""
    found, cursor = [], ""
    while True:
        page = net.json(host, "doc", "list", *box, "--limit", "200",
                        *(["--cursor", cursor] if cursor else []))
        found += page["documents"]
        cursor = page.get("next", "")
        if not cursor or not page["documents"]:
            return found


def not_yet(net, state):
    """What was sent and is not there yet."""
    return [delivery["waybill_id"]
            for item in documents(net, "gateway-1", "--out")
            for delivery in item["deliveries"] if delivery["state"] != state]


def backlog(tap):
    with Network("backlog") as net:
        net.stop(HOST)
        for number in range(1, LETTERS + 1):
            net.send(net.letter([RECIPIENT], number))
        net.wait_none(lambda: not_yet(net, "relayed"), "not all are relayed")
        tap.ok(len(documents(net, "gateway-1", "--out")) == LETTERS,
               f"{LETTERS} letters wait for {NAMES[RECIPIENT]}")
        net.stop("gateway-1")
        net.start(HOST)
        net.wait_none(lambda: range(len(documents(net, HOST, "--in")),
                                    LETTERS), "not all come in")
        tap.ok(len(documents(net, HOST, "--in")) == LETTERS,
               "all come in when its gateway is back")
        net.start("gateway-1")
        net.wait_none(lambda: not_yet(net, "opened"), "not all are opened")
        tap.ok(True, "the sender's gateway hears of all when it is back")


run(tap, backlog)
tap.done()
