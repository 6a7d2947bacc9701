#!/usr/bin/python3
"""Goal: what is in force of the directory is what two officers signed, whole.  A
second implementation of its tree makes changes that hosts take; a wrong root or
count, a gap, a fork, a replay, what is not there, one officer, and what lies
outside of a signer's scope are refused; a center that gives other parts than were
signed is not believed and the host heals.  Whose entry was changed is told; who
sends is warned.  limit: 200"""

import hashlib
import json
import subprocess

from by_hand import (instant, line, local, sha, sign,
                     signed_content, tree_root)
from network import HOSTS, Network, Refused, Tap, rows_of, run

tap = Tap()
OWN = "376490000A"
PAGES = 4096


# -- the tree, from docs/protocol.md 6.3 ----------------------------------------

def leaf(label, data):
    return hashlib.sha256(b"\0yizhan-directory-" + label + b"-1\n" +
                          data).digest()


def root_of(entries):
    """{code: entry}; members are in the order of the document."""
    pages = [[] for _ in range(PAGES)]
    for code in sorted(entries):
        digest = hashlib.sha256(code.encode()).digest()
        pages[digest[0] << 4 | digest[1] >> 4].append(
            leaf(b"entry", line(entries[code])))
    return tree_root([leaf(b"page", tree_root(page) if page else
                           hashlib.sha256().digest())
                      for page in pages]).hex()


class Directory:
    """What is in force, and changes of it, made by hand."""

    def __init__(self, net):
        self.net = net
        self.serial = 1
        self.newest = signed_content(local(
            net, "management", "/v1/bulletins/directory").body)
        body = json.loads(self.newest)["body"]
        self.entries = {item["code"]: item
                        for item in body["organisations"]}

    def delta(self, changed=(), removed=(), keys=None, head=None, wrong=None):
        """The bulletin that follows, and what it leads to."""
        entries = dict(self.entries)
        for item in changed:
            entries[item["code"]] = item
        for code in removed:
            entries.pop(code, None)
        head = dict({"serial": self.serial + 1,
                     "previous": sha(self.newest)}, **(head or {}))
        body = {"count": len(entries), "root": root_of(entries),
                "changed": list(changed), "removed": list(removed)}
        body.update(wrong or {})
        text = line({"format": "yizhan-bulletin-1", "environment": "demo",
                     "type": "directory", "name": "", "serial":
                     head["serial"], "issued": instant(-1),
                     "expires": instant(86400), "previous":
                     head["previous"], "body": body})
        keys = keys or [f"{self.net.dir}/officers/officer-{number}.pem"
                        for number in (1, 2)]
        return sign(text, *keys), text, entries

    def publish(self, *args, **options):
        cms, text, entries = self.delta(*args, **options)
        publish(self.net, cms)
        self.newest, self.entries = text, entries
        self.serial += 1

    def entry(self, code, **members):
        return dict(self.entries[code], **members)


def publish(net, cms):
    path = f"{net.dir}/by-hand"
    with open(path, "wb") as file:
        file.write(cms)
    net.publish([path])


def serial(net, host):
    found = net.command("directory", "search", "--limit", "1", "--json", "-c",
                        net.conf(host), check=False)
    return json.loads(found.stdout)["serial"] if found.stdout else 0


def everywhere(net, wanted, hosts=HOSTS):
    for host in hosts:
        net.wait_for(lambda: serial(net, host) == wanted,
                     f"{host} has not directory {wanted}")


# -- what management refuses -------------------------------------------------------

def refused(net, name, cms, codes):
    try:
        publish(net, cms)
        tap.ok(False, f"refused: {name}")
    except Refused as problem:
        tap.ok(problem.code in codes.split(),
               f"refused: {name}: {problem.code}", problem)


