#!/usr/bin/python3
"""Goal: a center that is handed ten times as much as it has places for, by
somebody who never waits, refuses with Retry-After and goes on: nothing that it
accepted is lost, also when it is killed in the middle of it, others are not
refused, and it takes no more memory (T-LOAD-01, T-LOAD-02, T-LOAD-03).
limit: 300"""

import json
import os
import shutil
import sqlite3
import subprocess
import threading
import uuid

import by_hand
from network import Network, Tap, run

tap = Tap()

LETTERS = int(os.environ.get("OVERLOAD_LETTERS", "800"))
GOOD = 8  # letters of another gateway meanwhile
PLACES = 16  # one caller has half of them
CONNECTIONS, STREAMS = 4, 20  # ten times that
LARGE = 1000000  # bytes of a large letter
LARGE_ROOM_KIB = 32 * 1024  # and what all of them may take of the center
KILLED_AFTER = 200  # receipts
LOAD = os.path.join(os.path.dirname(os.environ["YIZHAN"]),
                    "tests/bench/load_center")


class Load(threading.Thread):
    """Submissions of gateway-1's organisation, refused ones again after 20 ms.
    `accepted`: the waybills whose receipts it has."""

    def __init__(self, net, **options):
        super().__init__(daemon=True)
        words = [f"{key}={value}" for key, value in options.items()]
        self.process = subprocess.Popen(
            [LOAD, net.dir, "again=20", "tell=1", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.accepted, self.result = [], None
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(f"load_center {words} did not begin")

    def start(self):
        super().start()
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self

    def run(self):
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "accepted":
                self.accepted.append(rest)
            else:
                self.result = json.loads(line)

    def end(self):
        """Its result, None when the center went away."""
        self.join()
        self.process.wait()
        return self.result


def memory(net):
    """{role: KiB} of the center."""
    found = {}
    for role, pid in net.roles("center-a").items():
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            found[role] = sum(int(line.split()[1]) for line in file
                              if line.startswith(("RssAnon", "RssShmem")))
    return found


def stored(net, path="center-a/rows.db"):
    """Waybills that the center has."""
    path = f"{net.dir}/{path}"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20) as rows:
        return {str(uuid.UUID(bytes=bytes(row[0]))) for row in
                rows.execute("SELECT waybill_id FROM waybill")}


def check_told(tap, load, what):
    told = load.end()
    tap.ok(told is not None and told["failed"] == 0
           and told["count"] == len(set(load.accepted)),
           f"{what}: all of it is accepted in the end", told)
    tap.ok(told["refused"] > STREAMS and told["silent"] == 0,
           f"{what}: refusals, and each says when to come again", told)
    tap.note(f"{what}: {told['count']} accepted in {told['seconds']:.1f} s, "
             f"{told['refused']} refusals")


def others(tap, net):
    """Another gateway's letters, while one takes all that it can get."""
    parts = [by_hand.Parts(net, ["376530000A"], sender="376470000A",
                           serial=number) for number in range(GOOD)]
    load = Load(net, count=LETTERS, connections=CONNECTIONS,
                streams=STREAMS).start()
    net.wait_for(lambda: len(load.accepted) > 20, "nothing is accepted")
    statuses = [by_hand.submit(net, part, host="gateway-2").status
                for part in parts]
    tap.ok(statuses == [201] * GOOD,
           f"{GOOD} letters of another gateway are taken at once, meanwhile",
           statuses)
    check_told(tap, load, "ten times as much as its places")
    wanted = set(load.accepted) | {part.waybill_id for part in parts}
    tap.ok(wanted <= stored(net), "whatever was accepted is there",
           len(wanted - stored(net)))


def large(tap, net):
    """Sixty megabytes that want in at once."""
    Load(net, count=20, bytes=LARGE, connections=2, streams=4).start().end()
    before = memory(net)
    load = Load(net, count=60, bytes=LARGE, connections=2, streams=30)
    load.start()
    check_told(tap, load, "60 large ones at once")
    more = {role: kib - before[role] for role, kib in memory(net).items()}
    tap.ok(sum(more.values()) < LARGE_ROOM_KIB,
           f"they take less than {LARGE_ROOM_KIB} KiB of the center", more)
    tap.note(f"KiB more than before: {more}")


def kills(tap, net):
    """In the middle of it."""
    net.stop("center-a")
    shutil.copy(f"{net.dir}/center-a/rows.db", f"{net.dir}/before.db")
    net.start("center-a")
    load = Load(net, count=20 * LETTERS, inline=1, connections=CONNECTIONS,
                streams=STREAMS).start()
    net.wait_for(lambda: len(load.accepted) > KILLED_AFTER,
                 "nothing is accepted")
    net.kill("center-a")
    load.end()
    net.start("center-a")
    net.wait_for(lambda: net.is_ready("center-a"), "center-a is not ready")
    lost = set(load.accepted) - stored(net)
    tap.ok(not lost, f"killed meanwhile, it has all {len(load.accepted)} that "
           "it accepted", lost)
    lost = set(load.accepted) - stored(net, "before.db")
    tap.ok(len(lost) == len(load.accepted),
           "control: in a store of before all of them would be missed")
    part = by_hand.Parts(net, ["376530000A"], sender="376470000A",
                         serial=GOOD + 1)
    status = by_hand.submit(net, part, host="gateway-2").status
    tap.ok(status == 201, "and goes on", status)


def overload(tap):
    with Network("overload", {
            "center-a": f"[limits]\nsubmissions = {PLACES}\n"},
            hosts=["management", "center-a", "center-b"]) as net:
        for part in (others, large, kills):
            part(tap, net)


run(tap, overload)
tap.done()
