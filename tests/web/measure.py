#!/usr/bin/env python3
"""How quick pages and lists are when there is much: the real address book
(39,553 organisations), and a gateway with so many letters received and so many
deliveries sent.  Prints a table; no test, since it depends on the machine.

usage: measure.py [LETTERS]    1,000,000 unless said; needs $SCENARIO_DIR, $YIZHAN
"""

import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests/scenario"))

from network import Network, rows_of  # noqa: E402
from web import Web  # noqa: E402
from world import make_letter, sign_in  # noqa: E402

BOOK = f"{ROOT}/data/samples/addressbook_20_active_orgs.tsv"
ASKS = [
    ("overview", "/v1/overview"),
    ("what waits, by urgency", "/v1/inbox?order=urgent&limit=50"),
    ("signed for", "/v1/inbox?state=confirmed&limit=50"),
    ("the whole inbox", "/v1/inbox?limit=50"),
    ("letters sent", "/v1/outbox?limit=50"),
    ("not signed for", "/v1/deliveries?age=any&limit=50"),
    ("in trouble", "/v1/deliveries?trouble=1&limit=50"),
    ("could not be opened", "/v1/inbox?state=unreadable&limit=50"),
    ("to be reviewed", "/v1/review?limit=50"),
    ("address book: one name", "/v1/directory?q=雲林縣政府&limit=20"),
    ("address book: many names", "/v1/directory?q=學校&limit=20"),
    ("address book: 台", "/v1/directory?q=台&limit=20"),
]
PER_LETTER, OPEN_PER_MILLION = 5, 2000


def columns_of(rows, table, but):
    """Its columns without `but`, for a copy of a row."""
    return [name for _, name, *_ in rows.execute(f"PRAGMA table_info({table})")
            if name not in but]


def copy(rows, table, number, changed, where):
    """`number` copies of one row, with `changed` {column: SQL of n}."""
    same = columns_of(rows, table, {"id", *changed})
    names = ", ".join([*changed, *same])
    values = ", ".join([*changed.values(), *same])
    rows.execute(
        f"WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
        f" WHERE n < {number}) INSERT INTO {table} ({names})"
        f" SELECT {values} FROM c, (SELECT * FROM {table} WHERE {where}"
        " LIMIT 1)")


def fill(path, letters):
    """The inbox and outbox of a gateway that does not run."""
    with rows_of(path) as rows:
        first = rows.execute("SELECT max(shown) FROM inbox_letter").fetchone()
        copy(rows, "inbox_letter", letters, {
            "waybill_id": "randomblob(16)", "document_id": "randomblob(16)",
            "shown": f"{first[0]} + n", "is_due": "0",
            "speed": "n % 3",
            "state": f"CASE WHEN n % {1000000 // OPEN_PER_MILLION} = 0"
                     " THEN 2 ELSE 3 END",
            "waybill": "NULL", "head": "NULL"}, "shown > 0")
        documents = letters // PER_LETTER
        last = rows.execute("SELECT max(id) FROM outbox_document").fetchone()
        copy(rows, "outbox_document", documents, {
            "document_id": "randomblob(16)", "key": "''"}, "is_draft = 0")
        copy(rows, "outbox_waybill", documents, {
            "document": f"{last[0]} + n", "waybill_id": "randomblob(16)",
            "digest": "randomblob(32)", "payload": "0", "cms": "x'00'",
            "secret": "x'00'"}, "1")
        last = rows.execute("SELECT max(id) FROM outbox_waybill").fetchone()
        copy(rows, "outbox_delivery", documents * PER_LETTER, {
            "waybill": f"{last[0] - documents} + 1 + n / {PER_LETTER}",
            "recipient": f"'3764700' || (100 + n % {PER_LETTER})",
            "state": f"CASE WHEN n % {1000000 // OPEN_PER_MILLION} = 0"
                     " THEN 4 ELSE 5 END"}, "1")
        rows.execute("ANALYZE")


