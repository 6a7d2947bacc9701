#!/usr/bin/python3
"""Goal: a management host that was restored from a backup goes on stamping with
serials that no host has seen, once the bulletins since are published again
(T-BAK-04).  limit: 120"""

import json
import shutil

from by_hand import bulletin, local
from network import Network, Tap, run

tap = Tap()


def serials(net, host):
    said = json.loads(local(net, host, "/v1/bulletins").body)
    return {item["type"]: item["serial"] for item in said["bulletins"]}


def test(tap):
    with Network("management") as net:
        folder = f"{net.dir}/backup"
        net.command("backup", "-c", net.conf("management"), "--to", folder)
        path = f"{net.dir}/network-2"
        with open(path, "wb") as file:
            file.write(bulletin(net, "network"))
        net.publish([path])
        hosts = ("center-a", "gateway-1")
        for host in hosts:
            net.wait_for(lambda: serials(net, host)["network"] == 2,
                         f"{host} does not hear of it")
        before = max(serials(net, host)["timestamp"] for host in hosts)
        net.kill("management")
        shutil.move(f"{net.dir}/management", f"{net.dir}/lost")
        net.command("restore", "-c", net.conf("management"), folder)
        net.start("management")
        net.publish([path])
        for host in hosts:
            net.wait_for(lambda: serials(net, host)["timestamp"] > before + 999,
                         f"{host} takes no timestamp of after it", 60)
        tap.ok(True, "hosts take timestamps of after the restore")
        tap.ok(all(serials(net, host)["network"] == 2 for host in hosts),
               "and still have the bulletins of before")


run(tap, test)
tap.done()
