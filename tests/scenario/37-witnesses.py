#!/usr/bin/python3
"""Goal: centers and management cosign each log, and a log that tells two
stories, or was put back, is noticed and proven (T-LOG-09).  limit: 240"""

import base64
import glob
import hashlib
import json
import shutil
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from by_hand import call_as, local, signed_content, source_of
from network import Network, Tap, run

tap = Tap()


TILES = source_of("36-log-tiles.py")
GATEWAY = {"center-a": "gateway-1", "center-b": "gateway-3"}


def witnesses(net):
    path = glob.glob(f"{net.dir}/bulletins/*-root")[0]
    with open(path, "rb") as file:
        body = json.loads(signed_content(file.read()))["body"]
    return {f"yizhan/demo/witness/{item['name']}": bytes.fromhex(item["key"])
            for item in body["witnesses"]}, body["quorum"]


def cosigners(net, note):
    """Whose cosignatures hold, in a second implementation."""
    keys, _ = witnesses(net)
    text, lines = note.split("\n\n", 1)
    found = set()
    for line in lines.splitlines():
        name, blob = line[2:].split(" ")
        if name not in keys:
            continue
        data = base64.b64decode(blob)
        time = struct.unpack(">Q", data[4:12])[0]
        wanted = hashlib.sha256(name.encode() + b"\n\4" + keys[name])
        assert data[:4] == wanted.digest()[:4]
        Ed25519PublicKey.from_public_bytes(keys[name]).verify(
            data[12:], f"cosignature/v1\ntime {time}\n{text}\n".encode())
        found.add(name.rsplit("/", 1)[1])
    return found


def cosigned(net, center):
    answer = call_as(net, GATEWAY[center], center, "/v1/log/cosigned")
    if answer.status != 200:
        return None, 0
    return answer.body.decode(), int(answer.body.decode().splitlines()[1])


def send(net, number):
    net.wait_states(net.send(net.letter(["376470000A", "376530000A"],
                                        number))["id"], ["opened"])


def wait_logged(net, host, event, since=0):
    net.wait_for(lambda: net.has_logged(host, f"event={event} ", since=since)
                 or net.has_logged(host, f'doing="{event}"', since=since),
                 f"{host} has not logged {event}")


def wait_cosigned(net, center):
    """All of its log."""
    net.wait_for(lambda: cosigned(net, center)[1] ==
                 TILES.checkpoint(net, center, GATEWAY[center])[2],
                 f"{center} is not cosigned")


def all_cosign(tap, net):
    send(net, 1)
    for center, others in (("center-a", {"center-b", "management"}),
                           ("center-b", {"center-a", "management"})):
        wait_cosigned(net, center)
        note, _ = cosigned(net, center)
        tap.ok(cosigners(net, note) == others,
               f"{center} is cosigned by {sorted(others)}", note)

        def is_told():
            health = local(net, center, "/v1/health").json()
            state = [item for item in health["checks"]
                     if item["name"] == "witnesses"][0]
            return state["state"] == "ok" and \
                "cosigned, quorum 2" in state["text"]
        net.wait_for(is_told, f"{center} does not say that it is cosigned")
        tap.ok(True, "and says so")
    send(net, 2)
    size = TILES.checkpoint(net, "center-a")[2]
    net.wait_for(lambda: cosigned(net, "center-a")[1] >= size,
                 "what came later is not cosigned")
    tap.ok(True, "and so is what came later")


def ask(net, host, to, old, proof, note):
    body = f"old {old}\n" + "".join(
        base64.b64encode(hash).decode() + "\n" for hash in proof) + \
        f"\n{note}"
    return call_as(net, host, to, "/v1/witness/add-checkpoint",
                   body=body.encode(), kind="text/plain")


def requests_by_hand(tap, net):
    note, origin, size, _ = TILES.checkpoint(net, "center-a")
    leaves = TILES.leaves_of(net, "center-a", size)
    wait_cosigned(net, "center-a")
    answer = ask(net, "center-a", "center-b", size, [], note)
    tap.ok(answer.status == 200 and
           cosigners(net, note + answer.body.decode()) == {"center-b"},
           "asked again it cosigns again", answer)
    answer = ask(net, "center-a", "center-b", 0, [], TILES.note(
        net, "center-a", origin, size + 1,
        TILES.root_of(leaves + [TILES.leaf(b"x")])))
    tap.ok(answer.status == 409 and answer.body == f"{size}\n".encode(),
           "a proof from elsewhere: it tells its size", answer)
    answer = ask(net, "center-b", "center-a", size, [], note)
    tap.ok(answer.status == 403 and answer.code == "E5026",
           "nobody submits another's log", answer)
    answer = ask(net, "gateway-1", "center-a", size, [], note)
    tap.ok(answer.status == 403, "nor does a gateway", answer)
    for body in (b"", b"old x\n\n" + note.encode(), b"old 1\nAAAA\n\nx\n",
                 b"old 1\n", b"old 01\n\n" + note.encode(), b"x" * 20000):
        answer = call_as(net, "center-a", "center-b",
                         "/v1/witness/add-checkpoint", body=body,
                         kind="text/plain")
        tap.ok(answer.status in (400, 413, 422), f"{body[:12]!r} is refused",
               answer)
    forged = TILES.note(net, "center-b", origin, size + 1, leaves[0])
    answer = ask(net, "center-a", "center-b", size, [], forged)
    tap.ok(answer.status == 403 and answer.code == "E5021",
           "what the log did not sign is refused", answer)
    return origin, size, leaves


