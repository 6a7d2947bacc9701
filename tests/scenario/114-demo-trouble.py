#!/usr/bin/env python3
"""Goal: a running demo is given trouble from another terminal, the pages say
what happened and what to do, and no letter is lost or comes twice; and a clerk
who signs sees the sender's page turn by itself.  limit: 120"""

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
HELD, SENDER = "gateway-3", "gateway-1"


def command(*args, host=SENDER):
    return subprocess.run(
        [YIZHAN, *args], check=True, stdout=subprocess.PIPE, text=True,
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
        found = re.findall(r"clerk +(gateway-\d) +(https://[\d.:]+)/login"
                           r"#code=(\w+)", self.text())
        self.bases = {host: base for host, base, _ in found}
        self.codes = {host: code for host, _, code in found}

    def text(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def wait(self, is_so, what):
        end = time.monotonic() + 60
        while not is_so():
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"{what}:\n{self.text()}")
            time.sleep(0.1)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


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
        return answer["text"] if not answer["wrong"] else answer["wrong"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


def send(key):
    said = command("doc", "send", *LETTER, "--key", key, "--json").stdout
    return json.loads(said)["id"]


def states(document):
    shown = json.loads(command("doc", "show", document, "--json").stdout)
    return {one["recipient"]: one["state"] for one in shown["deliveries"]}


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
    tap.ok(chaos.wait(timeout=60) == 0, "the centers fall silent and return")
    demo.wait(lambda: all(set(states(one).values()) == {"opened"}
                          for one in sent), "letters do not arrive")
    came = json.loads(command("doc", "list", "--in", "--json",
                              host=HELD).stdout)["documents"]
    ids = [one["document_id"] for one in came]
    tap.ok(all(ids.count(one) == 1 for one in sent),
           "what was sent meanwhile arrives, each once", ids)


def lost_card(tap, pages):
    command("demo", "lose-card", "彰化縣政府")
    text = pages.ask("gateway-2", "certificates", "已廢止")
    tap.ok("已廢止" in text, "the page of certificates says that the card is "
           "blocked", text)
    refused = subprocess.run(
        [YIZHAN, "demo", "hold", "臺北市政府", "-c",
         f"{FOLDER}/gateway-1.conf"], stderr=subprocess.PIPE, text=True,
        check=False)
    tap.ok(refused.returncode == 64 and "E1203" in refused.stderr,
           "an agency that the demo has not is refused", refused.stderr)


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
    pages = Pages(demo)
    try:
        tap.ok(sorted(demo.codes) == ["gateway-1", "gateway-2", "gateway-3"],
               "one-time links are printed for the clerks", demo.text())
        tap.ok(pages.opened[HELD] == "/letter", "that of whom a letter waits "
               "for opens on it", pages.opened)
        held_back(tap, demo, pages)
        silent(tap, demo)
        signed(tap, demo, pages)
        lost_card(tap, pages)
    finally:
        pages.close()
        rc = demo.stop()
    tap.ok(rc == 0, "Ctrl-C stops all of it", demo.text())
    return tap.done()


sys.exit(main())
