#!/usr/bin/env python3
# limit: 120
"""The desk of received letters: signing and returning many at once, assigning
(分文), moving (改分) and handing back (退分), by whom each may be done and who
sees what, and acting as a deputy (代理人) in its time."""

import os
from datetime import datetime, timedelta, timezone

from network import Network, Tap, run
from web import Web

A, B = "376490000A", "376470000A"
NONE = "00000000-0000-7000-8000-000000000000"


def add(net, name, role="clerk", unit=None):
    options = ["--unit", unit] if unit else []
    net.command("person", "add", name, "--role", role, "--organisation", B,
                *options, "-c", net.conf("gateway-2"))


def logged_in(net, name):
    text = net.command("person", "link", name, "-c",
                       net.conf("gateway-2")).stdout
    web = Web(net, "gateway-2")
    web.log_in(text.split("#code=")[1].split()[0].strip("\"'"))
    return web


def arrive(net, count, first):
    """So many letters, as "WAYBILL/CODE", in the order in which they came."""
    for serial in range(first, first + count):
        net.wait_states(net.send(net.letter([B], serial))["id"], ["opened"])
    wanted = [f"第{serial}號" for serial in range(first, first + count)]

    found = {}

    def came():
        for item in net.inbox("gateway-2"):
            for word in wanted:
                if word in item["reference"] or word in item["subject"]:
                    found[word] = f"{item['waybill_id']}/{item['recipient']}"
        return len(found) == count

    net.wait_for(came, "letters did not arrive")
    return [found[word] for word in wanted]


def results(answer):
    return [(item["status"], item["state"])
            for item in answer.json["results"]]


def bulk(tap, net, desk, letters):
    """Many at once, each with its own result; the same again is the same."""
    answer = desk.post("/v1/inbox:confirm", {
        "letters": letters[:3] + [f"{NONE}/{B}", f"{letters[3][:36]}/{A}"]})
    tap.ok(answer.status == 200 and results(answer) ==
           [(200, "confirmed")] * 3 + [(404, "")] * 2 and
           (answer.json["done"], answer.json["failed"]) == (3, 2),
           "three of five are signed for, each says what came of it", answer)
    again = desk.post("/v1/inbox:confirm", {"letters": letters[:3]})
    tap.ok(results(again) == [(200, "confirmed")] * 3,
           "the same again changes nothing, and succeeds", again)
    answer = desk.post("/v1/inbox:return", {
        "letters": [letters[0], letters[3]], "reason": "misdirected"})
    tap.ok(results(answer) == [(409, "confirmed"), (200, "returned")] and
           answer.json["results"][0]["problem"]["code"] == "E4311",
           "what is signed for is not returned, the other is", answer)
    bad = [desk.post("/v1/inbox:confirm", {"letters": names}).code
           for names in ([], letters[:1] * 2, ["x"], "x",
                         [f"{NONE}/{B}"] + [f"{n:08d}{NONE[8:]}/{B}"
                                            for n in range(500)])]
    tap.ok(bad == ["E6701"] * 5, "none, one twice, no names, 501: refused",
           bad)
    tap.ok(desk.post("/v1/inbox:return", {
        "letters": letters[4:5], "reason": "tired"}).code == "E4313",
        "a reason of one's own is none")


def history(web, letter):
    return [(item["act"], item["by"], item["for"], item["unit"],
             item["person"], item["note"])
            for item in web.get(f"/v1/inbox/{letter}").json["history"]]


