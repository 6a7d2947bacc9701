#!/usr/bin/python3
"""Goal: an organisation that changes its center loses nothing and gets nothing
twice: what waits for it is handed over once, under a line of the log, its acts
are answered wherever they arrive, and the sender sees one delivery with one
end.  limit: 300"""

import itertools
import json
import os
import re
import sqlite3

from by_hand import Parts, bulletin, bundle, call_as, sha, signed_content, \
    source_of, submit
from network import Network, Refused, Tap, run

tap = Tap()
rewrap = source_of("42-rewrap.py")
Trust, proven = rewrap.Trust, rewrap.proven
SENDER, OTHER, RECIPIENT = "376490000A", "376470000A", "376530000A"
QUICK = "[courier]\nretry_first_ms = 200\nretry_max_ms = 1000\n"
CENTERS = ["center-a", "center-b"]


class Access:
    """The access list of a center, published one serial after the other."""

    def __init__(self, net, center):
        self.net, self.center, self.serial = net, center, 1
        path = next(name for name in os.listdir(f"{net.dir}/bulletins")
                    if name.endswith(f"-access-{center}"))
        with open(f"{net.dir}/bulletins/{path}", "rb") as file:
            text = signed_content(file.read())
        self.body, self.previous = json.loads(text)["body"], sha(text)

    def take(self, name, other):
        """A gateway of the other one is its own from now on."""
        host = next(item for item in other.body["hosts"]
                    if item["name"] == name)
        other.body["hosts"].remove(host)
        self.body["hosts"].append(host)
        for access in (self, other):
            access.publish()

    def publish(self):
        self.serial += 1
        cms = bulletin(self.net, "access", self.center, serial=self.serial,
                       previous=self.previous, body=self.body)
        self.previous = sha(signed_content(cms))
        path = f"{self.net.dir}/access-{self.center}-{self.serial}"
        with open(path, "wb") as file:
            file.write(cms)
        self.net.publish([path])


def events(net, document, host="gateway-1"):
    return [event["event"] for item in net.outbox(document, host)["deliveries"]
            for event in item["events"]]


def count(net, center, sql):
    rows = sqlite3.connect(f"file:{net.dir}/{center}/rows.db?mode=ro",
                           uri=True, timeout=20)
    try:
        return rows.execute(sql).fetchone()[0]
    finally:
        rows.close()


def entry(net, host, document_number):
    """The one entry of a letter; more are a failure."""
    found = [item for item in net.inbox(host)
             if f"第{document_number}號" in item["subject"]]
    assert len(found) <= 1, found
    return found[0] if found else None


def confirm(net, host, number):
    net.wait_for(lambda: (entry(net, host, number) or {}).get("state") ==
                 "opened", f"letter {number} is not opened")
    letter = entry(net, host, number)
    name = f"{letter['waybill_id']}/{letter['recipient']}"
    net.json(host, "doc", "confirm", name)
    return name


class Move:
    def __init__(self, net):
        self.net, self.trust = net, Trust(net)
        self.access = {name: Access(net, name) for name in CENTERS}
        self.old_conf = None
        self.ended = None  # document and entry of one that moved, and ended

    def directory(self, center, hosts=("center-a", "center-b")):
        self.trust.organisation(RECIPIENT)["center"] = center
        self.trust.publish(hosts)

    def gateway(self, center, other):
        """It is registered at its new center, and starts there."""
        self.access[center].take("gateway-3", self.access[other])
        with open(self.net.conf("gateway-3"), encoding="utf-8") as file:
            text = file.read()
        if self.old_conf is None:
            self.old_conf = re.search(r"\[center\].*?\n\n", text,
                                      re.S).group(0)
        with open(self.net.conf("gateway-1"), encoding="utf-8") as file:
            wanted = re.search(r"\[center\].*?\n\n", file.read(),
                               re.S).group(0)
        if center == "center-b":
            wanted = self.old_conf
        with open(self.net.conf("gateway-3"), "w", encoding="utf-8") as file:
            file.write(re.sub(r"\[center\].*?\n\n", lambda _: wanted, text,
                              flags=re.S))
        self.net.wait_for(
            lambda: call_as(self.net, "gateway-3", center, "/v1/time").status
            == 200, f"{center} does not admit it")


def wait_proven(net, host, what, name):
    """A center's receipt comes some time after the act is durable, and a gateway
    may have the directory by which it was stated only after it (E3505)."""
    turns = itertools.count()

    def is_proven():
        try:
            found = proven(net, host, what, f"{name}-{next(turns)}")
        except Refused as refused:
            if "E3505" not in str(refused):
                raise
            return False
        return found["proven"] == "confirmed"

    net.wait_for(is_proven, f"{host} cannot prove {what}")


# -- what waits ----------------------------------------------------------------

