#!/usr/bin/python3
"""Goal: no page and no state of one breaks a rule of accessibility (axe), is wider
than a phone, or asks anything of another host.  limit: 600"""

import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

sys.exit(subprocess.run(
    [sys.executable, f"{ROOT}/tests/web/world.py", "node",
     f"{ROOT}/tests/web/axe.mjs"], check=False).returncode)
