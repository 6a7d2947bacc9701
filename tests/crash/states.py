#!/usr/bin/python3
"""T-STO-03, T-STO-04 with a campaign's counts: about 10,000,000 states."""

from campaign import run

run({"CRASH_RUNS": "400", "CRASH_VARIANTS": "60", "CRASH_DEEP_ONE_IN": "60",
     "CRASH_DEEP_POINTS": "6", "CRASH_STRIDE": "1"},
    "crash_store", "crash_center", "crash_outbox")
