#!/usr/bin/python3
"""What a gateway, and a center, takes in a second when it gets as much as it
has places for, and when it gets two and five times as much from somebody who
does not wait when told to (T-LOAD-02: at least 90 % of the first).  Prints;
judges nothing.

usage: overload.py [--quick] [--center]"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, f"{here}/../scenario"]
os.environ.setdefault("YIZHAN", f"{here}/../../build/yizhan")
folder = tempfile.mkdtemp(dir="/var/tmp")
os.environ["SCENARIO_DIR"] = folder
import center  # noqa: E402
import processes  # noqa: E402
from figures import show  # noqa: E402
from network import Network  # noqa: E402

PLACES = 16  # five times as many fit on one connection
ROUNDS = 2 if "--quick" in sys.argv else 5
COUNT = int(os.environ.get("BENCH_OVERLOAD",
                           "200" if "--quick" in sys.argv else "600"))
CENTER_COUNT = int(os.environ.get("BENCH_OVERLOAD_CENTER",
                                  "6000" if "--quick" in sys.argv
                                  else "30000"))
# Of one caller: half of the center's; and how they lie on connections.
CENTER_PLACES, CONNECTIONS = 64, 4
AGAIN_MS = int(os.environ.get("BENCH_AGAIN_MS", "250"))  # asked again then
SENDER = os.path.join(os.path.dirname(os.environ["YIZHAN"]),
                      "tests/bench/send_letters")


def rss(net):
    """KiB of the listener."""
    with open(f"/proc/{net.roles('gateway-1')['listener']}/status",
              encoding="utf-8") as file:
        return [int(line.split()[1]) for line in file
                if line.startswith("VmRSS")][0]


def take_in(net, flight, first):
    result = subprocess.run(
        [SENDER, f"{net.dir}/gateway-1/control.sock", str(COUNT), str(flight),
         str(first)], capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def settle(net):
    """What was taken in is on its way: the next round begins as this one."""
    net.wait_for(lambda: not [
        item for item in net.json("gateway-1", "doc", "list", "--out",
                                  "--limit", "40")["documents"]
        for delivery in item["deliveries"] if delivery["state"] != "opened"],
        "letters are still under way", 300)


def overload():
    rates, cpu = {1: [], 5: []}, {1: 0.0, 5: 0.0}
    refused = 0
    first = 1
    with Network("bench", {
            "gateway-1": f"[limits]\nsubmissions = {PLACES}\n"}) as net:
        take_in(net, PLACES, first)
        first += COUNT
        settle(net)
        before = rss(net)
        for _ in range(ROUNDS):
            for times, found in rates.items():
                listener = net.roles("gateway-1")["listener"]
                started = processes.cpu_of(listener)
                told = take_in(net, PLACES * times, first)
                cpu[times] += processes.cpu_of(listener) - started
                first += COUNT
                # Without the end, when fewer and fewer are left.
                found.append(told["full"] / told["full_seconds"])
                if times > 1:
                    refused += told["refused"]
                settle(net)
        after = rss(net)
    for times, found in rates.items():
        show(f"overload.rate.{times}x", statistics.median(found), "letters/s",
             f"taken in by a gateway; {times} x {PLACES} at a time; of "
             f"{ROUNDS} rounds {min(found):.0f} to {max(found):.0f}")
    show("overload.kept", statistics.median(rates[5]) * 100 /
         statistics.median(rates[1]), "%",
         "of the first at five times as much; retried without waiting")
    show("overload.refusals", refused / (ROUNDS * COUNT), "per letter",
         "at five times as much")
    show("overload.refusal", max(0.0, cpu[5] - cpu[1]) * 1e6 /
         max(1, refused), "us", "of the listener's processor for each refusal")
    show("overload.memory", after - before, "KiB",
         "that the listener has more than before")


# -- a center ------------------------------------------------------------------

def rss_of(net, role):
    return processes.memory_kib(net.roles(center.CENTER)[role])


def show_center(rates, refused, cpu_us, listener_us, memory):
    for times, found in rates.items():
        show(f"overload.center.rate.{times}x", statistics.median(found),
             "documents/s", f"accepted by a center; {times} x {CENTER_PLACES} "
             f"at a time; of {ROUNDS} rounds {min(found):.0f} to "
             f"{max(found):.0f}")
        show(f"overload.center.cpu.{times}x", cpu_us[times], "us",
             "of the center's processors for each that is accepted")
        if times > 1:
            show(f"overload.center.kept.{times}x",
                 statistics.median(found) * 100 /
                 statistics.median(rates[1]), "%", "of that")
            show(f"overload.center.refusals.{times}x",
                 refused[times] / (ROUNDS * CENTER_COUNT), "per document",
                 f"asked again after {AGAIN_MS} ms, whatever the center said")
    show("overload.center.refusal", max(0.0, listener_us[5] - listener_us[1])
         * ROUNDS * CENTER_COUNT / max(1, refused[5]), "us",
         "of the listener's processor for each refusal")
    for role, (before, after) in memory.items():
        show(f"overload.center.memory.{role}", after - before, "KiB",
             "more than after the first round")


def overload_center():
    """As much as it has places for, twice and five times, in turns."""
    rates = {1: [], 2: [], 5: []}
    refused, listener_us = dict.fromkeys(rates, 0), dict.fromkeys(rates, 0.0)
    cpu_us = dict.fromkeys(rates, 0.0)
    extra = {center.CENTER: center.EXTRA[center.CENTER] +
             f"submissions = {2 * CENTER_PLACES}\n"}
    with Network("center", extra, hosts=center.HOSTS) as net:
        one = center.Center(net)
        roles = ("listener", "spooler", "verifier")
        for number in range(ROUNDS + 1):
            for times in rates:
                result, cpu = one.load(
                    count=CENTER_COUNT if number > 0 else CENTER_COUNT // 10,
                    connections=CONNECTIONS,
                    streams=times * CENTER_PLACES // CONNECTIONS,
                    again=AGAIN_MS)
                if number == 0:
                    continue
                rates[times].append(result["full"] / result["full_seconds"])
                refused[times] += result["refused"]
                listener_us[times] += cpu["listener"] / ROUNDS
                cpu_us[times] += sum(cpu.values()) / ROUNDS
            if number == 0:
                before = {role: rss_of(net, role) for role in roles}
        memory = {role: (before[role], rss_of(net, role)) for role in roles}
    show_center(rates, refused, cpu_us, listener_us, memory)


try:
    if "--center" not in sys.argv:
        overload()
    overload_center()
finally:
    shutil.rmtree(folder, ignore_errors=True)
