#!/usr/bin/python3
"""Goal: every binding of docs/protocol.md 9 holds on a real network.  What was
submitted by another hand goes through when whole; with one binding broken it is
refused by the center or by the recipient, nothing of it can be read, and
the sender is told why (T-CRY-01..05, T-PROTO-03).  limit: 120"""

import os
import struct
import zipfile

from by_hand import (OAEP, Parts, bundle, call_as, line, sign, statements,
                     submit)
from network import HOSTS, Network, Tap, run

tap = Tap()
ONE = ["376470000A"]
BOTH = ["376470000A", "376530000A"]


def refused(tap, name, answer, *codes):
    tap.ok(answer.status in range(400, 500) and answer.code in codes,
           f"{name}: {answer.code}", answer)


def inboxes(net):
    """{waybill id: entry}; an unreadable letter has one too, without files."""
    return {item["waybill_id"]: item for host in ("gateway-2", "gateway-3")
            for item in net.inbox(host)}


def readable(net):
    return {name for name, item in inboxes(net).items()
            if item["state"] != "unreadable" or item["files"] or
            item["subject"]}


def events(net):
    answer = call_as(net, "gateway-1", "center-a", "/v1/feed?after=0&wait=0")
    return statements(answer.json())


def repeats(tap, net):
    """The first receipt for a repeat; an alarm for another letter."""
    whole = Parts(net, BOTH)
    first = submit(net, whole)
    tap.ok(first.status == 201, "a submission by another hand is accepted",
           first)
    again = submit(net, whole)
    tap.ok(again.status == 200 and again.body == first.body,
           "a repeat gets the first receipt, byte for byte", again)
    net.wait_for(lambda: len([said for said in events(net).get(
        whole.waybill_id, []) if said["event"] == "opened"]) == 2,
        "the letter by another hand is not opened")
    tap.ok(True, "both recipients opened it")
    again = submit(net, whole)
    tap.ok(again.status == 200 and again.body == first.body,
           "also after it arrived", again)

    other = Parts(net, BOTH, serial=2, head={"waybill_id": whole.waybill_id})
    answer = submit(net, other)
    tap.ok((answer.status, answer.code) == (409, "E4103"),
           "another letter under this waybill id is refused", answer)
    lines = [text for text in net.log("center-a", 0).splitlines()
             if "E4103" in text and whole.waybill_id in text]
    tap.ok(lines and "level=error" in lines[0],
           "and the log tells the operator, and which", lines)
    return whole


def relay(net, host, parts, receipt):
    """To center-b, of a waybill with one recipient."""
    return call_as(net, host, "center-b", "/v1/relays", body=bundle(
        ("W", parts.cms), ("R", receipt), ("L", parts.leaves[0]),
        ("K", parts.key_parts[0]), ("P", struct.pack(">II", 0, 0)),
        ("C", parts.content)))


def replays(tap, net, whole):
    refused(tap, "a waybill of another host, from a gateway of another center",
            submit(net, whole, host="gateway-3"), "E4003", "E3120", "E4005")
    mine = Parts(net, ONE, sender="376530000A", center="center-a")
    refused(tap, "a waybill meant for the other center",
            submit(net, mine, host="gateway-3"), "E4005", "E3120")
    receipt = submit(net, whole).body
    parts = Parts(net, ["376530000A"])
    answer = relay(net, "gateway-3", parts, receipt)
    refused(tap, "a gateway that relays", answer, "E4019")
    answer = relay(net, "center-a", parts, receipt)
    refused(tap, "a relay with the receipt of another waybill", answer,
            "E4031", "E3407")
    parts = Parts(net, ONE)
    answer = relay(net, "center-a", parts, submit(net, parts).body)
    refused(tap, "a relay of a letter for the other center", answer, "E4005")
    net.wait_for(lambda: parts.waybill_id in readable(net),
                 "it did not arrive where it should")
    foreign = Parts(net, ONE, head={"environment": "production"})
    refused(tap, "a waybill of another environment", submit(net, foreign),
            "E4004", "E3120")
    old = Parts(net, ONE, head={"created": "2020-01-01T00:00:00.000Z",
                                "not_after": "2020-01-02T00:00:00.000Z"})
    refused(tap, "a waybill whose time is over", submit(net, old),
            "E4006", "E4025")


