#!/usr/bin/python3
"""Goal: large content goes on where it was cut, on every way between hosts:
links break at many places, hosts are killed in the middle, and the letter
arrives intact and once, while little more than its length crosses each link.
What is flipped, misplaced or somebody else's is never gone on with.
limit: 240"""

import hashlib
import os
import random
import re
import sqlite3
import time

from by_hand import ADDRESSES, Parts, bundle, call_as, line, read_files, sha
from links import REAL_PORT, Link
from network import Network, Tap, pdf, run

tap = Tap()
MIB = 1 << 20
SIZE, LESS = 48 * MIB, 16 * MIB
CENTERS = ("center-a", "center-b")
FRAME = 256 * 1024
SLACK = 2 * MIB      # what one cut may cost: a frame, windows, TLS, records
SAVED = 8 * MIB - FRAME  # what a receiver has saved by then
LOCAL, AWAY = "376470000A", "376530000A"
LONG_S = 400  # what is large and cut takes long on a busy machine

RETRY = "[courier]\nretry_first_ms = 50\nretry_max_ms = 500\n"
BEHIND = RETRY + f"[listen]\nhosts_port = {REAL_PORT}\n"


def lines(net, host, event):
    with open(f"{net.dir}/{host}.log", encoding="utf-8") as file:
        return [line for line in file if f"event={event} " in line]


def offsets(net, host, event):
    return [int(re.search(r"offset=(\d+)", line).group(1))
            for line in lines(net, host, event)]


def partials(net, host):
    """(host, total, length) of each that is durable there."""
    rows = sqlite3.connect(f"file:{net.dir}/{host}/rows.db?mode=ro", uri=True,
                           timeout=20)
    try:
        return rows.execute("SELECT host, total, length, extents"
                            " FROM partial").fetchall()
    finally:
        rows.close()


