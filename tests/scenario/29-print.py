#!/usr/bin/python3
"""Goal: a letter of every kind goes through the network and can be printed and
read at both ends, with the receiver's number, time and seam (R2.2, art. 8-2);
what is hostile or too much costs nobody else anything (T-WEB-03..05).
limit: 240"""

import base64
import hashlib
import html.parser
import os
import re
import shlex
import shutil
import subprocess
import threading
import time

from network import NAMES, Network, Refused, Tap, pdf, run

tap = Tap()
SENDER = "376490000A"
TO = [("376470000A", "正本"), ("376530000A", "副本")]
VOID = {"meta", "br", "hr", "link", "img", "input"}
EVIL = ('&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;'
        '"onload=alert(1) javascript:alert(1)')

HEAD = f"""<發文機關><全銜>{NAMES[SENDER]}</全銜><機關代碼>{SENDER}</機關代碼></發文機關>"""
LIST = '<受文者><交換表 交換表單="表單">如行文單位</交換表></受文者>'
DATE = "<發文日期><年月日>中華民國115年11月20日</年月日></發文日期>"
NUMBER = ("<發文字號><字>府測字</字><文號><年度>115</年度><流水號>{serial}</流水號>"
          "</文號></發文字號>")
SPEED = '<速別 代碼="速件"/>'
BOTH = ("<正本><全銜>彰化縣政府</全銜></正本>"
        "<副本><全銜>屏東縣政府</全銜><含附件>含附件</含附件></副本>")
SIGNED = "<署名>縣長　○○○</署名>"
PARTS = ('<段落 段名="說明："><文字></文字>'
         '<條列 序號="一、"><文字>首項內容。</文字>'
         '<條列 序號="(一)"><文字>次層內容。</文字></條列></條列>'
         '<條列 序號="二、"><文字>次項內容。</文字></條列></段落>')


def meeting(what):
    return (HEAD + LIST +
            "<聯絡人及電話><姓名>李○○</姓名><職稱>科長</職稱><電話>(05)0000-0000"
            "</電話></聯絡人及電話>" + DATE + NUMBER + SPEED +
            f"<{what}事由><文字>{{subject}}</文字></{what}事由>"
            f"<{what}時間><年月日>中華民國115年12月1日</年月日><星期>星期二</星期>"
            f"<時分>上午9時30分</時分></{what}時間>"
            f"<{what}地點><文字>本府一樓會議室</文字></{what}地點>"
            "<主持人><姓名>張○○</姓名><職稱>處長</職稱></主持人>"
            "<出席者><全銜>彰化縣政府</全銜></出席者>"
            "<列席者><全銜>屏東縣政府</全銜></列席者>"
            '<備註><段落 段名=""><文字></文字><條列 序號="一、"><文字>請自備環保杯。'
            "</文字></條列></段落></備註><署名>雲林縣政府</署名>")


# root: (DTD, body, words that stand on the page beside the subject)
KINDS = {
    "函": ("104_2_utf8.dtd",
          HEAD + '<函類別 代碼="書函"/><地址>雲林路二段515號</地址>'
          "<聯絡方式>承辦人：王○○</聯絡方式>" + LIST + DATE + NUMBER + SPEED +
          "<主旨><文字>{subject}</文字></主旨>" + PARTS + BOTH + SIGNED,
          ["書函", "雲林路二段515號", "承辦人：王○○", "首項內容。",
           "次層內容。", "次項內容。", "彰化縣政府", "縣長"]),
    "令": ("104_1_utf8.dtd",
          HEAD + '<令類別 代碼="令"/>' + LIST + DATE + NUMBER + SPEED +
          "<主旨><文字>{subject}</文字></主旨>" + BOTH + SIGNED,
          ["令", "屏東縣政府", "縣長"]),
    "公告": ("104_3_utf8.dtd",
           HEAD + LIST + DATE + NUMBER +
           "<主旨><文字>{subject}</文字></主旨>"
           '<段落 段名="依據："><文字>行政程序法第151條。</文字></段落>'
           '<段落 段名="公告事項："><文字></文字><條列 序號="一、"><文字>'
           "修正草案如附件。</文字></條列></段落>" + BOTH + SIGNED,
           ["公告", "依據：", "行政程序法第151條。", "公告事項：",
            "修正草案如附件。"]),
    "開會通知單": ("104_4_utf8.dtd", meeting("開會"),
              ["開會通知單", "開會事由：", "開會時間：", "上午9時30分",
               "本府一樓會議室", "張○○處長", "李○○科長", "(05)0000-0000",
               "出席者：", "列席者：", "請自備環保杯。"]),
    "會勘通知單": ("104_B_utf8.dtd", meeting("會勘"),
              ["會勘通知單", "會勘事由：", "會勘地點：", "主持人："]),
    "簽": ("104_5_utf8.dtd",
          HEAD + LIST + "<文號><年度>115</年度><流水號>{serial}</流水號></文號>"
          + SPEED + "<主旨><文字>{subject}</文字></主旨>" + PARTS +
          "<敬陳><職稱>秘書長</職稱><職稱>縣長</職稱></敬陳>"
          "<署名>科員　○○○</署名><年月日>中華民國115年11月20日</年月日>",
          ["簽", "於", "敬陳", "秘書長", "科員", "首項內容。"]),
}


