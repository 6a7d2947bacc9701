#!/usr/bin/python3
"""Goal: what a host believes comes from the officers alone.  Bulletins that are
tampered with, signed by too few or the wrong, of another environment, older,
or of a serial that exists are refused by management, and by every host when
its upstream lies; a suspended sender is refused within 5 s; trust that grew old
is graded, and letters go on while management is down.  limit: 150"""

import contextlib
import json
import sqlite3
import subprocess
import time

from by_hand import (Parts, bulletin, line, sha, sign, signed_content,
                     submit)
from network import HOSTS, PROMPT_S, Network, Refused, Tap, rows_of, run

tap = Tap()
TYPES = ["root", "directory", "network", "access", "timestamp"]
SENDER = "376490000A"


def held(net, host):
    """{(type, name): serial}, and the grade."""
    result = subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "--unix-socket",
         f"{net.dir}/{host}/control.sock", "http://host/v1/bulletins"],
        capture_output=True, check=True)
    said = json.loads(result.stdout)
    return {(item["type"], item["name"]): item["serial"]
            for item in said["bulletins"]}, said["grade"]


def publish(net, *objects):
    paths = []
    for number, cms in enumerate(objects):
        paths.append(f"{net.dir}/published-{number}")
        with open(paths[-1], "wb") as file:
            file.write(cms)
    return net.publish(paths)


def wait_serial(net, kind, serial, hosts=HOSTS, name=""):
    for host in hosts:
        net.wait_for(lambda: held(net, host)[0].get((kind, name)) == serial,
                     f"{host} has not {kind} {serial}")


def letter_goes(tap, net, number, name):
    document = net.send(net.letter(["376470000A", "376530000A"],
                                   number))["id"]
    net.wait_states(document, ["opened"])
    tap.ok(True, name)


def organisation(code, **members):
    def change(body):
        next(item for item in body["organisations"]
             if item["code"] == code).update(members)
    return change


def flipped(cms, at):
    return cms[:at] + bytes([cms[at] ^ 1]) + cms[at + 1:]


# -- what management is asked to publish --------------------------------------

def bad_bulletins(net):
    """[(name, bulletin, ids that may refuse it)]; the directory is at 1."""
    officer = f"{net.dir}/officers/officer-1.pem"
    roots = [f"{net.dir}/officers/root-{number}.pem" for number in (1, 2)]
    host = f"{net.dir}/gateway-1.keys/sign.{SENDER}.pem"
    stamp = f"{net.dir}/management.keys/timestamp.pem"
    good = bulletin(net, "directory")
    place = good.index("彰化".encode())

    def no_officers(body):
        body["roles"]["directory"]["threshold"] = 1
    return [
        ("content with one bit changed", flipped(good, place), "E7002"),
        ("a signature with one bit changed", flipped(good, len(good) - 1),
         "E7002"),
        ("what is no bulletin", b"hello", "E7001 E7002"),
        ("JSON without signature", signed_content(good), "E7001 E7002"),
        ("one officer of two", bulletin(net, "directory", keys=[officer]),
         "E7003"),
        ("an officer and a stranger",
         bulletin(net, "directory", keys=[officer, host]), "E7003"),
        ("root keys for a directory", bulletin(net, "directory", keys=roots),
         "E7003"),
        ("the timestamp key for a directory",
         bulletin(net, "directory", keys=[stamp]), "E7003"),
        ("an organisation's key", bulletin(net, "directory", keys=[host]),
         "E7003"),
        ("officers for a root", bulletin(net, "root", change=no_officers),
         "E7003"),
        ("one root key for a root",
         bulletin(net, "root", change=no_officers, keys=roots[:1]), "E7003"),
        ("another environment",
         bulletin(net, "directory", environment="production"), "E7008"),
        ("the same serial with other content (equivocation)",
         bulletin(net, "directory", serial=1, previous="",
                  change=organisation(SENDER, name="x")), "E7007"),
        ("a predecessor that is another one",
         bulletin(net, "directory", previous="0" * 63 + "1"), "E7005"),
        ("issued tomorrow",
         bulletin(net, "directory", issued="2126-01-01T00:00:00.000Z",
                  expires="2126-01-02T00:00:00.000Z"), "E7010"),
        ("an access list of no center",
         bulletin(net, "access", "center-a", name="center-z"), "E7003"),
    ]