def assigning(tap, net, desk, tax, land, letters):
    units = desk.get("/v1/units").json
    by_name = {item["name"]: item["id"] for item in units["persons"]}
    tap.ok([unit["code"] for unit in units["units"]] == ["LAND", "TAX"] and
           set(by_name) == {"總收發", "稅一", "稅二", "地一", "主管"},
           "units and who works in them", units)
    first, second, third = letters[:3]
    tap.ok(tax.get("/v1/inbox").json["documents"] == [] and
           tax.get(f"/v1/inbox/{first}").code == "E4314",
           "a unit sees nothing that was not assigned to it")
    answer = desk.post("/v1/inbox:assign", {
        "letters": [first, second], "unit": "TAX", "note": "請辦"})
    tap.ok(results(answer) == [(200, "confirmed")] * 2, "two go to a unit",
           answer)
    seen = [f"{item['waybill_id']}/{item['recipient']}"
            for item in tax.get("/v1/inbox").json["documents"]]
    tap.ok(seen == [second, first] and land.get("/v1/inbox").json[
        "documents"] == [], "which sees them, and no other", seen)
    paths = ["", "/files/0", "/package", "/receipts", "/print", "/view",
             "/evidence"]
    tap.ok([tax.get(f"/v1/inbox/{first}{path}").status for path in paths] ==
           [200] * 7 and
           [land.get(f"/v1/inbox/{first}{path}").code for path in paths] ==
           ["E4314"] * 7, "whole, or not at all")
    acts = [land.post(f"/v1/inbox/{first}:{verb}", body).code
            for verb, body in (("confirm", {}), ("return",
                                                 {"reason": "other"}),
                               ("notice", {"reason": "other"}),
                               ("assign", {"unit": "LAND"}),
                               ("hand-back", {"reason": "x"}))]
    both = land.post("/v1/inbox:confirm", {"letters": [first]})
    tap.ok(acts == ["E4314"] * 5 and results(both) == [(404, "")],
           "nor does anything with it", acts)
    mine = tax.post(f"/v1/inbox/{first}:assign", {"person": by_name["稅二"]})
    tap.ok(mine.status == 200 and mine.json["assigned"]["name"] == "稅二",
           "within the unit it goes to a person", mine)
    tap.ok(tax.post(f"/v1/inbox/{first}:assign", {"unit": "LAND"}).code ==
           "E6702", "to another unit only through the desk")
    back = tax.post(f"/v1/inbox/{first}:hand-back", {"reason": "非本科業務"})
    tap.ok(back.status == 200 and back.json["assigned"]["unit"] == "" and
           tax.get(f"/v1/inbox/{first}").code == "E4314",
           "handed back, the unit sees it no more", back)
    tap.ok(tax.post(f"/v1/inbox/{second}:hand-back", {}).code == "E6706",
           "not without a reason")
    moved = desk.post(f"/v1/inbox/{first}:assign", {"unit": "LAND"})
    again = desk.post(f"/v1/inbox/{first}:assign", {"unit": "LAND"})
    tap.ok(moved.status == again.status == 200 and
           land.get(f"/v1/inbox/{first}").status == 200,
           "the desk moves it, once")
    told = history(desk, first)
    tap.ok(told == [
        ("confirm", "總收發", "", "", "", ""),
        ("assign", "總收發", "", "TAX", "", "請辦"),
        ("reassign", "稅一", "", "TAX", "稅二", ""),
        ("hand_back", "稅一", "", "", "", "非本科業務"),
        ("assign", "總收發", "", "LAND", "", "")],
        "and all of it stands on the letter", told)
    listed = {name: len(desk.get(f"/v1/inbox?{query}").json["documents"])
              for name, query in (("TAX", "unit=TAX"), ("none", "unit=none"),
                                  ("person", f"person={by_name['稅二']}"))}
    tap.ok(listed == {"TAX": 1, "none": 4, "person": 0},
           "lists by unit, by person, of nobody", listed)
    bad = [desk.post(f"/v1/inbox/{third}:assign", body).code
           for body in ({"unit": "NONE"}, {"person": 999}, {},
                        {"unit": "LAND", "person": by_name["稅二"]},
                        {"unit": 3}, {"unit": "TAX", "note": "a\nb"})]
    tap.ok(bad == ["E6711", "E6705", "E6706", "E6705", "E6706", "E6706"],
           "what is none gets nothing", bad)
    tap.ok([tax.get(path).code for path in
            ("/v1/waiting", "/v1/registers/in", "/v1/registers/out?format=ods",
             "/v1/statistics")] == ["E6710"] * 4,
           "what waits, registers and figures are the desk's")
    tap.ok(tax.post("/v1/inbox:fetch").code == "E6710",
           "and so is fetching")
    tag = desk.get(f"/v1/inbox/{third}").headers["etag"]
    first_one = desk.post(f"/v1/inbox/{third}:assign", {"unit": "LAND"},
                          headers={"If-Match": tag})
    late = desk.post(f"/v1/inbox/{third}:assign", {"unit": "TAX"},
                     headers={"If-Match": tag})
    desk.post(f"/v1/inbox/{third}:hand-back", {"reason": "x"})
    tap.ok(first_one.status == 200 and late.code == "E6410",
           "of two who move it at a time, one is told that it was moved",
           late)


