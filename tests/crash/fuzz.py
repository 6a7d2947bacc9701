#!/usr/bin/python3
"""The fuzz targets of documents and archives, FUZZ_RUNS executions each
(10,000,000 unless set), split over FUZZ_FORKS processes (one for each core
unless set) that share what they find.  FUZZ_TARGETS chooses among them.

A target counts as passed when its processes together executed that many inputs
without a crash, a leak, or an input of more than 10 seconds or 2 GiB; what
broke one is kept in build-fuzz/crash.  Measured for 10,000,000 in processor
time: di and big5 25 minutes each, sw 21, en 14, dm 11, roc_date 1: these six
take about 50 minutes on two free cores; archive and zip some 10 minutes
each."""

import os
import re
import subprocess
import sys
import time

TARGETS = ["di", "sw", "dm", "en", "big5", "roc_date", "zip", "archive"]
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = f"{ROOT}/build-fuzz"


def start(name, number, runs):
    """One process of a target; its log is a file, for it may be long."""
    log = open(f"{BUILD}/campaign-{name}-{number}.log", "wb")
    process = subprocess.Popen(
        [f"{BUILD}/tests/fuzz/fuzz_{name}", f"-runs={runs}", "-reload=1",
         f"-seed={number + 1}", "-timeout=10", "-rss_limit_mb=2048",
         "-print_final_stats=1", "-verbosity=0",
         f"-artifact_prefix={BUILD}/crash/{name}-",
         f"{BUILD}/corpus/{name}", f"{ROOT}/tests/fuzz/corpus/{name}"],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    log.close()
    return process


def executed(name, number):
    with open(f"{BUILD}/campaign-{name}-{number}.log", "rb") as file:
        found = re.search(rb"number_of_executed_units:\s*(\d+)", file.read())
    return int(found.group(1)) if found else 0


def campaign(name, runs, forks):
    os.makedirs(f"{BUILD}/corpus/{name}", exist_ok=True)
    begin = time.monotonic()
    processes = [start(name, number, -(-runs // forks))
                 for number in range(forks)]
    status = [process.wait() for process in processes]
    took = time.monotonic() - begin
    total = sum(executed(name, number) for number in range(forks))
    good = not any(status) and total >= runs
    print(f"{'ok' if good else 'NOT OK'}  {name}: {total} executions in "
          f"{took:.0f} s, {total / max(took, 0.001):.0f} a second", flush=True)
    for number in range(forks):
        path = f"{BUILD}/campaign-{name}-{number}.log"
        if status[number] != 0:
            with open(path, encoding="utf-8", errors="replace") as file:
                print(file.read()[-4000:], flush=True)
        os.unlink(path)
    return good


def main():
    runs = int(os.environ.get("FUZZ_RUNS", "10000000"))
    forks = int(os.environ.get("FUZZ_FORKS", os.cpu_count() or 1))
    targets = os.environ.get("FUZZ_TARGETS", " ".join(TARGETS)).split()
    subprocess.run(
        [f"{ROOT}/scripts/build", "build-fuzz",
         *(f"tests/fuzz/fuzz_{name}" for name in targets)], check=True)
    os.makedirs(f"{BUILD}/crash", exist_ok=True)
    good = [campaign(name, runs, forks) for name in targets]
    sys.exit(0 if all(good) else 1)


main()
