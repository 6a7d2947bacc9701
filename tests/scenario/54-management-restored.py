#!/usr/bin/python3
"""Goal: a management host that was restored from a backup has lost the end of
its log, which centers hold signed.  It signs that log no more, until a network
bulletin announces the next epoch; then its bulletins take effect again, and
timestamps go on with serials that no host has seen (T-BAK-04).  limit: 120"""

import json
import shutil

from by_hand import bulletin, local, sha, signed_content
from network import Network, Tap, rows_of, run

tap = Tap()
HOSTS = ("center-a", "gateway-1")


def serials(net, host):
    said = json.loads(local(net, host, "/v1/bulletins").body)
    return {item["type"]: item["serial"] for item in said["bulletins"]}


def save(net, name, cms):
    path = f"{net.dir}/{name}"
    with open(path, "wb") as file:
        file.write(cms)
    return path


def records(net):
    with rows_of(f"{net.dir}/management/rows.db") as rows:
        return rows.execute("SELECT count(*) FROM leaf").fetchone()[0]


def everywhere(net, kind, serial):
    for host in HOSTS:
        net.wait_for(lambda: serials(net, host)[kind] == serial,
                     f"{host} has not {kind} {serial}", 30)


def test(tap):
    with Network("management") as net:
        folder = f"{net.dir}/backup"
        net.wait_for(lambda: "event=log.cosigned" in net.log(
            "management", 60), "management's log is not cosigned")
        net.command("backup", "-c", net.conf("management"), "--to", folder)
        second = bulletin(net, "network")
        path = save(net, "network-2", second)
        net.publish([path])
        everywhere(net, "network", 2)
        before = max(serials(net, host)["timestamp"] for host in HOSTS)
        net.kill("management")
        shutil.move(f"{net.dir}/management", f"{net.dir}/lost")
        net.command("restore", "-c", net.conf("management"), folder)
        net.start("management")
        count = records(net)
        net.publish([path])
        net.wait_for(lambda: "E5044" in net.log("management", 60),
                     "nobody says that the log lacks its end")
        tap.ok(True, "a restored log is not signed again under its name")
        tap.ok("event=log.conflict" not in net.log("center-a", 200),
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
                         f"{host} takes no timestamp of after it", 60)
        tap.ok(True, "hosts take timestamps of after the restore")
        net.publish([save(net, "directory-2", bulletin(net, "directory"))])
        everywhere(net, "directory", 2)
        tap.ok(True, "and what the witnesses cosign of the new epoch")
        acts = local(net, "management", "/v1/log/acts").json()["acts"]
        tap.ok([item["act"] for item in acts] == ["log.epoch"],
               "the epoch is an act in the log", acts)


run(tap, test)
tap.done()