def changed(kind, function, which=0):
    """Records with the bytes of the which-th of a kind changed."""
    def change(records):
        places = [at for at, item in enumerate(records) if item[0] == kind]
        out = list(records)
        out[places[which]] = (kind, function(out[places[which]][1]))
        return out
    return change


def flipped(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def at_the_center(tap, net):
    """What a center sees without a key."""
    def broken(name, change, *codes, to=None):
        parts = Parts(net, to or BOTH)
        refused(tap, name, submit(net, parts, change=change), *codes)
        return parts.waybill_id

    other = Parts(net, BOTH)
    seen = [
        broken("a content part of another letter",
               changed("C", lambda _: other.content), "E3121", "E4033"),
        broken("a content part with one bit changed", changed("C", flipped),
               "E3121", "E4033"),
        broken("a content part that is cut", changed("C", lambda c: c[:-1]),
               "E3121", "E4033", "E6211"),
        broken("a key part of another letter",
               changed("K", lambda _: other.key_parts[0]), "E3123"),
        broken("key parts that changed places",
               lambda found: [found[0], found[1], found[4], found[3],
                              found[2], found[5]], "E3123"),
        broken("a leaf removed", lambda found: found[:1] + found[3:],
               "E3122", "E3401"),
        broken("a leaf twice", lambda found: found[:3] + found[1:],
               "E3122", "E3401", "E3402"),
        broken("leaves in another order",
               lambda found: [found[0], *found[3:5], *found[1:3], found[5]],
               "E3122"),
        broken("a leaf with another recipient",
               changed("L", lambda leaf: leaf.replace(b"376470000A",
                                                      b"376480000A")),
               "E3122"),
        broken("a waybill without signature",
               lambda found: [("W", line(other.waybill)), *found[1:]],
               "E3010", "E3011"),
        broken("a waybill with one bit changed", changed("W", flipped),
               "E3005", "E3010"),
        broken("the waybill of another letter",
               lambda found: [("W", other.cms), *found[1:]], "E3122",
               "E3123"),
    ]

    def resigned(*keys):
        return sign(line(parts.waybill),
                    *[f"{net.dir}/{key}.pem" for key in keys])
    parts = Parts(net, BOTH)
    parts.cms = resigned("gateway-2.keys/module")
    refused(tap, "a waybill signed by another organisation's module",
            submit(net, parts), "E3403", "E4009")
    seen.append(parts.waybill_id)
    parts.cms = resigned("gateway-1.keys/module", "gateway-2.keys/module")
    refused(tap, "a waybill with a second signature", submit(net, parts),
            "E3011")
    parts.cms = resigned("officers/officer-1")
    refused(tap, "a waybill signed by an officer", submit(net, parts),
            "E3403", "E4009")
    known = events(net)
    tap.ok(not [wid for wid in seen if wid in known],
           "no event of any of them", known)


def unreadable_key(net):
    """{name: Parts} that a center cannot see through; the key part lies."""
    third = dict(recipient="376530000A")
    zero = "0" * 64
    cases = {
        "a key part for a third party": {"key": lambda said: said | third},
        "a key part of another head": {
            "key": lambda said: said | {"head": zero}},
        "a key that the waybill does not commit to": {
            "key": lambda said: said | {"key": zero}},
        "a random value that the waybill does not commit to": {
            "key": lambda said: said | {"random": zero}},
        "a package digest that the waybill does not commit to": {
            "key": lambda said: said | {"package": zero}},
        "a key part with one key more": {
            "key": lambda said: said | {"more": ""}},
        "EnvelopedData (AES-256-CBC)": {
            "seal": ["-aes-256-cbc", *OAEP[1:]]},
        "PKCS #1 v1.5 key transport": {"seal": ["-aes-256-gcm"]},
        "OAEP with SHA-1": {
            "seal": ["-aes-256-gcm", "-keyopt", "rsa_padding_mode:oaep",
                     "-keyopt", "rsa_oaep_md:sha1"]},
        "OAEP with SHA-256 and MGF1 with SHA-1": {
            "seal": [*OAEP, "-keyopt", "rsa_mgf1_md:sha1"]},
        "AES-128-GCM": {"seal": ["-aes-128-gcm", *OAEP[1:]]},
    }
    made = {}
    for number, (name, change) in enumerate(cases.items(), 100):
        made[name] = Parts(net, ONE, serial=number, change=change)
    return made


def unreadable_content(net, stolen):
    """The key part is right; what it opens is not."""
    other = f"{net.dir}/gateway-2.keys/sign.376470000A.pem"
    elsewhere = sign(b"other", f"{net.dir}/gateway-1.keys/sign.376490000A.pem",
                     detached=True)
    cases = {
        "content with one bit changed before it was signed for": {
            "content": flipped},
        "content that is cut at a segment": {"content": lambda c: c[:40]},
        "a package signed by another organisation": {
            "signer": lambda _: other},
        "a package whose signature was stripped": {
            "signature": lambda _: b""},
        "a package with the signature of other bytes": {
            "signature": lambda _: elsewhere},
        "a package of another document": {
            "facts": lambda said: said | {
                "document_id": "01900000-0000-7000-8000-000000000000"}},
        "a package of another environment": {
            "facts": lambda said: said | {"environment": "production"}},
        "a package for another recipient": {
            "facts": lambda said: said | {"recipients": ["376530000A"]}},
        "a package for more recipients than the waybill": {
            "facts": lambda said: said | {"recipients": BOTH}},
        "a package of another sender": {
            "facts": lambda said: said | {"sender": "376530000A"}},
        "a letter that was passed on": {"package": lambda _: stolen},
        "no container": {"package": lambda _: b"PK"},
    }
    made = {}
    for number, (name, change) in enumerate(cases.items(), 200):
        made[name] = Parts(net, ONE, serial=number, change=change)
    return made


def at_the_recipient(tap, net, made, reasons):
    """The center takes them; the recipient's gateway does not."""
    for name, parts in made.items():
        answer = submit(net, parts)
        tap.ok(answer.status == 201, f"the center cannot see {name}", answer)

    def told():
        known = events(net)
        return all({"unreadable", "opened"} &
                   {said["event"] for said in known[parts.waybill_id]}
                   for parts in made.values() if parts.waybill_id in known) \
            and all(parts.waybill_id in known for parts in made.values())
    net.wait_for(told, "no act for some of them")
    known, shown = events(net), readable(net)
    for name, parts in made.items():
        said = known[parts.waybill_id][-1]
        tap.ok(said["event"] == "unreadable" and
               said["act"]["reason"] in reasons and
               parts.waybill_id not in shown,
               f"{name} is unreadable, and the sender is told",
               (said["event"], said["act"]["reason"]))


def saved_package(net, waybill):
    """The signed package as its recipient has it."""
    folder = f"{net.dir}/stolen"
    os.makedirs(folder)
    net.json("gateway-2", "doc", "save", f"{waybill}/376470000A", "--to",
             folder, "--package")
    path = next(f"{folder}/{name}" for name in os.listdir(folder)
                if name.endswith(".asice"))
    with open(path, "rb") as file:
        data = file.read()
    tap.ok(zipfile.is_zipfile(path), "a letter was saved to be passed on")
    return data


def passed_on(tap, net, stolen):
    """gateway-2 sends on what gateway-1 signed, to gateway-3."""
    to_third = Parts(net, ["376530000A"], sender="376470000A",
                     change={"package": lambda _: stolen})
    answer = submit(net, to_third, host="gateway-2")
    tap.ok(answer.status == 201, "a recipient re-encrypts for a third party",
           answer)
    net.wait_logged("gateway-3", "E4307")
    net.wait_for(lambda: inboxes(net).get(to_third.waybill_id, {}).get(
        "state") == "unreadable", "gateway-3 did not refuse what was passed on")
    tap.ok(to_third.waybill_id not in readable(net),
           "and the third party refuses it: E4307")


def goes_on(tap, net):
    """The real gateway takes its feed over and sends."""
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "gateway-1 not ready")
    document = net.send(net.letter(BOTH, 900))["id"]
    net.wait_states(document, ["opened"])
    tap.ok(True, "after all this a good letter goes through")


def bindings(tap):
    hosts = [host for host in HOSTS if host != "gateway-1"]
    with Network("bindings", hosts=hosts) as net:
        whole = repeats(tap, net)
        replays(tap, net, whole)
        at_the_center(tap, net)
        before = readable(net)
        stolen = saved_package(net, whole.waybill_id)
        at_the_recipient(tap, net, unreadable_key(net), ["key"])
        at_the_recipient(tap, net, unreadable_content(net, stolen),
                         ["unreadable", "key", "other", "misdirected"])
        passed_on(tap, net, stolen)
        tap.ok(readable(net) == before and len(before) == 2,
               "no inbox has more to read than before", readable(net))
        goes_on(tap, net)


run(tap, bindings)
tap.done()
