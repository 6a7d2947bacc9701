#!/usr/bin/python3
"""Simulated histories of a whole network: SIM_SEEDS of them (10^6) from
SIM_FIRST on, or as many as SIM_SECONDS allow, one process per processor, with
progress.  Each that breaks an invariant is printed with the command that tells
it again."""

import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
simulate = os.path.join(here, "../../build/tests/simulate/simulate")
sys.exit(subprocess.call(
    [simulate, "--first", os.environ.get("SIM_FIRST", "1000000"),
     "--count", os.environ.get("SIM_SEEDS", "1000000"),
     "--seconds", os.environ.get("SIM_SECONDS", "0"),
     "--jobs", str(os.cpu_count() or 1)], stderr=subprocess.DEVNULL))
