#!/usr/bin/python3
"""Goal: the key ceremony is something a careful person can do.  A network lives
by a root that was made with `yizhan trust` alone: keys locked with a passphrase
on offline machines, drafts and signatures carried as files, read in words,
joined, published; keys are rotated, a suspension holds until it is restored.
Whatever does not fit is refused where it first could be.  limit: 120"""

import json
import os
import shutil
import subprocess
import time

from by_hand import (Parts, instant, line, local, sha, sign, signed_content,
                     submit)
from network import PATIENCE_S, PROMPT_S, Network, Refused, Tap, run

tap = Tap()
ROOTS = [f"root-{number}" for number in range(1, 6)]
OFFICERS = ["lin", "wang", "chen"]
PAIRS = ["release", "directory", "network", "rules", "baseline", "notice",
         "forms", "suspension", "restoration", "access/center-a",
         "access/center-b"]
SENDER = "376490000A"


class Ceremony(Network):
    """A demo network whose root and officers are made by the ceremony."""

    def lay_out(self):
        super().lay_out()
        self.found()

    def path(self, name):
        return f"{self.dir}/ceremony/{name}"

    def trust(self, *args, **options):
        return super().command("trust", *args, **options)

    def make_key(self, name):
        self.trust("key", name, "--organisation", "檔案管理局", "--to",
                   self.path(name), "--passphrase-file", self.path("phrase"))

    def sign(self, draft, holder, **options):
        """As a script does it: the code is known from who prepared it."""
        signature = f"{draft}.{holder}.sig"
        self.trust("sign", self.path(draft), "--key",
                   self.path(f"{holder}.key"), "--passphrase-file",
                   self.path("phrase"), "--confirm",
                   options.get("code") or self.code(draft), "--to",
                   self.path(signature))
        return self.path(signature)

    def code(self, draft):
        return json.loads(self.trust("show", self.path(draft),
                                     "--json").stdout)["sha256"]

    def complete(self, draft, *holders):
        signatures = [self.sign(draft, holder) for holder in holders]
        self.trust("combine", self.path(draft), *signatures, "--to",
                   self.path(f"{draft}.done"))
        return self.path(f"{draft}.done")

    def make_draft(self, draft, kind, body, *args):
        """Returns the words."""
        with open(self.path(f"{draft}.json"), "w", encoding="utf-8") as file:
            json.dump(body, file, ensure_ascii=False)
        return self.trust("prepare", kind, self.path(f"{draft}.json"), "-c",
                          self.conf("management"), "--to", self.path(draft),
                          *args).stdout

    def body(self, kind, *args):
        return json.loads(self.trust("prepare", kind, "--print", "-c",
                                     self.conf("management"), *args).stdout)

    def plan(self):
        holders = [{"name": name, "certificate": f"ceremony/{name}.crt"}
                   for name in ROOTS + OFFICERS]
        holders.append({"name": "clock",
                        "certificate": "management.keys/timestamp.pem"})
        roles = {"root": {"threshold": 3, "holders": ROOTS},
                 "hold": {"threshold": 1, "holders": OFFICERS},
                 "timestamp": {"threshold": 1, "holders": ["clock"]}}
        roles.update({name: {"threshold": 2, "holders": OFFICERS}
                      for name in PAIRS})
        witnesses = [{"name": host, "authority": host,
                      "certificate": f"{host}.keys/witness.pem"}
                     for host in ("management", "center-a")]
        return {"format": "yizhan-trust-plan-1", "environment": "demo",
                "holders": holders, "roles": roles,
                "anchors": ["officers/anchor.pem"], "witnesses": witnesses,
                "quorum": 1,
                "stampers": [{"name": "示範時戳中心",
                              "certificate": "officers/anchor.pem"}]}

    def write_plan(self, plan):
        with open(f"{self.dir}/plan.json", "w", encoding="utf-8") as file:
            json.dump(plan, file, ensure_ascii=False)
        return f"{self.dir}/plan.json"

    def found(self):
        """The first root, and the demo's bulletins signed anew under it."""
        os.makedirs(self.path(""))
        with open(self.path("phrase"), "w", encoding="utf-8") as file:
            file.write("一匹快馬 three posts\n")
        for name in ROOTS + OFFICERS:
            self.make_key(name)
        self.words = self.trust("init", self.write_plan(self.plan()), "--to",
                                self.path("root-1")).stdout
        root = self.complete("root-1", "root-2", "root-4", "root-5")
        old = self.root
        for host in self.hosts:
            with open(self.conf(host), encoding="utf-8") as file:
                text = file.read()
            with open(self.conf(host), "w", encoding="utf-8") as file:
                file.write(text.replace(old, self.code("root-1")))
        folder = f"{self.dir}/bulletins"
        for name in sorted(os.listdir(folder)):
            if name == "1-root":
                os.replace(root, f"{folder}/{name}")
                continue
            self.renew(f"{folder}/{name}", name.split("-")[1],
                       f"{folder}/1-root")

    def renew(self, path, kind, root):
        """The body of a demo bulletin in one that the new officers sign."""
        content = subprocess.run(
            ["openssl", "cms", "-verify", "-noverify", "-binary", "-inform",
             "DER", "-in", path], capture_output=True, check=True).stdout
        value = json.loads(content)
        draft = os.path.basename(path)
        with open(self.path(f"{draft}.json"), "w", encoding="utf-8") as file:
            json.dump(value["body"], file, ensure_ascii=False)
        self.trust("prepare", kind, self.path(f"{draft}.json"), "--first",
                   "--name", value["name"], "--root", root, "--to",
                   self.path(draft))
        os.replace(self.complete(draft, "wang", "lin"), path)


