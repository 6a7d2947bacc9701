#!/usr/bin/python3
"""Goal: letters flow while a center is backed up, more letters flow, the center
loses its data and is restored.  In the end every acknowledged letter has reached
its recipient exactly once, nothing that ended ends another way, and every
signature of both epochs holds (I1, I2, I3, T-BAK-04).  limit: 240"""

import json
import os
import threading

from by_hand import source_of
from network import Network, Tap, run

tap = Tap()
EXTRA = ("[courier]\nretry_first_ms = 50\nretry_max_ms = 500\n"
         "[store]\nsegment_mb = 4\n")
LOCAL, REMOTE = "376470000A", "376530000A"
EPOCH = source_of("51-epoch.py")


class Letters:
    """What was acknowledged, to whom, and how it must end."""

    def __init__(self, net):
        self.net, self.number, self.sent = net, 0, {}

    def send(self, recipients, host="gateway-1", sender="376490000A"):
        self.number += 1
        made = self.net.send(self.net.letter(
            recipients, self.number, {"a.pdf": os.urandom(20000)},
            sender=sender), host=host)
        self.sent[made["id"]] = (host, recipients)
        return made["id"]

    def states(self, document):
        return self.net.states(document, self.sent[document][0])

    def wait(self, document, **wanted):
        """wanted: by gateway, such as g2="opened"."""
        codes = {"g2": LOCAL, "g3": REMOTE}
        self.net.wait_for(
            lambda: all(self.states(document).get(codes[key]) == state
                        for key, state in wanted.items()),
            f"{document} is {self.states(document)}, not {wanted}")


def entry(net, host, document):
    """Its name in an inbox."""
    found = [item for item in net.inbox(host)
             if item["document_id"] == document]
    return f"{found[0]['waybill_id']}/{found[0]['recipient']}" \
        if found else None


def answer(net, letters, host, document, verb, state, *more):
    name = entry(net, host, document)
    net.command("doc", verb, name, *more, "-c", net.conf(host))
    letters.wait(document, **{"g2" if host == "gateway-2" else "g3": state})


def backup_under_load(net, letters):
    ended = threading.Event()
    before = letters.number

    def send():
        while not ended.is_set():
            letters.send([LOCAL, REMOTE])

    thread = threading.Thread(target=send)
    thread.start()
    try:
        net.wait_for(lambda: letters.number > before + 1, "no letter leaves")
        net.command("backup", "-c", net.conf("center-a"), "--to",
                    f"{net.dir}/backup")
    finally:
        ended.set()
        thread.join()


def gap(net, letters):
    """What the backup lacks; returns what must come of each."""
    both = letters.send([LOCAL, REMOTE])
    letters.wait(both, g2="opened", g3="opened")
    signed = letters.send([LOCAL, REMOTE])
    letters.wait(signed, g2="opened", g3="opened")
    answer(net, letters, "gateway-2", signed, "confirm", "confirmed")
    answer(net, letters, "gateway-3", signed, "confirm", "confirmed")
    half = letters.send([LOCAL, REMOTE])
    letters.wait(half, g2="opened", g3="opened")
    answer(net, letters, "gateway-3", half, "return", "returned", "--reason",
           "misdirected")
    inward = letters.send([LOCAL], "gateway-3", REMOTE)
    letters.wait(inward, g2="opened")
    net.stop("gateway-2")
    waiting = letters.send([LOCAL, REMOTE])
    letters.wait(waiting, g2="accepted", g3="opened")
    relayed = letters.send([LOCAL], "gateway-3", REMOTE)
    letters.wait(relayed, g2="relayed")
    taken_back = letters.send([LOCAL, REMOTE])
    letters.wait(taken_back, g2="accepted", g3="opened")
    net.command("doc", "withdraw", taken_back, LOCAL, "-c",
                net.conf("gateway-1"))
    letters.wait(taken_back, g2="withdrawn")
    inward_back = letters.send([LOCAL], "gateway-3", REMOTE)
    letters.wait(inward_back, g2="relayed")
    net.command("doc", "withdraw", inward_back, LOCAL, "-c",
                net.conf("gateway-3"))
    letters.wait(inward_back, g2="withdrawn")
    return {both: {"g2": "opened", "g3": "opened"},
            signed: {"g2": "confirmed", "g3": "confirmed"},
            half: {"g2": "opened", "g3": "returned"},
            inward: {"g2": "opened"},
            waiting: {"g2": "opened", "g3": "opened"},
            relayed: {"g2": "opened"},
            taken_back: {"g2": "withdrawn", "g3": "opened"},
            inward_back: {"g2": "withdrawn"}}


def inboxes(tap, net, letters, withdrawn):
    """Every letter once, and none that was taken back."""
    for host, code in (("gateway-2", LOCAL), ("gateway-3", REMOTE)):
        wanted = sorted(document for document, (_, codes)
                        in letters.sent.items() if code in codes
                        and (document, code) not in withdrawn)
        listed = net.json(host, "doc", "list", "--in", "--limit", "200")
        there = sorted(item["document_id"] for item in listed["documents"])
        tap.ok(there == wanted, f"{host} has every letter exactly once: "
               f"{len(wanted)}", f"missing {set(wanted) - set(there)}, "
               f"more {set(there) - set(wanted)}, {len(there)}")


