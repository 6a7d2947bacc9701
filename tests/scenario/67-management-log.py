#!/usr/bin/python3
"""Goal: nobody is shown another directory than the others unnoticed.  Every
bulletin is an entry of management's log; what enlarges power takes effect only
under a checkpoint that the witnesses cosigned, what reduces it without; and a
management that goes back, or tells two stories, gets no cosignature and is
proven (T-LOG-09).  limit: 120"""

import base64
import json
import os
import time

from by_hand import BUNDLE, bulletin, bundle, call_as, instant, line, local, \
    sha, sign, signed_content, source_of
from network import HOSTS, Network, Refused, Tap, rows_of, run

tap = Tap()
TILES = source_of("36-log-tiles.py")
ORIGIN = "yizhan/demo/management/1"
TYPES = ["root", "directory", "network", "access", "timestamp"]
VICTIM = "376490000A"


def held(net, host, kind):
    said = json.loads(local(net, host, "/v1/bulletins").body)
    return next((item["serial"] for item in said["bulletins"]
                 if item["type"] == kind), 0)


def save(net, name, cms):
    path = f"{net.dir}/{name}"
    with open(path, "wb") as file:
        file.write(cms)
    return path


def entries(net):
    """[(hash, statement)] of management's log."""
    with rows_of(f"{net.dir}/management/rows.db") as rows:
        return rows.execute("SELECT hash, statement FROM leaf"
                            " ORDER BY position").fetchall()


# -- the log -----------------------------------------------------------------

def logged(tap, net):
    published = [json.loads(text) for _, text in entries(net)]
    published = {(item["type"], item["name"], item["serial"]): item["sha256"]
                 for item in published
                 if item["format"] == "yizhan-published-1"}
    made = []
    for name in sorted(os.listdir(f"{net.dir}/bulletins")):
        with open(f"{net.dir}/bulletins/{name}", "rb") as file:
            text = signed_content(file.read())
        value = json.loads(text)
        made.append(published.get((value["type"], value["name"],
                                   value["serial"])) == sha(text))
    tap.ok(len(made) == 5 and all(made),
           "every bulletin is an entry of management's log", published)
    net.wait_logged("management", "event=log.cosigned")

    def state():
        health = local(net, "management", "/v1/health").json()["checks"]
        return [item for item in health if item["name"] == "witnesses"][0]
    # There may be newer entries that they have not seen yet.
    net.wait_for(lambda: state()["state"] == "ok" and
                 "cosigned, quorum 2" in state()["text"],
                 "management does not say so")
    tap.ok(True, "which the witnesses cosign, and management says so")


def audited(tap, net):
    """As a center's: every record, hash and checkpoint."""
    result = net.command("log", "audit", "-c", net.conf("management"),
                         check=False)
    tap.ok(result.returncode == 0, "management's log audits clean",
           result.stdout + result.stderr)


def effective(tap, net):
    cms = bulletin(net, "directory", change=lambda body: body[
        "organisations"][0].update(name="改名"))
    started = time.monotonic()
    net.publish([save(net, "directory-2", cms)])
    for host in HOSTS:
        net.wait_for(lambda: held(net, host, "directory") == 2,
                     f"{host} has not directory 2")
    tap.note(f"at every host after {time.monotonic() - started:.2f} s")
    tap.ok(True, "a directory takes effect everywhere once it is cosigned")
    with rows_of(f"{net.dir}/gateway-1/rows.db") as rows:
        receipt, = rows.execute("SELECT receipt FROM bulletin WHERE type = 1"
                                " AND serial = 2").fetchone()
    receipt = json.loads(receipt)
    statement = json.loads(receipt["statement"])
    leaf = TILES.leaf(bytes.fromhex(receipt["salt"]) +
                      receipt["statement"].encode())
    size, root = receipt["checkpoint"].splitlines()[1:3]
    tap.ok(statement["sha256"] == sha(signed_content(cms)) and
           climb(leaf, receipt["index"], int(size), receipt["path"]) ==
           base64.b64decode(root),
           "and the last gateway holds the proof", receipt)
    return cms


