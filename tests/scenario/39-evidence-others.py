#!/usr/bin/python3
"""Goal: what others than the center say of its log goes into the evidence of a
delivery, and nothing that they did not say passes for it (T-LOG-09, T-PKI-04).
limit: 300"""

import base64
import contextlib
import hashlib
import json
import re
import sqlite3
import struct
import time

from cryptography.hazmat.primitives import serialization

from authorities import URL, TimeAuthority
from by_hand import bulletin, instant, local, sha, signed_content, source_of
from network import Network, Tap, run

tap = Tap()
TILES = source_of("36-log-tiles.py")
FILES = source_of("34-evidence.py")
RECIPIENT = "376530000A"


def confirmed(net, number):
    """A letter through both centers; its two exports."""
    document = net.send(net.letter([RECIPIENT], number))["id"]
    net.wait_states(document, ["opened"])
    letter = [item for item in net.inbox("gateway-3")
              if item["state"] == "opened"][0]
    net.json("gateway-3", "doc", "confirm",
             f"{letter['waybill_id']}/{letter['recipient']}")
    net.wait_states(document, ["confirmed"])
    return document


# ---- forging ---------------------------------------------------------------

def key_of(net, host):
    with open(f"{net.dir}/{host}.keys/witness.pem", "rb") as file:
        pem = file.read()
    return serialization.load_pem_private_key(
        re.search(rb"-----BEGIN PRIVATE KEY.*?-----END PRIVATE KEY-----\n",
                  pem, re.S).group(0), None)


def cosignature(net, host, note, time=1790000000):
    """The line of a witness, with its own key."""
    key = key_of(net, host)
    name = f"yizhan/demo/witness/{host}"
    text = note.split("\n\n")[0]
    public = key.public_key().public_bytes(serialization.Encoding.Raw,
                                           serialization.PublicFormat.Raw)
    key_id = hashlib.sha256(name.encode() + b"\n\4" + public).digest()[:4]
    blob = key_id + struct.pack(">Q", time) + key.sign(
        f"cosignature/v1\ntime {time}\n{text}\n".encode())
    return f"— {name} {base64.b64encode(blob).decode()}\n"


def with_checkpoint(parts, old, note, proof=None):
    """The later checkpoint `old` is another one, under the name that fits."""
    name = re.sub(r"-[0-9a-f]{16}\.txt$", "-" + hashlib.sha256(
        note.encode()).hexdigest()[:16] + ".txt", old)
    changed = []
    for part, data in parts:
        if part == old:
            part, data = name, note.encode()
        elif part.endswith(("/cosigned.json", "/stamped.json")) and \
                old.encode() in data:
            value = json.loads(data)
            value["checkpoint"] = name
            if proof is not None:
                value["proof"] = proof
            data = json.dumps(value, separators=(",", ":")).encode()
        changed.append((part, data))
    return changed


def checkpoint_of(parts, center, kind="cosigned"):
    wanted = next(json.loads(data)["checkpoint"] for name, data in parts
                  if name.endswith(f"-{center}/{kind}.json"))
    return wanted, dict(parts)[wanted].decode()


def attempt(tap, net, parts, codes, what):
    path = f"{net.dir}/forged.zip"
    FILES.write(path, parts, True)
    fine, result = FILES.refused(net, path, codes)
    tap.ok(fine, what, result.stdout + result.stderr)


# ---- witnesses -------------------------------------------------------------

def witnessed(tap, net):
    document = confirmed(net, 1)
    early = FILES.said(net, FILES.export(
        net, "gateway-1", document, "early"))
    tap.ok(early["proven"] == "confirmed",
           "what is not cosigned yet is proven all the same", early)
    FILES.wait_witnessed(net, ("gateway-1", "gateway-3"))
    path = FILES.export(net, "gateway-1", document, "witnessed")
    proven = FILES.said(net, path)
    for center, wanted in (("center-a", {"center-b", "management"}),
                           ("center-b", {"center-a", "management"})):
        by = [{witness["name"] for witness in event["witnesses"]}
              for event in proven["events"] if event["center"] == center]
        tap.ok(by and all(names == wanted for names in by),
               f"each receipt of {center} is witnessed by {sorted(wanted)}",
               proven)
    words = FILES.verify(net, path).stdout
    tap.ok("witnessed by" in words and "示範管理層" in words and
           "unwitnessed" not in words, "and the words say by whom", words)
    return path, document


