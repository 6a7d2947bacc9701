#!/usr/bin/python3
"""Goal: a center that was restored from a backup states nothing until a bulletin
names the next epoch of its log; then both epochs hold: receipts of before
verify, the log continues what was restored, witnesses and gateways accept it
(T-BAK-04).  limit: 240"""

import glob
import json
import os
import shutil

from by_hand import bulletin, local, sha, signed_content
from network import Network, Tap, rows_of, run

tap = Tap()
EXTRA = ("[courier]\nretry_first_ms = 50\nretry_max_ms = 300\n"
         "[store]\nsegment_mb = 4\n")


def manifest(folder):
    with open(f"{folder}/manifest.json", encoding="utf-8") as file:
        return json.load(file)


def lose(net, host, name):
    """The data are gone; keys and configuration lie elsewhere."""
    net.stop(host)
    shutil.move(f"{net.dir}/{host}", f"{net.dir}/{name}")


def restore(net, host, backup):
    net.command("restore", "-c", net.conf(host), backup)
    lost = f"{net.dir}/lost-{host}/keeper.key"
    if os.path.exists(lost):
        shutil.copy(lost, f"{net.dir}/{host}/keeper.key")
    net.start(host)


def announce(net, center, records, epoch=2, serial=2):
    """The bulletin of the break, signed by two officers."""
    def change(body):
        for item in body["centers"]:
            if item["name"] == center:
                item["origin"] = f"yizhan/demo/{center}/{epoch}"
                item["begins"] = records
    path = f"{net.dir}/network-{serial}"
    before = f"{net.dir}/network-{serial - 1}"
    members = {}
    if os.path.exists(before):
        with open(before, "rb") as file:
            members["previous"] = sha(signed_content(file.read()))
    with open(path, "wb") as file:
        file.write(bulletin(net, "network", serial=serial, change=change,
                            **members))
    net.publish([path])


def logged(net, host, *words):
    with open(f"{net.dir}/{host}.log", encoding="utf-8",
              errors="replace") as file:
        return [line for line in file if all(word in line for word in words)]


def audit(net, center, *kept):
    result = net.command("log", "audit", "--json", "-c", net.conf(center),
                         *kept, check=False)
    return result.returncode == 0 and not json.loads(
        result.stdout)["findings"], result.stdout + result.stderr


def cosigned(net, center):
    answer = local(net, center, "/v1/log/cosigned")
    return answer.body.decode() if answer.status == 200 else ""


def asked_again(tap, net, request):
    """The center has lost what a gateway asked of management after the backup;
    what becomes of it would not come down any more."""
    def known():
        with rows_of_reading(f"{net.dir}/center-a/rows.db") as rows:
            return rows.execute("SELECT is_taken, case_id FROM case_request"
                                " WHERE id = ?", (request,)).fetchall()
    net.wait_for(lambda: [row for row in known() if row[0] and row[1]],
                 "a request that the center lost is not filed again")
    tap.ok(len(known()) == 1,
           "a request of a case that the center lost is filed again, and what "
           "was made of it comes from management", known())


def a_break(tap, net):
    old = [net.send(net.letter(["376470000A", "376530000A"], number))["id"]
           for number in (1, 2)]
    for document in old:
        net.wait_states(document, ["opened"])
    folder = f"{net.dir}/backup-a"
    net.command("backup", "-c", net.conf("center-a"), "--to", folder)
    records = manifest(folder)["log"]["size"]
    lost = net.send(net.letter(["376470000A", "376530000A"], 3))["id"]
    net.wait_states(lost, ["opened"])
    request = net.json("gateway-1", "case", "open", "change-name",
                       "organisation=376490000A", "name=雲林縣新政府",
                       "contact=王")["id"]
    net.wait_for(lambda: net.json("gateway-1", "case", "show",
                                  request)["taken"],
                 "management does not take the request")
    lose(net, "center-a", "lost-center-a")
    net.command("restore", "-c", net.conf("center-a"), folder)
    with rows_of(f"{net.dir}/center-a/rows.db") as rows:
        # As if it had been copied between a commit and its checkpoint.
        rows.execute("DELETE FROM checkpoint WHERE size = ?", (records,))
    net.start("center-a")
    net.wait_for(lambda: logged(net, "center-a", "E5044"),
                 "the center does not say that it waits")
    tap.ok(True, "a restored center says that it waits for the next epoch")
    waiting = net.send(net.letter(["376470000A", "376530000A"], 4))["id"]
    net.wait_for(lambda: logged(net, "gateway-1", "E5044"),
                 "the gateway hears nothing")
    tap.ok(set(net.states(waiting).values()) == {"queued"},
           "and takes nothing", net.states(waiting))
    health = net.command("doctor", "-c", net.conf("center-a"), check=False)
    tap.ok("E5044" in health.stdout, "doctor says so too", health.stdout)

    announce(net, "center-a", records + 1)
    net.wait_for(lambda: logged(net, "center-a", "E5045"),
                 "a bulletin of another size is not noticed")
    tap.ok(set(net.states(waiting).values()) == {"queued"},
           "a bulletin that does not fit the data opens nothing")
    announce(net, "center-a", records, serial=3)
    net.wait_for(lambda: logged(net, "center-a", "log.epoch", "origin="),
                 "no epoch is opened")
    net.wait_states(waiting, ["opened"])
    tap.ok(True, "with the right one letters go on")
    asked_again(tap, net, request)
    good, said = audit(net, "center-a")
    tap.ok(good, "the log holds, both epochs of it", said)
    evidence(tap, net, old[0], waiting)
    net.wait_for(lambda: cosigned(net, "center-a").startswith(
        "yizhan/demo/center-a/2\n"), "nobody cosigns the new epoch")
    tap.ok(True, "its witnesses cosign the new epoch")
    net.wait_for(lambda: not compared(net), "checkpoints are not compared")
    proof = f"{net.dir}/proof"
    net.command("backup", "-c", net.conf("center-a"), "--to", proof)
    result = net.command("backup", "verify", "-c", net.conf("center-a"),
                         proof, check=False)
    tap.ok(result.returncode == 0, "every signature of both epochs holds",
           result.stdout + result.stderr)
    loud = [host for host in ("management", "center-b", "gateway-1",
                              "gateway-2") if logged(net, host, "E5022")]
    tap.ok(not loud, "and nobody calls it a second story", loud)
    return old + [lost, waiting]


