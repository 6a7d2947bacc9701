#!/usr/bin/python3
"""Goal: what a center holds back waits and is never lost (I7): an operator's
hold of an organisation, host, unit or waybill, and the directory's suspension
of a recipient.  The sender is told, the clock stands, a restart changes
nothing, and what waited goes on in order.  limit: 240"""

import json
import os
import re
import time

from by_hand import Parts, bulletin, instant, line, local, sha, sign, \
    signed_content, submit
from network import PROMPT_S, Network, Refused, Tap, run

tap = Tap()
SENDER, LOCAL, AWAY = "376490000A", "376470000A", "376530000A"
FAST = "[courier]\nretry_first_ms = 100\nretry_max_ms = 500\n"


def hold(net, center, *scope, last="1h"):
    return net.json(center, "hold", "add", *scope, "--for", last,
                    "--reason", "測試")["id"]


def lift(net, center, number):
    net.json(center, "hold", "lift", str(number), "--reason", "測試完畢")


def delivery(net, document):
    return net.outbox(document)["deliveries"][0]


def is_held(net, document):
    return "suspended" in delivery(net, document)["flags"]


def wait_held(net, document):
    net.wait_for(lambda: is_held(net, document), f"{document} is not held")


def events(net, document):
    return [event["event"] for event in delivery(net, document)["events"]]


def letters(net, host):
    """Document ids as they came in."""
    return [item["document_id"] for item in reversed(net.inbox(host))]


def refused(net, *args, host="center-a"):
    try:
        net.json(host, *args)
    except Refused as failure:
        return failure.code
    return ""


def set_lifetime(net, seconds=None):
    """Of the letters that gateway-1 is given from now on."""
    net.stop("gateway-1")
    with open(f"{net.dir}/gateway-1.conf.d/test.conf", "w",
              encoding="utf-8") as file:
        file.write(FAST + (f"[limits]\nlifetime_s = {seconds}\n" if seconds
                           else ""))
    net.start("gateway-1")


def receiving(net):
    # Enough for all to be fetched afterwards, on a slow machine too.
    lifetime_s = 30
    set_lifetime(net, lifetime_s)
    number = hold(net, "center-a", "--organisation", LOCAL, "--direction",
                  "receiving")
    net.stop("gateway-3")
    control = net.send(net.letter([AWAY], 1))["id"]
    held = [net.send_in_time(LOCAL, range(serial, 1000, 10), "suspended")
            for serial in range(2, 6)]
    began = time.monotonic()
    shown = net.command("doc", "show", held[0], "-c",
                        net.conf("gateway-1")).stdout
    tap.ok("may be changed to paper" in shown,
           "the sender is told, and offered paper", shown)
    net.kill("center-a")
    net.start("center-a")
    net.kill("gateway-2")
    net.start("gateway-2")
    net.wait_states(control, ["expired"])
    time.sleep(max(0.0, began + lifetime_s + 1.5 - time.monotonic()))
    tap.ok(all(is_held(net, document) and
               delivery(net, document)["state"] == "accepted"
               for document in held) and letters(net, "gateway-2") == [],
           "held over a restart and beyond its time; another one expired",
           [delivery(net, document) for document in held])
    said = net.json("center-a", "hold", "list")
    tap.ok(said["waiting"] == len(held) and
           said["holds"][0]["state"] == "active" and
           said["holds"][0]["changes"][0]["by"] == f"uid {os.getuid()}",
           "the list says who holds what", said)
    lift(net, "center-a", number)
    for document in held:
        net.wait_states(document, ["opened"])
    told = re.findall(r"letter\.announced delivery=\"?([0-9a-f-]+)",
                      net.log("gateway-2", 0))
    tap.ok(told == [delivery(net, document)["waybill_id"]
                    for document in held],
           "all go on, handed out in order", told)
    tap.ok(events(net, held[0]) == ["accepted", "suspended", "resumed",
                                    "fetched", "opened"],
           "the receipts tell the story", events(net, held[0]))
    net.start("gateway-3")
    set_lifetime(net)
    return held[0]


def told_by_the_other_center(net):
    number = hold(net, "center-b", "--organisation", AWAY, "--direction",
                  "receiving")
    goes, paper = [net.send(net.letter([AWAY], serial))["id"]
                   for serial in (11, 12)]
    for document in (goes, paper):
        wait_held(net, document)
    net.json("gateway-1", "doc", "paper", paper)
    net.wait_states(paper, ["paper"])
    tap.ok(not is_held(net, paper), "what is held can go on paper instead")
    one = hold(net, "center-b", "--waybill",
               f"{delivery(net, goes)['waybill_id']}/{AWAY}")
    lift(net, "center-b", number)
    net.json("center-b", "hold", "list")
    later = net.send(net.letter([AWAY], 13))["id"]
    net.wait_states(later, ["opened"])
    tap.ok(is_held(net, goes) and letters(net, "gateway-3") == [later],
           "one delivery is held alone, and others pass it")
    lift(net, "center-b", one)
    net.wait_states(goes, ["opened"])
    tap.ok(letters(net, "gateway-3") == [later, goes],
           "and goes on; what became paper never comes")
    return goes


