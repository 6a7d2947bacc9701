#!/usr/bin/python3
"""Goal: a crypto module is issued against a one-time code, bound to its host and
organisations, and used only once officers have registered it; waybills of an
unregistered, revoked, held or foreign module are refused with the reason
(R5.1.6, T-MOD-01).  limit: 120"""

import hashlib
import json
import os
import shutil
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from by_hand import Parts, bulletin, instant, line, local, sha, sign, \
    signed_content, submit
from network import Network, Refused, Tap, run

tap = Tap()
HOST, CODE = "gateway-1", "376490000A"


def refuses(name, code, call):
    try:
        call()
        tap.ok(False, name)
    except Refused as why:
        tap.ok(why.code == code, f"{name}: {why.code}", why)


def code_for(net, host=HOST, codes=CODE):
    return json.loads(net.command(
        "module", "code", host, "--organisations", codes, "--json", "-c",
        net.conf("management")).stdout)["code"]


def init(net, code, name, host=HOST):
    path = f"{net.dir}/{name}"
    key = f"{net.dir}/{host}.keys/module.pem.new"
    if os.path.exists(key):
        os.unlink(key)
    net.command("module", "init", "--code", code, "--to", path, "-c",
                net.conf(host))
    return path


def issue(net, request, name):
    path = f"{net.dir}/{name}"
    net.command("module", "issue", request, "--to", path, "-c",
                net.conf("management"))
    return path


def issued(tap, net):
    code = code_for(net)
    tap.ok(len(code) == 24, "management gives a one-time code", code)
    guessed = init(net, "0000-0000-0000-0000-0000", "guessed")
    refuses("a request with a guessed code", "E3628",
            lambda: issue(net, guessed, "never.crt"))
    other = init(net, code, "other", "gateway-2")
    refuses("another host's request with that code", "E3628",
            lambda: issue(net, other, "never.crt"))
    os.unlink(f"{net.dir}/gateway-2.keys/module.pem.new")
    refuses("what is no code", "E3627",
            lambda: init(net, "hello", "nothing"))
    request = init(net, code.lower().replace("-", " "), "request")
    with open(request, encoding="utf-8") as file:
        text = file.read()
    tap.ok(code not in text and code.replace("-", "") not in text,
           "the code does not stand in the request")
    altered = f"{net.dir}/altered"
    with open(altered, "w", encoding="utf-8") as file:
        file.write(text.replace(CODE, "376470000A"))
    refuses("a request that was altered", "E3005",
            lambda: issue(net, altered, "never.crt"))
    tap.ok(not os.path.exists(f"{net.dir}/never.crt"), "none of it is issued")
    path = issue(net, request, "module.crt")
    with open(path, "rb") as file:
        cert = x509.load_pem_x509_certificate(file.read())
    attribute = cert.extensions.get_extension_for_oid(
        x509.ObjectIdentifier("2.5.29.9")).value.value
    tap.ok(f"CN={HOST}" in cert.subject.rfc4514_string() and
           CODE.encode() in attribute,
           "the certificate names host and organisation", cert.subject)
    refuses("the same code once more", "E3628",
            lambda: issue(net, request, "again.crt"))
    acts = local(net, "management", "/v1/log/acts").json()["acts"]
    print_of = hashlib.sha256(cert.public_bytes(Encoding.DER)).hexdigest()
    tap.ok([act["act"] for act in acts if act["act"].startswith("module.")] ==
           ["module.code", "module.issued"] and any(
               act["detail"] == print_of for act in acts),
           "code and certificate are acts in the log", acts)
    listed = json.loads(net.command("module", "list", "--json", "-c",
                                    net.conf("management")).stdout)["modules"]
    tap.ok([(item["host"], item["organisations"], item["fingerprint"])
            for item in listed] == [(HOST, CODE, print_of)],
           "and management lists it", listed)
    return path, cert, print_of


def register(net, cert, before, **members):
    """Two officers: the new module is active, the old one revoked."""
    def change(body):
        entry = next(item for item in body["organisations"]
                     if item["code"] == CODE)
        old = next(key for key in entry["keys"] if key["use"] == "module")
        new = dict(old, certificate=b64(cert), state="active",
                   not_after=instant(86400))
        old["state"] = "revoked"
        entry["keys"].append(new)
    cms = bulletin(net, "directory", change=change, **members)
    path = f"{net.dir}/directory-{members.get('serial', 2)}"
    with open(path, "wb") as file:
        file.write(cms)
    net.publish([path])
    for host in ("center-a", "center-b", "gateway-1", "gateway-2"):
        net.wait_for(lambda: any(
            item["type"] == "directory" and item["serial"] > before
            for item in json.loads(local(net, host, "/v1/bulletins").body)
            ["bulletins"]), f"{host} does not hear of it")
    return cms


