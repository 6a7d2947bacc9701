#!/usr/bin/python3
"""Goal: a gateway that was restored from a backup gets again what its center still
has for it, each letter once and under its own id, and goes on from there; what it
had sent since is listed with its receipts, and not sent again (T-BAK-04).
limit: 180"""

import json
import shutil

from network import Network, Tap, run

tap = Tap()
EXTRA = ("[courier]\nretry_first_ms = 50\nretry_max_ms = 500\n"
         "[store]\nsegment_mb = 4\n")
HERE = "376470000A"


def documents(net, host):
    return sorted(item["document_id"] for item in net.inbox(host))


def entry(net, host, document):
    found = [item for item in net.inbox(host)
             if item["document_id"] == document]
    return f"{found[0]['waybill_id']}/{found[0]['recipient']}"


def put_back(net, host):
    net.kill(host)
    shutil.move(f"{net.dir}/{host}", f"{net.dir}/lost-{host}")
    net.command("restore", "-c", net.conf(host), f"{net.dir}/backup-{host}")
    shutil.copy(f"{net.dir}/lost-{host}/keeper.key",
                f"{net.dir}/{host}/keeper.key")
    net.start(host)


def decided(tap, net, waybills):
    """Somebody compared them with the document system: that ends them."""
    def decide(action, waybill, note="", check=True):
        return net.command("doc", "lost", "-c", net.conf("gateway-1"), "--by",
                           "王小明", "--action", action, "--note", note,
                           waybill, check=check)
    decide("not_needed", waybills[0], "公文系統已有紀錄")
    still = net.json("gateway-1", "doc", "lost")
    tap.ok([letter["waybill_id"] for letter in still["letters"]] ==
           waybills[1:] and still["open"] == 1,
           "one that somebody decided about is off the list", still)
    every = net.json("gateway-1", "doc", "lost", "--all")["letters"]
    made = [letter["decisions"] for letter in every
            if letter["waybill_id"] == waybills[0]]
    tap.ok(len(every) == 2 and len(made) == 1 and len(made[0]) == 1 and
           made[0][0]["reviewer"] == "王小明" and made[0][0]["at"] and
           made[0][0]["action"] == "not_needed" and
           made[0][0]["note"] == "公文系統已有紀錄" and
           not made[0][0]["logged_in"],
           "who, when and what stand with it", every)
    refused = decide("resent", "01980000-0000-7000-8000-000000000000",
                     check=False)
    tap.ok(refused.returncode == 66 and "E4508" in refused.stderr,
           "a letter that was not lost is refused", refused.stderr)
    decide("resent", waybills[1])
    said = net.command("doctor", "-c", net.conf("gateway-1"),
                       check=False).stdout
    tap.ok("E4505" not in said, "and doctor warns no longer", said)


def lost(tap, net, documents):
    """What was sent after the backup: two letters, and how each ended."""
    wanted = sorted(entry(net, "gateway-2", document).split("/")[0]
                    for document in documents)

    def listed():
        return net.json("gateway-1", "doc", "lost")["letters"]
    whole = {"accepted", "fetched", "opened", "confirmed"}
    net.wait_for(lambda: len([letter for letter in listed() if whole <= {
        event["event"] for event in letter["events"]}]) >= len(documents),
                 "what was lost is not told")
    letters = listed()
    tap.ok(sorted(letter["waybill_id"] for letter in letters) == wanted and
           all(letter["direction"] == "sent" for letter in letters),
           "what it had sent after the backup is listed, and nothing else",
           json.dumps(letters))
    events = [{event["event"] for event in letter["events"]}
              for letter in letters]
    tap.ok(all(some >= whole for some in events), "with how each ended", events)
    said = net.command("doc", "lost", "-c", net.conf("gateway-1")).stdout
    tap.ok(all(waybill in said for waybill in wanted),
           "yizhan doc lost shows them", said)
    said = net.command("doctor", "-c", net.conf("gateway-1"),
                       check=False).stdout
    tap.ok("E4505" in said, "and doctor warns", said)
    receipts = net.json("gateway-1", "doc", "lost", wanted[0])["receipts"]
    decided(tap, net, wanted)
    tap.ok(net.json("gateway-2", "doc", "lost")["letters"] == [],
           "the recipient's gateway has lost nothing")
    tap.ok(len(receipts) >= 4 and all("checkpoint" in receipt
                                      for receipt in receipts),
           "each with its receipts", len(receipts))


def test(tap):
    with Network("restored", EXTRA) as net:
        sent = [net.send(net.letter([HERE], 1))["id"]]
        net.wait_states(sent[0], ["opened"])
        for host in ("gateway-1", "gateway-2"):
            net.command("backup", "-c", net.conf(host), "--to",
                        f"{net.dir}/backup-{host}")
        for number in (2, 3):
            sent.append(net.send(net.letter([HERE], number))["id"])
            net.wait_states(sent[-1], ["opened"])
        for document in sent[:2]:
            net.command("doc", "confirm", entry(net, "gateway-2", document),
                        "-c", net.conf("gateway-2"))
            net.wait_states(document, ["confirmed"])

        put_back(net, "gateway-2")
        net.wait_for(lambda: documents(net, "gateway-2") == sorted(sent),
                     "the letters do not come again")
        tap.ok(True, "a recipient's gateway has every letter again, once")
        net.wait_for(lambda: {item["state"] for item in net.inbox("gateway-2")}
                     <= {"opened", "confirmed"}, "they are not opened again")
        net.command("doc", "confirm", entry(net, "gateway-2", sent[1]), "-c",
                    net.conf("gateway-2"))
        net.command("doc", "confirm", entry(net, "gateway-2", sent[2]), "-c",
                    net.conf("gateway-2"))
        net.wait_states(sent[2], ["confirmed"])
        tap.ok(net.states(sent[1])[HERE] == "confirmed",
               "what was confirmed stays so, what was not is confirmed now")

        put_back(net, "gateway-1")
        net.wait_for(lambda: net.states(sent[0]).get(HERE) == "confirmed",
                     "the receipts do not come again")
        tap.ok(True, "a sender's gateway hears again how its letters ended")
        lost(tap, net, sent[1:])
        before = documents(net, "gateway-2")
        tap.ok(before == sorted(sent), "and sends nothing twice", before)
        sent.append(net.send(net.letter([HERE], 4))["id"])
        net.wait_states(sent[-1], ["opened"])
        tap.ok(documents(net, "gateway-2") == sorted(sent),
               "new letters go on")
        for host in ("gateway-1", "gateway-2"):
            folder = f"{net.dir}/proof-{host}"
            net.command("backup", "-c", net.conf(host), "--to", folder)
            result = net.command("backup", "verify", "--json", "-c",
                                 net.conf(host), folder, check=False)
            tap.ok(result.returncode == 0 and json.loads(result.stdout)[
                "receipts"] > 0, f"every signature at {host} holds",
                result.stdout + result.stderr)


run(tap, test)
tap.done()