def refused_by_management(tap, net):
    before = held(net, "management")[0]
    for name, cms, codes in bad_bulletins(net):
        try:
            publish(net, cms)
            tap.ok(False, f"management refuses {name}")
        except Refused as refused:
            tap.ok(refused.code in codes.split(),
                   f"management refuses {name}: {refused.code}", refused)
    try:
        publish(net, bulletin(net, "network", keys=[
            f"{net.dir}/officers/officer-2.pem"]), bulletin(net, "directory"))
        tap.ok(False, "what follows a bad one is not taken")
    except Refused as refused:
        tap.ok(refused.code == "E7003", "what follows a bad one is not taken",
               refused)
    after = held(net, "management")[0]
    for item in (before, after):
        item.pop(("timestamp", ""))
    tap.ok(before == after, "and nothing was taken", after)
    alarms = [text for text in net.log("management", 0).splitlines()
              if "bulletin.refused" in text and "id=E7007" in text]
    tap.ok(alarms and "level=error" in alarms[0],
           "two bulletins of one serial are an alarm", alarms)


def suspension(tap, net):
    """2 suspends the sender, 3 takes it back; 2 does not come again."""
    gone = bulletin(net, "directory",
                    change=organisation(SENDER, status="suspended"))
    started = time.monotonic()
    publish(net, gone)
    answer, seconds = None, 0.0
    # Those that were sent in time count, however long their answer took.
    while seconds < PROMPT_S and (answer is None or answer.code != "E4010"):
        parts = Parts(net, ["376470000A"], serial=10)
        seconds = time.monotonic() - started
        answer = submit(net, parts)
    tap.ok(answer.code == "E4010",
           f"a suspended sender is refused after {seconds:.2f} s", answer)
    wait_serial(net, "directory", 2)
    back = bulletin(net, "directory", serial=3,
                    previous=sha(signed_content(gone)))
    publish(net, back)
    wait_serial(net, "directory", 3)
    letter_goes(tap, net, 11, "and sends again when it is active again")
    try:
        publish(net, gone)
        tap.ok(False, "an older directory is refused")
    except Refused as refused:
        tap.ok(refused.code == "E7006",
               "an older directory is refused (rollback)", refused)
    return back


# -- a host above that lies ---------------------------------------------------

def put_row(net, host, kind, serial, cms, name="", fresh=0):
    """What an intruder can do to a host above: change its store."""
    with rows_of(f"{net.dir}/{host}/rows.db") as rows:
        rows.execute(
            "INSERT OR REPLACE INTO bulletin (type, name, serial, issued,"
            " expires, digest, cms, needs, receipt, fresh)"
            " VALUES (?, ?, ?, 0, 0, ?, ?, 0, x'', ?)",
            (TYPES.index(kind), name, serial, bytes(32), cms, fresh))


def drop_rows(net, host, serial):
    with rows_of(f"{net.dir}/{host}/rows.db") as rows:
        rows.execute("DELETE FROM bulletin WHERE serial >= ?", (serial,))


def refusals(net, host, since):
    with open(f"{net.dir}/{host}.log", encoding="utf-8") as file:
        return [text for text in file.read()[since:].splitlines()
                if "bulletin.refused" in text]


def restart(net, *hosts, lost=None):
    """Who lost something meanwhile is told at once, not with the next news."""
    for host in hosts:
        net.stop(host)
        if lost:
            with rows_of(f"{net.dir}/{host}/rows.db") as rows:
                rows.execute("DELETE FROM bulletin WHERE type = ?",
                             (TYPES.index(lost),))
    for host in hosts:
        net.start(host)


