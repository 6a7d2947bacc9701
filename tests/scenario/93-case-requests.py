#!/usr/bin/python3
# limit: 120
"""Goal: a gateway or center asks management for a case over the network (R5.3.5,
R5.5.1): signed, durable before it is acknowledged, once however often it is
handed up and whoever is killed; what becomes of it comes down the same way to
who asked.  Nobody asks for another's organisation, a flood is refused, and a
center that is away loses nothing."""

import base64
import json
import os
import time

from by_hand import call_as, local
from casework import Casework
from network import Refused, Tap, rows_of, run

tap = Tap()
OWN, OTHER = "376490000A", "376470000A"  # of gateway-1, of gateway-2


def ask(net, *args, host="gateway-1"):
    return net.json(host, "case", *args)


def opened(net, name, host="gateway-1", code=OWN):
    return ask(net, "open", "change-name", f"organisation={code}",
               f"name={name}", "contact=王", host=host)["id"]


def shown(net, request, host="gateway-1"):
    return ask(net, "show", request, host=host)


def wait_shown(net, request, is_so, what, host="gateway-1"):
    net.wait_for(lambda: is_so(shown(net, request, host)), what)
    return shown(net, request, host)


def state_is(name):
    return lambda said: (said["case"] or {}).get("state") == name


def from_request_to_bulletin(net):
    request = opened(net, "雲林縣新政府")
    said = wait_shown(net, request, lambda one: one["case"], "not taken")
    case = said["case_id"]
    mine = net.case("show", case)
    tap.ok(said["taken"] and mine["steps"][0]["by"] == "host gateway-1" and
           mine["fields"]["name"] == "雲林縣新政府",
           "a request becomes a case, of who asked", mine)
    ask(net, "attach", request, net.write("letter.txt"), "--evidence",
        "authority")
    net.wait_for(lambda: net.case("show", case)["attachments"],
                 "the letter does not come")
    said = net.case("move", case, "check")
    tap.ok(said["state"] == "checked", "its letter came after it", said)
    net.approve(case)
    net.sign_drafts("directory")
    said = wait_shown(net, request, state_is("published"),
                      "the answer does not come down")
    told = [item["name"] for item in said["case"]["notices"]]
    tap.ok("in-force" in told and [item["move"] for item in
                                   said["case"]["steps"]][-1] == "publish",
           "state, history and notices come down to who asked", said)
    by_case = shown(net, case)
    tap.ok(by_case["id"] == request, "found by the case's number too", by_case)
    net.case("move", case, "tell", "--note", "x")
    said = wait_shown(net, request, lambda one: not one["open"], "still open")
    tap.ok(said["case"]["state"] == "closed", "and its end", said)
    text = net.command("case", "list", "-c", net.conf("gateway-1")).stdout
    tap.ok(request in text and case in text, "the list has it", text)
    events = local(net, "gateway-1", "/v1/events?after=0").json()["events"]
    mine = [item["state"] for item in events if item["about"] == request]
    tap.ok("published" in mine and mine[-1] == "closed" and all(
        item["organisation"] == OWN for item in events),
        "each change of the case is an event of the organisation", events)
    told = [item for item in events if item["type"] == "notice"]
    notices = local(net, "gateway-1", "/v1/notices").json()["notices"]
    tap.ok(told and told[-1]["state"] == "changed" and
           told[-1]["about"] == str(notices[0]["id"]) and
           notices[0]["what"][0]["field"] == "name",
           "and so is the change to its record, kept until it is read",
           [told, notices])


def withdrawn(net):
    request = opened(net, "雲林縣誤植政府")
    wait_shown(net, request, lambda one: one["taken"], "not taken")
    ask(net, "move", request, "withdraw", "--note", "誤植")
    said = wait_shown(net, request, state_is("withdrawn"), "not withdrawn")
    tap.ok(not said["open"], "who asked takes it back", said)


def refusals(net):
    """Said at once, or by management, and never lost."""
    request = ask(net, "open", "change-moon", f"organisation={OWN}")["id"]
    said = wait_shown(net, request, lambda one: one["refused"], "not refused")
    tap.ok(said["refused"]["code"] == "E7110" and not said["open"],
           "a procedure that there is not", said["refused"])
    request = opened(net, "冒名", code=OTHER)
    said = wait_shown(net, request, lambda one: one["refused"], "not refused")
    tap.ok(said["refused"]["code"] == "E7302",
           "an organisation of another gateway", said["refused"])
    request = opened(net, "冒名", host="center-b")
    said = wait_shown(net, request, lambda one: one["refused"], "not refused",
                      "center-b")
    tap.ok(said["refused"]["code"] == "E7302",
           "a center that does not serve it", said["refused"])
    names = [net.case("show", item["id"])["fields"].get("name") for item in
             net.case("list", "--all")["cases"]]
    tap.ok("冒名" not in names, "and no case is made of any of them", names)
    net.refused(tap, "E7304", "a request that there is not", "case", "show",
                "nothing", host="gateway-1")
    said = local(net, "gateway-1", "/v1/case-requests").json()
    tap.ok(len(said["requests"]) > 3, "the API lists them", said)


def center_asks(net):
    request = opened(net, "雲林縣中心代辦", host="center-a")
    said = wait_shown(net, request, lambda one: one["case"], "not taken",
                      "center-a")
    mine = net.case("show", said["case_id"])
    tap.ok(mine["steps"][0]["by"] == "host center-a",
           "a center asks for whom it serves", mine)


