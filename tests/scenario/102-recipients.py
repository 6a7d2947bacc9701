#!/usr/bin/env python3
# limit: 100
"""Goal: before a letter is sent its sender knows of each recipient by which way it
is reached and what it takes, by code, name or group; groups have versions,
exceptions and tables, and show who was suspended or dissolved since.  What is
told before is what sending judges by."""

import json
import os

from by_hand import bulletin, sha, signed_content
from network import NAMES, Network, Tap, pdf, run
from web import Web

A, B, C = "376490000A", "376470000A", "376530000A"
OLD, GONE, TWIN = "A90000001A", "A90000002A", "A90000003A"


def token(net, code=A, host="gateway-1"):
    return Web(net, host, token=net.command(
        "token", "create", f"t-{code}", "--organisation", code, "--scopes",
        "read,send", "-c", net.conf(host)).stdout.strip())


def publish(net, *changes):
    """The next directory, with these changes to the first one."""
    path, more = f"{net.dir}/next-{len(changes)}", {}
    if len(changes) > 1:
        with open(f"{net.dir}/next-{len(changes) - 1}", "rb") as file:
            more["previous"] = sha(signed_content(file.read()))

    def all_of_them(body):
        for change_ in changes:
            change_(body)

    with open(path, "wb") as file:
        file.write(bulletin(net, "directory", serial=1 + len(changes),
                            change=all_of_them, **more))
    before = net.json("gateway-1", "directory", "search", B)["serial"]
    net.publish([path])
    net.wait_for(lambda: net.json("gateway-1", "directory", "search", B)[
        "serial"] > before, "no new directory")


def change(body):
    """One that went on as B, one on paper, and two of the same name."""
    model = next(item for item in body["organisations"] if item["code"] == B)
    body["organisations"] += [
        dict(model, code=OLD, name="舊縣政府", status="dissolved", keys=[],
             successor=B),
        dict(model, code=GONE, name="紙本鄉公所", status="paper", keys=[]),
        dict(model, code=TWIN, name="屏東縣政府", status="paper", keys=[])]
    body["organisations"].sort(key=lambda item: item["code"])


def by_name(tap, net, web):
    said = web.post("/v1/recipients:check", {"recipients": [
        B, "彰化縣政府", "　彰化 縣政府", OLD, GONE, "999999999Z", "屏東縣政府",
        "彰化縣"]}).json
    tap.ok("recipients" in said, "each is told of", said)
    got = [(item["way"], item["code"], item["rule"])
           for item in said["recipients"]]
    tap.ok(got[:3] == [("electronic", B, "")] * 3,
           "a code, a name, and the same name otherwise spaced", got)
    tap.ok(got[3][0] == "dissolved" and
           said["recipients"][3]["successor"]["code"] == B,
           "one that is dissolved names who took over", got[3])
    tap.ok(got[4][0] == "paper" and got[4][2] == "E4016" and
           got[5][0] == "unknown" and got[5][2] == "E4012",
           "paper and unknown are told apart", got[4:6])
    tap.ok(got[6] == ("unknown", "", "E6620") and
           {item["code"] for item in said["recipients"][6]["candidates"]}
           >= {C, TWIN}, "a name of two is nobody's until one is chosen",
           said["recipients"][6])
    tap.ok(got[7] == ("unknown", "", "E6619") and
           B in [item["code"] for item in said["recipients"][7]["candidates"]],
           "a part of a name is answered with candidates",
           said["recipients"][7])
    tap.ok(said["counts"] == {"electronic": 3, "paper": 1, "suspended": 0,
                              "dissolved": 1, "unknown": 3}, "and counted",
           said["counts"])
    table = web.post("/v1/recipients:check?as=csv", {"recipients": [
        GONE, {"code": B, "copy": True}]}).body.decode("utf-8-sig")
    tap.ok([line.split(",")[:4] for line in table.splitlines()[1:]] ==
           [["電子交換", NAMES[B], B, "副本"],
            ["非電子交換（紙本）", "紙本鄉公所", GONE, "正本"]],
           "as a table, electronic and paper stand apart", table)
    english = web.post("/v1/recipients:check", {"recipients": [GONE]},
                       headers={"Accept-Language": "en"}).json
    tap.ok(english["recipients"][0]["title"].isascii(), "in English, too")


