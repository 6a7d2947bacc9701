#!/usr/bin/python3
"""Goal: a delivery ends as protocol 3 says, the same everywhere: withdrawn if
the recipient has not fetched it, changed to paper, expired at its deadline;
who comes too late is told so, and the first logged transition wins.
limit: 240"""

import collections
import hashlib
import os
import signal
import sqlite3
import threading
import time

from by_hand import Parts, call_as, instant, line, sha, sign, submit
from network import Network, Refused, Tap, pdf, run

tap = Tap()
LOCAL, AWAY = "376470000A", "376530000A"
FAST = "[courier]\nretry_first_ms = 100\nretry_max_ms = 1000\n"
LIFETIME_S = 5


def refused(net, *args, host="gateway-1"):
    try:
        net.json(host, *args)
    except Refused as failure:
        return failure.code
    return ""


def delivery(net, document, host="gateway-1"):
    return net.outbox(document, host)["deliveries"][0]


def has_letter(net, host, document):
    return any(item["document_id"] == document for item in net.inbox(host))


def verify(net, document):
    """Every receipt of the letter, without any host."""
    folder = f"{net.dir}/receipts-{document}"
    os.makedirs(folder)
    net.command("receipt", "save", document, "--to", folder, "-c",
                net.conf("gateway-1"))
    net.command("receipt", "verify",
                *[f"{folder}/{name}" for name in os.listdir(folder)],
                "--bulletins", f"{net.dir}/bulletins", "--root", net.root,
                "--environment", "demo")


def evidence(net, document):
    """What its evidence says, without any host."""
    path = f"{net.dir}/{document}.zip"
    net.command("evidence", "export", document, "--to", path, "-c",
                net.conf("gateway-1"))
    return net.command("evidence", "verify", path, "--root", net.root,
                       "--environment", "demo").stdout


def withdrawn_before_it_was_fetched(net):
    for code, host, state in ((LOCAL, "gateway-2", "accepted"),
                              (AWAY, "gateway-3", "relayed")):
        net.stop(host)
        document = net.send(net.letter([code], int(code[:6])))["id"]
        net.wait_states(document, [state])
        net.json("gateway-1", "doc", "withdraw", document)
        net.wait_states(document, ["withdrawn"])
        again = net.json("gateway-1", "doc", "withdraw", document, code)
        tap.ok(again["deliveries"][0]["state"] == "withdrawn",
               f"withdrawn while {host} was down, once and for all")
        verify(net, document)
        said = evidence(net, document)
        tap.ok("signed by the sender's crypto module" in said and
               "the sender withdrew it" in said,
               "its receipts and its evidence say who withdrew it", said)
        net.start(host)
        later = net.send(net.letter([code], int(code[:6]) + 1))["id"]
        net.wait_states(later, ["opened"])
        tap.ok(not has_letter(net, host, document) and
               has_letter(net, host, later),
               f"{host} gets the next letter, and never the withdrawn one")


def withdrawn_while_the_center_is_down(net):
    """The other center decides: the act waits for it, also over a restart."""
    net.stop("gateway-3")
    net.stop("center-b")
    document = net.send(net.letter([AWAY], 31))["id"]
    net.wait_states(document, ["accepted"])
    net.json("gateway-1", "doc", "withdraw", document)
    tap.ok(delivery(net, document)["flags"] == ["withdrawing"],
           "shown as being withdrawn", delivery(net, document))
    net.kill("gateway-1")
    net.kill("center-a")
    net.start("center-a")
    net.start("gateway-1")
    net.start("center-b")
    net.wait_states(document, ["withdrawn"])
    net.start("gateway-3")
    tap.ok(delivery(net, document)["flags"] == [],
           "withdrawn when the center is back", delivery(net, document))


def too_late(net):
    document = net.send(net.letter([LOCAL], 41))["id"]
    net.wait_states(document, ["opened"])
    tap.ok(refused(net, "doc", "withdraw", document) == "E4102",
           "what was opened cannot be withdrawn")
    net.json("gateway-1", "doc", "paper", document)
    tap.ok(delivery(net, document)["flags"] == ["paper_copy"] and
           delivery(net, document)["state"] == "opened",
           "paper is then a copy", delivery(net, document))
    net.json("gateway-2", "doc", "confirm", net.inbox("gateway-2")[0]
             ["waybill_id"] + "/" + LOCAL)
    net.wait_states(document, ["confirmed"])
    tap.ok(refused(net, "doc", "paper", document) == "",
           "asking for paper again changes nothing")
    tap.ok(refused(net, "doc", "withdraw", document, "376530000A") == "E4208",
           "a recipient of another letter is none of this one")


