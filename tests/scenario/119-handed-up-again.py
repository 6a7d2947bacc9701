#!/usr/bin/python3
"""Goal: a request of a case that the host above lost by a restore goes up again
by itself (R5.3.5): management alone, or center and management together, came
back from a backup of before it.  Each request is one case at the end, whoever
made it; what had ended is not asked for again.  limit: 180"""

import json
import shutil

from by_hand import bulletin, sha, signed_content
from casework import Casework
from network import Tap, rows_of, run

tap = Tap()
OWN = "376490000A"
EXTRA = "[courier]\nretry_first_ms = 50\nretry_max_ms = 300\n"
TIERS = ("management", "center-a")


def opened(net, name, host="gateway-1"):
    return net.json(host, "case", "open", "change-name",
                    f"organisation={OWN}", f"name={name}", "contact=王")["id"]


def shown(net, request, host="gateway-1"):
    return net.json(host, "case", "show", request)


def wait_case(net, request, host="gateway-1"):
    net.wait_for(lambda: shown(net, request, host)["case"],
                 f"{request} has no case at {host}")
    return shown(net, request, host)


def cases(net, name):
    """Those that ask for this name."""
    return [item["id"] for item in
            net.case("list", "--all", "--limit", "500")["cases"]
            if net.case("show", item["id"])["fields"].get("name") == name]


def back_up(net, name):
    """Both tiers; {host: records of its log}"""
    sizes = {}
    for host in TIERS:
        net.command("backup", "-c", net.conf(host), "--to",
                    f"{net.dir}/{name}-{host}")
    with open(f"{net.dir}/{name}-center-a/manifest.json",
              encoding="utf-8") as file:
        sizes["center-a"] = json.load(file)["log"]["size"]
    return sizes


def put_back(net, name, hosts, sizes):
    for host in hosts:
        net.kill(host)
    for host in hosts:
        shutil.move(f"{net.dir}/{host}", f"{net.dir}/lost-{name}-{host}")
        net.command("restore", "-c", net.conf(host), f"{net.dir}/{name}-{host}")
        net.start(host, wait=False)
    for host in hosts:
        net.wait_ready(host)
    with rows_of(f"{net.dir}/management/rows.db") as rows:
        sizes["management"] = rows.execute(
            "SELECT count(*) FROM leaf").fetchone()[0]


def announce(net, serial, epochs, sizes):
    """Two officers name the next epoch of these hosts' logs."""
    def change(body):
        for item in body["centers"] + body["management"]:
            if item["name"] in epochs:
                item.update(
                    origin=f"yizhan/demo/{item['name']}/{epochs[item['name']]}",
                    begins=sizes[item["name"]])

    previous = {}
    if serial > 2:
        with open(f"{net.dir}/network-{serial - 1}", "rb") as file:
            previous["previous"] = sha(signed_content(file.read()))
    path = f"{net.dir}/network-{serial}"
    with open(path, "wb") as file:
        file.write(bulletin(net, "network", serial=serial, change=change,
                            **previous))
    net.publish([path])


def once(net, name, request, host, old):
    """Its case is the one that management has, and no other is made."""
    net.wait_for(lambda: cases(net, name), f"no case of {name}")
    net.wait_for(lambda: shown(net, request, host)["case_id"] ==
                 cases(net, name)[0], f"{host} does not hear of its case")
    said = shown(net, request, host)
    return cases(net, name) == [said["case_id"]] and said["open"] and \
        said["case_id"] != old


def management_lost_it(net):
    sizes = back_up(net, "first")
    asked = {"閘道所請": "gateway-1", "中心所請": "center-a"}
    requests = {name: opened(net, name, host)
                for name, host in asked.items()}
    before = {name: wait_case(net, requests[name], asked[name])["case_id"]
              for name in asked}
    ended = opened(net, "撤回所請")
    wait_case(net, ended)
    net.json("gateway-1", "case", "move", ended, "withdraw", "--note", "誤植")
    net.wait_for(lambda: not shown(net, ended)["open"], "it is not withdrawn")
    put_back(net, "first", ["management"], sizes)
    tap.ok(not any(cases(net, name) for name in (*asked, "撤回所請")),
           "(a management host that was restored has lost the cases)")
    announce(net, 2, {"management": 2}, sizes)
    for name, host in asked.items():
        tap.ok(once(net, name, requests[name], host, before[name]),
               f"what {host} had asked for is one case again, and it knows "
               "which", shown(net, requests[name], host))
    tap.ok(cases(net, "撤回所請") == [],
           "what had ended is not asked for again")
    return requests


def both_lost_it(net, before):
    sizes = back_up(net, "second")
    request = opened(net, "兩層皆失")
    old = wait_case(net, request)["case_id"]
    put_back(net, "second", TIERS, sizes)
    with rows_of(f"{net.dir}/center-a/rows.db") as rows:
        known = rows.execute("SELECT count(*) FROM case_request WHERE id = ?",
                             (request,)).fetchone()[0]
    tap.ok(known == 0 and cases(net, "兩層皆失") == [],
           "(center and management have both lost a request)", known)
    announce(net, 3, {"management": 3, "center-a": 2}, sizes)
    tap.ok(once(net, "兩層皆失", request, "gateway-1", old),
           "it goes up from the gateway once more, over both, and is one case",
           shown(net, request))
    tap.ok(all(len(cases(net, name)) == 1 for name in before),
           "and what was here before is still one case each")


def handed_up_again(tap):
    with Casework("handed-up", EXTRA, hosts=["management", "center-a",
                                             "center-b", "gateway-1"]) as net:
        both_lost_it(net, management_lost_it(net))


run(tap, handed_up_again)
tap.done()
