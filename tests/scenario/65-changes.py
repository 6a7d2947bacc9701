#!/usr/bin/python3
"""Goal: changes that are decided in cases reach every host and no letter is
lost: another name, another card, another address, another center, another code,
a dissolution whose successor opens what was under way, and a lost card that is
held by one signature and suspended by two (R5.1.4, R5.5.1, R5.5.2, R13.2).
Cases that nobody moves are shown as late, or lapse.  limit: 150"""

import json
import os
import re
import shutil

from by_hand import local
from casework import Casework, issue
from network import NAMES, Refused, Tap, run

tap = Tap()
FIRST, SECOND, THIRD = "376490000A", "376470000A", "376530000A"
NEW = "379990001Z"


def entry(net, code):
    said = local(net, "management", f"/v1/directory/{code}").json()
    return said.get("entry", said)


def decide(net, definition, *fields, evidence=("authority",)):
    """A change without request file, to the point where it is approved."""
    case = net.case("open", definition, "contact=王", *fields)["id"]
    net.check(case, evidence)
    said = net.approve(case)
    if said["state"] != "approved":
        raise RuntimeError(f"{definition}: {said}")
    return case


def finish(net, case, name):
    net.wait_case(case, "published")
    said = net.case("move", case, "tell", "--note", "已函知")
    tap.ok(said["state"] == "closed", f"{name}: closed", said)


def with_request(net, definition, host, code, *fields):
    """The same of a host that says anew what it is."""
    opened = net.case("open", definition, f"organisation={code}",
                      "contact=王", *fields)
    path, check = net.request(host, opened["code"], f"{code}={NAMES[code]}")
    net.case("attach", opened["id"], path, "--evidence", "request")
    net.case("move", opened["id"], "receive", "--code", opened["code"],
             "--fingerprint", check)
    net.check(opened["id"])
    net.approve(opened["id"])
    return opened["id"]


def letter(net, serial, to, name):
    net.wait_directory()
    document = net.send(net.letter([to], serial))["id"]
    net.wait_states(document, ["opened"])
    tap.ok(True, name)


def restart(net, host):
    net.stop(host)
    net.start(host)
    net.wait_for(lambda: net.is_ready(host), f"{host} not ready")


def edit(net, host, change):
    with open(net.conf(host), encoding="utf-8") as file:
        text = change(file.read())
    with open(net.conf(host), "w", encoding="utf-8") as file:
        file.write(text)


def names_and_cards(net):
    """Two cases in one draft, which officers sign once."""
    renamed = decide(net, "change-name", f"organisation={SECOND}",
                     "name=彰化縣政府（新）")
    old = f"{net.dir}/gateway-1.keys/sign.{FIRST}.pem"
    shutil.copy(old, f"{net.dir}/old-card.pem")
    card = issue(net, old, "card", FIRST)
    carded = with_request(net, "change-card", "gateway-1", FIRST,
                          "custodian=林")
    words = net.sign_drafts("directory")
    tap.ok("彰化縣政府（新）" in words and '"retiring"' in words,
           "one draft has both, in words", words)
    finish(net, renamed, "another name")
    finish(net, carded, "another card")
    NAMES[SECOND] = "彰化縣政府（新）"
    keys = [(key["use"], key["state"]) for key in entry(net, FIRST)["keys"]]
    tap.ok(("sign", "active") in keys and ("sign", "retiring") in keys,
           "the old card retires", keys)
    restart(net, "gateway-1")
    letter(net, 1, SECOND, "a letter under the new card, to the new name")
    return card


def address(net):
    case = decide(net, "change-address", "host=gateway-3",
                  "address=127.0.0.43", f"organisation={THIRD}")
    net.sign_drafts("access/center-b")
    finish(net, case, "another address")
    edit(net, "gateway-3", lambda text: text.replace("127.0.0.33",
                                                     "127.0.0.43"))
    restart(net, "gateway-3")
    letter(net, 2, THIRD, "a letter to the host at its new address")


def center(net):
    net.stop("gateway-2")
    with open(net.conf("gateway-3"), encoding="utf-8") as file:
        there = re.search(r"\[center\].*?(?=\n\[)", file.read(), re.S).group(0)
    edit(net, "gateway-2", lambda text: re.sub(
        r"\[center\].*?(?=\n\[)", there, text, flags=re.S))
    case = with_request(net, "change-center", "gateway-2", SECOND,
                        "host=gateway-2", "center=center-b")
    net.sign_drafts("access/center-b", "directory")
    tap.ok(net.case("show", case)["state"] == "approved",
           "a host in two lists is not moved yet")
    net.sign_drafts("access/center-a")
    finish(net, case, "another center")
    net.start("gateway-2")
    net.wait_for(lambda: net.is_ready("gateway-2"), "gateway-2 not ready")
    letter(net, 3, SECOND, "a letter goes by the new center")