def reviewed(net):
    """What ended badly is on the work list until somebody looked at it."""
    document = net.send(net.letter([LOCAL], 45))["id"]
    net.wait_states(document, ["opened"])
    entry = next(item for item in net.inbox("gateway-2")
                 if item["document_id"] == document)
    net.json("gateway-2", "doc", "return",
             f"{entry['waybill_id']}/{LOCAL}", "--reason", "misdirected")
    net.wait_states(document, ["returned"])
    found = net.json("gateway-1", "doc", "review")["deliveries"]
    tap.ok([(item["document_id"], item["state"], item["reason"])
            for item in found] == [(document, "returned", "misdirected")],
           "the review lists what was returned, and nothing else", found)
    name = f"{document}/{LOCAL}"
    tap.ok(refused(net, "doc", "review", "--by", "王小明", "--action", "sleep",
                   name) == "E6204", "only with what is done about it")
    tap.ok(refused(net, "doc", "review", "--by", "王小明", "--action",
                   "resend", name, f"{document}/{AWAY}") == "E4208" and
           net.json("gateway-1", "doc", "review")["deliveries"] == found,
           "all of them or none")
    net.kill("gateway-1")
    net.start("gateway-1")
    net.json("gateway-1", "doc", "review", "--by", "王小明", "--action",
             "resend", "--note", "改送彰化市公所", name)
    tap.ok(net.json("gateway-1", "doc", "review")["deliveries"] == [],
           "somebody looked at it: it is off the list")


def resent(net):
    """A resend names the letter that it replaces, on both sides (art. 7-6)."""
    first = net.send(net.letter([LOCAL], 46))["id"]
    net.wait_states(first, ["opened"])
    paths = net.letter([LOCAL], 46, folder=f"{net.dir}/letters/46-again")
    text = open(paths[0], encoding="utf-8").read()
    with open(paths[0], "w", encoding="utf-8") as file:
        file.write(text.replace(
            '<!NOTATION DI', '<!ENTITY 文書訊息表單 SYSTEM "letter.dm" NDATA DM>\n'
            '<!NOTATION DM SYSTEM "">\n<!NOTATION DI', 1).replace(
                "請查照", "請惠予查照"))
    paths.append(os.path.dirname(paths[0]) + "/letter.dm")
    with open(paths[-1], "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n'
                   '<!DOCTYPE 文書訊息表單 SYSTEM "104_DM_utf8.dtd">\n'
                   '<文書訊息表單><文書訊息代碼 代碼="1"/>'
                   "<訊息備註>更正主旨</訊息備註></文書訊息表單>\n")
    again = net.send(paths)
    net.wait_states(again["id"], ["opened"])
    tap.ok((again["message"], again["earlier"]) == (1, first) and
           net.outbox(first)["earlier"] == "",
           "the sender sees which letter a resend replaces", again)
    entry = next(item for item in net.inbox("gateway-2")
                 if item["document_id"] == again["id"])
    tap.ok((entry["message"], entry["earlier"]) == (1, first),
           "and so does the recipient", entry)


