#!/usr/bin/python3
"""The scenario of slow clients with a campaign's count:
tests/scenario/71-slow-clients.py with SLOW_CLIENTS (18,000 unless set; the
descriptors of one process set the limit)."""

import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
environment = dict(os.environ)
environment.setdefault("SLOW_CLIENTS", "18000")
folder = tempfile.mkdtemp(dir="/var/tmp")
environment["SCENARIO_DIR"] = folder
status = subprocess.call(
    [sys.executable, f"{here}/../scenario/71-slow-clients.py"],
    env=environment)
shutil.rmtree(folder, ignore_errors=True)
sys.exit(status)
