#!/usr/bin/python3
"""Goal: a gateway and an organisation that nobody knows are registered by
one-time code and fingerprint, approved by two persons, published by two
signatures, and send their first letter (R5.3.5, R5.5.1); whatever does not fit
is refused.  No server and no one person stands in for a second.  limit: 120"""

import json

from by_hand import local
from casework import Casework, issue
from network import GATEWAYS, NAMES, Refused, Tap, run

tap = Tap()
CODE, NAME = "379990000Z", "示範新設機關"
NEW = "gateway-9"


def opened(net):
    net.refused(tap, "E7111", "a field is missing", "case", "open",
                "register-gateway", f"host={NEW}")
    net.refused(tap, "E7111", "a field that there is not", "case", "open",
                "register-gateway", f"host={NEW}", f"organisation={CODE}",
                "center=center-a", "contact=王", "colour=red")
    net.refused(tap, "E7110", "a procedure that there is not", "case", "open",
                "register-moon", f"host={NEW}")
    case = net.case("open", "register-gateway", f"host={NEW}",
                    f"organisation={CODE}", "center=center-a", "contact=王")
    tap.ok(case["state"] == "requested" and len(case["code"]) == 19 and
           case["due"], "a case is opened and gives out a code once", case)
    shown = net.case("show", case["id"])
    tap.ok("code" not in shown, "which is not shown again", shown)
    return case["id"], case["code"]


def received(net, case, first):
    """Code and fingerprint, wrong and right."""
    code = net.case("code", case)["code"]
    old, check = net.request(NEW, first, f"{CODE}={NAME}")
    path, check = net.request(NEW, code, f"{CODE}={NAME}")
    net.refused(tap, "E7103", "no request file", "case", "move", case,
                "receive", "--code", code, "--fingerprint", check)
    with open(path, "rb") as file:
        data = file.read()
    broken = f"{net.dir}/broken.request"
    with open(broken, "wb") as file:
        file.write(data.replace(NAME.encode(), "示範冒名機關".encode()))
    net.refused(tap, "E7114", "a request that was changed on the way", "case",
                "attach", case, broken, "--evidence", "request")
    net.case("attach", case, path, "--evidence", "request")
    move = ["case", "move", case, "receive"]
    net.refused(tap, "E7104", "without a code", *move)
    net.refused(tap, "E7112", "the code that was replaced", *move, "--code",
                first, "--fingerprint", check)
    net.refused(tap, "E7115", "another fingerprint", *move, "--code", code,
                "--fingerprint", "0000 0000 0000 0000")
    net.case("attach", case, old, "--evidence", "request")
    net.refused(tap, "E7114", "a request made with another code", *move,
                "--code", code, "--fingerprint", check)
    net.case("attach", case, path, "--evidence", "request")
    said = net.case("move", case, "receive", "--code", code.lower(),
                    "--fingerprint", check[:19])
    tap.ok(said["state"] == "received",
           "code and fingerprint, as they were read out, are taken", said)
    net.case("move", case, "send-back", "--note", "補正")
    net.refused(tap, "E7112", "the same code once more", *move, "--code", code,
                "--fingerprint", check)
    code = net.case("code", case)["code"]
    path, check = net.request(NEW, code, f"{CODE}={NAME}")
    net.case("attach", case, path, "--evidence", "request")
    for _ in range(5):
        net.refused(tap, "E7112", "a guess", *move, "--code",
                    "0000-0000-0000-0000", "--fingerprint", check)
    net.refused(tap, "E7112", "the right one after five guesses", *move,
                "--code", code, "--fingerprint", check)
    code = net.case("code", case)["code"]
    path, check = net.request(NEW, code, f"{CODE}={NAME}")
    net.case("attach", case, path, "--evidence", "request")
    return net.case("move", case, "receive", "--code", code, "--fingerprint",
                    check)


