#!/usr/bin/python3
"""Goal: a card that is lost is blocked everywhere within a minute, while its
organisation goes on receiving; and certificates are told of before they end and
refused after (T-PKI-01, T-PKI-02; R5.5.2).  limit: 300"""

import contextlib
import datetime
import itertools
import os
import signal
import struct
import threading
import time
import uuid

from cryptography.hazmat.primitives import hashes

from by_hand import Parts, call_as, instant, line, local, sha, sign, submit
from hierarchy import Certified, Hierarchy, write_key
from network import Refused, Tap, run

tap = Tap()
SENDER, LOCAL, AWAY = "376490000A", "376470000A", "376530000A"
QUICK = "[courier]\nretry_first_ms = 100\nretry_max_ms = 500\n"


def refused(net, host, *args):
    try:
        net.json(host, *args)
    except Refused as failure:
        return failure.code if failure.code != "E4201" else failure.output
    return ""


def delivery(net, document, host="gateway-1"):
    return net.outbox(document, host)["deliveries"][0]


def cards(net, host):
    return local(net, host, "/v1/cards").json()


def custodians(tap, net, card):
    net.json("gateway-1", "card", "assign", card, "--custodian", "王○○")
    net.json("gateway-1", "card", "assign", card, "--custodian", "李○○")
    found = next(item for item in cards(net, "gateway-1")["cards"]
                 if item["certificate"] == card)
    people = [(item["custodian"], item["until"] != "")
              for item in found["custodians"]]
    tap.ok(people == [("李○○", False), ("王○○", True)] and
           found["custodians"][0]["by"] == f"uid {os.getuid()}",
           "who has a card now, and who had it before", found)
    net.kill("gateway-1")
    net.start("gateway-1")
    words = net.command("card", "list", "-c", net.conf("gateway-1")).stdout
    tap.ok("李○○" in words and card[:16] in words, "in words", words)
    tap.ok(refused(net, "gateway-1", "card", "assign", "0" * 64,
                   "--custodian", "x") == "E3712", "no card but a known one")


def reported(tap, net, card):
    """By its gateway: blocked there and at its center before anybody signs."""
    before = net.send(net.letter([AWAY], 1))["id"]
    net.wait_states(before, ["opened"])
    net.send(net.letter([SENDER], 2, sender=LOCAL), host="gateway-2")
    net.wait_for(lambda: [item["state"] for item in net.inbox("gateway-1")] ==
                 ["opened"], "nothing came")
    letter = net.inbox("gateway-1")[0]
    name = f"{letter['waybill_id']}/{letter['recipient']}"
    net.stop("center-a")  # the report waits for it
    net.json("gateway-1", "card", "lost", card, "--reason", "皮夾遺失")
    net.kill("gateway-1")
    net.start("gateway-1")
    tap.ok(refused(net, "gateway-1", "doc", "confirm", name) == "E3710",
           "its own gateway confirms nothing with it, also after a kill")
    said = refused(net, "gateway-1", "doc", "send", *net.letter([LOCAL], 3))
    tap.ok("E3710" in said, "and sends nothing", said)
    net.start("center-a")
    for host in ("center-a", "management"):
        net.wait_for(lambda: [item["certificate"] for item in
                              cards(net, host)["reports"]] == [card],
                     f"{host} was not told")
    tap.ok(cards(net, "management")["reports"][0]["reason"] == "皮夾遺失" and
           cards(net, "management")["reports"][0]["host"] == "gateway-1",
           "its center and management are told")
    tap.ok(refused(net, "gateway-2", "card", "lost", card, "--reason", "x")
           == "E4003" and cards(net, "center-b")["reports"] == [],
           "nobody reports another organisation's card")
    return name


def thief(net, serial, to=AWAY):
    """A letter that another gateway's software would sign with it: with the
    card's key, around our own gateway's refusal."""
    return submit(net, Parts(net, [to], serial=serial))


def check_code(path):
    """Of the JSON in a draft (docs/protocol.md 6.2)."""
    with open(path, "rb") as file:
        data = file.read()
    start = len("YZDRAFT1\n") + 9
    length = struct.unpack(">Q", data[start - 8:start])[0]
    return sha(data[start:start + length])[:16]


