#!/usr/bin/env python3
"""A network with letters in every state, for looking at the pages: gateway-1
(雲林縣政府) is the office that is looked at."""

import datetime
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests/scenario"))

from network import GATEWAYS, NAMES, Network, pdf, rows_of  # noqa: E402
from web import Web  # noqa: E402

# What a page sends is to arrive while it is looked at.
AT_ONCE = "[sending]\nundo_s = 0\n"
# Events may be told to this machine, and are given up soon.
EXTRA = {"gateway-1": f"{AT_ONCE}[webhook]\naddresses = 127.0.0.1\n"
                      "[courier]\nretry_first_ms = 10\nretry_max_ms = 50\n",
         # Where something is called back, however long a test takes for it.
         "gateway-2": "[sending]\nundo_s = 600\n"}

ADDRESS = {"376490000A": "640201 雲林縣斗六市雲林路二段515號",
           "376470000A": "500001 彰化縣彰化市中山路二段416號",
           "376530000A": "900001 屏東縣屏東市自由路527號"}
PREFIX = {"376490000A": "府計管一字", "376470000A": "府行文字",
          "376530000A": "屏府行文字"}

SUBJECTS = [
    ("檢送本府115年度災害防救演習實施計畫1份，請派員參加並於12月5日前回復參加人員名單，請查照。", "速件"),
    ("函轉衛生福利部修正「長期照顧服務申請及給付辦法」部分條文，請查照並轉知所屬。", "普通件"),
    ("貴轄臺19線橋梁伸縮縫緊急修復工程訂於本月28日起封閉單側車道，請協助交通疏導，請查照。", "最速件"),
    ("檢送「中部區域治理平台」第12次會議紀錄1份，請查照。", "普通件"),
    ("為辦理116年元旦升旗典禮，請惠予支援交通管制人力，請查照惠復。", "速件"),
    ("有關貴府函詢公有停車場委託經營權利金計收疑義一案，復如說明，請查照。", "普通件"),
    ("請惠予提供貴縣近三年農地違規使用裁處統計資料，俾利彙整，請查照。", "普通件"),
]

WORDS = "附件2的報名表打不開，請補送 ODF 格式。"


def make_letter(net, host, serial, subject, speed, recipients,
                attachments=None, copies=()):
    """Make the files of a letter from `host`; returns their paths."""
    sender = GATEWAYS[host]
    folder = f"{net.dir}/made/{host}-{serial}"
    attachments = attachments or {}
    letter = {
        "format": "yizhan-letter-1", "name": "1", "kind": "letter",
        "class": "函", "senders": [{"name": NAMES[sender], "code": sender}],
        "address": ADDRESS[sender],
        "contacts": ["承辦人：王○○", "電話：05-5320000#000"],
        "issue_date": datetime.date.today().isoformat(),
        "ref_nos": [{"prefix": PREFIX[sender], "year": "115",
                     "seq": f"{serial:07d}"}],
        "speed": {"普通件": "normal", "速件": "fast",
                  "最速件": "fastest"}[speed],
        "subject": subject,
        "sections": [{"label": "說明：", "items": [
            {"text": "依本府115年10月1日府計管一字第1150010001號函續辦。"},
            {"text": "旨揭事項如有疑義，請逕洽本案承辦人。", "items": [
                {"text": "上班時間：上午8時至下午5時。"},
                {"text": "電子信箱：example@example.gov.tw。"}]}]}],
        "originals": [{"kind": "org", "name": NAMES[code]}
                      for code in recipients],
        "signature_lines": ["縣長　○○○"],
        "rosters": [{"entries": [
            {"name": NAMES[code], "code": code, "copy": "正本",
             "with_attachments": bool(attachments)}
            for code in recipients]}],
    }
    if attachments:
        letter["attachment_note"] = "如說明"
        letter["attachments"] = list(attachments)
    os.makedirs(folder)
    source = f"{folder}.json"
    with open(source, "w", encoding="utf-8") as file:
        json.dump(letter, file, ensure_ascii=False)
    os.rmdir(folder)
    net.command("doc", "make", source, "--to", folder, "-c",
                net.conf(host))
    for name, data in attachments.items():
        with open(f"{folder}/{name}", "wb") as file:
            file.write(data)
    return sorted(f"{folder}/{name}" for name in os.listdir(folder))


