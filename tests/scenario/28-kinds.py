#!/usr/bin/python3
"""Goal: every kind of document that is meant for others goes through the
network and is read at its recipient: 函, 令, 公告, 開會通知單, 會勘通知單, also in
Big5 of an older family; 簽 and secret ones stay (R2.3).  Readers that the
rosters do not list must be accepted by name.  limit: 180"""

import json
import os

from network import NAMES, Network, Refused, Tap, pdf, run

tap = Tap()
SENDER = "376490000A"
FIRST, SECOND = "376470000A", "376530000A"


def head(root, dtd, attachment="", encoding="utf-8"):
    entity = (f'<!ENTITY ATTCH1 SYSTEM "{attachment}" NDATA _X>\n'
              if attachment else "")
    return (f'<?xml version="1.0" encoding="{encoding}"?>\n'
            f'<!DOCTYPE {root} SYSTEM "{dtd}" [\n{entity}'
            '<!ENTITY 表單 SYSTEM "1.sw" NDATA DI>\n'
            '<!NOTATION DI SYSTEM "">\n<!NOTATION _X SYSTEM "">\n]>\n'
            f"<{root}><發文機關><全銜>{NAMES[SENDER]}</全銜>"
            f"<機關代碼>{SENDER}</機關代碼></發文機關>")


def number(serial):
    return ("<發文日期><年月日>中華民國115年11月20日</年月日></發文日期>"
            "<發文字號><字>府計管一字</字><文號><年度>115</年度>"
            f"<流水號>{serial:07d}</流水號></文號></發文字號>")


TO = '<受文者><交換表 交換表單="表單">如行文單位</交換表></受文者>'
FULL = "".join(f"<全銜>{NAMES[code]}</全銜>" for code in (FIRST, SECOND))
ATTACHED = '<附件><文字>如文</文字><附件檔名 附件名="ATTCH1"/></附件>'


def order(serial):
    return (head("令", "104_1_utf8.dtd") + '<令類別 代碼="令"/>' + TO +
            number(serial) + "<主旨><文字>修正要點。</文字></主旨>"
            f"<正本>{FULL}</正本><署名>縣長　○○○</署名></令>\n")


def order_without_subject(serial):
    return order(serial).replace(
        "<主旨><文字>修正要點。</文字></主旨>",
        '<段落 段名=""><文字>修正要點第三點。</文字></段落>')


def notice(serial):
    return (head("公告", "104_3_utf8.dtd", "annex.pdf") + TO +
            number(serial) + ATTACHED + "<主旨><文字>公告事項。</文字></主旨>"
            '<段落 段名="依據："><文字>行政程序法。</文字></段落>'
            f"<正本>{FULL}</正本><署名>縣長　○○○</署名></公告>\n")


def meeting(serial):
    return (head("開會通知單", "104_4_utf8.dtd", "annex.pdf") + TO +
            "<聯絡人及電話><姓名>李○○</姓名><電話>05-5320000</電話>"
            "</聯絡人及電話>" + number(serial) + '<速別 代碼="速件"/>' +
            ATTACHED + "<開會事由><文字>研商交換事宜</文字></開會事由>"
            "<開會時間><年月日>中華民國115年12月1日</年月日>"
            "<星期>星期二</星期><時分>上午9時30分</時分></開會時間>"
            "<開會地點><文字>第一會議室</文字></開會地點>"
            "<主持人><姓名>張○○</姓名></主持人>"
            f"<出席者><全銜>{NAMES[FIRST]}</全銜></出席者>"
            f"<列席者><全銜>{NAMES[SECOND]}</全銜></列席者>"
            "</開會通知單>\n")


def survey(serial):
    return (head("會勘通知單", "104_B_utf8.dtd") + TO + number(serial) +
            "<會勘事由><文字>會勘○○路</文字></會勘事由>"
            "<會勘時間><年月日>中華民國115年11月27日</年月日>"
            "<星期>星期五</星期><時分>上午10時</時分></會勘時間>"
            "<會勘地點><文字>○○路1號前</文字></會勘地點>"
            f"<出席者>{FULL}</出席者></會勘通知單>\n")