def refuses(net, code, name, *args):
    try:
        net.trust(*args)
        tap.ok(False, name, "it was accepted")
    except Refused as refused:
        tap.ok(refused.code == code, f"{name}: {code}", refused)


def held(net, host, kind):
    for item in json.loads(net.ask(host))["bulletins"]:
        if item["type"] == kind:
            return item["serial"]
    return 0


def ask(net, host):
    return subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "--unix-socket",
         f"{net.dir}/{host}/control.sock", "http://host/v1/bulletins"],
        capture_output=True, check=True).stdout


Ceremony.ask = ask


def everywhere(net, kind, serial):
    for host in net.hosts:
        net.wait_for(lambda: held(net, host, kind) == serial,
                     f"{host} has not {kind} {serial}")


def founding(net):
    tap.ok("3 of these 5 persons" in net.words and
           "CN=root-3" in net.words and "threshold: 2" in net.words,
           "what the root says is shown in words", net.words)
    tap.ok("示範時戳中心" in net.words,
           "time-stamping authorities among it", net.words)
    with open(net.path("wang.key"), encoding="utf-8") as file:
        tap.ok("BEGIN ENCRYPTED PRIVATE KEY" in file.read(),
               "a holder's key is locked")
    again = subprocess.run(
        ["openssl", "pkey", "-in", net.path("wang.key"), "-noout", "-passin",
         "file:" + net.path("phrase")], capture_output=True, check=False)
    tap.ok(again.returncode == 0, "and stock openssl opens it",
           again.stderr.decode())
    mode = os.stat(net.path("wang.key")).st_mode & 0o777
    tap.ok(mode == 0o600, "for nobody else to read", oct(mode))
    document = net.send(net.letter(["376470000A"], 1))["id"]
    net.wait_states(document, ["opened"])
    tap.ok(True, "a network lives by the root of the ceremony")


def texts(title):
    """A body of rules."""
    return {"version": "115-1", "effective": "2026-12-01T00:00:00.000Z",
            "title": title, "items": [
                {"id": "secrecy", "title": "密件", "value": "refuse"}]}


def title(net, host):
    """Of the rules that are in force there; "" for none."""
    answer = local(net, host, "/v1/bulletins/rules")
    if answer.status != 200:
        return ""
    return json.loads(signed_content(answer.body))["body"]["title"]


def bad_plans(net):
    def changed(**members):
        plan = net.plan()
        plan.update(members)
        return net.write_plan(plan)

    def with_role(name, threshold, holders):
        roles = dict(net.plan()["roles"])
        roles[name] = {"threshold": threshold, "holders": holders}
        return changed(roles=roles)
    to = ["--to", net.path("bad")]
    refuses(net, "E7001", "a threshold that cannot be met", "init",
            with_role("rules", 4, OFFICERS), *to)
    refuses(net, "E7001", "one person twice in a role", "init",
            with_role("rules", 2, ["wang", "wang"]), *to)
    refuses(net, "E1004", "a holder that is not in the plan", "init",
            with_role("rules", 1, ["nobody"]), *to)
    refuses(net, "E7001", "a role of no type of bulletin", "init",
            with_role("emperor", 1, ["wang"]), *to)
    refuses(net, "E7001", "a quorum that cannot be met", "init",
            changed(quorum=4), *to)
    refuses(net, "E1004", "a certificate outside its folder", "init",
            changed(anchors=["../x.pem"]), *to)
    tap.ok(not os.path.exists(net.path("bad")), "and no draft is left")


