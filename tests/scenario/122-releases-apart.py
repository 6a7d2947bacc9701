#!/usr/bin/python3
"""Goal: where no host runs a bundle, a file of it, and what a host has are
checked all the same, by bulletins that are believed from the root on; a host
that does not start is gone back with; what was refused is in health, figures
and log until it was verified; and a backup has what was done with releases
(R5.2.3, R5.3.2, T-REL-01, T-REL-04).  limit: 180"""

import glob
import json
import os
import re
import shutil
import subprocess

from by_hand import local, source_of
from network import Refused, Tap, run

tap = Tap()
base = source_of("118-releases.py")
GATEWAY, CENTER = base.GATEWAY, "center-a"
HOSTS = base.HOSTS  # with the second witness, without whom nothing is fresh


def refused(net, code, name, *args):
    """By any command line."""
    try:
        net.command(*args)
        return tap.ok(False, f"{name}: {code}", "it was done")
    except Refused as why:
        return tap.ok(why.code == code, f"{name}: {code}", why)


def checks(net):
    """Those of releases, as the pages ask for them."""
    found = local(net, GATEWAY, "/v1/health").json()["checks"]
    return {check["name"]: check for check in found}


def figures(net):
    text = local(net, GATEWAY, "/metrics").body.decode()
    return {name: int(value) for name, value in re.findall(
        r"^(yizhan_release_\w+) (\d+)$", text, re.MULTILINE)}


def alarmed(net, bundle):
    """What was refused is told wherever people look, until it was verified."""
    tap.ok(checks(net)["release-refused"]["state"] == "ok" and
           figures(net)["yizhan_release_refused"] == 0,
           "before anything was refused nobody is alarmed")
    stray = f"{bundle}/bin/stray"
    with open(stray, "w", encoding="utf-8") as file:
        file.write("x")
    refused(net, "E7604", "a file more is refused", "release", "verify", "-c",
            net.conf(GATEWAY), bundle)
    os.unlink(stray)
    found = checks(net)["release-refused"]
    tap.ok(found["state"] == "failed" and found["code"] == "E6938" and
           "E7604" in found["text"], "the page of the host's state fails",
           found)
    said = local(net, GATEWAY, "/v1/release").json()
    tap.ok(said["standing"] == "current" and said["running"] == "0.1.0" and
           said["release"]["version"] == "0.1.0" and
           "E7604" in said["refused"]["text"],
           "what runs here and what was refused is one answer", said)
    tap.ok(figures(net)["yizhan_release_refused"] == 1,
           "so do its figures", figures(net))
    checks(net)
    lines = [line for line in net.log(GATEWAY, 10000).splitlines()
             if "event=E6938" in line]
    tap.ok(len(lines) == 1 and "level=error" in lines[0] and
           "E7604" in lines[0], "and its log has it once", lines)
    net.release("verify", bundle)
    said = local(net, GATEWAY, "/v1/release").json()
    tap.ok(said["refused"] is None, "and is forgotten with it", said)
    tap.ok(checks(net)["release-refused"]["state"] == "ok" and
           figures(net)["yizhan_release_refused"] == 0 and
           "event=release.verified" in net.log(GATEWAY, 10000),
           "until all of it was found right")


def apart(net, bundle, code):
    """On a machine where nothing of the network runs."""
    saved = f"{net.dir}/saved"
    net.release("export", "--to", saved, host=CENTER)
    refused(net, "E1203", "a root is needed", "release", "verify",
            "--bulletins", saved, bundle)
    by = ["release", "verify", "--bulletins", saved, "--root", net.root,
          "--environment", "demo"]
    said = net.command(*by, bundle, "--check-code", code[:16]).stdout
    tap.ok("unchanged" in said and "no host was asked" in said,
           "a bundle is checked by saved bulletins", said)
    said = json.loads(net.command(*by, f"{bundle}/bin/yizhan",
                                  "--json").stdout)
    tap.ok(said["file"] == "bin/yizhan" and said["by"] == "bulletins" and
           said["code"] == code, "and so is one file of it", said)
    refused(net, "E7604", "a file of nobody's is refused", *by, "/bin/sh")
    refused(net, "E7614", "and another check code", *by, bundle,
            "--check-code", "1234 1234 1234 1234")
    refused(net, "E7004", "and bulletins of another root", *by[:5], "0" * 64,
            *by[6:], bundle)
    refused(net, "E7008", "of another environment too", *by[:7],
            "production", bundle)
    changed = f"{net.dir}/changed"
    shutil.copytree(bundle, changed)
    with open(f"{changed}/bin/yizhan", "r+b") as file:
        file.write(b"trojan")
    refused(net, "E7602", "a program that was changed is refused", *by,
            changed)
    shutil.rmtree(changed)
    root = [name for name in os.listdir(saved) if name.startswith("root-")]
    forged = f"{net.dir}/forged"
    shutil.copytree(saved, forged)
    os.unlink(f"{forged}/{root[0]}")
    refused(net, "E6937", "without the root nothing is believed", *by[:3],
            forged, *by[4:], bundle)
    with open(f"{saved}/{root[0]}", "rb") as file:
        one = file.read()
    with open(f"{forged}/{root[0]}", "wb") as file:
        file.write(one[:-20] + bytes(20))
    refused(net, "E7002", "nor with one that was changed", *by[:3], forged,
            *by[4:], bundle)


