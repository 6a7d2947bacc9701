#!/usr/bin/python3
"""The kill scenario with a campaign's counts: tests/scenario/30-kills.py with
KILL_LETTERS and KILL_KILLS (20,000 and 2,000 unless set), seed after seed."""

import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
environment = dict(os.environ)
environment.setdefault("KILL_LETTERS", "20000")
environment.setdefault("KILL_KILLS", "2000")
sys.exit(subprocess.call(
    [sys.executable, f"{here}/../scenario/30-kills.py"], env=environment))
