#!/usr/bin/env python3
# limit: 300
"""Watched folders (docs/folders.md): letters out of a folder and into one,
results, receipts and refusals as files, the layout of the former clients; killed
at each of its steps nothing is lost, sent twice, or handed over twice.
Negative control: two clients that do it wrong are caught."""

import glob
import json
import os
import shutil
import subprocess
import uuid

from folders import Folder, token_of
from network import Network, Tap, pdf, run
from web import Web

A, B = "376490000A", "376470000A"


def out_and_in(tap, net, ours, theirs):
    ours.once()
    theirs.once()
    paths = net.letter([B], 1, {"note.pdf": pdf(3000)})
    os.makedirs(f"{ours.path}/out/half")
    shutil.copy(paths[0], f"{ours.path}/out/half")
    ours.once()
    tap.ok(os.listdir(f"{ours.path}/out/half") and not ours.names("sent"),
           "what does not say that it is complete is not touched")
    ours.drop(paths, "first")
    ours.drop(paths, "second", rename=False)
    ours.once()
    tap.ok(ours.names("sent") == ["first", "second"] and
           ours.names("out") == ["half"],
           "complete by rename or marker, they are handed in",
           ours.names("out"))
    tap.ok(ours.result("first")["id"] == ours.result("second")["id"],
           "the same letter under two names is sent once")
    sent = ours.result("first")["id"]
    net.wait_states(sent, ["opened"])
    ours.once()
    tap.ok("已送達，待對方簽收" in ours.read("results/first/result.txt") and
           ours.result("first")["deliveries"][0]["state"] == "opened" and
           "receipt" in ours.read("results/first/receipts.json"),
           "how it stands is a file", ours.read("results/first/result.txt"))
    theirs.once()
    came = theirs.names("RCV")
    tap.ok(len(came) == 1, "it comes into the recipient's folder", came)
    files = sorted(os.path.relpath(path, f"{theirs.path}/RCV/{came[0]}")
                   for path in glob.glob(f"{theirs.path}/RCV/{came[0]}/**",
                                         recursive=True)
                   if os.path.isfile(path))
    tap.ok(files == ["ATTCH/note.pdf", "_letter.json", "_receipts.json",
                     "letter.di", "letter.sw"],
           "in the layout of the former clients", files)
    with open(paths[2], "rb") as one, open(
            f"{theirs.path}/RCV/{came[0]}/ATTCH/note.pdf", "rb") as other:
        tap.ok(one.read() == other.read(), "byte for byte")
    return sent, came[0]


def acts(tap, net, ours, theirs, sent, came):
    def act(name, text=""):
        with open(f"{theirs.path}/acts/{name}.new", "w",
                  encoding="utf-8") as file:
            file.write(text)
        os.rename(f"{theirs.path}/acts/{name}.new",
                  f"{theirs.path}/acts/{name}")

    act(came + ".notice", "misdirec")
    act("1140000009_" + B + ".confirm")
    theirs.once()
    tap.ok(theirs.names("acts") == [came + ".notice", "done"],
           "an act without the end of its line waits", theirs.names("acts"))
    tap.ok("E6803" in theirs.read(f"acts/done/1140000009_{B}.confirm.txt"),
           "one about no letter is refused in words")
    act(came + ".confirm")
    theirs.once()
    tap.ok(json.loads(theirs.read(f"acts/done/{came}.confirm.json"))["state"]
           == "confirmed", "a file signs for a letter")
    act(came + ".notice", "misdirected\n")
    theirs.once()
    net.wait_states(sent, ["confirmed"])
    ours.once()
    tap.ok("對方已簽收" in ours.read("results/first/result.txt"),
           "and the sender has it as a file")
    shutil.rmtree(f"{theirs.path}/RCV/{came}")
    os.unlink(f"{theirs.path}/.work/cursor")
    theirs.once()
    tap.ok(not theirs.names("RCV"), "taken away, a letter comes no more, also "
           "when all is told anew")