def rules(net):
    net.make_draft("rules-1", "rules", texts("交換規則"), "--first")
    code = net.code("rules-1")
    draft = net.path("rules-1")
    key = ["--key", net.path("wang.key"), "--passphrase-file",
           net.path("phrase"), "--to", net.path("never.sig")]
    refuses(net, "E7031", "another check code", "sign", draft, *key,
            "--confirm", "0000 0000 0000 0000")
    refuses(net, "E7031", "too few groups of it", "sign", draft, *key,
            "--confirm", code[:12])
    refuses(net, "E7031", "nothing typed", "sign", draft, *key)
    refuses(net, "E7034", "who has no say", "sign", draft, "--key",
            net.path("root-1.key"), *key[2:], "--confirm", code)
    with open(net.path("wrong"), "w", encoding="utf-8") as file:
        file.write("another passphrase\n")
    refuses(net, "E7033", "the wrong passphrase", "sign", draft, "--key",
            net.path("wang.key"), "--passphrase-file", net.path("wrong"),
            "--to", net.path("never.sig"), "--confirm", code)
    tap.ok(not os.path.exists(net.path("never.sig")), "nothing was signed")
    with open(draft, "rb") as file:
        data = file.read()
    with open(net.path("cut"), "wb") as file:
        file.write(data[:-100])
    refuses(net, "E7030", "a draft that lost its end", "show",
            net.path("cut"))
    combining(net, draft)


def typed(net):
    """The person types the code that the screen shows."""
    draft = net.path("rules-1")
    code = net.code("rules-1")
    groups = " ".join(code[at:at + 4] for at in range(0, 16, 4))
    result = subprocess.run(
        [net.yizhan, "trust", "sign", draft, "--key", net.path("lin.key"),
         "--passphrase-file", net.path("phrase"), "--to",
         net.path("lin.sig")], input=groups + "\n", text=True,
        capture_output=True, check=False, timeout=PATIENCE_S,
        env=dict(os.environ, LC_ALL="zh_TW.UTF-8"))
    tap.ok(result.returncode == 0 and "檢核碼" in result.stdout and
           groups in result.stdout and "須 2 人簽署" in result.stdout,
           "who signs reads Chinese words and types the code",
           result.stdout + result.stderr)
    return net.path("lin.sig")


def combining(net, draft):
    by_wang = net.sign("rules-1", "wang")
    by_lin = typed(net)
    copy = net.path("copy.sig")
    with open(by_wang, "rb") as file, open(copy, "wb") as out:
        out.write(file.read())
    to = ["--to", net.path("never")]
    refuses(net, "E7003", "one signature of two", "combine", draft, by_wang,
            *to)
    refuses(net, "E7032", "two files of one person", "combine", draft,
            by_wang, copy, *to)
    net.trust("prepare", "rules", net.path("rules-1.json"), "--first", "-c",
              net.conf("management"), "--to", net.path("other"))
    by_other = net.sign("other", "chen")
    refuses(net, "E7032", "a signature over another draft", "combine", draft,
            by_wang, by_other, *to)
    refuses(net, "E7032", "what is no signature", "combine", draft, by_wang,
            net.path("phrase"), *to)
    tap.ok(not os.path.exists(net.path("never")), "none of it is a bulletin")
    net.trust("combine", draft, by_wang, by_lin, "--to", net.path("rules"))
    net.publish([net.path("rules")])
    everywhere(net, "rules", 1)
    tap.ok(True, "what two signed is at every host")
    other = net.complete("other", "wang", "lin") if not os.path.exists(
        net.path("other.done")) else None
    refuses(net, "E7007", "a second one of that serial", "publish", "-c",
            net.conf("management"), other)


def directory(net):
    body = net.body("directory")
    entry = next(item for item in body["organisations"]
                 if item["code"] == SENDER)
    entry["name"] = "雲林縣政府（新）"
    words = net.make_draft("directory-2", "directory", body)
    lines = [text for text in words.splitlines() if text.startswith("  ")]
    tap.ok('"雲林縣政府" → "雲林縣政府（新）"' in words and
           len([text for text in lines if "→" in text]) == 1 and
           SENDER in words and "＋" not in "\n".join(lines),
           "an edit is shown as the one change that it is", words)
    net.publish([net.complete("directory-2", "chen", "lin")])
    everywhere(net, "directory", 2)
    tap.ok(True, "and is at every host")