def approved(net, case):
    keys = [f"{net.dir}/officers/officer-{number}.pem" for number in (1, 2)]
    move = ["case", "move", case, "approve"]
    net.refused(tap, "E7103", "a check without the letter", "case", "move",
                case, "check")
    net.check(case)
    net.refused(tap, "E7105", "an approval by who sits there", *move)
    stranger = f"{net.dir}/stranger.pem"
    issue(net, stranger, "sign", "stranger")
    net.refused(tap, "E7102", "an approval by a stranger's key", *move,
                "--key", stranger)
    said = net.case(*move[1:], "--key", keys[0])
    tap.ok(said["state"] == "checked" and [
        item["persons_missing"] for item in said["moves"]
        if item["name"] == "approve"] == [1], "one officer is not enough",
        said)
    net.refused(tap, "E7106", "the same officer again", *move, "--key",
                keys[0])
    try:
        net.command("case", "draft", "directory", "-c",
                    net.conf("management"), "--to", f"{net.dir}/early")
        tap.ok(False, "no draft before two have approved")
    except Refused as why:
        tap.ok(why.code == "E7110", "no draft before two have approved", why)
    said = net.case(*move[1:], "--key", keys[1])
    tap.ok(said["state"] == "approved", "two officers approve", said)
    net.refused(tap, "E7101", "the approval again", *move, "--key", keys[0])
    for name in ("publish", "tell"):
        net.refused(tap, "E7101" if name == "tell" else "E7102",
                    f"{name} by hand", "case", "move", case, name, "--note",
                    "x")


def published(net, case):
    try:
        net.sign_drafts("access/center-a", signers=["officer-1"])
        tap.ok(False, "one signature publishes nothing")
    except Refused as why:
        tap.ok(why.code == "E7003", "one signature publishes nothing", why)
    net.sign_drafts("access/center-a")
    tap.ok(net.case("show", case)["state"] == "approved",
           "with one of two bulletins the case waits")
    net.stop("center-b")
    words = net.sign_drafts("directory")
    tap.ok(net.case("show", case)["state"] == "approved",
           "and so while a witness is missing, who lets it out")
    net.start("center-b")
    tap.ok(CODE in words and NAME in words, "the draft says what it adds",
           words)
    said = net.wait_case(case, "published")
    note = [step["note"] for step in said["steps"]
            if step["move"] == "publish"][0]
    tap.ok("directory 2" in note and "access/center-a 2" in note and
           said["steps"][-1]["by"] == "host",
           "both are in force, the history has their serials", note)
    tap.ok([item["name"] for item in said["notices"]] == ["sign", "in-force"],
           "and whom that tells is on record", said["notices"])


def first_letter(net):
    net.start(NEW)
    report = net.command("register", "--wait", "--timeout", "80", "-c",
                         net.conf(NEW), "--json", check=False).stdout
    tap.ok(json.loads(report)["ready"], "the new host is ready", report)
    GATEWAYS[NEW], NAMES[CODE] = CODE, NAME
    net.wait_directory()
    letter = net.letter(["376470000A"], 1, sender=CODE)
    document = net.send(letter, host=NEW)["id"]
    net.wait_states(document, ["opened"], host=NEW)
    tap.ok(True, "its first letter is opened")
    back = net.send(net.letter([CODE], 2))["id"]
    net.wait_states(back, ["opened"])
    tap.ok(True, "and the first one to it")


def closed(net, case):
    said = net.case("move", case, "tell", "--note", "電話通知王先生")
    tap.ok(said["state"] == "closed" and not said["open"], "the case ends",
           said)
    steps = json.loads(local(net, "management", "/v1/case-steps",
                             headers=["yizhan-office: auditor"]).body)["steps"]
    steps = [item for item in steps
             if json.loads(item["record"])["case"] == case]
    records = [json.loads(item["record"]) for item in steps]
    tap.ok([item["sequence"] for item in records] ==
           list(range(1, len(records) + 1)) and
           "電話" not in json.dumps(steps, ensure_ascii=False) and
           sum("consent" in item for item in steps) == 2,
           "every step has a record, without anybody's words")
    net.wait_for(lambda: all(step["entry"] is not None for step in
                             net.case("show", case)["steps"]),
                 "steps are not in the log")
    acts = json.loads(local(net, "management", "/v1/log/acts",
                            headers=["yizhan-office: auditor"]).body)["acts"]
    mine = [item for item in acts if item["about"] == case]
    tap.ok([item["detail"] for item in mine] ==
           [item["record"] for item in steps] and
           [item["entry"] for item in mine] ==
           [item["entry"] for item in net.case("show", case)["steps"]],
           "and is a leaf of management's log", mine[-2:])


def registration(tap):
    with Casework("registration", hosts=[
            "management", "center-a", "center-b", "gateway-1",
            "gateway-2"]) as net:
        net.add_gateway(NEW, "127.0.0.39", "center-a", [CODE])
        case, code = opened(net)
        received(net, case, code)
        approved(net, case)
        published(net, case)
        first_letter(net)
        closed(net, case)


run(tap, registration)
tap.done()
