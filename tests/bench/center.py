#!/usr/bin/python3
"""One center alone under load, by generators that make their letters in
advance: accepting, delivering, the whole cycle of acts; what another recipient
costs, what a connection, and what grows with what is stored.

usage: center.py [--quick] [--stored N]"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.path.join(HERE, "../../build"))
os.environ.setdefault("YIZHAN", f"{BUILD}/yizhan")
sys.path[:0] = [HERE, os.path.join(HERE, "../scenario")]
import by_hand  # noqa: E402
import processes  # noqa: E402
from figures import show  # noqa: E402
from network import Network  # noqa: E402

# The other center cosigns what management publishes.
HOSTS = ["management", "center-a", "center-b"]
CENTER = "center-a"
RECIPIENT, UNITS = "376470000A", 5000
LIMIT_S = 900
# Segments as outside of the demo; quotas that count but never hold back.
EXTRA = {CENTER: """[store]
segment_mb = 64
[limits]
organisation_letters = 2147483647
organisation_bytes = 1048576G
host_letters = 2147483647
host_bytes = 1048576G
queue_deliveries = 2147483647
queue_bytes = 1048576G
"""}


def note(text):
    print(text, file=sys.stderr, flush=True)


class Center:
    """The network with its center, and loads on it."""

    def __init__(self, net):
        self.net = net

    def cpu(self):
        return {role: processes.cpu_of(pid)
                for role, pid in self.net.roles(CENTER).items()}

    def load(self, **options):
        """(result, {role: us of the processor per letter})"""
        words = [f"{key}={value}" for key, value in options.items()]
        process = subprocess.Popen(
            [f"{BUILD}/tests/bench/load_center", self.net.dir, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True)
        try:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(f"load_center {words} did not begin")
            before = self.cpu()
            process.stdin.write("\n")
            process.stdin.flush()
            text, _ = process.communicate(timeout=LIMIT_S)
            after = self.cpu()
        finally:
            processes.end(process)
        if process.returncode != 0:
            raise RuntimeError(f"load_center {words}: {text}")
        result = json.loads(text)
        return result, {role: (after[role] - before.get(role, 0.0)) * 1e6 /
                        result["count"] for role in after}

    def show(self, name, result, roles, conditions):
        """The figures of one load."""
        show(f"{name}.rate", result["count"] / result["seconds"],
             "documents/s", conditions)
        show(f"{name}.p50", result["p50_ms"], "ms",
             f"{conditions}; until accepted")
        show(f"{name}.p99", result["p99_ms"], "ms",
             f"{conditions}; until accepted")
        if "cycle_p50_ms" in result:
            show(f"{name}.whole_p50", result["cycle_p50_ms"], "ms",
                 f"{conditions}; until the last act's receipt")
            show(f"{name}.whole_p99", result["cycle_p99_ms"], "ms",
                 f"{conditions}; until the last act's receipt")
            show(f"{name}.early", 100 * result["early"] / result["count"],
                 "%", "answers 404 to deliveries that the feed told before "
                 "they could be fetched; asked again after 5 ms")
        for role, us in sorted(roles.items()):
            show(f"{name}.cpu.{role}", us, "us", conditions)
        show(f"{name}.cpu", sum(roles.values()), "us", conditions)
        show(f"{name}.client_cpu", result["client_cpu_us"], "us",
             "the load generator itself")

    def measure(self, name, conditions, **options):
        result, roles = self.load(**options)
        self.show(name, result, roles, conditions)
        return result["count"] / result["seconds"]


def network():
    return Network(tempfile.mkdtemp(dir=os.environ["SCENARIO_DIR"]),
                   extra=EXTRA, hosts=HOSTS)


# -- accepting and delivering --------------------------------------------------

WORKS = {"accept": 0, "deliver": 1, "cycle": 3}
# How many waybills, and how many acts, stand under one signature.
BATCHES = {"": 1, ".batch": 64}
SIZES = {"16k": 16384, "1m": 1048576}
STREAMS = {"16k": (4, 16), "1m": (4, 4)}
SAID = {"accept": "accepted, verified, synced, logged, receipt",
        "deliver": "accepted, and fetched against the recipient's signed "
                   "receipt, logged",
        "cycle": "accepted, and `fetched`, `opened`, `confirmed`, each signed "
                 "and logged"}


def load(name, size, acts, batch, count):
    """One kind of work on a fresh store."""
    length, (connections, streams) = SIZES[size], STREAMS[size]
    work = name.split(".")[1]
    note(f"center: {work} {size}" + (f", {batch} under one signature"
                                     if batch > 1 else ""))
    with network() as net:
        center = Center(net)
        center.load(count=max(count // 10, 10), bytes=length)
        rate = center.measure(
            name, f"{SAID[work]}; {connections} connections of {streams} "
            "streams" + ("; at most 256 on the way" if acts else "") +
            (f"; {batch} under one signature" if batch > 1 else ""),
            count=count, bytes=length, acts=acts, batch=batch,
            connections=connections, streams=streams)
        if name == "center.accept.16k":
            half = max(int(rate / 2), 1)
            result, _ = center.load(
                count=max(count // 4, 50), bytes=length,
                connections=connections, streams=streams, rate=half)
            show(f"{name}.half_p50", result["p50_ms"], "ms",
                 f"at an even {half}/s, half of the most")
            show(f"{name}.half_p99", result["p99_ms"], "ms",
                 f"at an even {half}/s, half of the most")


def loads(counts):
    """Each kind of work with both sizes, small ones also in batches."""
    for size in SIZES:
        for work, acts in WORKS.items():
            for suffix, batch in BATCHES.items():
                if batch == 1 or size == "16k":
                    load(f"center.{work}.{size}{suffix}", size, acts, batch,
                         counts[size])


# -- recipients ----------------------------------------------------------------

def add_units(net):
    """A directory and an access list with units of the recipient."""
    units = [f"{RECIPIENT}U{number:06d}" for number in range(UNITS)]

    def directory(body):
        org = next(org for org in body["organisations"]
                   if org["code"] == RECIPIENT)
        body["organisations"] += [
            {**org, "code": unit, "supervisor": RECIPIENT, "keys": []}
            for unit in units]

    def access(body):
        host = next(host for host in body["hosts"]
                    if RECIPIENT in host["codes"])
        host["codes"] += units

    paths = []
    for kind, of, change in (("directory", "", directory),
                             ("access", CENTER, access)):
        path = f"{net.dir}/{kind}-units"
        with open(path, "wb") as file:
            file.write(by_hand.bulletin(net, kind, of, change=change))
        paths.append(path)
    net.publish(paths)


def wait_for_units(center):
    """Until the center has the new directory."""
    limit = time.monotonic() + 60
    while True:
        try:
            center.load(count=1, recipients=2)
            return
        except RuntimeError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.5)


def recipients(letters):
    with network() as net:
        center = Center(net)
        add_units(net)
        wait_for_units(center)
        one = None
        for count in (1, 10, 100, 1000, 5000):
            note(f"center: {count} recipients")
            of = max(letters // count, 3)
            result, roles = center.load(count=of, recipients=count,
                                        connections=1, streams=1)
            cpu = sum(roles.values())
            said = f"{of} letters of 16 KB, one after another"
            show(f"center.recipients.{count}.p50", result["p50_ms"], "ms",
                 f"{said}; until accepted and fetchable")
            show(f"center.recipients.{count}.cpu", cpu, "us", said)
            if count == 1:
                one = cpu
            else:
                show(f"center.recipients.{count}.each", (cpu - one) /
                     (count - 1), "us", "processor time of each further "
                     "recipient")


# -- connections ---------------------------------------------------------------

def connections(count):
    note(f"center: {count} idle connections")
    with network() as net:
        center = Center(net)
        center.load(count=200)
        pid = net.roles(CENTER)["listener"]
        process = subprocess.Popen(
            [f"{BUILD}/tests/bench/load_center", net.dir, f"idle={count}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True)
        try:
            process.stdout.readline()
            before = processes.memory_kib(pid)
            began = processes.cpu_of(pid)
            process.stdin.write("\n")
            process.stdin.flush()
            opened = json.loads(process.stdout.readline())["connections"]
            after = processes.memory_kib(pid)
            handshakes = processes.cpu_of(pid) - began
            began = processes.cpu_of(pid)
            time.sleep(5)
            idle = processes.cpu_of(pid) - began
        finally:
            processes.end(process)
    said = f"{opened} connections of TLS with a certificate and HTTP/2, " \
           "each with a parked feed"
    show("center.connection.memory", (after - before) / opened, "KiB",
         f"{said}; anonymous memory of the listener")
    show("center.connection.handshake", handshakes * 1e6 / opened, "us",
         "processor time of the listener to let one in")
    show("center.connection.idle", idle * 1e6 / 5 / opened, "us",
         f"{said}; processor time of the listener in each second")


# -- growth --------------------------------------------------------------------

def growth(most, letters):
    with network() as net:
        center = Center(net)
        stored, stage, first = 0, 1000, None
        while stage <= most:
            note(f"center: {stage} stored")
            if stage > stored:
                center.load(count=stage - stored, inline=1)
                stored = stage
            result, roles = center.load(count=letters)
            stored += letters
            cpu, rate = sum(roles.values()), \
                letters / result["seconds"]
            first = first or cpu
            said = f"{stage} documents of 16 KB queued before"
            show(f"center.stored.{stage}.rate", rate, "documents/s", said)
            show(f"center.stored.{stage}.cpu", cpu, "us", said)
            show(f"center.stored.{stage}.growth", cpu / first, "x",
                 "processor time per document against 1,000 stored")
            net.stop(CENTER)
            started = time.monotonic()
            net.start(CENTER)
            show(f"center.stored.{stage}.start",
                 (time.monotonic() - started) * 1000, "ms",
                 f"start to ready, {stored} queued")
            stage *= 10


def main():
    processes.end_on_signal()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--tiny", action="store_true",
                        help="to try the program itself")
    parser.add_argument("--stored", type=int)
    options = parser.parse_args()
    small = options.quick or options.tiny
    counts = {"16k": 3000, "1m": 100} if small else \
        {"16k": 20000, "1m": 600}
    if options.tiny:
        counts = {"16k": 100, "1m": 5}
    loads(counts)
    recipients(100 if options.tiny else 1000 if small else 5000)
    connections(20 if options.tiny else 200 if small else 1000)
    growth(options.stored or (1000 if options.tiny else
                              10000 if small else 100000),
           100 if options.tiny else 2000)


if __name__ == "__main__":
    folder = tempfile.mkdtemp(prefix="yizhan-bench-", dir="/var/tmp")
    os.environ["SCENARIO_DIR"] = folder
    try:
        main()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