def table(net):
    with open(net.path("changes.csv"), "w", encoding="utf-8") as file:
        file.write("code,name\n376470000A,彰化縣政府（新）\n")
    words = net.trust("prepare", "directory", net.path("changes.csv"), "--csv",
                      "-c", net.conf("management"), "--to",
                      net.path("table")).stdout
    tap.ok(words.count("→") == 1 and "彰化縣政府（新）" in words,
           "a table from a spreadsheet changes what it names", words)


    body = net.body("directory")
    body["organisations"].append(body["organisations"][0])
    refuses(net, "E7020", "an organisation twice", "prepare", "directory",
            write(net, body), "-c", net.conf("management"), "--to",
            net.path("never"))
    body["organisations"].pop()
    body["organisations"][0]["center"] = "center-x"
    refuses(net, "E7020", "a center that nobody knows", "prepare",
            "directory", write(net, body), "-c", net.conf("management"),
            "--to", net.path("never"))


def stampers(net):
    """An authority that goes takes its tokens along; one that retires not."""
    body = net.body("root")
    body["stampers"][0]["until"] = "2026-01-01T00:00:00.000Z"
    words = net.make_draft("retired", "root", body)
    tap.ok("until" in words and "ever gave" not in words,
           "an authority that retires is shown with its end", words)
    body["stampers"] = []
    words = net.make_draft("taken-off", "root", body)
    tap.ok('"示範時戳中心" ever gave count no more' in words,
           "one that is taken off with what is lost", words)
    tap.ok("nothing is to be signed again" in words,
           "and that no bulletin depends on it", words)
    refuses(net, "E1203", "a first root from a body", "prepare", "root",
            net.path("retired.json"), "--first", "-c", net.conf("management"),
            "--to", net.path("never"))


def rotation(net):
    for name in ("root-6", "zhao"):
        net.make_key(name)
    config = ["-c", net.conf("management")]
    refuses(net, "E1203", "a key that has no role", "rotate", "--old",
            net.path("zhao.crt"), "--new", net.path("root-6.crt"), *config,
            "--to", net.path("never"))
    words = net.trust("rotate", "--old", net.path("root-1.crt"), "--new",
                      net.path("root-6.crt"), *config, "--to",
                      net.path("root-2")).stdout
    tap.ok("By the root in force" in words and "And by the new root" in words
           and "＋ CN=root-6" in words and "－ CN=root-1" in words,
           "a rotation says who goes and who comes", words)
    new = [net.sign("root-2", name) for name in ("root-6", "root-2",
                                                 "root-3")]
    refuses(net, "E7003", "a root by the new threshold alone", "combine",
            net.path("root-2"), *new, "--to", net.path("never"))
    new.append(net.sign("root-2", "root-1"))
    net.trust("combine", net.path("root-2"), *new, "--to",
              net.path("root-2.done"))
    net.publish([net.path("root-2.done")])
    everywhere(net, "root", 2)
    tap.ok("nothing is to be signed again" in words,
           "and that no bulletin depends on it", words)
    stampers(net)
    words = net.trust("rotate", "--old", net.path("wang.crt"), "--new",
                      net.path("zhao.crt"), *config, "--to",
                      net.path("root-3"), "--again", net.path("anew")).stdout
    net.publish([net.complete("root-3", "root-6", "root-2", "root-3")])
    everywhere(net, "root", 3)
    signed_anew(net, words)
    net.make_draft("directory-3", "directory", net.body("directory"))
    refuses(net, "E7034", "an officer whose key was replaced", "sign",
            net.path("directory-3"), "--key", net.path("wang.key"),
            "--passphrase-file", net.path("phrase"), "--confirm",
            net.code("directory-3"), "--to", net.path("never"))
    net.publish([net.complete("directory-3", "zhao", "lin")])
    everywhere(net, "directory", 3)
    tap.ok(True, "keys of root and officers are replaced at every host")


def begins_anew(net):
    """A gateway that knows nothing but the first root."""
    net.stop("gateway-2")
    shutil.rmtree(f"{net.dir}/gateway-2")
    net.start("gateway-2", wait=False)


