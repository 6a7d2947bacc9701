#!/usr/bin/python3
"""Goal: a center whose disk is full acknowledges nothing that it has no room
for, goes on handing out and answering what it has, and takes up again by
itself when content has left (T-DISK-01, I1, I11).  limit: 180"""

import os
import subprocess

from loop_mount import LoopMount, own_mounts
from network import Network, Tap, pdf, run

tap = Tap()
RECIPIENT = "376470000A"
DISK_MIB = 128
LETTERS, LETTER = 24, 3_000_000
FAST = "[courier]\nretry_first_ms = 100\nretry_max_ms = 500\n"
SMALL = FAST + ("[store]\nsegment_mb = 8\nreserve_mb = 64\n"
                "[retention]\ncontent_s = 0\n")


class SmallDisk(Network):
    """The center's data lies on a disk of its own."""

    disk = None

    def start(self, host, wait=True):
        if host == "center-a" and self.disk is None:
            self.move_to_disk(f"{self.dir}/center-a")
        super().start(host, wait)

    def move_to_disk(self, folder):
        kept = f"{folder}.kept"
        os.rename(folder, kept)
        self.disk = LoopMount("ext4", f"{self.dir}.img", folder, DISK_MIB)
        self.disk.__enter__()
        subprocess.run(["cp", "-a", f"{kept}/.", folder], check=True)
        os.rmdir(f"{folder}/lost+found")

    def __exit__(self, kind, value, trace):
        super().__exit__(kind, value, trace)
        if self.disk is not None:
            self.disk.unmount()
            self.disk.__exit__()
        return False


def states(net, documents):
    found = [net.outbox(document)["deliveries"][0]["state"]
             for document in documents]
    return {state: found.count(state) for state in sorted(set(found))}


def disk_full(tap):
    with SmallDisk("disk", {"center-a": SMALL, "gateway-1": FAST,
                            "gateway-2": FAST}) as net:
        first = net.send(net.letter([RECIPIENT], 1))["id"]
        net.wait_states(first, ["opened"])
        net.stop("gateway-2")
        documents = [net.send(net.letter([RECIPIENT], number, {
            "a.pdf": pdf(LETTER, number)}))["id"]
                     for number in range(2, LETTERS + 2)]
        tap.ok(True, f"{LETTERS} letters of {LETTER // 1000} KB are durable "
                     "at the sender's gateway")
        net.wait_for(lambda: net.has_logged("center-a", "E5001") or
                     net.has_logged("gateway-1", "E5001"),
                     "nobody says that there is no room")
        net.wait_for(lambda: states(net, documents).get("accepted"),
                     "the center accepts nothing")
        found = states(net, documents)
        tap.ok(0 < found.get("accepted", 0) < LETTERS and
               found.get("queued", 0) > 0,
               "the center accepts some, has no room for the rest, and says "
               "why", found)
        net.kill("center-a")
        net.start("center-a")
        tap.ok(states(net, documents).get("accepted", 0) >=
               found.get("accepted", 0), "it starts with a full disk")
        net.start("gateway-2")
        net.wait_for(lambda: len(net.inbox("gateway-2")) > 1,
                     "nothing is handed out")
        tap.ok(True, "what it has is handed out")
        seen = set()

        def unsigned():
            """Each letter that is signed for makes room, by retention."""
            for entry in net.inbox("gateway-2"):
                if entry["state"] == "opened" and \
                        entry["waybill_id"] not in seen:
                    net.json("gateway-2", "doc", "confirm",
                             f"{entry['waybill_id']}/{RECIPIENT}")
                    seen.add(entry["waybill_id"])
            return range(len(seen), LETTERS + 1)

        net.wait_none(unsigned, "letters do not come in")
        tap.ok(True, "all come in by themselves as letters are signed for")
        net.wait_none(lambda: [document for document in documents if not
                               states(net, [document]).get("confirmed")],
                      "the sender does not hear of all")
        tap.ok(True, "and the sender hears of all")
        tap.ok(len({entry["document_id"] for entry in
                                     net.inbox("gateway-2")}) == LETTERS + 1,
               f"none lost, none twice (N = {LETTERS + 1})")


own_mounts()
run(tap, disk_full)
tap.done()
