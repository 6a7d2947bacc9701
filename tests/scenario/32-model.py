#!/usr/bin/python3
"""The Spin model of a delivery, small: no error in any of its properties, and
a trail for every seeded bug (T-MODEL-01).  limit: 900"""

import concurrent.futures
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "../model"))
from network import Tap, run  # noqa: E402
from run import search  # noqa: E402

# Losses, repeats, crashes, suspensions: any one, and these together.
BOUNDS = [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1),
          (1, 1, 0, 0), (1, 0, 1, 0), (0, 0, 1, 1)]
NAMES = ["LOSSES", "REPEATS", "CRASHES", "SUSPENSIONS"]
# What must find the bug.
BUGS = {1: ("safe", "acknowledged before the commit"),
        2: ("safe", "a repeated waybill is a new one"),
        3: ("delivered", "a feed acknowledged before it is durable"),
        4: ("delivered", "a submission given up"),
        5: ("safe", "a late act overwrites an end"),
        6: ("safe", "a receipt before what it speaks of"),
        7: ("safe", "a delivery announced twice is two"),
        8: ("safe", "a suspension destroys what is queued")}


def properties(tap):
    wanted = [(prop, bounds) for bounds in BOUNDS
              for prop in ("safe", "delivered")]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda one: search(one[0], **dict(
            zip(NAMES, one[1]))), wanted)
        for (prop, bounds), result in zip(wanted, found):
            tap.ok(result.errors == 0 and result.complete,
                   f"{prop}: 0 errors in {result.states} states with "
                   f"{bounds[0]} losses, {bounds[1]} repeats, {bounds[2]} "
                   f"crashes, {bounds[3]} suspensions", result.output)


def seeded_bugs(tap):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda bug: search(
            BUGS[bug][0], BUG=bug, LOSSES=1, REPEATS=0, CRASHES=1,
            SUSPENSIONS=1), BUGS)
        for bug, result in zip(BUGS, found):
            tap.ok(result.errors > 0 and result.trail,
                   f"bug {bug}, {BUGS[bug][1]}: {BUGS[bug][0]} fails with a "
                   "trail", result.output)


tap = Tap()
for test in (properties, seeded_bugs):
    run(tap, test)
tap.done()
