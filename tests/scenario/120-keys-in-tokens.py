#!/usr/bin/python3
"""Goal: keys that never leave a token (SoftHSM, by PKCS #11) sign and open
letters; a token that is pulled out stops nothing but its own keys, and the PIN
stands nowhere but in its file (R5.1.6, T-MOD-01).  limit: 120"""

import glob
import json
import os
import subprocess

from by_hand import openssl, source_of
from network import Network, Refused, Tap, run

tap = Tap()
TRUST = source_of("42-rewrap.py").Trust
LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "9151623"
SENDER, RECIPIENT = "376490000A", "376470000A"


def run_tool(*args):
    subprocess.run(args, check=True, capture_output=True)


class Token:
    """One token, and a configuration of SoftHSM of its own."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(f"{folder}/tokens")
        with open(f"{folder}/softhsm2.conf", "w", encoding="utf-8") as file:
            file.write(f"directories.tokendir = {folder}/tokens\n"
                       "objectstore.backend = file\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = f"{folder}/softhsm2.conf"
        self.write_pin(PIN)
        run_tool("softhsm2-util", "--init-token", "--free", "--label",
                 "驛站", "--pin", PIN, "--so-pin", "87654321")

    def write_pin(self, pin):
        with open(f"{self.folder}/pin", "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(pin + "\n")

    def add(self, number, pem):
        """The key of a PEM file and its certificate; the file is removed."""
        parts = {"privkey": ["pkey", "--usage-sign", "--usage-derive"],
                 "cert": ["x509"]}
        for kind, (command, *usage) in parts.items():
            openssl(command, "-in", pem, "-outform", "DER", "-out",
                    f"{pem}.der")
            run_tool("pkcs11-tool", "--module", LIBRARY, "--token-label",
                     "驛站", "--login", "--pin", PIN, "--write-object",
                     f"{pem}.der", "--type", kind, "--id", f"{number:02}",
                     "--label", f"key-{number}", *usage)
            os.remove(f"{pem}.der")
        os.remove(pem)

    def uri(self, number):
        return (f"pkcs11:token=%E9%A9%9B%E7%AB%99;id=%{number:02};"
                f"object=key-{number}?module-path={LIBRARY}"
                f"&pin-source=file:{self.folder}/pin")

    def pull(self):
        os.rename(f"{self.folder}/tokens", f"{self.folder}/pulled")

    def put_back(self):
        os.rename(f"{self.folder}/pulled", f"{self.folder}/tokens")


class Tokens(Network):
    """The sender's card and module, and the recipient's seal key."""

    def prepare(self):
        self.token = Token(f"{self.dir}/hsm")
        pem = f"{self.dir}/seal-2.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-sha256", "-subj",
                "/CN=seal-2", "-days", "100", "-addext",
                "keyUsage=critical,keyAgreement", "-keyout", pem + ".key",
                "-out", pem + ".crt")
        with open(pem, "wb") as file:
            for part in (".key", ".crt"):
                with open(pem + part, "rb") as half:
                    file.write(half.read())
        os.remove(pem + ".key")
        os.rename(pem + ".crt", f"{self.dir}/seal-2.crt")
        self.token.add(1, f"{self.dir}/gateway-1.keys/sign.{SENDER}.pem")
        self.token.add(2, f"{self.dir}/gateway-1.keys/module.pem")
        self.token.add(3, pem)
        self.change("gateway-1", f"key.sign.{SENDER}", 1)
        self.change("gateway-1", "key.module", 2)
        self.change("gateway-2", f"key.seal.{RECIPIENT}.2", 3)

    def change(self, host, name, number):
        with open(self.conf(host), encoding="utf-8") as file:
            lines = file.read().splitlines()
        lines = [line for line in lines
                 if line.split("=")[0].strip() != name]
        lines.insert(lines.index("[keeper]") + 1,
                     f"{name} = {self.token.uri(number)}")
        with open(self.conf(host), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


def show(net, host="gateway-1"):
    return json.loads(net.command("module", "show", "--json", "-c",
                                  net.conf(host), check=False).stdout)


def exchange(tap, net):
    said = show(net)
    tap.ok(said["state"] == "ready" and {"module", f"sign.{SENDER}"} <= {
        key["name"] for key in said["keys"]},
        "a module with keys in a token is ready", said)
    trust = TRUST(net)
    os.rename(f"{net.dir}/seal-2.crt", f"{net.dir}/seal-2.pem")
    trust.seals(RECIPIENT, **{
        f"gateway-2.keys/seal.{RECIPIENT}": "retiring", "seal-2": "active"})
    trust.publish(net.hosts)
    before = {key["name"]: key["uses"] for key in show(net)["keys"]}
    document = net.send(net.letter([RECIPIENT], 1))["id"]
    net.wait_states(document, ["opened"])
    after = {key["name"]: key["uses"] for key in show(net)["keys"]}
    tap.ok(all(after[name] > before[name]
               for name in ("module", f"sign.{SENDER}")),
           "a letter is signed by card and module in the token", after)
    uses = {key["name"]: key["uses"] for key in show(net, "gateway-2")["keys"]}
    tap.ok(uses[f"seal.{RECIPIENT}.2"] > 0,
           "and opened by a seal key in one", uses)
    checks = json.loads(net.command("doctor", "--json", "-c",
                                    net.conf("gateway-1"), check=False).stdout)
    found = [item for item in checks["checks"]
             if item["name"] == f"key sign.{SENDER}"]
    tap.ok(found and found[0]["state"] in ("ok", "warning"),
           "doctor sees its certificate, without the PIN", checks)


def pin_is_nowhere(tap, net):
    seen = []
    for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob(
            "/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                if PIN.encode() in file.read():
                    seen.append(path)
        except OSError:
            continue
    tap.ok(not seen, "the PIN is on no command line, in no environment", seen)
    logs = "".join(net.log(host, 100000) for host in net.hosts)
    tap.ok(PIN not in logs, "and in no log")


def pulled_out(tap, net):
    """Who sends is told; what is under way waits and goes on by itself."""
    net.token.pull()
    refused(tap, net, 2, "E3731",
            "while the token is out, who sends is told so")
    document = net.send(net.letter([SENDER], 3, sender=RECIPIENT),
                        host="gateway-2")["id"]
    net.wait_for(lambda: net.log("gateway-1", 100000).count("E3731") > 1,
                 "nobody says that the token is not there")
    net.wait_states(document, ["accepted"], host="gateway-2")
    tap.ok(show(net)["state"] == "ready" and net.states(
        document, host="gateway-2") == {SENDER: "accepted"},
        "what comes in waits at the center, and the module is well",
        net.states(document, host="gateway-2"))
    net.token.put_back()
    net.wait_states(document, ["opened"], host="gateway-2")
    tap.ok(True, "it is fetched by itself when the token is back")
    net.wait_states(net.send(net.letter([RECIPIENT], 2))["id"], ["opened"])
    tap.ok(True, "and letters go out again")


def refused(tap, net, number, code, name):
    try:
        net.send(net.letter([RECIPIENT], number))
        tap.ok(False, name)
    except Refused as why:
        tap.ok(why.code == code, name, why)


def not_in_order(tap, net):
    net.stop("gateway-1")
    net.token.pull()
    net.start("gateway-1")
    said = show(net)
    tap.ok(said["state"] == "failed" and "not there" in said["failure"],
           "without the token the module starts in its error state", said)
    refused(tap, net, 4, "E4201", "nothing is sent without its keys")
    words = net.command("doctor", "-c", net.conf("gateway-1"),
                        check=False).stdout
    tap.ok("E3731" in words, "and doctor says what to do", words)
    net.stop("gateway-1")
    net.token.put_back()
    net.token.write_pin("1111111")
    net.start("gateway-1")
    said = show(net)
    tap.ok(said["state"] == "failed" and "refuses its PIN" in said["failure"],
           "nor with a wrong PIN", said)
    net.stop("gateway-1")
    net.token.write_pin(PIN)
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    net.wait_states(net.send(net.letter([RECIPIENT], 5))["id"], ["opened"])
    tap.ok(show(net)["state"] == "ready", "with the right one all is well")


def test(tap):
    with Tokens("tokens", "[courier]\nretry_first_ms = 100\n"
                "retry_max_ms = 500\n",
                hosts=["management", "center-a", "center-b", "gateway-1",
                       "gateway-2"]) as net:
        exchange(tap, net)
        pin_is_nowhere(tap, net)
        pulled_out(tap, net)
        not_in_order(tap, net)


run(tap, test)
tap.done()
