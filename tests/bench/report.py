"""What a run of scripts/bench says: tables, plots, and the section of
docs/performance.md.  Pure: figures in, text out."""

import plots
from figures import PEERS, by_name, compare_budget, markdown, number

TITLES = {"center": "Yizhan", "postfix": "Postfix", "rabbitmq": "RabbitMQ",
          "nats": "NATS"}
SIZES = {"16k": "16 KB", "1m": "1 MB"}
WORKS = {"accept": "accept", "deliver": "accept and deliver",
         "cycle": "full cycle"}
BEGIN = "<!-- scripts/bench --docs: begin -->"
END = "<!-- scripts/bench --docs: end -->"


def cell(values, name):
    return number(values.get(name))


def ratio(ours, theirs):
    return f"{ours / theirs:.2f} x" if ours and theirs else "-"


# -- tables --------------------------------------------------------------------

def peer_table(values):
    """Rates beside the peers, with the ratio."""
    rows = [["documents/s", "Yizhan", *(f"{TITLES[peer]}, ratio"
                                        for peer in PEERS)]]
    for size, size_said in SIZES.items():
        for work, work_said in WORKS.items():
            ours = values.get(f"center.{work}.{size}.rate")
            row = [f"{work_said}, {size_said}", number(ours)]
            # Peers have no acts: the cycle stands beside their delivering.
            beside = "deliver" if work == "cycle" else work
            for peer in PEERS:
                theirs = values.get(f"{peer}.{beside}.{size}.rate")
                row.append("-" if theirs is None else
                           f"{number(theirs)}, {ratio(ours, theirs)}")
            if any(word != "-" for word in row[1:]):
                rows.append(row)
    return rows


def latency_table(values):
    rows = [["ms, p50 / p99", *TITLES.values()]]
    for size, size_said in SIZES.items():
        for work, prefix, said in (
                ("accept", "", "until acknowledged, accepting"),
                ("deliver", "", "until acknowledged, delivering as well"),
                ("deliver", "whole_", "until delivered"),
                ("cycle", "whole_", "until the receipt of `confirmed`")):
            row = [f"{said}, {size_said}"]
            for system in TITLES:
                name = f"{system}.{work}.{size}.{prefix}"
                row.append("-" if f"{name}p50" not in values else
                           f"{cell(values, name + 'p50')} / "
                           f"{cell(values, name + 'p99')}")
            if any(word != "-" for word in row[1:]):
                rows.append(row)
    half = "center.accept.16k.half_"
    if f"{half}p50" in values:
        rows.append(["until acknowledged, 16 KB, at half of the most",
                     f"{cell(values, half + 'p50')} / "
                     f"{cell(values, half + 'p99')}"] + ["-"] * len(PEERS))
    return rows


def roles_of(values, name):
    """{role: us} of "center.accept.16k", the dearest first."""
    prefix = f"{name}.cpu."
    found = {key[len(prefix):]: value for key, value in values.items()
             if key.startswith(prefix)}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def cpu_table(values):
    """Processor time of one document: ours by role, peers as a whole."""
    roles = list(dict.fromkeys(
        role for size in SIZES for work in WORKS
        for role in roles_of(values, f"center.{work}.{size}")))
    rows = [["us of the processor", *roles, "all", *(TITLES[peer]
                                                    for peer in PEERS),
             "load generator"]]
    for size, size_said in SIZES.items():
        for work, work_said in WORKS.items():
            name = f"center.{work}.{size}.cpu"
            if name not in values:
                continue
            beside = "deliver" if work == "cycle" else work
            rows.append(
                [f"{work_said}, {size_said}"] +
                [cell(values, f"{name}.{role}") for role in roles] +
                [cell(values, name)] +
                [cell(values, f"{peer}.{beside}.{size}.cpu")
                 for peer in PEERS] +
                [cell(values, f"center.{work}.{size}.client_cpu")])
    return rows


