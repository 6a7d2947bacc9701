#!/usr/bin/python3
"""Goal: what others than the center say of its log goes into the evidence of a
delivery, and nothing that they did not say passes for it (T-LOG-09).
limit: 300"""

import base64
import hashlib
import json
import re
import struct

from cryptography.hazmat.primitives import serialization

from by_hand import bulletin, local, source_of
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
        elif part.endswith("/cosigned.json") and old.encode() in data:
            value = json.loads(data)
            value["checkpoint"] = name
            if proof is not None:
                value["proof"] = proof
            data = json.dumps(value, separators=(",", ":")).encode()
        changed.append((part, data))
    return changed


def checkpoint_of(parts, center):
    return next((name, data.decode()) for name, data in parts
                if name.startswith(f"checkpoints/{center}-"))


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
    return path


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

    roots = [f"{net.dir}/officers/root-{number}.pem" for number in (1, 2, 3)]
    with open(f"{net.dir}/next", "wb") as file:
        file.write(bulletin(net, "root", change=change, keys=roots))
    net.publish([f"{net.dir}/next"])
    for host in net.hosts:
        net.wait_for(lambda: any(
            item["type"] == "root" and item["serial"] == 2
            for item in local(net, host, "/v1/bulletins").json()
            ["bulletins"]), f"{host} has no second root")
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


def test(tap):
    with Network("others") as net:
        path = witnessed(tap, net)
        too_few(tap, net, path)
        another_story(tap, net, path)
        left_out(tap, net, path)
        one_authority(tap, net)


run(tap, test)
tap.done()
