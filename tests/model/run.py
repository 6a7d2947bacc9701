"""Run a model of tests/model through Spin: generate, compile, search."""

import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MEMORY_MB = 1024


class Search:
    """What came of one search; `complete` when every state was seen."""

    def __init__(self, errors, states, depth, complete, trail, output):
        self.errors = errors
        self.states = states
        self.depth = depth
        self.complete = complete
        self.trail = trail
        self.output = output


def number(pattern, text):
    found = re.search(pattern, text)
    return int(float(found.group(1))) if found else -1


def search(prop, memory_mb=MEMORY_MB, model="delivery", is_short=False,
           **bounds):
    """`prop` is safe or delivered; bounds LOSSES, REPEATS, CRASHES,
    SUSPENSIONS or MOVES, and BUG as in the model.  A search that is short is
    over before a compiler would have made it a faster one."""
    folder = tempfile.mkdtemp()
    try:
        subprocess.run(
            ["spin", "-a", *[f"-D{name}={value}"
                             for name, value in bounds.items()],
             os.path.join(HERE, f"{model}.pml")],
            cwd=folder, check=True, stdout=subprocess.DEVNULL)
        kind = ["-DSAFETY"] if prop == "safe" else ["-DNFAIR=3"]
        subprocess.run(["cc", "-O0" if is_short else "-O2", "-w", "-DCOLLAPSE",
                        f"-DMEMLIM={memory_mb}", *kind, "-o", "pan", "pan.c"],
                       cwd=folder, check=True)
        flags = [] if prop == "safe" else ["-a", "-f"]
        result = subprocess.run(["./pan", *flags, "-m1000000", "-N", prop],
                                cwd=folder, text=True,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        output = result.stdout
        trail = any(name.endswith(".trail") for name in os.listdir(folder))
        complete = ("out of memory" not in output and
                    "max search depth too small" not in output and
                    "Search not completed" not in output)
        return Search(number(r"errors: (\d+)", output),
                      number(r"([\d.e+]+) states, stored", output),
                      number(r"depth reached (\d+)", output),
                      complete, trail, output)
    finally:
        shutil.rmtree(folder)