def attacks(net, book):
    change = [book.entry(OWN, name="假冒縣政府")]
    officer = f"{net.dir}/officers/officer-1.pem"
    good, text, _ = book.delta(change)
    stale = sha(b"another predecessor")
    refused(net, "another root", book.delta(change, wrong={"root": "0" * 64})[0],
            "E3902")
    refused(net, "the root of before",
            book.delta(change, wrong={"root": root_of(book.entries)})[0], "E3902")
    refused(net, "another count",
            book.delta(change, wrong={"count": len(book.entries) + 1})[0],
            "E3902")
    refused(net, "a good root under another change",
            book.delta([book.entry("376470000A", name="x")], wrong={
                "root": json.loads(text)["body"]["root"]})[0], "E3902")
    refused(net, "what is not there is removed",
            book.delta(removed=["999999999Z"])[0], "E3902")
    refused(net, "a code changed and removed", book.delta(
        change, wrong={"removed": [OWN]})[0], "E7020")
    between = dict(book.entries)
    between["376470000A"] = book.entry("376470000A", name="中間")
    between[OWN] = change[0]
    refused(net, "a gap", book.delta(change, wrong={
        "root": root_of(between)}, head={
            "serial": book.serial + 2, "previous": stale})[0], "E3901")
    refused(net, "a fork: another predecessor",
            book.delta(change, head={"previous": stale})[0], "E7005")
    refused(net, "a replay: the serial in force, said otherwise",
            book.delta(change, head={"serial": book.serial,
                                     "previous": stale})[0],
            "E7007 E7005 E7006")
    refused(net, "one officer", book.delta(change, keys=[officer])[0],
            "E7003")
    refused(net, "one bit changed",
            good.replace("假冒".encode(), "假昌".encode()), "E7002 E7001")
    tap.ok(serial(net, "management") == book.serial,
           "and nothing of it is in force")
    # What was refused is not remembered: a good one of that serial is taken.
    book.publish([book.entry(OWN, name="雲林縣政府（新）")])
    everywhere(net, book.serial)
    tap.ok(True, "a good one of that serial is taken by every host")


# -- whose entry was changed --------------------------------------------------------

def notices(net, book):
    found = local(net, "gateway-1", "/v1/notices").json()
    newest = found["notices"][0]
    what = {item["field"]: item for item in newest["what"]}
    tap.ok(found["unread"] == 1 and newest["code"] == OWN and
           newest["serial"] == book.serial and
           newest["action"] == "changed" and list(what) == ["name"] and
           what["name"]["after"] == "雲林縣政府（新）" and
           newest["signers"].count("CN=") == 2,
           "the organisation is told what, by whom, and with which directory",
           found)
    net.wait_logged("gateway-1", "directory.changed", OWN)
    tap.ok(True, "in the log, too")
    tap.ok(local(net, "gateway-2", "/v1/notices").json()["unread"] == 0,
           "nobody else is told")
    net.stop("gateway-1")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "gateway-1")
    shown = net.command("directory", "notices", "-c",
                        net.conf("gateway-1")).stdout
    tap.ok("雲林縣政府（新）" in shown and OWN in shown, "in words", shown)
    net.command("directory", "notices", "--read", str(newest["id"]), "-c",
                net.conf("gateway-1"))
    tap.ok(local(net, "gateway-1", "/v1/notices").json()["unread"] == 0 and
           len(local(net, "gateway-1",
                     "/v1/notices?all=1").json()["notices"]) == 1,
           "kept until it is read")


# -- within whose scope --------------------------------------------------------------

def next_root(net, change):
    text = signed_content(local(net, "management",
                                "/v1/bulletins/root").body)
    root = json.loads(text)
    change(root["body"])
    root.update(serial=root["serial"] + 1, issued=instant(-1),
                previous=sha(text))
    publish(net, sign(line(root), *[f"{net.dir}/officers/root-{number}.pem"
                                    for number in (1, 2, 3)]))