def sending(net):
    number = hold(net, "center-a", "--host", "gateway-1", "--direction",
                  "sending")
    document = net.send(net.letter([LOCAL], 21))["id"]
    other = net.send(net.letter([LOCAL], 22, sender=AWAY),
                     host="gateway-3")["id"]
    net.wait_states(other, ["opened"], host="gateway-3")
    net.kill("gateway-1")
    net.start("gateway-1")
    tap.ok(delivery(net, document)["state"] == "queued",
           "what may not be sent waits at its gateway; others send")
    lift(net, "center-a", number)
    net.wait_states(document, ["opened"])
    tap.ok(True, "and is handed in when the hold ends")


def what_was_sent_waits_by_its_ground(net):
    net.stop("gateway-2")
    net.stop("center-b")
    near = net.send(net.letter([LOCAL], 31))["id"]
    far = net.send(net.letter([AWAY], 32))["id"]
    for document in (near, far):
        net.wait_states(document, ["accepted"])
    number = hold(net, "center-a", "--organisation", SENDER, "--direction",
                  "sending", "--wait")
    for document in (near, far):
        wait_held(net, document)
    net.start("gateway-2")
    net.start("center-b")
    back = net.send(net.letter([LOCAL], 33, sender=AWAY),
                    host="gateway-3")["id"]
    net.wait_states(back, ["opened"], host="gateway-3")
    tap.ok(delivery(net, near)["state"] == "accepted",
           "what was accepted before waits too", delivery(net, near))
    lift(net, "center-a", number)
    for document in (near, far):
        net.wait_states(document, ["opened"])
    tap.ok(True, "and goes on")


def suspended_by_the_directory(net):
    def status(word):
        def change(body):
            next(item for item in body["organisations"]
                 if item["code"] == LOCAL)["status"] = word
        return change

    def publish(serial, word, **members):
        path = f"{net.dir}/directory-{serial}"
        cms = bulletin(net, "directory", serial=serial, change=status(word),
                       **members)
        with open(path, "wb") as file:
            file.write(cms)
        net.publish([path])
        return sha(signed_content(cms))

    net.stop("gateway-2")
    document = net.send(net.letter([LOCAL], 41))["id"]
    net.wait_states(document, ["accepted"])
    before = publish(2, "suspended")
    wait_held(net, document)
    net.start("gateway-2")
    other = net.send(net.letter([AWAY], 42))["id"]
    net.wait_states(other, ["opened"])
    tap.ok(delivery(net, document)["state"] == "accepted",
           "what is queued for a suspended recipient waits")
    publish(3, "active", previous=before)
    net.wait_states(document, ["opened"])
    tap.ok(True, "and goes on when it is restored")


def expires_later(net):
    """The time of the hold is added, and no more."""
    net.stop("gateway-2")
    set_lifetime(net, 5)
    for serial in range(1001, 1020):
        document = net.send_in_time(LOCAL, range(serial, 5000, 100),
                                    "accepted")
        hold(net, "center-a", "--organisation", LOCAL, "--direction",
             "receiving", last="2s")
        net.wait_states(document, ["expired"])
        said = {event["event"]: event["time"]
                for event in delivery(net, document)["events"]}
        if "suspended" in said:  # before its time was over
            break
    tap.ok(said["suspended"] < said["resumed"] < said["expired"],
           "a hold ends by itself, and then the time runs on", said)
    set_lifetime(net)
    net.start("gateway-2")


def limits(net):
    add = ["hold", "add", "--reason", "x", "--for"]
    tap.ok(refused(net, *add, "73h", "--organisation", LOCAL) == "E4040",
           "no hold is longer than 72 hours")
    tap.ok(refused(net, *add, "1h", "--host", "center-b") == "E4038" and
           refused(net, *add, "1h", "--host", "management") == "E4038",
           "no center and no management is held")
    tap.ok(refused(net, *add, "1h", "--organisation", "999999999Z") ==
           "E4039" and refused(net, "hold", "lift", "99", "--reason", "x") ==
           "E4039", "nothing unknown is held, or lifted")
    codes = [refused(net, *add, "1h", "--waybill",
                     delivery(net, net.last)["waybill_id"])
             for _ in range(21)]
    tap.ok(codes[0] == "" and codes[-1] == "E4041",
           "only so many an hour", codes)


