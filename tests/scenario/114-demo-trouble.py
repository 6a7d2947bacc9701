#!/usr/bin/env python3
"""Goal: a running demo is given trouble from another terminal, the pages say
what happened and what to do, and no letter is lost or comes twice; and a clerk
who signs sees the sender's page turn by itself.  limit: 180"""

import json
import os
import re
import signal
import subprocess
import sys
import time

from network import Tap

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
YIZHAN = os.environ["YIZHAN"]
FOLDER = os.path.join(os.environ["SCENARIO_DIR"], "demo")
LETTER = ["letter.di", "letter.sw", "376490000A_1150012345A0C_ATTCH1.pdf",
          "376490000A_1150012345A0C_ATTCH2.csv"]
HELD, RENEWED, SENDER = "gateway-3", "gateway-2", "gateway-1"


def command(*args, host=SENDER, check=True):
    return subprocess.run(
        [YIZHAN, *args], check=check, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.PIPE, cwd=f"{ROOT}/data/demo",
        env={**os.environ, "YIZHAN_CONFIG": f"{FOLDER}/{host}.conf"})


class Demo:
    """`yizhan demo`, and the links that it prints."""

    def __init__(self):
        self.log = f"{FOLDER}.log"
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [YIZHAN, "demo", "--keep", FOLDER], stdout=log, stderr=log)
        self.wait(lambda: "Ctrl-C" in self.text(), "the demo did not start")
        found = re.findall(r"(clerk|operator) +(gateway-\d) +"
                           r"(https://[\d.:]+)/login#code=(\w+)", self.text())
        self.bases, self.codes = {}, {}
        for role, host, base, code in found:
            who = host if role == "clerk" else role
            self.bases[who], self.codes[who] = base, code

    def text(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def wait(self, is_so, what):
        end = time.monotonic() + 180
        while not is_so():
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"{what}:\n{self.text()}")
            time.sleep(0.1)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=180)