def signed_anew(net, words):
    """What the old key made up the threshold of; new hosts want it signed."""
    names = sorted(os.listdir(net.path("anew")))
    tap.ok(names == ["access-center-a-2.draft", "access-center-b-2.draft",
                     "network-2.draft", "rules-2.draft"] and
           "signed again by those who may now" in words and
           "access center-a 1" in words and "directory 2" not in words,
           "a rotation says what has to be signed again, and prepares it",
           words)
    begins_anew(net)
    net.wait_for(lambda: "id=E7003" in net.log("gateway-2", 0),
                 "a new host does not refuse what nobody may have signed")
    net.wait_ready("gateway-2")
    tap.ok(not net.is_ready("gateway-2"), "a new host has nothing until then")
    drafts = [f"anew/{name[:-6]}" for name in names]
    for draft in drafts:
        os.rename(net.path(f"{draft}.draft"), net.path(draft))
    net.publish([net.complete(draft, "zhao", "lin") for draft in drafts])
    everywhere(net, "network", 2)
    net.wait_for(lambda: net.is_ready("gateway-2"), "it is not ready")
    everywhere(net, "rules", 2)
    tap.ok(True, "then it takes all of it")
    document = net.send(net.letter(["376470000A"], 4, name={
        SENDER: "雲林縣政府（新）", "376470000A": "彰化縣政府"}))["id"]
    net.wait_states(document, ["opened"])
    tap.ok(True, "and letters go to it")


def fast_forward(net):
    """Two stolen cards sign the highest serial, and rules of the next one; a
    new root undoes it."""
    with open(net.path("directory-3"), "rb") as file:
        data = file.read()
    length = int.from_bytes(data[10:18], "big")
    value = json.loads(data[18:18 + length])
    value.update(serial=2 ** 63 - 1, previous="0" * 63 + "1")
    stolen = []
    for name in ("zhao", "chen"):
        stolen.append(net.path(f"{name}.open"))
        with open(stolen[-1], "wb") as file:
            file.write(subprocess.run(
                ["openssl", "pkey", "-in", net.path(f"{name}.key"), "-passin",
                 "file:" + net.path("phrase")], capture_output=True,
                check=True).stdout)
        with open(net.path(f"{name}.crt"), "rb") as file, \
                open(stolen[-1], "ab") as out:
            out.write(file.read())
    with open(net.path("highest"), "wb") as file:
        file.write(sign(line(value), *stolen))
    net.make_draft("rules-bad", "rules", texts("盜用"))
    net.publish([net.path("highest"),
                 net.complete("rules-bad", "zhao", "chen")])
    everywhere(net, "directory", 2 ** 63 - 1)
    everywhere(net, "rules", 3)
    tap.ok(True, "two stolen cards can sign the highest serial")
    net.make_key("sun")
    for number, old, new in ((4, "zhao", "sun"), (5, "chen", "wang")):
        net.trust("rotate", "--old", net.path(f"{old}.crt"), "--new",
                  net.path(f"{new}.crt"), "-c", net.conf("management"),
                  "--to", net.path(f"root-{number}"))
        net.publish([net.complete(f"root-{number}", "root-6", "root-2",
                                  "root-3")])
    everywhere(net, "root", 5)
    # What follows is the last good one, from the archive.
    net.make_draft("directory-4", "directory", net.body("directory"), "--before",
                net.path("directory-3.done"))
    net.publish([net.complete("directory-4", "sun", "wang")])
    everywhere(net, "directory", 4)
    tap.ok(True, "when both keys are replaced, hosts go back to serial 4")
    net.make_draft("rules-good", "rules", texts("更正"), "--before",
                   net.path("anew/rules-2.done"))
    net.publish([net.complete("rules-good", "sun", "wang")])
    net.wait_for(lambda: all(title(net, host) == "更正" for host in net.hosts),
                 "the rules that were put right do not come down")
    tap.ok(True, "what takes the place of another one under the same serial "
           "is at every host")
    for host in net.hosts:
        net.stop(host)
    for host in net.hosts:
        net.start(host, wait=False)
    for host in net.hosts:
        net.wait_ready(host)
        net.wait_for(lambda: net.is_ready(host), f"{host} not ready")
    everywhere(net, "directory", 4)
    document = net.send(net.letter(["376470000A"], 5))["id"]
    net.wait_states(document, ["opened"])
    tap.ok(True, "and believe it after they began anew, letters go")


def measure(case, direction, **members):
    """As a hold or suspension lists it."""
    return {"case": case, "subject": "organisation", "name": SENDER,
            "direction": direction, "ground": 2, "stops_queued": False,
            "reason": "憑證卡遺失", "from": instant(), **members}