# -- exchange authorities -----------------------------------------------------

def bulletin_of(net, kind, serial, body, key, name="", previous=""):
    value = {"format": "yizhan-bulletin-1", "environment": "demo",
             "type": kind, "name": name, "serial": serial,
             "issued": instant(-1), "expires": instant(3600),
             "previous": previous, "body": body}
    keys = [f"{net.dir}/officers/{one}.pem" for one in key.split()]
    path = f"{net.dir}/{kind}-{name}-{serial}"
    with open(path, "wb") as file:
        file.write(sign(line(value), *keys))
    return path


def measure(case, name, subject="organisation", hours=1):
    return {"case": case, "subject": subject, "name": name,
            "direction": "sending", "ground": 0, "stops_queued": False,
            "reason": "試驗", "from": instant(-1),
            "until": instant(hours * 3600)}


def held_there(net, host, name):
    said = json.loads(local(net, host, "/v1/bulletins").body)["bulletins"]
    return any(item["type"] == "hold" and item["name"] == name
               for item in said)


def by_exchange_authority(net):
    """Its own organisations, at its own center, at once."""
    def publish(host, holds, key="exchange-a", serial=1):
        path = bulletin_of(net, "hold", serial, {"holds": holds}, key,
                           "center-a")
        return refused(net, "trust", "publish", path, host=host)
    for name, code, holds, key in [
            ("one of another center", "E3616",
             [measure("center-a-1", AWAY)], "exchange-a"),
            ("a center", "E7012",
             [measure("center-a-1", "center-b", "center")], "exchange-a"),
            ("73 hours", "E7012",
             [measure("center-a-1", SENDER, hours=73)], "exchange-a"),
            ("another's case", "E7012", [measure("H-1", SENDER)],
             "exchange-a"),
            ("21 in one hour", "E7012",
             [measure(f"center-a-{number}", SENDER) for number in range(21)],
             "exchange-a"),
            ("an officer's signature", "E7003",
             [measure("center-a-1", SENDER)], "officer-1")]:
        said = publish("center-a", holds, key)
        tap.ok(said == code, f"an exchange authority's hold, {name}: {code}",
               said)
    path = bulletin_of(net, "restoration", 1, {"restorations": []},
                       "exchange-a")
    tap.ok(refused(net, "trust", "publish", path, host="center-a") == "E7003",
           "it restores nothing")
    net.stop("management")
    said = publish("center-a", [measure("center-a-1", SENDER)])
    end = time.monotonic() + PROMPT_S
    answer = submit(net, Parts(net, [LOCAL], serial=700))
    while answer.code != "E4035" and time.monotonic() < end:
        answer = submit(net, Parts(net, [LOCAL], serial=700))
    tap.ok(said == "" and answer.code == "E4035",
           "its own organisation is held at its center at once, without "
           "management", f"{said} {answer}")
    net.start("management")
    for host in ("management", "center-b", "gateway-1"):
        net.wait_for(lambda: held_there(net, host, "center-a"),
                     f"{host} does not hear of it")
    tap.ok(True, "management hears of it from the center, and so do all")
    path = bulletin_of(net, "restoration", 1, {"restorations": [
        {"case": "center-a-1", "reason": "誤報", "from": instant(-1)}]},
        "officer-1 officer-2")
    net.publish([path])
    net.wait_for(lambda: submit(net, Parts(
        net, [LOCAL], serial=701)).status == 201, "it is not restored")
    tap.ok(True, "and two officers end it")


def proven(net, documents):
    for document in documents:
        path = f"{net.dir}/{document}.zip"
        net.command("evidence", "export", document, "--to", path, "-c",
                    net.conf("gateway-1"))
        said = net.command("evidence", "verify", path, "--root", net.root,
                           "--environment", "demo").stdout
        tap.ok("held back" in said and "handed out again" in said,
               "its evidence verifies and tells of the hold", said)
    for center in ("center-a", "center-b"):
        net.command("log", "audit", "-c", net.conf(center))
    tap.ok(True, "the holds are records of both logs, which audit clean")


def holds(tap):
    with Network("holds", {
            "gateway-1": FAST, "gateway-2": FAST, "gateway-3": FAST,
            "center-a": FAST, "center-b": FAST}) as net:
        first = receiving(net)
        second = told_by_the_other_center(net)
        net.last = second
        sending(net)
        what_was_sent_waits_by_its_ground(net)
        suspended_by_the_directory(net)
        expires_later(net)
        limits(net)
        by_exchange_authority(net)
        proven(net, [first, second])


run(tap, holds)
tap.done()
