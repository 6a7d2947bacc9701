#!/usr/bin/python3
"""Goal: memory is constant.  A letter with an attachment of 256 MiB (LARGE_MIB)
goes through while no process of any host has more than 64 MiB of its own and
shared memory, and the attachment arrives identical.  limit: 300"""

import hashlib
import os
import threading
import time

from network import HOSTS, Network, Tap, run

tap = Tap()
MIB = int(os.environ.get("LARGE_MIB", "256"))
LIMIT_KIB = 64 * 1024


def is_sanitized():
    """Its shadow memory is nobody's own."""
    with open(os.environ["YIZHAN"], "rb") as file:
        return b"__asan_init" in file.read()


class Watcher(threading.Thread):
    """The most that each role of each host ever had, in KiB."""

    def __init__(self, net):
        super().__init__()
        self.net, self.peaks, self.stopped = net, {}, threading.Event()

    def look(self, name, pid):
        try:
            text = open(f"/proc/{pid}/status").read()
        except OSError:
            return
        kib = sum(int(line.split()[1]) for line in text.splitlines()
                  if line.startswith(("RssAnon:", "RssShmem:")))
        self.peaks[name] = max(self.peaks.get(name, 0), kib)

    def run(self):
        while not self.stopped.is_set():
            for host in HOSTS:
                for role, pid in self.net.roles(host).items():
                    self.look(f"{host} {role}", pid)
                    if role == "reader":
                        children = f"/proc/{pid}/task/{pid}/children"
                        try:
                            found = open(children).read().split()
                        except OSError:
                            found = []
                        for child in found:
                            self.look(f"{host} reader's copy", child)
            time.sleep(0.05)


def big_pdf(path):
    """Not compressible, made in pieces; its digest."""
    sha = hashlib.sha256()
    with open(path, "wb") as file:
        for number in range(MIB + 1):
            piece = b"%PDF-1.4\n" if number == 0 else os.urandom(1 << 20)
            sha.update(piece)
            file.write(piece)
    return sha.hexdigest()


def large_letter(tap):
    with Network("large") as net:
        paths = net.letter(["376470000A", "376530000A"], 1,
                           {"volume.pdf": b""})
        digest = big_pdf(paths[2])
        watcher = Watcher(net)
        watcher.start()
        started = time.monotonic()
        document = net.send(paths, timeout=600)["id"]
        net.wait_states(document, ["opened"], timeout=600)
        seconds = time.monotonic() - started
        watcher.stopped.set()
        watcher.join()
        tap.note(f"{MIB} MiB to two recipients in {seconds:.1f} s, "
                 f"{MIB / seconds:.0f} MiB/s")
        for name, kib in sorted(watcher.peaks.items(),
                                key=lambda item: -item[1])[:8]:
            tap.note(f"{name}: {kib / 1024:.1f} MiB")
        over = {name: kib for name, kib in watcher.peaks.items()
                if kib > LIMIT_KIB}
        tap.ok(len(watcher.peaks) > 30, "every role was watched",
               watcher.peaks)
        tap.ok(not over or is_sanitized(), "no process is above 64 MiB", over)
        for host in ("gateway-2", "gateway-3"):
            item = net.inbox(host)[0]
            folder = f"{net.dir}/saved-{host}"
            net.command("doc", "save",
                        f"{item['waybill_id']}/{item['recipient']}", "--to",
                        folder, "-c", net.conf(host), timeout=600)
            sha = hashlib.sha256()
            with open(f"{folder}/volume.pdf", "rb") as file:
                for piece in iter(lambda: file.read(1 << 20), b""):
                    sha.update(piece)
            tap.ok(sha.hexdigest() == digest,
                   f"the attachment is identical at {host}")


run(tap, large_letter)
tap.done()
