#!/usr/bin/python3
"""Goal: what a program fills in becomes official files that xmllint accepts by
the DTDs, of every kind, and that go to another agency as they are; what is
wrong is told with element, rule and remedy, and makes no file.  limit: 180"""

import glob
import json
import os
import subprocess

from network import Network, Refused, Tap, pdf, run

tap = Tap()
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
TOOL = os.path.join(os.path.dirname(os.environ["YIZHAN"]),
                    "tests/tools/document_tool")
SAMPLES = os.path.join(ROOT, "data/samples/make")
RANDOM = 40


def lint(paths):
    """What xmllint says against the DTDs; [] if all are valid.

    It takes a name with Chinese in it for no good URI, and goes on."""
    catalog = os.path.join(ROOT, "data/dtd")
    result = subprocess.run(
        ["xmllint", "--valid", "--noout", "--nonet", "--path",
         f"{catalog} {catalog}/reconstructed", *paths],
        capture_output=True, text=True, check=False)
    lines = [line for line in result.stderr.splitlines()
             if " error : " in line or "error :" in line]
    return [line for line in lines if "Invalid URI" not in line], \
        result.returncode


def random_documents(tap, folder):
    os.makedirs(folder)
    subprocess.run([TOOL, folder, str(RANDOM)], check=True)
    paths = sorted(glob.glob(f"{folder}/*"))
    tap.ok(len(paths) == RANDOM * 8, "documents of every kind are there")
    wrong, status = lint(paths)
    tap.ok(not wrong and status == 0,
           f"xmllint finds {len(paths)} of them valid", (status, wrong[:5]))
    with open(paths[0], encoding="utf-8") as file:
        text = file.read()
    spoiled = f"{folder}/spoiled.di"
    with open(spoiled, "w", encoding="utf-8") as file:
        file.write(text.replace("<函類別", "<其他類別"))
    tap.ok(lint([spoiled])[1] != 0, "and one that is spoiled invalid (control)")


def example(name):
    with open(f"{SAMPLES}/{name}.json", encoding="utf-8") as file:
        return json.load(file)


def make(net, letter, folder):
    path = f"{folder}.json"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(letter, file)
    return net.command("doc", "make", path, "--to", folder, "-c",
                       net.conf("gateway-1"), check=False)


def examples(tap, net):
    names = sorted(os.path.basename(path)[:-5]
                   for path in glob.glob(f"{SAMPLES}/*.json"))
    for name in names:
        folder = f"{net.dir}/made-{name}"
        result = make(net, example(name), folder)
        paths = sorted(glob.glob(f"{folder}/*"))
        tap.ok(result.returncode == 0 and
               sorted(result.stderr.split()) ==
               [os.path.basename(path) for path in paths],
               f"{name}: its files are written and named", result)
        wrong, status = lint(paths)
        tap.ok(not wrong and status == 0, f"{name}: valid for xmllint",
               (status, wrong))
        again = make(net, example(name), folder)
        tap.ok(again.returncode == 73 and
               sorted(glob.glob(f"{folder}/*")) == paths,
               f"{name}: nothing is overwritten", again)
    return names


def sent_as_made(tap, net):
    letter = example("letter")
    letter["attachments"] = ["slides.pdf"]
    letter["attachment_note"] = "如說明二"
    letter["subject"] = "𠀀罕用字 <&> \"引號\"，請查照。"
    letter["originals"] = [{"kind": "org", "name": "彰化縣政府"}]
    letter["copies"] = []
    letter["rosters"] = [{"entries": [
        {"name": "彰化縣政府", "code": "376470000A",
         "with_attachments": True}]}]
    folder = f"{net.dir}/sent"
    result = make(net, letter, folder)
    tap.ok(result.returncode == 0, "a letter with rare characters is made",
           result)
    with open(f"{folder}/slides.pdf", "wb") as file:
        file.write(pdf(1000))
    sent = net.send(sorted(glob.glob(f"{folder}/*")))
    net.wait_states(sent["id"], ["opened"])
    tap.ok(net.inbox("gateway-2")[0]["subject"] == letter["subject"],
           "and read at the other agency as it was written",
           net.inbox("gateway-2")[0])


def refused(tap, net):
    cases = {
        "a letter without a subject": (dict(subject=""), "E2114", "主旨"),
        "a control character": (dict(subject="a\x07b"), "E2170", "主旨"),
        "a code that is none": (
            dict(senders=[{"name": "某府", "code": "12"}]), "E2110",
            "senders/0/code"),
        "a field that is unknown": (dict(colour="red"), "E2175", "colour"),
        "a program as attachment": (
            dict(attachments=["invoice.pdf.exe"]), "E2121", ""),
        "a secret letter": (dict(secrecy="密"), "E2201", "密等"),
        "a meeting's time": (
            dict(times=[{"date": "2026-12-01"}]), "E2174", "/函"),
    }
    for number, (name, (change, rule, place)) in enumerate(cases.items()):
        letter = dict(example("letter"), **change)
        folder = f"{net.dir}/refused-{number}"
        result = make(net, letter, folder)
        tap.ok(result.returncode == 65 and rule in result.stdout + result.stderr
               and not os.path.exists(folder),
               f"{name} is refused: {rule}, and no file made", result)
        path = f"{folder}.json"
        try:
            net.json("gateway-1", "doc", "make", path, "--to", folder)
            tap.ok(False, name)
        except Refused as problem:
            found = [item for item in json.loads(problem.output)["errors"]
                     if item["rule"] == rule]
            tap.ok(found and found[0]["remedy"] and
                   place in found[0]["element"],
                   f"{name}: rule, element and remedy", problem.output)


def run_all(tap):
    with Network("make") as net:
        random_documents(tap, f"{net.dir}/random")
        examples(tap, net)
        sent_as_made(tap, net)
        refused(tap, net)


run(tap, run_all)
tap.done()
