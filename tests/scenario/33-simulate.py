#!/usr/bin/python3
"""Histories of a whole network in one process, by seed (T-SIM-01 to 03): no
invariant breaks, the same seed tells the same history, and every seeded bug
is caught.  limit: 1800"""

import concurrent.futures
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from network import Tap, run  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
SIMULATE = os.path.join(os.path.dirname(os.environ["YIZHAN"]),
                        "tests/simulate/simulate")
COUNT = int(os.environ.get("SIM_SEEDS", "6"))
# Bug, and the seed from which on one of TRIES has to catch it.  Every change
# of the program tells other histories, so that no single seed is counted on.
SHORT_BUGS = {"ack-before-commit": 1, "lying-sync": 1, "finish-early": 6,
              "waybill-twice": 3, "act-twice": 1, "give-up": 1, "leaf-lost": 1,
              "move-unstated": 1}
# Seen by few short histories, if by any.
LONG_BUGS = {"any-sender": 9, "move-forgotten": 1, "former-decides": 18,
             "refusal-blocks": 1, "failure-blocks": 1, "goes-on": 1}
BUGS = {**SHORT_BUGS, **LONG_BUGS}
TRIES = 30


def simulate(*arguments):
    result = subprocess.run([SIMULATE, *map(str, arguments)], text=True,
                            stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    return result.returncode, result.stdout


def hash_of(output):
    return re.search(r"hash ([0-9a-f]{16})", output).group(1)


def seeds(tap):
    for length, count in ("short", COUNT), ("long", COUNT // 2):
        status, output = simulate("--first", 1000, "--count", count,
                                  "--jobs", 2, f"--{length}")
        tap.ok(status == 0, f"no invariant breaks in {count} {length} histories",
               output)
        for line in output.splitlines()[-3:]:
            tap.note(line)


def kept_seeds(tap):
    with open(os.path.join(ROOT, "tests/simulate/seeds")) as file:
        lines = [line.split(None, 1) for line in file if line[0].isdigit()]
    found = POOL.map(lambda line: simulate("--seed", line[0], "--long"), lines)
    for (seed, what), (status, output) in zip(lines, found):
        tap.ok(status == 0, f"seed {seed}: never again {what.strip()}", output)


def same_history(tap):
    hashes = [hash_of(output) for _, output in
              POOL.map(lambda seed: simulate("--seed", seed), (7, 7, 8))]
    tap.ok(hashes[0] == hashes[1], "the same seed tells the same history",
           hashes)
    tap.ok(hashes[0] != hashes[2], "another seed tells another", hashes)


def seeds_for(bug):
    return range(BUGS[bug], BUGS[bug] + TRIES)


def catch(bug):
    """What the first seed that caught it said, or nothing."""
    status, output = simulate("--first", BUGS[bug], "--count", TRIES,
                              "--until-broken", "--bug", bug,
                              "--short" if bug in SHORT_BUGS else "--long")
    found = re.search(r"^seed (\d+): .*\n  (\S+ broken at .*)", output, re.M)
    if status == 1 and found:
        return f"by seed {found.group(1)}: {found.group(2)}"
    return ""


def seeded_bugs(tap):
    for bug, caught in zip(BUGS, POOL.map(catch, BUGS)):
        tap.ok(caught, f"{bug} is caught", f"not by {seeds_for(bug)}")
        if caught:
            tap.note(caught)


POOL = concurrent.futures.ThreadPoolExecutor(2)
tap = Tap()
for test in (seeds, kept_seeds, same_history, seeded_bugs):
    run(tap, test)
tap.done()
