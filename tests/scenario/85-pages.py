#!/usr/bin/python3
"""Goal: clerks read, sign for, return, write, check, send, follow and review
letters in a browser, by keyboard alone and by mouse.  limit: 400"""

import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

sys.exit(subprocess.run(
    [sys.executable, f"{ROOT}/tests/web/world.py", "node",
     f"{ROOT}/tests/web/journeys.mjs"], check=False).returncode)
