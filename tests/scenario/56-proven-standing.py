#!/usr/bin/python3
"""Goal: what an authority said of a signer's certificate goes into the evidence
of a delivery, and nothing that it did not say passes for it (T-PKI-03).
limit: 300"""

import hashlib
import json
import os

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from by_hand import source_of
from hierarchy import URL, Certified, Hierarchy
from network import Tap, run

tap = Tap()
FILES = source_of("34-evidence.py")
SENDER, LOCAL, AWAY = "376490000A", "376470000A", "376530000A"
QUICK = ("[courier]\nretry_first_ms = 100\nretry_max_ms = 500\n"
         f"[revocation]\nurls = {URL}\ninterval_s = 1\n")
GOOD = 1


def confirmed(net, to, host, serial):
    document = net.send(net.letter([to], serial))["id"]
    net.wait_states(document, ["opened"])
    letter = next(item for item in net.inbox(host)
                  if item["document_id"] == document)
    net.json(host, "doc", "confirm",
             f"{letter['waybill_id']}/{letter['recipient']}")
    net.wait_states(document, ["confirmed"])
    return f"{document}/{to}"


def exported(net, what, name):
    """Once all answers are here."""
    def is_whole():
        if os.path.exists(f"{net.dir}/{name}.zip"):
            os.unlink(f"{net.dir}/{name}.zip")
        said = FILES.said(net, FILES.export(net, "gateway-1", what, name))
        return all(event["revocation"] is None or event["revocation"]["time"]
                   for event in said["events"])

    net.wait_for(is_whole, f"{name} lacks an answer")
    return f"{net.dir}/{name}.zip"


def standings(net, path):
    return {(event["event"], event["center"]): event["revocation"]
            for event in FILES.said(net, path)["events"]}


def goes_along(tap, net):
    letter = confirmed(net, AWAY, "gateway-3", 1)
    FILES.wait_witnessed(net, ("gateway-1",))
    path = exported(net, letter, "whole")
    found = standings(net, path)
    tap.ok(found["accepted", "center-a"]["standing"] == "good",
           "what the module's authority said stands at the acceptance", found)
    tap.ok(found["confirmed", "center-b"]["standing"] == "good" and
           found["confirmed", "center-a"] is None,
           "what the card's said at the confirmation, of another center, which "
           "used a list", found)
    names = [name for name, _ in FILES.parts_of(path)
             if name.startswith("revocation/")]
    tap.ok({name.rsplit(".")[-1] for name in names} == {"ors", "crl"},
           "as an OCSP answer and as a list", names)
    sizes = [len(data) for name, data in FILES.parts_of(path)
             if name.endswith(".crl")]
    tap.ok(len(sizes) == 1 and sizes[0] > 1024 * 1024,
           "however long the list is", sizes)
    words = FILES.verify(net, path).stdout
    tap.ok(words.count("its authority said good at") >= 2, "in words", words)
    FILES.stock(tap, net, path, "whole", [
        "good, says its authority (OCSP", "good, says its authority (CRL"])
    return path


def attempt(tap, net, parts, codes, what):
    path = f"{net.dir}/forged.zip"
    FILES.write(path, parts, True)
    fine, result = FILES.refused(net, path, codes)
    tap.ok(fine, what, result.stdout + result.stderr)


def replaced(parts, old, data, ending):
    """Another answer in its place, under the name that fits."""
    name = f"revocation/{hashlib.sha256(data).hexdigest()}.{ending}"
    return [(name, data) if part == old else (part, was)
            for part, was in parts]


