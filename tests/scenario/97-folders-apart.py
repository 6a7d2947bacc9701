#!/usr/bin/env python3
# limit: 180
"""Copies written apart (分繕, R2.2) out of a watched folder (docs/folders.md): one
folder, all or none; each copy has its own text, attachments, result and receipts;
killed at each of its steps, and its gateway in the middle, each copy is sent once."""

import glob
import json
import os
import shutil
import threading

from folders import Folder, token_of
from network import Network, Tap, pdf, run
from web import Web

A, B, C = "376490000A", "376470000A", "376530000A"


def copy(net, number, code, attachments=None, also=(), serial=None):
    return net.letter([code, *also], serial or number, attachments or {},
                      folder=f"{net.dir}/apart-{serial or number}",
                      stem=str(number))


def of_all(*copies):
    """The paths of all of them, each name once."""
    return {os.path.basename(path): path for paths in copies
            for path in paths}.values()


def copies_of(net, codes, first):
    """One for each of these, with serials from `first` on."""
    return of_all(*[copy(net, number + 1, code, {"plan.pdf": pdf(500, 1)},
                         serial=first + number)
                    for number, code in enumerate(codes)])


def serials(web):
    """Those of all letters that were sent, as often as they were."""
    found, cursor = [], ""
    while True:
        page = web.get(f"/v1/outbox?limit=200&cursor={cursor}").json
        found += [int(item["reference"][-8:-1])
                  for item in page["documents"]]
        cursor = page["next"]
        if not cursor:
            return sorted(found)


def states(folder, name):
    return {json.loads(folder.read(os.path.relpath(path, folder.path)))
            ["deliveries"][0]["state"] for path in
            glob.glob(f"{folder.path}/results/{name}/*.di/result.json")}


def wait_opened(net, folder, name):
    def looks():
        folder.once()
        return {letter["state"] for letter in
                folder.result(name)["letters"]} == {"opened"} and \
            states(folder, name) == {"opened"}
    net.wait_for(looks, f"{name} is not opened")


def each_its_own(tap, net, ours, web):
    common = {"common.pdf": pdf(3000, 1)}
    paths = of_all(copy(net, 1, B, {**common, "only-b.pdf": pdf(2000, 2)}),
                   copy(net, 2, C, common))
    ours.drop(paths, "first", kind=".apart")
    ours.drop(paths, "second", rename=False, marker="ready.apart")
    ours.once()
    tap.ok(ours.names("sent") == ["first", "second"] and
           not ours.names("out") and
           sorted(os.listdir(f"{ours.path}/sent/first")) ==
           ["1.di", "1.sw", "2.di", "2.sw", "common.pdf", "only-b.pdf"],
           "complete by rename or marker, a series is handed in",
           ours.names("out"))
    series = ours.result("first")
    tap.ok(serials(web) == [1, 2] and
           series["id"] == ours.result("second")["id"] and
           [item["recipient"] for item in series["letters"]] == [B, C],
           "each copy is sent, once, also under two names", series)
    wait_opened(net, ours, "first")
    whole = ours.read("results/first/result.txt")
    tap.ok(whole.count("已送達，待對方簽收") == 2 and B in whole and C in whole,
           "how all of them stand is a file", whole)
    for number, code in ((1, B), (2, C)):
        place = f"results/first/{number}.di"
        one = json.loads(ours.read(place + "/result.json"))
        receipts = ours.read(place + "/receipts.json")
        tap.ok([item["recipient"] for item in one["deliveries"]] == [code] and
               "已送達" in ours.read(place + "/result.txt") and
               one["deliveries"][0]["waybill_id"] in receipts,
               f"and one for each copy, with its receipts: {number}.di",
               (one, receipts))
    parts = [{part["name"] for item in net.inbox(host)
              for part in item["files"]}
             for host in ("gateway-2", "gateway-3")]
    tap.ok(parts == [{"1.di", "1.sw", "common.pdf", "only-b.pdf"},
                     {"2.di", "2.sw", "common.pdf"}],
           "each has its own text and attachments", parts)


