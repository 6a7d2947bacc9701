#!/usr/bin/python3
"""Goal: a letter under way opens although its seal key was renewed, lost or
inherited, and nobody else can open it: the sender's module makes another key
part for whom its own directory names, and nothing else is taken.  limit: 300"""

import base64
import hashlib
import json
import os
import re
import sqlite3

from by_hand import Parts, bulletin, call_as, der_of, instant, line, local, \
    openssl, seal, sha, sign, signed_content, submit
from network import Network, Refused, Tap, rows_of, run

tap = Tap()
SENDER, PREDECESSOR, RECIPIENT = "376490000A", "376470000A", "376530000A"
QUICK = "[courier]\nretry_first_ms = 200\nretry_max_ms = 1000\n"


class Trust:
    """The directory and its keys, published one serial after the other."""

    def __init__(self, net):
        self.net = net
        self.serial = 1
        path = next(name for name in os.listdir(f"{net.dir}/bulletins")
                    if name.endswith("-directory"))
        with open(f"{net.dir}/bulletins/{path}", "rb") as file:
            text = signed_content(file.read())
        self.body = json.loads(text)["body"]
        self.previous = sha(text)

    def organisation(self, code):
        return next(item for item in self.body["organisations"]
                    if item["code"] == code)

    def seals(self, code, **states):
        """Its seal keys, by the name of the file: retiring, active ..."""
        org = self.organisation(code)
        org["keys"] = [key for key in org["keys"] if key["use"] != "seal"] + [
            {"use": "seal", "state": state,
             "not_after": instant(90 * 86400),
             "certificate": base64.b64encode(
                 der_of(f"{self.net.dir}/{name}.pem")).decode()}
            for name, state in states.items()]

    def publish(self, hosts):
        self.serial += 1
        cms = bulletin(self.net, "directory", serial=self.serial,
                       previous=self.previous, body=self.body)
        self.previous = sha(signed_content(cms))
        path = f"{self.net.dir}/directory-{self.serial}"
        with open(path, "wb") as file:
            file.write(cms)
        self.net.publish([path])
        for host in hosts:
            self.net.wait_for(
                lambda: f'"type":"directory","name":"","serial":{self.serial}'
                in local(self.net, host, "/v1/bulletins").body.decode(),
                f"{host} has not directory {self.serial}")


