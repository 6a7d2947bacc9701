#!/usr/bin/python3
"""Goal: whoever is admitted follows a center's log by C2SP tlog-tiles, a second
implementation in Python; and a log that told two stories is proven to have
(T-LOG-09).  limit: 180"""

import base64
import hashlib
import os

from cryptography.hazmat.primitives import serialization

from by_hand import call, call_as
from network import Network, Tap, run

tap = Tap()


# ---- a follower of its own -------------------------------------------------

def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node(root_of(leaves[:split]), root_of(leaves[split:]))


def consistency(leaves, old):
    """RFC 6962 2.1.2, of the tree over these leaves."""
    def sub(old, leaves, is_whole):
        if old == len(leaves):
            return [] if is_whole else [root_of(leaves)]
        split = 1
        while split * 2 < len(leaves):
            split *= 2
        if old <= split:
            return sub(old, leaves[:split], is_whole) + [
                root_of(leaves[split:])]
        return sub(old - split, leaves[split:], False) + [
            root_of(leaves[:split])]
    return sub(old, leaves, True)


def checkpoint(net, center, host="gateway-1"):
    answer = call_as(net, host, center, "/v1/log/checkpoint")
    origin, size, root = answer.body.decode().splitlines()[:3]
    return answer.body.decode(), origin, int(size), base64.b64decode(root)


def index_name(index):
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return "/".join(groups)


def tile(net, center, level, size, index, host="gateway-1"):
    """The hashes of one tile of a log of this size."""
    width = min(256, (size >> 8 * level) - 256 * index)
    name = f"{level}/{index_name(index)}" + \
        (f".p/{width}" if width < 256 else "")
    answer = call_as(net, host, center, f"/v1/log/tile/{name}")
    assert answer.status == 200 and len(answer.body) == 32 * width, answer
    return [answer.body[at:at + 32] for at in range(0, 32 * width, 32)]


def leaves_of(net, center, size, host="gateway-1"):
    return [hash for index in range((size + 255) // 256)
            for hash in tile(net, center, 0, size, index, host)]


def note(net, center, origin, size, root):
    """Signed with the center's own key, as only it can."""
    with open(f"{net.dir}/{center}.keys/log.pem", "rb") as file:
        pem = file.read()
    key = serialization.load_pem_private_key(
        pem[pem.index(b"-----BEGIN PRIVATE KEY"):pem.index(
            b"-----END PRIVATE KEY-----") + 25] + b"\n", None)
    public = key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    key_id = hashlib.sha256(origin.encode() + b"\n\1" + public).digest()[:4]
    blob = base64.b64encode(key_id + key.sign(text.encode())).decode()
    return f"{text}\n— {origin} {blob}\n"


def conflict(proof, small, large):
    return "yizhan-log-conflict-1\n" + "".join(
        base64.b64encode(hash).decode() + "\n" for hash in proof) + \
        f"\n{small}\n{large}"


# ---- the log ---------------------------------------------------------------

def follow(tap, net):
    letters = [net.letter(["376470000A", "376530000A"], number)
               for number in range(1, 8)]
    net.wait_states(net.send(letters[0])["id"], ["opened"])
    _, origin, old_size, old_root = checkpoint(net, "center-a")
    old = leaves_of(net, "center-a", old_size)
    tap.ok(origin == "yizhan/demo/center-a/1" and root_of(old) == old_root,
           f"{old_size} leaves from tiles make the root of the checkpoint")
    for letter in letters[1:]:
        net.wait_states(net.send(letter)["id"], ["opened"])
    text, _, size, root = checkpoint(net, "center-a", "center-b")
    leaves = leaves_of(net, "center-a", size, "center-b")
    tap.ok(size > old_size and root_of(leaves) == root,
           f"{size} leaves as well, for another center")
    tap.ok(leaves[:old_size] == old, "the log has only grown")
    return text, origin, size, leaves


def many(tap, net):
    """More than one tile: a waybill with many statements does it."""
    while checkpoint(net, "center-a")[2] <= 300:
        for number in range(20):
            net.send(net.letter(["376470000A"],
                                100 + checkpoint(net, "center-a")[2] * 20
                                + number))
    _, _, size, root = checkpoint(net, "center-a")
    leaves = leaves_of(net, "center-a", size)
    tap.ok(root_of(leaves) == root, f"{size} leaves in more than one tile")
    upper = tile(net, "center-a", 1, size, 0)
    tap.ok(upper == [root_of(leaves[:256])],
           "the upper tile has the roots of the lower ones")


def entries(tap, net):
    _, _, size, _ = checkpoint(net, "center-a")
    width = min(size, 256)
    name = "000" + (f".p/{width}" if width < 256 else "")
    answer = call_as(net, "management", "center-a",
                     f"/v1/log/tile/entries/{name}")
    data, at, hashes = answer.body, 0, []
    while at < len(data):
        length = int.from_bytes(data[at:at + 2], "big")
        hashes.append(leaf(data[at + 2:at + 2 + length]))
        at += 2 + length
    tap.ok(answer.status == 200 and hashes ==
           leaves_of(net, "center-a", size)[:width],
           "entries are what the leaves are of", answer.status)
    for host in ("gateway-1", "center-b"):
        answer = call_as(net, host, "center-a",
                         f"/v1/log/tile/entries/{name}")
        tap.ok(answer.status == 403, f"they are not for {host}", answer)


def refusals(tap, net):
    for name in ("0/999", "0/000.p/256", "9/000", "0/0", "x", "0/000/../000",
                 "0/x000/000", "5/000"):
        answer = call_as(net, "gateway-1", "center-a", f"/v1/log/tile/{name}")
        tap.ok(answer.status == 404, f"no tile {name}", answer)
    answer = call(net, "center-a", "/v1/log/checkpoint",
                  address="127.0.0.99")
    tap.ok(answer.status == 403, "nor anything for who is not admitted",
           answer)
    answer = call_as(net, "gateway-3", "center-a", "/v1/log/checkpoint")
    tap.ok(answer.status == 403, "nor for another center's gateway", answer)


# ---- two stories -----------------------------------------------------------

def prove(net, text):
    path = f"{net.dir}/conflict.txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return net.command("log", "prove", path, "--bulletins",
                       f"{net.dir}/bulletins", "--root", net.root,
                       "--environment", "demo", check=False)


