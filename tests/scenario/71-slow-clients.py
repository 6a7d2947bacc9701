#!/usr/bin/python3
"""Goal: thousands of connections that say nothing, too little or too slowly
take little memory, are closed by their deadlines, and keep no good host from
being served, even when there are more of them than a host takes (T-WEB-02).
SLOW_CLIENTS says how many.  limit: 300"""

import os
import resource
import socket
import ssl
import subprocess
import threading
import time

from by_http2 import NO_WINDOW, PREFACE, context_of, host_context, request
from network import NAMES, PATIENCE_S, Network, Tap, run

tap = Tap()

SLOW = int(os.environ.get("SLOW_CLIENTS", "2000"))
DEADLINE = int(os.environ.get("SLOW_DEADLINE", "8" if SLOW <= 4000 else "30"))
B, C = list(NAMES)[1:]
BYTES_BEFORE_LOGIN = 16 * 1024
BEGIN = PREFACE + NO_WINDOW
CROWDED = 100  # connections that center-b takes


def stranger_context(net):
    cert, key = f"{net.dir}/stranger.pem", f"{net.dir}/stranger.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
                    "-days", "30", "-keyout", key, "-out", cert], check=True,
                   capture_output=True)
    return context_of(cert, key)


def is_sanitized():
    """Sanitizers keep what was freed for a while."""
    with open(os.environ["YIZHAN"], "rb") as program:
        return b"__asan_init" in program.read()


class Slow:
    """Connections of one kind to one host."""

    def __init__(self, target, name, send=b"", context=None, source=None,
                 drip=b""):
        self.target = target
        self.name = name
        self.send = send
        self.context = context
        self.source = source
        self.drip = drip
        self.sockets = []

    def open(self, count):
        for number in range(count):
            sock = socket.socket()
            # At most 250 from one address.
            sock.bind((self.source or
                       f"127.9.{abs(hash(self.name)) % 250}."
                       f"{number // 250 + 1}", 0))
            sock.settimeout(PATIENCE_S)
            sock.connect(self.target)
            try:
                if self.context is not None:
                    sock = self.context.wrap_socket(sock)
                if self.send:
                    sock.sendall(self.send)
                sock.setblocking(False)
            except OSError:
                # Closed meanwhile, to make room or since we were late.
                sock.close()
                continue
            self.sockets.append(sock)

    def push(self):
        """One byte more on each."""
        for sock in self.sockets:
            try:
                sock.send(self.drip)
            except OSError:
                pass

    def open_count(self):
        """How many the host has not closed."""
        still = []
        for sock in self.sockets:
            try:
                while True:
                    if not sock.recv(4096):
                        raise ConnectionError
            except (BlockingIOError, ssl.SSLWantReadError):
                still.append(sock)
            except OSError:
                sock.close()
        self.sockets = still
        return len(still)

    def close(self):
        for sock in self.sockets:
            sock.close()