def feed(tap, desk, tax, letters):
    events = desk.get("/v1/events?after=0&limit=500").json["events"]
    told = [event["state"] for event in events
            if event["type"] == "assignment" and
            event["waybill_id"] == letters[0][:36]]
    seen = {event["waybill_id"] for event in
            tax.get("/v1/events?after=0&limit=500").json["events"]}
    tap.ok(told == ["assign", "reassign", "hand_back", "assign"],
           "each move is an event", told)
    tap.ok(seen == {letters[1][:36]}, "of which a unit hears its own", seen)


def at(seconds):
    when = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def later(net, seconds):
    """The gateway's clock moves on."""
    net.stop("gateway-2")
    os.makedirs(f"{net.conf('gateway-2')}.d", exist_ok=True)
    with open(f"{net.conf('gateway-2')}.d/clock.conf", "w") as file:
        file.write(f"[test]\nclock_offset_ms = {seconds * 1000}\n")
    net.start("gateway-2")


def deputies(tap, net, desk, boss, land, letters):
    """地一 acts for 稅一: with that one's rights, in that time, by both names."""
    people = {item["name"]: item["id"]
              for item in desk.get("/v1/units").json["persons"]}
    tax = logged_in(net, "稅一")
    second = letters[1]
    want = {"deputy": people["地一"], "until": at(3600), "reason": "休假"}
    tap.ok(desk.post("/v1/deputies", {**want, "for": people["稅一"]}).code ==
           "E6714", "a clerk gives nobody another's rights")
    ahead = tax.post("/v1/deputies", {**want, "from": at(1800)})
    tap.ok(ahead.status == 201 and ahead.json["state"] == "later" and
           land.post("/v1/session:act", {"deputy": ahead.json["id"]}).code ==
           "E6717", "before its time it is nothing", ahead)
    made = boss.post("/v1/deputies", {**want, "for": people["稅一"],
                                      "until": at(600)})
    tap.ok(made.status == 201 and made.json["state"] == "now",
           "a supervisor names one for a clerk", made)
    number = made.json["id"]
    tap.ok(desk.post("/v1/session:act", {"deputy": number}).status == 404,
           "which is not another's")
    tap.ok(land.get(f"/v1/inbox/{second}").code == "E4314" and
           land.post("/v1/session:act", {"deputy": number}).json["for"] ==
           "稅一" and land.get(f"/v1/inbox/{second}").status == 200 and
           land.get(f"/v1/inbox/{letters[0]}").code == "E4314",
           "acting, it sees what that one sees, and that alone")
    chain = land.post("/v1/deputies", {"deputy": people["稅二"],
                                       "until": at(3600)})
    tap.ok(chain.code == "E6714", "there is no chain", chain)
    done = land.post(f"/v1/inbox/{second}:assign",
                     {"person": people["稅二"]})
    tap.ok(done.status == 200 and history(desk, second)[-1][:3] ==
           ("reassign", "地一", "稅一"), "by both names on the letter", done)
    net.kill("gateway-2")
    net.start("gateway-2")
    net.wait_for(lambda: net.is_ready("gateway-2"), "gateway-2 is not ready")
    tap.ok(land.get("/v1/session").json["for"] == "稅一" and
           land.get(f"/v1/inbox/{second}").status == 200,
           "it is there after a kill")
    acts = boss.get("/v1/acts?limit=20").json["acts"]
    tap.ok(any((act["actor"], act["for"]) == ("地一", "稅一") and
               act["path"] == f"/v1/inbox/{second}:assign" for act in acts),
           "and both are in the record of acts", acts[:3])
    later(net, 15 * 60)
    tap.ok(land.get("/v1/inbox").code == "E6717" and land.post(f"/v1/inbox/{second}:hand-back",
                     {"reason": "x"}).code == "E6717" and
           land.get("/v1/session").json["for"] == "",
           "it ends by itself: nothing is done in either name")
    tap.ok(land.post("/v1/session:act", {"deputy": 0}).status == 200 and
           land.get(f"/v1/inbox/{letters[0]}").status == 200,
           "and as themself all is as before")
    again = tax.post("/v1/deputies", want)
    land.post("/v1/session:act", {"deputy": again.json["id"]})
    ended = tax.post(f"/v1/deputies/{again.json['id']}:end")
    tap.ok(ended.json["state"] == "over" and
           land.get("/v1/inbox").code == "E6717", "ended early, at once",
           ended)
    listed = boss.get("/v1/deputies").json["deputies"]
    tap.ok([item["state"] for item in listed] == ["over", "over", "later"] and
           listed[1]["by"] == "主管", "all of them are on record", listed)
    return people