def first(net, draft, kind, body, *holders):
    words = net.make_draft(draft, kind, body, "--first")
    net.publish([net.complete(draft, *holders)])
    return words


def until(net, serial, code):
    """The answer to a sender, once it is this one; and after how long it was
    asked for."""
    started = time.monotonic()
    answer, seconds = None, 0.0
    while seconds < PROMPT_S and (answer is None or answer.code != code):
        parts = Parts(net, ["376470000A"], serial=serial)
        seconds = time.monotonic() - started
        answer = submit(net, parts)
    return answer, seconds


def suspension(net):
    """By two; it stays until two restore it."""
    case = measure("115-1", "sending", fallback="", paper_from="")
    words = first(net, "suspension-1", "suspension", {"suspensions": [case]},
                  "wang", "lin")
    tap.ok(SENDER in words and "憑證卡遺失" in words,
           "a suspension says whom and why", words)
    answer, seconds = until(net, 10, "E4010")
    tap.ok(answer.code == "E4010",
           f"its sender is refused after {seconds:.2f} s", answer)
    refuses(net, "E7013", "one that leaves it out", "prepare", "suspension",
            write(net, {"suspensions": []}), "-c", net.conf("management"),
            "--to", net.path("never"))
    net.stop("center-a")
    net.start("center-a")
    net.wait_for(lambda: net.is_ready("center-a"), "center-a not ready")
    answer, _ = until(net, 11, "E4010")
    tap.ok(answer.code == "E4010", "also after the center began anew", answer)
    first(net, "restoration-1", "restoration", {"restorations": [
        {"case": "115-1", "reason": "已換發", "from": instant()}]},
        "sun", "lin")
    net.wait_for(lambda: submit(net, Parts(
        net, ["376470000A"], serial=12)).status == 201, "not restored")
    tap.ok(True, "and sends again once it is restored")


def hold(net):
    """By one, for a time."""
    case = measure("115-2", "sending", until=instant(3600))
    first(net, "hold-1", "hold", {"holds": [case]}, "sun")
    answer, seconds = until(net, 13, "E4035")
    tap.ok(answer.code == "E4035",
           f"whom one officer holds is refused after {seconds:.2f} s", answer)
    to = ["-c", net.conf("management"), "--to", net.path("never")]
    refuses(net, "E7013", "a hold that undoes the one before", "prepare",
            "hold", write(net, {"holds": []}), *to)
    refuses(net, "E7012", "a hold of four days", "prepare", "hold",
            write(net, {"holds": [case, measure(
                "115-3", "both", until=instant(4 * 86400))]}), *to)
    refuses(net, "E7012", "a hold of a center", "prepare", "hold",
            write(net, {"holds": [case, measure(
                "115-3", "both", until=instant(3600), subject="center",
                name="center-a")]}), *to)
    waits = measure("115-4", "receiving", until=instant(3600),
                    name="376470000A")
    net.make_draft("hold-2", "hold", {"holds": [case, waits]})
    net.publish([net.complete("hold-2", "lin")])
    everywhere(net, "hold", 2)
    net.make_draft("restoration-2", "restoration", {"restorations": [
        *net.body("restoration")["restorations"],
        {"case": "115-2", "reason": "", "from": instant()}]})
    net.publish([net.complete("restoration-2", "wang", "lin")])
    everywhere(net, "restoration", 2)
    document = net.send(net.letter(["376470000A"], 14))["id"]
    net.wait_states(document, ["accepted"])
    tap.ok(True, "what a held recipient is to get waits")
    net.make_draft("restoration-3", "restoration", {"restorations": [
        *net.body("restoration")["restorations"],
        {"case": "115-4", "reason": "", "from": instant()}]})
    net.publish([net.complete("restoration-3", "wang", "lin")])
    net.wait_states(document, ["opened"])
    tap.ok(True, "and arrives when it is restored")


def write(net, body):
    path = net.path(f"{sha(json.dumps(body).encode())[:8]}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(body, file, ensure_ascii=False)
    return path


def ceremony(tap):
    with Ceremony("ceremony", hosts=["management", "center-a", "gateway-1",
                                     "gateway-2"]) as net:
        founding(net)
        bad_plans(net)
        rules(net)
        directory(net)
        table(net)
        rotation(net)
        fast_forward(net)
        suspension(net)
        hold(net)


run(tap, ceremony)
tap.done()
