#!/usr/bin/python3
"""The power cuts of tests/scenario/31-power-cuts.py with a campaign's count:
POWER_CUTS on each file system (10,000 unless set), of POWER_DISKS disks at
once (four for each core), whose images lie in memory: what a cut takes away is
what the mounted file system had not written to its image."""

import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
environment = dict(os.environ)
environment.setdefault("POWER_CUTS", "10000")
environment.setdefault("POWER_DISKS", str(4 * (os.cpu_count() or 1)))
environment.setdefault("POWER_IMAGES", "/dev/shm")
build = os.path.dirname(os.environ["YIZHAN"])
folder = tempfile.mkdtemp(dir=build)
environment["SCENARIO_DIR"] = folder
status = subprocess.call(
    [sys.executable, f"{here}/../scenario/31-power-cuts.py"], env=environment)
shutil.rmtree(folder, ignore_errors=True)
sys.exit(status)
