#!/usr/bin/python3
"""Goal: a letter that is sent again, or that says that one was sent in error,
is linked with that one on both sides, by the code of its message form (DM, 1 to
6): the earlier one is marked, never hidden.  limit: 120"""

import os

from network import Network, Refused, Tap, run

tap = Tap()
LOCAL, OTHER = "376470000A", "376530000A"
EFFECTS = {1: "replaced", 2: "replaced", 3: "replaced", 4: "sent_in_error",
           5: "", 6: "replaced"}


def with_message(net, recipients, serial, code, remark="更正", sender=None):
    """The same letter again, with a message form."""
    options = {"sender": sender} if sender else {}
    paths = net.letter(recipients, serial,
                       folder=f"{net.dir}/letters/{serial}-{code}", **options)
    with open(paths[0], encoding="utf-8") as file:
        text = file.read()
    with open(paths[0], "w", encoding="utf-8") as file:
        file.write(text.replace(
            '<!NOTATION DI', '<!ENTITY 文書訊息表單 SYSTEM "letter.dm" NDATA DM>\n'
            '<!NOTATION DM SYSTEM "">\n<!NOTATION DI', 1))
    paths.append(os.path.dirname(paths[0]) + "/letter.dm")
    with open(paths[-1], "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n'
                   '<!DOCTYPE 文書訊息表單 SYSTEM "104_DM_utf8.dtd">\n'
                   f'<文書訊息表單><文書訊息代碼 代碼="{code}"/>'
                   f"<訊息備註>{remark}</訊息備註></文書訊息表單>\n")
    return paths


def entry(net, host, document):
    return next(item for item in net.inbox(host)
                if item["document_id"] == document)


def each_code(net):
    for code, effect in EFFECTS.items():
        first = net.send(net.letter([LOCAL, OTHER], code))["id"]
        net.wait_states(first, ["opened"])
        again = net.send(with_message(net, [LOCAL], code, code))
        net.wait_states(again["id"], ["opened"])
        earlier = first if effect else ""
        tap.ok((again["message"], again["earlier"]) == (code, earlier) and
               not [item for item in again["findings"]
                    if item["rule"] == "E4220"],
               f"code {code}: the sender sees what it is about", again)
        sent = net.outbox(first)
        came = entry(net, "gateway-2", first)
        later = [(item["id"], item["message"]) for item in sent["later"]]
        there = [(item["document_id"], item["message"])
                 for item in came["later"]]
        links = [(again["id"], code)] if effect else []
        tap.ok(sent["superseded"] == came["superseded"] == effect and
               later == there == links and came["files"],
               f"code {code}: both sides mark the earlier one, and show it",
               (sent["later"], came["later"]))
        tap.ok(entry(net, "gateway-2", again["id"])["earlier"] == earlier,
               f"code {code}: the recipient sees what it is about")
        tap.ok(entry(net, "gateway-3", first)["superseded"] == "",
               f"code {code}: who got no second one has nothing marked")
    shown = net.command("doc", "list", "--in", "-c",
                        net.conf("gateway-2")).stdout
    tap.ok("[replaced by a later letter]" in shown and
           "[sent in error]" in shown, "lists say so", shown)


def without_an_earlier_one(net):
    lone = net.send(with_message(net, [LOCAL], 50, 1))
    tap.ok(lone["earlier"] == "" and
           [item["severity"] for item in lone["findings"]
            if item["rule"] == "E4220"] == ["warning"],
           "a resend of nothing that was sent from here is warned of", lone)
    # Another organisation's letter under the same number is another letter.
    own = net.send(net.letter([LOCAL], 51))["id"]
    net.wait_states(own, ["opened"])
    other = net.send(with_message(net, [LOCAL], 51, 4, sender=OTHER),
                     host="gateway-3")
    net.wait_states(other["id"], ["opened"], host="gateway-3")
    tap.ok(other["earlier"] == "" and
           entry(net, "gateway-2", own)["superseded"] == "",
           "nobody says of another's letter that it was sent in error")
    try:
        net.send(with_message(net, [LOCAL], 52, 7))
        code = ""
    except Refused as failure:
        code = failure.code
    tap.ok(code == "E4201", "there is no code 7", code)


def resend(tap):
    with Network("resend") as net:
        each_code(net)
        without_an_earlier_one(net)


run(tap, resend)
tap.done()