def busy_ms(group):
    """Processor time that a host's processes have used."""
    ticks = 0
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        if fields[2] == str(group):
            ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def quick(web, path, group, times=60):
    """p50 and p95 in ms of one that asks, over TLS, as a browser does; and
    the processor time of the host for each, which does not depend on what
    else the machine does."""
    took = []
    before = busy_ms(group)
    for _ in range(times):
        started = time.monotonic()
        answer = web.get(path)
        took.append((time.monotonic() - started) * 1000)
        assert answer.status == 200, answer
    took.sort()
    return (statistics.median(took), took[int(len(took) * 0.95)],
            (busy_ms(group) - before) / times)


def publish_book(net):
    net.command("trust", "prepare", "directory", BOOK, "--csv", "-c",
                net.conf("management"), "--to", f"{net.dir}/book.draft",
                "--center", "center-a", timeout=120)
    net.publish([net.sign(f"{net.dir}/book.draft")])
    net.wait_for(lambda: net.json("gateway-1", "directory", "search", "學校")
                 ["total"] > 1000, "no address book", 60)


def to_be_signed(net, serial):
    """A letter that has arrived: its id here, and its name there."""
    document = net.send(make_letter(net, "gateway-1", serial, "測試，請查照。",
                                    "普通件", ["376470000A"]))["id"]
    net.wait_states(document, {"opened"})
    one = next(one for one in net.inbox("gateway-2")
               if one["document_id"] == document)
    return {"document": document,
            "letter": f"{one['waybill_id']}/{one['recipient']}"}


def signed(net):
    """Before there is much: letters that wait are not made up."""
    addresses = {host: net.settings(host)["host.address"]
                 for host in ("gateway-1", "gateway-2")}
    world = {"bases": {"gateway-1": f"https://{addresses['gateway-1']}:8443"},
             "code": sign_in(net, "gateway-1"),
             "other": f"https://{addresses['gateway-2']}:8443",
             "otherCode": sign_in(net, "gateway-2"),
             "signed": [to_be_signed(net, 100 + serial)
                        for serial in range(7)]}
    subprocess.run(["node", f"{HERE}/signed.mjs"], check=True,
                   env={**os.environ, "WORLD": json.dumps(world)})


def main():
    letters = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    os.environ.setdefault("YIZHAN", f"{ROOT}/build/yizhan")
    with Network() as net:
        for serial in range(1, 3):
            net.send(make_letter(net, "gateway-2", serial, "測試，請查照。",
                                 "普通件", ["376490000A"]), "gateway-2")
        net.wait_states(net.send(make_letter(
            net, "gateway-1", 9, "測試，請查照。", "普通件",
            ["376470000A"]))["id"], {"opened"})
        net.wait_for(lambda: len(net.inbox("gateway-1")) == 2, "no letters")
        print(f"{'':28}{'p50 ms':>8}{'worst':>8}")
        signed(net)
        publish_book(net)
        net.stop("gateway-1")
        started = time.monotonic()
        fill(f"{net.dir}/gateway-1/rows.db", letters)
        print(f"{letters:,} letters and as many deliveries filled in "
              f"{time.monotonic() - started:.0f} s")
        net.start("gateway-1")
        net.wait_for(lambda: net.is_ready("gateway-1"), "it is not ready", 120)
        web = Web(net)
        web.log_in(sign_in(net, "gateway-1"))
        group = net.processes["gateway-1"].pid
        print(f"{'':28}{'p50 ms':>8}{'p95 ms':>8}{'cpu ms':>8}")
        for name, path in ASKS:
            middle, high, busy = quick(web, path.replace("台", "%E5%8F%B0").replace(
                "學校", "%E5%AD%B8%E6%A0%A1").replace(
                "雲林縣政府", "%E9%9B%B2%E6%9E%97%E7%B8%A3%E6%94%BF%E5%BA%9C"),
                group)
            print(f"{name:28}{middle:8.1f}{high:8.1f}{busy:8.1f}")
        world = {"bases": {"gateway-1": f"https://{web.address}:8443"},
                 "code": sign_in(net, "gateway-1")}
        return subprocess.run(
            ["node", f"{HERE}/measure.mjs"], check=False,
            env={**os.environ, "WORLD": json.dumps(world)}).returncode


if __name__ == "__main__":
    sys.exit(main())
