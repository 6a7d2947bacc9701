#!/usr/bin/python3
"""Goal: kill -9 of every role at random moments while 200 letters are sent
loses no acknowledged letter, shows none twice, and every receipt verifies
(T-STO, I1, I3, I4); a mode that does not wait for the commit is seen to lose
(negative control).  limit: 900"""

import concurrent.futures
import os
import random
import sys
import threading
import time

from network import NAMES, Network, Refused, Tap, run

tap = Tap()
LETTERS = int(os.environ.get("KILL_LETTERS", "200"))
KILLS = int(os.environ.get("KILL_KILLS", "50"))
SEED = int(os.environ.get("KILL_SEED", "1"))
ROLES = ["listener", "spooler", "query", "keeper", "verifier", "courier",
         "reader", "printer"]
TO = {"376470000A": "gateway-2", "376530000A": "gateway-3"}


class Killer(threading.Thread):
    """Kills a random role of a random host, until told to stop."""

    def __init__(self, net, kills, hosts, roles, pause, seed=SEED):
        super().__init__()
        self.net, self.kills = net, kills
        self.hosts, self.roles, self.pause = hosts, roles, pause
        self.random = random.Random(seed)
        self.done = {}
        self.stopped = threading.Event()

    def run(self):
        while sum(self.done.values()) < self.kills \
                and not self.stopped.is_set():
            time.sleep(self.random.uniform(0, 2 * self.pause))
            host = self.random.choice(self.hosts)
            role = self.random.choice(self.roles)
            if self.net.kill_role(host, role):
                self.done[role] = self.done.get(role, 0) + 1

    def wait_for(self, kills, deadline):
        """Letters go out no faster than this, so that the last kill hits
        letters as the first one does, however fast the machine is."""
        while sum(self.done.values()) < kills and self.is_alive() \
                and time.monotonic() < deadline:
            time.sleep(0.01)


def send_one(net, paths, killer, kills, deadline):
    """Again and again until it is acknowledged: the document's id."""
    killer.wait_for(kills, deadline)
    while time.monotonic() < deadline:
        try:
            return net.send(paths, timeout=300)["id"]
        except Refused as refused:
            if refused.status not in (69, 70, 75, 1, 74):
                raise
            time.sleep(0.05)
    return None


def all_documents(net, host, box):
    """Every document of a list, page by page."""
    found, cursor = [], ""
    while True:
        arguments = ["doc", "list", box, "--limit", "200"]
        if cursor:
            arguments += ["--cursor", cursor]
        page = net.json(host, *arguments)
        found += page["documents"]
        cursor = page.get("next", "")
        if not cursor or not page["documents"]:
            return found


def send_all(net, count, killer, seconds, first=1):
    """Send letters with four clerks while the killer is at work: acknowledged
    {document: recipient}."""
    chance = random.Random(SEED + 1)
    letters = [(number, chance.choice(list(TO)))
               for number in range(first, first + count)]
    paths = {number: net.letter([code], number) for number, code in letters}
    acknowledged = {}
    deadline = time.monotonic() + seconds
    killer.start()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        ids = pool.map(lambda item: (
            send_one(net, paths[item[0]], killer,
                     killer.kills * (item[0] - first + 1) // count, deadline),
            item[1]), letters)
        for document, code in ids:
            if document:
                acknowledged[document] = code
    killer.stopped.set()
    killer.join()
    return acknowledged


def settle(net, acknowledged):
    """Wait until the inboxes hold them all, or nothing moves any more: those
    that are lost, and how many are there twice."""
    wanted = {host: {doc for doc, code in acknowledged.items()
                     if TO[code] == host} for host in TO.values()}
    found = {host: [] for host in wanted}

    def missing():
        for host in wanted:
            try:
                found[host] = [item["document_id"] for item in
                               all_documents(net, host, "--in")]
            except Refused:
                pass  # a role that was killed is not back yet
        return [document for host in wanted
                for document in wanted[host] - set(found[host])]

    try:
        net.wait_none(missing, "letters are missing")
    except RuntimeError:
        pass
    twice = sum(len(items) - len(set(items)) for items in found.values())
    return missing(), twice


def nothing_lost(tap):
    hosts = ["center-a", "center-b", "gateway-1", "gateway-2", "gateway-3"]
    extra = "[courier]\nretry_first_ms = 100\nretry_max_ms = 2000\n"
    with Network("kills", extra) as net:
        killer = Killer(net, KILLS, hosts, ROLES, 0.2)
        started = time.monotonic()
        acknowledged = send_all(net, LETTERS, killer, 1800)
        kills = sum(killer.done.values())
        tap.note(f"{len(acknowledged)} letters acknowledged, {kills} kills "
                 f"{killer.done} in {time.monotonic() - started:.0f} s")
        tap.ok(len(acknowledged) == LETTERS, "every letter was acknowledged "
                                             "in the end", len(acknowledged))
        tap.ok(kills >= KILLS, f"{kills} kills")
        lost, twice = settle(net, acknowledged)
        tap.ok(not lost, f"no acknowledged letter lost (N = {LETTERS})",
               lost)
        tap.ok(twice == 0, "none twice in an inbox", twice)
        waiting = sender_waits_for(net)
        tap.ok(not waiting, "the sender knows of all", waiting[:10])
        receipts_verify(tap, net, acknowledged)
        if waiting and "--keep" in sys.argv:
            time.sleep(1000)


def sender_waits_for(net):
    """Deliveries that are not opened for the sender when no more are."""
    def waiting():
        return [(item["id"], delivery["waybill_id"], delivery["recipient"],
                 delivery["state"], delivery["flags"])
                for item in all_documents(net, "gateway-1", "--out")
                for delivery in item["deliveries"]
                if delivery["state"] != "opened"]

    try:
        net.wait_none(waiting, "the sender does not know of all")
    except RuntimeError:
        pass
    return waiting()


def receipts_verify(tap, net, acknowledged):
    folder = f"{net.dir}/receipts"
    os.makedirs(folder)
    some = random.Random(SEED).sample(sorted(acknowledged),
                                      min(40, len(acknowledged)))
    for document in some:
        net.command("receipt", "save", document, "--to", folder, "-c",
                    net.conf("gateway-1"))
    files = [f"{folder}/{name}" for name in os.listdir(folder)]
    net.command("receipt", "verify", *files, "--bulletins",
                f"{net.dir}/bulletins", "--root", net.root, "--environment",
                "demo", timeout=300)
    tap.ok(len(files) >= 3 * len(some),
           f"{len(files)} receipts of {len(some)} letters verify")


def sent(net):
    return {item["id"] for item in all_documents(net, "gateway-1", "--out")}


def control_loses(tap):
    """A store that does not wait for the commit, until it loses one."""
    with Network("control", {"gateway-1": "[store]\nsync = off\n"}) as net:
        lost = set()
        for attempt in range(10):
            killer = Killer(net, 8, ["gateway-1"], ["spooler"], 0.8,
                            SEED + attempt)
            acknowledged = send_all(net, 100, killer, 300, 1 + 1000 * attempt)
            # What was acknowledged before is committed with this one, or never.
            last = net.send(net.letter(["376470000A"], 500 + 1000 * attempt))
            net.wait_for(lambda: last["id"] in sent(net), "it is not there")
            lost = set(acknowledged) - sent(net)
            tap.note(f"{len(acknowledged)} acknowledged, "
                     f"{sum(killer.done.values())} kills, {len(lost)} lost")
            if lost:
                break
        tap.ok(lost, "a mode without the sync is seen to lose")


if "--control" not in sys.argv:
    run(tap, nothing_lost)
run(tap, control_loses)
tap.done()