def blocked(tap, net, card):
    """Everywhere by the duty officer's bulletin."""
    answer = thief(net, 11)
    tap.ok(answer.code == "E3710",
           "the center takes no letter of who has no other card", answer.body)
    # With a second card the center cannot tell which one signed.
    pair = net.hierarchy.gca.issue("second card", places=False)
    write_key(f"{net.dir}/second.pem", pair)
    net.register(SENDER, "sign", pair[1], "next")
    net.publish_next("directory")
    draft = f"{net.dir}/hold.draft"
    net.command("card", "hold", card, "--reason", "皮夾遺失", "-c",
                net.conf("management"), "--to", draft)
    hold = signed(net, draft, "officer-1")
    began = time.monotonic()
    net.publish([hold])
    for host in net.processes:
        net.wait_for(lambda: any(
            item["type"] == "hold" for item in
            local(net, host, "/v1/bulletins").json()["bulletins"]),
            f"{host} has no hold")
    tap.ok(True, "one duty officer blocks it at every hop, "
           f"{time.monotonic() - began:.1f} s")
    answer = thief(net, 12)
    tap.ok(answer.status == 201, "with a second card its center takes a "
           "letter, whichever signed it", answer.body)


def at_the_recipient(tap, net):
    def stolen():
        return [line for line in net.log("gateway-3", 10000).splitlines()
                if "letter.unreadable" in line and "E3710" in line]

    net.wait_for(stolen, "the recipient's gateway opens what it signed")
    letters = [item for item in net.inbox("gateway-3")
               if item["state"] == "opened"]
    tap.ok(len(letters) == 1,
           "and the recipient's gateway refuses it, as of when it was "
           "accepted: what came before stays", letters)


def act_by_hand(net, host, code, event):
    """An act with a card's key, past the gateway that would refuse to sign."""
    with contextlib.closing(net.reading(host)) as rows:
        waybill_id, waybill, leaf, content, package = rows.execute(
            "SELECT waybill_id, waybill, leaf, content_digest, package"
            " FROM inbox_letter WHERE state = 2 ORDER BY id DESC").fetchone()
    said = line({
        "format": "yizhan-act-1", "environment": "demo", "event": event,
        "waybill": waybill.hex(), "waybill_id": str(uuid.UUID(
            bytes=waybill_id)), "leaf": leaf.hex(), "content": content.hex(),
        "recipient": code, "package": package.hex(),
        "reason": "other" if event == "returned" else "", "time": instant()})
    return call_as(net, host, "center-a", "/v1/acts", body=sign(
        said, f"{net.dir}/{host}.keys/sign.{code}.pem"), kind="application/cms")


def acts(tap, net):
    """Of another organisation: its card is reported at its center."""
    document = net.send(net.letter([SENDER, LOCAL], 20, sender=AWAY),
                        host="gateway-3")["id"]
    net.wait_states(document, ["opened"], host="gateway-3")
    card = net.fingerprint(LOCAL, "sign")
    net.json("center-a", "card", "lost", card, "--reason", "遺失")
    answer = act_by_hand(net, "gateway-2", LOCAL, "confirmed")
    tap.ok(answer.code == "E3710", "a center takes no act that a blocked card "
           "signed", answer)
    tap.ok(delivery(net, document, "gateway-3")["state"] == "opened",
           "and the delivery stays as it was")


# ---- the end of a certificate ----------------------------------------------

def told_step(net, host, card):
    with contextlib.closing(net.reading(host)) as rows:
        return rows.execute(
            "SELECT step FROM certificate_status WHERE fingerprint = ?",
            (bytes.fromhex(card),)).fetchone()[0]


def soon(tap, net):
    """Told before it ends: in the log once, by the API and by doctor."""
    card = net.fingerprint(AWAY, "sign")
    for host in ("gateway-3", "center-b"):
        net.wait_for(lambda: net.has_logged(
            host, "event=E3708", card, "days_left=4"),
            f"{host} does not tell that a card ends")
    # It says so before it notes that it has.
    net.wait_for(lambda: told_step(net, "gateway-3", card) >= 0,
                 "it does not note that it has told")
    net.kill("gateway-3")
    net.start("gateway-3")
    net.wait_for(lambda: net.is_ready("gateway-3"), "gateway-3 is not ready")
    said = local(net, "gateway-3", "/v1/certificates?days=30").json()
    mine = [item for item in said["certificates"]
            if item["certificate"] == card]
    tap.ok(len(mine) == 1 and mine[0]["days_left"] == 4 and
           mine[0]["standing"] == "unwatched", "the API tells", said)
    told = [text for text in net.log("gateway-3", 10000).splitlines()
            if "event=E3708" in text and card in text]
    tap.ok(len(told) == 1, "the log tells once, also over a restart", told)
    words = net.command("doctor", "-c", net.conf("gateway-3"),
                        check=False).stdout
    tap.ok("end within 90 days" in words, "and doctor counts them", words)


