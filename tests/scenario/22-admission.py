#!/usr/bin/python3
"""Goal: only the whole certificate from the registered address, for a code of
the access list and with a right clock, is let in at a host (R5.3.4, R5.3.5,
R5.1.5, T-PROTO-06); the log says which of them was wrong.  limit: 120"""

import re
import time

from by_hand import (ADDRESSES, Parts, call, call_as, instant, line, new_id,
                     sha, sign, statements, submit)
from network import PATIENCE_S, Network, Tap, run

tap = Tap()


def refused(tap, name, answer, *codes):
    return tap.ok(answer.status in range(400, 500) and answer.code in codes,
                  f"{name}: {answer.code}", answer)


def addresses_and_certificates(tap, net):
    for center, host in (("center-a", "gateway-1"), ("center-a", "gateway-2"),
                         ("center-b", "gateway-3"), ("management", "center-a"),
                         ("center-b", "center-a")):
        answer = call_as(net, host, center, "/v1/time")
        tap.ok(answer.status == 200, f"{center} lets {host} in", answer)

    since = net.lines("center-a")
    for path in ("/v1/time", "/v1/feed?after=0&wait=0",
                 f"/v1/deliveries/{new_id()}/376490000A", "/v1/nothing"):
        answer = call(net, "center-a", path, address=ADDRESSES["gateway-2"])
        refused(tap, f"a certificate from another host's address, {path}",
                answer, "E4002")
    tap.ok(net.has_logged("center-a", 'wrong="address"', 'host="gateway-1"',
                          'address="127.0.0.32"', since=since),
           "the log says that it was the address")
    answer = call(net, "center-a", "/v1/time", address="127.0.0.99")
    refused(tap, "a certificate from nobody's address", answer, "E4002")

    since = net.lines("center-a")
    for keys in ("officers/officer-1", "gateway-1.keys/module"):
        answer = call(net, "center-a", "/v1/time", keys=keys)
        tap.ok(answer.status != 200 and answer.code in ("", "E4001"),
               f"a certificate of the same authority, {keys}", answer)
    tap.ok(net.has_logged("center-a", "E4001", since=since) or
           net.has_logged("center-a", 'wrong="certificate"', since=since),
           "the log says that it was the certificate",
           net.log("center-a", 4))
    for host, to in (("gateway-3", "center-a"), ("gateway-1", "management"),
                     ("gateway-1", "gateway-2")):
        answer = call_as(net, host, to, "/v1/time")
        tap.ok(answer.status != 200, f"{host} is no caller for {to}", answer)


def tls(tap, net):
    for to in ("center-a", "management"):
        answer = call(net, to, "/v1/time", keys=None)
        tap.ok(answer.status == 0, f"{to}: without a certificate there is no "
                                   "TLS", answer)
        for option in (["--tls-max", "1.2"], ["--http1.1"]):
            answer = call(net, to, "/v1/time", more=option)
            tap.ok(answer.status == 0, f"{to}: refused {option}", answer)


def in_time(*args, **options):
    """The answer to a request that was judged soon after its clock was read."""
    end = time.monotonic() + PATIENCE_S
    while True:
        started = time.monotonic()
        answer = call(*args, **options)
        if time.monotonic() - started < 1.4:
            return answer
        if time.monotonic() > end:
            raise RuntimeError("no request was quick enough")


def skews(net, host):
    """What its warnings of clocks say (not more than one a minute)."""
    return [int(number) for number in re.findall(
        r"E4008.* ahead_ms=(-?\d+)", net.log(host, 0))]


def clocks(tap, net):
    answer = call(net, "center-a", "/v1/time", clock=None)
    refused(tap, "a request without a clock", answer, "E4029")
    for seconds in (-6.5, 6.5):
        answer = in_time(net, "center-a", "/v1/time", clock=seconds)
        refused(tap, f"a clock {seconds} s off", answer, "E4007")
    # Who was long on its way on a busy machine is behind as well.
    tap.ok(all(-5000 < ahead <= -1000 for ahead in skews(net, "center-a")),
           "no warning until here", skews(net, "center-a"))
    for seconds in (-2.5, 2.5):
        answer = in_time(net, "center-a", "/v1/time", clock=seconds)
        tap.ok(answer.status == 200, f"a clock {seconds} s off is let in",
               answer)

    def is_warned():
        call(net, "center-a", "/v1/time", clock=2.5)
        return net.has_logged("center-a", "E4008", "level=warning",
                              "gateway-1")
    net.wait_for(is_warned, "nobody warns of a clock")
    tap.ok(True, "with a warning in the log that names the host")