def hello():
    """What a client says first."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="x")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def rss(net, host):
    """Bytes that the listener has."""
    with open(f"/proc/{net.roles(host)['listener']}/status",
              encoding="utf-8") as file:
        for line in file:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("no VmRSS")


class Good(threading.Thread):
    """A registered host that asks for the time on a connection of its own,
    again and again."""

    def __init__(self, target, context, source):
        super().__init__(daemon=True)
        self.target = target
        self.context = context
        self.source = source
        self.took = []
        self.failures = []
        self.is_over = False

    def ask(self):
        with socket.socket() as plain:
            plain.bind((self.source, 0))
            plain.settimeout(PATIENCE_S)
            plain.connect(self.target)
            with self.context.wrap_socket(plain) as sock:
                sock.sendall(BEGIN + request("GET", "/v1/time"))
                got = b""
                while b"\0\0\0\1" not in got or b"\x88" not in got:
                    more = sock.recv(4096)
                    if not more:
                        raise ConnectionError("closed without an answer")
                    got += more

    def run(self):
        while not self.is_over:
            begun = time.monotonic()
            try:
                self.ask()
                self.took.append(time.monotonic() - begun)
            except TimeoutError as failure:
                self.failures.append(repr(failure))
            except OSError as failure:
                # On a machine so slow that its own deadline came, it is asked
                # again, as a host does.
                if time.monotonic() - begun < DEADLINE / 2:
                    self.failures.append(repr(failure))
            time.sleep(0.02)

    def end(self):
        self.is_over = True
        self.join(2 * PATIENCE_S)
        took = sorted(self.took) or [0]
        return (f"{len(took)} good requests, each on a connection of its own: "
                f"p50 {took[len(took) // 2] * 1000:.1f} ms, p99 "
                f"{took[len(took) * 99 // 100] * 1000:.1f} ms")


def send_letters(net, serial, count):
    documents = []
    for number in range(count):
        paths = net.letter([B, C], serial + number)
        documents.append(net.send(paths)["id"])
    for document in documents:
        net.wait_states(document, {"opened"})
    return len(documents)


def kinds(net, target):
    """[kind, share of all, before login]"""
    known, source = host_context(net, "gateway-2")
    stranger = stranger_context(net)
    whole = hello()
    post = BEGIN + request("POST", "/v1/waybills", has_body=True)
    return [
        (Slow(target, "silent"), 0.60, True),
        (Slow(target, "half a hello", whole[:len(whole) // 2]), 0.20, True),
        (Slow(target, "hello, no more", whole), 0.05, True),
        (Slow(target, "no request", b"", stranger), 0.13, True),
        (Slow(target, "no body", post, known, source), 0.007, False),
        (Slow(target, "body by the byte", post + b"\0\x10\0\0\0\0\0\0\1",
              known, source, b"Y"), 0.007, False),
        (Slow(target, "answer not read", BEGIN +
              request("GET", "/v1/bulletins"), known, source), 0.006, False),
    ]


def hold(tap, net):
    """As many as there may be, all at once."""
    target = net.door("center-a")
    good = Good(target, *host_context(net, "gateway-1"))
    before = rss(net, "center-a")
    slow, held, early, early_bytes = [], 0, 0, 0
    begun = time.monotonic()
    for kind, share, is_early in kinds(net, target):
        count = max(4, int(SLOW * share))
        at = rss(net, "center-a")
        kind.open(count)
        grown = rss(net, "center-a") - at
        tap.note(f"{kind.name}: {count}, {grown // count} bytes each")
        slow.append(kind)
        held += count
        if is_early:
            early += count
            early_bytes += max(0, grown)
    tap.note(f"{held} held after {time.monotonic() - begun:.1f} s; "
             f"{early_bytes // early} bytes each before login; "
             f"listener {rss(net, 'center-a') // 1024} KiB")
    # What a test this small can say: pages and caches count, too.
    tap.ok(early_bytes // early < BYTES_BEFORE_LOGIN or is_sanitized(),
           "a connection before login takes less than 16 KiB")
    good.start()
    count = send_letters(net, 100, 5)
    tap.ok(count == 5, "letters arrive meanwhile")
    end = time.monotonic() + 4 * DEADLINE + PATIENCE_S
    while time.monotonic() < end and any([kind.open_count()
                                          for kind in slow]):
        for kind in slow:
            kind.push()
        time.sleep(0.2)
    tap.ok(all(kind.open_count() == 0 for kind in slow),
           "all of them are closed by their deadlines",
           {kind.name: kind.open_count() for kind in slow})
    tap.note(good.end())
    tap.ok(not good.failures and good.took, "good requests are all answered",
           "\n".join(good.failures[:20]))
    tap.ok(rss(net, "center-a") - before < SLOW * BYTES_BEFORE_LOGIN +
           64 * 1024 * 1024 or is_sanitized(), "memory stays bounded",
           (before, rss(net, "center-a")))
    for kind in slow:
        kind.close()


def crowd(tap, net):
    """More than a host takes: good ones get in, and stay."""
    target = net.door("center-b")
    kind = Slow(target, "crowd")
    count = max(CROWDED * 3, SLOW // 4)
    is_over = threading.Event()

    def keep_coming():
        while not is_over.is_set():
            kind.open(50)
            kind.open_count()
            time.sleep(0.05)

    kind.open(count)
    net.wait_logged("center-b", "E6212")
    crowd_thread = threading.Thread(target=keep_coming, daemon=True)
    crowd_thread.start()
    arrived = send_letters(net, 500, 5)
    is_over.set()
    crowd_thread.join(2 * PATIENCE_S)
    # What waits in line has yet to be taken.
    net.wait_for(lambda: kind.open_count() <= CROWDED,
                 "too many stay open")
    tap.ok(True, "beyond the limit the oldest are closed")
    tap.ok(arrived == 5, "letters arrive meanwhile")
    net.wait_logged("center-b", "E6212")
    tap.ok(True, "the log says why they were closed")
    kind.close()


def slow_clients(tap):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    limits = (f"[limits]\nhandshake_s = {DEADLINE}\nbody_s = {DEADLINE}\n"
              f"read_s = {DEADLINE}\nidle_s = {max(5, DEADLINE)}\n")
    with Network("slow", {"center-a": limits, "center-b": limits +
                          f"connections = {CROWDED}\n"}) as net:
        hold(tap, net)
        crowd(tap, net)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


run(tap, slow_clients)
tap.done()
