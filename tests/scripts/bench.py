#!/usr/bin/env python3
"""What scripts/bench computes and draws from figures, without measuring."""

import os
import subprocess
import sys
import xml.dom.minidom

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests/bench"))
import figures  # noqa: E402
import plots  # noqa: E402
import report  # noqa: E402

F = figures.figure


def run_of_figures():
    """Enough of a run for every table and plot."""
    found = [F("primitive.sync.1m", 12800.0, "us")]
    for name in ("tls_read.16k", "tls_write.16k", "sha256.16k", "write.16k",
                 "verify.p256", "verify.rsa2048"):
        found.append(F(f"primitive.{name}", 10.0, "us"))
    for system, rate in (("center", 300.0), ("postfix", 100.0),
                         ("rabbitmq", 600.0), ("nats", 1200.0)):
        for work in ("accept", "deliver", "cycle"):
            for size in ("16k", "1m"):
                name = f"{system}.{work}.{size}"
                found.append(F(f"{name}.rate", rate, "documents/s", "said",
                               has_not="<nothing> & so on"))
                for what in ("p50", "p99", "whole_p50", "whole_p99"):
                    found.append(F(f"{name}.{what}", 7.5, "ms"))
                found.append(F(f"{name}.cpu", 300.0, "us"))
                found.append(F(f"{name}.cpu.spooler", 200.0, "us"))
                found.append(F(f"{name}.cpu.verifier", 100.0, "us"))
                found.append(F(f"{name}.client_cpu", 50.0, "us"))
    for count in (1, 10, 5000):
        found.append(F(f"center.recipients.{count}.cpu", 100.0 * count, "us"))
        found.append(F(f"center.recipients.{count}.p50", 3.0, "ms"))
    for count in (1000, 10000):
        found.append(F(f"center.stored.{count}.cpu", 300.0, "us"))
    found.append(F("center.connection.memory", 20.0, "KiB"))
    return found


def percentiles():
    values = list(range(100, 0, -1))
    assert figures.percentile(values, 50) == 51
    assert figures.percentile(values, 99) == 100
    assert figures.percentile([7], 99) == 7
    assert figures.percentile([1, 2], 0) == 1


def lines():
    good = '{"name":"a.b","value":1.5,"unit":"us","conditions":"x"}'
    assert figures.read_line(good)["value"] == 1.5
    for bad in ("", "a table", '{"name":"a"', '{"name":"a","value":1}',
                '{"name":"a","value":"1","unit":"us"}', '{"value":1}'):
        assert figures.read_line(bad) is None, bad


def ratios():
    found = figures.add_ratios(run_of_figures())
    ours = [one for one in found if one["name"] == "center.accept.16k.rate"][0]
    assert ours["peers"]["postfix"] == {"value": 100.0, "ratio": 3.0}
    assert ours["peers"]["rabbitmq"]["ratio"] == 0.5
    theirs = [one for one in found
              if one["name"] == "nats.accept.16k.rate"][0]
    assert "peers" not in theirs
    zero = figures.add_ratios([F("center.a.rate", 1.0, "x"),
                               F("nats.a.rate", 0, "x")])
    assert "peers" not in zero[0]


def the_limit():
    values = figures.by_name(run_of_figures())
    # 10 each of TLS, digest, signature and writing, 50 of the client
    limit = figures.limit_of("accept", values, 2)
    assert limit["cpu_us"] == 40.0
    assert limit["processor_limit"] == 2e6 / 90
    assert limit["limit"] == 5000.0 and limit["by"] == "disk"
    values["primitive.sync.1m"] = 1280.0
    limit = figures.limit_of("accept", values, 1)
    assert limit["by"] == "processor" and limit["limit"] == 1e6 / 90
    shares = figures.by_name(figures.limits(run_of_figures(), 2))
    assert shares["limit.accept.16k.share"] == 6.0
    assert shares["limit.accept.16k.cpu_share"] == 13.3
    del values["primitive.verify.p256"]
    assert figures.limit_of("accept", values, 2) is None
    assert figures.limits([], 2) == []


def the_budget():
    budget = figures.read_budget("[center.accept.16k]\nspooler = 150\n"
                                 "verifier = 100\nall = 400\nquery = 1\n")
    rows = figures.compare_budget(budget, figures.by_name(run_of_figures()))
    verdicts = {role: verdict for _, role, _, _, verdict in rows}
    assert verdicts == {"spooler": "OVER", "verifier": "ok", "all": "ok",
                        "query": "not measured"}, verdicts
    # On a machine that takes twice as long, so may what is measured.
    values = figures.by_name(run_of_figures())
    for generator, verdict in ((values["center.accept.16k.client_cpu"] / 2,
                                "ok"),
                               (values["center.accept.16k.client_cpu"],
                                "OVER")):
        budget["center.accept.16k"]["generator"] = generator
        rows = figures.compare_budget(budget, values)
        assert [row[1:] for row in rows if row[1] == "spooler"][0][3] == \
            verdict, rows
        assert all(row[1] != "generator" for row in rows)


