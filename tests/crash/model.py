#!/usr/bin/python3
"""The Spin model of a delivery with larger bounds than `make test` has: each
line of MODEL_BOUNDS ("losses,repeats,crashes,suspensions ...").  Memory is
bounded by MODEL_MB; a search that does not fit is a failure."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../model"))
from run import search  # noqa: E402

NAMES = ["LOSSES", "REPEATS", "CRASHES", "SUSPENSIONS"]
BOUNDS = os.environ.get("MODEL_BOUNDS",
                        "1,0,1,1 1,1,1,0 0,1,1,1 1,1,1,1 2,0,2,0 2,0,1,1")
MEMORY_MB = int(os.environ.get("MODEL_MB", "8192"))
failed = 0
for text in BOUNDS.split():
    bounds = dict(zip(NAMES, (int(part) for part in text.split(","))))
    for prop in ("safe", "delivered"):
        started = time.monotonic()
        result = search(prop, MEMORY_MB, **bounds)
        good = result.errors == 0 and result.complete
        failed += not good
        print(f"{'ok' if good else 'NOT OK'}  {prop} {bounds}: "
              f"{result.errors} errors in {result.states} states, depth "
              f"{result.depth}, {time.monotonic() - started:.0f} s",
              flush=True)
        if not good:
            print(result.output)
sys.exit(1 if failed else 0)