def fill(net):
    """Letters in every state; returns the ids that the pages are asked for."""
    ids = {}
    for serial, (subject, speed) in enumerate(SUBJECTS, 1):
        host = "gateway-2" if serial % 2 else "gateway-3"
        files = {"376470000A_1150000001A0C_ATTCH1.pdf": pdf(80000),
                 "附件二.csv": "項次,名稱\n1,計畫\n".encode()} \
            if serial in (1, 4) else {}
        net.send(make_letter(net, host, serial, subject, speed,
                             ["376490000A"], files), host)
    net.wait_for(lambda: len([one for one in net.inbox("gateway-1")
                              if one["state"] == "opened"]) == len(SUBJECTS),
                 "letters do not come in")
    came = {one["subject"]: one for one in net.inbox("gateway-1")}

    def name_of(number):
        one = came[SUBJECTS[number][0]]
        return f"{one['waybill_id']}/{one['recipient']}"

    # As if the sender's module had been revoked before (docs/protocol.md 6.1).
    with rows_of(f"{net.dir}/gateway-1/rows.db") as rows:
        rows.execute(
            "UPDATE inbox_review SET doubt = 'E3722' WHERE letter ="
            " (SELECT id FROM inbox_letter WHERE waybill_id = ?)",
            [bytes.fromhex(name_of(1).split("/")[0].replace("-", ""))])
        assert rows.execute("SELECT count(*) FROM inbox_review WHERE"
                            " doubt <> ''").fetchone()[0] == 1
    net.json("gateway-1", "doc", "confirm", name_of(3))
    net.json("gateway-1", "doc", "return", name_of(6), "--reason",
             "misdirected")
    ids["letter"] = name_of(0)
    ids["doubted"] = name_of(1)
    ids["confirmed"] = name_of(3)
    ids["returned"] = name_of(6)

    both = ["376470000A", "376530000A"]
    sent = []
    for serial, (subject, speed) in enumerate([
            ("檢送「115年度公文電子交換作業說明會」簡報及報名表各1份，請查照並轉知所屬。", "速件"),
            ("請於本月30日前惠復貴府行動支付繳納規費辦理情形，請查照。", "普通件"),
            ("檢送跨縣市河川巡守聯繫會議紀錄1份，請查照。", "普通件"),
            ("轉知內政部訂定「地方政府數位服務獎勵要點」，請查照。", "普通件")], 12345):
        files = {"簡報.pdf": pdf(240000)} if serial == 12345 else {}
        paths = make_letter(net, "gateway-1", serial, subject, speed, both,
                            files)
        sent.append(net.send(paths)["id"])
    for document in sent:
        net.wait_states(document, {"opened"})

    def answer(document, host, *args):
        one = next(one for one in net.inbox(host)
                   if one["document_id"] == document)
        net.json(host, "doc", args[0],
                 f"{one['waybill_id']}/{one['recipient']}", *args[1:])

    answer(sent[0], "gateway-2", "confirm")
    answer(sent[2], "gateway-2", "confirm")
    answer(sent[2], "gateway-3", "confirm")
    # By a person, with words that only the sender can read.
    clerk = Web(net, "gateway-2")
    clerk.log_in(sign_in(net, "gateway-2"))
    one = next(one for one in net.inbox("gateway-2")
               if one["document_id"] == sent[3])
    returned = clerk.post(
        f"/v1/inbox/{one['waybill_id']}/{one['recipient']}:return",
        {"reason": "attachment_missing", "words": WORDS})
    assert returned.status == 200, returned
    net.wait_states(sent[2], {"confirmed"})
    net.wait_for(lambda: "returned" in net.states(sent[3]).values(),
                 "no return")
    net.wait_for(lambda: "confirmed" in net.states(sent[0]).values(),
                 "no confirmation")
    make_older(net, sent[1], 2)
    make_older(net, sent[3], 4)
    ids["files"] = {os.path.basename(path)[2:]: path for path in make_letter(
        net, "gateway-1", 12800, "檢送會議紀錄1份，請查照。", "普通件", both)}
    ids.update(sent=sent[0], waiting=sent[1], done=sent[2], failed=sent[3])
    return ids


def make_older(net, document, days):
    """As if a letter had been sent so many days ago."""
    with rows_of(f"{net.dir}/gateway-1/rows.db") as rows:
        row, = rows.execute("SELECT id FROM outbox_document WHERE"
                            " document_id = ?",
                            [bytes.fromhex(document.replace("-", ""))])
        span = days * 86400000
        rows.execute("UPDATE outbox_document SET created_at = created_at - ?"
                     " WHERE id = ?", [span, row[0]])
        rows.execute("UPDATE outbox_waybill SET created_at = created_at - ?"
                     " WHERE document = ?", [span, row[0]])
        rows.execute(
            "UPDATE outbox_delivery SET since = since - ? WHERE waybill IN"
            " (SELECT id FROM outbox_waybill WHERE document = ?)",
            [span, row[0]])
        rows.execute(
            "UPDATE outbox_receipt SET time = time - ? WHERE waybill IN"
            " (SELECT id FROM outbox_waybill WHERE document = ?)",
            [span, row[0]])


def sign_in(net, host, name="王小明", role="clerk"):
    """Register a person; the code of a link that logs in once."""
    conf = net.conf(host)
    if name not in net.command("person", "list", "-c", conf).stdout:
        net.command("person", "add", name, "--role", role, "--organisation",
                    GATEWAYS[host], "-c", conf)
    text = net.command("person", "link", name, "--minutes", "600", "-c",
                       conf).stdout
    return re.search(r"#code=(\w+)", text).group(1)


