#!/usr/bin/python3
"""Goal: pages end an idle session after a warning, tell of a lock-out, hold at
200 %, keep the wish for less motion, and are printed without menu and buttons.
limit: 180"""

import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

sys.exit(subprocess.run(
    [sys.executable, f"{ROOT}/tests/web/world.py", "node",
     f"{ROOT}/tests/web/manners.mjs"], check=False).returncode)