def scopes(net, book):
    def limit(body):
        officer = body["roles"]["directory"]["certificates"][0]
        body["scopes"] = [{"certificate": officer,
                           "supervises": "A09000000E", "serves": ""}]
    next_root(net, limit)
    refused(net, "an entry that the signer does not supervise", book.delta(
        [book.entry("376470000A", name="x")])[0], "E3916")
    refused(net, "one that is taken from another", book.delta(
        [book.entry("376470000A", supervisor="A09000000E")])[0], "E3916")
    unit = dict(book.entries["376470000A"], code="A09000000EU990001",
                name="教育部測試司", keys=[], host="", center="",
                supervisor="A09000000E")
    book.publish([unit])
    everywhere(net, book.serial)
    tap.ok(True, "what the signer supervises is taken everywhere")

    def free(body):
        del body["scopes"]
    next_root(net, free)
    table = f"{net.dir}/scope.csv"
    with open(table, "w", encoding="utf-8") as file:
        file.write("code,name\nA09000000EU990001,甲\n376470000A,乙\n")
    for option, value, wanted in (("--supervises", "A09000000E", "line 3"),
                                  ("--serves", "center-b", "line 3")):
        result = net.command("trust", "prepare", "directory", table, "--csv",
                             "-c", net.conf("management"), option, value,
                             "--to", f"{net.dir}/never.draft", check=False)
        tap.ok(result.returncode != 0 and wanted in result.stdout and
               "E3916" in result.stdout,
               f"a draft with {option} names the row outside", result)


# -- a host that was away ----------------------------------------------------------------

def catches_up(net, book):
    net.stop("gateway-3")
    lines = net.lines("gateway-3")
    first = book.serial
    for number in range(3):
        book.publish([book.entry("376530000A",
                                 name=f"屏東縣政府（{number}）")])
    everywhere(net, book.serial, ["center-b"])
    net.start("gateway-3")
    everywhere(net, book.serial, ["gateway-3"])
    versions = net.json("gateway-3", "directory", "history",
                        "376530000A")["versions"]
    tap.ok(not net.has_logged("gateway-3", "directory.parts_wanted",
                              since=lines) and
           [item["since"] for item in versions][:3] ==
           [book.serial, book.serial - 1, book.serial - 2],
           f"a host that was away gets the changes from {first} on, one by "
           "one", versions)
    told = local(net, "gateway-3", "/v1/notices").json()
    tap.ok(told["unread"] == 3, "and is told each that is about it", told)
    book.publish([book.entry("376530000A", name="屏東縣政府")])


# -- a center that gives other parts ----------------------------------------------------

def wipe(net, host):
    net.stop(host)
    subprocess.run(f"rm -f {net.dir}/{host}/rows.db*", shell=True, check=True)


def other_parts(net, book):
    net.stop("center-a")
    with rows_of(f"{net.dir}/center-a/rows.db") as rows:
        good = rows.execute("SELECT json FROM directory_entry WHERE code = ?"
                            " AND until IS NULL", ("380000000A",)).fetchone()
        rows.execute("UPDATE directory_entry SET json = ? WHERE code = ? AND"
                     " until IS NULL",
                     (good[0].replace("桃園".encode(), "挑園".encode()),
                      "380000000A"))
    net.start("center-a")
    wipe(net, "gateway-2")
    net.start("gateway-2")
    net.wait_logged("gateway-2", "id=E3903")
    tap.ok(not net.is_ready("gateway-2"),
           "a page that was not signed is refused, and nothing is in force")
    kept = []
    with rows_of(f"{net.dir}/gateway-2/rows.db") as rows:
        kept = rows.execute("SELECT count(*) FROM directory_entry WHERE"
                            " json LIKE '%挑園%'").fetchone()
    tap.ok(kept[0] == 0, "nothing of it was kept", kept)
    net.stop("center-a")
    with rows_of(f"{net.dir}/center-a/rows.db") as rows:
        rows.execute("UPDATE directory_entry SET json = ? WHERE code = ? AND"
                     " until IS NULL", (good[0], "380000000A"))
    net.start("center-a")
    net.wait_for(lambda: net.is_ready("gateway-2") and
                 serial(net, "gateway-2") == book.serial,
                 "gateway-2 does not heal")
    tap.ok(True, "and it heals once the center gives what was signed")


# -- who sends is warned ------------------------------------------------------------------

