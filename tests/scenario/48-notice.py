#!/usr/bin/python3
"""Goal: what a recipient finds out after it signed for a letter (誤送或疏漏, art.
8(3)) reaches the sender as a signed notice: the letter stays signed for, the
sender has it on its work list, and evidence shows it.  limit: 120"""

import base64
import zipfile

from network import Network, Refused, Tap, run

tap = Tap()
LOCAL, AWAY = "376470000A", "376530000A"
FAST = "[courier]\nretry_first_ms = 100\nretry_max_ms = 500\n"


def refused(net, *args, host):
    try:
        net.json(host, *args)
    except Refused as failure:
        return failure.code
    return ""


def delivery(net, document):
    return net.outbox(document)["deliveries"][0]


def has_words(net, host, words):
    """In any file of its data, in clear or in base64."""
    return net.files_with(host, words.encode(), *[
        base64.b64encode(b" " * pad + words.encode())[8:-8]
        for pad in range(3)])


def returned(net):
    """With a return the same; what is no such words is refused."""
    document = net.send(net.letter([LOCAL], 5))["id"]
    net.wait_states(document, ["opened"])
    name = f"{delivery(net, document)['waybill_id']}/{LOCAL}"
    back = ["doc", "return", name, "--reason", "misdirected", "--words"]
    codes = [refused(net, *back, words, host="gateway-2")
             for words in ("公" * 501, "a\nb", "\u202eback")]
    tap.ok(codes == ["E4504"] * 3, "too long or unclean words are refused",
           codes)
    net.json("gateway-2", *back, "應送人事處")
    net.wait_states(document, ["returned"])
    said = delivery(net, document)
    tap.ok(said["words"] == "應送人事處" and said["reason"] == "misdirected",
           "a return says why in words as well", said)


def told(net, code, host, serial, reason):
    document = net.send(net.letter([code], serial))["id"]
    net.wait_states(document, ["opened"])
    name = f"{delivery(net, document)['waybill_id']}/{code}"
    words = f"第{serial}號附件應為乙表，請查明。"
    notice = ["doc", "notice", name, "--reason", reason, "--words", words]
    tap.ok(refused(net, *notice, host=host) == "E4312",
           f"{host}: before it is signed for it is returned instead")
    net.json(host, "doc", "confirm", name)
    net.stop("center-a")
    first = net.json(host, *notice)
    net.kill(host)
    net.start(host)
    net.start("center-a")
    net.wait_for(lambda: "notice" in delivery(net, document)["flags"],
                 "the sender is not told")
    said = delivery(net, document)
    tap.ok(said["state"] == "confirmed" and said["reason"] == reason and
           first["notice"] == reason,
           "the sender is told, over restarts; it stays signed for", said)
    tap.ok(said["words"] == words and first["words"] == words,
           "in the words of the person", (said, first))
    tap.ok([center for center in ("center-a", "center-b", "management")
            if has_words(net, center, words)] == [] and
           has_words(net, "gateway-1", words),
           "which no center can read")
    again = net.json(host, *notice)
    other = "other" if reason != "other" else "incomplete"
    tap.ok(again["notice"] == reason and
           refused(net, "doc", "notice", name, "--reason", other,
                   host=host) == "E4311",
           "once and for all")
    item = [item for item in net.json("gateway-1", "doc", "review")
            ["deliveries"] if item["document_id"] == document]
    tap.ok(len(item) == 1 and item[0]["reason"] == reason and
           item[0]["words"] == words,
           "it is on the sender's work list", item)
    net.json("gateway-1", "doc", "review", f"{document}/{code}", "--by",
             "王", "--action", "resend")
    tap.ok(not [item for item in net.json("gateway-1", "doc", "review")
                ["deliveries"] if item["document_id"] == document],
           "until somebody looked at it")
    shown = net.command("doc", "show", document, "-c",
                        net.conf("gateway-1")).stdout
    path = f"{net.dir}/{document}.zip"
    net.command("evidence", "export", document, "--to", path, "-c",
                net.conf("gateway-1"))
    proof = net.command("evidence", "verify", path, "--root", net.root,
                        "--environment", "demo").stdout
    tap.ok("recipient tells of a mistake" in shown and
           "notice of a mistake" in proof and
           "signed for it" in proof and reason in proof and
           words in shown and words in proof,
           "its evidence verifies, and has it", shown + proof)
    return document


def changed(path, to):
    """The evidence with one bit of the notice's signature the other way."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for item in old.infolist():
            data = bytearray(old.read(item))
            if "notice" in item.filename and item.filename.endswith(".p7s"):
                data[-20] ^= 1
            new.writestr(zipfile.ZipInfo(item.filename, item.date_time),
                         bytes(data))


def without_the_notice(net, document, code):
    """The control: a letter that nobody told anything of, and a notice that
    its signer did not sign."""
    plain = net.send(net.letter([code], 9))["id"]
    net.wait_states(plain, ["opened"])
    net.json("gateway-2", "doc", "confirm",
             f"{delivery(net, plain)['waybill_id']}/{code}")
    net.wait_states(plain, ["confirmed"])
    listed = [item["document_id"] for item in
              net.json("gateway-1", "doc", "review")["deliveries"]]
    tap.ok("notice" not in delivery(net, plain)["flags"] and
           plain not in listed,
           "a letter without a notice has none and is on no list", listed)
    path, other = f"{net.dir}/{document}.zip", f"{net.dir}/changed.zip"
    changed(path, other)
    said = net.command("evidence", "verify", other, "--root", net.root,
                       "--environment", "demo", check=False)
    tap.ok(said.returncode != 0,
           "evidence with a changed notice does not verify", said.stdout)


def notices(tap):
    with Network("notice", FAST) as net:
        document = told(net, LOCAL, "gateway-2", 1, "misdirected")
        without_the_notice(net, document, LOCAL)
        told(net, AWAY, "gateway-3", 2, "attachment_missing")
        returned(net)
        for center in ("center-a", "center-b"):
            net.command("log", "audit", "-c", net.conf(center))
        tap.ok(True, "both logs audit clean")


run(tap, notices)
tap.done()
