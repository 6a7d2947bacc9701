#!/usr/bin/python3
# limit: 240
"""People and programs at a management host (R4.1, R5.1.6, R5.3.8, T-ACC-06 to
-13): persons whom two officers registered log in by card or by a link, hold the
offices of their case as long as it lasts and no more; two persons stay two
keys; tokens of programs see one organisation; who asked for what is on record
before it is done, over kill -9.  Every example of the description
(data/openapi/management.json) is asked of a real host."""

import importlib.util
import json
import os
import re
import subprocess

from casework import Casework, issue
from network import Tap, run
from web import Web

HERE = os.path.dirname(os.path.abspath(__file__))
OWN, OTHER = "376470000A", "376490000A"
tap = Tap()


def module(name):
    """A scenario as a module: it runs only as a program."""
    spec = importlib.util.spec_from_file_location("contract",
                                                  f"{HERE}/{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


contract = module("83-contract")


class Contract(contract.Contract):
    """With what the description of management uses besides."""

    def faults(self, value, schema, where="$"):
        schema = self.resolve(schema)
        if "allOf" in schema:
            return [fault for part in schema["allOf"]
                    for fault in self.faults(value, part, where)]
        if isinstance(schema.get("type"), list):
            if value is None and "null" in schema["type"]:
                return []
            schema = {**schema, "type": [name for name in schema["type"]
                                         if name != "null"][0]}
        return super().faults(value, schema, where)

    def check(self, operation, example, answer):
        said = {key: self.resolve(value)
                for key, value in operation["responses"].items()}
        return super().check({**operation, "responses": said}, example,
                             answer)


def register(net, name, offices, organisation=OWN):
    path = f"{net.dir}/{name}.pem"
    card = issue(net, path, "sign", name)
    case = net.case("open", "register-person", f"person={name}",
                    f"organisation={organisation}", f"certificate={card}",
                    f"offices={offices}")["id"]
    net.check(case, ["identity"])
    net.approve(case)
    return path, card


def by_card(net, path, port=8443):
    web = Web(net, "management", port=port, card=path)
    web.log_in()
    return web


class Control(Web):
    """Who sits at the machine."""

    def __init__(self, net):
        super().__init__(net, "management")
        self.net = net

    def ask(self, method, path, body=None, headers=None, timeout=90):
        command = ["curl", "-sS", "-i", "--http2-prior-knowledge",
                   "--max-time", "90", "--unix-socket",
                   f"{self.net.dir}/management/control.sock", "-X", method]
        data = None
        if body is not None:
            command += ["-H", "content-type: application/json",
                        "--data-binary", "@-"]
            data = json.dumps(body).encode()
        text = subprocess.run([*command, f"http://host{path}"], input=data,
                              capture_output=True, check=False).stdout
        head, _, rest = text.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")

        class Said:
            status = int(lines[0].split()[1])
            headers = {line.split(":")[0].lower(): line.split(": ")[1]
                       for line in lines[1:]}
            body = rest
            json = json.loads(rest) if rest else {}
        return Said


def examples(net, cards):
    served = Web(net, "management").get("/v1/openapi.json")
    with open(f"{HERE}/../../data/openapi/management.json", "rb") as file:
        tap.ok(file.read() == served.body, "the host serves its description")
    made = net.command("token", "create", "report", "--organisation", OWN,
                       "--scopes", "read", "-c", net.conf("management"))
    webs = {"nobody": Web(net, "management"), "control": Control(net),
            "reader": Web(net, "management", token=made.stdout.strip()),
            "leaver": by_card(net, cards["clerk"])}
    for name in ("clerk", "duty", "auditor", "operator", "applicant"):
        webs[name] = by_card(net, cards[name])
    described, known, ran = Contract(served.json), {}, 0
    for path, methods in served.json["paths"].items():
        for method, operation in methods.items():
            for example in operation["x-examples"]:
                asked = {**example}
                if "raw" in asked:
                    asked["body"] = asked["raw"].encode()
                answer = contract.ask(webs[example["as"]], method, path,
                                      asked, known, {})
                faults = described.check(operation, example, answer)
                ran += 1
                for name, place in example.get("save", {}).items():
                    if not faults:
                        known[name] = contract.picked(answer.json, place)
                if faults:
                    tap.ok(False, f"{method.upper()} {path}: "
                           f"{example['name']}", "\n".join(faults))
    tap.ok(ran > 60, f"{ran} examples are as they are described")
    broken = json.loads(json.dumps(served.json))
    broken["components"]["schemas"]["CaseLine"]["required"] = ["more"]
    answer = webs["auditor"].get("/v1/cases?limit=1")
    tap.ok(Contract(broken).check(
        broken["paths"]["/v1/cases"]["get"], {"status": 200}, answer),
        "(an answer that lacks what is promised is seen)")


def sessions(net, cards):
    web = by_card(net, cards["helper"])
    said = web.get("/v1/session").json
    tap.ok(said["person"] == "helper" and said["roles"] == ["clerk"] and
           said["organisations"][0]["code"] == OWN,
           "a session says who it is, and the offices", said)
    stolen = Web(net, "management")
    stolen.cookie, stolen.guard = web.cookie, web.guard
    tap.ok(stolen.get("/v1/cases").code == "E6406",
           "the cookie alone, without the card, is nothing")
    forged = Web(net, "management", card=cards["helper"])
    forged.cookie = web.cookie
    answer = forged.post("/v1/cases", {"definition": "change-name",
                                       "fields": {}})
    tap.ok(answer.code == "E6404", "nor is a request of another site", answer)
    stranger = f"{net.dir}/stranger.pem"
    issue(net, stranger, "sign", "stranger")
    tap.ok(Web(net, "management", card=stranger).log_in().code == "E6408",
           "a card that no case registered does not log in")
    for path in ("/", "/en/"):
        answer = Web(net, "management").get(path)
        tap.ok(answer.status == 200 and b"management" in answer.body,
               f"{path} is the page of a management host", answer)
    text = net.command("person", "link", "helper", "-c",
                       net.conf("management")).stdout
    code = re.search(r"#code=([0-9a-f]+)", text).group(1)
    linked = Web(net, "management")
    tap.ok(linked.log_in(code).status == 201 and
           linked.get("/v1/cases").status == 200 and
           Web(net, "management").log_in(code).code == "E6409",
           "a link logs in, once")
    tap.ok("helper" in net.command("person", "list", "-c",
                                  net.conf("management")).stdout,
           "and the command line lists who there is")
    port = by_card(net, cards["operator"], 8444)
    tap.ok(port.get("/v1/people").status == 200 and
           port.get("/v1/cases").status == 404,
           "the port for operators has what they need, and no cases")
    return web, linked


def two_persons(net, web):
    """A session decides nothing that two keys must."""
    case = web.post("/v1/cases", {"definition": "change-name", "fields": {
        "organisation": OWN, "name": "彰化縣第二政府", "contact": "王"}})
    case = case.json
    tap.ok(case["steps"][0]["by"].startswith("card "),
           "what a person does in a session has the person's name", case)
    web.ask("POST", f"/v1/cases/{case['id']}/attachments?evidence=authority"
            "&name=a.txt", b"letter",
            headers={"Content-Type": "application/octet-stream"})
    answer = web.post(f"/v1/cases/{case['id']}:move", {"move": "check"})
    tap.ok(answer.json["state"] == "checked", "a clerk checks", answer)
    officer = by_card(net, f"{net.dir}/officers/officer-1.pem")
    answer = officer.post(f"/v1/cases/{case['id']}:move", {"move": "approve"})
    tap.ok(answer.code in ("E7102", "E7105") and answer.status == 403,
           "an officer's session approves nothing: the key does", answer)
    answer = officer.post("/v1/cases", {"definition": "change-name",
                                        "fields": {}})
    tap.ok(answer.code == "E7117", "nor does it open a case", answer)
    said = net.approve(case["id"])
    tap.ok(said["state"] == "approved", "two keys do", said)


def tokens(net, cards):
    operator = by_card(net, cards["operator"])

    def token(scopes, organisation):
        said = operator.post("/v1/tokens", {
            "name": "dms", "organisation": organisation, "scopes": scopes})
        return said.json["id"], Web(net, "management",
                                    token=said.json["token"])

    row, reader = token(["read"], OWN)
    _, other = token(["read"], OTHER)
    _, sender = token(["send"], OTHER)
    seen = reader.get("/v1/cases?open=0&limit=500").json["cases"]
    tap.ok(seen and all(item["organisation"] == OWN for item in seen) and
           all(item["organisation"] == OTHER for item in
               other.get("/v1/cases?open=0").json["cases"]),
           "a program sees one organisation's cases", seen[:2])
    body = {"definition": "change-name", "fields": {
        "organisation": OTHER, "name": "雲林縣新政府", "contact": "李"}}
    tap.ok(reader.post("/v1/cases", body).code == "E7117",
           "with scope read it opens none")
    tap.ok(sender.post("/v1/cases", body).status == 201,
           "with scope send its own")
    body["fields"]["organisation"] = OWN
    tap.ok(sender.post("/v1/cases", body).code == "E7117", "and no other's")
    tap.ok(reader.get("/v1/people").code == "E7117" and
           sender.post("/v1/tokens", {}).code == "E7117",
           "and does nothing of the staff's")
    operator.post(f"/v1/tokens/{row}:revoke")
    tap.ok(reader.get("/v1/cases").code == "E6407", "revoked, at once")
    acts = by_card(net, cards["auditor"]).get("/v1/acts?limit=5").json["acts"]
    tap.ok(any(item["path"] == f"/v1/tokens/{row}:revoke" and
               item["actor"] == "operator" for item in acts),
           "who asked for it is on record", acts)


def ends(net, web, linked, prints):
    """An office ends with its case, in every session."""
    net.kill("management")
    net.start("management")
    tap.ok(web.get("/v1/cases").status == 200,
           "a session outlives kill -9 of the host")
    ended = net.case("open", "end-person", f"certificate={prints['helper']}")
    net.case("move", ended["id"], "end", "--note", "離職")
    answers = [web.get("/v1/cases"), linked.get("/v1/cases")]
    tap.ok(all(answer.code == "E6416" for answer in answers),
           "with the end of the office every session ends", answers)
    tap.ok(Web(net, "management", card=web.card).log_in().code == "E6416",
           "and the card logs in no more")


def pages(net):
    """The pages, as a clerk in a browser meets them."""
    text = net.command("person", "link", "clerk", "-c",
                       net.conf("management")).stdout
    case = net.case("open", "change-name", f"organisation={OWN}",
                    "name=彰化縣第三政府", "contact=王")["id"]
    world = {"base": f"https://{net.settings('management')['host.address']}"
                     ":8443",
             "code": re.search(r"#code=([0-9a-f]+)", text).group(1),
             "case": case, "organisation": OWN}
    pictures = [os.environ["PICTURES"]] if "PICTURES" in os.environ else []
    result = subprocess.run(
        ["node", f"{HERE}/../web/management.mjs", *pictures],
        env={**os.environ, "MANAGEMENT": json.dumps(world)},
        capture_output=True, text=True, check=False)
    for line in result.stdout.splitlines():
        if " - " in line and "ok " in line[:7]:
            name = line.split(" - ", 1)[1]
            tap.ok(not line.startswith("not"), f"page: {name}")
        elif line.startswith("#"):
            print(line)
    tap.ok(result.returncode == 0, "the pages are as they should be",
           result.stderr[-800:])


def people(tap):
    with Casework("people", hosts=["management"]) as net:
        cards, prints = {}, {}
        for office in ("clerk", "duty", "auditor", "operator", "applicant"):
            cards[office], prints[office] = register(net, office, office)
        cards["helper"], prints["helper"] = register(net, "helper", "clerk")
        web, linked = sessions(net, cards)
        two_persons(net, web)
        tokens(net, cards)
        pages(net)
        ends(net, web, linked, prints)
        examples(net, cards)  # the last one destroys the keys


run(tap, people)
tap.done()