class Pages:
    """The pages in a browser, asked line by line."""

    def __init__(self, demo):
        self.process = subprocess.Popen(
            ["node", f"{ROOT}/tests/web/trouble.mjs"], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "TROUBLE": json.dumps(
                {"bases": demo.bases, "codes": demo.codes})})
        self.opened = json.loads(self.process.stdout.readline())

    def ask(self, host, path, wanted):
        self.process.stdin.write(json.dumps(
            {"host": host, "path": path, "wanted": wanted}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        # What went wrong has no line that is looked for.
        return answer["text"] if not answer["wrong"] else answer["wrong"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=180)


def send(key):
    said = command("doc", "send", *LETTER, "--key", key, "--json").stdout
    return json.loads(said)["id"]


def states(document):
    shown = json.loads(command("doc", "show", document, "--json").stdout)
    return {one["recipient"]: one["state"] for one in shown["deliveries"]}


def confirm(host, check=True):
    """Sign for the newest letter that waits there."""
    came = json.loads(command("doc", "list", "--in", "--json",
                              host=host).stdout)["documents"]
    one = next(one for one in came if one["state"] == "opened")
    return command("doc", "confirm",
                   f"{one['waybill_id']}/{one['recipient']}", host=host,
                   check=check)


def held_back(tap, demo, pages):
    command("demo", "hold", "屏東縣政府")
    document = send("held")
    text = pages.ask(SENDER, f"sent?id={document}", "暫停投遞")
    tap.ok("交換中心暫停投遞給對方" in text and "改" in text,
           "a hold is told on the letter, with what to do", text)
    text = pages.ask(SENDER, "problems", "等恢復投遞")
    tap.ok("等恢復投遞；急件改以紙本" in text,
           "and on the page of what went wrong", text)
    command("demo", "hold", "屏東縣政府", "--lift")
    demo.wait(lambda: set(states(document).values()) == {"opened"},
              "the letter does not arrive")
    tap.ok(True, "lifted, the letter arrives")


def silent(tap, demo):
    chaos = subprocess.Popen(
        [YIZHAN, "demo", "chaos", "--drop", "50%", "--seconds", "4"],
        env={**os.environ, "YIZHAN_CONFIG": f"{FOLDER}/{SENDER}.conf"},
        stderr=subprocess.DEVNULL)
    sent = [send(f"silent-{number}") for number in range(3)]
    tap.ok(chaos.wait(timeout=180) == 0, "the centers fall silent and return")
    demo.wait(lambda: all(set(states(one).values()) == {"opened"}
                          for one in sent), "letters do not arrive")
    came = json.loads(command("doc", "list", "--in", "--json",
                              host=HELD).stdout)["documents"]
    ids = [one["document_id"] for one in came]
    tap.ok(all(ids.count(one) == 1 for one in sent),
           "what was sent meanwhile arrives, each once", ids)


def lost_card(tap, pages):
    command("demo", "lose-card", "彰化縣政府")
    text = pages.ask(RENEWED, "certificates", "已停用")
    tap.ok("尋回請向主管機關申請恢復" in text, "the page of certificates says that "
           "the card is blocked, with what to do", text)
    refused = subprocess.run(
        [YIZHAN, "demo", "hold", "臺北市政府", "-c",
         f"{FOLDER}/gateway-1.conf"], stderr=subprocess.PIPE, text=True,
        check=False)
    tap.ok(refused.returncode == 64 and "E1203" in refused.stderr,
           "an agency that the demo has not is refused", refused.stderr)


def ended_card(tap, demo, pages):
    command("demo", "expire-card", "彰化縣政府", "--seconds", "1")
    text = pages.ask(RENEWED, "certificates", "憑證已到期")
    tap.ok("請這樣處理：請持卡向憑證機構辦理展期或換發" in text,
           "a card that has ended is told, with what to do", text)
    text = pages.ask(RENEWED, "", "憑證已到期、廢止或停用")
    tap.ok("急件請改以紙本" in text, "also on the page of today", text)
    refused = confirm(RENEWED, check=False)
    tap.ok(refused.returncode != 0 and "E3709" in refused.stderr,
           "nothing is signed with it", refused.stderr)
    command("demo", "expire-card", "彰化縣政府", "--renew")
    demo.wait(lambda: confirm(RENEWED, check=False).returncode == 0,
              "the new certificate does not sign")
    text = pages.ask(RENEWED, "certificates", "日後到期")
    tap.ok("有效" in text and "憑證已到期" not in text,
           "a renewal heals it", text)


def tampered(tap):
    """What is found out is looked at later (told)."""
    command("demo", "tamper", "center-a")
    result = command("log", "audit", "-c", f"{FOLDER}/center-a.conf")
    tap.ok(result.returncode == 0, "a log that was changed and signed anew "
           "is well in itself", result.stdout)
    send("tampered")


def conflicts(host):
    said = command("log", "conflicts", "--json", "-c",
                   f"{FOLDER}/{host}.conf").stdout
    return json.loads(said)["conflicts"]


def told(tap, demo, pages):
    for host in ("center-b", "management", SENDER):
        demo.wait(lambda: conflicts(host), f"{host} notices nothing")
        found = conflicts(host)
        tap.ok(found[0]["origin"] == "yizhan/demo/center-a/1",
               f"{host} keeps the proof that the log told two stories", found)
    proof = f"{FOLDER}/proof.txt"
    with open(proof, "w", encoding="utf-8") as file:
        file.write(found[0]["proof"])
    with open(f"{FOLDER}/{SENDER}.conf", encoding="utf-8") as file:
        root = re.search(r"fingerprint = (\w+)", file.read()).group(1)
    result = command("log", "prove", proof, "--bulletins",
                     f"{FOLDER}/bulletins", "--root", root, "--environment",
                     "demo")
    tap.ok(result.returncode == 0, "which anybody can check", result.stdout)
    audit = command("log", "audit", "--of", "center-a", "-c",
                    f"{FOLDER}/gateway-3.conf", check=False)
    tap.ok(audit.returncode == 65 and "E5007" in audit.stderr,
           "and an auditor finds without the center's disk",
           audit.stdout + audit.stderr)
    text = pages.ask(SENDER, "problems", "紀錄前後不一致")
    tap.ok("請保存兩份檢查點並立即通知資安人員" in text,
           "the clerk is told, and what to do", text)
    text = pages.ask(SENDER, "en/problems", "The log contradicts its past")
    tap.ok("tell your security officer at once" in text, "in English as well",
           text)
    text = pages.ask("operator", "health", "前後矛盾")
    tap.ok("center-a 的存證紀錄前後矛盾" in text and "下載證據" in text,
           "the operator is told, with the proof to be saved", text)


def signed(tap, demo, pages):
    document = send("signed")
    demo.wait(lambda: set(states(document).values()) == {"opened"},
              "the letter does not arrive")
    came = json.loads(command("doc", "list", "--in", "--json",
                              host=HELD).stdout)["documents"]
    name = next(f"{one['waybill_id']}/{one['recipient']}" for one in came
                if one["document_id"] == document)
    command("doc", "confirm", name, host=HELD)
    text = pages.ask(SENDER, f"sent?id={document}", "對方已簽收")
    tap.ok("對方已簽收" in text, "signing for a letter is told to its sender",
           text)


def main():
    tap = Tap()
    demo = Demo()
    pages = None
    try:
        pages = Pages(demo)
        tap.ok(sorted(demo.codes) == ["gateway-1", "gateway-2", "gateway-3",
                                      "operator"],
               "one-time links are printed for clerks and operator",
               demo.text())
        tap.ok("資料留在" in demo.text() or "folder stays" in demo.text(),
               "with --keep the folder stays, and it says so")
        tap.ok(pages.opened[HELD] == "/letter", "that of whom a letter waits "
               "for opens on it", pages.opened)
        held_back(tap, demo, pages)
        silent(tap, demo)
        signed(tap, demo, pages)
        tampered(tap)
        ended_card(tap, demo, pages)
        lost_card(tap, pages)
        told(tap, demo, pages)
    finally:
        if pages:
            pages.close()
        rc = demo.stop()
    tap.ok(rc == 0, "Ctrl-C stops all of it", demo.text())
    return tap.done()


sys.exit(main())