def batch_table(values):
    """Many waybills, and many acts, under one signature, beside single ones."""
    roles = list(dict.fromkeys(
        role for work in WORKS
        for role in roles_of(values, f"center.{work}.16k.batch")))
    rows = [["16 KB, 64 under one signature", "documents/s",
             "ms until acknowledged, p50 / p99",
             *(f"us, {role}" for role in roles), "us, all",
             "us, signed alone"]]
    for work, work_said in WORKS.items():
        name = f"center.{work}.16k.batch"
        if f"{name}.rate" in values:
            rows.append([work_said, cell(values, f"{name}.rate"),
                         f"{cell(values, name + '.p50')} / "
                         f"{cell(values, name + '.p99')}",
                         *(cell(values, f"{name}.cpu.{role}")
                           for role in roles),
                         cell(values, f"{name}.cpu"),
                         cell(values, f"center.{work}.16k.cpu")])
    return rows


def limit_table(values):
    rows = [["16 KB", "documents/s", "physical limit", "our share",
             "us of primitives", "part of our processor time"]]
    for work, said in WORKS.items():
        name = f"limit.{work}.16k"
        if f"{name}.rate" in values:
            rows.append([said, cell(values, f"center.{work}.16k.rate"),
                         cell(values, f"{name}.rate"),
                         cell(values, f"{name}.share") + " %",
                         cell(values, f"{name}.cpu"),
                         cell(values, f"{name}.cpu_share") + " %"])
    return rows


def counted(values, prefix, what):
    """[(count, value)] of "PREFIX.COUNT.WHAT"."""
    found = []
    for name, value in values.items():
        words = name[len(prefix) + 1:].split(".")
        if name.startswith(prefix + ".") and len(words) == 2 \
                and words[0].isdigit() and words[1] == what:
            found.append((int(words[0]), value))
    return sorted(found)


def recipient_table(values):
    rows = [["recipients of one letter", "ms until accepted and fetchable",
             "us of the processor", "us of each further recipient"]]
    for count, cpu in counted(values, "center.recipients", "cpu"):
        name = f"center.recipients.{count}"
        rows.append([f"{count:,}", cell(values, f"{name}.p50"), number(cpu),
                     cell(values, f"{name}.each")])
    return rows


def many_table(values):
    rows = [["recipients, end to end", "ms until packed", "until accepted",
             "until all opened it", "us each: sender's gateway",
             "its center", "recipients' gateway", "records each",
             "commits each", "largest process, MiB"]]
    for count, _ in counted(values, "many", "opened"):
        name = f"many.{count}"
        rows.append([f"{count:,}", *(
            cell(values, f"{name}.{what}") for what in (
                "sent", "accepted", "opened", "cpu.gateway-1",
                "cpu.center-a", "cpu.gateway-2", "leaves", "commits",
                "memory"))])
    return rows


def growth_table(values):
    rows = [["documents stored", "documents/s", "us of the processor",
             "against 1,000", "start to ready, ms"]]
    for count, cpu in counted(values, "center.stored", "cpu"):
        name = f"center.stored.{count}"
        rows.append([f"{count:,}", cell(values, f"{name}.rate"), number(cpu),
                     cell(values, f"{name}.growth") + " x",
                     cell(values, f"{name}.start")])
    return rows


def connection_table(values):
    rows = [["of one connection", "value"]]
    for what, said in (("memory", "KiB of the listener"),
                       ("handshake", "us of the listener to let it in"),
                       ("idle", "us of the listener in each second")):
        name = f"center.connection.{what}"
        if name in values:
            rows.append([said, cell(values, name)])
    return rows


def budget_table(values, budget):
    rows = [["work", "role", "us measured", "us allowed", ""]]
    for work, role, measured, allowed, verdict in compare_budget(budget,
                                                                 values):
        rows.append([work, role, number(measured), number(allowed), verdict])
    return rows


def missing_table(figures):
    """What each peer does not do."""
    rows = [["peer", "how it was set up", "what it does not do"]]
    for peer in PEERS:
        for found in figures:
            if found["name"].startswith(f"{peer}.") and found.get("has_not"):
                rows.append([TITLES[peer], found["conditions"],
                             found["has_not"]])
                break
    return rows


