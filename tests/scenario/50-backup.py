#!/usr/bin/python3
"""Goal: a backup taken while letters pass is consistent, and the drill proves
it; whatever is damaged in it is found and named (T-BAK-01, T-BAK-02,
T-BAK-03).  limit: 180"""

import glob
import json
import os
import random
import shutil
import signal
import subprocess
import threading

from network import PATIENCE_S, Network, Tap, run

FLIPS = int(os.environ.get("BACKUP_FLIPS", "24"))
LARGE = 8 * 1024 * 1024
tap = Tap()


def backup(net, host, to, *more, check=True):
    return net.command("backup", "--json", "-c", net.conf(host), "--to", to,
                       *more, check=check)


def verify(net, host, folder):
    result = net.command("backup", "verify", "--json", "-c", net.conf(host),
                         folder, check=False)
    found = json.loads(result.stdout) if result.stdout else None
    return result, found


def under_load(tap, net):
    """Letters are sent all the while; each host is copied meanwhile."""
    ended = threading.Event()
    sent, failures = [], []

    def send():
        number = 0
        while not ended.is_set():
            number += 1
            try:
                sent.append(net.send(net.letter(
                    ["376470000A", "376530000A"], number,
                    {"a.pdf": os.urandom(60000)}))["id"])
            except Exception as failure:
                failures.append(str(failure))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        net.wait_for(lambda: len(sent) >= 3, "no letter leaves")
        for host in ("center-a", "center-b", "gateway-1", "gateway-2",
                     "management"):
            made = json.loads(backup(net, host, f"{net.dir}/b-{host}").stdout)
            tap.ok(made["was_running"] and made["files"] >= 2,
                   f"{host} is copied while letters pass", made)
    finally:
        ended.set()
        thread.join()
    tap.ok(not failures, f"{len(sent)} letters were sent meanwhile", failures)
    for host in ("center-a", "center-b", "gateway-1", "gateway-2",
                 "management"):
        result, found = verify(net, host, f"{net.dir}/b-{host}")
        good = result.returncode == 0 and found["good"]
        if host.startswith("center"):
            good = good and found["receipts"] > 0 and found["records"] > 0
        tap.ok(good, f"the drill proves the backup of {host}",
               result.stdout + result.stderr)
    left = glob.glob(f"{os.environ.get('TMPDIR', '/var/tmp')}/yizhan-drill-*")
    tap.ok(not left, "the drill leaves nothing", left)
    net.wait_states(sent[-1], ["opened"])


def secrets(tap, net):
    """Keys, and the key that seals in the store, stay where they are."""
    canaries = []
    for path in glob.glob(f"{net.dir}/**/*", recursive=True):
        name = os.path.basename(path)
        if not os.path.isfile(path) or "/b-" in path:
            continue
        if name == "keeper.key":
            canaries.append(open(path, "rb").read())
        elif path.endswith((".pem", ".key")):
            text = open(path, "rb").read()
            if b"PRIVATE KEY" in text:
                body = text.split(b"PRIVATE KEY-----")[1]
                canaries.append(body.split(b"-----")[0].split()[0])
    found = 0
    for path in glob.glob(f"{net.dir}/b-*/**/*", recursive=True):
        if os.path.isfile(path):
            data = open(path, "rb").read()
            found += sum(canary in data for canary in canaries)
    tap.ok(len(canaries) > 10 and found == 0,
           f"none of {len(canaries)} secrets is in a backup", found)