def codes(tap, net):
    document = net.send(net.letter(["376470000A"], 1))["id"]
    net.wait_states(document, ["opened"])
    waybill = net.outbox(document)["deliveries"][0]["waybill_id"]
    path = f"/v1/deliveries/{waybill}/376470000A"
    answer = call_as(net, "gateway-2", "center-a", path)
    tap.ok(answer.status == 200, "its own delivery is handed out", answer)
    since = net.lines("center-a")
    answer = call_as(net, "gateway-1", "center-a", path)
    refused(tap, "another organisation's delivery", answer, "E4003")
    tap.ok(net.has_logged("center-a", 'wrong="code"', "gateway-1",
                          since=since),
           "the log says that it was the code", net.log("center-a", 6))
    answer = call_as(net, "gateway-1", "center-a",
                     f"/v1/deliveries/{waybill}/376490000A")
    tap.ok(answer.status in (403, 404) and answer.code == "E4032",
           "a delivery that never was", answer)

    feed = call_as(net, "gateway-2", "center-a", "/v1/feed?after=0&wait=0")
    theirs = {waybill for waybill in statements(feed.json())}
    tap.ok(not theirs, "a feed has the caller's items alone", theirs)

    since = net.lines("center-a")
    as_other = Parts(net, ["376530000A"], sender="376470000A")
    refused(tap, "a submission for a sender of another host",
            submit(net, as_other, host="gateway-1"), "E4003")
    tap.ok(net.has_logged("center-a", "E4003", "376470000A", since=since),
           "the log says which code", net.log("center-a", 4))
    answer = submit(net, as_other, host="gateway-2")
    tap.ok(answer.status == 201, "from its own host the same is accepted",
           answer)


def acts(tap, net):
    """A receipt cannot be had in another's name."""
    parts = Parts(net, ["376470000A"], sender="376470000A")
    net.stop("gateway-2")
    submit(net, parts, host="gateway-2")
    for name, host, keys, event, codes in (
            ("by another organisation's host", "gateway-1",
             "gateway-1.keys/module", "fetched", ["E4003"]),
            ("by its host with another's key", "gateway-2",
             "gateway-1.keys/module", "fetched", ["E4027", "E3408"]),
            ("by its host with a stranger's key", "gateway-2",
             "officers/officer-1", "confirmed", ["E4027", "E3408"]),
            # By nobody's hand: 系統代簽 is no 簽收.
            ("confirmed by its module alone", "gateway-2",
             "gateway-2.keys/module", "confirmed", ["E4027"]),
            ("before it was fetched", "gateway-2",
             "gateway-2.keys/sign.376470000A", "confirmed", ["E4102",
                                                             "E4101"])):
        act = line({
            "format": "yizhan-act-1", "environment": "demo", "event": event,
            "waybill": sha(line(parts.waybill)),
            "waybill_id": parts.waybill_id,
            "leaf": sha(b"\0" + parts.leaves[0]),
            "content": sha(parts.content), "recipient": "376470000A",
            "package": parts.digest if event == "confirmed" else "",
            "reason": "", "time": instant()})
        answer = call_as(net, host, "center-a", "/v1/acts", body=sign(
            act, f"{net.dir}/{keys}.pem"), kind="application/octet-stream")
        refused(tap, f"an act {name}", answer, *codes)
    net.start("gateway-2")
    net.wait_for(lambda: [item["waybill_id"] for item in
                          net.inbox("gateway-2")].count(parts.waybill_id) == 1,
                 "the letter does not arrive after all that")
    tap.ok(True, "its recipient gets it all the same")


def admission(tap):
    with Network("admission") as net:
        addresses_and_certificates(tap, net)
        tls(tap, net)
        clocks(tap, net)
        codes(tap, net)
        acts(tap, net)


run(tap, admission)
tap.done()
