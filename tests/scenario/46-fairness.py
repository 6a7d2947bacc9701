#!/usr/bin/python3
"""Goal: one letter to very many starves no small one, at any stage: small
letters that were sent after it are delivered before it has finished, urgent
ones before those, and a dead center slows nobody.  Order is compared, not time.
limit: 240"""

import json
import os
import re
import subprocess

from by_hand import bulletin
from network import NAMES, Network, Tap, run

tap = Tap()
LOCAL, AWAY = "376470000A", "376530000A"
UNITS = int(os.environ.get("FAIR_RECIPIENTS", "250"))
FAST = "[courier]\nretry_first_ms = 100\nretry_max_ms = 1000\n"


def unit(number):
    return f"{LOCAL}U{number:06d}"


def publish(net, *objects):
    paths = []
    for number, cms in enumerate(objects):
        paths.append(f"{net.dir}/published-{number}")
        with open(paths[-1], "wb") as file:
            file.write(cms)
    net.publish(paths)


def many_units(net):
    """All at one gateway, which opens for them with its organisation's key."""
    def organisations(body):
        parent = next(item for item in body["organisations"]
                      if item["code"] == LOCAL)
        for number in range(UNITS):
            body["organisations"].append(dict(
                parent, code=unit(number), name=f"彰化縣政府第{number}科",
                keys=[]))
        body["organisations"].sort(key=lambda item: item["code"])

    def codes(body):
        host = next(item for item in body["hosts"] if LOCAL in item["codes"])
        host["codes"] += [unit(number) for number in range(UNITS)]
        host["codes"].sort()

    publish(net, bulletin(net, "directory", change=organisations),
            bulletin(net, "access", of="center-a", change=codes,
                     keys=[f"{net.dir}/officers/officer-1.pem",
                           f"{net.dir}/officers/officer-2.pem"]))
    for host in ("center-a", "gateway-1", "gateway-2"):
        net.wait_for(lambda: serials(net, host)["directory"] == 2 and
                     serials(net, host)["access"] == 2,
                     f"{host} has no units")


def serials(net, host):
    said = json.loads(subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "--unix-socket",
         f"{net.dir}/{host}/control.sock", "http://host/v1/bulletins"],
        capture_output=True, check=True).stdout)
    return {item["type"]: item["serial"] for item in said["bulletins"]
            if item["name"] in ("", "center-a")}


def opened_at(net, document):
    return [item["since"] for item in net.outbox(document)["deliveries"]]


def passes(net, small, big):
    """Opened before the last of a letter to many, which was there first."""
    return max(opened_at(net, small)) < max(opened_at(net, big))


def many(net):
    names = dict(NAMES)
    names.update({unit(number): f"彰化縣政府第{number}科"
                  for number in range(UNITS)})
    # All of it waits at the center, so that what is small comes behind.
    net.stop("gateway-2")
    big = net.send(net.letter([unit(number) for number in range(UNITS)], 1,
                              name=names), timeout=120)["id"]
    small = [net.send(net.letter([LOCAL], serial))["id"]
             for serial in range(2, 8)]
    away = net.send(net.letter([AWAY], 8))["id"]
    net.wait_states(away, ["opened"])
    for document in [big, *small]:
        net.wait_states(document, ["accepted"])
    net.start("gateway-2")
    net.wait_for(lambda: net.is_ready("gateway-2"), "gateway-2 is not ready")
    back = net.send(net.letter(["376490000A"], 9, sender=LOCAL),
                    host="gateway-2")["id"]
    net.wait_states(back, ["opened"], host="gateway-2")
    for document in [*small, big]:
        net.wait_states(document, ["opened"])
    tap.ok(True, f"out, small letters pass one to {UNITS}")
    passed = [passes(net, document, big) for document in small]
    tap.ok(all(passed), "and in, and that one arrives at each of them", passed)


def urgent(net):
    """Queued at a gateway whose center is away: the urgent ones leave first.
    When one try has found it back, 24 go at once."""
    for serial in range(1000, 10000, 1000):
        began = net.lines("center-a")
        good, places = leave_first(net, serial)
        # On a busy machine some may have been told that their clock is wrong,
        # and tried again after others.
        if good or not net.has_logged("center-a", "E4007", since=began):
            break
    tap.ok(good, "what is urgent leaves before what came earlier", places)


def leave_first(net, first):
    net.stop("center-a")
    since, began = net.lines("gateway-1"), net.lines("center-a")
    normal = [net.send(net.letter([LOCAL], serial))["id"]
              for serial in range(first, first + 40)]
    net.wait_logged("gateway-1", "submit.later", since=since)
    late = [net.send(net.letter([LOCAL], serial, speed=speed))["id"]
            for serial, speed in ((first + 90, "速件"), (first + 91, "最速件"))]
    net.start("center-a")
    for document in [*normal, *late]:
        net.wait_states(document, ["opened"])
    order = re.findall(r"waybill\.accepted waybill=\"?([0-9a-f-]+)",
                       "\n".join(net.log("center-a", 0).splitlines()[began:]))
    places = [order.index(net.outbox(document)["deliveries"][0]["waybill_id"])
              for document in late]
    return len(order) == len(normal) + 2 and max(places) <= 25, places


def dead_center(net):
    net.stop("center-b")
    dead = [net.send(net.letter([AWAY], serial))["id"]
            for serial in range(100, 140)]
    near = net.send(net.letter([LOCAL], 160))["id"]
    net.wait_states(near, ["opened"])
    for document in dead:
        net.wait_states(document, ["accepted"])
    tap.ok(True, "a dead center slows no other")
    net.start("center-b")
    for document in dead:
        net.wait_states(document, ["opened"])
    tap.ok(True, "and all arrives when it is back")


def fairness(tap):
    with Network("fairness", FAST) as net:
        urgent(net)
        dead_center(net)
        many_units(net)
        many(net)


run(tap, fairness)
tap.done()