def by_another_hand(net):
    """Nobody but the sender's module withdraws, from its own host or through
    its own center."""
    parts = Parts(net, [LOCAL, AWAY], serial=90)
    net.stop("gateway-2")
    net.stop("gateway-3")
    tap.ok(submit(net, parts).status == 201, "two deliveries by hand")
    gateway_2 = f"{net.dir}/gateway-2.keys"

    def act(index, code, key, **change):
        leaf = hashlib.sha256(b"\0" + parts.leaves[index]).hexdigest()
        return sign(line({
            "format": "yizhan-act-1", "environment": "demo",
            "event": "withdrawn", "waybill": sha(line(parts.waybill)),
            "waybill_id": parts.waybill_id, "leaf": leaf,
            "content": sha(parts.content), "recipient": code, "package": "",
            "reason": "", "time": instant(), **change}), key)

    own = f"{parts.keys}/module.pem"
    good = act(0, LOCAL, own)
    for name, host, cms, codes in (
            ("another host with the sender's act", "gateway-2", good,
             ("E4003",)),
            ("another module", "gateway-1",
             act(0, LOCAL, f"{gateway_2}/module.pem"), ("E4027",)),
            ("the organisation's key", "gateway-1",
             act(0, LOCAL, f"{parts.keys}/sign.376490000A.pem"), ("E4027",)),
            ("the leaf of the other recipient", "gateway-1",
             act(1, LOCAL, own), ("E4032",)),
            ("another content part", "gateway-1",
             act(0, LOCAL, own, content=sha(b"x")), ("E4032",)),
            ("another environment", "gateway-1",
             act(0, LOCAL, own, environment="production"),
             ("E3411", "E4004")),
            ("with a package", "gateway-1",
             act(0, LOCAL, own, package=sha(b"x")), ("E3104",))):
        answer = call_as(net, host, "center-a", "/v1/acts", body=cms,
                         kind="application/pkcs7-mime")
        tap.ok(answer.status >= 400 and answer.code in codes,
               f"{name} withdraws nothing", answer)
    first = call_as(net, "gateway-1", "center-a", "/v1/acts", body=good,
                    kind="application/pkcs7-mime")
    again = call_as(net, "gateway-1", "center-a", "/v1/acts", body=good,
                    kind="application/pkcs7-mime")
    tap.ok(first.status == 201 and again.status == 200 and
           first.body == again.body, "its own module does, and a repeat gets "
           "the first receipt", (first, again))
    net.start("gateway-2")
    net.start("gateway-3")


def paper(net):
    net.stop("gateway-2")
    document = net.send(net.letter([LOCAL], 51))["id"]
    net.json("gateway-1", "doc", "paper", document)
    net.wait_states(document, ["paper"])
    net.start("gateway-2")
    tap.ok(True, "changed to paper before it was fetched")


def contents(net, host):
    """How many letters it has fetched, as far as it has to sign for that."""
    with open(f"{net.dir}/{host}.log", encoding="utf-8",
              errors="replace") as file:
        return file.read().count("event=letter.content")


def race(net, host, number, first):
    """One is withdrawn while the recipient fetches it: neither side can sign
    before its keeper goes on.  `first`: who does."""
    ours, theirs = (net.roles(one)["keeper"] for one in ("gateway-1", host))
    code = {"gateway-2": LOCAL, "gateway-3": AWAY}[host]
    count, said = contents(net, host), []
    try:
        os.kill(theirs, signal.SIGSTOP)
        document = net.send(net.letter([code], number))["id"]
        net.wait_for(lambda: contents(net, host) > count,
                     f"{host} does not fetch it")
        os.kill(ours, signal.SIGSTOP)
        asking = threading.Thread(target=lambda: said.append(
            refused(net, "doc", "withdraw", document)))
        asking.start()
        one, other = (ours, theirs) if "withdrawal" in first else (theirs, ours)
        os.kill(one, signal.SIGCONT)
        if not first.startswith("either"):
            net.wait_states(document, ["withdrawn" if one == ours
                                       else "opened"])
        os.kill(other, signal.SIGCONT)
        asking.join()
        net.wait_states(document, ["withdrawn", "opened"])
    finally:
        for keeper in (ours, theirs):
            os.kill(keeper, signal.SIGCONT)
    return document, said[0]


