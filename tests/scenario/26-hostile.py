#!/usr/bin/python3
"""Goal: hostile letters are refused by the real gateway, with line, element,
rule and remedy, and by the recipient's when another gateway lets them out;
nothing is fetched, nothing grows, and the gateway lives on: a good letter goes
through after each (T-XML-01..06, T-ZIP-01..08).  limit: 300"""

import io
import json
import os
import socket
import threading
import time
import warnings
import zipfile

from by_hand import Parts, bundle, local, read_files, submit
from network import Network, Tap, pdf, run

tap = Tap()
TO = ["376470000A"]
SECONDS = 5  # of the gateway's work, however busy the machine
GROWTH_KIB = 64 * 1024
SECRET = "root:"


class Trap:
    """Listens where hostile letters point to, and counts who comes."""

    def __init__(self):
        self.came = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.wait, daemon=True).start()

    def wait(self):
        while True:
            peer, address = self.socket.accept()
            self.came.append(address)
            peer.close()


def bomb():
    lines = ['<!ENTITY b0 "bombbombbomb">']
    lines += [f'<!ENTITY b{number} "{f"&b{number - 1};" * 10}">'
              for number in range(1, 10)]
    return "".join(lines)


def packed(*items, compress=zipfile.ZIP_DEFLATED):
    """A ZIP of (name or ZipInfo, bytes)."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one name twice
        with zipfile.ZipFile(out, "w", compress) as file:
            for name, data in items:
                file.writestr(name, data)
    return out.getvalue()


def nested(depth):
    data = packed(("a.txt", b"text"))
    for _ in range(depth):
        data = packed(("in.zip", data))
    return data


def link():
    info = zipfile.ZipInfo("link")
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    return packed((info, b"/etc/passwd"))


def poked(data, *changes):
    """Bytes changed, counted from the first header or from the directory."""
    out = bytearray(data)
    directory = data.index(b"PK\x01\x02")
    for in_directory, at, value in changes:
        out[at + (directory if in_directory else 0)] = value
    return bytes(out)


def with_gap(data, hidden):
    """`hidden` between the last entry and the directory."""
    directory = data.index(b"PK\x01\x02")
    end = bytearray(data[directory:])
    end[-6:-2] = (directory + len(hidden)).to_bytes(4, "little")
    return data[:directory] + hidden + bytes(end)


def archives():
    """{name: (file name, bytes, rules)}; T-ZIP-01 to T-ZIP-08"""
    plain = packed(("a.txt", b"text"))
    raw = packed(("xxxx.txt", b"text"), compress=zipfile.ZIP_STORED)
    zeros = bytes(64 << 20)
    return {
        "a path out of a ZIP": (
            "a.zip", packed(("../../a.txt", b"x")), "E2180"),
        "an absolute path in a ZIP": (
            "a.zip", packed(("/etc/cron.d/a", b"x")), "E2180"),
        "direction marks in a ZIP": (
            "a.zip", packed(("a\u202etxt.scr", b"x")), "E2180 E2181"),
        "a link in a ZIP": ("a.zip", link(), "E2184"),
        "the same name twice in a ZIP": (
            "a.zip", packed(("a.txt", b"1"), ("A.TXT", b"2")), "E2185"),
        "entries of a ZIP that overlap": (
            "a.zip", poked(packed(("a.txt", b"1"), ("b.txt", b"2")),
                           (True, 46 + 5 + 42, 0)), "E2186"),
        "a program hidden between the entries of a ZIP": (
            "a.zip", with_gap(plain, b"MZ" + bytes(100)), "E2186"),
        "a ZIP whose two lists disagree on the name": (
            "a.zip", poked(plain, (False, 30, ord("b"))), "E2186"),
        "a ZIP whose two lists disagree on the length": (
            "a.zip", poked(raw, (False, 22, 99)), "E2186"),
        "a bomb of 64 MiB": ("a.zip", packed(("zeros.bmp", zeros)), "E2183"),
        "a bomb in an office document": (
            "a.docx", packed(("[Content_Types].xml", b"<Types/>"),
                             ("word/document.xml", zeros)), "E2183"),
        "a bomb of 2,001 files": (
            "a.zip", packed(*[(str(number), b"") for number in range(2001)]),
            "E2183"),
        "archives six deep": ("a.zip", nested(5), "E2183"),
        "a program in a ZIP": (
            "a.zip", packed(("invoice.pdf.exe", b"x")), "E2181"),
        "a program with blanks before its extension": (
            "a.zip", packed(("報告.pdf" + " " * 60 + ".scr", b"x")),
            "E2181"),
        "a program in a ZIP in a ZIP": (
            "a.zip", packed(("b.zip", packed(("c.js", b"x")))), "E2181"),
        "a program in a ZIP that is named PDF": (
            "a.zip", packed(("a.pdf", b"MZ" + bytes(1000))), "E2182"),
        "a shortcut in a ZIP that is named PDF": (
            "a.zip", packed(("a.pdf", b"L\0\0\0\x01\x14\x02\0")), "E2182"),
        "a ZIP with a password": (
            "a.zip", poked(raw, (False, 6, 1), (True, 8, 1)), "E2187"),
        "an archive that is damaged": (
            "a.7z", b"7z\xbc\xaf\x27\x1c" + b"\1" * 100, "E2191"),
        "an archive that is none": ("a.zip", b"some text", "E2191"),
    }


def hostile(net, port):
    """{name: (files, rules of which one must be found, in which file)}"""
    good = read_files(net.letter(TO, 1, folder=f"{net.dir}/pattern"))
    with_annex = read_files(net.letter(TO, 1, {"annex.pdf": pdf(100)},
                                       folder=f"{net.dir}/pattern-annex"))

    def di(old, new, files=None, count=1):
        out = []
        for name, data in files or good:
            if name.endswith(".di"):
                text = data.decode()
                assert old in text, old
                data = text.replace(old, new, count).encode()
            out.append((name, data))
        return out

    def sw(old, new):
        return [(name, data.replace(old.encode(), new.encode())
                 if name.endswith(".sw") else data) for name, data in good]

    def annex(name, data=pdf(100)):
        """The attachment under another name, in the entity as well."""
        out = di('"annex.pdf"', f'"{name}"', with_annex)
        return [(name, data) if old == "annex.pdf" else (old, content)
                for old, content in out]

    def internal(text):
        return di("<!NOTATION DI", text + "<!NOTATION DI")

    url = f"http://127.0.0.1:{port}/"
    inside = {name: (annex(file, data), rules)
              for name, (file, data, rules) in archives().items()}
    return {
        **inside,
        "an external entity": (
            di("<地址>示範", "<地址>&x;", internal(
                '<!ENTITY x SYSTEM "file:///etc/passwd">')), "E2008"),
        "an external entity on the network": (
            di("<地址>示範", "<地址>&x;", internal(
                f'<!ENTITY x SYSTEM "{url}x">')), "E2008"),
        "a parameter entity": (
            internal(f'<!ENTITY % p SYSTEM "{url}p">%p;'), "E2008"),
        "a bomb of entities": (
            di("<地址>示範", "<地址>&b9;", internal(bomb())), "E2008"),
        "one big entity many times": (
            di("<地址>示範", "<地址>" + "&q;" * 10000, internal(
                f'<!ENTITY q "{"q" * 50000}">')), "E2008"),
        "a DTD on the network": (
            di('"104_2_utf8.dtd"', f'"{url}104_2_utf8.dtd"'), "E2007"),
        "a DTD of a file": (
            di('"104_2_utf8.dtd"', '"file:///etc/passwd"'), "E2007"),
        "a public DTD": (
            di('SYSTEM "104_2_utf8.dtd"',
               f'PUBLIC "-//x//y" "{url}104_2_utf8.dtd"'), "E2007 E2006"),
        "a DTD of its own": (internal("<!ELEMENT 主旨 ANY>"), "E2008"),
        "a roster with a DTD on the network": (
            sw('"104_roster_utf8.dtd"', f'"{url}r.dtd"'), "E2007"),
        "an XInclude": (
            di("<地址>", '<x:include xmlns:x="http://www.w3.org/2001/XInclude"'
                         ' href="/etc/passwd"/><地址>'), "E2102 E2101"),
        "elements 10,000 deep": (
            di("<地址>", "<段落>" * 10000 + "<地址>"), "E2010"),
        "an attribute of 80 KiB": (
            di('代碼="函"', f'代碼="{"x" * (80 << 10)}"'), "E2011"),
        "a letter of 40 MiB": (
            di("示範路1號", "路" * (14 << 20)), "E2001"),
        "another encoding": (
            [(name, data.decode().replace("utf-8", "utf-16").encode("utf-16")
              if name.endswith(".di") else data) for name, data in good],
            "E2003 E2004 E2005"),
        "control characters": (
            di("示範路", "示\x01範"), "E2004 E2005"),
        "an attachment one folder up": (annex("../annex.pdf"),
                                        "E6211 E2120"),
        "an attachment with an absolute path": (
            annex("/tmp/annex.pdf"), "E6211 E2120"),
        "an attachment with a path of Windows": (
            annex("..\\..\\annex.pdf"), "E6211 E2120"),
        "an attachment declared one folder up": (
            di('"annex.pdf"', '"../annex.pdf"', with_annex), "E2120"),
        "a reserved name": (annex("CON.pdf"), "E2120"),
        "direction marks in a name": (
            annex("annex\u202efdp.exe"), "E2120 E2121"),
        "blanks before the extension": (
            annex("報告.pdf" + " " * 40 + ".exe"), "E2121"),
        "a name with a blank that shows as nothing": (
            annex("報\u3164告.pdf"), "E2120"),
        "a double extension": (annex("annex.pdf.exe"), "E2121"),
        "a shortcut": (annex("annex.pdf.lnk"), "E2121"),
        "a program that is named PDF": (
            annex("annex.pdf", b"MZ" + bytes(1000)), "E2125"),
        "a script that is named PDF": (
            annex("annex.pdf", b"#!/bin/sh\nrm -rf /\n"), "E2125"),
        "a program for Linux": (
            annex("annex.txt", b"\x7fELF" + bytes(1000)), "E2125"),
        "an attachment that is not declared": (
            good + [("extra.pdf", pdf(10))], "E2124"),
        "an attachment that is not there": (
            [item for item in with_annex if item[0] != "annex.pdf"],
            "E2123"),
        "the same name twice": (
            with_annex + [("ANNEX.PDF", pdf(10))], "E2127 E2124"),
    }


def kib_of(net, host, role):
    with open(f"/proc/{net.roles(host)[role]}/status") as file:
        return sum(int(line.split()[1]) for line in file
                   if line.startswith(("RssAnon:", "RssShmem:")))


def worked(net, host):
    """Seconds of processor of a host, with what its roles' copies had."""
    ticks = 0
    for pid in net.roles(host).values():
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


