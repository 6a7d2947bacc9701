#!/usr/bin/python3
"""Goal: a center whose data are gone, or older than what it has signed, takes
nothing under the name of its old log: it learns from its witnesses that there was
more, says so, and serves by itself once the next epoch is announced (I8).
limit: 150"""

import os
import shutil

from by_hand import source_of
from network import Network, Tap, rows_of, run

tap = Tap()
EXTRA = ("[courier]\nretry_first_ms = 50\nretry_max_ms = 500\n"
         "[store]\nsegment_mb = 4\n")
LOCAL, REMOTE = "376470000A", "376530000A"
EPOCH = source_of("51-epoch.py")


def send(net, number):
    return net.send(net.letter([LOCAL, REMOTE], number))["id"]


def records_in(folder):
    with EPOCH.rows_of_reading(f"{folder}/rows.db") as rows:
        return rows.execute("SELECT count(*) FROM leaf").fetchone()[0]


def wait_witnessed(net, more_than):
    net.wait_for(lambda: EPOCH.witnessed(net, "center-a") > more_than,
                 "nobody cosigns")


def empty(net, name):
    net.kill("center-a")
    shutil.move(f"{net.dir}/center-a", f"{net.dir}/{name}")
    os.makedirs(f"{net.dir}/center-a", 0o700)


def waits(tap, net, number, what):
    """It says why, and takes nothing."""
    net.wait_for(lambda: EPOCH.logged(net, "center-a", "E4503"),
                 "the center does not notice")
    waiting = send(net, number)
    net.wait_for(lambda: EPOCH.logged(net, "gateway-1", "E4503"),
                 "the gateway hears nothing")
    tap.ok(set(net.states(waiting).values()) == {"queued"},
           f"{what} takes nothing", net.states(waiting))
    said = net.command("doctor", "-c", net.conf("center-a"), check=False)
    tap.ok("E4503" in said.stdout, "and doctor says why", said.stdout)
    net.stop("center-a")
    os.rename(f"{net.dir}/center-a.log", f"{net.dir}/center-a.{number}.log")
    net.start("center-a")
    said = net.command("doctor", "-c", net.conf("center-a"), check=False)
    tap.ok("E4503" in said.stdout and
           set(net.states(waiting).values()) == {"queued"},
           "also after a restart", said.stdout)
    return waiting


def heals(tap, net, waiting, documents):
    net.wait_for(lambda: EPOCH.logged(net, "center-a", "log.caught_up"),
                 "the center does not catch up")
    net.wait_states(waiting, ["opened"])
    tap.ok(True, "once the next epoch is announced it serves by itself")
    for host in ("gateway-2", "gateway-3"):
        there = sorted(item["document_id"] for item in net.inbox(host))
        tap.ok(there == sorted(documents),
               f"{host} has each letter once", there)
    good, said = EPOCH.audit(net, "center-a")
    tap.ok(good, "the log holds", said)
    loud = [host for host in net.hosts if EPOCH.logged(net, host, "E5022")]
    tap.ok(not loud, "nobody saw a second story", loud)


def test(tap):
    with Network("emptied", EXTRA) as net:
        documents = [send(net, 1)]
        net.wait_states(documents[0], ["opened"])
        wait_witnessed(net, 4)

        # The data are gone, and nobody has announced it.
        empty(net, "lost-1")
        net.start("center-a")
        waiting = waits(tap, net, 2, "an emptied center")
        documents.append(waiting)
        EPOCH.announce(net, "center-a", 0)
        heals(tap, net, waiting, documents)

        # Old data are put back, without a word to anybody.
        net.stop("center-a")
        shutil.copytree(f"{net.dir}/center-a", f"{net.dir}/old")
        net.start("center-a")
        before = records_in(f"{net.dir}/old")
        documents.append(send(net, 3))
        net.wait_states(documents[-1], ["opened"])
        wait_witnessed(net, before)
        net.kill("center-a")
        shutil.rmtree(f"{net.dir}/center-a")
        shutil.move(f"{net.dir}/old", f"{net.dir}/center-a")
        os.rename(f"{net.dir}/center-a.log", f"{net.dir}/center-a.old.log")
        net.start("center-a")
        waiting = waits(tap, net, 4, "a center with old data")
        documents.append(waiting)
        records = records_in(f"{net.dir}/center-a")
        EPOCH.announce(net, "center-a", records, epoch=3, serial=3)
        heals(tap, net, waiting, documents)


def control(tap):
    """Where nobody remembers, it would have begun the old log once more."""
    with Network("forgotten", EXTRA) as net:
        net.wait_states(send(net, 1), ["opened"])
        wait_witnessed(net, 4)
        empty(net, "lost")
        for host in ("management", "center-b"):
            net.stop(host)
            with rows_of(f"{net.dir}/{host}/rows.db") as rows:
                rows.execute("DELETE FROM witnessed")
            net.start(host)
        os.rename(f"{net.dir}/center-a.log", f"{net.dir}/center-a.1.log")
        net.start("center-a")
        send(net, 2)
        net.wait_for(lambda: EPOCH.logged(net, "center-a",
                                          "waybill.accepted"),
                     "it takes nothing")
        tap.ok(not EPOCH.logged(net, "center-a", "E4503"),
               "control: it is the witnesses' memory that holds it back")


run(tap, test)
run(tap, control)
tap.done()