def digest_of(net, host, item, name):
    folder = f"{net.dir}/saved-{host}-{item['document_id']}"
    net.command("doc", "save", f"{item['waybill_id']}/{item['recipient']}",
                "--to", folder, "-c", net.conf(host))
    with open(f"{folder}/{name}", "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def arrived(net, host, document, data, what):
    found = [item for item in net.inbox(host)
             if item["document_id"] == document]
    tap.ok(len(found) == 1 and
           digest_of(net, host, found[0], "volume.pdf") == sha(data),
           f"{what}: it is at {host}, intact and once", found)


def wait_state(net, document, state):
    net.wait_states(document, [state], timeout=LONG_S)


def links_break(net, ways):
    """Cuts at many places, on all three ways, one after another."""
    chance = random.Random(4)
    data = pdf(SIZE, 1)
    for link, caller, up, _, _, _ in ways:
        cuts = [chance.randrange(1, 11 * MIB) for _ in range(6)]
        link.cut(ADDRESSES[caller], up, *cuts, 1, 100, 20000, FRAME + 1)
    document = net.send(net.letter([AWAY], 1, {"volume.pdf": data}))["id"]
    wait_state(net, document, "opened")
    arrived(net, "gateway-3", document, data, "ten cuts each way")
    for link, caller, up, sender, receiver, event in ways:
        rule = link.rule(ADDRESSES[caller], up)
        tap.ok(rule.cut_count == 10 and not rule.cuts,
               f"{sender} to {receiver}: it was cut ten times",
               rule.cut_count)
        tap.ok(SIZE < rule.total < SIZE + 10 * SLACK,
               f"{sender} to {receiver}: {rule.total / MIB:.1f} MiB crossed "
               f"the link for {SIZE / MIB:.0f}", rule.total)
        seen = offsets(net, receiver, "content.resumed")
        tap.ok(len(seen) >= 3 and seen == sorted(seen) and seen[-1] > MIB,
               f"{receiver} went on {len(seen)} times", seen)
        if event:
            tap.ok(offsets(net, sender, event)[-1] == seen[-1],
                   f"{sender} says the same", offsets(net, sender, event))


def stopped(net, rule, receiver):
    """The transfer stands still, and what came is durable."""
    if not rule.held.wait(LONG_S):
        raise RuntimeError(f"{receiver} gets nothing")
    net.wait_for(lambda: [True for row in partials(net, receiver)
                          if row[2] >= SAVED], f"{receiver} saves nothing")


def hosts_die(net, ways):
    """Each end of each way is killed once in the middle."""
    data = pdf(LESS, 2)
    for link, caller, up, _, _, _ in ways:
        link.rule(ADDRESSES[caller], up).total = 0
        link.hold(ADDRESSES[caller], up, 10 * MIB)
        link.hold(ADDRESSES[caller], up, 3 * MIB)
    document = net.send(net.letter([AWAY], 2, {"volume.pdf": data}))["id"]
    for link, caller, up, sender, receiver, _ in ways:
        rule = link.rule(ADDRESSES[caller], up)
        for victim in (receiver, sender):
            stopped(net, rule, receiver)
            net.kill(victim)
            link.release(ADDRESSES[caller], up)
            net.start(victim)
    wait_state(net, document, "opened")
    arrived(net, "gateway-3", document, data, "both ends killed each way")
    for link, caller, up, sender, receiver, _ in ways:
        total = link.rule(ADDRESSES[caller], up).total
        tap.ok(LESS < total < LESS + 3 * SLACK,
               f"{sender} to {receiver}: {total / MIB:.1f} MiB crossed the "
               "link", total)


def a_flipped_byte_is_found(net, ways):
    """The negative control: what is durable is not taken for good."""
    link, caller, up, sender, receiver, _ = ways[0]
    data = pdf(LESS, 3)
    rule = link.rule(ADDRESSES[caller], up)
    rule.total = 0
    link.hold(ADDRESSES[caller], up, 10 * MIB)
    document = net.send(net.letter([LOCAL], 3, {"volume.pdf": data}))["id"]
    stopped(net, rule, receiver)
    net.kill(receiver)
    (host, _, length, extents), = partials(net, receiver)
    tap.ok(host == sender and length >= SAVED,
           f"{length / MIB:.1f} MiB are durable when the host dies")
    segment, block = (int.from_bytes(extents[at:at + 4], "big")
                      for at in (1, 5))
    path = f"{net.dir}/{receiver}/segments/{segment:08x}.seg"
    with open(path, "r+b") as file:
        file.seek(block * 4096 + 1000)
        byte = file.read(1)
        file.seek(block * 4096 + 1000)
        file.write(bytes([byte[0] ^ 1]))
    link.release(ADDRESSES[caller], up)
    net.start(receiver)
    wait_state(net, document, "opened")
    arrived(net, "gateway-2", document, data, "a byte of it was flipped")
    tap.ok(len(lines(net, receiver, "content.part_lost")) == 1 and
           rule.total > LESS + SAVED,
           "it was found, and the content began again", rule.total)


def post(net, parts, data, offset, host="gateway-1"):
    """The content from `offset` on, by hand."""
    found = [item for item in parts.records() if item[0] != "C"]
    query = f"?offset={offset}" if offset else ""
    return call_as(net, host, "center-a", f"/v1/waybills{query}",
                   body=bundle(*found, ("C", data)))


def refused_post(net, parts, data, offset, host="gateway-1"):
    """The same, for what is refused before its end, again when this curl lost
    the answer, as it may then."""
    for _ in range(20):
        answer = post(net, parts, data, offset, host)
        if answer.status != 0:
            break
    return answer


def asked(net, parts, host="gateway-1", way="waybills", to="center-a"):
    return call_as(net, host, to,
                   f"/v1/{way}/{sha(line(parts.waybill))}/offset")


def held(net, parts, link):
    """Hand in the beginning, cut when more than a frame is through; how much
    of it is held when the center has noticed."""
    def offset():
        return asked(net, parts).json()["offset"]

    for _ in range(5):
        if not link.rule(ADDRESSES["gateway-1"], True).cuts:
            link.cut(ADDRESSES["gateway-1"], True, 400000)
        post(net, parts, parts.content, 0)
        end = time.monotonic() + 20
        while offset() == 0 and time.monotonic() < end:
            time.sleep(0.05)
        if offset() > 0:
            break
    return offset()


def misplaced_parts_are_refused(net, link):
    # Small: this curl loses answers that come before the end of a body.
    parts = Parts(net, [LOCAL], files=read_files(net.letter(
        [LOCAL], 4, {"volume.pdf": pdf(430000, 4)})))
    content = parts.content
    tap.ok(asked(net, parts).json() == {"offset": 0, "accepted": False},
           "nothing is held of what was never handed in")
    offset = held(net, parts, link)
    tap.ok(offset == FRAME - 128, "a beginning of it is held", offset)
    tap.ok(asked(net, parts, "gateway-2").json()["offset"] == 0,
           "another host learns nothing of it")
    tap.ok(asked(net, parts, "gateway-1", "relays").status == 403,
           "a gateway does not ask as a center does")
    refused = []
    for wrong in (offset - 1, offset + 1, offset + 5000, len(content) - 1):
        answer = refused_post(net, parts, content[wrong:], wrong)
        refused.append(answer)
    tap.ok(all(answer.code == "E4105" for answer in refused) and
           asked(net, parts).json()["offset"] == offset,
           "parts at other offsets are refused and change nothing", refused)
    answer = refused_post(net, parts, content[offset:], offset, "gateway-2")
    tap.ok(answer.code == "E4003", "another host cannot go on with it",
           answer)
    answer = refused_post(net, parts, content[offset:-1], offset)
    tap.ok(answer.code == "E6211", "a part of another length is refused",
           answer)
    wrong = bytearray(content[offset:])
    wrong[1000] ^= 1
    answer = post(net, parts, bytes(wrong), offset)
    tap.ok(answer.code == "E4033" and
           asked(net, parts).json()["offset"] == 0,
           "with a wrong byte in the rest all of it is thrown away", answer)
    offset = held(net, parts, link)
    answer = post(net, parts, content[offset:], offset)
    tap.ok(offset > 0 and answer.status == 201, "the right rest is accepted",
           answer)
    again = asked(net, parts)
    tap.ok(again.json() == {"offset": len(content), "accepted": True},
           "then all of it is held", again)
    repeat = post(net, parts, b"", len(content))
    tap.ok(repeat.status == 200 and repeat.body == answer.body,
           "a repeat without content gets the first receipt", repeat)
    stranger = asked(net, parts, "gateway-2").json()
    tap.ok(stranger == {"offset": 0, "accepted": False},
           "which is nobody else's business", stranger)


def what_stands_still_goes(net, link):
    parts = Parts(net, [LOCAL], files=read_files(net.letter(
        [LOCAL], 5, {"volume.pdf": pdf(430000, 5)})))
    tap.ok(held(net, parts, link) > 0, "a beginning is held")
    document = net.send(net.letter(
        [LOCAL], 6, {"volume.pdf": pdf(3 * MIB, 6)}))["id"]
    net.wait_for(lambda: net.has_logged("center-a", "E6221"),
                 "a second one is more than may be held, but nobody said so")
    net.stop("center-a")
    with open(f"{net.dir}/center-a.conf.d/test.conf", "a",
              encoding="utf-8") as file:
        file.write("partials_s = 4\n")
    net.start("center-a")
    wait_state(net, document, "opened")
    dropped = [line for line in lines(net, "center-a", "content.dropped")
               if parts.waybill_id in line]
    tap.ok(len(dropped) == 1,
           "when the first one has stood still long enough, there is room",
           dropped)


def transfers(tap):
    extra = {host: BEHIND if host in CENTERS else RETRY
             for host in ADDRESSES}
    a, b = Link(ADDRESSES["center-a"]), Link(ADDRESSES["center-b"])
    ways = [(a, "gateway-1", True, "gateway-1", "center-a", "submit.resumed"),
            (b, "center-a", True, "center-a", "center-b", "relay.resumed"),
            (b, "gateway-3", False, "center-b", "gateway-3", "")]
    try:
        with Network("resume", extra) as net:
            links_break(net, ways)
            hosts_die(net, ways)
            a_flipped_byte_is_found(net, ways)
            tap.ok(not any(partials(net, host) for host in
                           (*CENTERS, "gateway-2", "gateway-3")),
                   "nothing is left in part")
    finally:
        a.close()
        b.close()


def attacks(tap):
    small = "[limits]\nresume_bytes = 262144\npartials_host = 1\n"
    a = Link(ADDRESSES["center-a"])
    try:
        with Network("attacks", {"center-a": BEHIND + small}) as net:
            misplaced_parts_are_refused(net, a)
            what_stands_still_goes(net, a)
    finally:
        a.close()


run(tap, transfers)
run(tap, attacks)
tap.done()