def write_letter(folder, root, serial, subject, name="letter"):
    os.makedirs(folder, exist_ok=True)
    dtd, body, _ = KINDS[root]
    text = body.replace("{serial}", f"{serial:07d}") \
               .replace("{subject}", subject)
    files = {
        f"{name}.di":
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<!DOCTYPE {root} SYSTEM "{dtd}" [\n'
            f'<!ENTITY 表單 SYSTEM "{name}.sw" NDATA DI>\n'
            f'<!NOTATION DI SYSTEM "">\n]>\n<{root}>{text}</{root}>\n',
        f"{name}.sw":
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<!DOCTYPE 交換表單 SYSTEM "104_roster_utf8.dtd">\n<交換表單>' +
            "".join(f"<全銜>{NAMES[code]}</全銜><機關代碼>{code}</機關代碼>"
                    "<含附件>含附件</含附件>"
                    f'<本別><收發處理本別 代碼="{mark}"/></本別>'
                    for code, mark in TO) + "</交換表單>\n",
    }
    for file, data in files.items():
        with open(f"{folder}/{file}", "w", encoding="utf-8") as out:
            out.write(data)
    return [f"{folder}/{file}" for file in files]


class Page(html.parser.HTMLParser):
    """An HTML page, and what is wrong with it."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.ids = [], [], set()
        self.count, self.words, self.style, self.policy = {}, [], "", ""
        if not text.startswith("<!DOCTYPE html>"):
            self.wrong.append("no doctype")
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> stays open" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attrs.items():
            if name.startswith("on") or name in ("style", "href", "src"):
                self.wrong.append(f"<{tag} {name}={value}>")
        if attrs.get("id", "") in self.ids:
            self.wrong.append(f"id {attrs['id']} twice")
        self.ids |= {attrs["id"]} if "id" in attrs else set()
        if tag == "html" and not attrs.get("lang", "").startswith("zh-Hant"):
            self.wrong.append("no language")
        if attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes another")

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        elif not self.open or self.open[-1] != "title":
            self.words.append(data)

    def problems(self):
        digest = base64.b64encode(
            hashlib.sha256(self.style.encode()).digest()).decode()
        wrong = list(self.wrong)
        if f"style-src 'sha256-{digest}'" not in self.policy \
                or "default-src 'none'" not in self.policy:
            wrong.append("the policy does not fit the style")
        for tag in ("main", "h1", "title", "style"):
            if self.count.get(tag, 0) != 1:
                wrong.append(f"{self.count.get(tag, 0)} of <{tag}>")
        wrong += [f"<{tag}>" for tag in self.count
                  if tag in ("script", "img", "iframe", "object", "form")]
        return wrong

    def text(self):
        return squeezed("".join(self.words))


def squeezed(text):
    return re.sub(r"\s+", "", text.replace("　", ""))


def pdf_text(path):
    return squeezed(subprocess.run(["pdftotext", path, "-"], check=True,
                                   capture_output=True, text=True).stdout)


def ink(path):
    """Share of dark dots of each page, in thousandths."""
    shares = []
    picture = subprocess.run(["pdftoppm", "-gray", "-r", "40", path],
                             check=True, capture_output=True).stdout
    while picture:
        size = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", picture)
        dots = int(size[1]) * int(size[2])
        data = picture[size.end():size.end() + dots]
        shares.append(1000 * sum(1 for dot in data if dot < 128) / dots)
        picture = picture[size.end() + dots:]
    return shares


def lay_open(net, host, name, folder, *options):
    """Print and view: (text of the PDF, the page)."""
    os.makedirs(folder, exist_ok=True)
    told = net.json(host, "doc", "print", name, "--to", f"{folder}/a.pdf",
                    *options)
    net.json(host, "doc", "view", name, "--to", f"{folder}/a.html", *options)
    with open(f"{folder}/a.html", encoding="utf-8") as file:
        page = Page(file.read())
    tap.ok(told["pages"] >= 1 and told["missing"] == [],
           f"{os.path.basename(folder)}: printed", told)
    return pdf_text(f"{folder}/a.pdf"), page


def entry_of(net, host, document):
    found = [item for item in net.inbox(host)
             if item["document_id"] == document]
    return found[0], f"{found[0]['waybill_id']}/{found[0]['recipient']}"


def kinds_travel(tap, net):
    """Every kind, printed and read at both ends."""
    sent = [root for root in KINDS if root != "簽"]
    for serial, root in enumerate(sent, 1):
        subject = f"第{serial}次測試，請查照。"
        paths = write_letter(f"{net.dir}/{root}", root, serial, subject)
        document = net.send(paths)["id"]
        net.wait_states(document, ["opened"])
        wanted = [squeezed(word) for word in
                  [subject, NAMES[SENDER]] + KINDS[root][2]]

        for host, (code, mark) in zip(("gateway-2", "gateway-3"), TO):
            entry, name = entry_of(net, host, document)
            number = f"115{serial:07d}"
            tap.ok(entry["receive_number"] == number,
                   f"{root}: receive number {number}", entry)
            folder = f"{net.dir}/{root}/{host}"
            printed, page = lay_open(net, host, name, folder)
            for what, text in (("PDF", printed), ("page", page.text())):
                missing = [word for word in
                           wanted + [NAMES[code], mark, number, "電子公文"]
                           if word not in text]
                tap.ok(not missing, f"{root} at {host}: {what} has all words",
                       f"{missing} in {text}")
            tap.ok(not page.problems(), f"{root} at {host}: page is valid",
                   page.problems())
            tap.ok(all(share > 2 for share in ink(f"{folder}/a.pdf")),
                   f"{root} at {host}: there is ink on each page",
                   ink(f"{folder}/a.pdf"))

        folder = f"{net.dir}/{root}/sender"
        printed, page = lay_open(net, "gateway-1", document, folder)
        tap.ok("抄本" in printed and "抄本" in page.text() and
               "電子公文" not in printed, f"{root}: the sender's is a transcript")
        folder = f"{net.dir}/{root}/sender-copy"
        printed, page = lay_open(net, "gateway-1", document, folder,
                                 "--recipient", TO[1][0])
        tap.ok("受文者：屏東縣政府" in printed and "副本" in printed and
               "受文者：屏東縣政府" in page.text(),
               f"{root}: the copy of a recipient", printed)
    try:
        net.json("gateway-1", "doc", "print", document, "--to",
                 f"{net.dir}/x.pdf", "--recipient", "A29000000G")
        tap.ok(False, "no copy for those who got none")
    except Refused as refused:
        tap.ok(refused.code == "E4318" and refused.status == 66,
               "no copy for those who got none", refused)


def memos_stay_inside(tap, net):
    """A memo is not sent out, and can be looked at all the same."""
    folder = f"{net.dir}/memo"
    paths = write_letter(folder, "簽", 90, "擬辦如說明。")
    net.json("gateway-1", "doc", "preview", *paths, "--to", f"{folder}/a.pdf")
    net.json("gateway-1", "doc", "preview", *paths, "--to",
             f"{folder}/a.html")
    with open(f"{folder}/a.html", encoding="utf-8") as file:
        page = Page(file.read())
    for what, text in (("PDF", pdf_text(f"{folder}/a.pdf")),
                       ("page", page.text())):
        missing = [word for word in ["擬辦如說明。"] + KINDS["簽"][2]
                   if squeezed(word) not in text]
        tap.ok(not missing, f"簽: {what} has all words", f"{missing}: {text}")
    tap.ok(not page.problems(), "簽: page is valid", page.problems())


def walls_of_an_answer(tap, net):
    """What a browser is told about a page."""
    entry = net.inbox("gateway-2")[0]
    target = f"/v1/inbox/{entry['waybill_id']}/{entry['recipient']}"

    def ask(what):
        result = subprocess.run(
            ["curl", "-sS", "--http2-prior-knowledge", "--unix-socket",
             f"{net.dir}/gateway-2/control.sock", "-D", "-", "-o", "/dev/null",
             f"http://localhost{target}/{what}"], check=True,
            capture_output=True, text=True)
        return dict(line.lower().split(": ", 1)
                    for line in result.stdout.splitlines() if ": " in line)

    page = ask("view")
    policy = page.get("content-security-policy", "")
    tap.ok("default-src 'none'" in policy and "sandbox" in policy
           and "frame-ancestors 'self'" in policy
           and "unsafe" not in policy, "a page comes with its policy", page)
    tap.ok(page.get("x-content-type-options") == "nosniff"
           and page["content-type"] == "text/html; charset=utf-8",
           "and is taken for nothing else", page)
    printed = ask("print")
    tap.ok(printed["content-type"] == "application/pdf"
           and int(printed["yizhan-pages"]) >= 1,
           "a PDF says how many pages it has", printed)


def today():
    return {time.strftime("%Y-%m-%d"),
            time.strftime("%Y-%m-%d", time.gmtime())}


BEGAN = today()


def facts_of_a_pdf(tap, net):
    """What a viewer is told, and that a print is the same each time."""
    _, name = entry_of(net, "gateway-2", net.inbox("gateway-2")[0]
                       ["document_id"])
    for number in (1, 2):
        net.json("gateway-2", "doc", "print", name, "--to",
                 f"{net.dir}/facts{number}.pdf")
    text = subprocess.run(["pdfinfo", "-isodates", f"{net.dir}/facts1.pdf"],
                          check=True, capture_output=True, text=True).stdout
    facts = dict(re.findall(r"(\w[\w ]*):\s+(.*)", text))
    made = facts["CreationDate"][:10]
    tap.ok(made in BEGAN | today(),
           "a PDF is of the day it was received", made)
    tap.ok(facts["Tagged"] == "yes" and facts["Page size"].endswith("(A4)"),
           "tagged, on A4", text)
    first, second = (open(f"{net.dir}/facts{number}.pdf", "rb").read()
                     for number in (1, 2))
    tap.ok(first == second, "the same letter gives the same bytes")


def previews(tap, net):
    before = net.json("gateway-1", "doc", "list", "--out")["documents"]
    paths = write_letter(f"{net.dir}/preview", "函", 100, "預覽用的公文。")
    told = net.json("gateway-1", "doc", "preview", *paths, "--to",
                    f"{net.dir}/preview/a.pdf")
    tap.ok(told["pages"] == 1 and "預覽用的公文。" in
           pdf_text(f"{net.dir}/preview/a.pdf"), "a preview as PDF", told)
    net.json("gateway-1", "doc", "preview", *paths, "--to",
             f"{net.dir}/preview/a.html")
    after = net.json("gateway-1", "doc", "list", "--out")["documents"]
    tap.ok(before == after, "a preview leaves nothing behind")
    try:
        net.json("gateway-1", "doc", "preview", *paths, "--to",
                 f"{net.dir}/preview/a.pdf")
        tap.ok(False, "no file is overwritten")
    except Refused as refused:
        tap.ok(refused.status == 73, "no file is overwritten", refused)
    with open(paths[0], "a", encoding="utf-8") as file:
        file.write("<")
    try:
        net.json("gateway-1", "doc", "preview", *paths, "--to",
                 f"{net.dir}/preview/b.pdf")
        tap.ok(False, "what cannot be read is refused")
    except Refused as refused:
        tap.ok(refused.status == 65 and refused.code.startswith("E20"),
               "what cannot be read is refused by name", refused)
    tap.ok(not os.path.exists(f"{net.dir}/preview/b.pdf"),
           "and leaves no file")

    paths = write_letter(f"{net.dir}/rare", "函", 101,
                         "檢送𠮷䶮堃等字，及\U0001f434。")
    told = net.json("gateway-1", "doc", "preview", *paths, "--to",
                    f"{net.dir}/rare/a.pdf")
    tap.ok(told["missing"] == ["U+1F434"],
           "rare characters are printed; what no font has is named", told)
    result = net.command("doc", "preview", *paths, "--to",
                         f"{net.dir}/rare/b.pdf", "-c", net.conf("gateway-1"))
    tap.ok("E2160" in result.stderr and "U+1F434" in result.stderr,
           "and told as a finding", result.stderr)


def hostile_texts(tap, net):
    """Markup in each text of a letter stays text (T-WEB-03..05)."""
    paths = write_letter(f"{net.dir}/evil", "函", 110, EVIL + "\u202e反。")
    text = open(paths[0], encoding="utf-8").read()
    for place in ("地址", "署名"):
        text = re.sub(f"<{place}>.*?</{place}>",
                      lambda found: f"<{place}>{EVIL}</{place}>", text)
    with open(paths[0], "w", encoding="utf-8") as file:
        file.write(text)
    net.json("gateway-1", "doc", "preview", *paths, "--to",
             f"{net.dir}/evil/a.html")
    with open(f"{net.dir}/evil/a.html", encoding="utf-8") as file:
        raw = file.read()
    page = Page(raw)
    tap.ok(not page.problems(), "markup in a letter stays text",
           page.problems())
    tap.ok(page.text().count("<script>alert(1)</script>") == 3,
           "and can be read", page.text())
    tap.ok("\u202e" not in raw and "〔U+202E〕" in raw,
           "what turns the direction of reading is shown as its number")


def too_much(tap, net):
    """Letters that take long to show hold up neither letters nor prints."""
    folder = f"{net.dir}/much"
    long = write_letter(folder, "函", 120, "長文。", "long")
    text = open(long[0], encoding="utf-8").read()
    filler = "一丁七丈三上下不丑且" * ((1024 * 1024 - 9000) // 30)
    with open(long[0], "w", encoding="utf-8") as file:
        file.write(text.replace("首項內容。", filler))
    many = write_letter(folder, "函", 121, "多項。", "many")
    text = open(many[0], encoding="utf-8").read()
    item = '<條列 序號="三、"><文字>又</文字></條列>'
    with open(many[0], "w", encoding="utf-8") as file:
        file.write(text.replace("</段落>", item * 15000 + "</段落>"))

    results = []

    def preview(number, paths, kind):
        result = net.command("doc", "preview", *paths, "--to",
                             f"{folder}/{number}.{kind}", "-c",
                             net.conf("gateway-1"), check=False, timeout=900)
        results.append((result.returncode, result.stderr))

    threads = [threading.Thread(target=preview,
                                args=(number, long if number % 2 else many,
                                      "html" if number % 3 == 0 else "pdf"))
               for number in range(12)]
    for thread in threads:
        thread.start()
    started = time.monotonic()
    document = net.send(write_letter(f"{net.dir}/meanwhile", "函", 122,
                                     "其間一文。"))["id"]
    net.wait_states(document, ["opened"])
    took = time.monotonic() - started
    for thread in threads:
        thread.join()
    tap.ok(True, f"a letter goes through meanwhile ({took:.1f} s)")
    tap.ok(len(results) == len(threads) and
           all(code == 0 or (code in (65, 75) and re.search(r"E\d{4}", text))
               for code, text in results),
           "each is shown or refused by name",
           [(code, text[:200]) for code, text in results])
    refused = [text for code, text in results if code == 65 and
               "E2291" not in text]  # which is for a machine that is too busy
    if not refused:
        preview(len(threads), many, "pdf")
        refused = [results[-1][1]]
    tap.ok(refused and all("E2295" in text for text in refused),
           "thousands of pages are refused as such", refused[:1])
    entry, name = entry_of(net, "gateway-2", document)
    printed, _ = lay_open(net, "gateway-2", name, f"{net.dir}/after")
    tap.ok("其間一文。" in printed, "and the next one prints as ever")


def roles_apart(tap, net):
    """Only the printer loads what draws; its end is not the host's."""
    pids = net.roles("gateway-1")

    def maps(role):
        return open(f"/proc/{pids[role]}/maps").read()

    tap.ok("libcairo" in maps("printer"), "the printer draws (control)")
    loaded = [role for role in pids if role != "printer"
              and re.search("cairo|harfbuzz|X11|TW-Kai|xslt", maps(role))]
    tap.ok(not loaded, "no other role loads what draws", loaded)
    loaded = re.findall("lib(?:ssl|sqlite3|nghttp2|curl)[^/\n]*", maps("reader"))
    tap.ok("libarchive" in maps("reader") and not loaded,
           "the reader loads what it reads with, and nothing else", loaded)
    status = open(f"/proc/{pids['printer']}/status").read()
    tap.ok("Seccomp:\t2" in status and "NoNewPrivs:\t1" in status,
           "and it stands behind its walls", status)
    opened = [os.readlink(f"/proc/{pids['printer']}/fd/{fd}")
              for fd in os.listdir(f"/proc/{pids['printer']}/fd")]
    tap.ok(not [path for path in opened if path.endswith((".ttf", ".db"))],
           "with no file open", opened)
    net.kill_role("gateway-1", "printer")
    net.wait_for(lambda: net.roles("gateway-1").get("printer")
                 not in (None, pids["printer"]), "the printer is not back")
    net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    paths = write_letter(f"{net.dir}/again", "函", 130, "再起。")
    net.wait_for(lambda: net.command(
        "doc", "preview", *paths, "--to", f"{net.dir}/again/a.pdf", "-c",
        net.conf("gateway-1"), check=False).returncode == 0,
        "it prints no more")
    tap.ok("再起。" in pdf_text(f"{net.dir}/again/a.pdf"),
           "after the printer was killed, it prints again")


def without_the_program(tap):
    """yizhan-printer is missing, and yizhan-reader is of another version: letters
    go on, and why is told."""
    folder = f"{os.environ['SCENARIO_DIR']}/alone"
    os.makedirs(folder)
    whole = os.environ["YIZHAN"]
    shutil.copy(whole, f"{folder}/yizhan")
    with open(f"{folder}/yizhan-reader", "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nshift 3\nexec "
                   f"{shlex.quote(os.path.dirname(whole))}/yizhan-reader"
                   ' role reader 0.0.0 "$@"\n')
        os.fchmod(file.fileno(), 0o755)
    os.environ["YIZHAN"] = f"{folder}/yizhan"
    try:
        with Network("without") as net:
            paths = net.letter(["376470000A"], 1, {"a.pdf": pdf(100)})
            document = net.send(paths)["id"]
            net.wait_states(document, ["opened"])
            tap.ok(True, "letters go without the printing program")
            tap.ok("reader-here" in net.roles("gateway-1"),
                   "and are read by yizhan itself")
            try:
                net.json("gateway-1", "doc", "print", document, "--to",
                         f"{net.dir}/a.pdf")
                tap.ok(False, "a print is refused")
            except Refused as refused:
                tap.ok(refused.code == "E2299", "a print is refused by name",
                       refused)
    finally:
        os.environ["YIZHAN"] = whole


def all_of_it(tap):
    with Network() as net:
        kinds_travel(tap, net)
        memos_stay_inside(tap, net)
        walls_of_an_answer(tap, net)
        facts_of_a_pdf(tap, net)
        previews(tap, net)
        hostile_texts(tap, net)
        too_much(tap, net)
        roles_apart(tap, net)
    without_the_program(tap)


run(tap, all_of_it)
tap.done()
