#!/usr/bin/env python3
# limit: 240
"""Hand-over from document system to document system, each once: watched folders
on both sides, over cables of which every tenth connection is cut, while the
watching programs and the gateways are killed.  Negative control: a system that
takes letters in without noting them down is caught."""

import contextlib
import json
import os
import random
import shutil
import subprocess
import time

from cutting import Cutter
from network import PATIENCE_S, Network, Tap, pdf, run
from web import Web

A, B = "376490000A", "376470000A"
LETTERS = 24


class System:
    """A document system: its folders, and the program that watches them."""

    def __init__(self, net, name, host, code, seed):
        made = net.command("token", "create", name, "--organisation", code,
                           "--scopes", "read,send,receive,events", "-c",
                           net.conf(host)).stdout
        self.token = made.strip()
        self.path = f"{net.dir}/{name}"
        os.makedirs(self.path)
        with open(self.path + ".token", "w", encoding="ascii") as file:
            file.write(made)
        address = net.settings(host)["host.address"]
        self.cutter = Cutter((address, 8443), share=0.5, reach=8000, seed=seed)
        self.command = [net.yizhan, "folder", self.path, "--url",
                        self.cutter.url, "--token-file",
                        self.path + ".token", "--insecure", "--interval", "1"]
        self.process, self.kills = None, 0

    def begin(self):
        self.process = subprocess.Popen(
            self.command, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def end(self):
        """Also after a failure: nothing is left running."""
        if self.process is not None:
            self.kill()
            self.process = None
        self.cutter.close()

    def drop(self, paths, name):
        os.mkdir(f"{self.path}/out/{name}.part")
        for path in paths:
            shutil.copy(path, f"{self.path}/out/{name}.part")
        os.rename(f"{self.path}/out/{name}.part",
                  f"{self.path}/out/{name}.letter")

    def taken(self):
        """Take in what came: its place goes into the system's own folder."""
        os.makedirs(f"{self.path}.taken", exist_ok=True)
        for name in os.listdir(f"{self.path}/in"):
            os.rename(f"{self.path}/in/{name}",
                      f"{self.path}.taken/{time.monotonic_ns()}-{name}")
        return sorted(os.listdir(f"{self.path}.taken"))


def letters_of(system):
    found = []
    for name in system.taken():
        with open(f"{system.path}.taken/{name}/_letter.json",
                  encoding="utf-8") as file:
            letter = json.load(file)
        whole = all(os.path.getsize(
            f"{system.path}.taken/{name}/{part['name']}") == part["length"]
            for part in letter["files"])
        found.append((letter["reference"], whole))
    return found


def has_arrived(system, number):
    """So the result of that letter says, once there is one."""
    try:
        with open(f"{system.path}/results/letter-{number}/result.txt",
                  encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return False
    return "對方" in text or "已送達" in text


def take_in_careless(web):
    """The list as it is, anew after each kill, with no note of what was."""
    return [item["reference"] for _ in range(2)
            for item in web.get("/v1/inbox?limit=200").json["documents"]]


def handover(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net, contextlib.ExitStack() as stack:
        ours = System(net, "dms-a", "gateway-1", A, 1)
        theirs = System(net, "dms-b", "gateway-2", B, 2)
        for system in (ours, theirs):
            stack.callback(system.end)
        exchange(tap, net, ours, theirs)


def exchange(tap, net, ours, theirs):
    chance = random.Random(3)
    ours.begin()
    theirs.begin()
    net.wait_for(lambda: os.path.isdir(f"{ours.path}/acts/done") and
                 os.path.isdir(f"{theirs.path}/acts/done"), "no folders")
    for number in range(LETTERS):
        ours.drop(net.letter([B], 700 + number, {"a.pdf": pdf(3000)}),
                  f"letter-{number}")
        for system in (ours, theirs):
            if chance.random() < 0.4:
                time.sleep(chance.random() * 0.15)
                system.kill()
                system.begin()
        theirs.taken()
        if number in (8, 16):
            host = "gateway-2" if number == 8 else "gateway-1"
            net.kill(host)
            net.start(host)
    net.wait_for(lambda: len(os.listdir(f"{ours.path}/sent")) ==
                 LETTERS and not os.listdir(f"{ours.path}/.work/out"),
                 "not all is sent", timeout=3 * PATIENCE_S)
    net.wait_for(lambda: len(theirs.taken()) >= LETTERS,
                 "not all has come", timeout=3 * PATIENCE_S)
    cuts, links = (sum(getattr(system.cutter, what)
                       for system in (ours, theirs))
                   for what in ("cuts", "links"))
    tap.ok(cuts * 10 >= links and ours.kills + theirs.kills > 10,
           f"{cuts} of {links} connections were cut, "
           f"{ours.kills + theirs.kills} programs and 2 gateways killed")
    theirs.kill()
    theirs.begin()
    net.wait_for(lambda: all(has_arrived(ours, number)
                             for number in range(LETTERS)),
                 "results are behind", timeout=3 * PATIENCE_S)
    for system in (ours, theirs):
        system.end()
    got = letters_of(theirs)
    wrong = {number: sum(f"{700 + number:07d}" in reference
                         for reference, _ in got)
             for number in range(LETTERS)}
    tap.ok(set(wrong.values()) == {1} and len(got) == LETTERS,
           "each letter is taken in once", wrong)
    tap.ok(all(whole for _, whole in got), "whole")
    tap.ok(len(os.listdir(f"{ours.path}/sent")) == LETTERS,
           "and the sender has how it stands")
    careless = take_in_careless(Web(net, "gateway-2",
                                    token=theirs.token))
    tap.ok(len(careless) == 2 * LETTERS,
           "(one that keeps no note is seen to take in twice)",
           len(careless))


if __name__ == "__main__":
    tap = Tap()
    run(tap, handover)
    tap.done()