def signatures(tap, net):
    for host in ("center-a", "center-b", "gateway-1", "gateway-2",
                 "gateway-3"):
        folder = f"{net.dir}/proof-{host}"
        net.command("backup", "-c", net.conf(host), "--to", folder)
        result = net.command("backup", "verify", "--json", "-c",
                             net.conf(host), folder, check=False)
        tap.ok(result.returncode == 0, f"every signature at {host} holds",
               result.stdout + result.stderr)


def test(tap):
    with Network("replay", EXTRA) as net:
        letters = Letters(net)
        early = letters.send([LOCAL, REMOTE])
        letters.wait(early, g2="opened", g3="opened")
        backup_under_load(net, letters)
        answer(net, letters, "gateway-2", early, "confirm", "confirmed")
        wanted = gap(net, letters)
        tap.note(f"{letters.number} letters were acknowledged")
        records = EPOCH.manifest(f"{net.dir}/backup")["log"]["size"]
        net.kill("center-a")
        os.rename(f"{net.dir}/center-a", f"{net.dir}/lost-center-a")
        EPOCH.restore(net, "center-a", f"{net.dir}/backup")
        queued = letters.send([LOCAL, REMOTE])
        EPOCH.announce(net, "center-a", records)
        net.wait_for(lambda: EPOCH.logged(net, "gateway-1", "again.begin",
                                          "center-a/2"),
                     "the gateway hears of no new epoch")
        tap.ok(not EPOCH.logged(net, "center-a", "log.caught_up"),
               "the center waits for a gateway that is away")
        net.start("gateway-2")
        net.wait_for(lambda: EPOCH.logged(net, "center-a", "log.caught_up"),
                     "the center does not catch up")
        tap.ok(True, "all have handed in what was lost")
        wanted[early] = {"g2": "confirmed", "g3": "opened"}
        wanted[queued] = {"g2": "opened", "g3": "opened"}
        for document, ends in wanted.items():
            letters.wait(document, **ends)
        tap.ok(True, "every letter is where it was, or further")
        for document in letters.sent:
            if document not in wanted:
                letters.wait(document, g2="opened", g3="opened")
        withdrawn = {(document, LOCAL) for document, ends in wanted.items()
                     if ends.get("g2") == "withdrawn"}
        inboxes(tap, net, letters, withdrawn)
        late = next(document for document, ends in wanted.items()
                    if ends == {"g2": "opened", "g3": "opened"})
        answer(net, letters, "gateway-2", late, "confirm", "confirmed")
        answer(net, letters, "gateway-3", late, "confirm", "confirmed")
        tap.ok(True, "what was opened before the loss is confirmed after it")
        for center in ("center-a", "center-b"):
            good, said = EPOCH.audit(net, center)
            tap.ok(good, f"the log of {center} holds", said)
        signatures(tap, net)
        loud = [host for host in net.hosts
                if EPOCH.logged(net, host, "E5022")
                or EPOCH.logged(net, host, "E4103")]
        tap.ok(not loud, "nobody saw a second story", loud)


def one_witness_is_enough(net):
    """Of two centers one will be gone: the other's cosignature must do."""
    roots = [f"{net.dir}/officers/root-{number}.pem" for number in (1, 2, 3)]
    path = f"{net.dir}/root-2"
    with open(path, "wb") as file:
        file.write(EPOCH.bulletin(
            net, "root", serial=2, keys=roots,
            change=lambda body: body.update(quorum=1)))
    net.publish([path])
    for host in net.hosts:
        net.wait_for(lambda: EPOCH.logged(net, host, "bulletin.adopted",
                                          'type="root"', "serial=2"),
                     f"{host} has no root 2")


def nothing_left(tap):
    """No backup at all: everything comes back from those who still have it."""
    with Network("nothing", EXTRA) as net:
        one_witness_is_enough(net)
        letters = Letters(net)
        early = letters.send([LOCAL, REMOTE])
        letters.wait(early, g2="opened", g3="opened")
        inward = letters.send([LOCAL], "gateway-3", REMOTE)
        letters.wait(inward, g2="opened")
        net.stop("gateway-2")
        waiting = letters.send([LOCAL, REMOTE])
        letters.wait(waiting, g2="accepted", g3="opened")
        net.kill("center-a")
        os.rename(f"{net.dir}/center-a", f"{net.dir}/lost-center-a")
        os.makedirs(f"{net.dir}/center-a", 0o700)
        EPOCH.announce(net, "center-a", 0)
        # 73-emptied.py starts it before that.
        net.wait_for(lambda: EPOCH.logged(net, "center-b", "bulletin.adopted",
                                          'type="network"', "serial=2"),
                     "the announcement is not in force")
        net.start("gateway-2")
        net.start("center-a")
        net.wait_for(lambda: EPOCH.logged(net, "center-a", "log.caught_up"),
                     "the center does not catch up")
        for document in (early, waiting):
            letters.wait(document, g2="opened", g3="opened")
        inboxes(tap, net, letters, set())
        answer(net, letters, "gateway-2", early, "confirm", "confirmed")
        good, said = EPOCH.audit(net, "center-a")
        tap.ok(good, "the log that began anew holds", said)
        signatures(tap, net)


run(tap, test)
run(tap, nothing_left)
tap.done()
