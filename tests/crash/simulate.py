#!/usr/bin/python3
"""Simulated histories of a whole network: SIM_SEEDS of them (10^6) from
SIM_FIRST on, one process per processor, with progress.  Each that breaks an
invariant is printed with the command that tells it again."""

import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
simulate = os.path.join(here, "../../build/tests/simulate/simulate")
sys.exit(subprocess.call(
    [simulate, "--first", os.environ.get("SIM_FIRST", "1000000"),
     "--count", os.environ.get("SIM_SEEDS", "1000000"),
     "--letters", os.environ.get("SIM_LETTERS", "10"),
     "--jobs", str(os.cpu_count() or 1)], stderr=subprocess.DEVNULL))
