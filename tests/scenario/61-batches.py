#!/usr/bin/python3
"""Goal: waybills and acts that are ready together get one signature, and each
is complete by itself: accepted, relayed, opened, proven, also with stock tools;
nothing gets through under a signature that was made for something else
(docs/protocol.md 4, Batches; 9).  limit: 300"""

import collections
import concurrent.futures
import contextlib
import glob
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
import zipfile

from by_hand import (ITEM, Parts, call_as, item_parts, line, make_item,
                     sign_batch, signed_content, source_of, submit)
from network import PATIENCE_S, Network, Tap, run

tap = Tap()
evidence = source_of("34-evidence.py")
LETTERS = 24
# On a busy machine they may come so far apart all the same that none waits for
# another.
ROUNDS = 6


def rows(net, host, sql):
    path = f"{net.dir}/{host}/rows.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True,
                         timeout=PATIENCE_S) as database:
        return database.execute(sql).fetchall()


def inbox(net):
    return net.json("gateway-3", "doc", "list", "--in", "--limit",
                    "1000")["documents"]


def counts(items):
    """How many of each batch are there: {CMS: number}."""
    return collections.Counter(item_parts(item)["cms"] for item in items
                               if item.startswith(ITEM))


@contextlib.contextmanager
def held(net, *hosts):
    """What is to be signed there gathers before the module."""
    keepers = [net.roles(host)["keeper"] for host in hosts]
    for keeper in keepers:
        os.kill(keeper, signal.SIGSTOP)
    try:
        yield
    finally:
        for keeper in keepers:
            os.kill(keeper, signal.SIGCONT)


def send_at_once(net, first):
    """Their ids, once all are opened."""
    letters = [net.letter(["376470000A", "376530000A"], first + number,
                          folder=f"{net.dir}/many/{first + number}")
               for number in range(LETTERS)]
    with held(net, "gateway-2", "gateway-3"), \
            concurrent.futures.ThreadPoolExecutor(LETTERS) as pool:
        with held(net, "gateway-1"):
            sending = [pool.submit(net.send, letter) for letter in letters]
            time.sleep(1)
        documents = [sent.result()["id"] for sent in sending]
        for document in documents:
            net.wait_states(document, ["accepted", "relayed", "fetched",
                                       "opened"])
    for document in documents:
        net.wait_states(document, ["opened"])
    return documents


def many_at_once(tap, net):
    """What gateways do by themselves."""
    documents = []
    for again in range(ROUNDS):
        documents += send_at_once(net, 100 + again * LETTERS)
        sent = [row[0] for row in rows(net, "gateway-1",
                                       "SELECT cms FROM outbox_waybill")]
        acts = [row[0] for host in ("gateway-2", "gateway-3")
                for row in rows(net, host,
                                "SELECT act FROM inbox_event WHERE act IS NOT "
                                "NULL")]
        if all(max(counts(items).values(), default=0) > 1
               for items in (sent, acts)):
            break
    batched = [item for item in sent if item.startswith(ITEM)]
    tap.ok(len(sent) == len(documents), "each letter is one waybill",
           len(sent))
    tap.ok(batched and max(counts(sent).values()) > 1,
           "waybills that were ready together have one signature",
           (len(batched), len(counts(sent))))
    tap.ok(max(counts(acts).values(), default=0) > 1,
           "and acts", (len(acts), len(counts(acts))))
    received = {row[0] for row in rows(net, "gateway-3",
                                       "SELECT cms FROM inbox_part")}
    tap.ok(received == set(sent),
           "what arrives through two centers is what was signed")
    return documents, batched


