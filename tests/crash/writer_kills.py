#!/usr/bin/python3
"""A store's writer is killed WRITER_KILLS times (100,000 unless set) at random
moments; after each kill all that it had acknowledged must be there (T-STO, I1).
A writer that acknowledges before the commit is seen to lose.  Several at once,
their stores on file systems in memory, since a kill leaves what the kernel holds
as it is."""

import concurrent.futures
import os
import random
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../scenario")
FOLDER = tempfile.mkdtemp(dir=os.path.dirname(os.environ["YIZHAN"]))
os.environ["SCENARIO_DIR"] = FOLDER
from ack_writer import acknowledged, compare, write_until  # noqa: E402
from loop_mount import LoopMount, own_mounts  # noqa: E402

KILLS = int(os.environ.get("WRITER_KILLS", "100000"))
WRITERS = int(os.environ.get("WRITERS", str(4 * (os.cpu_count() or 1))))
LIVES = 6       # kills of one store before another begins
GIVE_UP = 400   # kills within which the control has to lose


def kill_often(number, count, mistake=None):
    """(kills made, acknowledgements, first complaint or None)"""
    chance = random.Random(number)
    image = f"/dev/shm/kills-{os.getpid()}-{number}.img"
    acks, said = 0, b""
    with LoopMount("ext4", image, f"{FOLDER}/{number}", 400) as disk:
        data = f"{disk.at}/data"
        for made in range(count):
            if made % LIVES == 0:
                shutil.rmtree(data, ignore_errors=True)
                os.makedirs(data)
                said = b""
            new = write_until(None, data, made % LIVES, chance, mistake)
            said += new
            acks += acknowledged(new)
            wrong = compare(data, said)
            if wrong:
                return made + 1, acks, wrong
    return count, acks, None


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
