#!/usr/bin/python3
"""Goal: a delivery is proven by one file also where the directory bulletin says
only what it changed: the pages of the parties go along, each under the root that
two officers signed.  What is changed, put in or left out of them passes nowhere.
limit: 120"""

import json

from by_hand import source_of
from network import Network, Refused, Tap, run

tap = Tap()
SENDER, LOCAL, AWAY = "376490000A", "376470000A", "376530000A"
evidence = source_of("34-evidence.py")
grades = source_of("77-trust-grades.py")


def publish(net, serial, table):
    grades.publish(net, serial, table)
    net.wait_for(lambda: all(
        grades.serials(net, host)["directory"] == serial
        for host in net.hosts), f"directory {serial} is not everywhere")


def changed(net):
    """A change after the letter: what counts is the directory of then."""
    publish(net, 3, f"code,letter_bytes\n{LOCAL},5000000\n")
    again = evidence.export(net, "gateway-1", net.document, "again")
    names = [name for name, _ in evidence.parts_of(again)]
    serials = {name.split("/")[1].split("-")[0] for name in names
               if name.startswith("directory/")}
    tap.ok(serials == {"2", "3"} and
           evidence.said(net, again)["proven"] == "confirmed",
           "by the pages of the directory of then, and of now", names)
    return again


def refuses(net, parts, code, name):
    path = f"{net.dir}/forged.zip"
    evidence.write(path, parts, True)
    try:
        evidence.verify(net, path)
        tap.ok(False, name)
    except Refused as why:
        tap.ok(why.code in code.split(), f"{name}: {why.code}", why)


def with_page(parts, serial, change):
    """Each page of the serial, changed."""
    for name, data in parts:
        if name.startswith(f"directory/{serial}-"):
            page = json.loads(data)
            name = change(page) or name
            data = json.dumps(page, ensure_ascii=False,
                              separators=(",", ":")).encode()
        yield name, data


def forged(net, path):
    parts = evidence.parts_of(path)
    for serial, code in ((2, "E3903"), (3, "E3903 E3506")):
        def other_key(page):
            page["entries"] = [entry.replace('"state":"active"',
                                             '"state":"retiring"')
                               for entry in page["entries"]]
        refuses(net, with_page(parts, serial, other_key), code,
                f"an entry of directory {serial} that nobody signed")
    def left_out(page):
        page["entries"].pop()
    refuses(net, with_page(parts, 2, left_out), "E3903",
            "an entry left out of its page")
    refuses(net, [(name, data) for name, data in parts
                  if not name.startswith("directory/2-")], "E3505",
            "a directory without its pages")
    first = next(name for name, _ in parts if name.startswith("directory/2-"))
    refuses(net, [item for item in parts if item[0] != first], "E3505",
            "one page left out, as if nobody on it were listed")
    refuses(net, [(name.replace("directory/2-", "directory/9-"), data)
                  for name, data in parts], "E3501",
            "pages of a directory that is not here")
    later = {name.split("-")[1]: data for name, data in parts
             if name.startswith("directory/3-")}
    refuses(net, [(name, later[name.split("-")[1]]
                   if name.startswith("directory/2-") else data)
                  for name, data in parts], "E3903",
            "pages of another directory")

    def renamed(page):
        page["page"] = (page["page"] + 1) % 4096
        return f"directory/2-{page['page']:04}.json"
    refuses(net, with_page(parts, 2, renamed), "E3903 E7020 E3505",
            "a page in another one's place")


def pages(tap):
    with Network("pages") as net:
        publish(net, 2, f"code,letter_bytes\n{AWAY},4000000\n")
        net.document = net.send(net.letter([LOCAL], 1))["id"]
        net.wait_states(net.document, ["opened"])
        came = net.inbox("gateway-2")[0]
        name = f"{came['waybill_id']}/{came['recipient']}"
        net.json("gateway-2", "doc", "confirm", name)
        net.wait_states(net.document, ["confirmed"])
        evidence.wait_witnessed(net, ("gateway-1", "gateway-2"))
        path = evidence.export(net, "gateway-1", net.document, "pages")
        facts = json.loads(dict(evidence.parts_of(path))["evidence.json"])
        tap.ok(not facts["lacks_directory"], "nothing is missing in the file",
               facts)
        proven = evidence.said(net, path)
        tap.ok(proven["proven"] == "confirmed" and
               proven["sender_name"] == "雲林縣政府",
               "and it proves the delivery alone", proven)
        other = evidence.export(net, "gateway-2", name, "pages-in")
        tap.ok(evidence.said(net, other)["proven"] == "confirmed",
               "as the recipient's does")
        evidence.stock(tap, net, path, "pages", ["confirmed"])
        forged(net, changed(net))


run(tap, pages)
tap.done()