def compared(net):
    """Checkpoints that gateway-1 still holds."""
    with rows_of_reading(f"{net.dir}/gateway-1/rows.db") as rows:
        return rows.execute("SELECT count(*) FROM checkpoint_seen"
                            " WHERE cosigned IS NULL"
                            ).fetchone()[0]


class rows_of_reading:
    def __init__(self, path):
        import sqlite3
        self.rows = sqlite3.connect(f"file:{path}?mode=ro", uri=True,
                                    timeout=20)

    def __enter__(self):
        return self.rows

    def __exit__(self, *_):
        self.rows.close()


def witnessed(net, center):
    """How long a log of it anybody has cosigned."""
    sizes = [0]
    for host in ("management", "center-a", "center-b"):
        if host != center:
            with rows_of_reading(f"{net.dir}/{host}/rows.db") as rows:
                sizes += [row[0] for row in rows.execute(
                    "SELECT size FROM witnessed WHERE origin LIKE ?",
                    (f"%/{center}/%",))]
    return max(sizes)


def evidence(tap, net, old, new):
    """A delivery of either epoch is proven by a file of its own."""
    for name, document in (("before", old), ("after", new)):
        path = f"{net.dir}/{name}.zip"
        net.command("evidence", "export", f"{document}/376530000A", "--to",
                    path, "-c", net.conf("gateway-1"))
        result = net.command("evidence", "verify", path, "--root", net.root,
                             "--environment", "demo", check=False)
        tap.ok(result.returncode == 0, f"evidence of {name} the break holds",
               result.stdout + result.stderr)


def a_naive_restore(tap, net):
    """Put back without a word, a center would tell a second story in the same
    log: its witnesses tell it what they saw, and it stops (73-emptied.py has
    the control, in which they do not)."""
    folder = f"{net.dir}/backup-b"
    net.command("backup", "-c", net.conf("center-b"), "--to", folder)
    for number in range(20, 24):
        document = net.send(net.letter(["376530000A"], number))["id"]
        net.wait_states(document, ["opened"])
    copied = manifest(folder)["log"]["size"]
    net.wait_for(lambda: witnessed(net, "center-b") > copied,
                 "its witnesses do not follow")
    lose(net, "center-b", "lost-center-b")
    net.command("restore", "-c", net.conf("center-b"), folder)
    with rows_of(f"{net.dir}/center-b/rows.db") as rows:
        rows.execute("DELETE FROM store_restored")
    net.start("center-b")
    net.send(net.letter(["376530000A"], 25))
    net.wait_for(lambda: logged(net, "center-b", "E5027"),
                 "the center does not hear that it is behind")
    tap.ok(True, "put back without a new epoch, the center hears of it")
    net.wait_for(lambda: logged(net, "center-b", "E4503"),
                 "the center goes on without its next epoch")
    said = net.command("doctor", "-c", net.conf("center-b"),
                       check=False).stdout
    tap.ok("E4503" in said, "and takes nothing more, since it would tell a "
           "second story", said)
    document = net.send(net.letter(["376530000A"], 26))["id"]
    net.wait_states(document, ["accepted"])
    tap.ok(not any(logged(net, host, "E5022")
                   for host in ("management", "center-a")),
           "so that its witnesses see none; a letter waits at the other center")


def test(tap):
    with Network("epoch", EXTRA + "[restore]\nwait_s = 1\n") as net:
        a_break(tap, net)
        a_naive_restore(tap, net)


run(tap, test)
tap.done()
