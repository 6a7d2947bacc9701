#!/usr/bin/python3
"""Goal: `yizhan demo --check` brings the network up, sends the letter, verifies
the receipts, ends with success and leaves nothing.  limit: 120"""

import json
import os
import subprocess

from network import Tap, run

tap = Tap()


def demo(tap):
    yizhan = os.environ["YIZHAN"]
    environment = dict(os.environ, LANG="C.UTF-8")
    environment["TMPDIR"] = os.environ["SCENARIO_DIR"]
    result = subprocess.run([yizhan, "demo", "--check", "--json"],
                            capture_output=True, text=True, timeout=400,
                            env=environment, check=False)
    tap.ok(result.returncode == 0, "the demo succeeds", result.stderr)
    tap.ok("verified offline" in result.stderr, "its receipts verify",
           result.stderr)
    if result.returncode == 0:
        folder = json.loads(result.stdout)["folder"]
        tap.ok(not os.path.exists(folder), "its folder is gone", folder)


run(tap, demo)
tap.done()
