#!/usr/bin/python3
"""Letters per second from agency to agency through one or two centers, all six
hosts on this machine, and what each role spends on one; start of a center;
`make demo` until a letter is confirmed; a letter of 1 GiB.  Prints; judges
nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{here}/../scenario")
os.environ.setdefault("YIZHAN", f"{here}/../../build/yizhan")
folder = tempfile.mkdtemp(dir="/var/tmp")
os.environ["SCENARIO_DIR"] = folder
from network import HOSTS, Network  # noqa: E402

COUNT = int(os.environ.get("BENCH_LETTERS", "2000"))
FLIGHT = int(os.environ.get("BENCH_FLIGHT", "32"))
TICK = os.sysconf("SC_CLK_TCK")
SENDER = os.path.join(os.path.dirname(os.environ["YIZHAN"]),
                      "tests/bench/send_letters")


def cpu(net):
    """{(host, role): seconds}, with the children that ended."""
    found = {}
    for host in HOSTS:
        for role, pid in net.roles(host).items():
            text = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
            found[host, role] = sum(int(x) for x in text[11:15]) / TICK
    return found


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
    print(f"{COUNT} letters of 16 KB, {FLIGHT} at a time: "
          f"{COUNT / seconds:.0f} letters/s from handing in to opened; "
          f"acknowledged after p50 {sent['p50_ms']:.1f} ms, "
          f"p99 {sent['p99_ms']:.1f} ms; {sent['failed']} failed")
    total = 0.0
    for key in sorted(after, key=lambda key: before.get(key, 0) - after[key]):
        ms = (after[key] - before.get(key, 0)) * 1000 / COUNT
        total += ms
        if ms >= 0.02:
            print(f"    {key[0]:11} {key[1]:9} {ms:6.2f} ms CPU per letter")
    print(f"    all roles of all hosts {total:.2f} ms CPU per letter")
    calls, kib = (now - then for now, then in zip(written(net), writes))
    print(f"    {calls / COUNT:.0f} write calls, {kib / COUNT:.0f} KiB written "
          "per letter")


def start_of_center(net):
    times = []
    for _ in range(5):
        net.stop("center-a")
        started = time.monotonic()
        net.start("center-a")
        times.append((time.monotonic() - started) * 1000)
    print(f"center, start to ready: {min(times):.0f} to {max(times):.0f} ms")


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
    print("make demo from a built tree: first letter confirmed after "
          f"{seconds - own[-1] + float(told.group(1)):.1f} s, of these "
          f"{own[0]:.1f} s to make keys")


def main():
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    with Network("bench") as net:
        letters(net)
        start_of_center(net)
    first_confirmed()


try:
    main()
finally:
    shutil.rmtree(folder, ignore_errors=True)
if "--no-large" not in sys.argv:
    folder = tempfile.mkdtemp(dir="/var/tmp")
    try:
        subprocess.run([f"{here}/../scenario/25-large.py"], check=True,
                       env=dict(os.environ, LARGE_MIB="1024",
                                SCENARIO_DIR=folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