def limits(tap, net, web):
    for limit in ({"of": B, "file_name": 12, "attachments": 2},
                  {"of": "center:center-b", "letter_bytes": 5000000},
                  {"of": C, "plain_names": True}):
        answer = web.post("/v1/recipient-limits", limit)
        if answer.status != 200:
            tap.ok(False, "a limit is kept", answer)
    said = web.post("/v1/recipients:check", {
        "recipients": [B, C], "files": [
            {"name": "letter.di", "length": 3000},
            {"name": "會議紀錄.pdf", "length": 4000000},
            {"name": "a-very-long-name-of-a-file.pdf", "length": 2000000},
            {"name": "x.pdf", "length": 10}]}).json
    weakest = said["weakest"]
    tap.ok(weakest["file_name"] == {"value": 12, "of": B} and
           weakest["attachments"] == {"value": 2, "of": B} and
           weakest["letter_bytes"] == {"value": 5000000, "of": C} and
           weakest["plain_names"] == {"value": 1, "of": C},
           "the weakest is named with what it takes", weakest)
    found = {(item["rule"], item["file"]): item for item in said["findings"]}
    tap.ok(set(found) == {("E4015", ""), ("E6614", ""),
                          ("E6612", "a-very-long-name-of-a-file.pdf"),
                          ("E6613", "會議紀錄.pdf")} and
           found[("E6613", "會議紀錄.pdf")]["recipients"] == [C] and
           found[("E6613", "會議紀錄.pdf")]["suggestion"] ==
           "attachment-2.pdf" and
           found[("E6614", "")]["recipients"] == [B],
           "and what is wrong with the files, before they go up",
           json.dumps(said["findings"], ensure_ascii=False))
    report = web.send("/v1/documents:validate", net.letter(
        [B, (C, False)], 1, {"a-very-long-name-of-a-file.pdf": pdf(100)})).json
    rules = {item["rule"] for item in report["findings"]}
    tap.ok("E6612" in rules and "E6613" not in rules and report["accepted"],
           "sending says the same, and not of who gets no attachments",
           report["findings"])
    web.post("/v1/recipient-limits", {"of": B})
    kept = web.get("/v1/recipient-limits").json["limits"]
    tap.ok([item["of"] for item in kept] == [C, "center:center-b"],
           "a limit that says nothing is gone", kept)


def groups(tap, net, web):
    made = web.post("/v1/groups", {"code": "G01", "title": "縣市",
                                   "members": [B, {"code": C, "copy": True,
                                                   "with_attachments":
                                                   False}]})
    tap.ok(made.status == 201 and made.json["version"] == 1 and
           [item["name"] for item in made.json["members"]] ==
           [NAMES[B], NAMES[C]], "a group is made", made)
    tap.ok(web.post("/v1/groups", {"code": "G01", "members": [B]}).code ==
           "E6617" and
           web.post("/v1/groups", {"code": "G02", "members": ["G01"]}).code ==
           "E6615" and
           web.post("/v1/groups", {"code": "G02", "members": [B, B]}).code ==
           "E6615" and
           web.post("/v1/groups", {"code": "G02", "members": []}).code ==
           "E6615", "not twice, not of groups, nobody twice, not empty")
    said = web.post("/v1/recipients:check", {"recipients": [
        {"group": "G01", "except": [B]}]}).json["recipients"]
    tap.ok([(item["code"], item["group"], item["copy"],
             item["with_attachments"]) for item in said] ==
           [(C, "G01", True, False)], "with an exception", said)
    tap.ok(web.post("/v1/groups/G01:change", {"title": "x"}).code == "E6605"
           and web.post("/v1/groups/G01:change?version=7",
                        {"title": "x"}).code == "E6410",
           "it is changed by who knows what it is")
    tag = web.get("/v1/groups/G01").headers["etag"]
    changed = web.post("/v1/groups/G01:change", {"members": [B, C, OLD]},
                       headers={"If-Match": tag})
    tap.ok(changed.status == 200 and changed.json["version"] == 2 and
           changed.json["members"][2]["status"] == "dissolved" and
           changed.json["members"][2]["successor"]["code"] == B and
           changed.json["changed"] == 1,
           "a member that is dissolved is seen, with who took over",
           changed)
    tap.ok(len(web.get("/v1/groups/G01?version=1").json["members"]) == 2 and
           [item["version"] for item in
            web.get("/v1/groups/G01/history").json["versions"]] == [2, 1],
           "the version before is kept")
    net.kill("gateway-1")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    tap.ok(web.get("/v1/groups/G01").json == changed.json,
           "a kill loses nothing of it")