def two_stories(tap, net, seen, origin, size, leaves):
    told = [leaf(b"another story")] + leaves[1:]
    same = note(net, "center-a", origin, size, root_of(told))
    result = prove(net, conflict([], seen, same))
    tap.ok(result.returncode == 0 and "cannot both be" in result.stdout,
           "two trees of one size are proven", result.stderr)

    more = told + [leaf(b"more")]
    later = note(net, "center-a", origin, size + 1, root_of(more))
    proof = consistency(more, size)
    if size & (size - 1) == 0:
        proof = [root_of(told)] + proof
    result = prove(net, conflict(proof, seen, later))
    tap.ok(result.returncode == 0,
           "and a tree that does not begin with the one before",
           result.stderr)
    result = prove(net, conflict(proof[:-1], seen, later))
    tap.ok(result.returncode == 77 and "E5024" in result.stderr,
           "without its proof it proves nothing", result.stderr)

    honest = leaves + [leaf(b"more")]
    result = prove(net, conflict(
        consistency(honest, size), seen,
        note(net, "center-a", origin, size + 1, root_of(honest))))
    tap.ok(result.returncode == 77 and "E5024" in result.stderr,
           "a log that only grew is not accused", result.stderr)
    forged = same.replace(same.splitlines()[-1][-20:-10], "AAAAAAAAAA")
    result = prove(net, conflict([], seen, forged))
    tap.ok(result.returncode in (65, 77),
           "nor by a checkpoint that it did not sign", result.stderr)
    wrong = note(net, "center-b", origin, size, root_of(told))
    result = prove(net, conflict([], seen, wrong))
    tap.ok(result.returncode == 77 and "E5021" in result.stderr,
           "nor by another center's", result.stderr)
    result = prove(net, "nonsense")
    tap.ok(result.returncode == 65 and "E5023" in result.stderr,
           "nonsense is malformed", result.stderr)
    corpus = os.environ.get("CORPUS")
    if corpus:
        for name, text in (("same", conflict([], seen, same)),
                           ("later", conflict(proof, seen, later))):
            with open(f"{corpus}/{name}", "w", encoding="utf-8") as file:
                file.write(text)


def test(tap):
    with Network("tiles") as net:
        seen, origin, size, leaves = follow(tap, net)
        entries(tap, net)
        refusals(tap, net)
        two_stories(tap, net, seen, origin, size, leaves)
        many(tap, net)


run(tap, test)
tap.done()