def what_waits_follows(tap, net, move):
    """From the recipient's center to the sender's own."""
    net.stop("gateway-3")
    document = net.send(net.letter([RECIPIENT, OTHER], 1))["id"]
    net.wait_for(lambda: net.states(document)[RECIPIENT] == "relayed",
                 "not relayed")
    move.directory("center-a")
    net.wait_for(lambda: "taken" in events(net, document), "not taken over")
    net.wait_for(lambda: count(
        net, "center-b", "SELECT count(*) FROM delivery WHERE state <> 12") ==
        0, "the old center does not note it")
    tap.ok(True, "the old center has passed it on")
    answer = call_as(net, "gateway-3", "center-b",
                     f"/v1/deliveries/{waybill_of(net, document)}/{RECIPIENT}")
    tap.ok(answer.status == 421 and "center-a" in answer.body.decode(),
           "and says where it is now", answer.body)
    move.gateway("center-a", "center-b")
    net.start("gateway-3")
    name = confirm(net, "gateway-3", 1)
    net.wait_for(lambda: net.states(document)[RECIPIENT] == "confirmed",
                 "not confirmed")
    net.wait_for(lambda: {"moved", "taken"} <= set(events(net, document)),
                 "a receipt of the move does not come")
    said = events(net, document)
    tap.ok("moved" in said and "taken" in said and
           moved_lines(net)[waybill_of(net, document)] == 1,
           "it is opened and confirmed at the new one, handed over once", said)
    move.ended = document, name
    for host, what in (("gateway-1", f"{document}/{RECIPIENT}"),
                       ("gateway-3", name)):
        wait_proven(net, host, what, f"moved-{host}")
        tap.ok(True, f"the evidence of {host} proves it")


def waybill_of(net, document):
    rows = sqlite3.connect(f"file:{net.dir}/gateway-1/rows.db?mode=ro",
                           uri=True, timeout=20)
    try:
        found = rows.execute(
            "SELECT lower(hex(w.waybill_id)) FROM outbox_waybill AS w JOIN"
            " outbox_document AS d ON d.id = w.document WHERE"
            " lower(hex(d.document_id)) = ?",
            (document.replace("-", ""),)).fetchone()[0]
    finally:
        rows.close()
    return "-".join([found[:8], found[8:12], found[12:16], found[16:20],
                     found[20:]])


def an_old_leaf_is_carried(tap, net, move):
    """The sender's gateway had not heard of it: E4020 before."""
    parts = Parts(net, [RECIPIENT], serial=2, change={
        "leaf": lambda leaf: {**leaf, "center": "center-b"}})
    answer = submit(net, parts)
    tap.ok(answer.status == 201,
           "a leaf that names the old center is accepted", answer.body)
    net.wait_for(lambda: entry(net, "gateway-3", 2), "no entry")
    name = confirm(net, "gateway-3", 2)
    net.wait_for(lambda: entry(net, "gateway-3", 2)["state"] == "confirmed",
                 "not confirmed")
    wait_proven(net, "gateway-3", name, "old-leaf")
    tap.ok(True, "it arrives, and the evidence is whole")


def what_is_open_follows(tap, net, move):
    """Fetched and opened, not confirmed, when it moves to the other center."""
    document = net.send(net.letter([RECIPIENT], 3))["id"]
    net.wait_states(document, ["opened"])
    net.stop("gateway-3")
    waiting = net.send(net.letter([RECIPIENT], 4))["id"]
    move.directory("center-b")
    for one in (document, waiting):
        net.wait_for(lambda: "taken" in events(net, one), "not taken over")
    try:
        net.json("gateway-1", "doc", "withdraw", document, RECIPIENT)
        tap.ok(False, "what was opened is not withdrawn after a move")
    except Exception as refused:
        tap.ok("E4102" in str(refused),
               "what was opened is not withdrawn after a move", refused)
    move.gateway("center-b", "center-a")
    net.start("gateway-3")
    confirm(net, "gateway-3", 3)
    confirm(net, "gateway-3", 4)
    for one in (document, waiting):
        net.wait_states(one, ["confirmed"])
    tap.ok(True, "acts on what was open go to the center that has it now")
    # Its recipient is back where it had left from when it ended.
    document, name = move.ended
    net.json("gateway-3", "doc", "notice", name, "--reason", "incomplete")
    net.wait_for(lambda: "notice" in events(net, document),
                 "the notice does not arrive")
    tap.ok(True, "and those on what ended there, by the center that it left")


