#!/usr/bin/python3
"""The Spin models with larger bounds than `make test` has: of a delivery each
of MODEL_BOUNDS ("losses,repeats,crashes,suspensions ..."), of one that moves
each of MOVING_BOUNDS ("losses,repeats,crashes,moves ...").  Memory is bounded by
MODEL_MB; a search that does not fit is a failure."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../model"))
from run import search  # noqa: E402

COMMON = ["LOSSES", "REPEATS", "CRASHES"]
MODELS = [("delivery", [*COMMON, "SUSPENSIONS"], os.environ.get(
    "MODEL_BOUNDS", "1,0,1,1 1,1,1,0 0,1,1,1 1,1,1,1 2,0,2,0 2,0,1,1")),
          ("moving", [*COMMON, "MOVES"], os.environ.get(
              "MOVING_BOUNDS", "1,1,1,2 2,2,0,2 0,0,2,2 1,0,1,3"))]
MEMORY_MB = int(os.environ.get("MODEL_MB", "8192"))
failed = 0
for model, names, text in MODELS:
    for one in text.split():
        bounds = dict(zip(names, (int(part) for part in one.split(","))))
        for prop in ("safe", "delivered"):
            started = time.monotonic()
            result = search(prop, MEMORY_MB, model, **bounds)
            good = result.errors == 0 and result.complete
            failed += not good
            print(f"{'ok' if good else 'NOT OK'}  {model} {prop} {bounds}: "
                  f"{result.errors} errors in {result.states} states, depth "
                  f"{result.depth}, {time.monotonic() - started:.0f} s",
                  flush=True)
            if not good:
                print(result.output)
sys.exit(1 if failed else 0)
