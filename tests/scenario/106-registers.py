#!/usr/bin/env python3
# limit: 120
"""Registers (收文登記簿, 發文登記簿) and statistics of a real gateway, as JSON,
CSV and ODS: what stands in them, that spreadsheet programs read them, and that
a file of any length needs no memory for the whole of it."""

import csv
import io
import json
import subprocess
import time
import zipfile
import xml.etree.ElementTree as ET

from network import Network, Tap, pdf, rows_of, run
from web import Web

A, B = "376490000A", "376470000A"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
MANY = 20000


def today():
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))


def roc_today():
    year, month, day = today().split("-")
    return f"{int(year) - 1911}/{month}/{day} "


def sheets(path):
    """[(name, rows of texts)] of an ODS file, read as others read it."""
    content = subprocess.run(["unzip", "-p", path, "content.xml"], check=True,
                             capture_output=True).stdout
    return [(table.get(f"{TABLE}name"),
             [["".join(p.text or "" for p in cell.iter(f"{TEXT}p"))
               for cell in row.iter(f"{TABLE}table-cell")]
              for row in table.iter(f"{TABLE}table-row")])
            for table in ET.fromstring(content).iter(f"{TABLE}table")]


def valid(path):
    """What OpenDocument 1.2 part 3 asks of a package, and well-formed XML."""
    with open(path, "rb") as file:
        head = file.read(100)
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    tested = subprocess.run(["unzip", "-t", path], capture_output=True)
    formed = [subprocess.run(f"unzip -p {path} {part} | xmllint --noout -",
                             shell=True, capture_output=True).returncode
              for part in ("content.xml", "META-INF/manifest.xml")]
    return (head[30:38] == b"mimetype" and head[28:30] == b"\0\0" and
            head[8:10] == b"\0\0" and head[38:38 + len(kind)] == kind and
            tested.returncode == 0 and formed == [0, 0])


def contents(tap, net, web):
    number = web.get("/v1/registers/in?limit=2").json
    rows = number["rows"]
    tap.ok(len(rows) == 2 and number["next"] and
           rows[0]["receive_number"].endswith("0000001") and
           rows[0]["sender_name"] == "雲林縣政府" and
           rows[0]["state"] == "confirmed" and rows[0]["answered_at"] and
           rows[1]["state"] == "returned" and
           rows[1]["reason"] == "misdirected", "the register of what came in",
           number)
    more = web.get(f"/v1/registers/in?limit=2&cursor={number['next']}").json
    tap.ok([row["receive_number"][-1] for row in more["rows"]] == ["3"] and
           more["next"] == "" and more["rows"][0]["attachments"] == 2,
           "goes on where it said", more)
    text = web.get(f"/v1/registers/in?format=csv&from={today()}&until="
                   f"{today()}")
    lines = list(csv.reader(io.StringIO(text.body.decode("utf-8-sig"))))
    tap.ok(text.body[:3] == b"\xef\xbb\xbf" and
           text.headers["content-type"] == "text/csv; charset=utf-8" and
           lines[0][:2] == ["收文號", "收文時間"] and len(lines) == 4 and
           lines[2][11] == "誤送" and lines[1][1].startswith(roc_today())
           and lines[3][5].startswith("'=1+1"),
           "as CSV, in words, and without a formula", lines)
    path = f"{net.dir}/in.ods"
    net.command("desk", "register", "in", "--to", path, "-c",
                net.conf("gateway-2"))
    (name, table), = sheets(path)
    tap.ok(valid(path) and name == "收文登記簿" and len(table) == 4 and
           table[3][5].startswith("=1+1"), "as ODS, which is one", table)
    again = net.command("desk", "register", "in", "--to", path, "-c",
                        net.conf("gateway-2"), check=False)
    tap.ok(again.returncode == 73, "that replaces no file", again.stderr)
    tap.ok(web.get("/v1/registers/in?until=2020-01-01&format=csv").body.count(
        b"\r\n") == 1, "a period without letters has its titles")
    bad = [web.get(f"/v1/registers/in?{query}").code for query in (
        "from=2026-13-01", "until=x", "from=2026-12-02&until=2026-12-01",
        "format=xls")]
    bad.append(web.get("/v1/registers/out?from=x&format=ods").code)
    tap.ok(bad == ["E6723"] * 5, "what is no period is refused", bad)
    tap.ok(web.get(f"/v1/registers/in?organisation={A}").code == "E6403",
           "nor is another organisation's one")


def sent(tap, net):
    path = f"{net.dir}/out.csv"
    net.command("desk", "register", "out", "--to", path, "-c",
                net.conf("gateway-1"))
    with open(path, encoding="utf-8-sig") as file:
        lines = list(csv.reader(file))
    counts = [line[6:10] for line in lines[1:]]
    tap.ok(counts == [["1", "1", "0", "0"], ["1", "0", "0", "1"],
                      ["1", "0", "1", "0"]], "the register of what was sent",
           lines)


