#!/usr/bin/python3
"""Goal: what piled up at the centers while a gateway was away comes in when it
is back, however much it is: more receipts than one answer of a feed may hold
(docs/protocol.md 8).  limit: 300"""

import os
import time

from network import NAMES, PATIENCE_S, Network, Tap, run

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


def until(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < end:
        time.sleep(0.3)
    return condition()


def states(net):
    return [delivery["state"] for item in documents(net, "gateway-1", "--out")
            for delivery in item["deliveries"]]


def backlog(tap):
    with Network("backlog") as net:
        net.stop(HOST)
        for number in range(1, LETTERS + 1):
            net.send(net.letter([RECIPIENT], number))
        tap.ok(until(lambda: set(states(net)) == {"relayed"}),
               f"{LETTERS} letters wait for {NAMES[RECIPIENT]}")
        net.stop("gateway-1")
        net.start(HOST)
        tap.ok(until(lambda: len(documents(net, HOST, "--in")) == LETTERS),
               "all come in when its gateway is back",
               len(documents(net, HOST, "--in")))
        net.start("gateway-1")
        tap.ok(until(lambda: set(states(net)) == {"opened"}),
               "the sender's gateway hears of all when it is back",
               {state: states(net).count(state) for state in
                set(states(net))})


run(tap, backlog)
tap.done()
