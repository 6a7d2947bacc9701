#!/usr/bin/python3
"""Goal: every endpoint of a management host with every office: what the table
allows is answered, everything else is denied, and what is denied changes
nothing (least privilege, R5.3.8).  The table here was written by hand and is
no copy of the program's; data/openapi/management.json must agree.  What is
signed holds for one move of one case; offices come by a case; what was answered
outlives kill -9.  limit: 120"""

import base64
import hashlib
import itertools
import json
import os
import sqlite3
import subprocess
import threading
import time

from by_hand import Answer, bundle, instant, line, local, sign
from casework import Casework, issue
from network import Tap, run
from web import Web

tap = Tap()
OFFICES = ["clerk", "officer", "duty", "auditor", "operator", "applicant",
           "supervisor"]
ALL = OFFICES
SEE = ["clerk", "officer", "duty", "auditor", "applicant", "supervisor"]
OWN, OTHER = "376470000A", "376490000A"

# At the ports for people alone: of a session.
SESSION = [("POST", "/v1/session", ALL), ("GET", "/v1/session", ALL),
           ("POST", "/v1/session:end", ALL)]
# What only who is on the machine may ask.
LOCAL = ("/v1/leases", "/v1/leases/{lease}:renew", "/v1/leases/{lease}:release",
         "/v1/module:selftest", "/v1/module:zeroise")

# (method, path, who may).  CASE is a case of OWN.
TABLE = [
    ("GET", "/v1/health", ALL),
    ("GET", "/v1/bulletins", ALL),
    ("GET", "/v1/release", ["clerk", "officer", "duty", "auditor",
                            "operator"]),
    ("GET", "/v1/bulletins/{type}", ALL),
    ("GET", "/v1/bulletins/{type}/{name}", ALL),
    ("POST", "/v1/bulletins", ["clerk", "officer", "duty", "operator"]),
    ("GET", "/v1/cards", ["clerk", "officer", "duty", "auditor"]),
    ("POST", "/v1/cards/{certificate}:assign", ["clerk", "officer"]),
    ("POST", "/v1/cards/{certificate}:lost", ["clerk", "officer", "duty"]),
    ("GET", "/v1/certificates", ["clerk", "officer", "duty", "auditor",
                                 "operator"]),
    ("GET", "/v1/conflicts", ["officer", "auditor", "operator"]),
    ("GET", "/v1/directory", ALL),
    ("GET", "/v1/directory/{code}", ALL),
    ("GET", "/v1/directory/{code}/history", ALL),
    ("POST", "/v1/directory:prepare", ["clerk", "officer"]),
    ("GET", "/v1/log/acts", ["officer", "auditor"]),
    ("POST", "/v1/leases", ["operator"]),
    ("POST", "/v1/leases/{lease}:renew", ["operator"]),
    ("POST", "/v1/leases/{lease}:release", ["operator"]),
    ("GET", "/v1/case-definitions", ALL),
    ("GET", "/v1/cases", SEE),
    ("POST", "/v1/cases", ["clerk", "duty", "applicant"]),
    ("GET", "/v1/cases/{id}", SEE),
    ("POST", "/v1/cases/{id}:move", ["clerk", "officer", "duty",
                                     "applicant"]),
    ("POST", "/v1/cases/{id}:code", ["clerk"]),
    ("POST", "/v1/cases/{id}/attachments", ["clerk", "duty", "applicant"]),
    ("GET", "/v1/cases/{id}/attachments/{number}", SEE),
    ("GET", "/v1/case-changes", ["clerk", "officer", "duty", "auditor"]),
    ("GET", "/v1/case-steps", ["officer", "auditor"]),
    ("GET", "/v1/release-reports", ["clerk", "officer", "duty", "auditor",
                                    "operator"]),
    ("GET", "/v1/people", ["clerk", "officer", "auditor", "operator"]),
    ("POST", "/v1/people/{certificate}:link", ["operator"]),
    ("GET", "/v1/tokens", ["officer", "auditor", "operator"]),
    ("POST", "/v1/tokens", ["operator"]),
    ("POST", "/v1/tokens/{id}:revoke", ["operator"]),
    ("GET", "/v1/acts", ["officer", "auditor"]),
    ("GET", "/v1/measures", ["clerk", "officer", "duty", "auditor",
                             "operator"]),
    ("GET", "/v1/module", ["officer", "auditor", "operator"]),
    ("POST", "/v1/module:selftest", ["operator"]),
    ("GET", "/v1/modules", ["clerk", "officer", "duty", "auditor"]),
    ("POST", "/v1/modules", ["clerk"]),
    ("POST", "/v1/modules:code", ["clerk"]),
    # Last: it does what it says.
    ("POST", "/v1/module:zeroise", ["operator"]),
]


