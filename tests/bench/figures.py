"""Figures of measurements: one line of JSON each, as the C programs print
them too (result.h), and what is computed from them.  Pure but for show()."""

import configparser
import json

PEERS = ["postfix", "rabbitmq", "nats"]
OURS = "center"


def figure(name, value, unit, conditions="", **more):
    return {"name": name, "value": value, "unit": unit,
            "conditions": conditions, **more}


def show(name, value, unit, conditions="", **more):
    print(json.dumps(figure(name, round(value, 6), unit, conditions, **more),
                     ensure_ascii=False), flush=True)


def read_line(line):
    """The figure that a line of output is, or None."""
    if not line.startswith('{"name":'):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    good = isinstance(found.get("value"), (int, float)) \
        and isinstance(found.get("unit"), str)
    return found if good else None


def percentile(values, percent):
    """The value that `percent` of them do not exceed; as result.c counts."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def by_name(figures):
    """{name: value}; of several the last."""
    return {found["name"]: found["value"] for found in figures}


# -- beside the peers ----------------------------------------------------------

def add_ratios(figures):
    """Give each of our figures those of the peers of the same name, and ours
    divided by theirs."""
    known = {found["name"]: found for found in figures}
    for found in figures:
        system, _, rest = found["name"].partition(".")
        if system != OURS:
            continue
        beside = {}
        for peer in PEERS:
            theirs = known.get(f"{peer}.{rest}")
            if theirs and theirs["value"]:
                beside[peer] = {
                    "value": theirs["value"],
                    "ratio": round(found["value"] / theirs["value"], 3)}
        if beside:
            found["peers"] = beside
    return figures


# -- the physical limit --------------------------------------------------------

# What cannot be left out of one document of 16 KiB through one center: {work:
# [(primitive, how often)]}.
NECESSARY = {
    "accept": [
        ("primitive.tls_read.16k", 1),      # the submission
        ("primitive.sha256.16k", 1),        # content against the waybill
        ("primitive.verify.p256", 1),       # the waybill
        ("primitive.write.16k", 1),         # in a group of 64
    ],
    "deliver": [
        ("primitive.tls_read.16k", 1),
        ("primitive.sha256.16k", 1),
        ("primitive.verify.p256", 2),       # the waybill, `fetched`
        ("primitive.write.16k", 1),
        ("primitive.tls_write.16k", 1),     # to the recipient
    ],
    "cycle": [
        ("primitive.tls_read.16k", 1),
        ("primitive.sha256.16k", 1),
        ("primitive.verify.p256", 3),       # the waybill, `fetched`, `opened`
        ("primitive.verify.rsa2048", 1),    # `confirmed`
        ("primitive.write.16k", 1),
        ("primitive.tls_write.16k", 1),
    ],
}
GROUP = 64  # documents of 16 KiB in the 1 MiB that is synced at once, as many
#             as are on the way at once


def limit_of(work, values, processors):
    """The physical limit of documents/s of 16 KiB, from the primitives of the
    same run: {"cpu_us", "processor_limit", "disk_limit", "limit", "by"}; None
    when one of them was not measured.  The load generator's time is taken off,
    since it runs on the same processors."""
    needed = [(name, values.get(name)) for name, _ in NECESSARY[work]]
    sync = values.get("primitive.sync.1m")
    if not sync or any(value is None for _, value in needed):
        return None
    disk = GROUP * 1e6 / sync
    cpu = sum(values[name] * count for name, count in NECESSARY[work])
    client = values.get(f"center.{work}.16k.client_cpu", 0)
    processor_limit = processors * 1e6 / (cpu + client)
    return {"cpu_us": cpu, "processor_limit": processor_limit,
            "disk_limit": disk, "limit": min(processor_limit, disk),
            "by": "processor" if processor_limit < disk else "disk"}


def limits(figures, processors):
    """Figures of the limit and our share of it."""
    values = by_name(figures)
    found = []
    for work in NECESSARY:
        limit = limit_of(work, values, processors)
        rate = values.get(f"center.{work}.16k.rate")
        cpu = values.get(f"center.{work}.16k.cpu")
        if limit is None or not rate or not cpu:
            continue
        said = (f"{processors} processors less the load generator's time; "
                f"disk {limit['disk_limit']:.0f}/s; bound by the "
                f"{limit['by']}")
        found += [
            figure(f"limit.{work}.16k.cpu", round(limit["cpu_us"], 1), "us",
                   "sum of the primitives that cannot be left out"),
            figure(f"limit.{work}.16k.rate", round(limit["limit"], 1),
                   "documents/s", said),
            figure(f"limit.{work}.16k.share",
                   round(100 * rate / limit["limit"], 1), "%",
                   "our documents/s of the limit"),
            figure(f"limit.{work}.16k.cpu_share",
                   round(100 * limit["cpu_us"] / cpu, 1), "%",
                   "the primitives' part of our processor time")]
    return found


# -- the budget ----------------------------------------------------------------

YARDSTICK = "generator"


def read_budget(text):
    """{work: {role: microseconds}} of budget.ini."""
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return {work: {role: float(us) for role, us in parser[work].items()}
            for work in parser.sections()}


def slowness(work, roles, values):
    """How much longer the load generator took than where the budget was set: it
    does the same on every machine."""
    measured = values.get(f"{work}.client_cpu")
    return measured / roles[YARDSTICK] \
        if measured and YARDSTICK in roles else 1.0


def compare_budget(budget, values):
    """[(work, role, measured, allowed, verdict)]; verdict is "ok", "OVER" or
    "not measured".  A slower machine is allowed as much more."""
    rows = []
    for work, roles in budget.items():
        factor = slowness(work, roles, values)
        for role, us in roles.items():
            if role == YARDSTICK:
                continue
            allowed = us * factor
            name = f"{work}.cpu" + ("" if role == "all" else f".{role}")
            measured = values.get(name)
            verdict = "not measured" if measured is None else \
                "ok" if measured <= allowed else "OVER"
            rows.append((work, role, measured, allowed, verdict))
    return rows


# -- tables --------------------------------------------------------------------

def number(value):
    """Three digits that mean something."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def width(text):
    """Columns on a terminal: East Asian characters take two."""
    return sum(2 if ord(char) > 0x2e80 else 1 for char in text)


def table(rows):
    """Text in columns; the first row is the heading."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(width(row[i]) for row in rows)
              for i in range(len(rows[0]))]
    lines = ["  ".join(cell + " " * (size - width(cell)) for cell, size
                       in zip(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * size for size in widths))
    return "\n".join(lines)


def markdown(rows):
    """The same as a table of a page."""
    rows = [[str(cell) for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)
