#!/usr/bin/python3
"""Goal: power cuts lose nothing acknowledged, on ext4 and on XFS: the file
system is shut down under a writer, without its log, mounted again and compared
(T-STO-05); writers that leave a sync out are seen to lose (T-MUT-01).
Needs root for mounting.  limit: 1800"""

import concurrent.futures
import os
import random
import shutil
import subprocess
import time

from ack_writer import acknowledged, compare, write_until
from loop_mount import MAKERS, LoopMount, own_mounts
from network import Tap, run

tap = Tap()
CUTS = int(os.environ.get("POWER_CUTS", "20"))
SEED = int(os.environ.get("POWER_SEED", "1"))
DISKS = int(os.environ.get("POWER_DISKS", "1"))  # at work at the same time
MIB = 400
LIVES = 6      # power cuts of one store before another begins
GIVE_UP = 80   # cuts within which a control has to lose
MISTAKES = ["no-sync", "no-payload-sync", "ack-early"]
FOLDER = os.environ["SCENARIO_DIR"]
IMAGES = os.environ.get("POWER_IMAGES", FOLDER)


class Disk(LoopMount):
    """A file system whose power can be cut."""

    def __init__(self, kind, name):
        free = shutil.disk_usage(IMAGES).free >> 20
        if free < 2 * MIB:
            raise RuntimeError(f"{free} MiB free in {IMAGES}, {2 * MIB} "
                               "needed")
        super().__init__(kind, f"{IMAGES}/{name}-{os.getpid()}.img",
                         f"{FOLDER}/{name}", MIB)

    def cut(self):
        """As a power cut: the log in memory does not reach the disk."""
        subprocess.run(["xfs_io", "-x", "-c", "shutdown", self.at],
                       check=True)


def cuts(disk, count, seed, mistake=None):
    """(cuts made, acknowledgements, first complaint or None)"""
    chance = random.Random(seed)
    acks, said = 0, b""
    data = f"{disk.at}/data"
    for number in range(count):
        if number % LIVES == 0:
            shutil.rmtree(data, ignore_errors=True)
            os.makedirs(data)
            # The folder was made before: that much is certain.
            sync_file_system(disk.at)
            said = b""
        new = write_until(disk.cut, data, number % LIVES, chance, mistake)
        disk.unmount()
        disk.mount()
        said += new
        acks += acknowledged(new)
        wrong = compare(data, said)
        if wrong:
            return number + 1, acks, wrong
    return count, acks, None


def sync_file_system(at):
    subprocess.run(["sync", "-f", at], check=True)


def cuts_of_one(kind, number):
    with Disk(kind, f"{kind}-{number}") as disk:
        return cuts(disk, -(-CUTS // DISKS), SEED + number)


def cuts_of_all(kind):
    """The same of several disks at once."""
    with concurrent.futures.ThreadPoolExecutor(DISKS) as pool:
        results = list(pool.map(lambda number: cuts_of_one(kind, number),
                                range(DISKS)))
    complaints = [wrong for _, _, wrong in results if wrong is not None]
    return (sum(made for made, _, _ in results),
            sum(acks for _, acks, _ in results),
            complaints[0] if complaints else None)


def nothing_lost(tap):
    for kind in MAKERS:
        started = time.monotonic()
        made, acks, wrong = cuts_of_all(kind)
        tap.note(f"power cuts, {kind}: {made} cuts, {acks} acknowledged, "
                 f"{0 if wrong is None else 1} lost, "
                 f"{time.monotonic() - started:.0f} s")
        tap.ok(wrong is None, f"{kind}: nothing acknowledged is lost in "
                              f"{made} cuts", wrong)
        tap.ok(acks > 5 * made, f"{kind}: the writer was at work", acks)


def controls_lose(tap):
    for mistake in MISTAKES:
        with Disk("ext4", "control") as disk:
            made, acks, wrong = cuts(disk, GIVE_UP, SEED, mistake)
        tap.note(f"{mistake}: seen after {made} cuts, {acks} acknowledged: "
                 f"{wrong}")
        tap.ok(wrong is not None, f"a writer with {mistake} is seen to lose")


own_mounts()
run(tap, nothing_lost)
run(tap, controls_lose)
tap.done()