def old_letter(serial):
    return (head("函", "99_2_big5.dtd", encoding="big5") +
            '<函類別 代碼="書函"/><地址>示範路1號</地址>'
            "<聯絡方式>承辦人：王○○</聯絡方式>" + TO + number(serial) +
            "<主旨><文字>許功蓋舊格式公文，請查照。</文字></主旨>"
            f"<正本>{FULL}</正本><署名/></函>\n")


def roster(entries, dtd="104_roster_utf8.dtd", encoding="utf-8"):
    return (f'<?xml version="1.0" encoding="{encoding}"?>\n'
            f'<!DOCTYPE 交換表單 SYSTEM "{dtd}">\n<交換表單>' + "".join(
                f"<全銜>{name}</全銜><機關代碼>{code}</機關代碼>"
                "<含附件>含附件</含附件>" for code, name in entries) +
            "</交換表單>\n")


BOTH = [(code, NAMES[code]) for code in (FIRST, SECOND)]

#        name, file, encoding, subject in the inbox, what a check calls it
KINDS = [
    ("order", order, "utf-8", "修正要點。", "令", "reconstructed"),
    ("order2", order_without_subject, "utf-8", "修正要點第三點。", "令",
     "reconstructed"),
    ("notice", notice, "utf-8", "公告事項。", "公告", "reconstructed"),
    ("meeting", meeting, "utf-8", "研商交換事宜", "開會通知單",
     "reconstructed"),
    ("survey", survey, "utf-8", "會勘○○路", "會勘通知單",
     "reconstructed"),
    ("old", old_letter, "cp950", "許功蓋舊格式公文，請查照。", "函",
     "reconstructed"),
]


def write(net, name, files):
    folder = f"{net.dir}/letters/{name}"
    os.makedirs(folder, exist_ok=True)
    paths = []
    for file, data in files.items():
        paths.append(f"{folder}/{file}")
        with open(paths[-1], "wb") as out:
            out.write(data)
    return paths


def files_of(text, encoding="utf-8", entries=None):
    family = "99_roster_big5.dtd" if encoding == "cp950" \
        else "104_roster_utf8.dtd"
    said = "big5" if encoding == "cp950" else "utf-8"
    files = {"1.di": text.encode(encoding),
             "1.sw": roster(entries or BOTH, family, said).encode(encoding)}
    if "annex.pdf" in text:
        files["annex.pdf"] = pdf(3000)
    return files


def each_kind_arrives(tap, net):
    for serial, (name, make, encoding, subject, kind, model) in \
            enumerate(KINDS, 1):
        paths = write(net, name, files_of(make(serial), encoding))
        report = net.json("gateway-1", "doc", "check", *paths)
        tap.ok(report["accepted"] and report["document"]["kind"] == kind and
               report["document"]["model"] == model and
               not report["findings"], f"{name} is checked as {kind}", report)
        sent = net.send(paths)
        net.wait_states(sent["id"], ["opened"])
        tap.ok(sent["subject"] == subject and
               f"第115{serial:07d}號" in sent["reference"],
               f"{name} is sent with subject and number", sent)
        for host in ("gateway-2", "gateway-3"):
            entry = next(item for item in net.inbox(host)
                         if item["document_id"] == sent["id"])
            tap.ok(entry["subject"] == subject,
                   f"{name} is in the inbox of {host}", entry)
            folder = f"{net.dir}/saved/{name}-{host}"
            os.makedirs(folder)
            net.json(host, "doc", "save",
                     f"{entry['waybill_id']}/{entry['recipient']}", "--to",
                     folder)
            same = all(open(path, "rb").read() ==
                       open(f"{folder}/{os.path.basename(path)}",
                            "rb").read() for path in paths)
            tap.ok(same, f"and its files are as they were at {host}")


def refused(tap, net, name, code, paths, *options):
    try:
        net.json("gateway-1", "doc", "send", *paths, *options)
        tap.ok(False, f"{name}: {code}", "was sent")
        return ""
    except Refused as failure:
        rules = [item["rule"] for item in
                 json.loads(failure.output).get("errors", [])] \
            if failure.output else []
        tap.ok(failure.code == code or code in rules, f"{name}: {code}",
               failure)
        return failure.output