# Found at a line of a file; others speak of a whole file.
PLACED = {"E2004", "E2005", "E2007", "E2008", "E2010", "E2011", "E2101",
          "E2102", "E2105"}


def complete(finding):
    return finding["rule"] and finding["file"] and finding["remedy"] and \
        finding["title"]


def letter_goes(net, number):
    document = net.send(net.letter(TO, number))["id"]
    net.wait_states(document, ["opened"])


def refused_at_the_door(tap, net, cases):
    pids = net.roles("gateway-1")
    for number, (name, (files, rules)) in enumerate(cases.items()):
        body = bundle(*[record for file, data in files
                        for record in (("N", file.encode()), ("F", data))])
        before = kib_of(net, "gateway-1", "reader")
        started = worked(net, "gateway-1")
        answer = local(net, "gateway-1", "/v1/documents", body,
                       [f"Idempotency-Key: hostile-{number}"])
        seconds = worked(net, "gateway-1") - started
        findings = answer.json().get("errors", []) if answer.body else []
        found = [item for item in findings if item["rule"] in rules.split()]
        rule = found[0]["rule"] if found else answer.code
        good = answer.status == 422 and found and \
            all(complete(item) for item in findings) and \
            (rule not in PLACED or found[0]["line"] > 0)
        # A name that is a path is no name: nothing is taken at all.
        good = good or "E6211" in rules and answer.code == "E6211"
        tap.ok(good and seconds < SECONDS,
               f"{name} is refused: {rule} in {seconds:.2f} s", answer)
        tap.ok(SECRET not in answer.body.decode() and
               kib_of(net, "gateway-1", "reader") - before < GROWTH_KIB,
               "nothing is read for it and nothing grows")
        letter_goes(net, 1000 + number)
    tap.ok(net.roles("gateway-1") == pids, "no process of the gateway died")
    listed = net.json("gateway-1", "doc", "list", "--out", "--limit",
                      "200")["documents"]
    tap.ok(len(listed) == len(cases),
           "the good letters between them, and no other, went out",
           len(listed))


