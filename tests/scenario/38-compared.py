#!/usr/bin/python3
"""Goal: a gateway compares what its center told it with what the witnesses
cosigned: a log that was shown to it alone is proven, and one that nobody
cosigns is an alarm (protocol 4, T-LOG-09).  limit: 240"""

import json
import shutil
import sqlite3

from by_hand import call_as, local
from network import Network, Tap, rows_of, run

tap = Tap()
TIER = ("management", "center-a", "center-b")


def state(net, host="gateway-1"):
    return [item for item in local(net, host, "/v1/health").json()["checks"]
            if item["name"] == "log"][0]


def cosigned(net):
    answer = call_as(net, "gateway-1", "center-a", "/v1/log/cosigned")
    return int(answer.body.decode().splitlines()[1]) \
        if answer.status == 200 else 0


def newest(net):
    return int(call_as(net, "gateway-1", "center-a", "/v1/log/checkpoint")
               .body.decode().splitlines()[1])


def send(net, number):
    net.wait_states(net.send(net.letter(["376470000A", "376530000A"],
                                        number))["id"], ["opened"])


def waiting(net):
    rows = sqlite3.connect(f"file:{net.dir}/gateway-1/rows.db?mode=ro",
                           uri=True)
    count = rows.execute("SELECT count(*) FROM checkpoint_seen"
                         " WHERE cosigned IS NULL").fetchone()[0]
    rows.close()
    return count


def all_is_well(tap, net):
    tap.ok(state(net)["text"] == "unwitnessed", "before the first letter "
           "nothing is witnessed", state(net))
    send(net, 1)
    for host in ("gateway-1", "gateway-2", "gateway-3"):
        net.wait_for(lambda: state(net, host)["text"].startswith("compared"),
                     f"{host} compares nothing")
    net.wait_for(lambda: state(net)["text"].endswith(" 0 checkpoints wait"),
                 "some are never compared")
    found = state(net)
    tap.ok(found["state"] == "ok", "all that came is compared", found)
    tap.ok(local(net, "gateway-1", "/v1/conflicts").json()["conflicts"] == [],
           "and contradicts nothing")


def shown_another_log(tap, net):
    """All above forget what one gateway was told."""
    for host in TIER:
        net.stop(host)
        shutil.copytree(f"{net.dir}/{host}", f"{net.dir}/saved-{host}")
    # Without management nothing of it is cosigned.
    for host in TIER[1:]:
        net.start(host)
    for host in TIER[1:]:
        net.wait_for(lambda: net.is_ready(host), f"{host} is not ready")
    send(net, 2)
    size = newest(net)
    net.stop("gateway-1")
    tap.ok(waiting(net) > 0, "some checkpoints wait to be compared")
    for host in TIER[1:]:
        net.stop(host)
    for host in TIER:
        shutil.rmtree(f"{net.dir}/{host}")
        shutil.move(f"{net.dir}/saved-{host}", f"{net.dir}/{host}")
    for host in TIER:
        net.start(host)
    for host in TIER:
        net.wait_for(lambda: net.is_ready(host), f"{host} is not ready")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "gateway-1 is not ready")
    number = 10
    while newest(net) <= size:
        net.send(net.letter(["376470000A"], number))
        number += 1
    net.wait_for(lambda: cosigned(net) > size, "the new log is not cosigned")
    net.wait_for(lambda: local(net, "gateway-1", "/v1/conflicts").json()
                 ["conflicts"], "the gateway notices nothing")
    found = state(net)
    tap.ok(found["state"] != "ok" and "two stories" in found["text"],
           "the gateway says that its center told two stories", found)
    net.wait_logged("gateway-1", 'doing="log.conflict"')
    tap.ok(True, "with an alarm")
    proof = json.loads(net.command("log", "conflicts", "--json", "-c",
                                   net.conf("gateway-1")).stdout)
    path = f"{net.dir}/conflict.txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write(proof["conflicts"][0]["proof"])
    result = net.command("log", "prove", path, "--bulletins",
                         f"{net.dir}/bulletins", "--root", net.root,
                         "--environment", "demo", check=False)
    tap.ok(result.returncode == 0, "which anybody can check", result.stderr)


def nobody_cosigns(tap, net):
    """A checkpoint that waits for more than an hour."""
    net.stop("management")
    net.send(net.letter(["376470000A"], 50))
    net.wait_for(lambda: waiting(net) > 0, "no checkpoint came")
    net.stop("gateway-2")
    net.stop("center-a")
    net.stop("gateway-1")
    with rows_of(f"{net.dir}/gateway-1/rows.db") as rows:
        rows.execute("DELETE FROM conflict")
        rows.execute("UPDATE checkpoint_seen SET seen_at = seen_at - 3700000")
    net.start("gateway-1")
    net.wait_logged("gateway-1", 'doing="log.overdue"', "E5029")
    net.wait_for(lambda: "within the hour" in state(net)["text"],
                 "its health does not say that it is overdue")
    found = state(net)
    tap.ok(found["state"] != "ok",
           "what nobody cosigns within the hour is an alarm", found)


def test(tap):
    with Network("compared") as net:
        all_is_well(tap, net)
        shown_another_log(tap, net)
    with Network("overdue") as net:
        send(net, 1)
        nobody_cosigns(tap, net)


run(tap, test)
tap.done()