def what_had_ended_is_answered(tap, net, move):
    """An act of a delivery that ended at the former center, from the new one:
    a notice.  And receipts of what it sent before it moved."""
    net.stop("gateway-2")
    sent = net.send(net.letter([OTHER], 6, sender=RECIPIENT),
                    host="gateway-3")["id"]
    net.wait_states(sent, ["relayed"], host="gateway-3")
    document = net.send(net.letter([RECIPIENT], 5))["id"]
    name = confirm(net, "gateway-3", 5)
    net.wait_states(document, ["confirmed"])
    net.stop("gateway-3")
    move.directory("center-a")
    move.gateway("center-a", "center-b")
    net.start("gateway-3")
    net.json("gateway-3", "doc", "notice", name, "--reason", "incomplete")
    net.wait_for(lambda: "notice" in events(net, document),
                 "the notice does not arrive")
    tap.ok(True, "an act of what ended at the former center is passed on to it")
    net.start("gateway-2")
    confirm(net, "gateway-2", 6)
    net.wait_states(sent, ["confirmed"], host="gateway-3")
    wait_proven(net, "gateway-3", f"{sent}/{OTHER}", "followed")
    tap.ok(True, "receipts of what it sent follow it, and are evidence")


# -- crashes -------------------------------------------------------------------

def crashes_in_between(tap, net, move):
    """Both centers die again and again while many are handed over."""
    net.stop("gateway-3")
    documents = [net.send(net.letter([RECIPIENT], 10 + number))["id"]
                 for number in range(8)]
    move.directory("center-b", ["center-a"])
    for turn in range(6):
        victim = CENTERS[turn % 2]
        net.kill(victim)
        net.start(victim)
    move.gateway("center-b", "center-a")
    net.start("gateway-3")
    for number in range(8):
        confirm(net, "gateway-3", 10 + number)
    for document in documents:
        net.wait_states(document, ["confirmed"])
    # A center that dies may say so in its log before it has done it.
    said = [hops_of(net, waybill_of(net, document)) for document in documents]
    tap.ok(set(said) == {1}, "each is handed over once", said)
    net.wait_for(lambda: count(net, "center-a", "SELECT count(*) FROM send") ==
                 0, "something is left to be told")
    tap.ok(True, "nothing is left to be told")


def hops_of(net, waybill):
    """How often it moved, as its centers keep it."""
    name = waybill.replace("-", "")
    return max(count(
        net, center, "SELECT coalesce(max(m.hop), 0) FROM moved AS m JOIN"
        " delivery AS d ON d.id = m.delivery JOIN waybill AS w ON"
        f" w.id = d.waybill WHERE lower(hex(w.waybill_id)) = '{name}'")
        for center in CENTERS)


def moved_lines(net):
    """{waybill id: how often it was handed over}"""
    found = {}
    for center in CENTERS:
        with open(f"{net.dir}/{center}.log", encoding="utf-8") as file:
            for text in file:
                if "event=delivery.moved" in text:
                    name = re.search(r'delivery="([^"]+)"', text).group(1)
                    found[name] = found.get(name, 0) + 1
    return found


def moved_receipts(net):
    """Of the sender's gateway: receipts of `moved`, as their centers made
    them."""
    rows = sqlite3.connect(f"file:{net.dir}/gateway-1/rows.db?mode=ro",
                           uri=True, timeout=20)
    try:
        return [row[0] for row in rows.execute(
            "SELECT json FROM outbox_receipt WHERE event = 16 ORDER BY id")]
    finally:
        rows.close()


def forged(tap, net, move):
    """A real waybill, handed over with receipts that do not fit."""
    net.stop("gateway-3")
    parts = Parts(net, [RECIPIENT], serial=30)
    answer = submit(net, parts)
    tap.ok(answer.status == 201, "a letter is accepted", answer.body)
    kinds = dict(parts.records())
    path = bytes(8)
    others = moved_receipts(net)

    def hand_over(*links, host="center-b", to="center-a", reached=2):
        return call_as(net, host, to, f"/v1/moves?reached={reached}",
                       body=bundle(("W", kinds["W"]), ("R", answer.body),
                                   *[("M", link) for link in links],
                                   ("L", kinds["L"]), ("K", kinds["K"]),
                                   ("P", path), ("C", kinds["C"])))

    for name, code, links in (
            ("without receipts", "E3105", []),
            ("with the acceptance in place of one", "E4403", [answer.body]),
            ("with those of another delivery", "E4403", [others[0]]),
            ("with one that is no receipt", "E31", [b"{}"]),
            ("with one too many", "E44", [others[0]] * 9)):
        said = hand_over(*links)
        tap.ok(said.status == 422 and code in said.body.decode(),
               f"a move {name} is refused", said.body)
    tap.ok(count(net, "center-a", "SELECT count(*) FROM moved AS m JOIN"
                 " delivery AS d ON d.id = m.delivery JOIN waybill AS w"
                 " ON w.id = d.waybill WHERE lower(hex(w.waybill_id)) = "
                 f"'{parts.waybill_id.replace('-', '')}'") == 0,
           "and nothing of it was taken")


def all_of_it(tap):
    with Network("moved", QUICK) as net:
        move = Move(net)
        what_waits_follows(tap, net, move)
        an_old_leaf_is_carried(tap, net, move)
        what_is_open_follows(tap, net, move)
        what_had_ended_is_answered(tap, net, move)
        crashes_in_between(tap, net, move)
        forged(tap, net, move)


run(tap, all_of_it)
tap.done()
