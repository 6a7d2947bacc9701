#!/usr/bin/python3
"""Goal: letters of which a restored gateway has only receipts (T-BAK-04) are seen
by who reads letters there, and decided about by who may, in the browser, as a
program would and by the command; every decision is kept with who made it.  The
receipts are evidence, and a letter that is sent again is another letter, which
its recipient is not given twice.  limit: 240"""

import json
import os
import shutil
import subprocess

from network import Network, Tap, run
from web import Web

tap = Tap()
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
EXTRA = ("[courier]\nretry_first_ms = 50\nretry_max_ms = 500\n"
         "[sending]\nundo_s = 0\n")
OWN, OTHER = "376490000A", "376470000A"
ROLES = {"clerk": "王小明", "auditor": "陳稽核", "operator": "林管理"}


def entry(net, document):
    found = next(item for item in net.inbox("gateway-2")
                 if item["document_id"] == document)
    return f"{found['waybill_id']}/{found['recipient']}"


def persons(net):
    for role, name in ROLES.items():
        net.command("person", "add", name, "--role", role, "--organisation",
                    OWN, "-c", net.conf("gateway-1"))


def code_of(net, role):
    said = net.command("person", "link", ROLES[role], "-c",
                       net.conf("gateway-1")).stdout
    return said.split("#code=")[1].split()[0]


def session(net, role):
    web = Web(net)
    assert web.log_in(code_of(net, role)).status == 201
    return web


def lose(net):
    """Two letters are sent and signed for after the backup."""
    net.wait_states(net.send(net.letter([OTHER], 1))["id"], ["opened"])
    folder = f"{net.dir}/backup"
    net.command("backup", "-c", net.conf("gateway-1"), "--to", folder)
    sent = [net.send(net.letter([OTHER], number))["id"] for number in (2, 3)]
    for document in sent:
        net.wait_states(document, ["opened"])
        net.command("doc", "confirm", entry(net, document), "-c",
                    net.conf("gateway-2"))
        net.wait_states(document, ["confirmed"])
    net.kill("gateway-1")
    shutil.move(f"{net.dir}/gateway-1", f"{net.dir}/gone")
    net.command("restore", "-c", net.conf("gateway-1"), folder)
    shutil.copy(f"{net.dir}/gone/keeper.key",
                f"{net.dir}/gateway-1/keeper.key")
    net.start("gateway-1")
    net.wait_for(lambda: [letter for letter in listed(net) if "confirmed" in
                          {event["event"] for event in letter["events"]}]
                 == listed(net) != [] and len(listed(net)) == 2,
                 "what was lost is not told")
    return [entry(net, document).split("/")[0] for document in sent]


def listed(net, *args):
    return net.json("gateway-1", "doc", "lost", *args)["letters"]


def told_to_whom(net, waybills):
    """By role: who reads letters sees them, who works at the desk decides."""
    clerk, auditor, operator = (session(net, role) for role in ROLES)
    said = clerk.get("/v1/lost?open=1")
    names = {(item["sender_name"], event["name"])
             for item in said.json["letters"] for event in item["events"]
             if event["recipient"]}
    tap.ok(said.json["open"] == 2 and names == {("雲林縣政府", "彰化縣政府")},
           "a clerk sees both, with names", said)
    tap.ok(auditor.get("/v1/lost").status == 200 and
           operator.get("/v1/lost").code == "E6403",
           "so does an auditor; an operator reads no letters")
    wish = {"action": "paper", "note": "", "letters": [waybills[0]]}
    codes = [who.post("/v1/lost", wish).code for who in (auditor, operator)]
    tap.ok(codes == ["E6403", "E6403"] and len(listed(net)) == 2,
           "neither of them decides", codes)
    checks = {item["name"]: item for item in
              operator.get("/v1/health").json["checks"]}
    tap.ok(checks["lost letters"]["code"] == "E4505",
           "the operator is warned", checks["lost letters"])
    return clerk


