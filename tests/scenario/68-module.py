#!/usr/bin/python3
"""Goal: the crypto module proves itself before it serves, signs nothing in its
error state, knows whether it runs as the program that was released, and its
keys can be destroyed for good (R5.1.6, T-MOD-01).  limit: 120"""

import glob
import hashlib
import json
import os
import shutil
import signal

from by_hand import instant, line, local, sign
from network import GATEWAYS, Network, Refused, Tap, run

tap = Tap()
GATEWAY = "gateway-1"


def show(net, host=GATEWAY, command="show"):
    result = net.command("module", command, "--json", "-c", net.conf(host),
                         check=False)
    return json.loads(result.stdout), result.returncode


def ready(tap, net):
    said, status = show(net)
    tap.ok(said["state"] == "ready" and status == 0, "the module is ready",
           said)
    tap.ok(len(said["tests"]) == 13 and
           all(test["passed"] for test in said["tests"]),
           "after a known answer of each algorithm", said["tests"])
    names = {key["name"] for key in said["keys"]}
    tap.ok(names == {"module", f"sign.{GATEWAYS[GATEWAY]}",
                     f"seal.{GATEWAYS[GATEWAY]}"},
           "it holds the gateway's keys, and no TLS key", names)
    before = {key["name"]: key["uses"] for key in said["keys"]}
    document = net.send(net.letter(["376470000A"], 1))["id"]
    net.wait_states(document, ["opened"])
    after = {key["name"]: key["uses"] for key in show(net)[0]["keys"]}
    tap.ok(after["module"] == before["module"] + 1,
           "and counts their uses", after)
    again, status = show(net, command="selftest")
    tap.ok(status == 0 and again["state"] == "ready",
           "asked to, it tests itself again", again)
    text = net.command("module", "show", "-c", net.conf(GATEWAY)).stdout
    tap.ok("ready" in text and "ecdsa-p256" in text,
           "and is shown in words", text)
    with open(os.environ["YIZHAN"], "rb") as file:
        program = hashlib.sha256(file.read()).hexdigest()
    tap.ok(said["program"] == program, "it knows the program it runs as",
           said["program"])
    return said["version"], program


def configure(net, text):
    os.makedirs(f"{net.dir}/{GATEWAY}.conf.d", exist_ok=True)
    with open(f"{net.dir}/{GATEWAY}.conf.d/module.conf", "w",
              encoding="utf-8") as file:
        file.write(text)


def restart(net):
    net.stop(GATEWAY)
    net.start(GATEWAY)


def refused(tap, net, number, code, name):
    try:
        net.send(net.letter(["376470000A"], number))
        tap.ok(False, name)
    except Refused as why:
        tap.ok(why.code == code, name, why)


def error_state(tap, net):
    """One wrong answer stops all use, until a restart without it."""
    configure(net, "[test]\nwrong_answer = aes-256-gcm\n")
    restart(net)
    said, status = show(net)
    tap.ok(said["state"] == "failed" and status == 70 and
           "aes-256-gcm" in said["failure"],
           "a wrong answer is the error state", said)
    tap.ok([test["name"] for test in said["tests"] if not test["passed"]] ==
           ["aes-256-gcm"], "and it says which", said["tests"])
    net.wait_for(lambda: net.is_ready(GATEWAY), "not ready")
    refused(tap, net, 2, "E3621", "nothing is signed in it")
    said, status = show(net, command="selftest")
    tap.ok(said["state"] == "failed", "testing again does not end it", said)
    configure(net, "")
    restart(net)
    net.wait_for(lambda: net.is_ready(GATEWAY), "not ready")
    net.wait_states(net.send(net.letter(["376470000A"], 2))["id"], ["opened"])
    tap.ok(show(net)[0]["state"] == "ready",
           "after a restart the letter goes", show(net)[0])


def uses(net):
    return {key["name"]: key["uses"] for key in show(net)[0]["keys"]}


def letter(net, number):
    net.wait_for(lambda: net.is_ready(GATEWAY), "not ready")
    document = net.send(net.letter(["376470000A"], number))["id"]
    net.wait_states(document, ["opened"])


def without_spooler(net):
    """The host starts its roles anew, but hears of it only when the module has
    ended by itself."""
    def ready_count():
        return net.log(GATEWAY, 0).count("host.ready")
    keeper, before = net.roles(GATEWAY)["keeper"], ready_count()
    os.kill(net.processes[GATEWAY].pid, signal.SIGSTOP)
    net.kill_role(GATEWAY, "spooler")
    net.wait_for(lambda: not net.is_alive(keeper), "the module goes on")
    os.kill(net.processes[GATEWAY].pid, signal.SIGCONT)
    net.wait_for(lambda: ready_count() > before, "the roles do not come back")