def other_folders(tap, ours, web):
    """The same files as one letter are another thing; results lost come again."""
    shutil.copytree(f"{ours.path}/sent/first", f"{ours.path}/out/first.letter")
    ours.once()
    tap.ok(ours.names("refused") == ["first"] and serials(web) == [1, 2],
           "the same files as one letter are no series",
           ours.names("refused"))
    shutil.rmtree(f"{ours.path}/refused/first")
    shutil.rmtree(f"{ours.path}/results/first")
    os.unlink(f"{ours.path}/.work/cursor")
    ours.once()
    tap.ok(states(ours, "first") == {"opened"} and
           len(ours.result("first")["letters"]) == 2,
           "when all is told anew, results that were taken away are there")


def all_or_none(tap, net, ours, web):
    before = serials(web)
    good = [copy(net, number, B, serial=20 + number) for number in (1, 2, 3)]
    wrong = copy(net, 4, B, also=[C], serial=24)
    ours.drop(of_all(*good, wrong), "mixed", kind=".apart")
    ours.once()
    text = ours.read("refused/mixed/_refused.txt")
    tap.ok(serials(web) == before and "E6621" in text and "4.di" in text and
           not ours.names("sent")[2:] and "mixed" not in ours.names("results"),
           "what is wrong with one sends none, with the reason", text)
    ours.drop(of_all(*good), "mixed", kind=".apart")
    ours.once()
    tap.ok("mixed" in ours.names("sent") and
           serials(web) == before + [21, 22, 23], "mended, all are sent",
           serials(web))


def kills(tap, net, ours, web):
    """Before each of its steps, some after the other."""
    before = serials(web)
    counted = f"{net.dir}/steps"
    ours.drop(copies_of(net, [B, C], 100), "kill-100", kind=".apart")
    ours.once(count=counted)
    steps = int(open(counted, encoding="ascii").read().split()[-1])
    died, wanted = 0, [100, 101]
    for number in range(12):
        first = 110 + 10 * number
        wanted += [first, first + 1]
        ours.drop(copies_of(net, [B, C], first), f"kill-{first}",
                  kind=".apart")
        at = 1 + number * steps // 12
        died += ours.once(kill_at=at).returncode == -9
        died += ours.once(kill_at=at + 5).returncode == -9
    tap.ok(died > 12, f"it was killed {died} times, of {steps} steps of a "
           "series")
    ours.once()
    tap.ok(serials(web) == before + wanted, "each copy is sent once",
           serials(web))
    names = [f"kill-{first}" for first in (100, *range(110, 230, 10))]
    tap.ok(not ours.names("out") and not os.listdir(f"{ours.path}/.work/out")
           and all(os.path.exists(f"{ours.path}/sent/{name}/2.sw") and
                   os.path.exists(
                       f"{ours.path}/results/{name}/2.di/receipts.json")
                   for name in names), "with its files and its results")
    for name in names:
        wait_opened(net, ours, name)
    tap.ok(not ours.names("refused")[1:], "and none is refused",
           ours.names("refused"))


def gateway_killed(tap, net, ours, web):
    """A draft of two requests; all of it dies between two copies."""
    before = serials(web)
    ours.drop(copies_of(net, [B] * 20, 300), "many", kind=".apart")
    log = f"{net.dir}/gateway-1.log"
    start = os.path.getsize(log)

    def packed():
        with open(log, "rb") as file:
            file.seek(start)
            return file.read().count(b"waybill.made")

    asking = threading.Thread(target=lambda: ours.once(check=False))
    asking.start()
    net.wait_for(lambda: packed() > 3 or not asking.is_alive(),
                 "none is packed")
    net.kill("gateway-1")
    asking.join()
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    left = len(serials(web)) - len(before)
    wait_opened(net, ours, "many")
    tap.ok(left in (0, 20) and
           serials(web) == before + list(range(300, 320)),
           f"the gateway killed among 20 copies: {left} are sent, and then "
           "each once", serials(web))


def folders(tap):
    with Network() as net:
        ours = Folder(net, "dms-a", "gateway-1", A)
        with open(token_of(net, "gateway-1", A), encoding="ascii") as file:
            web = Web(net, token=file.read().strip())
        ours.once()
        each_its_own(tap, net, ours, web)
        other_folders(tap, ours, web)
        all_or_none(tap, net, ours, web)
        kills(tap, net, ours, web)
        gateway_killed(tap, net, ours, web)


if __name__ == "__main__":
    tap = Tap()
    run(tap, folders)
    tap.done()
