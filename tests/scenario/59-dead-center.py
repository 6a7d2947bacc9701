#!/usr/bin/python3
"""Goal: of two other centers one is dead; neither letters to the other one nor
those for recipients at home wait for it.  With the other one dead too, its
letters do wait, which shows that the first half could fail.  limit: 120"""

import base64
import json

from by_hand import bulletin, der_of, openssl, source_of
from network import Network, Tap, run

tap = Tap()
Trust = source_of("42-rewrap.py").Trust
SENDER, AWAY, REMOTE = "376490000A", "376470000A", "376530000A"
QUICK = "[courier]\nretry_first_ms = 200\nretry_max_ms = 1000\n"
DEAD = 12       # letters for the dead center, ahead of all others


def another_center(net, trust):
    """In the network bulletin, and served nobody knows where: center-c."""
    openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-subj",
            "/CN=log", "-days", "100", "-keyout", f"{net.dir}/log-c.key",
            "-out", f"{net.dir}/log-c.pem")

    def change(body):
        other = json.loads(json.dumps(body["centers"][-1]))
        other.update(name="center-c", address="127.0.0.23",
                     origin="yizhan/demo/center-c/1",
                     tls=[base64.b64encode(der_of(
                         f"{net.dir}/gateway-2.keys/module.pem")).decode()],
                     log=base64.b64encode(
                         der_of(f"{net.dir}/log-c.pem")).decode())
        body["centers"].append(other)

    path = f"{net.dir}/network-2"
    with open(path, "wb") as file:
        file.write(bulletin(net, "network", serial=2, change=change))
    net.publish([path])
    trust.organisation(AWAY)["center"] = "center-c"
    trust.publish(["center-a", "center-b", "gateway-1", "gateway-3"])


def letters_to_the_dead(net):
    for number in range(DEAD):
        document = net.send(net.letter([AWAY], 100 + number))["id"]
        net.wait_states(document, ["accepted"])


def all_of_it(tap):
    with Network("dead", QUICK) as net:
        trust = Trust(net)
        another_center(net, trust)
        letters_to_the_dead(net)
        both = net.send(net.letter([AWAY, REMOTE], 1))["id"]
        net.wait_for(lambda: net.states(both)[REMOTE] == "opened",
                     "the other center's recipient waits")
        tap.ok(net.states(both)[AWAY] == "accepted",
               "of one letter to both, the half for the center that lives "
               "arrives", net.states(both))
        home = net.send(net.letter([SENDER], 2, sender=REMOTE),
                        host="gateway-3")["id"]
        net.wait_states(home, ["opened"], host="gateway-3")
        tap.ok(True, "what comes from there arrives, and receipts go back")
        local = net.send(net.letter([SENDER], 3))["id"]
        net.wait_states(local, ["opened"])
        tap.ok(True, "a recipient at home waits for nobody")
        # The control: the same, with the other center dead as well.
        net.kill("center-b")
        late = net.send(net.letter([REMOTE], 4))["id"]
        net.wait_states(late, ["accepted"])
        again = net.send(net.letter([SENDER], 5))["id"]
        net.wait_states(again, ["opened"])
        tap.ok(net.states(late)[REMOTE] == "accepted",
               "with that center dead too, its letters wait", net.states(late))
        net.start("center-b")
        net.wait_states(late, ["opened"])
        tap.ok(net.states(both)[AWAY] == "accepted",
               "and they arrive when it is back, the others waiting still")


run(tap, all_of_it)
tap.done()
