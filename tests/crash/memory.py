#!/usr/bin/python3
"""T-STO-01 with a campaign's counts: every request for memory."""

from campaign import run

run({"MEMORY_STRIDE": "1"}, "crash_memory")