def code(net):
    """The old code is dissolved, and its successor is itself."""
    net.refused(tap, "E7111", "a code that is none", "case", "open",
                "change-code", f"organisation={THIRD}", "code=X", "contact=王")
    case = decide(net, "change-code", f"organisation={THIRD}", f"code={NEW}")
    net.sign_drafts("directory", "access/center-b")
    finish(net, case, "another code")
    tap.ok(entry(net, THIRD)["status"] == "dissolved" and
           entry(net, THIRD)["successor"] == NEW and
           entry(net, NEW)["status"] == "active", "the old one leads to it",
           entry(net, THIRD))


def dissolution(net):
    net.stop("gateway-2")
    document = net.send(net.letter([SECOND], 4))["id"]
    net.wait_states(document, ["accepted", "relayed"])
    same = net.case("open", "dissolve", f"organisation={SECOND}",
                    f"successor={SECOND}", "contact=王")["id"]
    net.check(same, ("authority", "law"))
    net.approve(same)
    try:
        net.sign_drafts("directory")
        tap.ok(False, "nobody takes over from itself")
    except Refused as why:
        tap.ok(why.code == "E7110", "nobody takes over from itself", why)
    case = decide(net, "dissolve", f"organisation={SECOND}",
                  f"successor={NEW}", evidence=("authority", "law"))
    net.sign_drafts("directory")
    finish(net, case, "dissolved")
    net.wait_states(document, ["opened"])
    tap.ok(len(net.inbox("gateway-3")) == 2,
           "its successor opens what was under way, by another key part",
           net.inbox("gateway-3"))


def new_center(net):
    """Registered; who signs its access list is for the root to say."""
    net.add_center("center-c", "127.0.0.23")
    opened = net.case("open", "register-center", "host=center-c",
                      f"organisation={FIRST}", "contact=王")
    path, check = net.request("center-c", opened["code"])
    net.case("attach", opened["id"], path, "--evidence", "request")
    net.case("move", opened["id"], "receive", "--code", opened["code"],
             "--fingerprint", check)
    net.check(opened["id"])
    net.approve(opened["id"])
    words = net.sign_drafts("network")
    tap.ok("center-c" in words, "a center enters the network", words)
    finish(net, opened["id"], "another center in the network")


def lost_card(net, card):
    case = net.case("open", "report-card-lost", f"organisation={FIRST}",
                    f"card={card}", "lost-at=今晨", "contact=王")["id"]
    net.refused(tap, "E7107", "no reason", "case", "move", case, "confirm")
    net.case("move", case, "confirm", "--note", "電話確認")
    net.sign_drafts("hold", signers=["officer-1"])
    said = net.wait_case(case, "held")
    tap.ok(any("organisation" in item["to"] for item in said["notices"]),
           "one duty officer's signature holds the card", said["notices"])
    net.approve(case)
    net.sign_drafts("suspension")
    net.wait_case(case, "suspended")
    said = net.case("move", case, "tell", "--note", "已函知")
    tap.ok(said["state"] == "closed", "two make it last", said)


def late(net):
    """Five days later nobody has done anything."""
    waits = net.case("open", "change-name", f"organisation={FIRST}",
                     "name=x", "contact=王")["id"]
    net.check(waits)
    lapses = net.case("open", "register-gateway", "host=gateway-8",
                      f"organisation={FIRST}", "center=center-a",
                      "contact=王")["id"]
    for host in list(net.processes):
        net.stop(host)
    tap.ok(net.add_days("management", 6), "six days pass")
    net.start("management")
    net.wait_for(lambda: net.case("show", lapses)["state"] == "lapsed",
                 "the request does not lapse")
    said = net.case("show", lapses)
    tap.ok(said["steps"][-1]["by"] == "host" and not said["open"],
           "a request that nobody brings lapses by itself", said["steps"][-1])
    said = net.case("list", "--overdue")["cases"]
    tap.ok([item["id"] for item in said] == [waits] and said[0]["overdue"],
           "a case that nobody moves is listed", said)
    def checks():
        report = json.loads(net.command(
            "doctor", "-c", net.conf("management"), "--json",
            check=False).stdout)
        return [(item["state"], item["text"]) for item in report["checks"]
                if item["name"] == "cases"]
    net.wait_for(lambda: checks() and "1 overdue" in checks()[0][1],
                 "doctor does not say so")
    tap.ok(checks()[0][0] == "warning", "and doctor says so", checks())


class Later(Casework):
    def add_days(self, host, days):
        folder = f"{self.dir}/{host}.conf.d"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/later.conf", "w", encoding="utf-8") as file:
            file.write(f"[test]\nclock_offset_ms = {days * 86400000}\n")
        return True


def changes(tap):
    with Later("changes", "[courier]\nretry_max_ms = 2000\n") as net:
        card = names_and_cards(net)
        address(net)
        center(net)
        code(net)
        dissolution(net)
        new_center(net)
        lost_card(net, card)
        late(net)


run(tap, changes)
tap.done()