def counted(tap, net):
    """Over restarts: exactly, and after a kill never too few."""
    before = uses(net)
    restart(net)
    after = uses(net)
    tap.ok(after == before and before["module"] > 0,
           "uses are counted over a restart",
           f"{before} {after}\n{net.log(GATEWAY)[-4000:]}")
    letter(net, 29)
    before = uses(net)
    without_spooler(net)
    after = uses(net)
    tap.ok(after == before, "and when the role that asks for them ends first",
           f"{before} {after}\n{net.log(GATEWAY)[-4000:]}")
    letter(net, 30)
    before = uses(net)
    net.kill(GATEWAY)
    net.start(GATEWAY)
    after = uses(net)
    tap.ok(all(before[name] <= after[name] <= before[name] + 257
               for name in before),
           "after a kill no use is forgotten", f"{before} {after}")
    figures = local(net, GATEWAY, "/metrics").body.decode()
    tap.ok('yizhan_module_key_uses_total{key="module"' in figures,
           "and stand among the figures", figures[-600:])
    net.wait_for(lambda: net.is_ready(GATEWAY), "not ready")


def limited(tap, net):
    configure(net, f"[module]\nuses_max = {uses(net)['module'] + 1}\n")
    restart(net)
    net.wait_for(lambda: net.is_ready(GATEWAY), "not ready")
    document = net.send(net.letter(["376470000A"], 3))["id"]
    refused(tap, net, 4, "E3624",
            "a key is used no more often than policy lets")
    configure(net, "")
    restart(net)
    net.wait_states(document, ["opened"])


def release(net, serial, version, program, previous=""):
    value = {"format": "yizhan-bulletin-1", "environment": "demo",
             "type": "release", "name": "", "serial": serial,
             "issued": instant(-1), "expires": instant(3600),
             "previous": previous,
             "body": {"version": version, "summary": "x", "files": [
                 {"path": "usr/bin/yizhan", "bytes": 1,
                  "sha256": program}]}}
    cms = sign(line(value), f"{net.dir}/officers/root-1.pem",
               f"{net.dir}/officers/root-2.pem")
    path = f"{net.dir}/release-{serial}"
    with open(path, "wb") as file:
        file.write(cms)
    net.publish([path])
    return hashlib.sha256(line(value)).hexdigest()


def integrity(tap, net, version, program):
    """A program in a folder of its own, without a manifest."""
    folder = f"{net.dir}/program"
    os.makedirs(folder)
    for name in ("yizhan", "yizhan-printer"):
        shutil.copy(os.path.join(os.path.dirname(os.environ["YIZHAN"]), name),
                    folder)
    own, net.yizhan = net.yizhan, f"{folder}/yizhan"
    configure(net, "[module]\nintegrity = require\n")
    restart(net)
    said, _ = show(net)
    tap.ok(said["state"] == "waits" and said["integrity"] == "unchecked",
           "a program that nothing names waits where that is required", said)
    first = release(net, 1, version, program)
    net.wait_for(lambda: show(net)[0]["state"] == "ready", "it still waits")
    tap.ok(show(net)[0]["integrity"] == "release",
           "until the release bulletin names it", show(net)[0])
    second = release(net, 2, version, "1" * 64, first)
    net.wait_for(lambda: show(net)[0]["state"] == "failed",
                 "another program of that version is not seen")
    tap.ok(show(net)[0]["integrity"] == "differs",
           "another program of its version is the error state", show(net)[0])
    release(net, 3, version, program, second)
    # A manifest beside the program, and one byte changed.
    with open(f"{folder}/yizhan.sha256", "w", encoding="utf-8") as file:
        file.write(f"{program}  yizhan\n")
    net.stop(GATEWAY)
    with open(f"{folder}/yizhan", "r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    net.start(GATEWAY)
    said, _ = show(net)
    tap.ok(said["state"] == "failed" and "manifest" in said["failure"],
           "a program with one bit changed is the error state", said)
    net.yizhan = own
    configure(net, "")
    restart(net)


def zeroise(tap, net):
    try:
        net.command("module", "zeroise", "-c", net.conf(GATEWAY))
        tap.ok(False, "keys are destroyed without a word")
    except Refused as why:
        tap.ok("gateway-1" in str(why),
               "keys are destroyed only where the host is named", why)
    keys = glob.glob(f"{net.dir}/{GATEWAY}.keys/*.pem")
    used = [path for path in keys if
            os.path.basename(path) in ("module.pem", "tls.pem") or
            os.path.basename(path).startswith(("sign.", "seal."))]
    lines = net.lines(GATEWAY)
    net.command("module", "zeroise", "-c", net.conf(GATEWAY), "--confirm",
                GATEWAY)
    left = [os.path.basename(path) for path in used if os.path.exists(path)]
    tap.ok(left == ["tls.pem"] and
           not os.path.exists(f"{net.dir}/{GATEWAY}/keeper.key"),
           "their files are gone", left)
    said, _ = show(net)
    tap.ok(said["state"] == "zeroised" and said["keys"] == [],
           "the running module has none any more", said)
    evidence = glob.glob(f"{net.dir}/{GATEWAY}/zeroised-*.json")
    with open(evidence[0], encoding="utf-8") as file:
        told = json.load(file)
    tap.ok({key["name"] for key in told["keys"]} ==
           {"module", f"sign.{GATEWAYS[GATEWAY]}",
            f"seal.{GATEWAYS[GATEWAY]}"}, "a record says so", told)
    net.wait_logged(GATEWAY, "module.state", since=lines)
    tap.ok(True, "and the log")


def test(tap):
    with Network("module") as net:
        version, program = ready(tap, net)
        error_state(tap, net)
        counted(tap, net)
        limited(tap, net)
        integrity(tap, net, version, program)
        zeroise(tap, net)


run(tap, test)
tap.done()