def in_the_browser(net):
    address = net.settings("gateway-1")["host.address"]
    world = {"base": f"https://{address}:8443",
             "codes": {role: code_of(net, role)
                       for role in ("clerk", "auditor")}}
    result = subprocess.run(
        ["node", f"{ROOT}/tests/web/lost.mjs"], capture_output=True,
        text=True, check=False, env={**os.environ, "WORLD": json.dumps(world)})
    for good, what, detail in json.loads(result.stdout or json.dumps(
            [[False, "the pages", result.stderr]])):
        tap.ok(good, what, detail)


def decided(net):
    every = listed(net, "--all")
    made = [letter["decisions"] for letter in every if letter["decisions"]]
    tap.ok(len(listed(net)) == 1 and len(made) == 1 and
           [(item["reviewer"], item["logged_in"], item["action"],
             item["note"]) for item in made[0]] ==
           [(ROLES["clerk"], True, "not_needed", "歸檔查得")],
           "what the clerk decided in the browser is kept with the name", every)
    return listed(net)[0]["waybill_id"]


def sent_again(net, clerk, waybill):
    """Another letter: its sender, its recipient and the record say so."""
    before = len(net.inbox("gateway-2"))
    again = net.send(net.letter([OTHER], 4))["id"]
    net.wait_states(again, ["opened"])
    tap.ok(len(net.inbox("gateway-2")) == before + 1 and
           entry(net, again).split("/")[0] != waybill,
           "what is sent again arrives once, under an id of its own")
    for action, note in (("resent", f"以 {again} 重發"), ("open", "誤登"),
                         ("resent", f"以 {again} 重發")):
        answer = clerk.post("/v1/lost", {"action": action, "note": note,
                                         "letters": [waybill]})
        tap.ok(answer.json == {"decided": 1}, f"{action}: {note}", answer)
    said = net.command("doc", "lost", "--all", "-c",
                       net.conf("gateway-1")).stdout
    tap.ok(listed(net) == [] and said.count(again) == 2 and "誤登" in said,
           "nothing is open; the command shows each decision, the last counts",
           said)
    net.kill("gateway-1")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    said = net.command("doctor", "-c", net.conf("gateway-1"),
                       check=False).stdout
    tap.ok(listed(net) == [] and "E4505" not in said,
           "also after a kill, and doctor warns no longer", said)


def evidence(net, waybill):
    """The receipts that are left prove what they say, without any host."""
    folder = f"{net.dir}/receipts"
    os.makedirs(folder)
    receipts = net.json("gateway-1", "doc", "lost", waybill)["receipts"]
    for number, receipt in enumerate(receipts):
        with open(f"{folder}/{number}.json", "w", encoding="utf-8") as file:
            json.dump(receipt, file, ensure_ascii=False,
                      separators=(",", ":"))

    def verify():
        return net.command(
            "receipt", "verify",
            *[f"{folder}/{name}" for name in os.listdir(folder)],
            "--bulletins", f"{net.dir}/bulletins", "--root", net.root,
            "--environment", "demo", check=False)
    good = verify()
    tap.ok(len(receipts) >= 4 and good.returncode == 0 and
           "signed for" in good.stdout,
           f"{len(receipts)} receipts of what was lost verify", good)
    with open(f"{folder}/0.json", encoding="utf-8") as file:
        text = file.read()
    with open(f"{folder}/0.json", "w", encoding="utf-8") as file:
        file.write(text.replace(OTHER, "376530000A").replace(
            "accepted", "opened"))
    tap.ok(verify().returncode != 0, "(and one that was changed does not)")


def test(tap):
    with Network("lost", EXTRA) as net:
        persons(net)
        waybills = lose(net)
        clerk = told_to_whom(net, waybills)
        in_the_browser(net)
        left = decided(net)
        sent_again(net, clerk, left)
        evidence(net, left)


run(tap, test)
tap.done()
