#!/usr/bin/env python3
"""scripts/test counts what it should, also when a scenario misbehaves."""

import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

# scenario, what the output says, its last line
CASES = [
    ("all is well", 'echo "ok 1 - a"; echo "ok 2 - b"; echo 1..2', "ok  ",
     "2 passed, 0 failed"),
    ("a subtest fails", 'echo "not ok 1 - a"; echo "ok 2 - b"; exit 1',
     "01-x: a", "1 passed, 1 failed"),
    ("a failure with exit 0 counts", 'echo "not ok 1 - a"', "01-x: a",
     "0 passed, 1 failed"),
    ("the exit status counts", 'echo "ok 1 - a"; exit 3', "exit 3",
     "1 passed, 1 failed"),
    ("a signal counts", 'echo "ok 1 - a"; kill -9 $$', "exit -9",
     "1 passed, 1 failed"),
    ("silence is a failure", "exit 0", "no subtests", "0 passed, 1 failed"),
    ("a broken plan counts", 'echo 1..3; echo "ok 1 - a"', "plan not kept",
     "1 passed, 1 failed"),
    ("the time limit holds", '# limit: 1\necho "ok 1 - a"\nsleep 60',
     "out of time", "1 passed, 1 failed"),
    ("a left-over process counts and ends",
     'echo "ok 1 - a"\nsetsid sleep 61.25 &', "left running",
     "1 passed, 1 failed"),
    ("a left-over file counts", 'echo "ok 1 - a"; touch "$TMPDIR/x"',
     "left in TMPDIR: x", "1 passed, 1 failed"),
    ("the program and the folder are named",
     'test -d "$SCENARIO_DIR" && echo "ok 1 - $YIZHAN" | grep /build/yizhan',
     "ok  ", "1 passed, 0 failed"),
]


def run(script):
    tree = tempfile.mkdtemp(prefix="yizhan-runner-")
    try:
        os.makedirs(os.path.join(tree, "scripts"))
        os.makedirs(os.path.join(tree, "tests/scenario"))
        shutil.copy(os.path.join(ROOT, "scripts/test"),
                    os.path.join(tree, "scripts"))
        path = os.path.join(tree, "tests/scenario/01-x.sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o755)
        result = subprocess.run(
            [os.path.join(tree, "scripts/test"), "scenarios"],
            capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(tree)
    return result.returncode, result.stdout + result.stderr


def is_running(word):
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if word.encode() in file.read().split(b"\0"):
                    return True
        except OSError:
            pass
    return False


def main():
    bad = 0
    for number, (name, script, says, last) in enumerate(CASES, 1):
        status, output = run(script)
        good = (says in output and output.splitlines()[-1] == last and
                (status == 0) == last.endswith(" 0 failed") and
                not is_running("61.25"))
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            bad += 1
            print("".join(f"# {line}\n" for line in
                          [f"exit {status}", *output.splitlines()]), end="")
    print(f"1..{len(CASES)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
