#!/usr/bin/python3
"""Goal: one file proves a delivery: `yizhan evidence verify` and the stock
tools of docs/evidence.md say so, and nothing that was changed, left out or put
in passes (R5.2.8, T-CRY-05, T-CRY-08).  limit: 480"""

import hashlib
import json
import os
import random
import re
import struct
import subprocess
import zipfile
import zlib

from by_hand import bulletin, local, signed_content
from network import Network, Refused, Tap, pdf, run

tap = Tap()
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def export(net, host, what, name):
    path = f"{net.dir}/{name}.zip"
    net.command("evidence", "export", what, "--to", path, "-c",
                net.conf(host))
    return path


def verify(net, path, *more, check=True):
    return net.command("evidence", "verify", path, "--root", net.root,
                       "--environment", "demo", *more, check=check)


def said(net, path, *more):
    return json.loads(verify(net, path, "--json", *more).stdout)


def parts_of(path):
    with zipfile.ZipFile(path) as file:
        return [(item.filename, file.read(item)) for item in file.infolist()]


def write(path, parts, mends_list):
    """As our writer would; with the list of evidence.json made to fit."""
    parts = list(parts)
    if mends_list:
        facts = json.loads(dict(parts)["evidence.json"])
        facts["parts"] = [
            {"name": name, "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in parts if name != "evidence.json"]
        text = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
        parts = [(name, text.encode() if name == "evidence.json" else data)
                 for name, data in parts]
    local, central = b"", b""
    for name, data in parts:
        common = struct.pack("<HHHHIIIHH", 0, 0, 0, 0x21, zlib.crc32(data),
                             len(data), len(data), len(name), 0)
        central += (struct.pack("<4sHH", b"PK\1\2", 45, 10) + common +
                    struct.pack("<HHHII", 0, 0, 0, 0, len(local)) +
                    name.encode())
        local += (struct.pack("<4sH", b"PK\3\4", 10) + common +
                  name.encode() + data)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(parts), len(parts),
                      len(central), len(local), 0)
    with open(path, "wb") as file:
        file.write(local + central + end)


# ---- what is proven --------------------------------------------------------

def wait_witnessed(net, hosts=("gateway-1", "gateway-2", "gateway-3")):
    """All checkpoints that came with receipts are continued by cosigned
    ones."""
    def is_done(host):
        checks = local(net, host, "/v1/health").json()["checks"]
        text = [item for item in checks if item["name"] == "log"][0]["text"]
        return text.startswith("compared") and \
            text.endswith(" 0 checkpoints wait")

    for host in hosts:
        net.wait_for(lambda: is_done(host), f"{host} compares not all")


def two_deliveries(tap, net):
    paths = net.letter(["376470000A", "376530000A"], 1,
                       {"slides.pdf": pdf(3000)})
    document = net.send(paths)["id"]
    net.wait_states(document, ["opened"])
    opened = export(net, "gateway-1", f"{document}/376470000A", "opened")
    proven = said(net, opened)
    tap.ok(proven["proven"] == "opened" and proven["signer"] == "module",
           "before a person signs, a module speaks", proven)
    words = verify(net, opened).stdout
    tap.ok("系統代簽" in words and "no person has signed" in words,
           "and the words say 系統代簽", words)

    names = {}
    for host in ("gateway-2", "gateway-3"):
        letter = net.inbox(host)[0]
        names[host] = f"{letter['waybill_id']}/{letter['recipient']}"
    net.json("gateway-2", "doc", "confirm", names["gateway-2"])
    net.json("gateway-3", "doc", "return", names["gateway-3"], "--reason",
             "misdirected")
    net.wait_states(document, ["confirmed", "returned"])
    tap.ok(verify(net, opened).returncode == 0,
           "what was proven stays proven")
    return document, names


def both_sides(tap, net, document, names):
    files = {}
    for host in names:
        net.wait_receipts(host)
    wait_witnessed(net)
    for name, host, what, end, signer in (
            ("confirmed", "gateway-1", f"{document}/376470000A", "confirmed",
             "organisation"),
            ("returned", "gateway-1", f"{document}/376530000A", "returned",
             "organisation"),
            ("confirmed-in", "gateway-2", names["gateway-2"], "confirmed",
             "organisation"),
            ("returned-in", "gateway-3", names["gateway-3"], "returned",
             "organisation")):
        files[name] = export(net, host, what, name)
        proven = said(net, files[name])
        tap.ok(proven["proven"] == end and proven["signer"] == signer,
               f"{name}: proven by the {signer}", proven)
        tap.ok(proven["witnessed"], f"{name}: and witnessed", proven)
    centers = {event["center"]
               for event in said(net, files["returned"])["events"]}
    tap.ok(centers == {"center-a", "center-b"},
           "through two centers, the receipts of both logs", centers)
    tap.ok("簽收" in verify(net, files["confirmed"]).stdout,
           "the organisation's word reads 簽收")
    again = export(net, "gateway-1", f"{document}/376470000A", "again")
    with open(again, "rb") as one, open(files["confirmed"], "rb") as other:
        tap.ok(one.read() == other.read(), "asked again: the same bytes")
    return files


def the_letter_itself(tap, net, files, names):
    folder = f"{net.dir}/saved"
    net.json("gateway-2", "doc", "save", names["gateway-2"], "--to", folder,
             "--package")
    package = f"{folder}/{os.listdir(folder)[0]}"
    tap.ok(verify(net, files["confirmed"], "--package", package).returncode
           == 0, "the package is the letter of the evidence")
    with open(package, "ab") as file:
        file.write(b"x")
    result = verify(net, files["confirmed"], "--package", package, check=False)
    tap.ok(result.returncode == 77 and "E3503" in result.stderr,
           "another one is not", result.stderr)


def page_script():
    with open(f"{ROOT}/docs/evidence.md", encoding="utf-8") as file:
        return re.findall(r"^```sh\n(.*?)^```$", file.read(), re.M | re.S)


def stock(tap, net, path, name, wanted):
    """The commands of the page, on this file: what they print."""
    folder = f"{net.dir}/stock-{name}"
    os.makedirs(folder)
    os.link(path, f"{folder}/evidence.zip")
    result = subprocess.run(
        ["sh", "-c", "".join(page_script())], cwd=folder,
        capture_output=True, text=True, check=False, timeout=900,
        env={"PATH": os.environ["PATH"], "ROOT": net.root,
             "LC_ALL": "C.UTF-8"})
    said = result.stdout.splitlines()
    lines = [line for line in said if not line.startswith("  ")]
    others = [line for line in lines if line.startswith("receipts/")]
    tap.ok(result.returncode == 0 and all(
        any(text in line for line in said) for text in wanted) and
        len([line for line in others if " witnessed " in line]) ==
        2 * (len(lines) - len(others) - 1),
        f"{name}: the commands of the page prove the same",
        result.stdout + result.stderr)
    return folder


def stock_tools(tap, net, files):
    blocks = page_script()
    tap.ok(len(blocks) >= 7, "docs/evidence.md has its commands", len(blocks))
    for name, last in (("confirmed", "confirmed"), ("returned", "returned"),
                       ("returned-in", "returned")):
        folder = stock(tap, net, files[name], name, [f"{last} 20"])
    script = "".join(blocks)
    wrong = subprocess.run(
        ["sh", "-c", script.replace("mkdir parts", "mkdir other").replace(
            "-d parts", "-d other").replace("cd parts", "cd other")],
        cwd=folder, capture_output=True, text=True, check=False, timeout=900,
        env={"PATH": os.environ["PATH"], "ROOT": "0" * 64,
             "LC_ALL": "C.UTF-8"})
    tap.ok(wrong.returncode != 0, "and refuse another root")


# ---- what is refused -------------------------------------------------------

def refused(net, path, codes):
    result = verify(net, path, check=False)
    return result.returncode in (65, 66, 77) and any(
        code in result.stderr for code in codes), result


ANY = ["E3", "E5", "E7"]


def flips(tap, net, files):
    """Any byte of the file (T-CRY-05)."""
    with open(files["returned"], "rb") as file:
        good = file.read()
    chance = random.Random(6)
    bad = f"{net.dir}/bad.zip"
    passed = []
    places = sorted(chance.sample(range(len(good)), 150))
    for at in places:
        data = bytearray(good)
        data[at] ^= 1 << chance.randrange(8)
        with open(bad, "wb") as file:
            file.write(data)
        fine, result = refused(net, bad, ANY)
        if not fine:
            passed.append((at, result.stdout + result.stderr))
    tap.ok(not passed, f"{len(places)} flipped bits are refused", passed[:2])
    for length in [0, 1, 100] + [len(good) * i // 20 for i in range(1, 20)]:
        with open(bad, "wb") as file:
            file.write(good[:length])
        fine, result = refused(net, bad, ANY)
        if not fine:
            passed.append((length, result.stdout))
    tap.ok(not passed, "every truncated file is refused", passed[:2])


def parts(tap, net, files):
    """Each part changed, replaced or removed, with a list that fits."""
    good = parts_of(files["returned"])
    others = dict(parts_of(files["confirmed"]))
    bad = f"{net.dir}/bad.zip"
    write(bad, good, True)
    with open(bad, "rb") as one, open(files["returned"], "rb") as other:
        tap.ok(one.read() == other.read(),
               "the forger's writer is as good as ours")
    passed, count = [], 0

    def attempt(what, changed, mends=True):
        nonlocal count
        count += 1
        write(bad, changed, mends)
        fine, result = refused(net, bad, ANY)
        if not fine:
            passed.append((what, result.stdout + result.stderr))
        return result

    for index, (name, data) in enumerate(good):
        if name == "evidence.json":
            continue
        flipped = bytearray(data)
        flipped[len(data) // 2] ^= 1
        attempt(f"{name} flipped",
                good[:index] + [(name, bytes(flipped))] + good[index + 1:])
        result = attempt(f"{name} flipped, list left",
                         good[:index] + [(name, bytes(flipped))]
                         + good[index + 1:], False)
        if name not in result.stderr:
            passed.append((name, "is not named: " + result.stderr))
        attempt(f"{name} empty",
                good[:index] + [(name, b"")] + good[index + 1:])
        result = attempt(f"{name} removed, list left",
                         good[:index] + good[index + 1:], False)
        if name not in result.stderr:
            passed.append((name, "is not named: " + result.stderr))
        same = name.split("/")[-1]
        for other, theirs in others.items():
            if other.split("/")[-1].split("-")[0] == same.split("-")[0] \
                    and theirs != data and "certificates" not in name \
                    and "bulletins" not in name:
                attempt(f"{name} replaced by {other}",
                        good[:index] + [(name, theirs)] + good[index + 1:])
    tap.ok(not passed, f"{count} forged files are refused, and the part is "
                       "named", passed[:3])


def removals(tap, net, files):
    """With a list that fits: what is needed cannot be left out; an end can,
    since a file speaks only of what is in it."""
    good = parts_of(files["returned"])
    bad = f"{net.dir}/bad.zip"
    folders = sorted({name.rsplit("/", 1)[0] for name, _ in good
                      if name.startswith("receipts/")})
    verdicts = {}
    for folder in folders:
        left = [(name, data) for name, data in good
                if not name.startswith(folder + "/")]
        # The names count; the forger counts them again.
        again = sorted({name.rsplit("/", 1)[0] for name, _ in left
                        if name.startswith("receipts/")})
        renamed = {old: f"receipts/{number:02d}-{old.split('-', 1)[1]}"
                   for number, old in enumerate(again, 1)}
        left = [(renamed[name.rsplit("/", 1)[0]] + "/" + name.rsplit("/", 1)[1]
                 if name.startswith("receipts/") else name, data)
                for name, data in left]
        write(bad, left, True)
        result = verify(net, bad, "--json", check=False)
        verdicts[folder] = json.loads(result.stdout)["proven"] \
            if result.returncode == 0 else ""
    tap.ok(all(end in ("", "returned") for end in verdicts.values()),
           "leaving out one of two receipts of an event adds nothing",
           verdicts)
    for event in ("fetched",):
        left = [(name, data) for name, data in good if f"-{event}-" not in
                name]
        again = sorted({name.rsplit("/", 1)[0] for name, _ in left
                        if name.startswith("receipts/")})
        renamed = {old: f"receipts/{number:02d}-{old.split('-', 1)[1]}"
                   for number, old in enumerate(again, 1)}
        left = [(renamed[name.rsplit("/", 1)[0]] + "/" + name.rsplit("/", 1)[1]
                 if name.startswith("receipts/") else name, data)
                for name, data in left]
        write(bad, left, True)
        fine, result = refused(net, bad, ["E3504"])
        tap.ok(fine, f"without {event} the rest is refused", result.stderr)


def other_terms(tap, net, files):
    result = net.command("evidence", "verify", files["confirmed"], "--root",
                         "0" * 64, "--environment", "demo", check=False)
    tap.ok("E7004" in result.stderr and result.returncode != 0,
           "another root is refused", result.stderr)
    result = net.command("evidence", "verify", files["confirmed"], "--root",
                         net.root, check=False)
    tap.ok("E7008" in result.stderr and result.returncode != 0,
           "another environment is refused", result.stderr)
    left = [(name, data) for name, data in parts_of(files["confirmed"])
            if "-directory-" not in name]
    # Their numbers are their places.
    places = {name: f"bulletins/{place:03d}-{name.split('-', 1)[1]}"
              for place, name in enumerate(
                  [name for name, _ in left if name.startswith("bulletins/")],
                  1)}
    left = [(places.get(name, name), data) for name, data in left]
    bad = f"{net.dir}/bad.zip"
    write(bad, left, True)
    fine, result = refused(net, bad, ["E3505"])
    tap.ok(fine, "without the directory it says what is missing",
           result.stderr)
    tap.ok(verify(net, bad, "--bulletins", f"{net.dir}/bulletins").returncode
           == 0, "and takes it from a folder")
    try:
        export(net, "gateway-1", "01a20000-0000-7000-8000-000000000000",
               "none")
        tap.ok(False, "no evidence of an unknown letter")
    except Refused as problem:
        tap.ok(problem.code.startswith("E") and not os.path.exists(
            f"{net.dir}/none.zip"), "no evidence of an unknown letter",
            problem)


def publish(net, kind, serial, change):
    with open(f"{net.dir}/next", "wb") as file:
        file.write(bulletin(net, kind, serial=serial, change=change,
                            previous=publish.digest) if serial > 2
                   else bulletin(net, kind, change=change))
    with open(f"{net.dir}/next", "rb") as file:
        publish.digest = hashlib.sha256(signed_content(
            file.read())).hexdigest()
    net.publish([f"{net.dir}/next"])
    for host in net.hosts:
        net.wait_for(lambda: any(
            item["type"] == kind and item["serial"] == serial
            for item in local(net, host, "/v1/bulletins").json()
            ["bulletins"]), f"{host} has not {kind} {serial}")


def other_bulletins(tap, net, files):
    """Judged by the directory of the time, by no older one."""
    publish(net, "directory", 2, lambda body: body["organisations"][0].update(
        name="雲林縣政府（新）"))
    document = net.send(net.letter(["376470000A"], 2))["id"]
    net.wait_states(document, ["opened"])
    letter = [item for item in net.inbox("gateway-2")
              if item["state"] == "opened"][0]
    net.json("gateway-2", "doc", "confirm",
             f"{letter['waybill_id']}/{letter['recipient']}")
    net.wait_states(document, ["confirmed"])
    path = export(net, "gateway-1", document, "second")
    tap.ok({event["directory"] for event in said(net, path)["events"]} == {2},
           "a later letter is judged by the later directory")
    older = dict(parts_of(files["confirmed"]))
    first = next(name for name in older if "-directory-1" in name)
    write(f"{net.dir}/bad.zip", [
        (name.replace("-directory-2", "-directory-1"), older[first])
        if "-directory-2" in name else (name, data)
        for name, data in parts_of(path)], True)
    fine, result = refused(net, f"{net.dir}/bad.zip", ["E3505"])
    tap.ok(fine, "not by an older one, in which a key could still count",
           result.stderr)

    def revoke(body):
        for org in body["organisations"]:
            for key in org["keys"]:
                if org["code"] == "376470000A" and key["use"] == "sign":
                    key["state"] = "revoked"

    publish(net, "directory", 3, revoke)
    again = export(net, "gateway-1", document, "revoked")
    tap.ok(said(net, again)["proven"] == "confirmed" and
           verify(net, path).returncode == 0,
           "a key that is revoked later does not undo what it signed")
    names = [name for name, _ in parts_of(again)]
    tap.ok(sum("-directory-" in name for name in names) == 2,
           "both directories go along", names)


def test(tap):
    with Network("evidence") as net:
        document, names = two_deliveries(tap, net)
        files = both_sides(tap, net, document, names)
        the_letter_itself(tap, net, files, names)
        stock_tools(tap, net, files)
        flips(tap, net, files)
        parts(tap, net, files)
        removals(tap, net, files)
        other_terms(tap, net, files)
        other_bulletins(tap, net, files)


run(tap, test)
tap.done()