def too_few(tap, net, path):
    parts = FILES.parts_of(path)
    name, note = checkpoint_of(parts, "center-a")
    lines = note.splitlines(keepends=True)
    cosigned = [line for line in lines if "/witness/" in line]
    for count in range(len(cosigned)):
        attempt(tap, net, with_checkpoint(parts, name, "".join(
            line for line in lines if line not in cosigned[count:])),
            ["E3509"], f"{count} cosignatures of 2 are refused")
    attempt(tap, net, with_checkpoint(parts, name, "".join(
        line for line in lines if line not in cosigned[1:]) + cosigned[0]),
        ["E3509", "E5020"], "one of them twice counts once")
    own = cosignature(net, "center-a", note)
    attempt(tap, net, with_checkpoint(
        parts, name, note.replace(cosigned[0], own.replace(
            "witness/center-a", "witness/center-b"))),
        ["E5021", "E3509"], "another's key under a witness's name is refused")
    changed = bytearray(base64.b64decode(cosigned[0].split()[2]))
    changed[11] ^= 1
    attempt(tap, net, with_checkpoint(parts, name, note.replace(
        cosigned[0].split()[2], base64.b64encode(changed).decode())),
        ["E5021"], "another time is refused")


def another_story(tap, net, path):
    """Cosigned by all of them, but of another log than the receipts'."""
    parts = FILES.parts_of(path)
    name, note = checkpoint_of(parts, "center-a")
    origin, size = note.splitlines()[0], int(note.splitlines()[1])
    leaves = TILES.leaves_of(net, "center-a", size)
    told = [TILES.leaf(b"another story")] + leaves[1:]
    other = TILES.note(net, "center-a", origin, size, TILES.root_of(told))
    other += cosignature(net, "center-b", other) + \
        cosignature(net, "management", other)
    attempt(tap, net, with_checkpoint(parts, name, other), ["E3510"],
            "a cosigned tree that does not have the receipt is refused")
    grown = told + [TILES.leaf(b"more")]
    later = TILES.note(net, "center-a", origin, size + 1,
                       TILES.root_of(grown))
    later += cosignature(net, "center-b", later) + \
        cosignature(net, "management", later)
    proof = [item.hex() for item in TILES.consistency(grown, size)]
    attempt(tap, net, with_checkpoint(parts, name, later, proof), ["E3510"],
            "nor one with a proof from its own beginning")
    smaller = TILES.note(net, "center-a", origin, 1, leaves[0])
    smaller += cosignature(net, "center-b", smaller) + \
        cosignature(net, "management", smaller)
    attempt(tap, net, with_checkpoint(parts, name, smaller, []), ["E3510"],
            "nor an earlier one")
    theirs = checkpoint_of(parts, "center-b")[1]
    attempt(tap, net, with_checkpoint(parts, name, theirs),
            ["E3510", "E3509"], "nor one of another center's log")
    digits = hashlib.sha256(later.encode()).hexdigest()[:16]
    stray = f"checkpoints/center-a-{digits}.txt"
    attempt(tap, net, parts[:-1] + [(stray, later.encode())] + parts[-1:],
            ["E3501"], "nor one that no receipt points to")
    attempt(tap, net, [item for item in parts if item[0] != name],
            ["E3502"], "nor a proof to one that is not there")


def left_out(tap, net, path):
    parts = [(name, data) for name, data in FILES.parts_of(path)
             if not name.startswith("checkpoints/") and
             not name.endswith("/cosigned.json")]
    bare = f"{net.dir}/bare.zip"
    FILES.write(bare, parts, True)
    proven = FILES.said(net, bare)
    words = FILES.verify(net, bare).stdout
    tap.ok(not proven["witnessed"] and
           words.count("unwitnessed") >= len(proven["events"]),
           "without cosignatures each receipt is called unwitnessed", words)