def forged(tap, net, path):
    """The statement names its answer by digest, so no other fits in."""
    parts = FILES.parts_of(path)
    answer = next(name for name, _ in parts if name.endswith(".ors"))
    gca = net.hierarchy.gca
    module = net.certificates[SENDER, "module"][1]
    gca.save(module)
    attempt(tap, net, replaced(parts, answer, gca.saved, "ors"), ["E3501"],
            "another good answer is refused")
    stray = f"revocation/{hashlib.sha256(gca.saved).hexdigest()}.ors"
    attempt(tap, net, parts[:-1] + [(stray, gca.saved)] + parts[-1:],
            ["E3501"], "and one that no statement names")
    data = dict(parts)[answer]
    attempt(tap, net, [(part, data[:-1] + bytes([data[-1] ^ 1]))
                       if part == answer else (part, was)
                       for part, was in parts], ["E3501", "E3701"],
            "a changed byte is refused")
    bare = f"{net.dir}/bare.zip"
    FILES.write(bare, [item for item in parts
                       if not item[0].startswith("revocation/")], True)
    said = standings(net, bare)
    tap.ok(said["accepted", "center-a"] == {"standing": "unknown",
                                            "time": ""},
           "without them it is said that they are not here", said)


def a_lying_center(tap, net, path):
    """Whoever holds a center's keys states what it likes: an answer of another
    certificate, by the wrong signer, or one that says revoked."""
    gca = net.hierarchy.gca
    module = net.certificates[SENDER, "module"][1]

    def answer(mode, cert=module):
        request = ocsp.load_der_ocsp_request(
            ocsp.OCSPRequestBuilder().add_certificate(
                cert, gca.cert, hashes.SHA1()).build().public_bytes(
                    serialization.Encoding.DER))
        return gca.response(request, mode)

    gca.issue("someone else")
    cases = [("of another certificate", answer("other"), "E3702"),
             ("by a stranger", answer("stranger"), "E3703"),
             ("by one without the usage", answer("purpose"), "E3703")]
    gca.revoke(module, ago=3600)
    cases.append(("that says revoked", answer("good"), "E3705"))
    gca.restore(module)
    for what, data, code in cases:
        parts = restated(net, FILES.parts_of(path), data)
        attempt(tap, net, parts, [code], f"a statement that names an answer "
                f"{what} is refused")


def restated(net, parts, data):
    """The first receipt says that this answer was used, in a log of one entry
    that the center signed."""
    changed = dict(parts)
    folder = next(name.rsplit("/", 1)[0] for name in changed
                  if name.startswith("receipts/01-accepted-"))
    text = changed[f"{folder}/statement.json"].decode()
    statement = json.loads(text)
    old = statement["status"]
    text = text.replace(old, hashlib.sha256(data).hexdigest())
    tiles = source_of("36-log-tiles.py")
    leaf = tiles.leaf(changed[f"{folder}/salt.bin"] + text.encode())
    origin = changed[f"{folder}/checkpoint.txt"].decode().splitlines()[0]
    changed[f"{folder}/statement.json"] = text.encode()
    changed[f"{folder}/path.json"] = b'{"index":0,"path":[]}'
    changed[f"{folder}/checkpoint.txt"] = tiles.note(
        net, "center-a", origin, 1, leaf).encode()
    changed.pop(f"{folder}/cosigned.json", None)
    changed = list(changed.items())
    used = {json.loads(was)["checkpoint"] for name, was in changed
            if name.endswith("/cosigned.json")}
    name = f"revocation/{hashlib.sha256(data).hexdigest()}.ors"
    return [(name, data) if part == f"revocation/{old}.ors" else (part, was)
            for part, was in changed
            if not part.startswith("checkpoints/") or part in used]


def proven(tap):
    hierarchy = Hierarchy()
    hierarchy.xca.padding = 60000  # more than a mebibyte
    cards = {SENDER: {"module": {"only": "ocsp"}},
             AWAY: {"sign": {"by": "xca", "only": "crl"}}}
    with hierarchy.serving():
        with Certified("proven", {host: QUICK for host in (
                "center-a", "center-b")}, hierarchy, cards) as net:
            net.wait_standing("center-a", SENDER, GOOD, "module")
            net.wait_standing("center-b", AWAY, GOOD)
            path = goes_along(tap, net)
            forged(tap, net, path)
            a_lying_center(tap, net, path)


run(tap, proven)
tap.done()