def lies(net):
    """[(what the hosts lost, [(type, serial, bulletin, name, refused by)])]"""
    officer = [f"{net.dir}/officers/officer-1.pem"]
    stamp = f"{net.dir}/management.keys/timestamp.pem"
    good = bulletin(net, "directory", serial=90)
    other = line({
        "format": "yizhan-bulletin-1", "environment": "demo",
        "type": "timestamp", "name": "", "serial": 9000,
        "issued": "2026-01-01T00:00:00.000Z",
        "expires": "2126-01-01T00:00:00.000Z", "previous": "0" * 63 + "1",
        "body": {"newest": [{"type": "directory", "name": "", "serial": 1,
                             "sha256": "0" * 64}]}})
    return [
        ("timestamp", [
            ("directory", 90, flipped(good, good.index("彰化".encode())), "",
             "E7002"),
            ("network", 90, bulletin(net, "network", serial=90, keys=officer),
             "", "E7003"),
            ("access", 90, bulletin(net, "access", "center-a", serial=90,
                                    environment="production"), "center-z",
             "E7008"),
            ("timestamp", 9000, sign(other, officer[0]), "", "E7003")]),
        ("timestamp", [
            ("directory", 90, bulletin(net, "directory"), "", "E7006"),
            ("network", 90, bulletin(
                net, "network", serial=1, previous="",
                change=lambda body: body["centers"].pop()), "", "E7007")]),
        ("network", [
            ("timestamp", 9000, sign(other, stamp), "", "E7006 E7009")]),
    ]


def believed(net, host):
    serials = held(net, host)[0]
    serials.pop(("timestamp", ""), None)
    return serials


def refused_by_host(tap, net, host, liar, since, lie):
    kind, _, _, _, codes = lie

    def seen():
        return any(f"id={code}" in text and (kind in text or code == "E7002")
                   for text in refusals(net, host, since)
                   for code in codes.split())
    name = f"{host} refuses a {kind} of {liar}: {codes}"
    try:
        net.wait_for(seen, "not refused")
        tap.ok(True, name)
    except RuntimeError:
        tap.ok(False, name, "\n".join(refusals(net, host, since)[:8]))


def refused_by_hosts(tap, net, liar, hosts):
    before = {host: believed(net, host) for host in hosts}
    for lost, told in lies(net):
        for kind, serial, cms, name, _ in told:
            put_row(net, liar, kind, serial, cms, name)
        sizes = {}
        for host in hosts:
            with open(f"{net.dir}/{host}.log", encoding="utf-8") as file:
                sizes[host] = len(file.read())
        restart(net, *hosts, lost=lost)
        for host in hosts:
            for lie in told:
                refused_by_host(tap, net, host, liar, sizes[host], lie)
            net.wait_for(lambda: net.is_ready(host), f"{host} not ready")
            # What it lost comes again.
            net.wait_for(lambda: len(believed(net, host)) >=
                         len(before[host]), f"{host} has not all again")
            tap.ok(believed(net, host) == before[host],
                   f"{host} believes what it believed", believed(net, host))
        drop_rows(net, liar, 90)
    letter_goes(tap, net, 100 + HOSTS.index(liar),
                f"letters go on when {liar} has lied")


# -- old trust ---------------------------------------------------------------

def old_timestamp(net, hours, serial):
    """Signed by the right key, but long ago."""
    with rows_of(f"{net.dir}/center-a/rows.db") as rows:
        cms, = rows.execute("SELECT cms FROM bulletin WHERE type = 4"
                            " ORDER BY serial DESC LIMIT 1").fetchone()
    text = signed_content(cms)
    value = json.loads(text)
    old = time.gmtime(time.time() - hours * 3600)
    value.update(serial=serial, previous=sha(text),
                 issued=time.strftime("%Y-%m-%dT%H:%M:%S.000Z", old),
                 expires=time.strftime("%Y-%m-%dT%H:%M:%S.001Z", old))
    return sign(json.dumps(value, ensure_ascii=False,
                           separators=(",", ":")).encode(),
                f"{net.dir}/management.keys/timestamp.pem")


