#!/usr/bin/python3
"""Goal: what a center stated or sends by a directory that this gateway does not
have yet waits for that directory, whatever comes behind it goes on, and nothing
is refused for good (R4.1): a receipt that is signed by a key that nobody
here knows, and a letter of an organisation that was served by another host.
limit: 150"""

import os
import shutil
import signal

from by_hand import bulletin, local, source_of
from casework import issue
from network import Network, Refused, Tap, rows_of, run

tap = Tap()
rewrap = source_of("42-rewrap.py")
HOME, HERE, AWAY = "376490000A", "376470000A", "376530000A"
FAST = "[courier]\nretry_first_ms = 20\nretry_max_ms = 200\n"


def set_link(net, is_cut):
    """Bulletins do not come in at gateway-1, or do again; all else does."""
    net.kill("gateway-1")
    with rows_of(f"{net.dir}/gateway-1/rows.db") as rows:
        rows.execute("CREATE TRIGGER cut BEFORE INSERT ON bulletin BEGIN SELECT"
                     " RAISE(ABORT, 'the link is cut'); END" if is_cut
                     else "DROP TRIGGER cut")
    net.start("gateway-1")


def directory_of(net, host):
    said = local(net, host, "/v1/bulletins").json()
    return next(item["serial"] for item in said["bulletins"]
                if item["type"] == "directory")


def early(net):
    """How many receipts wait, as gateway-1 counts them."""
    figures = local(net, "gateway-1", "/metrics").body.decode()
    return int(next(line.split()[1] for line in figures.splitlines()
                    if line.startswith("yizhan_receipts_early ")))


def logged(net, *words):
    with open(f"{net.dir}/gateway-1.log", encoding="utf-8",
              errors="replace") as file:
        return [line for line in file if all(word in line for word in words)]


def another_directory(net, trust):
    """A new card for who confirms at gateway-3; and gateway-1 receives now for
    the organisation of gateway-2."""
    card = f"{net.dir}/new-card"
    issue(net, f"{card}.pem", "card", "屏東縣政府")
    rewrap.new_key(net, "key-here")
    away = trust.organisation(AWAY)
    old = next(key for key in away["keys"] if key["use"] == "sign")
    away["keys"].append({**old, "certificate": rewrap.base64.b64encode(
        rewrap.der_of(f"{card}.pem")).decode()})
    old["state"] = "retiring"
    here = trust.organisation(HERE)
    here["host"] = "gateway-1"
    trust.seals(HERE, **{"key-here": "active"})
    here["keys"] = [key for key in here["keys"] if key["use"] != "module"] + [
        next(key for key in trust.organisation(HOME)["keys"]
             if key["use"] == "module")]
    with open(net.conf("gateway-1"), encoding="utf-8") as file:
        text = file.read()
    with open(net.conf("gateway-1"), "w", encoding="utf-8") as file:
        file.write(text.replace(
            "[keeper]\n",
            f"[keeper]\nkey.seal.{HERE} = file:{net.dir}/key-here.pem\n"))
    set_link(net, is_cut=True)
    admit(net)
    trust.publish(["center-a", "center-b", "gateway-3"])
    shutil.copy(f"{card}.pem", f"{net.dir}/gateway-3.keys/sign.{AWAY}.pem")
    before = net.lines("gateway-3")
    os.kill(net.processes["gateway-3"].pid, signal.SIGHUP)
    net.wait_logged("gateway-3", "event=host.ready", since=before)
    net.wait_for(lambda: net.is_ready("gateway-3"), "gateway-3 is not back")


def admit(net):
    """Gateway-1 for that organisation, in place of gateway-2."""
    def change(body):
        body["hosts"] = [item for item in body["hosts"]
                         if item["name"] != "gateway-2"]
        next(item for item in body["hosts"]
             if item["name"] == "gateway-1")["codes"].append(HERE)

    with open(f"{net.dir}/access-2", "wb") as file:
        file.write(bulletin(net, "access", "center-a", change=change))
    net.publish([f"{net.dir}/access-2"])