def stock_tools(net, bundle, code):
    """Stock openssl and sha256sum come to the same, by docs/releases.md."""
    with open(f"{base.ROOT}/docs/releases.md", encoding="utf-8") as file:
        blocks = re.findall(r"^```sh\n(.*?)^```$", file.read(),
                            re.MULTILINE | re.DOTALL)

    def stock(change=None, root=net.root):
        folder = f"{net.dir}/stock"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(f"{net.dir}/saved", folder)
        shutil.copytree(bundle, f"{folder}.bundle", dirs_exist_ok=True)
        if change is not None:
            change(folder, f"{folder}.bundle")
        done = subprocess.run(
            ["sh", "-euc", "".join(blocks)], check=False, text=True,
            capture_output=True,
            env={**os.environ, "ROOT": root, "ENVIRONMENT": "demo",
                 "BULLETINS": folder, "BUNDLE": f"{folder}.bundle"})
        shutil.rmtree(f"{folder}.bundle")
        return done

    good = stock()
    tap.ok(len(blocks) == 3 and good.returncode == 0 and code in good.stdout,
           "stock openssl and sha256sum say the same",
           good.stdout + good.stderr)

    def trojan(_, there):
        with open(f"{there}/bin/yizhan", "r+b") as file:
            file.write(b"trojan")

    def stray(_, there):
        shutil.copy("/bin/true", f"{there}/bin/stray")

    def other(folder, _):
        release, = glob.glob(f"{folder}/release-*")
        shutil.copy(glob.glob(f"{folder}/timestamp-*")[0], release)

    for name, change in (("a changed program", trojan),
                         ("a file more", stray),
                         ("a bulletin signed by another role", other)):
        bad = stock(change)
        tap.ok(bad.returncode != 0, f"{name} fails with stock tools too",
               bad.stdout + bad.stderr)
    tap.ok(stock(root="0" * 64).returncode != 0, "and another root")


def down(net, bundle, small):
    """A host that does not run is looked at, and gone back with."""
    net.release("fetch", "--from", bundle)
    net.release("stage")
    code = net.list()["release"]["code"]
    net.release("install", "--check-code", code)
    new = net.make("new", small, "--version", "0.3.0")
    net.announce(new)
    net.release("fetch", "--from", new)
    net.release("stage")
    net.release("install", "--check-code", net.list()["release"]["code"])
    was = local(net, GATEWAY, "/v1/release").json()
    net.stop(GATEWAY)
    said = json.loads(net.release("verify", "--json").stdout)
    tap.ok(was["standing"] == "behind" and was["release"]["version"] ==
           "0.3.0" and was["refused"] is None,
           "that it lags behind is told while it runs", was)
    tap.ok(said["by"] == "bulletins" and said["version"] == "0.3.0",
           "a host that is down is judged by what it has stored", said)
    net.release("return")
    tap.ok(os.readlink(f"{net.dir}/{GATEWAY}.opt/current") == "0.1.0",
           "one that does not start is gone back with")
    refused(net, "E1209", "what needs a running host says so", "release",
            "confirm", "-c", net.conf(GATEWAY))


def restored(net):
    """What was done with releases is in a backup, and proven by the drill."""
    before = open(f"{net.dir}/{GATEWAY}/releases/history",
                  encoding="utf-8").read()
    folder = f"{net.dir}/backup"
    net.command("backup", "-c", net.conf(GATEWAY), "--to", folder)
    net.command("backup", "verify", "-c", net.conf(GATEWAY), folder)
    os.rename(f"{net.dir}/{GATEWAY}", f"{net.dir}/gone")
    net.command("restore", "-c", net.conf(GATEWAY), folder)
    with open(f"{net.dir}/{GATEWAY}/releases/history",
              encoding="utf-8") as file:
        tap.ok(file.read() == before and '"returned"' in before,
               "a backup has what was done with releases")
    with open(f"{folder}/releases.history", "a", encoding="utf-8") as file:
        file.write("{}\n")
    done = net.command("backup", "verify", "-c", net.conf(GATEWAY), folder,
                       check=False)
    tap.ok(done.returncode != 0 and "releases.history" in
           done.stdout + done.stderr, "and none can be added unseen",
           done.stdout + done.stderr)


def test(tap):
    with base.Releases("apart", hosts=HOSTS) as net:
        _, small = base.programs(net)
        bundle = net.make("bundle", small, "--version", "0.1.0")
        net.announce(bundle)
        for host in (CENTER, GATEWAY):
            net.wait_for(lambda h=host: net.list(h)["grade"] == "fresh",
                         f"{host} has no timestamp")
        with open(f"{bundle}/release.sha256", encoding="utf-8") as file:
            code = file.read().split()[0]
        alarmed(net, bundle)
        apart(net, bundle, code)
        stock_tools(net, bundle, code)
        down(net, bundle, small)
        restored(net)


run(tap, test)
tap.done()
