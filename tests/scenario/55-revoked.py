#!/usr/bin/python3
"""Goal: a certificate that its authority has revoked signs nothing that counts,
whatever a responder says besides, and a responder that fails or lies stops no
letter (T-PKI-03; unknown is never revoked).  limit: 300"""

import datetime
import time

from hierarchy import URL, Certified, Hierarchy, now
from network import Refused, Tap, run

tap = Tap()
SENDER, LOCAL, AWAY = "376490000A", "376470000A", "376530000A"
CENTER_A, GATEWAY_3 = "127.0.0.21", "127.0.0.33"
QUICK = ("[courier]\nretry_first_ms = 100\nretry_max_ms = 500\n"
         f"[revocation]\nurls = {URL}\ninterval_s = 1\n")
GOOD, REVOKED = 1, 2


def sent(net, serial, to=LOCAL, **options):
    return net.send(net.letter([to], serial, **options))["id"]


def delivery(net, document, host="gateway-1"):
    return net.outbox(document, host)["deliveries"][0]


def refused(net, document):
    """The code with which it was refused."""
    net.wait_states(document, ["refused"])
    return delivery(net, document)["reason"]


def what_is_good(tap, net):
    for use in ("module", "sign"):
        net.wait_standing("center-a", SENDER, GOOD, use)
    document = sent(net, 1, AWAY)
    net.wait_states(document, ["opened"])
    net.wait_for(lambda: any(item[1] == "accepted"
                             for item in net.statuses()), "no receipt")
    accepted = [item for item in net.statuses() if item[1] == "accepted"]
    tap.ok(all(len(item[3]) == 64 for item in accepted),
           "the receipt names the answer that was used", accepted)
    net.wait_for(lambda: net.inbox("gateway-3")[0]["signer_standing"] ==
                 "good", "the recipient does not ask about who signed")
    letter = net.inbox("gateway-3")[0]
    tap.ok(letter["signer"] == net.fingerprint(SENDER, "sign"),
           "and the recipient has asked about who signed", letter)
    # One that is slow is followed by the list.
    asked = net.hierarchy.gca.asked
    first = {source: kind for source, kind in reversed(asked)}
    tap.ok(set(first.values()) == {"ocsp"},
           "a responder is asked before a list", asked)


def lies(tap, net):
    """None of them counts, and nothing stops."""
    gca = net.hierarchy.gca
    other = gca.issue("someone else")[1]
    gca.revoke(other)
    for number, (mode, code) in enumerate((
            ("other", "E3702"), ("stranger", "E3703"), ("nonce", "E3702"),
            ("purpose", "E3703"), ("old", "E3704"), ("signature", "E3703"),
            ("garbage", "E3701"), ("status", "E6305"), ("refused", "E3701"),
            ("huge", "E6305"))):
        since = net.lines("center-a")
        gca.mode = mode
        net.wait_for(lambda: net.has_logged(
            "center-a", "event=certificate.status", f"id={code}",
            since=since), f"{mode} is not {code}")
        if number % 3 == 0:
            net.wait_states(sent(net, 10 + number), ["opened"])
        tap.ok(net.standing("center-a", SENDER, "module")[0] == GOOD,
               f"{mode} is {code}: not believed, and nothing stops")
    gca.mode = "good"


def unreachable(tap, net):
    """Never once: warnings, and letters as ever."""
    gca = net.hierarchy.gca
    gca.silent_for = {CENTER_A, GATEWAY_3}
    net.kill("center-a")
    net.start("center-a")
    net.certify(SENDER, "module", only="ocsp")
    net.publish_next("directory")
    net.kill("gateway-1")
    net.start("gateway-1")
    net.wait_for(lambda: (net.standing("center-a", SENDER, "module") or
                          [0, 0])[1] > 0, "the new module was not asked for")
    document = sent(net, 30, AWAY)
    net.wait_states(document, ["opened"])
    waybill = delivery(net, document)["waybill_id"]

    def status():
        return [item[3] for item in net.statuses()
                if item[0] == waybill and item[1] == "accepted"]

    net.wait_for(status, "no receipt")
    tap.ok(status() == [""], "what nobody knows is accepted without an answer",
           status())
    gca.silent_for = set()
    net.wait_standing("center-a", SENDER, GOOD, "module")
    net.wait_for(lambda: net.has_logged(
        "center-a", "event=certificate.reached"), "it does not heal")
    tap.ok(True, "and heals alone")


