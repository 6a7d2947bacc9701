#!/usr/bin/python3
"""Goal: what was accepted before a host knew of a suspension or revocation that
had begun by then is judged again when it hears of it: what was not delivered is
held, what was delivered is flagged, both sides are told once and for good, and
nothing is dropped.  What came before, and who is unknown, is left alone.
limit: 150"""

import time

from by_hand import bulletin, instant, sha, signed_content, source_of
from network import Network, Tap, rows_of, run

tap = Tap()
SENDER, LOCAL, AWAY = "376490000A", "376470000A", "376530000A"
FAST = "[courier]\nretry_first_ms = 100\nretry_max_ms = 500\n"
holds = source_of("45-holds.py")


def letter(net, to, serial, sender=SENDER, host="gateway-1"):
    return net.send(net.letter([to], serial, sender=sender),
                    host=host)["id"]


def delivery(net, document, host="gateway-1"):
    return net.outbox(document, host)["deliveries"][0]


def flags(net, document, host="gateway-1"):
    return delivery(net, document, host)["flags"]


def doubts(net, host):
    return {item["document_id"]: item["doubt"] for item in net.inbox(host)}


def stated(net, document, host="gateway-1"):
    return [event["event"] for event in
            delivery(net, document, host)["events"]].count("flagged")


def publish(net, name, cms):
    path = f"{net.dir}/{name}"
    with open(path, "wb") as file:
        file.write(cms)
    net.publish([path])
    return sha(signed_content(cms))


def suspended_since(net, case, subject, name, since):
    entry = holds.measure(case, name, subject)
    del entry["until"]
    entry.update(ground=9, fallback="", paper_from="")
    entry["from"] = since
    return entry


def wait_flagged(net, document, host="gateway-1"):
    net.wait_for(lambda: "flagged" in flags(net, document, host),
                 f"{document} is not flagged")


def suspension(net):
    """Management is away, and letters go on; then it has decided meanwhile."""
    before = letter(net, LOCAL, 1)
    net.wait_states(before, ["opened"])
    time.sleep(0.1)
    since = instant()
    net.stop("management")
    near, far = letter(net, LOCAL, 2), letter(net, AWAY, 3)
    for document in (near, far):
        net.wait_states(document, ["opened"])
    net.stop("gateway-3")
    waits = letter(net, AWAY, 4)
    net.wait_states(waits, ["relayed"])
    innocent = letter(net, LOCAL, 5, sender=LOCAL, host="gateway-2")
    net.wait_states(innocent, ["opened"], host="gateway-2")
    tap.ok(not flags(net, near) and set(doubts(net, "gateway-2").values()) ==
           {""}, "what is unknown is not held against anybody")
    net.start("management")
    net.publish([holds.bulletin_of(net, "suspension", 1, {"suspensions": [
        suspended_since(net, "S-1", "organisation", SENDER, since)]},
        "officer-1 officer-2")])
    wait_flagged(net, near)
    wait_flagged(net, far)
    net.wait_for(lambda: "suspended" in flags(net, waits), "it is not held")
    net.start("gateway-3")
    tap.ok(True, "a suspension that had begun: what was delivered is flagged, "
           "by each center, and what was not is held")
    tap.ok(not flags(net, before) and not flags(
        net, innocent, "gateway-2"), "what came before it is not, nor others'")
    net.wait_for(lambda: doubts(net, "gateway-2").get(near) == "E3721" and
                 doubts(net, "gateway-3").get(far) == "E3721",
                 "the recipients are not told")
    tap.ok(doubts(net, "gateway-2")[before] == "" and
           doubts(net, "gateway-2")[innocent] == "" and
           waits not in doubts(net, "gateway-3"),
           "the recipients judge again as well, and mark the same letters",
           doubts(net, "gateway-2"))
    return before, near, far, waits


def told(net, document):
    shown = net.command("doc", "show", document, "-c", net.conf("gateway-1"))
    tap.ok("flagged: its sender had been stopped" in shown.stdout,
           "the sender reads it", shown.stdout)
    came = next(item for item in net.inbox("gateway-2")
                if item["document_id"] == document)
    shown = net.command("doc", "show",
                        f"{came['waybill_id']}/{came['recipient']}", "-c",
                        net.conf("gateway-2"))
    tap.ok("E3721 Its sender had been stopped" in shown.stdout,
           "and so does the recipient", shown.stdout)
    path = f"{net.dir}/flagged.zip"
    net.command("evidence", "export", document, "--to", path, "-c",
                net.conf("gateway-1"))
    said = net.command("evidence", "verify", path, "--root", net.root,
                       "--environment", "demo").stdout
    tap.ok("flagged: its sender had been stopped" in said,
           "evidence says so, and verifies", said)