def refusals(tap, net, ours):
    paths = net.letter([B], 2, {"note.pdf": pdf(100)})
    ours.drop(paths[:2], "lacking")
    ours.drop(paths[2:], "no-letter")
    ours.drop(paths, "with-link")
    os.symlink("/etc/passwd", f"{ours.path}/out/with-link.letter/passwd")
    ours.once()
    tap.ok(ours.names("refused") == ["lacking", "no-letter", "with-link"] and
           not ours.names("out")[1:],
           "bad ones go to the refused", ours.names("refused"))
    text = ours.read("refused/lacking/_refused.txt")
    tap.ok("E2123" in text and "缺少檔案" in text and "File missing" in text and
           "note.pdf" in text, "with the reason in both languages", text)
    tap.ok("E6802" in ours.read("refused/no-letter/_refused.txt") and
           "E6801" in ours.read("refused/with-link/_refused.txt"),
           "also what never left")
    ours.drop(paths, "lacking")
    ours.once()
    tap.ok("lacking" in ours.names("sent"), "mended, it is sent")


def old_layout(tap, net):
    """SND and SND/Attch, envelope and all; the marker is the envelope."""
    old = Folder(net, "old-a", "gateway-1", A, "--layout", "old")
    old.once()
    paths = net.letter([B], 3, {"scan.pdf": pdf(2000)})
    for path, name in zip(paths, ("SND/5874748926-1030000001.di",
                                  "SND/letter.sw", "SND/Attch/scan.pdf")):
        shutil.copy(path, f"{old.path}/{name}")
    # The letter names its roster, so the stem has to fit.
    os.rename(f"{old.path}/SND/letter.sw",
              f"{old.path}/SND/5874748926-1030000001.sw")
    with open(f"{old.path}/SND/5874748926-1030000001.di",
              encoding="utf-8") as file:
        text = file.read().replace("letter.sw", "5874748926-1030000001.sw")
    with open(f"{old.path}/SND/5874748926-1030000001.di", "w",
              encoding="utf-8") as file:
        file.write(text)
    old.once()
    tap.ok(len(old.names("SND")) == 3 and not old.names("sent"),
           "(without its marker it waits)", old.names("SND"))
    with open(f"{old.path}/SND/5874748926-1030000001.ready", "wb"):
        pass
    old.once()
    tap.ok(old.names("sent") == ["5874748926-1030000001"] and
           sorted(os.listdir(f"{old.path}/sent/5874748926-1030000001")) ==
           ["5874748926-1030000001.di", "5874748926-1030000001.sw",
            "scan.pdf"] and old.names("SND") == ["Attch"] and
           old.names("SND/Attch") == ["scan.pdf"],
           "a letter of the old layout is sent with what it names",
           old.names("SND"))
    return old.result("5874748926-1030000001")["id"]


class Careless:
    """How it must not be done: a new key for each try, or moved first."""

    def __init__(self, web, folder):
        self.web, self.folder = web, folder

    def work(self, name, moves_first, dies):
        files = glob.glob(f"{self.folder.path}/out/{name}.letter/*")
        files.sort()
        if moves_first:
            os.rename(f"{self.folder.path}/out/{name}.letter",
                      f"{self.folder.path}/sent/{name}")
            if dies:
                return
        self.web.send("/v1/documents", files,
                      headers={"Idempotency-Key": uuid.uuid4().hex})
        if not moves_first and not dies:
            os.rename(f"{self.folder.path}/out/{name}.letter",
                      f"{self.folder.path}/sent/{name}")


def counted(net, serials):
    """How often each of these letters stands in the outbox."""
    listed, cursor = [], ""
    web = Web(net, token=open(token_of(net, "gateway-1", A),
                              encoding="ascii").read().strip())
    while True:
        page = web.get(f"/v1/outbox?limit=200&cursor={cursor}").json
        listed += [item["reference"] for item in page["documents"]]
        cursor = page["next"]
        if not cursor:
            break
    return {serial: sum(f"{serial:07d}" in reference for reference in listed)
            for serial in serials}