def prove(tap, net, documents, batched):
    """The evidence of one whose waybill is an item."""
    ids = {json.loads(json.loads(item_parts(item)["statement"])["head"])
           ["document_id"] for item in batched}
    document = next(document for document in documents if document in ids)
    letter = next(item for item in inbox(net)
                  if item["document_id"] == document)
    net.json("gateway-3", "doc", "confirm",
             f"{letter['waybill_id']}/{letter['recipient']}")
    net.wait_for(lambda: "confirmed" in net.states(document).values(),
                 "the letter is not confirmed")
    evidence.wait_witnessed(net)
    path = evidence.export(net, "gateway-1", f"{document}/376530000A", "item")
    names = [name for name, _ in evidence.parts_of(path)]
    tap.ok("waybill.json" in names and "waybill-path.json" in names,
           "the file has the waybill and its path beside the signature",
           names)
    tap.ok(evidence.said(net, path)["proven"] == "confirmed",
           "which proves as any other")
    evidence.stock(tap, net, path, "item", ["confirmed 20"])
    good = evidence.parts_of(path)
    bad, passed = f"{net.dir}/bad.zip", []
    for index, (name, data) in enumerate(good):
        if not name.endswith(("waybill.json", "-path.json", "act.json")) or \
                name == "leaf-path.json":
            continue
        values = [b"", data[:-1], data.replace(b'"index":', b'"index":1'),
                  data.replace(b'"count":', b'"count":1'),
                  data.replace(b'"path":["', b'"path":["0'),
                  data.replace(b"demo", b"dame")]
        for value in values + [None]:
            changed = [(name, value)] if value is not None else []
            evidence.write(bad, good[:index] + changed + good[index + 1:],
                           True)
            fine, result = evidence.refused(net, bad, ["E3"])
            if not fine and value != data:
                passed.append((name, value, result.stdout[:200]))
    tap.ok(not passed, "without, or with another, it proves nothing", passed)


LIST = "META-INF/batch.sha256"
# What docs/protocol.md 3 says of a package that was unpacked.
VERIFY = """openssl cms -verify -binary -inform DER -in META-INF/signature001.p7s \\
    -content META-INF/batch.sha256 -certfile sender.pem -nointern -noverify -out /dev/null &&
sha256sum -c --ignore-missing META-INF/batch.sha256"""


def stock(folder, package, sender):
    """The package by stock tools alone."""
    os.makedirs(folder)
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    shutil.copy(sender, f"{folder}/sender.pem")
    return subprocess.run(["sh", "-c", VERIFY], cwd=folder, check=False,
                          capture_output=True, text=True, timeout=PATIENCE_S)


def packages_of(net, documents):
    """{document: its package}, and {document: list under the signature}."""
    saved = {}
    os.makedirs(f"{net.dir}/packages", exist_ok=True)
    for letter in inbox(net):
        if letter["document_id"] in documents:
            folder = f"{net.dir}/packages/{letter['waybill_id']}"
            net.command("doc", "save", "-c", net.conf("gateway-3"),
                        f"{letter['waybill_id']}/{letter['recipient']}",
                        "--to", folder, "--package")
            saved[letter["document_id"]] = os.path.join(
                folder, os.listdir(folder)[0])
    lists = {}
    for document, path in saved.items():
        with zipfile.ZipFile(path) as archive:
            if LIST in archive.namelist():
                lists[document] = archive.read(LIST)
    return saved, lists


def packages_of_one_card(tap, net, documents):
    """Letters under one signature of the organisation, and one alone."""
    documents = documents[-LETTERS:]
    for again in range(ROUNDS):
        if again > 0:
            documents = send_at_once(net, 1000 + again * LETTERS)
        saved, lists = packages_of(net, documents)
        counts = collections.Counter(lists.values())
        if max(counts.values(), default=0) > 1:
            break
    tap.ok(len(saved) == LETTERS and max(counts.values(), default=0) > 1,
           "packages that were ready together have one signature",
           (len(saved), len(lists), len(counts)))
    document = next(document for document, text in lists.items()
                    if counts[text] > 1)
    folder = f"{net.dir}/stock-package"
    result = stock(folder, saved[document],
                   f"{net.dir}/gateway-1.keys/sign.376490000A.pem")
    tap.ok(result.returncode == 0 and result.stdout.count(": OK") == 1,
           "which openssl and sha256sum check", result)
    with open(glob.glob(f"{folder}/META-INF/ASiCManifest*.xml")[0],
              "ab") as file:
        file.write(b" ")
    result = subprocess.run(["sh", "-c", VERIFY], cwd=folder, check=False,
                            capture_output=True, text=True,
                            timeout=PATIENCE_S)
    tap.ok(result.returncode != 0, "and refuse another manifest", result)


def refused(tap, name, answer, *codes):
    tap.ok(answer.status in range(400, 500) and answer.code in codes,
           f"{name}: {answer.code}", answer)