def question(method, path, case, code=OWN):
    """Target, body and its type of one request."""
    target = path.replace("{id}", case).replace("{number}", "0").replace(
        "{lease}", "none").replace("{code}", OWN).replace(
            "{certificate}", "0" * 64)
    target = target.replace("bulletins/{type}/{name}",
                            "bulletins/access/center-a")
    target = target.replace("{type}", "directory")
    kind, body = "", None
    if method == "POST":
        kind, body = "application/json", b""
        if path == "/v1/bulletins":
            kind, body = "application/octet-stream", bundle()
        elif path == "/v1/cases":
            body = json.dumps({"definition": "change-name", "fields": {
                "organisation": code, "name": "新名稱", "contact": "王"}}
                              ).encode()
        elif path.endswith(":prepare"):
            body = b'{"entries":[]}'
        elif path.endswith(":move"):
            body = b'{"move":"tell","note":"x"}'
        elif path.endswith("/attachments"):
            kind, body = "application/octet-stream", b"letter"
            target += "?evidence=authority&name=a.txt"
    return target, body, kind


def ask(net, method, path, office, case, code=OWN):
    """One request at the control socket, in an office."""
    target, body, kind = question(method, path, case, code)
    headers = ["yizhan-organisation: " + code]
    if office:
        headers.append("yizhan-office: " + office)
    if body:
        headers.append("content-type: " + kind)
    return post(net, target, headers, body) if method == "POST" else \
        local(net, "management", target, headers=headers)


def post(net, target, headers, body):
    command = ["curl", "-sS", "--http2-prior-knowledge", "--max-time", "90",
               "--unix-socket", f"{net.dir}/management/control.sock", "-w",
               "\n%{http_code}", "-X", "POST"]
    for header in headers:
        command += ["-H", header]
    if body:
        command += ["--data-binary", "@-"]
    result = subprocess.run([*command, f"http://host{target}"], input=body,
                            capture_output=True, check=False)
    text, _, status = result.stdout.rpartition(b"\n")
    return Answer(int(status or 0), text, result.stderr.decode())


def count(net):
    said = json.loads(local(net, "management", "/v1/case-steps",
                            headers=["yizhan-office: auditor"]).body)
    return len(said["steps"])


def every_endpoint(net, case):
    before = count(net)
    for method, path, may in TABLE:
        for office in OFFICES:
            if office not in may:
                answer = ask(net, method, path, office, case)
                if (answer.code, answer.status) != ("E7117", 403):
                    tap.ok(False, f"{method} {path} as {office}", answer)
    tap.ok(count(net) == before, "what is denied changes nothing")
    for method, path, may in TABLE:
        wrong = [f"{office}: {answer}" for office in may for answer in
                 [ask(net, method, path, office, case)]
                 if answer.code == "E7117" or answer.status == 0]
        tap.ok(not wrong, f"{method} {path}: {', '.join(may)}",
               "\n".join(wrong))


def with_offices(net, name, offices):
    """A person whom a case of two officers registered; the card."""
    path = f"{net.dir}/{name}.pem"
    card = issue(net, path, "sign", name)
    case = net.case("open", "register-person", f"person={name}",
                    f"organisation={OWN}", f"certificate={card}",
                    f"offices={offices}")["id"]
    net.check(case, ["identity"])
    net.approve(case)
    return path