def findings(net, number, names):
    report = net.json("gateway-1", "doc", "check", *net.letter(
        list(names), number, name={OWN: "雲林縣政府（新）", **names}),
        check=False)
    return {(item["rule"], code): item["text"]
            for item in report["findings"]
            for code in names if code in item["text"]}


def warnings(net, book):
    book.publish([
        book.entry("376470000A", status="paper"),
        book.entry("382000000A", status="dissolved", successor="379000000A"),
        book.entry("376530000A", center="center-b"),
        dict(book.entries["376470000A"], code="376470001A", keys=[],
             name="桃園市政府"),
        book.entry("380000000A", status="dissolved",
                   successor="376470001A")])
    everywhere(net, book.serial, ["gateway-1"])
    names = {"376470000A": "彰化縣政府", "382000000A": "新北市政府",
             "380000000A": "桃園市政府", "376530000A": "屏東縣政府"}
    found = findings(net, 20, names)
    tap.ok(("E4016", "376470000A") in found, "who takes paper alone is named",
           found)
    tap.ok("379000000A 臺北市政府" in found.get(("E4014", "382000000A"), ""),
           "who is dissolved, with whoever took over", found)
    tap.ok("376470001A" in found.get(("E3917", "380000000A"), ""),
           "who has another code, with the new one", found)
    tap.ok(not any(code == "376530000A" for _, code in found),
           "nothing is said of who can be reached", found)
    case = {"case": "115-9", "subject": "center", "name": "center-b",
            "direction": "both", "ground": 4, "stops_queued": False,
            "reason": "未通過驗證", "from": instant(-60),
            "fallback": "center-a", "paper_from": ""}
    publish(net, sign(line({
        "format": "yizhan-bulletin-1", "environment": "demo",
        "type": "suspension", "name": "", "serial": 1,
        "issued": instant(-1), "expires": instant(86400), "previous": "",
        "body": {"suspensions": [case]}}),
        *[f"{net.dir}/officers/officer-{at}.pem" for at in (1, 2)]))
    net.wait_for(lambda: ("E3919", "376530000A") in findings(net, 21, names),
                 "no warning")
    found = findings(net, 22, names)
    tap.ok("center-a" in found[("E3919", "376530000A")],
           "the center that serves for a suspended one is named", found)


# -- the highest serial, by two stolen cards -----------------------------------------------

def undone(net, book):
    good = book.entries[OWN]
    publish(net, book.delta([book.entry(OWN, name="盜用")], head={
        "serial": 2 ** 63 - 1, "previous": sha(b"whatever")})[0])
    everywhere(net, 2 ** 63 - 1)
    tap.ok(net.json("gateway-2", "directory", "show",
                    OWN)["entry"]["name"] == "盜用",
           "two stolen cards can sign the highest serial")

    def others(body):
        body["roles"]["directory"]["certificates"] = \
            body["roles"]["root"]["certificates"][:3]
    next_root(net, others)
    keys = [f"{net.dir}/officers/root-{number}.pem" for number in (1, 2)]
    book.publish([good], keys=keys)
    everywhere(net, book.serial)
    names = {net.json(host, "directory", "show", OWN)["entry"]["name"]
             for host in ("center-b", "gateway-1", "gateway-2")}
    tap.ok(names == {good["name"]},
           "after a new root, what follows the last good one undoes it, by "
           "saying what has to be undone", names)


def edited(net):
    for arguments in (["--print"], ["never.json", "--to", "never.draft"]):
        result = net.command("trust", "prepare", "directory", *arguments,
                             "-c", net.conf("management"), check=False)
        tap.ok(result.returncode != 0 and "--csv" in result.stderr,
               f"what says only what it changed is not edited: {arguments[0]}",
               result)


def scenario(tap):
    with Network("attacks", "[courier]\nretry_max_ms = 2000\n") as net:
        book = Directory(net)
        attacks(net, book)
        edited(net)
        notices(net, book)
        scopes(net, book)
        catches_up(net, book)
        other_parts(net, book)
        warnings(net, book)
        undone(net, book)


run(tap, scenario)
tap.done()