def b64(cert):
    return subprocess.run(
        ["base64", "-w0"], input=cert.public_bytes(Encoding.DER),
        capture_output=True, check=True).stdout.decode()


def over_network(tap, net):
    """No file is carried: the module that is there asks for the next one."""
    key = f"{net.dir}/{HOST}.keys/module.pem"
    asked = json.loads(net.command(
        "module", "init", "--code", code_for(net), "--json", "-c",
        net.conf(HOST)).stdout)["id"]
    install = ["module", "install", "--case", asked, "-c", net.conf(HOST)]
    refuses("a certificate that nobody issued yet", "E3735",
            lambda: net.command(*install))

    def show(name):
        return json.loads(net.command("case", "show", name, "--json", "-c",
                                      net.conf("management")).stdout)

    def waiting():
        """Those whose request has come with its file."""
        return [item["id"] for item in json.loads(net.command(
            "case", "list", "--json", "-c",
            net.conf("management")).stdout)["cases"]
            if item["definition"] == "renew-module" and
            show(item["id"])["attachments"]]

    net.wait_for(waiting, "the request does not come to management")
    case = waiting()[0]
    net.command("module", "issue", "--case", case, "-c",
                net.conf("management"))
    tap.ok(show(case)["state"] == "issued",
           "a case asks for it, and is issued", show(case))

    def is_installed():
        try:
            net.command(*install)
        except Refused as why:
            if why.code != "E3735":
                raise
        return not os.path.exists(f"{key}.new")

    net.wait_for(is_installed, "the certificate does not come down")
    newest = json.loads(net.command("module", "list", "--json", "-c",
                                    net.conf("management")).stdout)[
                                        "modules"][0]["fingerprint"]
    with open(key, "rb") as file:
        _, begin, rest = file.read().partition(b"-----BEGIN CERTIFICATE")
    cert = x509.load_pem_x509_certificate(begin + rest)
    tap.ok(hashlib.sha256(cert.public_bytes(Encoding.DER)).hexdigest() ==
           newest, "and the certificate comes down to its key", newest)


def hold(net, print_of):
    body = {"holds": [{
        "case": "M-1", "subject": "module", "name": print_of,
        "direction": "sending", "ground": 0, "stops_queued": False,
        "reason": "試驗", "from": instant(-1), "until": instant(3600)}]}
    value = {"format": "yizhan-bulletin-1", "environment": "demo",
             "type": "hold", "name": "", "serial": 1, "issued": instant(-1),
             "expires": instant(3600), "previous": "", "body": body}
    path = f"{net.dir}/hold-1"
    with open(path, "wb") as file:
        file.write(sign(line(value), f"{net.dir}/officers/officer-1.pem"))
    net.publish([path])


def test(tap):
    with Network("issue") as net:
        path, cert, print_of = issued(tap, net)
        keys = f"{net.dir}/{HOST}.keys"
        shutil.copy(f"{keys}/module.pem", f"{net.dir}/old.pem")
        answer = submit(net, Parts(net, ["376470000A"], serial=1))
        tap.ok(answer.status == 201, "the module of before is registered",
               answer)
        net.command("module", "install", path, "-c", net.conf(HOST))
        tap.ok(not os.path.exists(f"{keys}/module.pem.new"),
               "the certificate is put to its key")
        answer = submit(net, Parts(net, ["376470000A"], serial=2))
        tap.ok(answer.code == "E4009",
               "a module that nobody registered is refused", answer)
        register(net, cert, 1)
        answer = submit(net, Parts(net, ["376470000A"], serial=3))
        tap.ok(answer.status == 201,
               "once two officers registered it its waybills are taken",
               answer)
        net.stop(HOST)
        net.start(HOST)
        net.wait_for(lambda: net.is_ready(HOST), "not ready")
        net.wait_states(net.send(net.letter(["376470000A"], 1))["id"],
                        ["opened"])
        tap.ok(True, "and letters of its gateway go")
        shutil.copy(f"{keys}/module.pem", f"{net.dir}/new.pem")
        over_network(tap, net)
        shutil.copy(f"{net.dir}/old.pem", f"{keys}/module.pem")
        answer = submit(net, Parts(net, ["376470000A"], serial=4))
        tap.ok(answer.code == "E4009", "the revoked one is refused", answer)
        shutil.copy(f"{net.dir}/gateway-2.keys/module.pem",
                    f"{keys}/module.pem")
        answer = submit(net, Parts(net, ["376470000A"], serial=5))
        tap.ok(answer.code == "E4009", "and a module of another host",
               answer)
        shutil.copy(f"{net.dir}/new.pem", f"{keys}/module.pem")
        hold(net, print_of)
        net.wait_for(lambda: submit(net, Parts(
            net, ["376470000A"], serial=6)).code == "E4009",
            "a held module goes on")
        tap.ok(True, "and one that a duty officer holds")


run(tap, test)
tap.done()