def over_the_network(net, case):
    """The same at the ports for people and operators, by card and session."""
    webs = {}
    for office in OFFICES:
        card = f"{net.dir}/officers/officer-1.pem" if office == "officer" \
            else with_offices(net, office, office)
        webs[office] = Web(net, "management", card=card)
        answer = webs[office].log_in()
        if answer.status != 201 or answer.json["roles"] != [office]:
            tap.ok(False, f"{office} logs in by card", answer)
    before, wrong, asked = count(net), [], 0
    for denied in (True, False):
        for method, path, may in TABLE + SESSION[1:2]:
            for office in OFFICES:
                if (office not in may or path in LOCAL) != denied:
                    continue
                target, body, kind = question(method, path, case)
                headers = {"Content-Type": kind} if body else {}
                if method == "POST" and not body:
                    headers, body = {"Content-Type": "application/json"}, b"{}"
                    if path.endswith((":code", ":renew", ":release")) or \
                            path == "/v1/leases":
                        headers, body = {}, None
                answer = webs[office].ask(method, target, body,
                                          headers=headers)
                asked += 1
                refused = answer.status in (404, 405) if path in LOCAL else \
                    (answer.status, answer.code) == (403, "E7117")
                if refused != denied and not (
                        not denied and answer.status == 404):
                    wrong.append(f"{method} {path} {office}: {answer}")
                elif not denied and answer.status in (0, 401, 403) and \
                        answer.code in ("E7117", "E6402", "E6403", "E6404"):
                    wrong.append(f"{method} {path} {office}: {answer}")
        if denied:
            tap.ok(count(net) == before, "over the network too, what is "
                   "denied changes nothing")
    tap.ok(not wrong and asked > 200, f"over the network, {asked} requests: "
           "who may, may; nobody else", "\n".join(wrong[:5]))
    stranger = Web(net, "management")
    answers = [(path, stranger.ask(method, question(method, path, case)[0]))
               for method, path, _ in TABLE if method == "GET"]
    tap.ok(all(answer.code == "E6402" for _, answer in answers),
           "who has not logged in sees nothing", answers)


def nothing_else(net, case):
    wrong = []
    for method, path in [("GET", "/v1/people/x"), ("POST", "/v1/people"),
                         ("GET", "/v1"), ("POST", "/v1/cases/{id}"),
                         ("POST", "/v1/cases/{id}:erase")]:
        for office in [*OFFICES, ""]:
            answer = ask(net, method, path, office, case)
            if answer.status < 400:
                wrong.append(f"{method} {path} {office}: {answer}")
    answer = ask(net, "GET", "/v1/cases", "system", case)
    if answer.code != "E7117":
        wrong.append(f"system: {answer}")
    tap.ok(not wrong, "what is in no table is nobody's", "\n".join(wrong))


def scope(net, case):
    """An applicant's own, and nothing of others."""
    mine = ask(net, "GET", "/v1/cases/{id}", "applicant", case)
    other = ask(net, "GET", "/v1/cases/{id}", "applicant", case, OTHER)
    tap.ok(mine.status == 200 and other.code == "E7110",
           "another organisation's case is as if it were not there",
           f"{mine}\n{other}")
    other = ask(net, "POST", "/v1/cases/{id}/attachments", "applicant", case,
                OTHER)
    tap.ok(other.code == "E7110", "nothing is attached to it", other)
    listed = ask(net, "GET", "/v1/cases", "applicant", case, OTHER).json()
    tap.ok(all(item["organisation"] == OTHER for item in listed["cases"]),
           "a list has one's own", listed)
    foreign = post(net, "/v1/cases", [
        "yizhan-office: applicant", "yizhan-organisation: " + OTHER,
        "content-type: application/json"], json.dumps(
            {"definition": "change-name", "fields": {
                "organisation": OWN, "name": "冒名", "contact": "x"}}).encode())
    tap.ok(foreign.code == "E7117", "no case is opened for another", foreign)
    above = ask(net, "GET", "/v1/cases/{id}", "supervisor", case, OTHER)
    tap.ok(above.code == "E7110", "nor does who does not supervise it see it",
           above)


