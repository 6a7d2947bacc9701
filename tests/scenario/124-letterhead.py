#!/usr/bin/env python3
# limit: 60
"""What letters begin with (信頭): of the organisation, a unit and a person, each
over the one before; what a person has is kept only where it is not the same."""

import os
import sys

from network import Network, Tap, run
from web import Web

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests/web"))

from world import sign_in  # noqa: E402

OURS = "376490000A"
FIELDS = ("address", "contact", "phone", "fax", "email", "prefix", "signature")


def person(net, name, role="clerk"):
    web = Web(net)
    web.log_in(sign_in(net, "gateway-1", name, role))
    return web


def heads(tap):
    with Network(hosts=["management", "center-a", "gateway-1"]) as net:
        chief, clerk = person(net, "吳主任", "supervisor"), person(net, "王小明")
        operator = person(net, "林管理", "operator")
        begin = clerk.get("/v1/letterhead").json
        tap.ok(begin["letter"] == {**dict.fromkeys(FIELDS, ""),
                                   "contact": "王小明"},
               "at first there is the person's name alone", begin)
        said = chief.post("/v1/letterhead", {
            "address": "雲林路二段515號", "phone": "05-5320000",
            "prefix": "府計管一字"})
        tap.ok(said.status == 200 and
               said.json["organisation"]["phone"] == "05-5320000",
               "a supervisor says what the organisation's is", said)
        unit = operator.post("/v1/units", {"organisation": OURS,
                                           "code": "PLAN", "name": "計畫處"})
        listed = {one["name"]: one["id"]
                  for one in operator.get("/v1/persons").json["persons"]}
        moved = operator.post(f"/v1/persons/{listed['王小明']}:unit",
                              {"unit": "PLAN"})
        chief.post("/v1/letterhead", {"unit": "PLAN", "phone": "05-5321111"})
        letter = clerk.get("/v1/letterhead").json["letter"]
        tap.ok(unit.status == 201 and moved.status == 200 and
               (letter["address"], letter["phone"], letter["prefix"],
                letter["contact"]) == ("雲林路二段515號", "05-5321111",
                                       "府計管一字", "王小明"),
               "a unit's goes before it, text by text", (moved, letter))
        own = clerk.post("/v1/letterhead:own", {
            **letter, "phone": "05-5322154", "signature": "處長　○○○"})
        tap.ok(own.status == 200 and {name: text for name, text in
                                      own.json["own"].items() if text} ==
               {"phone": "05-5322154", "signature": "處長　○○○"},
               "of a person only what is not the same is kept", own)
        chief.post("/v1/letterhead", {"address": "新址1號"})
        letter = clerk.get("/v1/letterhead").json["letter"]
        tap.ok((letter["address"], letter["phone"]) == ("新址1號",
                                                        "05-5322154"),
               "so that the rest changes with the others", letter)
        clerk.post("/v1/letterhead:own", {"phone": "05-5321111"})
        tap.ok(clerk.get("/v1/letterhead").json["own"]["phone"] == "",
               "and what is the same again is theirs no more")
        tap.ok(person(net, "陳小美").get("/v1/letterhead").json["letter"]
               ["signature"] == "", "nobody else begins with it")
        refused = [clerk.post("/v1/letterhead", {"phone": "1"}),
                   operator.post("/v1/letterhead:own", {"phone": "1"}),
                   chief.post("/v1/letterhead", {"unit": "NONE"}),
                   chief.post("/v1/letterhead", {"phone": "a\nb"}),
                   chief.post("/v1/letterhead", {"phone": "1" * 301}),
                   chief.post("/v1/letterhead", {
                       "organisation": "376470000A", "phone": "1"})]
        tap.ok([one.code for one in refused] == [
            "E6403", "E6403", "E6711", "E6204", "E6204", "E6403"],
            "what is not theirs, or no text, is refused", refused)
        net.stop("gateway-1")
        net.start("gateway-1")
        net.wait_for(lambda: net.is_ready("gateway-1"), "it is not ready")
        tap.ok(clerk.get("/v1/letterhead").json["letter"]["signature"] ==
               "處長　○○○", "it outlives a restart")


if __name__ == "__main__":
    tap = Tap()
    run(tap, heads)
    tap.done()