STATEMENT = {
    "format": "yizhan-case-request-1", "environment": "demo",
    "id": "019ac000-0000-7000-8000-00000000000a", "host": "gateway-1",
    "time": "2026-11-26T00:00:00.000Z", "case": "",
    "definition": "change-name", "move": "", "note": "",
    "fields": {"organisation": OWN, "name": "偽", "contact": "x"},
    "evidence": "", "name": "", "length": 0, "file": ""}


def sent(**members):
    text = json.dumps({**STATEMENT, **members}, ensure_ascii=False,
                      separators=(",", ":")).encode()
    return json.dumps({"statement": base64.b64encode(text).decode()}).encode()


def forged(net):
    """What a host hands up for others, unsigned, changed, or again."""
    def post(host, to, body):
        return call_as(net, host, to, "/v1/case-requests", body=body,
                       kind="application/json")

    def says(code, what, *asked):
        answer = post(*asked)
        tap.ok(answer.code == code, f"{what}: {code}", answer)

    says("E7302", "a gateway's word without its module", "gateway-1",
         "center-a", sent())
    says("E7302", "a center in the name of another", "center-b", "management",
         sent(host="center-a"))
    says("E7302", "a center in the name of a gateway", "center-a",
         "management", sent())
    says("E7302", "of another environment", "center-a", "management",
         sent(host="center-a", environment="production"))
    says("E7301", "a file that is not there", "center-a", "management",
         sent(host="center-a", evidence="x"))
    says("E7301", "nothing", "center-a", "management", b"{}")
    good = sent(host="center-a")
    first, second = (post("center-a", "management", good) for _ in range(2))
    tap.ok(first.status == second.status == 200, "one request twice", second)
    cases = [item for item in net.case("list")["cases"]
             if net.case("show", item["id"])["fields"].get("name") == "偽"]
    tap.ok(len(cases) == 1, "is one case", cases)
    says("E7305", "another one of its number", "center-a", "management",
         sent(host="center-a", note="other"))


def kills(net):
    """kill -9 of everybody in turn while requests go up."""
    net.stop("center-a")
    requests = [opened(net, f"第{number}號") for number in range(8)]
    net.kill("gateway-1")
    net.start("gateway-1")
    tap.ok(all(not shown(net, one)["handed_up"] for one in requests),
           "what was acknowledged is there, while the center is away")
    net.start("center-a")
    for host in ("management", "center-a", "gateway-1", "management",
                 "center-a"):
        time.sleep(0.4)
        net.kill(host)
        net.start(host)
    for one in requests:
        wait_shown(net, one, lambda said: said["case"], "lost on the way")
    names = [net.case("show", item["id"])["fields"].get("name")
             for item in net.case("list", "--limit", "500")["cases"]]
    found = sorted(name for name in names if name and name.startswith("第"))
    tap.ok(found == sorted(f"第{number}號" for number in range(8)),
           "each became one case, over kills of all three", found)


def lost(net):
    """(A request that is lost is seen: the control of what stands above.)"""
    net.stop("center-a")
    request = opened(net, "遺失")
    net.stop("gateway-1")
    with rows_of(f"{net.dir}/gateway-1/{store_of(net)}") as rows:
        rows.execute("DELETE FROM case_request WHERE id = ?", (request,))
    net.start("center-a")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    net.refused(tap, "E7304", "(a request that was lost is seen)", "case",
                "show", request, host="gateway-1")


def store_of(net):
    return next(name for name in sorted(os.listdir(f"{net.dir}/gateway-1"))
                if name.endswith(".db"))


def flood(net):
    """So many within an hour, and no more."""
    count, why = 0, None
    try:
        for number in range(80):
            opened(net, f"洪{number}")
            count += 1
    except Refused as refused:
        why = refused
    tap.ok(why is not None and why.code == "E7303" and why.status == 75,
           f"a flood is refused, here after {count} more", why)


def registration(net):
    """The file of a new host comes over any host; code and fingerprint are read
    out as ever."""
    code = "379990000Z"
    net.add_gateway("gateway-9", "127.0.0.39", "center-a", [code])
    case = net.case("open", "register-gateway", "host=gateway-9",
                    f"organisation={code}", "center=center-a", "contact=王")
    path, check = net.request("gateway-9", case["code"],
                              f"{code}=示範新設機關")
    ask(net, "attach", case["id"], path, "--evidence", "request",
        host="center-b")
    net.wait_for(lambda: net.case("show", case["id"])["attachments"],
                 "the file does not come")
    request = ask(net, "attach", case["id"], net.write("x.txt"), "--evidence",
                  "request", host="center-b")["id"]
    said = wait_shown(net, request, lambda one: one["refused"], "not refused",
                      "center-b")
    tap.ok(said["refused"]["code"] == "E7114",
           "a file that proves nothing is refused", said["refused"])
    said = net.case("move", case["id"], "receive", "--code", case["code"],
                    "--fingerprint", check)
    tap.ok(said["state"] == "received",
           "a request file that was handed in at another host", said)


def requests(tap):
    with Casework("requests", hosts=["management", "center-a", "center-b",
                                     "gateway-1"]) as net:
        from_request_to_bulletin(net)
        withdrawn(net)
        refusals(net)
        center_asks(net)
        forged(net)
        registration(net)
        kills(net)
        lost(net)
        flood(net)


run(tap, requests)
tap.done()
