#!/usr/bin/python3
"""Goal: a center that gets more than it can do says so at once and when to come
again; gateways obey, every letter arrives once, and one caller that takes all
it can get keeps the others from nothing (T-LOAD-02, T-LOAD-03).  limit: 300"""

import os
import re
import socket
import ssl
import struct
import threading
import time

from network import GATEWAYS, NAMES, Network, Tap, run

tap = Tap()

LETTERS = int(os.environ.get("OVERLOAD_LETTERS", "60"))
FLOOD = 2000  # submissions that are begun
PLACES = 8  # a caller alone has half of them; a gateway tries 24
A, B, C = NAMES

# With as much room for answers as there can be.
PREFACE = (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" b"\0\0\0\4\0\0\0\0\0"
           b"\0\0\4\x08\0\0\0\0\0" b"\x7f\xff\0\0")
BUNDLE = "application/vnd.yizhan.bundle"


def literal(name, value):
    """A header field without compression (RFC 7541 6.2.2)."""
    return (b"\0" + bytes([len(name)]) + name.encode() +
            bytes([len(value)]) + value.encode())


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


def waybill(stream):
    """The head of a submission, without its body."""
    fields = b"".join(literal(*field) for field in [
        (":method", "POST"), (":scheme", "https"), (":authority", "x"),
        (":path", "/v1/waybills"), ("content-type", BUNDLE),
        ("yizhan-time", now())])
    return (len(fields).to_bytes(3, "big") + b"\1\4" +
            struct.pack(">I", stream) + fields)


def where(net, host):
    text = net.command("config", "show", "--effective", "-c",
                       net.conf(host)).stdout
    found, section = {}, ""
    for line in text.splitlines():
        line = line.split(";")[0].split("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line:
            key, _, word = line.partition("=")
            found[f"{section}.{key.strip()}".lstrip(".")] = word.strip()
    return found


class Flooder(threading.Thread):
    """A registered gateway out of order: begins one submission after the other
    and ends none."""

    def __init__(self, net, host, center):
        super().__init__(daemon=True)
        facts, to = where(net, host), where(net, center)
        tls = facts["keeper.key.tls"].removeprefix("file:")
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        context.load_cert_chain(tls, tls)
        plain = socket.socket()
        plain.bind((facts["host.address"], 0))
        plain.connect((to["host.address"], int(to["listen.hosts_port"])))
        self.sock = context.wrap_socket(plain)
        self.sock.sendall(PREFACE)
        self.sock.settimeout(0.05)
        self.answers = []
        self.asked = 0
        self.is_over = False

    def run(self):
        stream, got = 1, b""
        while not self.is_over:
            # As many as it may have open, again and again.
            while self.asked - len(self.answers) < 40 and \
                    self.asked < FLOOD:
                self.sock.sendall(waybill(stream))
                stream += 2
                self.asked += 1
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
        self.join(10)
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
        net.wait_states(document, {"opened"}, 120)
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
        net.wait_states(document, {"opened"}, 120)
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
            "center-a": f"[limits]\nsubmissions = {PLACES}\n",
            "gateway-1": "[courier]\nretry_first_ms = 50\n"}) as net:
        burst(tap, net)
        flood(tap, net)


run(tap, overload)
tap.done()