# Rules whose breach does not reach a person; who breaks others is shown.
DANGERS = {"E2007", "E2008", "E2010", "E2011", "E2120", "E2121", "E2125",
           "E2180", "E2181", "E2182", "E2183", "E2184", "E2185", "E2186",
           "E2187", "E2190", "E2191"}
PROGRAMS = {"E2121", "E2125", "E2181", "E2182"}


def refused_at_the_recipient(tap, net, cases):
    """From a gateway that checks nothing: a hand with its keys."""
    made = {name: Parts(net, TO, files=files)
            for name, (files, _) in cases.items()}
    for name, parts in made.items():
        answer = submit(net, parts)
        if answer.status != 201:
            tap.ok(False, f"another gateway lets {name} out", answer)

    def entries():
        listed = net.json("gateway-2", "doc", "list", "--in", "--limit", "200")
        return {item["waybill_id"]: item for item in listed["documents"]}

    def waiting(made):
        known = entries()
        return [name for name, parts in made.items()
                if known.get(parts.waybill_id, {}).get("state")
                not in ("opened", "unreadable")]

    try:
        net.wait_none(lambda: waiting(made), "the recipient does not answer")
    except RuntimeError as late:
        tap.ok(False, f"{late}", waiting(made))
    found = entries()
    for name, parts in made.items():
        item = found[parts.waybill_id]
        rules = set(cases[name][1].split())
        seen = (item["state"], item["reason"])
        if rules & DANGERS:
            tap.ok(seen[0] == "unreadable" and not item["files"] and
                   (seen[1] == "malware" or not rules <= PROGRAMS),
                   f"{name} does not come out at the recipient: {seen}",
                   item)
        else:
            tap.ok(seen[0] in ("opened", "unreadable"),
                   f"{name} is for people to judge: {seen}", item)
    marked = Parts(net, TO, files=[
        (name, data.replace("請查照".encode(), "\u202egnp.exe".encode()))
        for name, data in read_files(net.letter(TO, 3000))])
    submit(net, marked)
    net.wait_none(lambda: waiting({"marked": marked}), "it does not arrive")
    shown = net.command("doc", "list", "--in", "-c", net.conf("gateway-2"))
    tap.ok("gnp.exe" in shown.stdout and "\u202e" not in shown.stdout,
           "lists show no direction marks as such", shown.stdout)


