#!/usr/bin/python3
"""One letter to very many recipients, end to end: the hosts of the demo network
on this machine, one gateway that serves all but a few of them, another one at the
other center.  What it takes until the center has it, until each has opened it and
the sender has every receipt; what another recipient costs, at each host.

usage: many.py [--quick | --tiny]"""

import argparse
import os
import shutil
import sqlite3
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
from network import NAMES, Network  # noqa: E402

LOCAL, AWAY, SENDER = "376470000A", "376530000A", "376490000A"
SIZE = 100_000  # of the attachment
HOSTS = {"gateway-1": "the sender's gateway", "center-a": "its center",
         "gateway-2": "the recipients' gateway"}
LIMIT_S = 1200
EXTRA = """[store]
segment_mb = 64
[limits]
queue_deliveries = 2147483647
queue_bytes = 1048576G
"""


def unit(code, number):
    return f"{code}U{number:06d}"


def unit_name(code):
    return f"示範機關第{code[-6:]}科"


def add_units(net, counts):
    """Units of organisations, received by their organisations' gateways."""
    def directory(body):
        for code, count in counts.items():
            org = next(org for org in body["organisations"]
                       if org["code"] == code)
            body["organisations"] += [
                {**org, "code": unit(code, number), "supervisor": code,
                 "name": unit_name(unit(code, number)), "keys": []}
                for number in range(count)]
        body["organisations"].sort(key=lambda item: item["code"])

    def access(code, count):
        def change(body):
            host = next(host for host in body["hosts"]
                        if code in host["codes"])
            host["codes"] += [unit(code, number) for number in range(count)]
            host["codes"].sort()
        return change

    paths = []
    for kind, of, change in (
            ("directory", "", directory),
            ("access", "center-a", access(LOCAL, counts[LOCAL])),
            ("access", "center-b", access(AWAY, counts[AWAY]))):
        paths.append(f"{net.dir}/{kind}{of}-units")
        with open(paths[-1], "wb") as file:
            file.write(by_hand.bulletin(net, kind, of, change=change))
    net.publish(paths)


def number(net, host, sql, *values):
    rows = sqlite3.connect(f"file:{net.dir}/{host}/rows.db?mode=ro", uri=True,
                           timeout=20)
    try:
        return rows.execute(sql, values).fetchone()[0]
    finally:
        rows.close()


def wait(condition, what):
    limit = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > limit:
            raise RuntimeError(f"{what} after {LIMIT_S} s")
        time.sleep(0.05)


def cpu(net):
    return {host: sum(processes.cpu_of(pid)
                      for pid in net.roles(host).values()) for host in HOSTS}


def memory(net):
    """The largest role of all hosts, in KiB."""
    return max((processes.memory_kib(pid), f"{host} {role}")
               for host in HOSTS for role, pid in net.roles(host).items())


def send(net, codes, serial):
    names = {**NAMES, **{code: unit_name(code) for code in codes}}
    paths = net.letter(codes, serial, {"a.pdf": os.urandom(SIZE)},
                       name=names)
    began = time.monotonic()
    made = net.send(paths, timeout=LIMIT_S)
    return made["id"], began


def measure(net, count, serial, few):
    codes = [unit(LOCAL, item) for item in range(count - few)] + \
        [unit(AWAY, item) for item in range(few)]
    before, leaves = cpu(net), number(net, "center-a",
                                      "SELECT count(*) FROM leaf")
    commits = number(net, "center-a", "SELECT count(*) FROM checkpoint")
    accepted = number(net, "gateway-1", "SELECT count(*) FROM outbox_receipt")
    opened = number(net, "gateway-1",
                    "SELECT count(*) FROM outbox_delivery WHERE state >= 4")
    _, began = send(net, codes, serial)
    sent = time.monotonic()
    wait(lambda: number(net, "gateway-1", "SELECT count(*) FROM"
                        " outbox_receipt") > accepted, "no receipt")
    taken = time.monotonic()
    wait(lambda: number(net, "gateway-1", "SELECT count(*) FROM"
                        " outbox_delivery WHERE state >= 4") >=
         opened + count, "not opened everywhere")
    ended = time.monotonic()
    after = cpu(net)
    prefix = f"many.{count}"
    said = f"a letter of {SIZE // 1000} KB to {count}, " \
           f"{few} of them at another center"
    show(f"{prefix}.sent", (sent - began) * 1000, "ms",
         f"{said}; until it is packed and durable at the sender")
    show(f"{prefix}.accepted", (taken - sent) * 1000, "ms",
         f"{said}; from then until its center's receipt is there")
    show(f"{prefix}.opened", (ended - sent) * 1000, "ms",
         f"{said}; until each has opened it and the sender knows")
    for host, what in HOSTS.items():
        show(f"{prefix}.cpu.{host}", (after[host] - before[host]) * 1e6 /
             count, "us", f"{what}: processor time for each recipient")
    show(f"{prefix}.leaves", (number(net, "center-a", "SELECT count(*) FROM"
                                     " leaf") - leaves) / count, "",
         "records of the log for each recipient")
    show(f"{prefix}.commits", (number(net, "center-a", "SELECT count(*) FROM"
                                      " checkpoint") - commits) / count, "",
         "group commits of the center for each recipient")
    most, where = memory(net)
    show(f"{prefix}.memory", most / 1024, "MiB",
         f"largest process: {where}")


def main():
    processes.end_on_signal()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--tiny", action="store_true",
                        help="to try the program itself")
    options = parser.parse_args()
    counts = [20, 40] if options.tiny else [100, 1000] if options.quick else \
        [100, 1000, 5000]
    few = max(counts[0] // 10, 2)
    with Network(tempfile.mkdtemp(dir=os.environ["SCENARIO_DIR"]),
                 extra=EXTRA) as net:
        add_units(net, {LOCAL: counts[-1], AWAY: few})
        for host in ("gateway-1", "gateway-2", "gateway-3", "center-a",
                     "center-b"):
            wait(lambda: "bulletin.adopted" in net.log(host, 400) and
                 net.command("directory", "show", unit(LOCAL, 0), "-c",
                             net.conf(host), check=False).returncode == 0,
                 f"{host} has no units")
        time.sleep(2)
        for serial, count in enumerate(counts, 1):
            print(f"many: {count} recipients", file=sys.stderr, flush=True)
            measure(net, count, serial, few)


if __name__ == "__main__":
    folder = tempfile.mkdtemp(prefix="yizhan-bench-", dir="/var/tmp")
    os.environ["SCENARIO_DIR"] = folder
    try:
        main()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