def damage(tap, net):
    folder = f"{net.dir}/b-center-a"
    files = sorted(os.path.relpath(path, folder) for path in
                   glob.glob(f"{folder}/**/*", recursive=True)
                   if os.path.isfile(path))
    seed = int(os.environ.get("BACKUP_SEED", "7"))
    chance = random.Random(seed)
    bad = []
    for _ in range(FLIPS):
        name = chance.choice(files)
        path = f"{folder}/{name}"
        at = chance.randrange(os.path.getsize(path))
        bit = 1 << chance.randrange(8)
        with open(path, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ bit]))
        result, found = verify(net, "center-a", folder)
        said = result.stdout + result.stderr
        named = name in said or name.startswith("manifest") \
            and "manifest" in said
        if result.returncode != 65 or "E5040" not in said or not named:
            bad.append((name, at, bit, result.returncode, said))
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(bytes([byte]))
    tap.ok(not bad, f"each of {FLIPS} flipped bits is found and named", bad)
    for what, change in (
            ("cut off", lambda path: os.truncate(
                path, os.path.getsize(path) // 2)),
            ("missing", os.unlink)):
        for name in files:
            kept = open(f"{folder}/{name}", "rb").read()
            change(f"{folder}/{name}")
            result, _ = verify(net, "center-a", folder)
            said = result.stdout + result.stderr
            tap.ok(result.returncode in (65, 66) and "E5040" in said
                   and name.split(".")[0] in said,
                   f"{name} {what} is found", said)
            with open(f"{folder}/{name}", "wb") as file:
                file.write(kept)
    with open(f"{folder}/segments/extra", "wb") as file:
        file.write(b"x")
    result, found = verify(net, "center-a", folder)
    tap.ok(result.returncode == 65
           and found["findings"][0]["what"] == "segments/extra",
           "a file that does not belong there is found", result.stdout)
    os.unlink(f"{folder}/segments/extra")
    doctor = net.command("doctor", "-c", net.conf("center-a"), check=False)
    tap.ok(doctor.returncode == 1 and "restore drill" in doctor.stdout,
           "doctor says that the last drill failed", doctor.stdout)
    verify(net, "center-a", folder)
    doctor = net.command("doctor", "-c", net.conf("center-a"), check=False)
    tap.ok(doctor.returncode == 0, "and, after a good one, that all is well",
           doctor.stdout)


def refusals(tap, net):
    folder = f"{net.dir}/b-center-a"
    result = backup(net, "center-a", folder, check=False)
    tap.ok(result.returncode == 73 and "E5042" in result.stderr,
           "no backup is written over another", result.stderr)
    result, _ = verify(net, "center-b", folder)
    tap.ok(result.returncode == 77 and "E5043" in result.stderr,
           "a backup of another host proves nothing", result.stderr)
    result = net.command("restore", "-c", net.conf("center-a"), folder,
                         check=False)
    tap.ok(result.returncode == 73 and "E5042" in result.stderr,
           "data that are there are not overwritten", result.stderr)
    result = net.command("restore", "-c", net.conf("center-b"), folder, "--to",
                         f"{net.dir}/wrong", check=False)
    tap.ok(result.returncode == 77 and not os.path.exists(
        f"{net.dir}/wrong"), "nor is another host's put in place",
        result.stderr)


def restarts(tap, net):
    """Whoever loses the lease has no backup."""
    to = f"{net.dir}/b-slow"
    # So much that it takes a while.
    document = net.send(net.letter(["376470000A"], 900, {
        "a.pdf": os.urandom(LARGE)}))["id"]
    net.wait_states(document, ["opened"])
    process = subprocess.Popen(
        [net.yizhan, "backup", "-c", net.conf("center-a"), "--to", to,
         "--rate", "1"], stderr=subprocess.PIPE, text=True,
        stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    net.wait_for(lambda: os.path.exists(f"{to}.partial/segments"),
                 "the copy does not begin")
    process.send_signal(signal.SIGSTOP)
    net.kill("center-a")
    process.send_signal(signal.SIGCONT)
    net.start("center-a")
    said = process.communicate(timeout=PATIENCE_S)[1]
    tap.ok(process.returncode == 75 and "E5041" in said
           and not os.path.exists(to) and not os.path.exists(f"{to}.partial"),
           "a host that starts anew spoils the copy, which says so", said)
    net.stop("center-a")
    made = json.loads(backup(net, "center-a", f"{net.dir}/b-down").stdout)
    result, found = verify(net, "center-a", f"{net.dir}/b-down")
    tap.ok(not made["was_running"] and result.returncode == 0,
           "a host that does not run is copied as well", result.stdout
           + result.stderr)
    shutil.move(f"{net.dir}/center-a", f"{net.dir}/lost")
    net.command("restore", "-c", net.conf("center-a"), f"{net.dir}/b-down")
    tap.ok(os.path.exists(f"{net.dir}/center-a/rows.db"),
           "and put in place of lost data")


def test(tap):
    with Network("backup", "[store]\nsegment_mb = 4\n") as net:
        under_load(tap, net)
        secrets(tap, net)
        refusals(tap, net)
        damage(tap, net)
        restarts(tap, net)


run(tap, test)
tap.done()
