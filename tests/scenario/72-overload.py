#!/usr/bin/python3
"""Goal: a center that gets more than it can do says so at once and when to come
again; gateways obey, every letter arrives once, and one caller that takes all
it can get keeps the others from nothing (T-LOAD-02, T-LOAD-03).  limit: 300"""

import os
import re
import socket
import threading
import time

from by_http2 import ALL_WINDOW, PREFACE, SETTINGS, host_context, request
from network import GATEWAYS, NAMES, PATIENCE_S, Network, Tap, run

tap = Tap()

LETTERS = int(os.environ.get("OVERLOAD_LETTERS", "60"))
FLOOD = 2000  # submissions that are begun
PLACES = 8  # a caller alone has half of them; a gateway tries 24
A, B, C = NAMES


class Flooder(threading.Thread):
    """A registered gateway out of order: begins one submission after the other
    and ends none."""

    def __init__(self, net, host, center):
        super().__init__(daemon=True)
        context, source = host_context(net, host)
        plain = socket.socket()
        plain.bind((source, 0))
        plain.connect(net.door(center))
        self.sock = context.wrap_socket(plain)
        # With as much room for answers as there can be.
        self.sock.sendall(PREFACE + SETTINGS + ALL_WINDOW)
        self.answers = []
        self.asked = 0
        self.is_over = False

    def run(self):
        stream, got = 1, b""
        while not self.is_over:
            # As many as it may have open, again and again.
            while self.asked - len(self.answers) < 40 and \
                    self.asked < FLOOD:
                self.sock.settimeout(PATIENCE_S)
                self.sock.sendall(request("POST", "/v1/waybills",
                                          stream, has_body=True))
                stream += 2
                self.asked += 1
            self.sock.settimeout(0.05)
            try:
                got += self.sock.recv(65536)
            except TimeoutError:
                continue
            while len(got) >= 9:
                size = int.from_bytes(got[:3], "big")
                if len(got) < 9 + size:
                    break
                if got[3] == 0 and size > 0:
                    self.answers.append(got[9:9 + size].decode(errors="replace"))
                got = got[9 + size:]

    def end(self):
        self.is_over = True
        self.join(2 * PATIENCE_S)
        self.sock.close()


def arrived(net, host):
    """{document: how often it is in the inbox}"""
    counts, cursor = {}, ""
    while True:
        page = net.json(host, "doc", "list", "--in", "--limit", "200",
                        *(["--cursor", cursor] if cursor else []))
        for item in page["documents"]:
            key = item["document_id"]
            counts[key] = counts.get(key, 0) + 1
        cursor = page.get("next", "")
        if not cursor or not page["documents"]:
            return counts


def told_to_wait(net, host):
    """What a gateway's log says of answers that ask it to wait."""
    with open(f"{net.dir}/{host}.log", encoding="utf-8",
              errors="replace") as file:
        return re.findall(r"submit\.later .*answered (429|503) (E\d+)",
                          file.read())


def burst(tap, net):
    """All at once: what a gateway had to hold back while the center was
    away."""
    net.stop("center-a")
    documents = [net.send(net.letter([B, C], 100 + number))["id"]
                 for number in range(LETTERS)]
    begun = time.monotonic()
    net.start("center-a")
    for document in documents:
        net.wait_states(document, {"opened"}, 240)
    tap.note(f"{LETTERS} letters after {time.monotonic() - begun:.1f} s")
    told = told_to_wait(net, "gateway-1")
    tap.ok(("429", "E6208") in told,
           "a gateway that wants more than its share is asked to wait", told)
    tap.ok(len(told) < LETTERS, "and wants less from then on", len(told))
    for host in ("gateway-2", "gateway-3"):
        counts = arrived(net, host)
        tap.ok(set(counts) == set(documents) and set(counts.values()) == {1},
               f"every letter arrives once at {host}", counts)


def flood(tap, net):
    """T-LOAD-03."""
    flooder = Flooder(net, "gateway-2", "center-a")
    flooder.start()
    net.wait_for(lambda: len(flooder.answers) > 20, "nothing was refused")
    documents = [net.send(net.letter([C], 500 + number))["id"]
                 for number in range(LETTERS // 3)]
    for document in documents:
        net.wait_states(document, {"opened"}, 240)
    flooder.end()
    tap.ok(True, f"{len(documents)} letters of another gateway pass "
           f"{flooder.asked} submissions that never end")
    tap.ok(all('"E6208"' in answer for answer in flooder.answers),
           "the one beyond its share hears it before it sent a body",
           [answer for answer in flooder.answers
            if '"E6208"' not in answer][:3])
    counts = arrived(net, "gateway-3")
    tap.ok(all(counts.get(document) == 1 for document in documents),
           "each once")


def overload(tap):
    assert GATEWAYS["gateway-1"] == A
    with Network("overload", {
            "center-a": f"[limits]\nsubmissions = {PLACES}\n"
                        # None of the flood ends by its own slowness.
                        "body_s = 3600\n",
            "gateway-1": "[courier]\nretry_first_ms = 50\n"
                         "retry_max_ms = 2000\n",
            "gateway-2": "[courier]\nretry_max_ms = 2000\n"}) as net:
        burst(tap, net)
        flood(tap, net)


run(tap, overload)
tap.done()