def new_key(net, name):
    """A seal key of its own, as a gateway makes one."""
    path = f"{net.dir}/{name}.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256",
            "-subj", f"/CN={name}", "-days", "100", "-addext",
            "keyUsage=critical,keyEncipherment", "-keyout", path + ".key",
            "-out", path + ".crt")
    with open(path, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        for part in (".key", ".crt"):
            with open(path + part, "rb") as half:
                file.write(half.read())


def hold(net, host, code, *names):
    """The gateway has these seal keys and no others."""
    with open(net.conf(host), encoding="utf-8") as file:
        text = re.sub(r"key\.seal\.\S+ *=.*\n", "", file.read())
    keys = "".join(f"key.seal.{code}{'.' + str(n) if n else ''} = "
                   f"file:{net.dir}/{name}.pem\n"
                   for n, name in enumerate(names))
    with open(net.conf(host), "w", encoding="utf-8") as file:
        file.write(text.replace("[keeper]\n", "[keeper]\n" + keys))


def events(net, document, host="gateway-1"):
    return [[event["event"] for event in item["events"]]
            for item in net.outbox(document, host)["deliveries"]]


def proven(net, host, what, name):
    path = f"{net.dir}/{name}.zip"
    net.command("evidence", "export", what, "--to", path, "-c", net.conf(host))
    return json.loads(net.command(
        "evidence", "verify", path, "--root", net.root, "--environment",
        "demo", "--json").stdout)


# -- lost, renewed ------------------------------------------------------------

def a_lost_key(tap, net, trust):
    net.stop("gateway-3")
    document = net.send(net.letter([RECIPIENT], 1))["id"]
    net.wait_states(document, ["relayed"])
    net.kill("gateway-1")
    hold(net, "gateway-3", RECIPIENT, "key-2")
    trust.seals(RECIPIENT, **{f"gateway-3.keys/seal.{RECIPIENT}": "revoked",
                              "key-2": "active"})
    trust.publish(["center-a", "center-b"])
    net.kill("center-b")
    net.start("center-b")
    net.start("gateway-3")
    net.start("gateway-1")
    net.wait_states(document, ["opened"])
    said = events(net, document)[0]
    tap.ok({"rewrap", "rewrapped", "opened"} <= set(said),
           "a letter for a lost key opens with another key part", said)
    letter = net.inbox("gateway-3")[0]
    name = f"{letter['waybill_id']}/{letter['recipient']}"
    net.json("gateway-3", "doc", "confirm", name)
    net.wait_states(document, ["confirmed"])
    net.wait_receipts("gateway-3")
    for host, what in (("gateway-1", f"{document}/{RECIPIENT}"),
                       ("gateway-3", name)):
        tap.ok(proven(net, host, what, f"lost-{host}")["proven"] ==
               "confirmed", f"the evidence of {host} proves it")


def a_renewed_key(tap, net, trust):
    net.stop("gateway-3")
    document = net.send(net.letter([RECIPIENT], 2))["id"]
    net.wait_states(document, ["relayed"])
    hold(net, "gateway-3", RECIPIENT, "key-2", "key-3")
    trust.seals(RECIPIENT, **{"key-2": "retiring", "key-3": "active"})
    trust.publish(["center-a", "center-b", "gateway-1"])
    net.start("gateway-3")
    net.wait_states(document, ["opened"])
    tap.ok("rewrap" not in events(net, document)[0],
           "what is held still opens, and nothing is asked for",
           events(net, document))
    document = net.send(net.letter([RECIPIENT], 3))["id"]
    net.wait_states(document, ["opened"])
    tap.ok("rewrap" not in events(net, document)[0],
           "and so does a letter for the new key")


def a_key_that_only_the_gateway_misses(tap, net, trust):
    net.stop("gateway-3")
    document = net.send(net.letter([RECIPIENT], 4))["id"]
    net.wait_states(document, ["relayed"])
    hold(net, "gateway-3", RECIPIENT, "key-4")
    net.start("gateway-3")
    net.wait_for(lambda: net.states(document)[RECIPIENT] == "fetched" and
                 "rewrap" in net.outbox(document)["deliveries"][0]["flags"],
                 "the module has not asked")
    tap.ok("rewrapped" not in events(net, document)[0],
           "a module asks; the sender has no other key in its directory yet")
    trust.seals(RECIPIENT, **{"key-3": "retiring", "key-4": "active"})
    trust.publish(["center-a", "center-b", "gateway-1"])
    net.wait_states(document, ["opened"])
    tap.ok("rewrapped" in events(net, document)[0] and
           net.outbox(document)["deliveries"][0]["flags"] == [],
           "with the next directory the letter opens")


# -- forged -------------------------------------------------------------------

def addendum(net, trust, parts, key, module="gateway-1", **members):
    """(addendum, key part) of the first recipient for a seal key."""
    part = seal(line({
        "format": "yizhan-key-1", "head": sha(parts.head),
        "recipient": parts.recipients[0], "key": parts.key.hex(),
        "random": parts.random.hex(), "package": parts.digest}),
        f"{net.dir}/{key}.pem")
    leaf = line({"format": "yizhan-leaf-1", "recipient": parts.recipients[0],
                 "center": "center-b", "seal": sha(der_of(
                     f"{net.dir}/{key}.pem")), "key_part": sha(part)})
    said = {"format": "yizhan-rewrap-1", "environment": "demo",
            "waybill": sha(line(parts.waybill)),
            "waybill_id": parts.waybill_id,
            "recipient": parts.recipients[0],
            "receiver": parts.recipients[0],
            "old": hashlib.sha256(b"\0" + parts.leaves[0]).hexdigest(),
            "leaf": leaf.decode(), "directory": trust.serial,
            "time": instant()}
    said.update(members)
    return sign(line(said), f"{net.dir}/{module}.keys/module.pem"), part


def post(net, made, host="center-a", to="center-b"):
    body = line({"addendum": base64.b64encode(made[0]).decode(),
                 "key_part": base64.b64encode(made[1]).decode()})
    return call_as(net, host, to, "/v1/rewraps", body=body,
                   kind="application/json")


def the_wrong_one_is_not_let_in(tap, net, trust):
    net.stop("gateway-3")
    parts = Parts(net, [RECIPIENT], serial=5, change={
        "leaf": lambda leaf: {**leaf, "seal": sha(der_of(
            f"{net.dir}/key-4.pem"))}})
    other = Parts(net, [RECIPIENT], serial=6, change={
        "leaf": lambda leaf: {**leaf, "seal": sha(der_of(
            f"{net.dir}/key-4.pem"))}})
    for one in (parts, other):
        answer = submit(net, one)
        tap.ok(answer.status == 201, "a letter made by hand is accepted",
               answer)
    net.wait_for(lambda: waybills(net) >= 2, "not relayed")
    early = post(net, addendum(net, trust, parts, "key-4"))
    tap.ok(early.code == "E4102", "unasked: E4102", early)

    trust.seals(RECIPIENT, **{"key-4": "revoked", "key-5": "active"})
    trust.publish(["center-a", "center-b", "gateway-1"])
    net.wait_for(lambda: marked(net) == 2, "not marked")
    good = addendum(net, trust, parts, "key-5")
    mine = sha(der_of(f"{net.dir}/key-evil.pem"))
    wrong = [
        ("a key that nobody registered", "E4021",
         addendum(net, trust, parts, "key-evil"), {}),
        ("the sender's own key", "E4021",
         addendum(net, trust, parts, f"gateway-1.keys/seal.{SENDER}"), {}),
        ("the key that was revoked", "E4021",
         addendum(net, trust, parts, "key-4"), {}),
        ("another receiver", "E4021",
         addendum(net, trust, parts, "key-5", receiver=SENDER), {}),
        ("another organisation's module", "E4009",
         addendum(net, trust, parts, "key-5", module="gateway-2"), {}),
        ("the recipient's own module", "E4009",
         addendum(net, trust, parts, "key-5", module="gateway-3"), {}),
        ("the leaf of another waybill", "E4032",
         addendum(net, trust, parts, "key-5", old=hashlib.sha256(
             b"\0" + other.leaves[0]).hexdigest()), {}),
        ("a waybill that is not here", "E4032",
         addendum(net, trust, parts, "key-5", waybill="0" * 63 + "1"), {}),
        ("the id of another waybill", "E4032",
         addendum(net, trust, parts, "key-5", waybill_id=other.waybill_id),
         {}),
        ("a recipient that the waybill has not", "E3107",
         addendum(net, trust, parts, "key-5", recipient=SENDER), {}),
        ("another environment", "E3411",
         addendum(net, trust, parts, "key-5", environment="production"), {}),
        ("a directory that is not here yet", "E4061",
         addendum(net, trust, parts, "key-5", directory=trust.serial + 1),
         {}),
        ("another key part than the addendum's", "E3123",
         (good[0], addendum(net, trust, parts, "key-5")[1]), {}),
        ("a signature with one bit changed", "",
         (good[0][:-1] + bytes([good[0][-1] ^ 1]), good[1]), {}),
        ("a host that is not the sender's center", "E4003", good,
         {"host": "gateway-3"}),
    ]
    for name, code, made, options in wrong:
        answer = post(net, made, **options)
        tap.ok(answer.status >= 400 and answer.code.startswith(code),
               f"refused: {name} {code}", answer)
    tap.ok(marked(net) == 2, "and the deliveries wait as before")
    tap.ok(post(net, good).status == 200, "the right one is taken")
    tap.ok(post(net, good).status == 200, "and a repeat of it as well")
    older = post(net, addendum(net, trust, parts, "key-5",
                               directory=trust.serial - 1))
    tap.ok(older.code == "E4060", "an older one after it: E4060", older)

    # A center that lies: the gateway judges for itself.
    bad = addendum(net, trust, other, "key-5", module="gateway-2")
    net.stop("center-b")
    with rows_of(f"{net.dir}/center-b/rows.db") as rows:
        delivery, = rows.execute(
            "SELECT delivery.id FROM delivery JOIN waybill"
            " ON waybill.id = waybill WHERE digest = ?",
            (bytes.fromhex(sha(line(other.waybill))),)).fetchone()
        rows.execute(
            "UPDATE rewrap SET serial = ?, seal = ?, receiver = ?,"
            " addendum = ?, key_part = ? WHERE delivery = ?",
            (trust.serial, bytes.fromhex(mine), RECIPIENT, bad[0], bad[1],
             delivery))
    net.start("center-b")
    hold(net, "gateway-3", RECIPIENT, "key-5")
    net.start("gateway-3")
    net.wait_for(lambda: state_in(net, parts) == "opened",
                 "the good one is not opened")
    tap.ok(True, "made by hand from docs/protocol.md, it opens")
    net.wait_for(lambda: "E4009" in net.log("gateway-3", 400),
                 "gateway-3 has not refused")
    tap.ok(state_in(net, other) != "opened",
           "what its center let in wrongly, the gateway does not")


def count(net, where):
    """Deliveries at center-b, while it runs."""
    rows = sqlite3.connect(f"file:{net.dir}/center-b/rows.db?mode=ro",
                           uri=True, timeout=20)
    try:
        return rows.execute("SELECT count(*) FROM delivery WHERE " + where
                            ).fetchone()[0]
    finally:
        rows.close()


def waybills(net):
    return count(net, "state = 2")


def marked(net):
    return count(net, "state < 4 AND flags & 128")


def state_in(net, parts):
    return next((letter["state"] for letter in net.inbox("gateway-3")
                 if letter["waybill_id"] == parts.waybill_id), "")


# -- inherited ----------------------------------------------------------------

def a_successor(tap, net, trust):
    net.stop("gateway-2")
    document = net.send(net.letter([PREDECESSOR], 7, sender=RECIPIENT),
                        host="gateway-3")["id"]
    net.wait_states(document, ["relayed"], host="gateway-3")
    trust.organisation(PREDECESSOR).update(status="dissolved",
                                           successor=SENDER)
    trust.publish(["center-a", "center-b", "gateway-1", "gateway-3"])
    net.wait_states(document, ["opened"], host="gateway-3")
    letter = next(item for item in net.inbox("gateway-1")
                  if item["recipient"] == PREDECESSOR)
    tap.ok(True, "the successor opens it, and reads for whom it was")
    name = f"{letter['waybill_id']}/{PREDECESSOR}"
    net.json("gateway-1", "doc", "confirm", name)
    net.wait_states(document, ["confirmed"], host="gateway-3")
    net.wait_receipts("gateway-1")
    for host, what in (("gateway-3", f"{document}/{PREDECESSOR}"),
                       ("gateway-1", name)):
        tap.ok(proven(net, host, what, f"heir-{host}")["proven"] ==
               "confirmed", f"the evidence of {host} proves it")
    net.start("gateway-2")
    net.wait_for(lambda: net.is_ready("gateway-2"), "gateway-2 not ready")
    tap.ok(net.inbox("gateway-2") == [], "its predecessor has it not")
    try:
        net.send(net.letter([PREDECESSOR], 8, sender=RECIPIENT),
                 host="gateway-3")
        tap.ok(False, "nothing new is sent to who is dissolved")
    except Refused as refused:
        tap.ok("E4014" in refused.output and SENDER in refused.output,
               "nothing new is sent to who is dissolved, whose successor is "
               "named", refused.output)


# -- another gateway at the same center ----------------------------------------

def access(net):
    def change(body):
        for host in body["hosts"]:
            host["codes"] = {"gateway-1": [SENDER, PREDECESSOR],
                             "gateway-2": []}[host["name"]]
    path = f"{net.dir}/access-2"
    with open(path, "wb") as file:
        file.write(bulletin(net, "access", "center-a", serial=2,
                            change=change))
    net.publish([path])


def another_host(tap, net, trust):
    """With its key files: nothing has to be rewrapped."""
    org = trust.organisation(PREDECESSOR)
    org.update(status="active", successor="")
    trust.publish(["center-a", "center-b", "gateway-3"])
    net.stop("gateway-2")
    document = net.send(net.letter([PREDECESSOR], 10, sender=RECIPIENT),
                        host="gateway-3")["id"]
    net.wait_states(document, ["relayed"], host="gateway-3")
    net.stop("gateway-1")
    with open(net.conf("gateway-1"), "a", encoding="utf-8") as file:
        file.write("[keeper]\n" + "".join(
            f"key.{use}.{PREDECESSOR} = "
            f"file:{net.dir}/gateway-2.keys/{use}.{PREDECESSOR}.pem\n"
            for use in ("seal", "sign")))
    org["host"] = "gateway-1"
    next(key for key in org["keys"] if key["use"] == "module")[
        "certificate"] = base64.b64encode(der_of(
            f"{net.dir}/gateway-1.keys/module.pem")).decode()
    access(net)
    trust.publish(["center-a", "center-b", "gateway-3"])
    net.start("gateway-1")
    net.wait_states(document, ["opened"], host="gateway-3")
    tap.ok("rewrap" not in events(net, document, "gateway-3")[0],
           "what is queued follows to the organisation's new gateway")


# -- and a sender that stays silent -------------------------------------------

def a_silent_sender(tap, net, trust):
    net.stop("gateway-3")
    document = net.send(net.letter([RECIPIENT], 9))["id"]
    net.wait_states(document, ["relayed"])
    net.stop("gateway-1")
    for host in ("center-a", "center-b"):
        net.stop(host)
        with open(f"{net.dir}/{host}.conf.d/test.conf", "a",
                  encoding="utf-8") as file:
            file.write("[limits]\nrewrap_s = 1\n")
        net.start(host)
    trust.seals(RECIPIENT, **{"key-5": "revoked"})
    trust.publish(["center-a", "center-b"])
    net.wait_for(lambda: count(net, "state = 6") > 0, "not returned")
    net.start("gateway-1")
    net.wait_states(document, ["returned"])
    delivery = net.outbox(document)["deliveries"][0]
    said = delivery["events"][-1]
    tap.ok(delivery["reason"] == "key" and said["signer"] == "center",
           "without a key part in time the center returns it: key", delivery)
    result = proven(net, "gateway-1", f"{document}/{RECIPIENT}", "silent")
    tap.ok(result["proven"] == "returned" and result["signer"] == "center",
           "the evidence says whose word that is", result)


def all_of_it(tap):
    with Network("rewrap", QUICK) as net:
        trust = Trust(net)
        for number in ("2", "3", "4", "5", "evil"):
            new_key(net, f"key-{number}")
        a_lost_key(tap, net, trust)
        a_renewed_key(tap, net, trust)
        a_key_that_only_the_gateway_misses(tap, net, trust)
        the_wrong_one_is_not_let_in(tap, net, trust)
        a_successor(tap, net, trust)
        another_host(tap, net, trust)
        a_silent_sender(tap, net, trust)


run(tap, all_of_it)
tap.done()
