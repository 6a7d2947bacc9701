#!/usr/bin/python3
"""Goal: who has an invitation, cards and two one-time codes sets up a gateway by
four questions, each wrong answer is refused before anything is written, and
`yizhan doctor` says what is still to be done, until nothing is; and which host
does not answer, when one does not (ux.md 6, R5.3.4, R5.3.5).  limit: 120"""

import json
import os
import subprocess

from casework import Casework, issue
from network import GATEWAYS, NAMES, Refused, Tap, run

tap = Tap()
CODE, NAME, NEW = "379990000Z", "示範新設機關", "gateway-379990000z"


def doctor(net, host):
    """{line: check}, and the whole report."""
    report = json.loads(net.command("doctor", "-c", net.conf(host), "--json",
                                    check=False).stdout)
    return {check["name"]: check for check in report["checks"]}, report


def ask(net, answers, *options):
    return subprocess.run(
        [net.yizhan, "init", "gateway", "--to", f"{net.dir}/new", "--data",
         f"{net.dir}/{NEW}", *options],
        input="".join(answer + "\n" for answer in answers),
        capture_output=True, text=True, check=False, timeout=90)


def set_up(net):
    invitation = f"{net.dir}/center-a.invitation"
    said = net.command("invite", "--to", invitation, "-c",
                       net.conf("center-a"))
    tap.ok(net.root in said.stderr, "the center's invitation is made", said)
    try:
        net.command("invite", "--to", f"{net.dir}/x", "-c",
                    net.conf("gateway-1"))
        tap.ok(False, "a gateway invites nobody")
    except Refused as why:
        tap.ok(why.code == "E1203", "a gateway invites nobody", why)
    with open(invitation, encoding="utf-8") as file:
        text = file.read()
    forged = f"{net.dir}/forged.invitation"
    good = [f"{CODE}={NAME}", "127.0.0.39", invitation, net.root]
    for name, place, wrong, code in (
            ("a code that is none", 0, "42=x", "E1203"),
            ("no name", 0, CODE, "E1203"),
            ("the address of another machine", 1, "192.0.2.77", "E6903"),
            ("a name for an address", 1, "localhost", "E1203"),
            ("no invitation", 2, f"{net.dir}/nothing", "E1002"),
            ("a file that is no invitation", 2, net.conf("center-a"), "E6901"),
            ("an invitation that would write lines of its own", 2, forged,
             "E6901"),
            ("another fingerprint", 3, "1" * 64, "E6902"),
            ("half a fingerprint", 3, net.root[:32], "E1203")):
        with open(forged, "w", encoding="utf-8") as file:
            file.write(text.replace("center-a", "center-a\\n[test]"))
        answers = good[:place] + [wrong] + good[place + 1:]
        said = ask(net, answers)
        tap.ok(said.returncode != 0 and code in said.stderr and
               not os.path.exists(f"{net.dir}/new"),
               f"{name}: {code}, and nothing is written", said)
    # As it stands on paper.
    paper = " ".join(net.root.upper()[at:at + 4] for at in range(0, 64, 4))
    said = ask(net, good[:3] + [paper], "--json")
    report = json.loads(said.stdout)
    failed = {check["name"] for check in report["checks"]
              if check["state"] == "failed"}
    tap.ok(said.returncode == 0 and failed == {
        "key module", "key tls", f"key sign.{CODE}", f"key seal.{CODE}",
        "host"},
        "four answers, and doctor names what is missing", said)
    tap.ok(ask(net, good).returncode == 73 and
           oct(os.stat(f"{net.dir}/new/keys/tls.pem").st_mode)[-3:] == "600",
           "a second time nothing is written over")
    os.symlink(f"{net.dir}/new/yizhan.conf", net.conf(NEW))


def certify(net, stem):
    """What an authority makes of a request, behind the key."""
    anchor = f"{net.dir}/officers/anchor.pem"
    answer = subprocess.run(
        ["openssl", "x509", "-req", "-in", f"{stem}.csr", "-CA", anchor,
         "-CAkey", anchor, "-days", "300", "-copy_extensions", "copyall"],
        capture_output=True, check=True, timeout=90).stdout
    with open(f"{stem}.pem", "ab") as file:
        file.write(answer)


def register(net):
    """Cards and module from their authorities; then the case, shortly."""
    keys = f"{net.dir}/new/keys"
    issue(net, f"{keys}/module.pem", "sign", f"{NEW} module")
    for name in ("tls", f"sign.{CODE}", f"seal.{CODE}"):
        certify(net, f"{keys}/{name}")
    case = net.case("open", "register-gateway", f"host={NEW}",
                    f"organisation={CODE}", "center=center-a", "contact=王")
    path, check = net.request(NEW, case["code"], f"{CODE}={NAME}")
    net.case("attach", case["id"], path, "--evidence", "request")
    net.case("move", case["id"], "receive", "--code", case["code"],
             "--fingerprint", check)
    net.check(case["id"])
    net.approve(case["id"])
    net.start(NEW)
    found, report = doctor(net, NEW)
    tap.ok(not report["ready"] and found["directory"]["state"] == "failed",
           "before the bulletins have it the host is not ready", report)
    net.sign_drafts("access/center-a", "directory")
    said = net.command("register", "--wait", "--timeout", "90", "-c",
                       net.conf(NEW), "--json", check=False).stdout
    tap.ok(json.loads(said)["ready"], "and then it is", said)
    GATEWAYS[NEW], NAMES[CODE] = CODE, NAME
    letter = net.letter(["376490000A"], 1, sender=CODE)
    document = net.send(letter, host=NEW)["id"]
    net.wait_states(document, ["opened"], host=NEW)
    tap.ok(True, "its first letter is opened")


def watched(net):
    def is_well():
        found, report = doctor(net, NEW)
        return report["failed"] == 0 and all(
            found[name]["state"] == "ok" for name in (
                "link center-a", "queue", "log", "module", "printing",
                "key tls", "directory", "timestamp"))

    # The letter's receipts are still being compared.
    net.wait_for(is_well, "doctor finds something wrong")
    found, report = doctor(net, NEW)
    tap.ok(report["failed"] == 0 and
        {"clock", "disk", "certificates"} <= set(found),
        "doctor looks at clock, keys, center, directory, queue, log, module "
        "and printing, and nothing is wrong", report)
    net.kill("center-a")
    net.send(net.letter(["376490000A"], 2, sender=CODE), host=NEW)
    net.wait_for(lambda: doctor(net, NEW)[0]["link center-a"]["state"] ==
                 "failed", "nobody misses the center")
    found, report = doctor(net, NEW)
    words = net.command("doctor", "-c", net.conf(NEW), check=False).stdout
    at = words.splitlines().index(next(
        line for line in words.splitlines() if "link center-a" in line))
    tap.ok("no connection since" in found["link center-a"]["text"] and
           words.splitlines()[at + 1].strip().startswith("→") and
           found["queue"]["text"].startswith("1 letters wait"),
           "without the center doctor says so, what to do, and what waits",
           words)
    net.start("center-a")
    net.wait_for(lambda: doctor(net, NEW)[0]["link center-a"]["state"] ==
                 "ok", "the center is not found again")
    tap.ok(True, "and that it is back")


def operating(tap):
    with Casework("operating", hosts=["management", "center-a", "center-b",
                                      "gateway-1"]) as net:
        set_up(net)
        register(net)
        watched(net)


run(tap, operating)
tap.done()