def the_first_transition_wins(net):
    """Withdrawing while the recipient fetches: both sides agree in the end."""
    found = []
    for number, code in ((58, LOCAL), (59, AWAY)):
        # Just started, a host asks its keeper for more than to sign.
        first = net.send(net.letter([code], number))["id"]
        net.wait_states(first, ["opened"])
    for number in range(12):
        host = ("gateway-2", "gateway-3")[number % 2]
        first = ("withdrawal", "opening", "either, withdrawal",
                 "either, opening")[number // 2 % 4]
        document, code = race(net, host, 60 + number, first)
        found.append((host, document, delivery(net, document)["state"], code))
    for host, code in (("gateway-2", LOCAL), ("gateway-3", AWAY)):
        # What it does behind them, it does when they have ended.
        last = net.send(net.letter([code], 72 + int(host[-1])))["id"]
        net.wait_states(last, ["opened"])
    ends = collections.Counter(state for _, _, state, _ in found)
    tap.ok(ends["withdrawn"] >= 4 and ends["opened"] >= 4,
           f"12 races, and both sides win some: {dict(ends)}", found)
    tap.ok(all(has_letter(net, host, document) == (state == "opened") and
               (code == "" or state == "opened")
               for host, document, state, code in found),
           "sender and recipient agree on each", found)


def expired(net):
    """By the clock of who decides: here, there, and when a relay comes late."""
    net.stop("gateway-2")
    net.stop("gateway-3")
    local = net.send_in_time(LOCAL, range(1000, 1100), "accepted")
    away = net.send_in_time(AWAY, range(1100, 1200), "relayed")
    net.stop("center-b")
    unreached = net.send_in_time(AWAY, range(1200, 1300), "accepted")
    net.wait_states(local, ["expired"])
    tap.ok(True, "expired at the one center of both")
    time.sleep(LIFETIME_S + 0.5)
    tap.ok(delivery(net, unreached)["state"] == "accepted",
           "what the other center may have is not ours to decide",
           delivery(net, unreached))
    net.start("center-b")
    net.wait_states(away, ["expired"])
    tap.ok(True, "expired at the recipient's center")
    net.wait_states(unreached, ["expired"])
    tap.ok(True, "a relay that came too late expires at the sender's center")
    for document in (local, away, unreached):
        verify(net, document)
    tap.ok(True, "the receipts of all three verify")
    net.start("gateway-2")
    net.start("gateway-3")
    net.stop("gateway-1")
    os.unlink(f"{net.dir}/gateway-1.conf.d/test.conf")
    net.start("gateway-1")
    last = net.send(net.letter([LOCAL, AWAY], 81))["id"]
    net.wait_states(last, ["opened"])
    tap.ok(all([item["document_id"] for item in net.inbox(host)] == [last]
               for host in ("gateway-2", "gateway-3")),
           "none of them is handed out afterwards")
    tap.ok(refused(net, "doc", "withdraw", local) == "E4102",
           "and none can be withdrawn")


def payloads(net, host):
    """Bytes of content that the host's rows name."""
    rows = sqlite3.connect(f"file:{net.dir}/{host}/rows.db?mode=ro", uri=True)
    return rows.execute("SELECT count(*), coalesce(sum(length), 0) FROM payload"
                        ).fetchone()


def retained(net):
    """Content leaves after the time that is set, and evidence stays."""
    document = net.send(net.letter([LOCAL, AWAY], 95,
                                   {"a.pdf": pdf(300000)}))["id"]
    net.wait_states(document, ["opened"])
    before = {host: payloads(net, host) for host in ("center-a", "center-b")}
    for host, code in (("gateway-2", LOCAL), ("gateway-3", AWAY)):
        tap.ok(before[{LOCAL: "center-a", AWAY: "center-b"}[code]][0] == 1,
               "the content stays while a recipient has not signed", before)
        entry = net.inbox(host)[0]
        net.json(host, "doc", "confirm", f"{entry['waybill_id']}/{code}")
    net.wait_states(document, ["confirmed"])
    for host in ("center-a", "center-b"):
        net.wait_for(lambda: payloads(net, host)[0] == 0,
                     f"{host} keeps the content")
    tap.ok(True, "both centers remove the content after its time")
    kept = payloads(net, "gateway-1")
    net.wait_for(lambda: payloads(net, "gateway-1")[1] < 400000,
                 f"the sender keeps the content part: {kept}")
    tap.ok(payloads(net, "gateway-1")[1] > 300000,
           "the sender's gateway too, and keeps the files as they came")
    verify(net, document)
    tap.ok(True, "the receipts verify as before")
    package = net.json("gateway-2", "doc", "show",
                       net.inbox("gateway-2")[0]["waybill_id"])
    tap.ok(len(package["files"]) == 3, "the recipient has its letter")
    again = net.send(net.letter([LOCAL], 96, {"a.pdf": pdf(300000)}))["id"]
    net.wait_states(again, ["opened"])
    tap.ok(True, "and the next letter uses the room")


def ends(tap):
    with Network("ends", FAST) as net:
        withdrawn_before_it_was_fetched(net)
        withdrawn_while_the_center_is_down(net)
        too_late(net)
        reviewed(net)
        resent(net)
        by_another_hand(net)
        paper(net)
        the_first_transition_wins(net)
    with Network("expiry", {
            "gateway-1": FAST + f"[limits]\nlifetime_s = {LIFETIME_S}\n",
            "center-a": FAST, "center-b": FAST}) as net:
        expired(net)
    with Network("retention", FAST + "[retention]\ncontent_s = 1\n") as net:
        retained(net)


run(tap, ends)
tap.done()