def prove(net, proof):
    path = f"{net.dir}/conflict.txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write(proof)
    return net.command("log", "prove", path, "--bulletins",
                       f"{net.dir}/bulletins", "--root", net.root,
                       "--environment", "demo", check=False)


def conflicts(net, host):
    return net.json(host, "log", "conflicts")["conflicts"]


def two_stories(tap, net, origin, size, leaves):
    told = [TILES.leaf(b"another story")] + leaves[1:]
    more = told + [TILES.leaf(b"more"), TILES.leaf(b"and more")]
    answer = ask(net, "center-a", "center-b", size, [], TILES.note(
        net, "center-a", origin, size, TILES.root_of(told)))
    tap.ok(answer.status == 403 and answer.code == "E5022",
           "another tree of the same size is not cosigned", answer)
    proof = TILES.consistency(more, size)
    if size & (size - 1) == 0:
        proof = [TILES.root_of(told)] + proof
    answer = ask(net, "center-a", "management", size, proof, TILES.note(
        net, "center-a", origin, size + 2, TILES.root_of(more)))
    tap.ok(answer.status == 403 and answer.code == "E5022",
           "nor a tree that begins otherwise", answer)
    for host in ("center-b", "management"):
        wait_logged(net, host, "log.conflict")
        tap.ok(True, f"{host} raises an alarm")
        net.wait_for(lambda: conflicts(net, host),
                     f"{host} keeps no proof")
        kept = conflicts(net, host)
        tap.ok(len(kept) == 1 and kept[0]["origin"] == origin,
               "and keeps the proof", kept)
        proven = prove(net, kept[0]["proof"])
        tap.ok(proven.returncode == 0 and origin in proven.stdout,
               "which anybody can check", proven.stderr)
    text = net.command("log", "conflicts", "-c", net.conf("center-b")).stdout
    tap.ok(text.count("yizhan-log-conflict-1\n") == 1 and prove(
        net, text).returncode == 0, "and which the command prints", text)
    answer = ask(net, "center-a", "center-b", size, [leaves[0]], TILES.note(
        net, "center-a", origin, size + 2, TILES.root_of(more)))
    wait_logged(net, "center-b", "log.unproven")
    tap.ok(answer.status == 403, "without proof it is an alarm all the same",
           answer)
    tap.ok(len(local(net, "center-b", "/v1/conflicts").json()["conflicts"])
           == 1, "but no proof is made up")
    before = cosigned(net, "center-a")[1]
    send(net, 3)
    net.wait_for(lambda: cosigned(net, "center-a")[1] > before,
                 "the true log is cosigned no more")
    tap.ok(True, "the true story goes on and is cosigned")


def without_quorum(tap, net):
    wait_cosigned(net, "center-a")
    net.stop("management")
    before = cosigned(net, "center-a")[1]
    since = net.lines("center-a")
    send(net, 4)
    wait_logged(net, "center-a", "log.unwitnessed", since)
    tap.ok(cosigned(net, "center-a")[1] == before,
           "with one authority of two there is no quorum")
    net.start("management")
    net.wait_for(lambda: net.is_ready("management"), "management")
    net.stop("center-a")
    net.start("center-a")
    net.wait_for(lambda: cosigned(net, "center-a")[1] > before,
                 "it stays unwitnessed")
    tap.ok(True, "when both are back it is cosigned again")


def put_back(tap, net):
    """An old copy of the data: the witnesses know better."""
    net.stop("center-a")
    shutil.copytree(f"{net.dir}/center-a", f"{net.dir}/old")
    net.start("center-a")
    send(net, 5)
    wait_cosigned(net, "center-a")
    net.stop("center-a")
    shutil.rmtree(f"{net.dir}/center-a")
    shutil.move(f"{net.dir}/old", f"{net.dir}/center-a")
    since = net.lines("center-a")
    net.start("center-a")
    net.wait_logged("center-a", "E5027", since=since)
    tap.ok(True, "a log that was put back hears of it from its witnesses")


def test(tap):
    with Network("witnesses") as net:
        all_cosign(tap, net)
        origin, size, leaves = requests_by_hand(tap, net)
        two_stories(tap, net, origin, size, leaves)
        without_quorum(tap, net)
        put_back(tap, net)


run(tap, test)
tap.done()