def move(net, case, name, cms, note=""):
    body = {"move": name, "note": note,
            "signed": base64.b64encode(cms).decode()}
    return post(net, f"/v1/cases/{case}:move",
                ["content-type: application/json"], json.dumps(body).encode())


def consent(case, name, **members):
    return line({"format": "yizhan-case-consent-1", "environment": "demo",
                 "case": case["id"], "after": case["last"], "move": name,
                 "note": "", "time": instant(), **members})


def ready(net, name):
    """A case that waits to be approved."""
    case = net.case("open", "change-name", f"organisation={OWN}",
                    f"name={name}", "contact=王")["id"]
    return net.check(case)


def signatures(net):
    """What was signed holds for one move of one case as it was seen."""
    officer = f"{net.dir}/officers/officer-1.pem"
    one, other = ready(net, "甲"), ready(net, "乙")
    root = f"{net.dir}/officers/root-1.pem"
    for why, cms, code in [
            ("another case", sign(consent(other, "approve"), officer),
             "E7116"),
            ("another move", sign(consent(one, "refuse"), officer), "E7116"),
            ("another environment", sign(
                consent(one, "approve", environment="production"), officer),
             "E7116"),
            ("other words", sign(consent(one, "approve", note="x"), officer),
             "E7116"),
            ("by two at once", sign(
                consent(one, "approve"), officer,
                f"{net.dir}/officers/officer-2.pem"), "E3011"),
            ("by who is no officer", sign(consent(one, "approve"), root),
             "E7102")]:
        answer = move(net, one["id"], "approve", cms)
        tap.ok(answer.code == code and answer.status >= 400,
               f"a consent that is {why}: {code}", answer)
    good = sign(consent(one, "approve"), officer)
    broken = good[:-20] + bytes([good[-20] ^ 1]) + good[-19:]
    answer = move(net, one["id"], "approve", broken)
    tap.ok(answer.code == "E3005", "a broken signature: E3005", answer)
    answer = move(net, one["id"], "approve", good)
    tap.ok(answer.status == 200, "the right one is taken", answer)
    answer = move(net, one["id"], "approve", good)
    tap.ok(answer.code == "E7116", "once: the case is another now", answer)


def people(net):
    """Offices come by a case of two officers, and end at once."""
    card = issue(net, f"{net.dir}/lin.pem", "sign", "林")
    fields = ["person=林", f"organisation={OWN}", f"certificate={card}"]
    net.refused(tap, "E7111", "nobody becomes an officer by a case", "case",
                "open", "register-person", *fields, "offices=clerk officer")
    case = net.case("open", "register-person", *fields,
                    "offices=clerk auditor")["id"]
    net.check(case, ["identity"])
    key = ["--key", f"{net.dir}/lin.pem"]
    waits = net.case("open", "change-name", f"organisation={OWN}", "name=丙",
                     "contact=王")["id"]
    net.attach(waits, "authority")
    net.refused(tap, "E7102", "before, a key of nobody", "case", "move",
                waits, "check", *key)
    said = net.approve(case)
    tap.ok(said["state"] == "published", "two officers register a person",
           said)
    said = local(net, "management", "/v1/people").json()["people"]
    said = [item for item in said if item["certificate"] == card]
    tap.ok(said[0]["offices"] == ["clerk", "auditor"] and
           not said[0]["ended"], "with these offices", said)
    said = net.case("move", waits, "check", *key)
    tap.ok(said["steps"][-1]["by"] == f"card {card}" and
           said["steps"][-1]["signed"], "whose key then makes moves", said)
    net.refused(tap, "E7102", "but none of an officer's", "case", "move",
                waits, "approve", *key)
    ended = net.case("open", "end-person", f"certificate={card}")["id"]
    said = net.case("move", ended, "end", "--note", "離職")
    tap.ok(said["state"] == "closed", "one person ends it, at once", said)
    net.refused(tap, "E7102", "and after that the key makes none", "case",
                "move", waits, "send-back", "--note", "x", *key)


