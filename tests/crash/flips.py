#!/usr/bin/python3
"""T-STO-07, T-STO-10 with a campaign's counts: 1,000,000 flipped bits."""

from campaign import run

run({"FLIPS": "450000", "LOG_STRIDE": "7"}, "crash_flips")