def some_kinds_stay(tap, net):
    memo = ('<?xml version="1.0" encoding="utf-8"?>\n'
            '<!DOCTYPE 簽 SYSTEM "104_5_utf8.dtd" [\n'
            '<!ENTITY 表單 SYSTEM "1.sw" NDATA DI>\n'
            '<!NOTATION DI SYSTEM "">\n]>\n<簽><發文機關><全銜>' +
            NAMES[SENDER] + f"</全銜><機關代碼>{SENDER}</機關代碼></發文機關>"
            "<文號><年度/><流水號/></文號><主旨><文字>x</文字></主旨>"
            "<署名/><年月日/></簽>\n")
    refused(tap, net, "a memo stays", "E4018",
            write(net, "memo", files_of(memo)))
    secret = meeting(90).replace(
        '<速別 代碼="速件"/>', '<速別 代碼="速件"/><密等及解密條件或保密期限>'
        '<密等 代碼="密"/><解密條件或保密期限>x</解密條件或保密期限>'
        "</密等及解密條件或保密期限>")
    refused(tap, net, "a secret meeting stays", "E2201",
            write(net, "secret", files_of(secret)))
    alone = notice(91).replace(TO, "").replace(
        '<!ENTITY 表單 SYSTEM "1.sw" NDATA DI>\n', "")
    files = files_of(alone)
    del files["1.sw"]
    refused(tap, net, "a notice to nobody is not sent", "E4028",
            write(net, "alone", files))


def differences_are_accepted_by_name(tap, net):
    guest = meeting(92).replace("</列席者>", "<全銜>嘉義縣政府</全銜></列席者>")
    paths = write(net, "guest", files_of(guest))
    refused(tap, net, "an observer whom no roster lists", "E4219", paths)
    refused(tap, net, "another acceptance does not help", "E4219", paths,
            "--accept", "E2155")
    refused(tap, net, "an error cannot be accepted", "E6204", paths,
            "--accept", "E2201")
    sent = net.json("gateway-1", "doc", "send", *paths, "--accept", "E2133")
    tap.ok([(item["rule"], item["accept"]) for item in sent["findings"]] ==
           [("E2133", "given")], "with it the letter goes", sent)
    wrong = files_of(survey(93).replace(NAMES[SECOND], "嘉義縣政府"),
                     entries=[BOTH[0], (SECOND, "嘉義縣政府")])
    paths = write(net, "wrong", wrong)
    text = refused(tap, net, "a name with another's code", "E4219", paths)
    tap.ok(f"{SECOND} 嘉義縣政府 → {NAMES[SECOND]}" in text,
           "both names are told", text)
    short = files_of(survey(94).replace(NAMES[SECOND], "屏東縣"))
    refused(tap, net, "a letter that calls a recipient by another name",
            "E4219", write(net, "short", short))
    alias = files_of(survey(95), entries=[BOTH[0], (SECOND, "屏東縣")])
    report = net.json("gateway-1", "doc", "check",
                      *write(net, "alias", alias))
    tap.ok([item["rule"] for item in report["findings"]] == ["E2155"],
           "but not one whose roster alone does", report)


def an_old_envelope_is_shown(tap, net):
    samples = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                           "../../data/samples")
    report = net.json("gateway-1", "doc", "check",
                      f"{samples}/rendered_16_envelope.en",
                      f"{samples}/rendered_17_encrypt_switch.esw")
    kinds = [item["kind"] for item in report["envelopes"]]
    tap.ok(report["accepted"] and kinds == ["EN", "ESW"],
           "EN and ESW are read for what they say", report)
    text = net.command("doc", "check", f"{samples}/rendered_16_envelope.en",
                       "-c", net.conf("gateway-1")).stdout
    tap.ok("雲林縣政府 376490000A" in text and
           "376490000A_1150012345A0C_ATTCH1.pdf" in text,
           "and shown in words", text)


with Network() as network:
    run(tap, lambda tap: each_kind_arrives(tap, network))
    run(tap, lambda tap: some_kinds_stay(tap, network))
    run(tap, lambda tap: differences_are_accepted_by_name(tap, network))
    run(tap, lambda tap: an_old_envelope_is_shown(tap, network))
tap.done()
