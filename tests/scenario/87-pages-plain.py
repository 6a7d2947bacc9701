#!/usr/bin/python3
"""Goal: without scripts, letters are read, signed for and returned, singly and
several at once; forms of other sites do nothing.  limit: 180"""

import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

sys.exit(subprocess.run(
    [sys.executable, f"{ROOT}/tests/web/world.py", "node",
     f"{ROOT}/tests/web/plain.mjs"], check=False).returncode)