def confirm(net, document):
    entry = next(item for item in net.inbox("gateway-3")
                 if item["document_id"] == document)
    net.json("gateway-3", "doc", "confirm",
             f"{entry['waybill_id']}/{entry['recipient']}")


def waits(net, document):
    confirm(net, document)
    net.wait_for(lambda: early(net) == 2, "no receipts wait")
    later = net.send(net.letter([AWAY], 2))["id"]
    net.wait_states(later, ["opened"])
    tap.ok(net.states(document) == {AWAY: "opened"},
           "what both centers state of a new card's act waits, and the receipts "
           "behind it are taken", net.states(document))
    said = net.command("doctor", "-c", net.conf("gateway-1"),
                       check=False).stdout
    tap.ok("2 receipts wait for newer bulletins" in said, "doctor tells it",
           said)
    said = local(net, "gateway-1", "/v1/health").body.decode()
    tap.ok("2 receipts wait for newer bulletins" in said, "and health", said)


def comes_too_soon(net):
    document = net.send(net.letter([HERE], 3, sender=AWAY),
                        host="gateway-3")["id"]
    net.wait_for(lambda: len(logged(net, "letter.later", "E4302")) > 5,
                 "the letter is not tried again and again")
    tap.ok(not logged(net, "letter.refused"),
           "a letter of an organisation that another host served is tried "
           "more than three times, and not refused")
    return document


def cut(net, trust):
    document = net.send(net.letter([AWAY], 1))["id"]
    net.wait_states(document, ["opened"])
    # Accepted before the organisation moved: its receipt names directory 1.
    net.stop("gateway-2")
    before = net.send(net.letter([HERE], 4, sender=AWAY),
                      host="gateway-3")["id"]
    net.wait_states(before, ["relayed"], host="gateway-3")
    another_directory(net, trust)
    waits(net, document)
    after = comes_too_soon(net)
    net.kill("gateway-1")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "gateway-1 is not back")
    tap.ok(early(net) == 2 and directory_of(net, "gateway-1") == 1 and
           net.states(document) == {AWAY: "opened"},
           "(over a kill, and without the directory nothing is judged)")
    return document, before, after


def mended(net, document, before, after):
    set_link(net, is_cut=False)
    net.wait_states(document, ["confirmed"])
    tap.ok(early(net) == 0 and directory_of(net, "gateway-1") == 2,
           "when bulletins come again they are judged, and count")
    net.wait_states(after, ["opened"], host="gateway-3")
    tap.ok(after in [item["document_id"] for item in net.inbox("gateway-1")],
           "and the letter is let in")
    net.wait_states(before, ["opened"], host="gateway-3")
    tap.ok(not logged(net, "letter.refused") and
           not logged(net, "level=error", "receipt.early"),
           "so is what was accepted for the host of before; nothing was "
           "refused or given up")


def proven(net, document):
    """(By the directory of before nobody knows who signed it.)"""
    folder = f"{net.dir}/receipts"
    os.makedirs(folder)
    net.command("receipt", "save", document, "--to", folder, "-c",
                net.conf("gateway-1"))
    ask = ["receipt", "verify",
           *[f"{folder}/{name}" for name in sorted(os.listdir(folder))],
           "--root", net.root, "--environment", "demo", "--bulletins",
           f"{net.dir}/bulletins"]
    try:
        net.command(*ask)
        tap.ok(False, "(by the directory of before it does not verify)")
    except Refused as why:
        tap.ok(True, f"(by the directory of before it does not verify: "
               f"{why.code})")
    shutil.copy(f"{net.dir}/directory-2", f"{net.dir}/bulletins/6-directory")
    net.command(*ask)
    tap.ok(True, "and by the newer one it does, without any host")


def test(tap):
    with Network("early", FAST) as net:
        document, before, after = cut(net, rewrap.Trust(net))
        mended(net, document, before, after)
        proven(net, document)


run(tap, test)
tap.done()
