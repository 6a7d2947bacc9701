#!/usr/bin/python3
"""Goal: management's log is audited without management's disk: a center and a
gateway fetch its checkpoints and the hashes of its records over the network,
and what contradicts a checkpoint that somebody kept is proven to anybody
(T-LOG-06, T-LOG-09).  limit: 120"""

import base64
import json
import os

from by_hand import bulletin, call_as, local, source_of
from network import Network, Tap, rows_of, run

tap = Tap()
TILES = source_of("36-log-tiles.py")
ORIGIN = "yizhan/demo/management/1"


def leaves(net, host="management"):
    with rows_of(f"{net.dir}/{host}/rows.db") as rows:
        return [bytes(item) for item, in rows.execute(
            "SELECT hash FROM leaf ORDER BY position")]


def audit(net, host, of, *arguments):
    """(exit status, report) of an audit of that log through this host."""
    result = net.command("log", "audit", "-c", net.conf(host), "--of", of,
                         "--json", *arguments, check=False)
    report = json.loads(result.stdout) if result.stdout else {}
    report["errors"] = result.stderr
    return result.returncode, report


def faults(report):
    return [item["fault"] for item in report.get("findings", [])]


def save(net, name, text):
    path = f"{net.dir}/{name}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def clean(tap, net):
    net.wait_logged("management", "event=log.cosigned")
    for host in ("center-a", "gateway-1", "gateway-3"):
        code, report = audit(net, host, "management")
        tap.ok(code == 0 and report["findings"] == [] and
               report["authorities"] >= report["quorum"] == 2,
               f"{host} audits management's log", report)
    known = leaves(net)
    tap.ok(0 < report["records"] <= len(known) and report["root"] ==
           TILES.root_of(known[:report["records"]]).hex(),
           "the root is that of management's own records", report)
    net.wait_states(net.send(net.letter(["376470000A", "376530000A"],
                                        1))["id"], ["opened"])
    for host, of in (("center-a", "center-b"), ("gateway-1", "center-a"),
                     ("gateway-1", "center-b")):
        net.wait_for(lambda: audit(net, host, of)[0] == 0,
                     f"{host} cannot audit the log of {of}")
    tap.ok(True, "so are the logs of centers, from hosts of either")


def hashes_alone(tap, net):
    for path in ("/v1/log/tile/entries/000.p/1", "/v1/log/acts",
                 "/v1/log/status/" + "0" * 64):
        answer = call_as(net, "center-a", "management", path)
        tap.ok(answer.status in (403, 404),
               f"management gives no center {path[8:20]}", answer)
    answer = call_as(net, "center-a", "management", "/v1/log/tile/0/000.p/1")
    tap.ok(answer.status == 200 and answer.body == leaves(net)[0],
           "but the hashes", answer)
    for host in ("center-a", "gateway-1"):
        answer = local(net, host,
                       "/v1/logs/management/tile/entries/000.p/1")
        tap.ok(answer.code == "E4034", f"nor does {host} relay them", answer)
    for name in ("nobody", "gateway-1", "center-a"):
        answer = local(net, "center-a", f"/v1/logs/{name}/checkpoint")
        tap.ok(answer.code == "E4034", f"no log of {name} at another host",
               answer)


def goes_on(tap, net, kept):
    code, report = audit(net, "center-a", "management", "--keep", kept)
    tap.ok(code == 0 and os.path.exists(kept),
           "the checkpoint that was seen is kept", report)
    with open(kept, encoding="utf-8") as file:
        first = file.read()
    cms = bulletin(net, "directory", change=lambda body: body[
        "organisations"][0].update(name="改名"))
    path = f"{net.dir}/directory-2"
    with open(path, "wb") as file:
        file.write(cms)
    net.publish([path])

    def grew():
        audit(net, "center-a", "management", "--keep", kept)
        with open(kept, encoding="utf-8") as file:
            return file.read() != first
    net.wait_for(grew, "the log does not grow")
    code, report = audit(net, "gateway-1", "management",
                         save(net, "first.txt", first), kept)
    tap.ok(code == 0 and report["checkpoints"] >= 3,
           "and all that come later are compared with it", report)


def prove(net, proof):
    return net.command("log", "prove", save(net, "proof", proof),
                       "--bulletins", f"{net.dir}/bulletins", "--root",
                       net.root, "--environment", "demo", check=False)


def told_otherwise(tap, net):
    """Management showed somebody another log; with its own key."""
    known = leaves(net)
    other = known[:2] + [TILES.leaf(b"another")]
    forged = save(net, "forged.txt", TILES.note(
        net, "management", ORIGIN, len(other), TILES.root_of(other)))
    for host in ("center-b", "gateway-1"):
        code, report = audit(net, host, "management", forged)
        tap.ok(code == 65 and faults(report) == ["rewritten"] and
               report["findings"][0]["first"] == 3,
               f"{host} finds what was shown to another", report)
        proven = prove(net, report["proofs"])
        tap.ok(proven.returncode == 0 and ORIGIN in proven.stdout,
               "and has a proof that anybody can check",
               proven.stdout + proven.stderr)
    text = report["proofs"]
    with open(forged, encoding="utf-8") as file:
        note = file.read()
    true = TILES.note(net, "management", ORIGIN, 3, TILES.root_of(known[:3]))
    assert note in text
    proven = prove(net, text.replace(note, true))
    tap.ok(proven.returncode != 0, "of what is true there is none",
           proven.stdout)
    # More than it may have grown by meanwhile.
    longer = known + [TILES.leaf(bytes([i])) for i in range(200)]
    code, report = audit(net, "center-a", "management", save(
        net, "longer.txt", TILES.note(net, "management", ORIGIN, len(longer),
                                      TILES.root_of(longer))))
    tap.ok(code == 65 and faults(report) == ["short"] and
           report["proofs"] == "", "a log that was cut is seen", report)
    bad = base64.b64encode(os.urandom(32)).decode()
    code, report = audit(net, "center-a", "management", save(
        net, "bad.txt", f"{ORIGIN}\n3\n{bad}\n\n— {ORIGIN} "
        f"{base64.b64encode(os.urandom(68)).decode()}\n"))
    tap.ok(code not in (0, 65) and "E5021" in report["errors"],
           "what the log did not sign is no checkpoint of it", report)


def rewritten(tap, net, kept):
    """Who has management's machine changes a record, hashes and all."""
    net.stop("management")
    with rows_of(f"{net.dir}/management/rows.db") as rows:
        rows.execute("UPDATE leaf SET hash = ? WHERE position = 1",
                     (os.urandom(32),))
    net.start("management")
    net.wait_for(lambda: audit(net, "center-a", "management", "--keep", kept)
                 [0] in (0, 65), "management is not asked again")
    code, report = audit(net, "center-a", "management", "--keep", kept)
    tap.ok(code == 65 and "rewritten" in faults(report),
           "records that were changed at management are seen from afar",
           report)
    net.stop("management")
    code, report = audit(net, "center-a", "management", "--keep", kept)
    tap.ok(code not in (0, 65),
           "a management that does not answer is not called sound", report)


def test(tap):
    with Network("afar") as net:
        kept = f"{net.dir}/kept.txt"
        clean(tap, net)
        hashes_alone(tap, net)
        goes_on(tap, net, kept)
        told_otherwise(tap, net)
        rewritten(tap, net, kept)


run(tap, test)
tap.done()
