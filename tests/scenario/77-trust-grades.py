#!/usr/bin/python3
"""Goal: while trust is stale a host takes on no new privileges and goes on with
everything else: a bulletin that gives something waits, one that only takes away
does not, receipts say how old the trust was by which they were stated, and all
is taken up when management is back.  limit: 120"""

import json
import shutil
import zipfile

from by_hand import local, source_of
from network import HOSTS, Network, Tap, run

tap = Tap()
LOCAL, AWAY = "376470000A", "376530000A"
three_days = source_of("54-management-restored.py")


def serials(net, host):
    said = json.loads(local(net, host, "/v1/bulletins").body)
    return {item["type"]: item["serial"] for item in said["bulletins"]}


def publish(net, serial, table):
    """What two officers sign of a table of changes."""
    path = f"{net.dir}/directory-{serial}"
    with open(f"{path}.csv", "w", encoding="utf-8") as file:
        file.write(table)
    net.command("trust", "prepare", "directory", f"{path}.csv", "--csv", "-c",
                net.conf("management"), "--to", f"{path}.draft")
    net.publish([net.sign(f"{path}.draft")])


def published(net):
    """Directory 2 takes away, 3 gives; two gateways hear of neither."""
    for host in ("gateway-2", "gateway-3"):
        net.stop(host)
    publish(net, 2, f"code,letter_bytes\n{AWAY},100000\n")
    publish(net, 3, f"code,name\n{AWAY},新名稱\n")
    net.wait_for(lambda: all(serials(net, host)["directory"] == 3
                             for host in ("center-a", "center-b")),
                 "the centers have not directory 3")


def waits(net, host):
    net.wait_logged(host, "id=E3720")
    net.wait_for(lambda: serials(net, host)["directory"] >= 2,
                 f"{host} does not take what takes away")
    return serials(net, host)["directory"]


def receipts_say(net, document):
    """How old the trust was by which they were stated."""
    path = f"{net.dir}/stale.zip"
    net.command("evidence", "export", document, "--to", path, "-c",
                net.conf("gateway-1"))
    with zipfile.ZipFile(path) as file:
        stated = [json.loads(file.read(name)) for name in file.namelist()
                  if name.endswith("/statement.json")]
    ages = [int(text["time"][8:10]) * 24 + int(text["time"][11:13]) -
            int(text["fresh"][8:10]) * 24 - int(text["fresh"][11:13])
            for text in stated]
    # A month may have ended in between.
    tap.ok(ages and all(age >= 29 or age < 0 for age in ages),
           "each receipt carries how old the trust was", stated)
    for serial in (2, 3):
        shutil.copy(f"{net.dir}/directory-{serial}.signed",
                    f"{net.dir}/bulletins/8{serial}-directory")
    said = net.command("evidence", "verify", path, "--root", net.root,
                       "--bulletins", f"{net.dir}/bulletins",
                       "--environment", "demo")
    tap.ok("(stale)" in said.stdout and "30 hours" in said.stdout,
           "and whoever verifies them reads it", said.stdout)


def grades(tap):
    with Network("grades", three_days.QUICK) as net:
        net.wait_for(lambda: three_days.grades(net, HOSTS) == {"fresh"},
                     "not fresh")
        fresh = net.send(net.letter([LOCAL], 1))["id"]
        net.wait_states(fresh, ["opened"])
        published(net)
        net.stop("management")
        three_days.later(net, 30, HOSTS[1:])
        tap.ok(three_days.grades(net, HOSTS[1:]) == {"stale"},
               "after 30 h without management trust is stale")
        tap.ok(waits(net, "gateway-3") == 2 and waits(net, "gateway-2") == 2,
               "then what takes away is taken, and what gives waits (E3720)",
               net.log("gateway-2", 40))
        tap.ok(serials(net, "center-a")["directory"] == 3,
               "what was taken before stays")
        document = net.send(net.letter([LOCAL], 2))["id"]
        net.wait_states(document, ["opened"])
        tap.ok(True, "documents go on")
        receipts_say(net, document)
        net.kill("gateway-2")
        net.start("gateway-2")
        net.wait_for(lambda: net.is_ready("gateway-2"), "it does not start")
        tap.ok(waits(net, "gateway-2") == 2, "also over a restart")
        said = net.log("gateway-2", 0).count("id=E3720")
        tap.ok(said <= 4, "it is said, and not over and over", said)
        three_days.later(net, 30, ["management"])
        net.wait_for(lambda: three_days.grades(net, HOSTS) == {"fresh"},
                     "trust does not come back")
        net.wait_for(lambda: all(serials(net, host)["directory"] == 3
                                 for host in HOSTS),
                     "not everybody has directory 3")
        tap.ok(True, "when management is back, what waited is taken by itself")
        last = net.send(net.letter([AWAY], 3, name={
            "376490000A": "雲林縣政府", AWAY: "新名稱"}))["id"]
        net.wait_states(last, ["opened"])
        tap.ok(True, "and holds")


run(tap, grades)
tap.done()
