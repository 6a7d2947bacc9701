#!/usr/bin/python3
"""A store's writer is killed WRITER_KILLS times (100,000 unless set) at random
moments; after each kill all that it had acknowledged must be there (T-STO, I1).
A writer that acknowledges before the commit is seen to lose.  Several at once,
their stores on file systems in memory, since a kill leaves what the kernel holds
as it is.  ack_kills.h has one life."""

import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../scenario")
FOLDER = tempfile.mkdtemp(dir=os.path.dirname(os.environ["YIZHAN"]))
os.environ["SCENARIO_DIR"] = FOLDER
from ack_writer import WRITER  # noqa: E402
from loop_mount import LoopMount, own_mounts  # noqa: E402

KILLS = int(os.environ.get("WRITER_KILLS", "100000"))
WRITERS = int(os.environ.get("WRITERS", str(4 * (os.cpu_count() or 1))))
SLICE = 1000    # kills of one call, so that progress shows
GIVE_UP = 400   # kills within which the control has to lose


def kill(folder, count, seed, *mistake):
    """(kills made, acknowledgements, complaint or None)"""
    result = subprocess.run(
        [WRITER, "kill", folder, str(count), str(seed), *mistake],
        text=True, check=False, stdout=subprocess.PIPE)
    lines = result.stdout.splitlines()
    if result.returncode not in (0, 1) or not lines:
        return 0, 0, f"exit {result.returncode}"
    made, acks = map(int, lines[0].split())
    return made, acks, "\n".join(lines[1:]) or None


def kill_often(number, count, *mistake):
    image = f"/dev/shm/kills-{os.getpid()}-{number}.img"
    kills = acks = 0
    wrong = None
    with LoopMount("ext4", image, f"{FOLDER}/{number}", 400) as disk:
        while kills < count and wrong is None:
            made, more, wrong = kill(disk.at, min(SLICE, count - kills),
                                     number << 32 | kills, *mistake)
            kills, acks = kills + made, acks + more
            print(f"# writer {number}: {kills} kills, {acks} acknowledged",
                  flush=True)
    return kills, acks, wrong


def main():
    own_mounts()
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(
            lambda number: kill_often(number, -(-KILLS // WRITERS)),
            range(WRITERS)))
    made, acks, wrong = kill_often(WRITERS, GIVE_UP, "ack-early")
    shutil.rmtree(FOLDER, ignore_errors=True)
    complaints = [text for _, _, text in results if text is not None]
    kills = sum(count for count, _, _ in results)
    print(f"{kills} kills of the writer, {sum(n for _, n, _ in results)} "
          f"acknowledged, {len(complaints)} stores that lost, "
          f"{time.monotonic() - started:.0f} s")
    for text in complaints:
        print(f"lost: {text}")
    print(f"control: acknowledged early, seen after {made} kills, {acks} "
          f"acknowledged: {wrong}")
    sys.exit(1 if complaints or kills < KILLS or wrong is None else 0)


main()