def reviewed(net):
    with rows_of(f"{net.dir}/center-b/rows.db") as rows:
        return [row[0] for row in rows.execute("SELECT name FROM reviewed")]


def stays(net, near, far):
    """Kills change nothing, and nothing is said twice."""
    for host in ("center-a", "center-b", "gateway-1", "gateway-2"):
        net.kill(host)
    for host in ("center-a", "center-b", "gateway-1", "gateway-2"):
        net.start(host)
    net.wait_for(lambda: net.is_ready("gateway-1"), "it does not start")
    net.wait_for(lambda: reviewed(net) == ["suspension S-1"],
                 "center-b does not look back")
    time.sleep(1)
    tap.ok(stated(net, near) == 1 and "flagged" in flags(net, near) and
           doubts(net, "gateway-2")[near] == "E3721",
           "after kills it is as it was, and stated once", stated(net, near))
    tap.ok(reviewed(net) == ["suspension S-1"] and stated(net, far) <= 2,
           "a host looks back once for each", reviewed(net))


def restored(net, waits, near):
    net.publish([holds.bulletin_of(net, "restoration", 1, {"restorations": [
        {"case": "S-1", "reason": "已查明", "from": instant(-1)}]},
        "officer-1 officer-2")])
    net.wait_states(waits, ["opened"])
    net.wait_for(lambda: "suspended" not in flags(net, waits), "still held")
    tap.ok("flagged" in flags(net, near),
           "restored: what was held goes on, and what was said stays said")


def revocation(net):
    """The module of an organisation was revoked before it sent."""
    early = letter(net, LOCAL, 11, sender=AWAY, host="gateway-3")
    net.wait_states(early, ["opened"], host="gateway-3")
    time.sleep(0.1)
    since = instant()
    near = letter(net, LOCAL, 12, sender=AWAY, host="gateway-3")
    net.wait_states(near, ["opened"], host="gateway-3")
    net.stop("gateway-2")
    waits = letter(net, LOCAL, 13, sender=AWAY, host="gateway-3")
    net.wait_states(waits, ["relayed"], host="gateway-3")

    def change(body):
        entry = next(item for item in body["organisations"]
                     if item["code"] == AWAY)
        for key in entry["keys"]:
            if key["use"] == "module":
                key.update(state="revoked", revoked={
                    "reason": "key_compromise", "at": since})
    second = publish(net, "directory-2",
                     bulletin(net, "directory", change=change))
    wait_flagged(net, near, "gateway-3")
    net.wait_for(lambda: "suspended" in flags(net, waits, "gateway-3"),
                 "it is not held")
    net.start("gateway-2")
    net.wait_for(lambda: doubts(net, "gateway-2").get(near) == "E3722",
                 "the recipient does not know of the revocation")
    tap.ok(not flags(net, early, "gateway-3") and
           doubts(net, "gateway-2")[early] == "",
           "a module that had been revoked: the same, and what it signed "
           "before counts", doubts(net, "gateway-2"))
    net.json("gateway-3", "doc", "paper", waits)
    return second, waits


def unknown(net, second):
    """A key that the directory lists no more is not a revoked one."""
    document = letter(net, LOCAL, 21, sender=SENDER)
    net.wait_states(document, ["opened"])

    def change(body):
        entry = next(item for item in body["organisations"]
                     if item["code"] == SENDER)
        entry["keys"] = [key for key in entry["keys"] if key["use"] == "seal"]
    publish(net, "directory-3", bulletin(
        net, "directory", serial=3, previous=second, change=change))
    net.wait_logged("gateway-2", 'type="directory" name="" serial=3')
    time.sleep(1)
    tap.ok(not flags(net, document) and
           doubts(net, "gateway-2")[document] == "",
           "a key that is listed no more is unknown, and not revoked")


def again(tap):
    with Network("again", FAST) as net:
        _, near, far, waits = suspension(net)
        told(net, near)
        stays(net, near, far)
        restored(net, waits, near)
        second, _ = revocation(net)
        unknown(net, second)


run(tap, again)
tap.done()