def flags(net, document, host="gateway-1"):
    return delivery(net, document, host)["flags"]


def learned_late(tap, net, module):
    """The revocation had begun before what was accepted meanwhile."""
    early = sent(net, 35)
    net.wait_states(early, ["opened"])
    since = now() + datetime.timedelta(seconds=1)  # they are whole
    net.wait_for(lambda: now() >= since, "the clock stands still")
    late = sent(net, 36)
    net.wait_states(late, ["opened"])
    net.stop("gateway-2")
    waits = sent(net, 37)
    net.wait_states(waits, ["accepted"])
    net.hierarchy.gca.revoke(module, since=since)
    net.wait_standing("center-a", SENDER, REVOKED, "module")
    net.wait_for(lambda: "flagged" in flags(net, late),
                 "what was delivered is not flagged")
    net.wait_for(lambda: "suspended" in flags(net, waits),
                 "what was not is not held")
    net.wait_for(lambda: net.has_logged("center-a", "E3722"),
                 "nothing is logged of it")
    tap.ok(not flags(net, early),
           "a revocation that is learned late flags what was delivered since "
           "it began, holds what was not, and leaves alone what came before",
           flags(net, early))
    net.start("gateway-2")


def revoked_module(tap, net):
    gca = net.hierarchy.gca
    module = net.certificates[SENDER, "module"][1]
    gca.save(module)
    learned_late(tap, net, module)
    tap.ok(refused(net, sent(net, 40)) == "E3705",
           "what a revoked module signed is refused")
    gca.mode = "saved"
    since = net.lines("center-a")
    net.wait_for(lambda: net.has_logged(
        "center-a", "event=certificate.status", "id=E3704", since=since),
        "the replay is not refused")
    tap.ok(refused(net, sent(net, 41)) == "E3705" and
           net.standing("center-a", SENDER, "module")[0] == REVOKED,
           "an old answer that is good changes nothing")
    gca.mode = "good"
    gca.restore(module)
    net.wait_for(lambda: net.has_logged(
        "center-a", "event=certificate.status", "id=E3702", since=since),
        "nor does a new one")
    tap.ok(refused(net, sent(net, 42)) == "E3705",
           "nor does a new one: revoked is for good")
    gca.silent_for = {CENTER_A}
    net.kill("center-a")
    net.start("center-a")
    tap.ok(refused(net, sent(net, 43)) == "E3705",
           "nor a responder that is gone, nor a restart")
    gca.silent_for = set()
    other = net.send(net.letter([LOCAL], 44, sender=AWAY),
                     host="gateway-3")["id"]
    net.wait_states(other, ["opened"], host="gateway-3")
    net.certify(SENDER, "module", only="ocsp")
    net.publish_next("directory")
    net.kill("gateway-1")
    net.start("gateway-1")
    net.wait_states(sent(net, 45), ["opened"])
    tap.ok(True, "others send, and a new module does again")


def nobody_is_asked(tap, net):
    """The control: center-b may ask nobody, and so never knows."""
    net.hierarchy.gca.revoke(net.certificates[AWAY, "module"][1])
    document = net.send(net.letter([LOCAL], 46, sender=AWAY),
                        host="gateway-3")["id"]
    net.wait_states(document, ["opened"], host="gateway-3")
    tap.ok("127.0.0.22" not in {source for source, _ in
                                net.hierarchy.gca.asked},
           "a center that may ask nobody takes what a revoked module signed")


