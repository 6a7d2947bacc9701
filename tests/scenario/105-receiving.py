#!/usr/bin/env python3
# limit: 120
"""Immediate and scheduled receiving (作業辦法 art. 8-1), receive numbers in the
form an organisation wants, and letters that come twice: each is there once."""

import os
from datetime import datetime, timedelta, timezone

from network import Network, Tap, run
from web import Web

A, B = "376490000A", "376470000A"
with_message = None  # of 49-resend.py


def taipei(minutes):
    when = datetime.now(timezone.utc) + timedelta(hours=8, minutes=minutes)
    return when.strftime("%H:%M")


def numbers(net):
    return [item["receive_number"] for item in
            reversed(net.inbox("gateway-2"))]


def desk(net, *options):
    return net.json("gateway-2", "desk", "set", *options)


def waiting(net):
    return net.json("gateway-2", "doc", "waiting")


def scheduled(tap, net):
    set_ = desk(net, "--times", taipei(-5), "--number", "收{year}-{serial:5}")
    tap.ok(set_["receive_times"] == taipei(-5) and set_["urgent_at_once"],
           "an organisation receives once a day", set_)
    slow = [net.send(net.letter([B], n))["id"] for n in (1, 2)]
    net.wait_for(lambda: waiting(net)["count"] == 2, "nothing waits")
    seen = waiting(net)
    first = seen["waiting"][0]
    tap.ok(first["speed"] == "normal" and first["recipient"] == B and
           first["fetch_at"] > first["announced_at"] and
           net.inbox("gateway-2") == [],
           "what waits at the center is seen, and not fetched", seen)
    for one in slow:
        net.wait_states(one, ["accepted"])
    urgent = net.send(net.letter([B], 3, speed="最速件"))["id"]
    net.wait_states(urgent, ["opened"])
    tap.ok(waiting(net)["count"] == 2 and
           [net.states(one)[B] for one in slow] == ["accepted"] * 2,
           "an urgent letter does not wait", net.states(slow[0]))
    net.kill("gateway-2")
    net.start("gateway-2")
    net.wait_for(lambda: net.is_ready("gateway-2"), "gateway-2 is not ready")
    tap.ok(waiting(net)["count"] == 2, "they wait on after a kill")
    text = net.command("doc", "fetch", "-c", net.conf("gateway-2")).stdout
    for one in slow:
        net.wait_states(one, ["opened"])
    tap.ok("2" in text and waiting(net)["count"] == 0,
           "fetched now, all come", text)
    year = int(taipei_year()) - 1911
    tap.ok(numbers(net) == [f"收{year}-{n:05}" for n in (1, 2, 3)],
           "numbers in the form that was set, without a gap", numbers(net))
    late = net.send(net.letter([B], 4))["id"]
    net.wait_for(lambda: waiting(net)["count"] == 1, "it does not wait")
    later(net, 24 * 3600 - 4 * 60)
    net.wait_for(lambda: waiting(net)["count"] == 0, "its time does not come")
    # With that clock the center does not talk to it.
    later(net, 0)
    net.wait_states(late, ["opened"])
    tap.ok(True, "its time comes")
    desk(net, "--number", "{year}{serial:7}", "--times", taipei(-5))
    held = net.send(net.letter([B], 5))["id"]
    net.wait_for(lambda: waiting(net)["count"] == 1, "it does not wait")
    desk(net, "--times", "")
    net.wait_states(held, ["opened"])
    tap.ok(numbers(net)[-1] == f"{year}0000005",
           "at once again; another form, the same series", numbers(net))
    confirmed(tap, net, held)


def confirmed(tap, net, document):
    """Only the fetching waits: what people do leaves at once."""
    desk(net, "--times", taipei(-5))
    net.command("doc", "confirm", net.outbox(document)["deliveries"][0][
        "waybill_id"], "-c", net.conf("gateway-2"))
    net.wait_states(document, ["confirmed"])
    tap.ok(waiting(net)["count"] == 0, "a receipt waits for no time")
    desk(net, "--times", "")


def taipei_year():
    return (datetime.now(timezone.utc) + timedelta(hours=8)).strftime("%Y")


def later(net, seconds):
    net.stop("gateway-2")
    os.makedirs(f"{net.conf('gateway-2')}.d", exist_ok=True)
    with open(f"{net.conf('gateway-2')}.d/clock.conf", "w") as file:
        file.write(f"[test]\nclock_offset_ms = {seconds * 1000}\n")
    net.start("gateway-2")


def lines(web, query=""):
    return [(item["document_id"], item["earlier"], item["superseded"])
            for item in web.get(f"/v1/inbox?limit=200{query}").json[
                "documents"]]


def twice(tap, net):
    """Sent again with a message form: linked, and shown as one."""
    text = net.command("token", "create", "dms", "--organisation", B,
                       "--scopes", "read,receive", "-c",
                       net.conf("gateway-2")).stdout.strip()
    web = Web(net, "gateway-2", token=text)
    before = len(lines(web))
    first = net.send(net.letter([B], 11))["id"]
    net.wait_states(first, ["opened"])
    again = net.send(with_message(net, [B], 11, 1))["id"]
    net.wait_states(again, ["opened"])
    both = lines(web)[:2]
    folded = lines(web, "&fold=1")
    tap.ok(both == [(again, first, ""), (first, "", "replaced")] and
           len(folded) == before + 1 and folded[0] == (again, first, ""),
           "a letter sent again is linked, and one line of the list",
           (both, folded))
    third = net.send(with_message(net, [B], 11, 6))["id"]
    net.wait_states(third, ["opened"])
    tap.ok(lines(web, "&fold=1")[0] == (third, again, "") and
           len(lines(web, "&fold=1")) == before + 1,
           "a third time still one", lines(web, "&fold=1"))
    wrong = net.send(with_message(net, [B], 11, 4))["id"]
    net.wait_states(wrong, ["opened"])
    tap.ok(len(lines(web, "&fold=1")) == before + 2 and
           lines(web, "&fold=1")[1][2] == "sent_in_error",
           "that one was sent in error replaces nothing, and is shown")
    news = [item["document_id"] for item in web.get(
        "/v1/inbox?after=0&wait=1&limit=200").json["documents"]]
    tap.ok({first, again, third, wrong} <= set(news),
           "who follows the inbox hears of each")


def receiving(tap):
    global with_message
    # It runs when it is imported: take the function alone.
    path = os.path.join(os.path.dirname(__file__), "49-resend.py")
    with open(path, encoding="utf-8") as file:
        text = file.read().split("\nrun(tap, resend)")[0]
    scope = {"__name__": "resend"}
    exec(compile(text, path, "exec"), scope)
    with_message = scope["with_message"]
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net:
        scheduled(tap, net)
        twice(tap, net)


if __name__ == "__main__":
    tap = Tap()
    run(tap, receiving)
    tap.done()