def climb(leaf, index, size, path):
    """RFC 9162 2.1.3.2."""
    last, node = size - 1, leaf
    for text in path:
        other = bytes.fromhex(text)
        if index & 1 or index == last:
            node = TILES.node(other, node)
            while index & 1 == 0 and index:
                index, last = index >> 1, last >> 1
        else:
            node = TILES.node(node, other)
        index, last = index >> 1, last >> 1
    return node


def left_out(tap, net):
    """Nobody gets rid of the witnesses by naming no log."""
    def without(body):
        for member in ("log", "origin"):
            body["management"][0].pop(member)
    try:
        net.publish([save(net, "network-2", bulletin(net, "network",
                                                     change=without))])
        tap.ok(False, "a network without management's log is taken")
    except Refused as why:
        tap.ok(why.code == "E3613",
               "a network bulletin cannot leave management's log out", why)


# -- without witnesses -------------------------------------------------------

def hold(net):
    return {"case": "H-1", "subject": "organisation", "name": VICTIM,
            "direction": "sending", "ground": 0, "stops_queued": False,
            "reason": "試驗", "from": instant(-1), "until": instant(3600)}


def without_quorum(tap, net, before):
    net.stop("center-b")
    text = signed_content(before)
    cms = bulletin(net, "directory", serial=3, previous=sha(text))
    net.publish([save(net, "directory-3", cms)])
    measure = bulletin_of(net, "hold", {"holds": [hold(net)]})
    net.publish([save(net, "hold-1", measure)])
    net.wait_for(lambda: held(net, "gateway-1", "hold") == 1,
                 "the hold does not take effect")
    tap.ok(True, "a hold takes effect without the witnesses")
    tap.ok(held(net, "management", "directory") == 3 and
           held(net, "center-a", "directory") == 2,
           "a directory waits for the quorum", held(net, "center-a",
                                                    "directory"))
    net.start("center-b")
    for host in HOSTS:
        net.wait_for(lambda: held(net, host, "directory") == 3,
                     f"{host} has not directory 3")
    tap.ok(True, "and comes when there is one")
    return cms


def bulletin_of(net, kind, body):
    value = {"format": "yizhan-bulletin-1", "environment": "demo",
             "type": kind, "name": "", "serial": 1, "issued": instant(-1),
             "expires": instant(3600), "previous": "", "body": body}
    return sign(line(value), f"{net.dir}/officers/officer-1.pem")


# -- a stolen management host ------------------------------------------------

def path_of(leaves, index):
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return path_of(leaves[:split], index) + [TILES.root_of(leaves[split:])]
    return path_of(leaves[split:], index - split) + [
        TILES.root_of(leaves[:split])]


def newest_timestamp(net):
    with rows_of(f"{net.dir}/management/rows.db") as rows:
        cms, = rows.execute("SELECT cms FROM bulletin WHERE type = 4"
                            " ORDER BY serial DESC LIMIT 1").fetchone()
    return json.loads(signed_content(cms))


def timestamp(net, change):
    value = newest_timestamp(net)
    value.update(serial=value["serial"] + 1, issued=instant(-1),
                 previous="0" * 63 + "1")
    change(value["body"]["newest"])
    return sign(line(value), f"{net.dir}/management.keys/timestamp.pem"), value


def request(net, cms, value, old, with_timestamp=True):
    """As management makes it, with its own keys."""
    salt = os.urandom(32)
    statement = line({
        "format": "yizhan-published-1", "environment": "demo",
        "type": "timestamp", "name": "", "serial": value["serial"],
        "sha256": sha(signed_content(cms)), "time": instant()})
    leaves = [hash for hash, _ in entries(net)] + [
        TILES.leaf(salt + statement)]
    note = TILES.note(net, "management", ORIGIN, len(leaves),
                      TILES.root_of(leaves))
    proof = TILES.consistency(leaves, old) if old else []
    add = f"old {old}\n" + "".join(
        base64.b64encode(hash).decode() + "\n" for hash in proof) + f"\n{note}"
    if not with_timestamp:
        return add.encode(), "text/plain"
    receipt = line({
        "format": "yizhan-receipt-1", "statement": statement.decode(),
        "salt": salt.hex(), "index": len(leaves) - 1,
        "path": [hash.hex() for hash in path_of(leaves, len(leaves) - 1)],
        "checkpoint": note})
    return bundle(("V", add.encode()), ("R", receipt), ("B", cms)), BUNDLE


