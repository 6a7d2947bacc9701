#!/usr/bin/python3
"""The Spin models of a delivery, and of one that moves, small: no error in any
of their properties, and a trail for every seeded bug (T-MODEL-01).
limit: 900"""

import concurrent.futures
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "../model"))
from network import Tap, run  # noqa: E402
from run import search  # noqa: E402

# At most so many losses, repeats, crashes, suspensions: each of them, alone too.
BOUNDS = [(1, 1, 0, 0), (1, 0, 1, 0), (0, 0, 1, 1)]
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

# A delivery that moves: at most so many losses, repeats, crashes, moves.
MOVING_BOUNDS = [(1, 1, 1, 1), (0, 0, 1, 2)]
MOVING_NAMES = ["LOSSES", "REPEATS", "CRASHES", "MOVES"]
MOVING_BUGS = {1: ("safe", (0, 0, 1, 1), "handed over before `moved` is kept"),
               2: ("safe", (0, 0, 0, 1), "decided by the former center"),
               3: ("safe", (0, 0, 1, 1), "a hand-over forgotten"),
               4: ("safe", (0, 1, 0, 2), "a move taken twice"),
               5: ("safe", (0, 0, 0, 1), "taken by an older directory"),
               6: ("safe", (0, 0, 1, 1), "`taken` before it is durable"),
               7: ("safe", (0, 0, 0, 1), "taken back for want of an answer"),
               8: ("delivered", (0, 0, 0, 2), "an act of what ended elsewhere "
                   "not passed on"),
               9: ("delivered", (0, 0, 0, 2), "what came back still handed "
                   "over")}


def properties(tap):
    # The campaign has `delivered` with losses, repeats and a crash together.
    wanted = [("safe", bounds) for bounds in BOUNDS] + \
        [("delivered", bounds) for bounds in BOUNDS[1:]]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda one: search(
            one[0], is_short=one[0] == "safe",
            **dict(zip(NAMES, one[1]))), wanted)
        for (prop, bounds), result in zip(wanted, found):
            tap.ok(result.errors == 0 and result.complete,
                   f"{prop}: 0 errors in {result.states} states with up to "
                   f"{bounds[0]} losses, {bounds[1]} repeats, {bounds[2]} "
                   f"crashes, {bounds[3]} suspensions", result.output)


def seeded_bugs(tap):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda bug: search(
            BUGS[bug][0], is_short=True, BUG=bug, LOSSES=1, REPEATS=0, CRASHES=1,
            SUSPENSIONS=1), BUGS)
        for bug, result in zip(BUGS, found):
            tap.ok(result.errors > 0 and result.trail,
                   f"bug {bug}, {BUGS[bug][1]}: {BUGS[bug][0]} fails with a "
                   "trail", result.output)


def moving(tap):
    wanted = [(prop, bounds, 0) for bounds in MOVING_BOUNDS
              for prop in ("safe", "delivered")]
    wanted += [(prop, bounds, bug) for bug, (prop, bounds, _)
               in MOVING_BUGS.items()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda one: search(
            one[0], model="moving", BUG=one[2],
            is_short=one[0] == "safe" or one[2] > 0,
            **dict(zip(MOVING_NAMES, one[1]))), wanted)
        for (prop, bounds, bug), result in zip(wanted, found):
            if bug:
                tap.ok(result.errors > 0 and result.trail,
                       f"moving, bug {bug}, {MOVING_BUGS[bug][2]}: {prop} "
                       "fails with a trail", result.output)
            else:
                tap.ok(result.errors == 0 and result.complete,
                       f"moving, {prop}: 0 errors in {result.states} states "
                       f"with up to {bounds[0]} losses, {bounds[1]} repeats, "
                       f"{bounds[2]} crashes, {bounds[3]} moves",
                       result.output)


tap = Tap()
for test in (properties, seeded_bugs, moving):
    run(tap, test)
tap.done()