def one_authority(tap, net):
    """Two witnesses of one authority are one: nobody is witnessed."""
    def change(body):
        for witness in body["witnesses"]:
            if witness["name"] == "management":
                witness["authority"] = "示範交換中心乙"

    publish_root(net, 5, change)
    document = confirmed(net, 2)
    path = FILES.export(net, "gateway-1", document, "one-authority")
    parts = FILES.parts_of(path)
    events = FILES.said(net, path)["events"]
    tap.ok(all(not event["witnesses"] for event in events
               if event["center"] == "center-a"),
           "two witnesses of one authority are no quorum", events)
    folder, note = next(
        (name.rsplit("/", 1)[0], data.decode()) for name, data in parts
        if name.endswith("/checkpoint.txt") and "-accepted-" in name)
    note += cosignature(net, "center-b", note) + \
        cosignature(net, "management", note)
    later = "checkpoints/center-a-" + hashlib.sha256(
        note.encode()).hexdigest()[:16] + ".txt"
    forged = []
    for name, data in parts:
        forged.append((name, data))
        if name == f"{folder}/checkpoint.txt":
            forged += [(later, note.encode()), (
                f"{folder}/cosigned.json", json.dumps(
                    {"checkpoint": later, "proof": []},
                    separators=(",", ":")).encode())]
    attempt(tap, net, forged, ["E3509"],
            "and do not become one in a file that says so")


# ---- time stamps -----------------------------------------------------------

def stamps_of(proven):
    return [stamp["time"] for event in proven["events"]
            for stamp in event["stamps"]]


def retired_authority(tap, net, document, authority):
    """Root 3 gives it an end; root 4 takes it off."""
    publish_root(net, 3, named(authority, until=instant()))
    path = FILES.export(net, "gateway-1", document, "retired")
    proven = FILES.said(net, path)
    tap.ok(proven["stamped"] and stamps_of(proven),
           "what an authority stamped before it retired goes on to count",
           proven)
    FILES.stock(tap, net, path, "retired", ["existed before"])
    parts = FILES.parts_of(path)
    name, note = checkpoint_of(parts, "center-a", "stamped")
    time.sleep(1.1)  # a token says whole seconds
    late = f"{net.dir}/late.zip"
    FILES.write(late, with_token(parts, name, authority.token(note.encode())),
                True)
    proven = FILES.said(net, late)
    tap.ok(not proven["stamped"] and any(
        event["stamps_ended"] and not event["stamps"]
        for event in proven["events"]),
        "what it stamps afterwards proves nothing", proven)
    publish_root(net, 4, lambda body: None)
    path = FILES.export(net, "gateway-1", document, "taken-off")
    proven = FILES.said(net, path)
    tap.ok(proven["proven"] == "confirmed" and not stamps_of(proven) and
           all(event["stamps_ended"] for event in proven["events"]),
           "taken off the list, nothing of it counts, and the rest stands",
           proven)
    words = FILES.verify(net, path).stdout
    tap.ok("count no more" in words and "existed before" not in words,
           "and the words say so", words)
    FILES.stock(tap, net, path, "taken-off", ["counts no more"])


def publish_root(net, serial, change):
    roots = [f"{net.dir}/officers/root-{number}.pem" for number in (1, 2, 3)]
    more = {"previous": publish_root.newest} if serial > 2 else {}
    cms = bulletin(net, "root", serial=serial, change=change, keys=roots,
                   **more)
    publish_root.newest = sha(signed_content(cms))
    with open(f"{net.dir}/next", "wb") as file:
        file.write(cms)
    net.publish([f"{net.dir}/next"])
    for host in net.hosts:
        net.wait_for(lambda: any(
            item["type"] == "root" and item["serial"] == serial
            for item in local(net, host, "/v1/bulletins").json()
            ["bulletins"]), f"{host} has no root {serial}")


def named(authority, **more):
    """A change of the root: it names this authority."""
    return lambda body: body.update(stampers=[dict(
        {"name": "示範時戳中心",
         "certificate": base64.b64encode(authority.root.der()).decode()},
        **more)])


def name_authority(net, authority):
    publish_root(net, 2, named(authority))


def lies(tap, net, authority):
    """Whatever it answers, nothing of it is kept, and all goes on."""
    for mode, code in (("imprint", "E3602"), ("nonce", "E3602"),
                       ("signature", "E3603"), ("other", "E3603"),
                       ("expired", "E3603"), ("purpose", "E3603"),
                       ("garbage", "E3601"), ("refused", "E3601"),
                       ("status", "E6305"), ("redirect", "E6305"),
                       ("huge", "E6305")):
        before = len(net.log("center-a", 100000))
        authority.mode = mode
        net.wait_for(lambda: any(
            " event=log.stamp " in line and f"id={code}" in line
            for line in net.log("center-a", 100000)[before:].splitlines()),
            f"{mode} is not {code}")
        tap.ok(True, f"{mode} is {code}, and tried again")
    answer = local(net, "center-a", "/v1/log/stamps")
    tap.ok(answer.status == 404, "no lie was kept", answer)
    authority.mode = "good"