def grow_old(net, hours):
    """Every host but management believes a timestamp of that age."""
    serial = held(net, "center-a")[0]["timestamp", ""] + 1
    cms = old_timestamp(net, hours, serial)
    for host in HOSTS[1:]:
        net.stop(host)
        put_row(net, host, "timestamp", serial, cms,
                fresh=int((time.time() - hours * 3600) * 1000))
    for host in HOSTS[1:]:
        net.start(host, wait=False)
    for host in HOSTS[1:]:
        net.wait_ready(host)
    wait_serial(net, "timestamp", serial, HOSTS[1:])
    return serial


def without_management(tap, net):
    net.stop("management")
    letter_goes(tap, net, 200, "letters go on while management is down")
    restart(net, "center-a", "gateway-2")
    letter_goes(tap, net, 201, "also after hosts started without it")
    grow_old(net, 30)
    grades = {host: held(net, host)[1] for host in HOSTS[1:]}
    tap.ok(set(grades.values()) == {"stale"},
           "a timestamp of 30 h ago is stale", grades)
    letter_goes(tap, net, 202, "and letters still go")
    serial = grow_old(net, 80)
    grades = {host: held(net, host)[1] for host in HOSTS[1:]}
    tap.ok(set(grades.values()) == {"expired"},
           "one of 80 h ago is expired", grades)
    document = net.send(net.letter(["376470000A", "376530000A"], 203))["id"]
    net.wait_states(document, ["accepted"])
    time.sleep(2)
    states = net.states(document)
    tap.ok(set(states.values()) == {"accepted"},
           "letters are accepted then, and wait", states)
    return serial, document


def believes_again(tap, net, back, serial, waiting):
    """Management is back, with what is newer than all that."""
    net.start("management")
    previous = signed_content(back)
    # Beyond what the liar may have had stamped.
    publish(net, bulletin(net, "network", serial=100))
    number = 100
    while held(net, "management")[0].get(("timestamp", ""), 0) <= serial + 1:
        number += 1
        news = bulletin(net, "directory", serial=number,
                        previous=sha(previous))
        publish(net, news)
        previous = signed_content(news)
        time.sleep(0.3)
    wait_serial(net, "directory", number)
    net.wait_for(lambda: {held(net, host)[1] for host in HOSTS} == {"fresh"},
                 "trust is not fresh again")
    tap.ok(True, "and all is fresh again when management is back")
    net.wait_states(waiting, ["opened"])
    tap.ok(True, "what had waited goes on")
    letter_goes(tap, net, 204, "a last letter goes through")


def keeps_one_timestamp(tap, net):
    counts = {}
    for host in HOSTS:
        with contextlib.closing(sqlite3.connect(
                f"file:{net.dir}/{host}/rows.db?mode=ro", uri=True)) as rows:
            counts[host], = rows.execute(
                "SELECT count(*) FROM bulletin WHERE type = 4").fetchone()
    # There the last one that was cosigned stays until the next one is.
    tap.ok(counts.pop("management") <= 2 and set(counts.values()) == {1},
           "of the timestamps every host keeps the newest alone", counts)


def bulletins(tap):
    with Network("bulletins") as net:
        letter_goes(tap, net, 1, "a letter goes through at first")
        refused_by_management(tap, net)
        back = suspension(tap, net)
        refused_by_hosts(tap, net, "management", ["center-a", "center-b"])
        refused_by_hosts(tap, net, "center-a", ["gateway-1", "gateway-2"])
        serial, waiting = without_management(tap, net)
        believes_again(tap, net, back, serial, waiting)
        keeps_one_timestamp(tap, net)


run(tap, bulletins)
tap.done()
