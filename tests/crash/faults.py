#!/usr/bin/python3
"""T-STO-02, T-STO-08 with a campaign's counts: every call, every way."""

from campaign import run

run({"FAULT_STRIDE": "1", "FAULT_STRIDE_CENTER": "1"}, "crash_faults")