def the_budget_file():
    with open(f"{ROOT}/tests/bench/budget.ini", encoding="utf-8") as file:
        budget = figures.read_budget(file.read())
    works = {"center.accept.16k", "center.deliver.16k", "center.cycle.16k"}
    assert set(budget) == works | {f"{work}.batch" for work in works}
    for roles in budget.values():
        assert {"all", "generator"} <= set(roles)
        assert all(us > 0 for us in roles.values())


def text_tables():
    rows = [["一二", "b"], ["c", "22"]]
    assert figures.table(rows) == "一二  b\n----  --\nc     22"
    assert figures.markdown(rows) == "| 一二 | b |\n| --- | --- |\n| c | 22 |"
    assert figures.number(None) == "-"
    assert figures.number(12345.6) == "12,346"
    assert figures.number(0.01234) == "0.0123"


def axes():
    for most in (0, 0.003, 1, 7, 99, 101, 4000, 123456):
        steps = plots.ticks(most)
        assert steps[0] == 0 and steps[-1] >= most
        assert 2 <= len(steps) <= 7, (most, steps)
        assert steps == sorted(set(steps))


def drawings():
    nasty = '<&"> 機關'
    for svg in (
            plots.bars(nasty, nasty, [(nasty, [("a", 1.0), ("b", None),
                                               (nasty, 0)])], nasty),
            plots.bars("none", "x", []),
            plots.stacked(nasty, "us", [("r", {nasty: 3.5, "b": 0})]),
            plots.stacked("none", "us", []),
            plots.curves(nasty, "x", "y", [(nasty, [(1, 2), (1000, 0)]),
                                           ("b", [(10, 5)])]),
            plots.curves("none", "x", "y", [])):
        root = xml.dom.minidom.parseString(svg).documentElement
        assert root.tagName == "svg" and root.hasAttribute("viewBox")
        assert "prefers-color-scheme: dark" in svg
        assert "nan" not in svg.lower() and "script" not in svg


def inside(svg):
    """Every bar lies within the picture."""
    root = xml.dom.minidom.parseString(svg).documentElement
    for bar in root.getElementsByTagName("rect"):
        right = float(bar.getAttribute("x")) + float(bar.getAttribute("width"))
        assert right <= plots.WIDTH + 0.1, right


def the_page():
    found = run_of_figures()
    found += figures.limits(found, 2)
    with open(f"{ROOT}/tests/bench/budget.ini", encoding="utf-8") as file:
        budget = figures.read_budget(file.read())
    tables = report.tables(found, budget)
    assert len(tables) == 9, [title for title, _ in tables]
    for _, rows in tables:
        assert len({len(row) for row in rows}) == 1, rows
    files = report.plot_files(found)
    assert set(files) == set(report.CAPTIONS), set(files)
    for svg in files.values():
        inside(svg)
    run = {"figures": found, "quick": False, "version": "abc",
           "started": "2026-11-26T00:00:00Z",
           "machine": {"processors": 2, "processor": "x", "memory_gib": 24,
                       "system": "Debian", "load": 0.1}}
    text = report.section(run, budget)
    with open(f"{ROOT}/docs/performance.md", encoding="utf-8") as file:
        page = file.read()
    once = report.put_section(page, text)
    assert report.put_section(once, text) == once
    assert once.startswith(page[:page.index(report.BEGIN)])
    try:
        report.put_section("no marks", text)
    except ValueError:
        pass
    else:
        raise AssertionError("a page without marks was written")
    # Nothing measured: nothing said, and no failure.
    assert report.plot_files([]) == {}
    assert [title for title, _ in report.tables([], {})] == []


def unknown_parts():
    for wrong in (["nothing"], ["--quik"]):
        result = subprocess.run([f"{ROOT}/scripts/bench", *wrong],
                                capture_output=True, text=True, timeout=30,
                                check=False)
        assert result.returncode == 2 and result.stderr, result


TESTS = [percentiles, lines, ratios, the_limit, the_budget, the_budget_file,
         text_tables, axes, drawings, the_page, unknown_parts]


def main():
    failed = 0
    for number, test in enumerate(TESTS, 1):
        try:
            test()
            print(f"ok {number} - {test.__name__}")
        except Exception as why:
            failed += 1
            print(f"not ok {number} - {test.__name__}")
            print(f"# {type(why).__name__}: {why}")
    print(f"1..{len(TESTS)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