class Receiver(http.server.ThreadingHTTPServer):
    """Document systems that are told of events: /down refuses all of them."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answers(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503 if self.path == "/down" else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def tell_systems(net, operator):
    """Two that are told of events, one of them in vain; tokens of each kind."""
    receiver = Receiver()
    hooks = [operator.post("/v1/webhooks", {"url": f"{receiver.base}{path}"})
             for path in ("/documents", "/down")]
    for name, scopes, days in (("公文管理系統", ["read", "send", "receive"], 365),
                               ("監控", ["metrics"], 20)):
        operator.post("/v1/tokens", {
            "name": name, "organisation": GATEWAYS["gateway-1"],
            "scopes": scopes, "days": days})
    old = operator.post("/v1/tokens", {
        "name": "舊系統", "organisation": GATEWAYS["gateway-1"],
        "scopes": ["read"], "days": 90}).json
    operator.post(f"/v1/tokens/{old['id']}:revoke")
    # Units to assign letters to, and who stands in for whom.
    for code, title in (("PLAN", "計畫處"), ("TAX", "稅務局")):
        unit = operator.post("/v1/units", {
            "organisation": GATEWAYS["gateway-1"], "code": code,
            "name": title})
        assert unit.status == 201, unit
    clerk = Web(net)
    clerk.log_in(sign_in(net, "gateway-1"))
    made = clerk.post("/v1/groups", {
        "code": "NEAR", "title": "鄰近縣市",
        "members": ["376470000A", "376530000A"]})
    assert made.status == 201, made
    for code, title, text in (
            ("*", "", ""), ("376530000A", "屏東縣政府", "來電告知")):
        known = clerk.post("/v1/recipient-limits", {
            "of": code, "letter_bytes": 0 if title else 20 << 20,
            "attachments": 0, "file_name": 25 if title else 0,
            "plain_names": bool(title), "note": text})
        assert known.status == 200, known
    # Something to be told of.
    told = net.send(make_letter(net, "gateway-2", 50, "測試公文，請查照。",
                                "普通件", ["376490000A"]), "gateway-2")
    # Nothing changes any more when the pages are looked at.
    net.wait_states(told["id"], {"opened"}, host="gateway-2")
    down = f"/v1/webhooks/{hooks[1].json['id']}/dead"
    net.wait_for(lambda: operator.get(down).json["dead"],
                 "nothing is given up")
    return receiver


def keep_draft(net):
    """A draft of a document system: its files are not those of the page."""
    clerk = Web(net)
    clerk.log_in(sign_in(net, "gateway-1"))
    made = clerk.send("/v1/drafts?title=" + urllib.parse.quote(
        "檢送審查意見1份，請查照。"), net.letter(["376470000A"], 12900))
    assert made.status == 201, made
    return made.json["id"]


def name_deputies(net):
    """A clerk on leave, for whom the one that is looked at stands in."""
    away = Web(net)
    away.log_in(sign_in(net, "gateway-1", "陳小美"))
    sign_in(net, "gateway-1")
    known = {one["name"]: one["id"]
             for one in away.get("/v1/units").json["persons"]}
    until = (datetime.datetime.now(datetime.timezone.utc) +
             datetime.timedelta(days=5)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    named = away.post("/v1/deputies", {"deputy": known["王小明"],
                                       "until": until, "reason": "特休"})
    assert named.status == 201, named


def main():
    """usage: world.py COMMAND...  (runs it with $WORLD while all is there)"""
    os.environ.setdefault("YIZHAN", f"{ROOT}/build/yizhan")
    with Network(extra=EXTRA) as net:
        started = time.monotonic()
        ids = fill(net)
        hosts = ["gateway-1", "gateway-2"]
        operator = Web(net)
        operator.log_in(sign_in(net, "gateway-1", "林管理", "operator"))
        receiver = tell_systems(net, operator)
        name_deputies(net)
        ids["draft"] = keep_draft(net)
        world = {
            "hook": f"{receiver.base}/more",
            "bases": {host: f"https://{net.settings(host)['host.address']}"
                            ":8443" for host in hosts},
            "codes": {**{host: sign_in(net, host) for host in hosts},
                      "operator": sign_in(net, "gateway-1", "林管理",
                                          "operator"),
                      "supervisor": sign_in(net, "gateway-1", "吳主任",
                                            "supervisor")},
            "files": ids.pop("files"), "ids": ids}
        print(f"# a network with letters in "
              f"{time.monotonic() - started:.1f} s", flush=True)
        environment = {**os.environ, "WORLD": json.dumps(world)}
        if len(sys.argv) > 1:
            return subprocess.run(sys.argv[1:], env=environment,
                                  check=False).returncode
        print(json.dumps(world, ensure_ascii=False), flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