def tables(figures, budget):
    """[(title, rows)] of those that have something to say."""
    values = by_name(figures)
    found = [("Beside the peers", peer_table(values)),
             ("What the peers do not do", missing_table(figures)),
             ("Latency", latency_table(values)),
             ("Processor time of one document", cpu_table(values)),
             ("Signed in batches", batch_table(values)),
             ("The physical limit", limit_table(values)),
             ("More recipients", recipient_table(values)),
             ("One letter to many", many_table(values)),
             ("More connections", connection_table(values)),
             ("More documents", growth_table(values)),
             ("The budget", budget_table(values, budget))]
    return [(title, rows) for title, rows in found if len(rows) > 1]


# -- plots ---------------------------------------------------------------------

def system_rows(values, suffix, works=("accept", "deliver")):
    rows = []
    for work in works:
        of = [(TITLES[system], values.get(f"{system}.{work}.{suffix}"))
              for system in TITLES]
        of = [item for item in of if item[1] is not None]
        if of:
            rows.append((WORKS[work] if work != "deliver" else "and deliver",
                         of))
    return rows


def plot_files(figures):
    """{file name: SVG} of what was measured."""
    values = by_name(figures)
    found = {}
    for size, said in SIZES.items():
        rows = system_rows(values, f"{size}.rate")
        if rows:
            found[f"bench-rate-{size}.svg"] = plots.bars(
                f"Documents of {said} per second", "documents/s", rows,
                "more is better; same machine, same run")
    rows = [(f"accept, {name}", [
        (TITLES[system], values.get(f"{system}.accept.16k.{name}"))
        for system in TITLES]) for name in ("p50", "p99")]
    if any(value is not None for _, of in rows for _, value in of):
        found["bench-latency.svg"] = plots.bars(
            "Until 16 KB is acknowledged, 64 at a time", "ms", rows,
            "less is better; NATS acknowledges before it syncs")
    stacks = [(said, roles) for work, said in WORKS.items()
              if (roles := roles_of(values, f"center.{work}.16k"))]
    if stacks:
        found["bench-cpu.svg"] = plots.stacked(
            "Processor time of one document of 16 KB, by role", "µs", stacks,
            "one center; less is better")
    stored = counted(values, "center.stored", "cpu")
    if len(stored) > 1:
        found["bench-growth.svg"] = plots.curves(
            "Processor time of accepting one document of 16 KB",
            "documents stored before", "µs", [("accept", stored)],
            "a level line is the goal")
    recipients = counted(values, "center.recipients", "cpu")
    if len(recipients) > 1:
        found["bench-recipients.svg"] = plots.curves(
            "Processor time for each recipient of one letter",
            "recipients of the letter", "µs for each",
            [("accept", [(count, cpu / count) for count, cpu in recipients])],
            "the whole letter divided by its recipients")
    return found


CAPTIONS = {
    "bench-rate-16k.svg": "documents of 16 KB per second beside the peers",
    "bench-rate-1m.svg": "documents of 1 MB per second beside the peers",
    "bench-latency.svg": "time until 16 KB is acknowledged",
    "bench-cpu.svg": "processor time of one document by role",
    "bench-growth.svg": "processor time against documents stored",
    "bench-recipients.svg": "processor time of each recipient",
}


# -- the page ------------------------------------------------------------------

def section(run, budget):
    """What stands between the two marks of docs/performance.md."""
    machine = run["machine"]
    parts = [f"Measured on {run['started'][:10]}: {machine['processors']} "
             f"processors ({machine['processor']}), {machine['memory_gib']} "
             f"GiB, {machine['system']}, load {machine['load']} before; "
             f"{'quick' if run['quick'] else 'whole'} run, program as of "
             f"{run['version']}. Each figure has its conditions in "
             "`build/bench.json`."]
    for name in plot_files(run["figures"]):
        parts.append(f"![{CAPTIONS[name]}](pictures/{name})")
    for title, rows in tables(run["figures"], budget):
        parts.append(f"### {title}\n\n{markdown(rows)}")
    return "\n\n".join(parts)


def put_section(page, text):
    """The page with this between the marks."""
    head, mark, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not mark or not end:
        raise ValueError("the page has no marks for the section")
    return f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}"