def roles(tap, net, boss, tax, land, people):
    """Another role takes nothing along that the one before gave."""
    add(net, "管理", "operator")
    add(net, "管理二", "operator")
    first, second = logged_in(net, "管理"), logged_in(net, "管理二")
    ids = {item["name"]: item["id"]
           for item in first.get("/v1/persons").json["persons"]}
    named = tax.post("/v1/deputies", {"deputy": people["地一"],
                                      "until": at(3600), "reason": "休假"})
    land.post("/v1/session:act", {"deputy": named.json["id"]})
    target = f"/v1/persons/{ids['稅一']}:role"
    tap.ok(boss.post(target, {"role": "operator"}).code == "E6403" and
           first.post(target, {"role": "king"}).code == "E6418" and
           first.post(f"/v1/persons/{ids['管理']}:role",
                      {"role": "clerk"}).code == "E6920" and
           land.get("/v1/inbox").status == 200,
           "a role is another operator's to change")
    same = first.post(target, {"role": "clerk"})
    tap.ok(same.json["role"] == "clerk" and
           tax.get("/v1/inbox").status == 200, "the same role changes nothing",
           same)
    done = first.post(target, {"role": "operator"})
    tap.ok(done.json["role"] == "operator" and
           tax.get("/v1/session").code == "E6406" and
           land.get("/v1/inbox").code == "E6717" and
           boss.get("/v1/deputies").json["deputies"][0]["state"] == "over",
           "another role ends sessions and deputies", done)
    taken = second.post(f"/v1/persons/{ids['管理']}:role", {"role": "auditor"})
    tap.ok(taken.status == 200 and first.get("/v1/session").code == "E6406" and
           logged_in(net, "管理").post(target, {"role": "clerk"}).code ==
           "E6403", "and its rights count at once", taken)
    net.command("person", "role", "管理", "operator", "-c",
                net.conf("gateway-2"))
    now = {item["name"]: item["role"]
           for item in second.get("/v1/persons").json["persons"]}
    tap.ok(now["管理"] == "operator" and now["稅一"] == "operator",
           "at the machine too", now)


def desk_scenario(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net:
        conf = net.conf("gateway-2")
        net.command("unit", "add", "TAX", "稅務科", "--organisation", B, "-c",
                    conf)
        net.command("unit", "add", "LAND", "地政科", "--organisation", B,
                    "-c", conf)
        add(net, "總收發")
        add(net, "主管", "supervisor")
        add(net, "稅一", unit="TAX")
        add(net, "稅二", unit="TAX")
        add(net, "地一", unit="LAND")
        net.command("desk", "set", "--organisation", B, "--unit-sees",
                    "assigned", "-c", conf)
        desk, boss, tax, land = (logged_in(net, name) for name in
                                 ("總收發", "主管", "稅一", "地一"))
        letters = arrive(net, 6, 1)
        bulk(tap, net, desk, letters)
        assigning(tap, net, desk, tax, land, letters)
        feed(tap, desk, tax, letters)
        people = deputies(tap, net, desk, boss, land, letters)
        roles(tap, net, boss, tax, land, people)


if __name__ == "__main__":
    tap = Tap()
    run(tap, desk_scenario)
    tap.done()
