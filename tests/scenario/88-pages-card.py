#!/usr/bin/python3
"""Goal: in a real browser, with a profile and a certificate store of its own, a
card's certificate signs its person in, and without it nobody.  limit: 120"""

import json
import os
import subprocess
import sys

from network import Network
from web import make_card

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


def store_of(folder, card=None):
    """The home of a browser; with `card` (PEM) in its store of certificates."""
    place = f"{folder}/.pki/nssdb"
    os.makedirs(place)
    store = ["-d", f"sql:{place}"]
    subprocess.run(["certutil", "-N", "--empty-password", *store], check=True)
    if card:
        subprocess.run(
            ["openssl", "pkcs12", "-export", "-in", card, "-inkey", card,
             "-out", f"{folder}/card.p12", "-passout", "pass:demo", "-name",
             "card"], check=True)
        subprocess.run(["pk12util", "-i", f"{folder}/card.p12", "-W", "demo",
                        "-K", "", *store], check=True,
                       stdout=subprocess.DEVNULL)
    return folder


def main():
    with Network() as net:
        card = make_card(net.dir, "card")
        net.command("person", "add", "陳持卡", "--role", "clerk",
                    "--organisation", "376490000A", "--certificate", card,
                    "-c", net.conf("gateway-1"))
        address = net.settings("gateway-1")["host.address"]
        base = f"https://{address}:8443"
        policy = f"{net.dir}/policy.json"
        with open(policy, "w", encoding="ascii") as file:
            json.dump({"AutoSelectCertificateForUrls": [json.dumps(
                {"pattern": base, "filter": {}})]}, file)
        world = {"base": base,
                 "profiles": [store_of(f"{net.dir}/with", card),
                              store_of(f"{net.dir}/without")]}
        # The browser's policies lie in one place; ours is seen by it alone.
        return subprocess.run(
            ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c",
             "{ mount --make-rprivate / 2>/dev/null || true; } && "
             "mount -t tmpfs none /etc/chromium && "
             "mkdir -p /etc/chromium/policies/managed && "
             'cp "$1" /etc/chromium/policies/managed/ && shift && exec "$@"',
             "sh", policy, "node", f"{ROOT}/tests/web/card.mjs"],
            env={**os.environ, "CARD": json.dumps(world)},
            check=False).returncode


sys.exit(main())