def directory_changes(tap, net, web):
    def suspend(body):
        for item in body["organisations"]:
            if item["code"] == C:
                item["status"] = "suspended"

    before = web.get("/v1/groups").json["groups"][0]["changed"]
    publish(net, change, suspend)
    group = web.get("/v1/groups/G01").json
    tap.ok(group["changed"] == before + 1 and
           group["members"][1]["status"] == "suspended" and
           web.get("/v1/groups").json["groups"][0]["changed"] == before + 1,
           "a member that is suspended is seen, in the list as well", group)
    said = web.post("/v1/recipients:check",
                    {"recipients": [{"group": "G01"}]}).json
    tap.ok(said["counts"]["suspended"] == 1 and
           said["recipients"][1]["rule"] == "E4013",
           "and told before sending", said["counts"])


def tables(tap, net, web):
    table = web.get("/v1/groups?as=csv")
    tap.ok(table.headers["content-type"].startswith("text/csv") and
           table.body.decode("utf-8-sig").splitlines()[1] ==
           f"G01,縣市,{B},{NAMES[B]},含附件,正本", "groups are a table",
           table.body.decode())
    mine = table.body.decode("utf-8-sig").replace("G01", "G05")
    csv = {"Content-Type": "text/csv"}
    answer = web.ask("POST", "/v1/groups:import", mine.encode(), headers=csv)
    tap.ok(answer.status == 200 and
           [item["code"] for item in answer.json["groups"]] ==
           ["G01", "G05", "SEND"], "and a table makes groups", answer)
    broken = mine + "G06,=cmd,bad,x,含附件,正本\r\n"
    answer = web.ask("POST", "/v1/groups:import",
                     broken.replace("G05", "G07").encode(), headers=csv)
    tap.ok(answer.code == "E6618" and "line 7" in answer.json["detail"] and
           web.get("/v1/groups/G07").code == "E6616",
           "of which a wrong line spoils all", answer)
    apart = "群組代碼,機關代碼\nG08,{0}\nG09,{0}\nG08,{1}\n".format(B, C)
    tap.ok(web.ask("POST", "/v1/groups:import", apart.encode(),
                   headers=csv).code == "E6618" and
           web.get("/v1/groups/G08").code == "E6616",
           "a group's lines stand together")
    tap.ok(token(net, B, "gateway-2").get("/v1/groups").json["groups"] == [],
           "groups are nobody else's")


def letters(tap, net, web):
    """A letter in JSON that names a group, made and sent."""
    web.post("/v1/groups", {"code": "SEND", "members": [
        B, {"code": GONE, "copy": True}]})
    root = os.path.join(os.path.dirname(__file__), "../..")
    with open(f"{root}/data/samples/make/letter.json",
              encoding="utf-8") as file:
        letter = json.load(file)
    letter.update(senders=[{"name": NAMES[A], "code": A}],
                  originals=[{"group": "SEND", "except": [GONE]}], copies=[],
                  attachments=[], rosters=[{"entries": [
                      {"group": "SEND", "except": [GONE]}]}])
    letter.pop("attachment_note", None)
    made = web.post("/v1/documents:make", letter)
    tap.ok(made.status == 200 and made.body.count(B.encode()) == 1 and
           GONE.encode() not in made.body and
           made.body.decode(errors="replace").count(NAMES[B]) == 2,
           "a letter that names a group is made for its members",
           made.body[:300])
    letter["rosters"][0]["entries"] = [{"group": "NONE"}]
    tap.ok(web.post("/v1/documents:make", letter).code == "E6616",
           "and for none that there is not")


def by_command(tap, net):
    shown = net.command("group", "list", "G01", "-c", net.conf("gateway-1"))
    check = net.command("recipient", "check", NAMES[B], "@G01", "-c",
                        net.conf("gateway-1"), check=False)
    tap.ok(OLD in shown.stdout and check.returncode == 65 and
           check.stdout.count(B) >= 2, "the commands show the same",
           shown.stdout + check.stdout)
    table = net.command("group", "export", "-c", net.conf("gateway-1")).stdout
    with open(f"{net.dir}/groups.csv", "w", encoding="utf-8") as file:
        file.write(table)
    net.command("group", "remove", "G05", "-c", net.conf("gateway-1"))
    net.command("group", "import", f"{net.dir}/groups.csv", "-c",
                net.conf("gateway-1"))
    again = net.command("group", "export", "-c", net.conf("gateway-1")).stdout
    tap.ok(again == table, "a table that is exported and imported is the same")


def recipients(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net:
        publish(net, change)
        web = token(net)
        by_name(tap, net, web)
        limits(tap, net, web)
        groups(tap, net, web)
        letters(tap, net, web)
        directory_changes(tap, net, web)
        tables(tap, net, web)
        by_command(tap, net)


if __name__ == "__main__":
    tap = Tap()
    run(tap, recipients)
    tap.done()
