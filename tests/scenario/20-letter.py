#!/usr/bin/python3
"""Goal: a real letter goes from one agency to two others through two centers
and comes back as signed receipts that verify without any host (R2.2, R4.2,
R5.2.8).  limit: 240"""

import glob
import hashlib
import os
import re
import subprocess
import zipfile

from network import Network, Refused, Tap, pdf, run

tap = Tap()
CANARY = b"YIZHAN-CANARY-7c1f0b"


def letter_and_receipts(tap, net):
    """Both recipients, at different centers, get it; receipts come back."""
    data = pdf(20000) + CANARY
    paths = net.letter(["376470000A", "376530000A"], 1,
                       {"slides.pdf": data})
    sent = net.send(paths)
    document = sent["id"]
    tap.ok(len(sent["deliveries"]) == 2, "two deliveries are told at once")
    net.wait_states(document, ["opened"])
    tap.ok(True, "both recipients opened it")

    for host in ("gateway-2", "gateway-3"):
        inbox = net.inbox(host)
        tap.ok(len(inbox) == 1 and inbox[0]["state"] == "opened",
               f"one letter in the inbox of {host}", inbox)
        name = f"{inbox[0]['waybill_id']}/{inbox[0]['recipient']}"
        tap.ok(inbox[0]["subject"].startswith("第1號"), "with its subject",
               inbox[0])
        folder = f"{net.dir}/saved-{host}"
        os.makedirs(folder)
        net.json(host, "doc", "save", name, "--to", folder)
        with open(f"{folder}/slides.pdf", "rb") as file:
            tap.ok(file.read() == data, f"the attachment arrives whole at "
                                        f"{host}")
        for path in paths[:2]:
            with open(path, "rb") as ours, open(
                    f"{folder}/{os.path.basename(path)}", "rb") as theirs:
                tap.ok(ours.read() == theirs.read(),
                       f"{os.path.basename(path)} arrives as it was")
        net.json(host, "doc", "save", name, "--to", folder, "--package")

    events = {item["recipient"]: [event["event"] for event in item["events"]]
              for item in net.outbox(document)["deliveries"]}
    tap.ok(events["376470000A"] == ["accepted", "fetched", "opened"],
           "the events at one center, in order", events)
    tap.ok(events["376530000A"] == ["accepted", "relayed", "fetched",
                                    "opened"],
           "the events through two centers, in order", events)
    return document


def confirm_and_return(tap, net, document):
    """A person's answer comes back signed by the organisation."""
    first = net.inbox("gateway-2")[0]
    name = f"{first['waybill_id']}/{first['recipient']}"
    net.json("gateway-2", "doc", "confirm", name)
    again = net.json("gateway-2", "doc", "confirm", name)
    tap.ok(again["state"] == "confirmed", "signing twice is signing once")
    try:
        net.json("gateway-2", "doc", "return", name, "--reason",
                 "misdirected")
        tap.ok(False, "no return after signing")
    except Refused as refused:
        tap.ok(refused.code.startswith("E"), "no return after signing",
               refused)
    second = net.inbox("gateway-3")[0]
    net.json("gateway-3", "doc", "return",
             f"{second['waybill_id']}/{second['recipient']}", "--reason",
             "misdirected")
    net.wait_states(document, ["confirmed", "returned"])
    states = net.states(document)
    tap.ok(states == {"376470000A": "confirmed", "376530000A": "returned"},
           "the sender knows who signed and who returned", states)
    reasons = [item["reason"] for item in net.outbox(document)["deliveries"]
               if item["state"] == "returned"]
    tap.ok(reasons == ["misdirected"], "and why", reasons)