def wait_stamped(net):
    def is_done(host):
        with contextlib.closing(sqlite3.connect(
                f"file:{net.dir}/{host}/rows.db?mode=ro", uri=True)) as rows:
            return rows.execute("SELECT count(*) FROM checkpoint_seen"
                                " WHERE stamped IS NULL").fetchone()[0] == 0

    for host in ("gateway-1", "gateway-3"):
        net.wait_for(lambda: is_done(host), f"{host} has no time stamps")


def stamped(tap, net, path, document):
    wait_stamped(net)
    path = FILES.export(net, "gateway-1", document, "stamped")
    proven = FILES.said(net, path)
    tap.ok(proven["stamped"] and {
        stamp["authority"] for event in proven["events"]
        for stamp in event["stamps"]} == {"示範時戳中心"},
        "each receipt, of both centers, existed before a time stamp", proven)
    tap.ok(all(event["time"] <= stamp["time"] for event in proven["events"]
               for stamp in event["stamps"]),
           "which is later than the receipt", proven)
    words = FILES.verify(net, path).stdout
    tap.ok("existed before" in words and "示範時戳中心" in words,
           "and the words say before when, and by whom", words)
    FILES.stock(tap, net, path, "stamped", ["existed before"])
    return path


def with_token(parts, name, token):
    stem = name[:-len(".txt")]
    return [(part, token if part == f"{stem}.1.tst" else data)
            for part, data in parts]


def forged_stamps(tap, net, path, authority):
    parts = FILES.parts_of(path)
    name, note = checkpoint_of(parts, "center-a", "stamped")
    other = checkpoint_of(parts, "center-b", "stamped")[1]
    for signer, code, what in (
            ("other", "E3603", "by an authority that the root does not name"),
            ("expired", "E3603", "by a certificate that was not valid then"),
            ("purpose", "E3603", "by a certificate for something else")):
        attempt(tap, net, with_token(parts, name, authority.token(
            note.encode(), signer)), [code], f"a token {what} is refused")
    attempt(tap, net, with_token(parts, name, authority.token(
        other.encode())), ["E3602"],
        "a token over another checkpoint is refused")
    origin, size = note.splitlines()[0], int(note.splitlines()[1])
    leaves = TILES.leaves_of(net, "center-a", size)
    told = TILES.note(net, "center-a", origin, size, TILES.root_of(
        [TILES.leaf(b"another story")] + leaves[1:]))
    changed = with_checkpoint(parts, name, told)
    stem = name[:-len(".txt")]
    new = next(part for part, data in changed if data == told.encode())
    changed = [(new[:-len(".txt")] + ".1.tst" if part == f"{stem}.1.tst"
                else part, authority.token(told.encode())
                if part == f"{stem}.1.tst" else data)
               for part, data in changed]
    attempt(tap, net, changed, ["E3510"],
            "a token over a tree that does not have the receipt is refused")
    unsigned = re.sub("— .*", "— " + origin + " " + base64.b64encode(
        bytes(68)).decode(), note)
    changed = [(part, data) for part, data in with_checkpoint(
        parts, name, unsigned) if part != f"{stem}.1.tst"]
    at = [part for part, _ in changed].index(next(
        part for part, data in changed if data == unsigned.encode()))
    changed.insert(at + 1, (changed[at][0][:-len(".txt")] + ".1.tst",
                            authority.token(unsigned.encode())))
    attempt(tap, net, changed, ["E5021"],
            "a token over what the log did not sign is refused")
    attempt(tap, net, [item for item in parts if item[0] != f"{stem}.1.tst"],
            ["E3502"], "without its token a stamped checkpoint is refused")


STAMPED = (f"[timestamp]\nurls = {URL}\ninterval_s = 1\n"
           "[courier]\nretry_first_ms = 50\nretry_max_ms = 200\n")


def test(tap):
    with Network("others", {"center-a": STAMPED,
                            "center-b": STAMPED}) as net:
        authority = TimeAuthority(f"{net.dir}/authority")
        with authority.serving():
            name_authority(net, authority)
            authority.mode = "garbage"
            path, document = witnessed(tap, net)
            too_few(tap, net, path)
            another_story(tap, net, path)
            left_out(tap, net, path)
            lies(tap, net, authority)
            path = stamped(tap, net, path, document)
            forged_stamps(tap, net, path, authority)
            retired_authority(tap, net, document, authority)
            one_authority(tap, net)


run(tap, test)
tap.done()
