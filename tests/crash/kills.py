#!/usr/bin/python3
"""The kill scenario with a campaign's counts: tests/scenario/30-kills.py with
KILL_LETTERS and KILL_KILLS (20,000 and 2,000 unless set), seed after seed."""

import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
environment = dict(os.environ)
environment.setdefault("KILL_LETTERS", "20000")
environment.setdefault("KILL_KILLS", "2000")
folder = tempfile.mkdtemp(dir="/var/tmp")
environment["SCENARIO_DIR"] = folder
status = subprocess.call(
    [sys.executable, f"{here}/../scenario/30-kills.py"], env=environment)
shutil.rmtree(folder, ignore_errors=True)
sys.exit(status)