def open_once(net, key):
    """With a key: however often it is asked, one case."""
    return post(net, "/v1/cases", [
        "content-type: application/json", f"idempotency-key: {key}"],
        json.dumps({"definition": "change-name", "fields": {
            "organisation": OWN, "name": f"第{key}號", "contact": "王"}}
                   ).encode())


def kills(net):
    """kill -9 in the middle of it all: what was answered is there, once."""
    answers, over = {}, threading.Event()

    def work():
        for key in itertools.count():
            if over.is_set():
                return
            answer = open_once(net, key)
            try:
                answers[key] = answer.json()["id"]
            except (KeyError, ValueError):
                time.sleep(0.02)  # none, or cut off by a kill

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(4):
            seen = len(answers)
            net.wait_for(lambda: len(answers) > seen + 4 + number,
                         "nothing is opened")
            net.kill("management")
            net.start("management")
    finally:
        over.set()
        thread.join()
    wrong = [key for key, case in answers.items()
             if open_once(net, key).json().get("id") != case]
    tap.ok(not wrong and len(answers) > 20,
           f"{len(answers)} cases are as they were answered, over four kills",
           wrong)

    def unlogged():
        rows = sqlite3.connect(f"{net.dir}/management/casework.db", timeout=20)
        rows.execute("PRAGMA query_only = 1")
        count = rows.execute("SELECT count(*) FROM case_step"
                             " WHERE leaf IS NULL").fetchone()[0]
        rows.close()
        return count
    net.wait_for(lambda: unlogged() == 0, "steps are not in the log")
    acts = local(net, "management", "/v1/log/acts").json()["acts"]
    found = [item["about"] for item in acts if item["act"] == "case.open"]
    tap.ok(set(answers.values()) <= set(found),
           "and each is in the log", len(found))


def reports(net):
    """A reported loss opens its case, once."""
    card = entry_keys(net)
    net.command("card", "lost", card, "--reason", "皮夾遺失", "-c",
                net.conf("management"))
    def found():
        return [item for item in net.case("list")["cases"]
                if item["definition"] == "report-card-lost"]
    net.wait_for(found, "no case of a reported loss")
    net.kill("management")
    net.start("management")
    said = net.case("show", found()[0]["id"])
    tap.ok(len(found()) == 1 and said["fields"]["card"] == card and
           said["steps"][0]["by"] == "host" and
           said["steps"][0]["note"] == "皮夾遺失",
           "a reported loss opens its case by itself, once", said)


def entry_keys(net):
    """The fingerprint of an organisation's card, by the directory."""
    said = local(net, "management", f"/v1/directory/{OTHER}").json()
    key = next(item for item in said.get("entry", said)["keys"]
               if item["use"] == "sign")
    return hashlib.sha256(base64.b64decode(key["certificate"])).hexdigest()


def described():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../../data/openapi/management.json")
    with open(path, encoding="utf-8") as file:
        said = json.load(file)["paths"]
    found = {(method.upper(), path): sorted(operation["x-offices"])
             for path, operations in said.items()
             for method, operation in operations.items()}
    mine = {(method, path): sorted(may) for method, path, may in
            TABLE + SESSION}
    tap.ok(found == mine, "the description says the same",
           {key: (found.get(key), mine.get(key))
            for key in found.keys() | mine.keys()
            if found.get(key) != mine.get(key)})


def endpoints(tap):
    described()
    with Casework("endpoints", hosts=["management"]) as net:
        case = net.case("open", "change-name", f"organisation={OWN}",
                        "name=新名稱", "contact=王")["id"]
        net.attach(case, "authority")
        over_the_network(net, case)
        every_endpoint(net, case)
        nothing_else(net, case)
        scope(net, case)
        signatures(net)
        people(net)
        kills(net)
        reports(net)


run(tap, endpoints)
tap.done()