def by_hand(tap, net):
    """A second implementation, and its bindings broken one by one."""
    whole = [Parts(net, ["376470000A"], serial=number, change={
        "cms": lambda value: b""}) for number in range(1, 6)]
    texts = [line(parts.waybill) for parts in whole]
    module = f"{net.dir}/gateway-1.keys/module.pem"
    items = sign_batch(texts, module)

    def attempt(what, item, *codes, host="gateway-1", parts=whole[0]):
        parts.cms = item
        refused(tap, what, submit(net, parts, host=host), *codes)

    good = item_parts(items[0])
    attempt("another index", make_item(**{**good, "index": 1}), "E3802")
    attempt("another count", make_item(**{**good, "count": 6}), "E3802")
    attempt("a thousand and one",
            make_item(**{**good, "count": 1001}), "E3801")
    path = [good["path"][1], good["path"][0], *good["path"][2:]]
    attempt("another path", make_item(**{**good, "path": path}), "E3802")
    attempt("a path too short",
            make_item(**{**good, "path": good["path"][:-1]}), "E3802")
    attempt("a statement that is not in it",
            make_item(**{**good, "statement": texts[0].replace(
                b"normal", b"fastest")}), "E3802")
    attempt("the signature of a batch of acts",
            sign_batch(texts, module, kind="act")[0], "E3802")
    attempt("a batch of waybills that calls itself one of acts",
            sign_batch(texts, module, type="act")[0], "E3802")
    attempt("fewer than were signed",
            sign_batch(texts, module, count=4)[0], "E3802")
    attempt("another environment",
            sign_batch(texts, module, environment="production")[0], "E3411")
    attempt("an item that is cut off", items[0][:-5], "E3010", "E3801")
    attempt("signed by another module",
            sign_batch(texts, f"{net.dir}/gateway-2.keys/module.pem")[0],
            "E3403")
    attempt("handed in by another gateway", items[0], "E4003", "E4005",
            "E3120", "E4009", host="gateway-2")

    whole[0].cms = items[0]
    first = submit(net, whole[0])
    tap.ok(first.status == 201, "the item itself is accepted", first)
    again = submit(net, whole[0])
    tap.ok(again.status == 200 and again.body == first.body,
           "a repeat gets the first receipt", again)
    # The same statement twice in one batch is one waybill.
    twice = sign_batch([texts[1], texts[1], texts[2]], module)
    whole[1].cms = twice[0]
    first = submit(net, whole[1])
    whole[1].cms = twice[1]
    again = submit(net, whole[1])
    tap.ok(first.status == 201 and again.status == 200 and
           again.body == first.body,
           "a statement that is there twice is accepted once", again)
    for parts, item in zip(whole[2:], items[2:]):
        parts.cms = item
        tap.ok(submit(net, parts).status == 201, "and each of the others")
    return whole


def acts_by_hand(tap, net, whole):
    """Acts of a recipient, under the signature that fits and others."""
    ours = [parts.waybill_id for parts in whole]

    def opened():
        said = [json.loads(signed_content(row[0])) for row in rows(
            net, "gateway-2",
            "SELECT act FROM inbox_event WHERE act IS NOT NULL")]
        return {act["waybill_id"]: act for act in said
                if act["event"] == "opened"}

    net.wait_for(lambda: set(ours) <= set(opened()), "not all are opened")
    said = opened()
    acts = [line({**said[name], "event": "confirmed"}) for name in ours]
    keys = f"{net.dir}/gateway-2.keys"
    items = sign_batch(acts, f"{keys}/sign.376470000A.pem", kind="act")

    def post(item):
        return call_as(net, "gateway-2", "center-a", "/v1/acts", body=item,
                       kind="application/pkcs7-mime")

    refused(tap, "an act under a signature over waybills", post(
        sign_batch(acts, f"{keys}/sign.376470000A.pem")[0]), "E3802")
    refused(tap, "acts of another organisation's key", post(
        sign_batch(acts, f"{net.dir}/gateway-3.keys/sign.376530000A.pem",
                   kind="act")[0]), "E4027")
    good = item_parts(items[0])
    refused(tap, "an act at another's place", post(
        make_item(**{**good, "index": 1})), "E3802")
    answers = [post(item) for item in items]
    tap.ok(all(answer.status == 201 for answer in answers),
           "a person's confirmations under one signature count", answers)


def test(tap):
    with Network("batches", {"gateway-1": "[signing]\npackages = 64\n"}) as net:
        documents, batched = many_at_once(tap, net)
        packages_of_one_card(tap, net, documents)
        prove(tap, net, documents, batched)
        acts_by_hand(tap, net, by_hand(tap, net))


run(tap, test)
tap.done()