def revoked_card(tap, net):
    """Unknown to the sender's side, the recipient's gateway finds out."""
    gca = net.hierarchy.gca
    card = net.certificates[SENDER, "sign"][1]
    net.stop("gateway-3")
    before = sent(net, 50, AWAY)
    net.wait_states(before, ["relayed"])
    gca.silent_for = {CENTER_A, "127.0.0.31"}
    gca.revoke(card, ago=-1)  # times of authorities are whole seconds
    time.sleep(1.2)
    after = sent(net, 51, AWAY)
    net.wait_states(after, ["relayed"])
    # A letter waits for its signer's standing, but not for ever.
    net.stop("center-b")
    net.start("gateway-3")
    net.wait_standing("gateway-3", SENDER, REVOKED)
    net.start("center-b")
    net.wait_states(before, ["opened"])
    net.wait_for(lambda: "unreadable" in [
        event["event"] for event in delivery(net, after)["events"]],
        "what it signed after is not refused")
    letters = [letter for letter in net.inbox("gateway-3")
               if letter["document_id"] == before]
    tap.ok(len(letters) == 1 and letters[0]["signer_standing"] == "revoked",
           "what was accepted before counts, with a warning", letters)
    net.wait_for(lambda: net.has_logged("gateway-3", "E3706") and
                 net.has_logged("gateway-3", "E3705"), "it logs nothing")
    tap.ok(True, "what was signed after is refused by the recipient's gateway")
    gca.silent_for = set()
    net.wait_standing("gateway-1", SENDER, REVOKED)
    try:
        said = net.send(net.letter([LOCAL], 52))
    except Refused as failure:
        said = failure.output
    tap.ok("E3705" in said, "its own gateway does not sign with it", said)


def held_card(tap, net):
    """From a hold of its authority there is a way back."""
    gca = net.hierarchy.gca
    card = net.certify(LOCAL, "sign", only="crl", by="gca")[1]
    gca.padding = 100000  # more than two mebibytes
    net.publish_next("directory")
    net.kill("gateway-2")
    net.start("gateway-2")
    net.wait_standing("center-a", LOCAL, GOOD)
    gca.mode = "delta"
    since = net.lines("center-a")
    net.wait_for(lambda: net.has_logged(
        "center-a", "event=certificate.status", "id=E3702", since=since),
        "a delta is not refused")
    gca.mode = "good"
    tap.ok(True, "a list is read, a delta says too little")
    late = net.send(net.letter([AWAY], 59, sender=LOCAL),
                    host="gateway-2")["id"]
    net.wait_states(late, ["opened"], host="gateway-2")
    gca.revoke(card, "hold", ago=60)
    net.wait_for(lambda: {
        letter["document_id"]: letter["doubt"]
        for letter in net.inbox("gateway-3")}.get(late) == "E3722",
        "the recipient's gateway does not judge again")
    tap.ok(True, "the recipient's gateway judges again by what it was told")
    net.wait_standing("center-a", LOCAL, REVOKED)
    net.wait_standing("gateway-2", LOCAL, REVOKED)
    gca.restore(card)
    net.wait_standing("center-a", LOCAL, GOOD)
    net.wait_standing("gateway-2", LOCAL, GOOD)
    document = net.send(net.letter([AWAY], 60, sender=LOCAL),
                        host="gateway-2")["id"]
    net.wait_states(document, ["opened"], host="gateway-2")
    tap.ok(True, "and a card that was on hold signs again")


def revoked(tap):
    hierarchy = Hierarchy()
    one = {"only": "ocsp"}
    cards = {SENDER: {"sign": one, "module": one}, LOCAL: {"sign": {}},
             AWAY: {"module": one}}
    with hierarchy.serving():
        with Certified("revoked", {host: QUICK for host in (
                "center-a", "gateway-1", "gateway-2",
                "gateway-3")}, hierarchy, cards) as net:
            what_is_good(tap, net)
            lies(tap, net)
            unreachable(tap, net)
            revoked_module(tap, net)
            nobody_is_asked(tap, net)
            revoked_card(tap, net)
            held_card(tap, net)


run(tap, revoked)
tap.done()