def renewed(tap, net):
    """Letters go on while a card is followed by another one."""
    sent, failures, over_now = [], [], threading.Event()

    def sends():
        for serial in itertools.count(1000):
            if over_now.is_set():
                break
            try:
                sent.append(net.send(net.letter([LOCAL], serial, sender=AWAY),
                                     host="gateway-3")["id"])
            except Exception as failure:
                failures.append(str(failure))

    worker = threading.Thread(target=sends)
    worker.start()
    try:
        signers = new_card(net, sent)
    finally:
        over_now.set()
        worker.join()
    for document in sent:
        net.wait_states(document, ["opened"], host="gateway-3")
    tap.ok(len(signers) == 2 and not failures,
           f"{len(sent)} letters, signed by the old card and by the new one: "
           "none was refused", (signers, failures))


def new_card(net, sent):
    """Who signed what is sent meanwhile."""
    signers = set()

    def seen(card):
        signers.update(item["signer"] for item in net.inbox("gateway-2")
                       if item["document_id"] in sent and item["signer"])
        return card in signers

    old = net.certificates[AWAY, "sign"][1]
    net.wait_for(lambda: seen(net.fingerprint(AWAY, "sign")),
                 "nothing that the old card signed arrives")
    pair = net.hierarchy.xca.issue("new card", places=False)
    net.register(AWAY, "sign", pair[1], "next")
    net.publish_next("directory")
    write_key(f"{net.dir}/gateway-3.keys/sign.{AWAY}.pem", pair)
    os.kill(net.processes["gateway-3"].pid, signal.SIGHUP)
    net.wait_for(lambda: seen(fingerprint_of(pair[1])),
                 "nothing that the new card signed arrives")
    org = net.organisation(AWAY)
    org["keys"] = [key for key in org["keys"] if key["use"] != "sign"]
    net.register(AWAY, "sign", pair[1], "active")
    net.register(AWAY, "sign", old, "retiring")
    net.publish_next("directory")
    return signers


def fingerprint_of(cert):
    return cert.fingerprint(hashes.SHA256()).hex()


def over(tap, net):
    net.certify(AWAY, "sign", by="xca", places=False,
                days=datetime.timedelta(seconds=6))
    net.publish_next("directory")
    lines = net.lines("gateway-3")
    os.kill(net.processes["gateway-3"].pid, signal.SIGHUP)
    net.wait_logged("gateway-3", "event=host.ready", since=lines)
    net.wait_logged("gateway-3", "event=E3709")
    said = refused(net, "gateway-3", "doc", "send",
                   *net.letter([LOCAL], 500, sender=AWAY))
    tap.ok("E3709" in said, "what has ended signs nothing more", said)
    words = net.command("doctor", "-c", net.conf("gateway-3"),
                        check=False).stdout
    tap.ok("1 over" in words, "and doctor fails", words)


def signed(net, draft, *officers):
    """The bulletin that comes of a draft."""
    signatures = []
    for officer in officers:
        signatures.append(f"{draft}.{officer}")
        net.command("trust", "sign", draft, "--key",
                    f"{net.dir}/officers/{officer}.pem", "--to",
                    signatures[-1], "--confirm", check_code(draft))
    net.command("trust", "combine", draft, *signatures, "--to",
                f"{draft}.done")
    return f"{draft}.done"


def removed(tap, net):
    """Three months after its end it leaves the directory."""
    draft = f"{net.dir}/ended.draft"
    prepare = ("trust", "prepare", "directory", "--ended", "-c",
               net.conf("management"), "--to", draft)
    result = net.command(*prepare, check=False)
    tap.ok("E3714" in result.stderr, "nothing is that old", result.stderr)
    day = datetime.timedelta(days=1)
    old = net.hierarchy.gca.issue("old", places=False, starts=-200 * day,
                                  days=-100 * day)[1]
    net.register(LOCAL, "sign", old, "retiring")
    net.publish_next("directory")
    before = len(cards(net, "gateway-2")["cards"])
    net.command(*prepare)
    net.publish([signed(net, draft, "officer-1", "officer-2")])
    net.wait_for(lambda: len(cards(net, "gateway-2")["cards"]) == before - 1,
                 "it is still there")
    left = {item["certificate"] for item in cards(net, "gateway-2")["cards"]}
    tap.ok(before == 2 and left == {net.fingerprint(LOCAL, "sign")},
           "what ended three months ago is gone, all else stays", left)


def test(tap):
    hierarchy = Hierarchy()
    with Certified("lost", QUICK, hierarchy,
                   {SENDER: {"sign": {"places": False}},
                    LOCAL: {"sign": {"places": False}},
                    AWAY: {"sign": {"places": False, "by": "xca",
                                    "days": 5}}}) as net:
        card = net.fingerprint(SENDER, "sign")
        custodians(tap, net, card)
        reported(tap, net, card)
        blocked(tap, net, card)
        at_the_recipient(tap, net)
        acts(tap, net)
        soon(tap, net)
        renewed(tap, net)
        over(tap, net)
        removed(tap, net)


run(tap, test)
tap.done()