def statistics(tap, net, web):
    def line(answer, by, key=""):
        return next(row for row in answer["rows"]
                    if (row["by"], row["key"]) == (by, key))

    here = web.get("/v1/statistics").json
    total = line(here, "all")
    tap.ok((total["in"], total["in_confirmed"], total["in_returned"],
            total["in_open"], total["in_attachments"], total["in_odf"],
            total["in_office"], total["in_odf_percent"]) ==
           (3, 1, 1, 1, 2, 1, 0, "100.0"), "sums of what came in", total)
    tap.ok(line(here, "organisation", A)["name"] == "雲林縣政府" and
           line(here, "speed", "fastest")["in"] == 1 and
           line(here, "month", today()[:7])["in"] == 3,
           "by organisation, speed, month", here)
    path = f"{net.dir}/statistics.json"
    net.command("desk", "statistics", "--to", path, "-c",
                net.conf("gateway-1"))
    with open(path, encoding="utf-8") as file:
        total = line(json.load(file), "all")
    tap.ok((total["documents"], total["out"], total["out_confirmed"],
            total["out_returned"], total["out_open"],
            total["out_electronic_percent"], total["out_odf"]) ==
           (3, 3, 1, 1, 1, "100.0", 1), "sums of what was sent", total)
    path = f"{net.dir}/statistics.ods"
    net.command("desk", "statistics", "--to", path, "-c",
                net.conf("gateway-2"))
    tap.ok(valid(path) and sheets(path)[0][1][1][:1] == ["合計"],
           "as ODS", sheets(path)[0][1][:2])


def memory(net, role):
    with open(f"/proc/{net.roles('gateway-2')[role]}/status") as file:
        return int(next(line for line in file
                        if line.startswith("VmHWM")).split()[1])


def long(tap, net):
    """Many rows: neither listener nor query holds the whole."""
    net.stop("gateway-2")
    with rows_of(f"{net.settings('gateway-2')['host.data']}/rows.db") as rows:
        rows.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            f" WHERE i < {MANY}) INSERT INTO inbox_letter (waybill_id,"
            " recipient, step, state, is_due, rank, received_at, sender,"
            " document_id, subject, shown) SELECT randomblob(16),"
            f" '{B}', 9, 3, 0, 0, (SELECT max(received_at) FROM inbox_letter)"
            f" + i, '{A}', randomblob(16), 'many ' || i, 1000 + i FROM n")
    net.start("gateway-2")
    net.wait_for(lambda: net.is_ready("gateway-2"), "gateway-2 is not ready")
    before = {role: memory(net, role) for role in ("listener", "query")}
    path = f"{net.dir}/many.ods"
    net.command("desk", "register", "in", "--to", path, "-c",
                net.conf("gateway-2"))
    with zipfile.ZipFile(path) as file:
        size = file.getinfo("content.xml").file_size
    grown = {role: memory(net, role) - kib for role, kib in before.items()}
    (_, table), = sheets(path)
    tap.ok(len(table) == 1 + 3 + MANY and
           table[-1][5] == f"many {MANY}" and valid(path),
           f"{MANY} rows in one file", len(table))
    tap.ok(all(kib < size / 1024 / 2 for kib in grown.values()),
           "which nobody had in memory", (grown, size))
    tap.note(f"a table of {size} bytes; grown by {grown} KiB")


def registers(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net:
        letters = [net.letter([B], 1), net.letter([B], 2, speed="速件"),
                   net.letter([(B, True)], 3, {"附件.pdf": pdf(1000),
                                               "表.ods": ods()},
                              speed="最速件")]
        with open(letters[2][0], encoding="utf-8") as file:
            text = file.read()
        with open(letters[2][0], "w", encoding="utf-8") as file:
            file.write(text.replace("<主旨><文字>", "<主旨><文字>=1+1 "))
        for number, paths in enumerate(letters):
            document = net.send(paths)["id"]
            net.wait_states(document, ["opened"])
            way = net.outbox(document)["deliveries"][0]["waybill_id"]
            if number == 0:
                net.command("doc", "confirm", way, "-c",
                            net.conf("gateway-2"))
                net.wait_states(document, ["confirmed"])
            if number == 1:
                net.command("doc", "return", way, "--reason", "misdirected",
                            "-c", net.conf("gateway-2"))
                net.wait_states(document, ["returned"])
        token = net.command("token", "create", "dms", "--organisation", B,
                            "--scopes", "read", "-c",
                            net.conf("gateway-2")).stdout.strip()
        web = Web(net, "gateway-2", token=token)
        contents(tap, net, web)
        sent(tap, net)
        statistics(tap, net, web)
        long(tap, net)


def ods():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype",
                      "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", "<a/>")
    return out.getvalue()


if __name__ == "__main__":
    tap = Tap()
    run(tap, registers)
    tap.done()