def kills(tap, net, ours, theirs):
    """Killed at one of its steps after the other, sending and receiving."""
    count = f"{net.dir}/steps"
    serials = list(range(100, 114))
    ours.drop(net.letter([B], serials[0], {"a.pdf": pdf(500)}), "kill-100")
    ours.once(count=count)
    steps = int(open(count, encoding="ascii").read().split()[-1])
    theirs.once()
    died = 0
    for number, serial in enumerate(serials[1:]):
        ours.drop(net.letter([B], serial, {"a.pdf": pdf(500)}),
                  f"kill-{serial}")
        at = 1 + number * steps // (len(serials) - 1)
        died += ours.once(kill_at=at).returncode == -9
        died += ours.once(kill_at=at + 3).returncode == -9
        died += theirs.once(kill_at=1 + at % 60).returncode == -9
    tap.ok(died > len(serials), f"it was killed {died} times, of {steps} steps "
           "of a letter")
    ours.once()
    found = counted(net, serials)
    tap.ok(set(found.values()) == {1}, "each letter is sent once", found)
    tap.ok(all(os.path.exists(f"{ours.path}/sent/kill-{serial}/a.pdf") and
               ours.result(f"kill-{serial}")["id"] for serial in serials) and
           ours.names("out") == ["half"] and
           not os.listdir(f"{ours.path}/.work/out"),
           "and has its files and its result", ours.names("out"))
    for serial in serials:
        net.wait_states(ours.result(f"kill-{serial}")["id"], ["opened"])
    for at in range(1, 80, 13):
        theirs.once(kill_at=at)
    theirs.once()
    seen = [json.loads(theirs.read(f"RCV/{name}/_letter.json"))["reference"]
            for name in theirs.names("RCV")]
    wrong = {serial: sum(f"{serial:07d}" in reference for reference in seen)
             for serial in serials}
    tap.ok(set(wrong.values()) == {1} and
           all(os.path.exists(f"{theirs.path}/RCV/{name}/ATTCH/a.pdf")
               for name in theirs.names("RCV") if json.loads(theirs.read(
                   f"RCV/{name}/_letter.json"))["reference"].endswith(
                       ("13號",))),
           "and came in once, whole", wrong)


def wrong_clients(tap, net, ours):
    web = Web(net, token=open(token_of(net, "gateway-1", A),
                              encoding="ascii").read().strip())
    careless = Careless(web, ours)
    ours.drop(net.letter([B], 200), "twice")
    careless.work("twice", moves_first=False, dies=True)
    careless.work("twice", moves_first=False, dies=False)
    ours.drop(net.letter([B], 201), "lost")
    careless.work("lost", moves_first=True, dies=True)
    tap.ok(counted(net, [200, 201]) == {200: 2, 201: 0},
           "(a new key for each try is seen to send twice, a move before the "
           "answer to lose)", counted(net, [200, 201]))


def watched_by_one(tap, net, ours):
    """Whoever comes second is refused, which may be either of two."""
    busy = subprocess.Popen(ours.command, stderr=subprocess.PIPE, text=True)
    try:
        net.wait_for(lambda: "E6805" in ours.once(check=False).stderr or
                     busy.poll() is not None, "two may watch one folder")
    finally:
        busy.kill()
        said = busy.communicate()[1]
    tap.ok(busy.returncode < 0 or "E6805" in said,
           "one folder is watched by one", said)


def folders(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net:
        ours = Folder(net, "dms-a", "gateway-1", A)
        theirs = Folder(net, "dms-b", "gateway-2", B, "--layout", "old")
        sent, came = out_and_in(tap, net, ours, theirs)
        acts(tap, net, ours, theirs, sent, came)
        refusals(tap, net, ours)
        old_layout(tap, net)
        kills(tap, net, ours, theirs)
        wrong_clients(tap, net, ours)
        watched_by_one(tap, net, ours)


if __name__ == "__main__":
    tap = Tap()
    run(tap, folders)
    tap.done()
