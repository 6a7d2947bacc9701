#!/usr/bin/python3
"""Goal: an auditor finds every change of a center's stored log and names the
record; while the center runs there is none (T-LOG-06).  limit: 180"""

import glob
import json
import os
import shutil
import zipfile

from network import Network, Tap, rows_of, run

tap = Tap()


def audit(net, center, *more):
    result = net.command("log", "audit", "--json", "-c", net.conf(center),
                         *more, check=False)
    found = json.loads(result.stdout) if result.stdout else None
    return result, found


def copy_of(net, name):
    """Of the database, while nobody writes it."""
    to = f"{net.dir}/{name}"
    os.makedirs(to)
    for file in glob.glob(f"{net.dir}/center-a/rows.db*"):
        shutil.copy(file, to)
    return to


def edited(net, sql):
    """A copy in which somebody changed something."""
    folder = copy_of(net, "edited")
    with rows_of(f"{folder}/rows.db") as rows:
        rows.executescript(sql)
    result, found = audit(net, "center-a", "--data", folder)
    shutil.rmtree(folder)
    return result, found


def while_it_runs(tap, net):
    sent = []
    for number in range(1, 6):
        sent.append(net.send(net.letter(["376470000A", "376530000A"],
                                        number))["id"])
        for center in ("center-a", "center-b"):
            result, found = audit(net, center)
            if result.returncode != 0 or found["findings"]:
                tap.ok(False, f"{center} is well", result.stdout
                       + result.stderr)
                return
    for document in sent:
        net.wait_states(document, ["opened"])
    tap.ok(True, "while letters pass, both logs are well")
    result, found = audit(net, "gateway-1")
    tap.ok(result.returncode != 0 and found is None, "a gateway has no log")


def edits(tap, net):
    net.stop("center-a")
    cases = [
        ("a statement", "UPDATE leaf SET statement = CAST(replace(CAST("
         "statement AS TEXT), '376490000A', '376490000B') AS BLOB)"
         " WHERE position = 3", "changed", 3),
        ("a hash", "UPDATE leaf SET hash = zeroblob(32) WHERE position = 4",
         "changed", 4),
        ("a removed record", "DELETE FROM leaf WHERE position = 5", "missing",
         5),
        ("two swapped records", "UPDATE leaf SET position = -1 WHERE position"
         " = 2; UPDATE leaf SET position = 2 WHERE position = 6; UPDATE leaf"
         " SET position = 6 WHERE position = -1", None, None),
        ("a cut log", "DELETE FROM leaf WHERE position >= 10", "short", 10),
        ("a checkpoint", "UPDATE checkpoint SET note = replace(note, 'center',"
         " 'centre')", "unsigned", None),
        ("one record more", "INSERT INTO leaf SELECT max(position) + 1, hash,"
         " salt, statement FROM leaf", "loose", None),
    ]
    for what, sql, fault, first in cases:
        result, found = edited(net, sql)
        hits = [item for item in found["findings"]
                if fault in (None, item["fault"])
                and (first is None or item["first"] == first)]
        tap.ok(result.returncode == 65 and hits and "E5007" in result.stderr,
               f"{what} is found", result.stdout + result.stderr)
    result, found = edited(net, "UPDATE leaf SET salt = salt")
    tap.ok(result.returncode == 0 and not found["findings"],
           "and a copy in which nothing changed is well", result.stdout)
    net.start("center-a")
    words = net.command("log", "audit", "-c", net.conf("center-a")).stdout
    tap.ok("records" in words and "root" in words, "in words as well", words)


def an_old_folder(tap, net):
    """Put back as a whole: only a checkpoint that others kept tells."""
    net.stop("center-a")
    old = copy_of(net, "old")
    net.start("center-a")
    sent = net.send(net.letter(["376470000A"], 9))
    net.wait_states(sent["id"], ["opened"])
    evidence = f"{net.dir}/evidence.zip"
    net.command("evidence", "export", sent["id"], "--to", evidence, "-c",
                net.conf("gateway-1"))
    kept = f"{net.dir}/kept.txt"
    with zipfile.ZipFile(evidence) as file, open(kept, "wb") as out:
        names = [name for name in file.namelist()
                 if name.endswith("checkpoint.txt")]
        out.write(file.read(names[-1]))
    result, found = audit(net, "center-a", "--data", old)
    tap.ok(result.returncode == 0, "an old folder is well in itself",
           result.stdout)
    result, found = audit(net, "center-a", "--data", old, kept)
    faults = {item["fault"] for item in found["findings"]}
    tap.ok(result.returncode == 65 and faults == {"short"},
           "a receipt's checkpoint shows what is missing", result.stdout)
    result, found = audit(net, "center-a", kept)
    tap.ok(result.returncode == 0, "and fits the log that is in use",
           result.stdout)
    other = f"{net.dir}/center-b"
    net.stop("center-b")
    result, found = audit(net, "center-a", "--data", other)
    tap.ok(result.returncode == 65 and found["findings"][0]["fault"] in (
        "unsigned", "strange"), "another center's folder is not ours",
        result.stdout + result.stderr)
    with open(kept, "ab") as file:
        file.write(b"x")
    result, found = audit(net, "center-a", kept)
    tap.ok(result.returncode != 0 and found is None,
           "a broken checkpoint is refused")


def test(tap):
    with Network("audit") as net:
        while_it_runs(tap, net)
        edits(tap, net)
        an_old_folder(tap, net)


run(tap, test)
tap.done()