def ask(net, center, cms, value, with_timestamp=True):
    answer = None
    for old in (0, None):
        if old is None:
            if answer.status != 409 or not answer.body.strip().isdigit():
                break
            old = int(answer.body)
        body, kind = request(net, cms, value, old, with_timestamp)
        answer = call_as(net, "management", center,
                         "/v1/witness/add-checkpoint", body=body, kind=kind)
    return answer


def set_item(kind, **members):
    def change(newest):
        next(item for item in newest if item["type"] == kind).update(members)
    return change


def proofs(net, host):
    return local(net, host, "/v1/conflicts").json()["conflicts"]


def stolen(tap, net):
    net.stop("management")
    cms, value = timestamp(net, set_item("directory", serial=1,
                                         sha256="1" * 64))
    answer = ask(net, "center-a", cms, value, with_timestamp=False)
    tap.ok(answer.code == "E3612",
           "a checkpoint that ends without timestamp is not cosigned", answer)
    answer = ask(net, "center-a", cms, value)
    tap.ok(answer.code == "E3614",
           "nor one that names an older directory", answer)
    cms, value = timestamp(net, set_item("directory", sha256="2" * 64))
    answer = ask(net, "center-b", cms, value)
    tap.ok(answer.code == "E3615",
           "nor one that names another directory of that serial", answer)
    cms, value = timestamp(net, lambda newest: newest.clear())
    answer = ask(net, "center-b", cms, value)
    tap.ok(answer.code == "E3614", "nor one that leaves it out", answer)
    for host, count in (("center-a", 1), ("center-b", 2)):
        kept = proofs(net, host)
        tap.ok(len(kept) == count and net.has_logged(host, "log.conflict"),
               f"{host} raises an alarm and keeps the proof", kept)
        for number, item in enumerate(kept):
            path = save(net, f"proof-{host}-{number}",
                        item["proof"].encode())
            result = net.command(
                "log", "prove", path, "--bulletins", f"{net.dir}/bulletins",
                "--root", net.root, "--environment", "demo", check=False)
            tap.ok(result.returncode == 0, "which anybody can check",
                   result.stderr)
    cms, value = timestamp(net, lambda newest: None)
    answer = ask(net, "center-a", cms, value)
    tap.ok(answer.status == 200,
           "what goes on is cosigned, so the tests can fail", answer)


# -- what nobody cosigned ----------------------------------------------------

def put_row(net, host, kind, serial, cms):
    with rows_of(f"{net.dir}/{host}/rows.db") as rows:
        rows.execute(
            "INSERT INTO bulletin (type, name, serial, issued, expires,"
            " digest, cms, needs, receipt, fresh)"
            " VALUES (?, '', ?, 0, 0, ?, ?, 0, x'', 0)",
            (TYPES.index(kind), serial, bytes(32), cms))


def shown_to_one(tap, net, last):
    """Two officers sign a second directory, for one center alone."""
    other = bulletin(net, "directory", serial=4,
                     previous=sha(signed_content(last)),
                     change=lambda body: body["organisations"].pop())
    put_row(net, "center-a", "directory", 4, other)
    with open(f"{net.dir}/gateway-1.log", encoding="utf-8") as file:
        since = len(file.read())
    net.stop("gateway-1")
    net.start("gateway-1")

    def refused():
        with open(f"{net.dir}/gateway-1.log", encoding="utf-8") as file:
            return any("id=E3611" in text and "directory" in text
                       for text in file.read()[since:].splitlines())
    # What it lacks is told to it at once.
    with rows_of(f"{net.dir}/gateway-1/rows.db") as rows:
        rows.execute("DELETE FROM bulletin WHERE type = 4")
    net.stop("gateway-1")
    net.start("gateway-1")
    net.wait_for(refused, "the other directory is not refused")
    tap.ok(held(net, "gateway-1", "directory") == 3,
           "a directory that nobody cosigned is refused, whoever signed it")


def test(tap):
    with Network("log", "[courier]\nretry_max_ms = 2000\n") as net:
        logged(tap, net)
        second = effective(tap, net)
        left_out(tap, net)
        audited(tap, net)
        third = without_quorum(tap, net, second)
        stolen(tap, net)
        shown_to_one(tap, net, third)


run(tap, test)
tap.done()
