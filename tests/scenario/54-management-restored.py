#!/usr/bin/python3
"""Goal: a management host that was restored from a backup has lost the end of
its log, which centers hold signed.  It signs that log no more, until a network
bulletin announces the next epoch; then its bulletins take effect again, and
timestamps go on with serials that no host has seen (T-BAK-04).  And while it is
away for three days, letters go on as far as trust lets, and every host recovers
alone.  limit: 150"""

import json
import os
import shutil

from by_hand import bulletin, local, sha, signed_content
from network import HOSTS as ALL, Network, Refused, Tap, run

tap = Tap()
QUICK = "[courier]\nretry_max_ms = 2000\n"
HOSTS = ("center-a", "gateway-1")


def serials(net, host):
    said = json.loads(local(net, host, "/v1/bulletins").body)
    return {item["type"]: item["serial"] for item in said["bulletins"]}


def save(net, name, cms):
    path = f"{net.dir}/{name}"
    with open(path, "wb") as file:
        file.write(cms)
    return path


def everywhere(net, kind, serial):
    for host in HOSTS:
        net.wait_for(lambda: serials(net, host)[kind] == serial,
                     f"{host} has not {kind} {serial}")


def opened(net):
    """A case with evidence, whose steps are in the log."""
    case = net.json("management", "case", "open", "change-name",
                    "organisation=376470000A", "name=新名稱", "contact=王")["id"]
    net.json("management", "case", "attach", case, save(
        net, "letter.txt", b"letter"), "--evidence", "authority")
    net.wait_for(lambda: all(
        step["entry"] is not None for step in
        net.json("management", "case", "show", case)["steps"]),
        "the steps are not in the log")
    return net.json("management", "case", "show", case)


def casework(net, kept, lost):
    said = net.json("management", "case", "show", kept["id"])
    tap.ok(said == kept, "a case is as it was in the backup", said)
    net.command("case", "save", kept["id"], "0", "-c", net.conf("management"),
                "--to", f"{net.dir}/saved")
    with open(f"{net.dir}/saved", "rb") as file:
        tap.ok(file.read() == b"letter", "with what was attached to it")
    try:
        net.json("management", "case", "show", lost["id"])
        tap.ok(False, "what came after the backup is gone")
    except Refused as why:
        tap.ok(why.code == "E7110", "what came after the backup is gone", why)
    again = opened(net)
    tap.ok(again["id"] not in (kept["id"], lost["id"]),
           "and its id is not given again", again["id"])


def test(tap):
    with Network("management", QUICK) as net:
        folder = f"{net.dir}/backup"
        net.wait_for(lambda: "event=log.cosigned" in net.log(
            "management", 0), "management's log is not cosigned")
        kept = opened(net)
        net.command("backup", "-c", net.conf("management"), "--to", folder)
        lost = opened(net)
        report = net.command("backup", "verify", "-c", net.conf("management"),
                             folder)
        tap.ok(report.returncode == 0, "a backup with cases can be restored",
               report)
        second = bulletin(net, "network")
        path = save(net, "network-2", second)
        net.publish([path])
        everywhere(net, "network", 2)
        before = max(serials(net, host)["timestamp"] for host in HOSTS)
        net.kill("management")
        shutil.move(f"{net.dir}/management", f"{net.dir}/lost")
        net.command("restore", "-c", net.conf("management"), folder)
        net.start("management")
        with open(f"{folder}/manifest.json", encoding="utf-8") as file:
            count = json.load(file)["log"]["size"]
        casework(net, kept, lost)
        net.publish([path])
        net.wait_for(lambda: "E5044" in net.log("management", 0),
                     "nobody says that the log lacks its end")
        tap.ok(True, "a restored log is not signed again under its name")
        tap.ok("event=log.conflict" not in net.log("center-a", 0),
               "so no witness is told two stories")

        def next_epoch(body):
            body["management"][0].update(
                origin="yizhan/demo/management/2", begins=count)
        net.publish([save(net, "network-3", bulletin(
            net, "network", serial=3, previous=sha(signed_content(second)),
            change=next_epoch))])
        everywhere(net, "network", 3)
        tap.ok(True, "two officers announce the next epoch of the log")
        for host in HOSTS:
            net.wait_for(lambda: serials(net, host)["timestamp"] > before + 999,
                         f"{host} takes no timestamp of after it")
        tap.ok(True, "hosts take timestamps of after the restore")
        net.publish([save(net, "directory-2", bulletin(net, "directory"))])
        everywhere(net, "directory", 2)
        tap.ok(True, "and what the witnesses cosign of the new epoch")
        acts = local(net, "management", "/v1/log/acts").json()["acts"]
        tap.ok([item["act"] for item in acts if item["act"][:5] != "case."]
               == ["log.epoch"],
               "the epoch is an act in the log", acts)


# -- three days ---------------------------------------------------------------

def later(net, hours, hosts):
    """All clocks go on, as far as these hosts can tell."""
    for host in hosts:
        if host in net.processes:
            net.stop(host)
        os.makedirs(f"{net.dir}/{host}.conf.d", exist_ok=True)
        with open(f"{net.dir}/{host}.conf.d/clock.conf", "w",
                  encoding="utf-8") as file:
            file.write(f"[test]\nclock_offset_ms = {hours * 3600000}\n")
    for host in hosts:
        net.start(host, wait=False)
    for host in hosts:
        net.wait_ready(host)
        net.wait_for(lambda: net.is_ready(host), f"{host} not ready")


def grades(net, hosts):
    return {json.loads(local(net, host, "/v1/bulletins").body)["grade"]
            for host in hosts}


def send(net, number):
    return net.send(net.letter(["376530000A"], number))["id"]


def absence(tap):
    with Network("absence", QUICK) as net:
        others = ALL[1:]
        net.wait_for(lambda: grades(net, others) == {"fresh"}, "not fresh")
        net.wait_states(send(net, 1), ["opened"])
        net.stop("management")
        for hours, grade in ((1, "late"), (30, "stale")):
            later(net, hours, others)
            tap.ok(grades(net, others) == {grade},
                   f"after {hours} h without management trust is {grade}",
                   grades(net, others))
            net.wait_states(send(net, hours + 1), ["opened"])
            tap.ok(True, "and letters go from center to center")
        later(net, 73, others)
        tap.ok(grades(net, others) == {"expired"},
               "after three days it has expired", grades(net, others))
        waiting = send(net, 80)
        net.wait_states(waiting, ["accepted"])
        tap.ok(True, "letters are accepted then, and go no further")
        later(net, 73, ["management"])
        net.wait_for(lambda: grades(net, ALL) == {"fresh"},
                     "trust does not come back")
        net.wait_states(waiting, ["opened"])
        tap.ok(True, "when management is back every host recovers alone, and "
               "what waited goes on")


run(tap, test)
run(tap, absence)
tap.done()
