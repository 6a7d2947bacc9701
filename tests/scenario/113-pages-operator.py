#!/usr/bin/python3
"""Goal: an operator registers persons, gives them roles, units and links, keeps
units and settings, makes and revokes tokens, adds addresses for webhooks and
has dead letters told again, by keyboard alone; the menu has what a role may
do; a deputy works for another, and both names are on record.  limit: 240"""

import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

sys.exit(subprocess.run(
    [sys.executable, f"{ROOT}/tests/web/world.py", "node",
     f"{ROOT}/tests/web/operator.mjs"], check=False).returncode)
