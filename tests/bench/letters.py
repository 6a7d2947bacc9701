#!/usr/bin/python3
"""Letters per second from agency to agency through one or two centers, all six
hosts on this machine, and what each role spends on one; start of a center;
`make demo` until a letter is confirmed; a letter of 1 GiB.  Prints; judges
nothing.

usage: letters.py [--quick] [--no-large]"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, f"{here}/../scenario"]
os.environ.setdefault("YIZHAN", f"{here}/../../build/yizhan")
folder = tempfile.mkdtemp(dir="/var/tmp")
os.environ["SCENARIO_DIR"] = folder
import processes  # noqa: E402
from figures import show  # noqa: E402
from network import HOSTS, Network  # noqa: E402

QUICK = "--quick" in sys.argv
COUNT = int(os.environ.get("BENCH_LETTERS", "300" if QUICK else "2000"))
FLIGHT = int(os.environ.get("BENCH_FLIGHT", "32"))
SENDER = os.path.join(os.path.dirname(os.environ["YIZHAN"]),
                      "tests/bench/send_letters")


def cpu(net):
    """{(host, role): seconds}, with the children that ended."""
    return {(host, role): processes.cpu_of(pid) for host in HOSTS
            for role, pid in net.roles(host).items()}


def written(net):
    """Calls and KiB that all roles wrote to files, per the kernel's count."""
    calls = kib = 0
    for host in HOSTS:
        for pid in net.roles(host).values():
            io = dict(line.split(": ")
                      for line in open(f"/proc/{pid}/io").read().splitlines())
            calls += int(io["syscw"])
            kib += int(io["wchar"]) / 1024
    return calls, kib


def page_opened(net, limit, cursor=""):
    """Of one page of the outbox, newest first: opened, all, the next page."""
    arguments = ["doc", "list", "--out", "--limit", str(limit)]
    page = net.json("gateway-1", *arguments,
                    *(["--cursor", cursor] if cursor else []))
    count = sum(all(delivery["state"] == "opened"
                    for delivery in item["deliveries"])
                for item in page["documents"])
    return count, len(page["documents"]), page["next"]


def opened(net):
    """The newest few first: listing all takes time from the letters."""
    count, of, _ = page_opened(net, 40)
    if count < of:
        return 0
    count, _, cursor = page_opened(net, 500)
    while cursor:
        more, _, cursor = page_opened(net, 500, cursor)
        count += more
    return count


def letters(net):
    before = cpu(net)
    writes = written(net)
    started = time.monotonic()
    result = subprocess.run(
        [SENDER, f"{net.dir}/gateway-1/control.sock", str(COUNT), str(FLIGHT),
         "1"], capture_output=True, text=True, check=True)
    sent = json.loads(result.stdout)
    while opened(net) < COUNT:
        time.sleep(0.3)
        if time.monotonic() - started > 600:
            print("gave up after 600 s with", opened(net), "opened")
            break
    seconds = time.monotonic() - started
    after = cpu(net)
    said = f"letters of 16 KB from agency to agency, {FLIGHT} at a time, " \
           f"six hosts on this machine; {sent['failed']} failed"
    show("letters.rate", COUNT / seconds, "letters/s",
         f"{said}; from handing in to opened")
    show("letters.p50", sent["p50_ms"], "ms", f"{said}; acknowledged")
    show("letters.p99", sent["p99_ms"], "ms", f"{said}; acknowledged")
    total = 0.0
    for host, role in sorted(after):
        us = (after[host, role] - before.get((host, role), 0)) * 1e6 / COUNT
        total += us
        if us >= 10:
            show(f"letters.cpu.{host}.{role}", us, "us", "of each letter")
    show("letters.cpu", total, "us", "all roles of all hosts, of each letter")
    calls, kib = (now - then for now, then in zip(written(net), writes))
    show("letters.writes", calls / COUNT, "calls", "of each letter")
    show("letters.written", kib / COUNT, "KiB", "of each letter")


def start_of_center(net):
    times = []
    for _ in range(5):
        net.stop("center-a")
        started = time.monotonic()
        net.start("center-a")
        times.append((time.monotonic() - started) * 1000)
    show("letters.center_start", sorted(times)[2], "ms",
         f"start to ready, median of 5; {min(times):.0f} to "
         f"{max(times):.0f}")


def first_confirmed():
    """`make demo` in a built tree; `yizhan demo` says the seconds itself."""
    started = time.monotonic()
    result = subprocess.run(
        ["make", "-C", f"{here}/../..", "demo", "DEMO=--check"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    seconds = time.monotonic() - started
    own = [float(found) for found in
           re.findall(r"^ *([0-9.]+) s ", result.stdout, re.M)]
    told = re.search(r"^ *([0-9.]+) s .*confirmed", result.stdout, re.M)
    if result.returncode != 0 or told is None or not own:
        print(f"make demo failed with {result.returncode}:\n{result.stdout}")
        return
    show("letters.demo", seconds - own[-1] + float(told.group(1)), "s",
         "make demo from a built tree to the first confirmed letter, of "
         f"these {own[0]:.1f} s to make keys")


def main():
    with Network("bench") as net:
        letters(net)
        start_of_center(net)
    first_confirmed()


processes.end_on_signal()
try:
    main()
finally:
    shutil.rmtree(folder, ignore_errors=True)
if "--no-large" not in sys.argv and not QUICK:
    folder = tempfile.mkdtemp(dir="/var/tmp")
    try:
        subprocess.run([f"{here}/../scenario/25-large.py"], check=True,
                       env=dict(os.environ, LARGE_MIB="1024",
                                SCENARIO_DIR=folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
