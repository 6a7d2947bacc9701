#!/usr/bin/python3
"""Goal: one letter to many recipients, who are served by few gateways: each
gateway fetches its content once, also when it dies meanwhile; every recipient
has it once, and every state and receipt comes back; a small letter that is sent
meanwhile passes; what was fetched leaves when the last one has opened it.
limit: 150"""

import importlib.util
import os

from network import NAMES, Network, Tap, run

tap = Tap()
EXTRA = ("[courier]\nretry_first_ms = 50\nretry_max_ms = 500\n"
         "[store]\nsegment_mb = 4\n")
UNITS = int(os.environ.get("MANY_RECIPIENTS", "120"))
LOCAL, AWAY = "376470000A", "376530000A"
SIZE = 300_000


def module(name):
    """The helpers of another scenario, without its tests."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    spec = importlib.util.spec_from_file_location("other", path)
    found = importlib.util.module_from_spec(spec)
    with open(path, encoding="utf-8") as file:
        source = file.read().split("\nrun(tap, ")[0]
    exec(compile(source, path, "exec"), found.__dict__)
    return found


os.environ.setdefault("FAIR_RECIPIENTS", str(UNITS))
FAIR = module("46-fairness.py")
EPOCH = module("51-epoch.py")


def fetched(net, host):
    """Deliveries whose content came from the center."""
    return len(EPOCH.logged(net, host, "event=letter.content"))


def rows(net, host, sql):
    with EPOCH.rows_of_reading(f"{net.dir}/{host}/rows.db") as found:
        return found.execute(sql).fetchone()[0]


def to_many(net, serial):
    names = dict(NAMES)
    codes = [FAIR.unit(number) for number in range(UNITS)]
    names.update({code: f"彰化縣政府第{number}科"
                  for number, code in enumerate(codes)})
    made = net.send(net.letter([*codes, AWAY], serial,
                               {"a.pdf": os.urandom(SIZE)}, name=names),
                    timeout=240)
    return made["id"], [*codes, AWAY]


def delivered(tap, net, document, codes, what):
    net.wait_for(lambda: set(net.states(document).values()) == {"opened"},
                 "it does not arrive everywhere", 240)
    states = net.states(document)
    tap.ok(sorted(states) == sorted(codes),
           f"{what}: each recipient has opened it")
    there = [item["recipient"] for item in net.json(
        "gateway-2", "doc", "list", "--in", "--limit", "1000")["documents"]
        if item["document_id"] == document]
    tap.ok(sorted(there) == sorted(codes[:-1]), f"{what}: each has it once",
           len(there))
    def without():
        return [delivery for delivery in net.outbox(document)["deliveries"]
                if not {"accepted", "fetched", "opened"} <=
                {event["event"] for event in delivery["events"]}]
    net.wait_none(without, f"{what}: receipts are missing")
    tap.ok(True, f"{what}: with every receipt")


def test(tap):
    with Network("many", EXTRA) as net:
        FAIR.many_units(net)
        net.stop("gateway-2")
        document, codes = to_many(net, 1)
        small = net.send(net.letter([LOCAL], 2))["id"]
        for each in (document, small):
            net.wait_for(lambda: not {"queued"} & set(
                net.states(each).values()), f"{each} is not accepted")
        net.start("gateway-2")
        net.wait_for(lambda: {"opened"} == set(net.states(document).values()) ==
                     set(net.states(small).values()), "they are not opened",
                     240)
        tap.ok(FAIR.passes(net, small, document),
               f"a small letter passes one to {len(codes)}")
        delivered(tap, net, document, codes, "one letter")
        tap.ok(fetched(net, "gateway-2") == 2 and
               fetched(net, "gateway-3") == 1,
               "each gateway fetched its content once",
               (fetched(net, "gateway-2"), fetched(net, "gateway-3")))
        net.wait_for(lambda: rows(net, "gateway-2", "SELECT count(*) FROM"
                                  " inbox_letter WHERE content > 0") == 0 and
                     rows(net, "gateway-2", "SELECT count(*) FROM"
                          " inbox_offer") == 0 and
                     rows(net, "gateway-2", "SELECT count(*) FROM payload") <=
                     2, "content stays")
        tap.ok(rows(net, "gateway-2", "SELECT count(*) FROM payload") == 2,
               "what was fetched left with the last one, and each letter"
               " is kept once", rows(net, "gateway-2",
                                     "SELECT count(*) FROM payload"))
        recipient = f"{there(net, document)}/{codes[7]}"
        net.command("doc", "confirm", recipient, "-c", net.conf("gateway-2"))
        net.wait_for(lambda: net.states(document)[codes[7]] == "confirmed",
                     "the confirmation does not come")
        tap.ok(list(net.states(document).values()).count("confirmed") == 1,
               "each is confirmed by itself")

        # The gateway dies while they come.
        document, codes = to_many(net, 3)
        net.wait_for(lambda: rows(
            net, "gateway-2", "SELECT count(*) FROM inbox_letter"
            " WHERE step >= 2") > UNITS + 1 + UNITS // 6, "nothing comes")
        net.kill("gateway-2")
        net.start("gateway-2")
        delivered(tap, net, document, codes, "killed meanwhile")
        tap.ok(fetched(net, "gateway-2") == 3,
               "and its content was not fetched once more",
               fetched(net, "gateway-2"))

        # What counts contents counts them.
        for serial in range(10, 14):
            single = net.send(net.letter([LOCAL], serial))["id"]
            net.wait_states(single, ["opened"])
        tap.ok(fetched(net, "gateway-2") == 7,
               "control: of four letters it fetches four",
               fetched(net, "gateway-2"))


def there(net, document):
    return next(item["waybill_id"] for item in net.inbox("gateway-2")
                if item["document_id"] == document)


run(tap, test)
tap.done()