def receipts_stand_alone(tap, net, document):
    folder = f"{net.dir}/receipts"
    os.makedirs(folder)
    net.command("receipt", "save", document, "--to", folder, "-c",
                net.conf("gateway-1"))
    files = sorted(glob.glob(f"{folder}/*"))
    arguments = ["--bulletins", f"{net.dir}/bulletins", "--root", net.root,
                 "--environment", "demo"]
    tap.ok(len(files) >= 7, "every step left a receipt", files)
    net.command("receipt", "verify", *files, *arguments)
    tap.ok(True, "every receipt verifies offline")
    refused = 0
    for path in files:
        with open(path, "rb") as file:
            good = file.read()
        for at in range(0, len(good), max(1, len(good) // 25)):
            bad = bytearray(good)
            bad[at] ^= 1
            with open(f"{net.dir}/bad", "wb") as file:
                file.write(bad)
            result = net.command("receipt", "verify", f"{net.dir}/bad",
                                 *arguments, check=False)
            if result.returncode == 0:
                tap.ok(False, f"{os.path.basename(path)} with byte {at} "
                              "changed is refused")
            refused += 1
    tap.ok(refused > 0, f"{refused} changed receipts were refused")


def package_for_third_parties(tap, net):
    """Stock unzip and openssl verify what arrived (R2.1)."""
    package = glob.glob(f"{net.dir}/saved-gateway-2/*.asice")
    tap.ok(len(package) == 1, "the package was saved", package)
    if not package:
        return
    folder = f"{net.dir}/unzipped"
    result = subprocess.run(["unzip", "-q", package[0], "-d", folder],
                            capture_output=True, text=True, check=False)
    tap.ok(result.returncode == 0, "unzip opens it", result.stderr)
    manifest = f"{folder}/META-INF/ASiCManifest001.xml"
    result = subprocess.run(
        ["openssl", "cms", "-verify", "-inform", "DER", "-binary", "-noverify",
         "-in", f"{folder}/META-INF/signature001.p7s", "-content", manifest,
         "-out", "/dev/null"], capture_output=True, text=True, check=False)
    tap.ok(result.returncode == 0, "openssl cms verifies its signature",
           result.stderr)
    import base64
    text = open(manifest, encoding="utf-8").read()
    for name in zipfile.ZipFile(package[0]).namelist():
        if name.startswith("META-INF/") and not name.endswith("yizhan.json") \
                or name == "mimetype":
            continue
        with open(f"{folder}/{name}", "rb") as file:
            digest = base64.b64encode(hashlib.sha256(file.read()).digest())
        tap.ok(digest.decode() in text, f"the manifest has {name}")


def center_cannot_read(tap, net):
    """T-CRY-11: no plain text on a center's disk."""
    for center in ("center-a", "center-b"):
        found = net.files_with(center, CANARY)
        tap.ok(not found, f"{center} holds no plain text", found)
    tap.ok(net.files_with("gateway-2", CANARY),
           "the recipient's gateway does (control)")


def without_attachments(tap, net):
    """A recipient marked 不含附件 never receives the attachments' bytes."""
    secret = b"ONLY-FOR-CHANGHUA-51d2"
    paths = net.letter([("376470000A", True), ("376530000A", False)], 2,
                       {"annex.pdf": pdf(3000) + secret})
    document = net.send(paths)["id"]
    net.wait_states(document, ["opened"])
    waybills = {item["waybill_id"]
                for item in net.outbox(document)["deliveries"]}
    tap.ok(len(waybills) == 2, "two waybills", waybills)
    inbox = [item for item in net.inbox("gateway-3")
             if item["waybill_id"] in waybills]
    names = [file["name"] for file in inbox[0]["files"]]
    tap.ok("annex.pdf" not in names and "letter.di" in names,
           "the one without attachments gets the letter alone", names)
    found = net.files_with("gateway-3", secret)
    tap.ok(not found, "and no byte of them", found)


def refusals(tap, net):
    def refused(name, paths, *codes):
        before = len(net.json("gateway-1", "doc", "list",
                              "--out")["documents"])
        try:
            net.send(paths)
            tap.ok(False, name)
        except Refused as error:
            found = set(re.findall(r"E\d{4}", error.output))
            tap.ok(error.status != 0 and set(codes) <= found,
                   f"{name}: {sorted(found)}", error)
        after = len(net.json("gateway-1", "doc", "list", "--out")["documents"])
        tap.ok(before == after, f"{name}: nothing is left of it")

    refused("a secret letter is refused by name",
            net.letter(["376470000A"], 10, secrecy="密"), "E2201")
    names = dict(__import__("network").NAMES, A99999999X="無此機關")
    refused("an unknown recipient is refused",
            net.letter(["A99999999X"], 11, name=names))
    names["A41010000A"] = "國家發展委員會檔案管理局"
    refused("a recipient that is not connected is refused",
            net.letter(["A41010000A"], 12, name=names))
    bad = net.letter(["376470000A"], 13)
    text = open(bad[0], encoding="utf-8").read()
    with open(bad[0], "w", encoding="utf-8") as file:
        file.write(text.replace("<函類別", "<函類別x"))
    refused("a letter that breaks its DTD is refused", bad)
    hostile = net.letter(["376470000A"], 14)
    text = open(hostile[0], encoding="utf-8").read()
    with open(hostile[0], "w", encoding="utf-8") as file:
        file.write(text.replace(
            '<!NOTATION DI', '<!ENTITY x SYSTEM "file:///etc/passwd">'
                             '<!NOTATION DI'))
    refused("an external entity is refused", hostile)
    sender = net.letter(["376530000A"], 15, sender="376470000A")
    refused("a sender that this gateway does not serve is refused", sender)


def same_again(tap, net):
    """Sending twice is impossible."""
    paths = net.letter(["376470000A"], 20)
    first = net.send(paths)
    second = net.send(paths)
    tap.ok(first["id"] == second["id"], "the same files are the same letter")
    net.wait_states(first["id"], ["opened"])
    count = sum(1 for item in net.inbox("gateway-2")
                if item["document_id"] == first["id"])
    tap.ok(count == 1, "and one entry in the inbox", count)


def restart(tap, net):
    """Every host stops and starts; what was there is there."""
    hosts = ("gateway-2", "gateway-3")
    for host in hosts:
        net.wait_receipts(host)
    before = {host: net.inbox(host) for host in hosts}
    for host in list(net.processes):
        net.stop(host)
    for host in net.hosts:
        net.start(host, wait=False)
    for host in net.hosts:
        net.wait_ready(host)
    for host in hosts:
        net.wait_for(lambda: net.is_ready(host), f"{host} not ready")
    after = {host: net.inbox(host) for host in hosts}
    tap.ok(before == after, "the inboxes are as before a restart",
           [pair for host in hosts for pair in zip(before[host], after[host])
            if pair[0] != pair[1]])
    document = net.send(net.letter(["376470000A", "376530000A"], 30))["id"]
    net.wait_states(document, ["opened"])
    tap.ok(True, "and a letter goes through as before")


def all_of_it(tap):
    with Network() as net:
        document = letter_and_receipts(tap, net)
        center_cannot_read(tap, net)
        confirm_and_return(tap, net, document)
        receipts_stand_alone(tap, net, document)
        package_for_third_parties(tap, net)
        without_attachments(tap, net)
        refusals(tap, net)
        same_again(tap, net)
        restart(tap, net)


run(tap, all_of_it)
tap.done()