POLICY = "[attachments]\nencrypted = warn\nunscanned = warn\n" \
    "macros = refuse\n"


def policy_of_the_gateway(tap, net):
    """What gateway-1 refuses, and gateway-3 is configured to let through."""
    raw = packed(("xxxx.txt", b"text"), compress=zipfile.ZIP_STORED)
    locked = poked(raw, (False, 6, 1), (True, 8, 1))
    macros = packed(("[Content_Types].xml", b"<Types/>"),
                    ("word/vbaProject.bin", b"x"))
    big5 = poked(raw, *[(is_directory, start + at, value)
                        for is_directory, start in ((False, 30), (True, 46))
                        for at, value in enumerate("報告".encode("big5"))])
    cases = {
        "a.zip": (locked, "E2187", "E2188"),
        "b.7z": (b"7z\xbc\xaf\x27\x1c" + b"\1" * 100, "E2191", "E2192"),
        "c.docm": (macros, "E2189", "E2190"),
        "d.zip": (big5, "E2193", "E2193"),
    }
    for number, (name, (data, strict, mild)) in enumerate(cases.items()):
        for host, sender, rule in (("gateway-1", "376490000A", strict),
                                   ("gateway-3", "376530000A", mild)):
            paths = net.letter(TO, 4000, {name: data}, sender=sender,
                               folder=f"{net.dir}/policy-{number}-{host}")
            result = net.command("doc", "check", *paths, "--json", "-c",
                                 net.conf(host), check=False)
            found = {item["rule"]: item
                     for item in json.loads(result.stdout)["findings"]}
            tap.ok(rule in found and found[rule]["file"] == name and
                   (result.returncode == 0) ==
                   (found[rule]["severity"] == "warning"),
                   f"{name} at {host}: {rule}", result.stdout)
    tap.ok(found["E2193"]["text"] == "報告.txt",
           "a name in Big5 is shown as what it is", found)


def run_all(tap):
    with Network("hostile", {"gateway-3": POLICY}) as net:
        policy_of_the_gateway(tap, net)
        trap = Trap()
        cases = hostile(net, trap.port)
        refused_at_the_door(tap, net, cases)
        pids = net.roles("gateway-2")
        refused_at_the_recipient(tap, net, cases)
        tap.ok(net.roles("gateway-2") == pids,
               "no process of the recipient died")
        letter_goes(net, 2000)
        tap.ok(True, "a good letter goes through after all that")
        time.sleep(0.2)
        tap.ok(not trap.came, "nobody fetched anything", trap.came)
        with socket.create_connection(("127.0.0.1", trap.port)):
            net.wait_for(lambda: trap.came, "the trap does not work")
        tap.ok(True, "and the trap would have told (control)")


run(tap, run_all)
tap.done()
