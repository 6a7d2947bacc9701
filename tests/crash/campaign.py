"""Runs the crash tests of the build with a campaign's counts, which the
environment may change.  For the executables beside it."""

import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def run(counts, *tests):
    """Exit 1 if one fails; what they print goes through."""
    folder = os.path.join(os.path.dirname(os.environ["YIZHAN"]), "tests",
                          "crash")
    environment = {**counts, **os.environ, "SOURCE_ROOT": ROOT}
    failed = [test for test in tests if subprocess.call(
        [os.path.join(folder, f"test_{test}")], env=environment,
        cwd=folder) != 0]
    sys.exit(1 if failed else 0)
