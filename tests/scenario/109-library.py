#!/usr/bin/env python3
# limit: 240
"""libyizhan against a real gateway: each of its functions; its example, over a
cable that is cut and with both sides killed, sends each letter once and takes
each event in once.  Negative control: two systems that handle the cursor wrong
are caught."""

import collections
import contextlib
import hashlib
import http.server
import json
import os
import random
import re
import shutil
import struct
import subprocess
import threading
import time

from cutting import Cutter
from network import Network, Tap, pdf, run
from web import Web

A, B = "376490000A", "376470000A"
SCOPES = "read,send,receive,events"


def token(net, host, code):
    made = net.command("token", "create", "library", "--organisation", code,
                       "--scopes", SCOPES, "-c", net.conf(host)).stdout
    with open(f"{net.dir}/{host}.token", "w", encoding="ascii") as file:
        file.write(made)
    return made.strip()


class Library:
    """tests/tools/library_tool.c at one gateway."""

    def __init__(self, net, host):
        address = net.settings(host)["host.address"]
        self.build = os.path.dirname(net.yizhan)
        self.start = [f"https://{address}:8443", f"{net.dir}/{host}.token"]

    def ask(self, *args, result=0):
        done = subprocess.run(
            [f"{self.build}/tests/tools/library_tool", *self.start, *args],
            capture_output=True, timeout=180, check=False)
        if done.returncode != result:
            raise RuntimeError(f"{args}: {done.returncode}, not {result}: "
                               f"{done.stderr.decode()}")
        return done.stderr.decode() if result else done.stdout

    def json(self, *args):
        return json.loads(self.ask(*args))


def functions(tap, net, ours, theirs):
    paths = net.letter([B], 1, {"note.pdf": pdf(300000)})
    start = ours.json("events")["next"]
    arrivals = theirs.json("events")["next"]
    tap.ok(ours.json("validate", *paths)["accepted"], "a letter is checked")
    text = ours.ask("submit", *paths[:2], result=2)
    tap.ok(text.startswith("422 E") and "Mend" in text or "E2123" in text,
           "one that is refused says why and what to do", text)
    shown = subprocess.run(
        [f"{ours.build}/examples/document_system", *ours.start, "send",
         *paths[:2]], env=dict(os.environ, YIZHAN_INSECURE="1"),
        capture_output=True, text=True, timeout=180, check=False)
    tap.ok(shown.returncode == 65 and "E2123" in shown.stderr and
           "note.pdf" in shown.stderr, "and what is wrong, one by one",
           shown.stderr)
    strict = subprocess.run(
        [f"{ours.build}/examples/document_system", *ours.start, "send",
         *paths], capture_output=True, text=True, timeout=180, check=False)
    tap.ok(strict.returncode == 65 and "E6806" in strict.stderr,
           "a certificate that is not known is said so", strict.stderr)
    sent = ours.json("submit", *paths)
    tap.ok(ours.json("submit", *paths)["id"] == sent["id"],
           "sent again, it is the same letter")
    done = ours.json("wait", sent["id"], "opened")
    tap.ok(done["deliveries"][0]["state"] == "opened" and
           ours.json("get", sent["id"])["id"] == sent["id"],
           "waited for until it is delivered", done)
    seen = ours.json("events", start)["events"]
    tap.ok(seen and seen[0]["document_id"] == sent["id"], "events tell of it",
           seen)
    came = theirs.json("events", arrivals)["events"][0]
    place = (came["waybill_id"], B)
    letter = theirs.json("arrival", *place)
    number = [part["name"] for part in letter["files"]].index("note.pdf")
    with open(paths[2], "rb") as file:
        tap.ok(theirs.ask("read", *place, str(number)) == file.read(),
               "its parts are read")
    tap.ok(theirs.ask("inbox").decode().startswith(came["waybill_id"]) and
           ours.ask("outbox").decode().startswith(sent["id"]),
           "the lists have it")
    tap.ok(theirs.json("confirm", *place)["state"] == "confirmed" and
           theirs.json("confirm", *place)["state"] == "confirmed",
           "signed for, once or twice")
    tap.ok("E4" in theirs.ask("return", *place, "misdirected", result=5),
           "and returned no more")
    tap.ok(theirs.json("notice", *place, "other")["notice"] == "other",
           "a mistake is told of afterwards")
    other = ours.json("submit", *net.letter([B], 2))
    ours.json("wait", other["id"], "opened")
    place = (theirs.ask("inbox").decode().split()[0], B)
    tap.ok(theirs.json("return", *place, "misdirected")["state"] ==
           "returned", "or it is returned")
    said = ours.json("call", "GET", "/v1/session")
    proof = ours.ask("fetch",
                     f"/v1/outbox/{sent['id']}/evidence?recipient={B}")
    tap.ok(said["organisations"][0]["code"] == A and proof[:2] == b"PK",
           "and what has no function of its own is asked", (said, proof[:9]))
    tap.ok("E" in ours.ask("get", "0" * 8 + "-0000-7000-8000-" + "0" * 12,
                           result=4), "what is not there is not found")


def ends(tap, net, ours):
    """Withdrawn and on paper: the recipient's gateway is down."""
    net.stop("gateway-2")
    one = ours.json("submit", *net.letter([B], 3))["id"]
    two = ours.json("submit", *net.letter([B], 4))["id"]
    ours.json("withdraw", one, B)
    ours.json("paper", two, B)
    tap.ok(ours.json("wait", one, "withdrawn")["deliveries"][0]["state"] ==
           "withdrawn" and ours.json("wait", two, "paper")
           ["deliveries"][0]["state"] == "paper",
           "taken back, and changed to paper")
    net.start("gateway-2")
    net.wait_for(lambda: net.is_ready("gateway-2"), "not ready")
    with open(f"{net.dir}/bad.token", "w", encoding="ascii") as file:
        file.write("yzt_" + "0" * 64)
    ours.start[1] = f"{net.dir}/bad.token"
    tap.ok("401" in ours.ask("outbox", result=3),
           "a token that is none is denied")
    large = net.letter([B], 5, {"large.pdf": pdf(8_000_000)})
    tap.ok("401" in ours.ask("submit", *large, result=3),
           "also before all of a large letter is there")


def drafts(tap, net, ours):
    """A large file of a draft comes up by parts, over a cable that is cut."""
    paths = net.letter([B], 6, {"大型 附件.pdf": pdf(12_000_000, 3)})
    made = ours.json("draft", "草稿", *paths[:2])
    tap.ok(ours.json("draft", "草稿", *paths[:2])["id"] == made["id"] and
           made["title"] == "草稿" and len(made["files"]) == 2,
           "a draft is kept, once", made)
    place = (net.settings("gateway-1")["host.address"], 8443)
    cutter = Cutter(place, share=0.7, reach=6_000_000, seed=5)
    far = Library(net, "gateway-1")
    far.start[0] = cutter.url
    done = far.json("draft-upload", made["id"], paths[2])
    cutter.close()
    with open(paths[2], "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    tap.ok(cutter.cuts > 0 and done["files"][-1]["sha256"] == wanted and
           done["version"] > made["version"],
           f"a large file of it came up over {cutter.cuts} cuts", done)
    tap.ok(ours.json("draft-upload", made["id"], paths[2])["version"] ==
           done["version"], "and again: it is there")
    sent = ours.json("draft-send", made["id"])
    tap.ok(sent["state"] == "held" and
           ours.json("undo", sent["id"])["state"] == "undone" and
           ours.json("draft-get", made["id"])["state"] == "draft",
           "it is sent, and sending undone while it is held", sent)
    more = ours.json("draft-add", made["id"], paths[0])
    tap.ok(len(more["files"]) == 3, "files take the place of their like", more)
    ours.ask("draft-discard", made["id"])
    tap.ok("404" in ours.ask("draft-get", made["id"], result=4),
           "discarded, it is gone")


def lines_of(path):
    try:
        with open(path, encoding="utf-8") as file:
            return [line.split() for line in file
                    if not line.startswith("cursor")]
    except OSError:
        return []


def handover(tap, net, web, stack):
    """The example, by a cable that is cut, both sides killed."""
    build = os.path.dirname(net.yizhan)
    place = (net.settings("gateway-1")["host.address"], 8443)
    cutter = Cutter(place, share=0.3, reach=8000)
    register = f"{net.dir}/register"
    environment = dict(os.environ, YIZHAN_INSECURE="1")
    program = [f"{build}/examples/document_system", cutter.url,
               f"{net.dir}/gateway-1.token"]
    start = web.get("/v1/events").json["next"]
    with open(register, "w", encoding="ascii") as file:
        file.write(f"cursor {start}\n")

    def begin(*args):
        process = subprocess.Popen([*program, *args], env=environment,
                                   stdout=subprocess.PIPE, text=True)
        stack.callback(process.kill)
        return process

    chance = random.Random(7)
    follower, ids, kills = begin("follow", register), {}, 0
    for number in range(30):
        paths = net.letter([B], 500 + number, {"a.pdf": pdf(4000)})
        for turn in range(3):
            sender = begin("send", *paths)
            if turn < 2 and chance.random() < 0.3:
                time.sleep(chance.random() * 0.1)
                sender.kill()
                kills += 1
            output, _ = sender.communicate(timeout=180)
            if sender.returncode == 0:
                ids[number] = output.strip()
                break
        if number % 3 == 1:
            follower.kill()
            follower.communicate()
            kills += 1
            follower = begin("follow", register)
        if number in (9, 19):
            net.kill("gateway-1")
            net.start("gateway-1")
            net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    for document in ids.values():
        net.wait_states(document, ["opened"])
    end = web.get("/v1/events").json["next"]
    # The last of it is in the register when its cursor says so.
    net.wait_for(lambda: open(register, encoding="ascii").readline()
                 .split()[-1] == end, "the register does not end")
    follower.kill()
    follower.communicate()
    cutter.close()
    wanted, after = [], start
    while page := web.get(f"/v1/events?after={after}&limit=500").json:
        if not page["events"]:
            break
        wanted += page["events"]
        after = page["next"]
    got = [int(line[0]) for line in lines_of(register)]
    tap.ok(cutter.cuts * 10 >= cutter.links and kills >= 10,
           f"{cutter.cuts} of {cutter.links} connections were cut, {kills} "
           "programs and 2 gateways killed")
    listed = web.get("/v1/outbox?limit=200").json["documents"]
    sent = [item["id"] for item in listed
            if any(f"{500 + number:07d}" in item["reference"]
                   for number in range(30))]
    tap.ok(len(sent) == 30 and set(sent) == set(ids.values()),
           "each letter is sent once", (len(sent), len(ids)))
    tap.ok(got == [event["id"] for event in wanted],
           "each event is taken in once, in order", (got, wanted))
    return wanted


def wrong_ways(tap, web, wanted):
    """A kill between the work and the cursor, in either order."""
    start, half = wanted[0]["id"] - 1, len(wanted) // 2

    def follow(cursor_first):
        register, cursor, has_died = [], start, False
        while True:
            page = web.get(f"/v1/events?after={cursor}&limit={half}").json
            if not page["events"]:
                return register
            if cursor_first:
                cursor = page["next"]
            else:
                register += [event["id"] for event in page["events"]]
            if not has_died:
                has_died = True
                continue
            if cursor_first:
                register += [event["id"] for event in page["events"]]
            cursor = page["next"]

    twice, lost = follow(False), follow(True)
    right = [event["id"] for event in wanted]
    tap.ok(len(twice) > len(set(twice)) and set(right) <= set(twice) and
           not set(right) <= set(lost),
           "(a cursor kept after the work takes in twice, one kept before "
           "loses: both are seen)", (twice, lost))


class Recorder(http.server.BaseHTTPRequestHandler):
    """Stands where a gateway would, writes down who asks what (the first part of
    the path is the function), and answers with something of each shape."""
    protocol_version = "HTTP/1.1"
    asked = collections.defaultdict(list)
    WHOLE = {"id": "D", "version": 1, "state": "draft", "offset": 0,
             "upload": "/v1/drafts/D/uploads/x?name=n&length=1",
             "files": [{"name": "1.di"}, {"name": "1.sw"}],
             "events": [], "next": "1", "fetching": 1, "taken": True}

    def log_message(self, *args):
        pass

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, function, *rest = self.path.split("?")[0].split("/")
        path = "/" + "/".join(rest)
        self.asked[function].append((self.command, path))
        status, kind = 200, "application/json"
        body = json.dumps(self.WHOLE).encode()
        if path == "/v1/documents:make":
            body = b"YZBNDL1\n" + b"".join(
                mark + struct.pack(">Q", 1) + b"a" for mark in (b"N", b"F"))
        elif "event-stream" in self.headers.get("Accept", ""):
            body = b': quiet\n\nid: 7\ndata: {"id":7,"state":"opened"}\n\n'
        elif "files" in path and function == "yizhan_read_part":
            body = b"x"
        elif self.command == "PATCH" and \
                self.asked[function].count((self.command, path)) == 1:
            status, body = 503, b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = answer


def functions_of(root):
    """What the public headers declare and ask with: those without result are
    the ones that free."""
    found = set()
    folder = f"{root}/src/client"
    for name in sorted(os.listdir(folder)):
        if not re.fullmatch(r"yizhan\w*\.h", name):
            continue
        with open(f"{folder}/{name}", encoding="utf-8") as file:
            found |= set(re.findall(r"^enum yizhan_result (yizhan_\w+)\(",
                                    file.read(), re.M))
    # Of these no request is made, or any, or the one of another function.
    return found - {"yizhan_open", "yizhan_set_trace", "yizhan_call",
                    "yizhan_fetch", "yizhan_key", "yizhan_letter_wait",
                    "yizhan_events_read", "yizhan_webhook_check"}


def operations(tap, build):
    """Each request that a token may make has a function, which makes it."""
    root = os.path.join(os.path.dirname(__file__), "../..")
    with open(f"{root}/data/openapi/v1/openapi.json", encoding="utf-8") as file:
        paths = json.load(file)["paths"]
    wanted = {(method.upper(), path): operation
              for path, methods in paths.items()
              for method, operation in methods.items()}
    # Of persons in a browser, and of machines that watch the gateway.
    of_others = {"/v1/openapi.json", "/healthz", "/readyz", "/v1/session:end",
                 "/v1/session:act"}
    missing = [key for key, operation in wanted.items()
               if (operation["x-scopes"] or operation["x-class"] != "listed")
               and key[1] not in of_others and key != ("POST", "/v1/session")
               and "x-function" not in operation]
    tap.ok(not missing, "each request of a token has a function", missing)
    Recorder.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = subprocess.run(
            [f"{build}/tests/tools/library_calls",
             f"http://127.0.0.1:{server.server_port}"], capture_output=True,
            text=True, timeout=180, check=False)
        server.shutdown()
    declared = functions_of(root)
    answered = set(done.stdout.split())
    # What came otherwise than its digest says is told: that is as it should be.
    tap.ok(declared == set(Recorder.asked) and
           declared - answered == {"yizhan_read_part"},
           f"{len(declared)} functions of the headers ask and are answered",
           (declared ^ set(Recorder.asked), declared - answered, done.stderr))

    def matches(pattern, path):
        return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/:]+",
                                   re.escape(pattern)), path)

    wrong = [(key, operation["x-function"])
             for key, operation in wanted.items() if "x-function" in operation
             and not any(method == key[0] and matches(key[1], path)
                         for method, path in
                         Recorder.asked[operation["x-function"]])]
    tap.ok(not wrong, "and each asks what the description says", wrong)
    known = [(function, method, path)
             for function, asked in Recorder.asked.items()
             for method, path in asked
             if not any(method == key[0] and matches(key[1], path)
                        for key in wanted)]
    tap.ok(not known, "none asks what is not described", known)


def installed(tap, net, build, web):
    """As a vendor has it: installed, found by pkg-config, the examples built
    and run against a gateway."""
    root = os.path.join(os.path.dirname(__file__), "../..")
    place = f"{net.dir}/installed"
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet",
                    "--destdir", place, "--tags", "devel,runtime"],
                   capture_output=True, check=True, timeout=180)
    pc = next(folder for folder, _, names in os.walk(place)
              if "yizhan.pc" in names)
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "yizhan"], text=True, check=True,
        capture_output=True, env=dict(os.environ, PKG_CONFIG_PATH=pc,
                                      PKG_CONFIG_SYSROOT_DIR=place)
        ).stdout.split()
    environment = dict(os.environ, YIZHAN_INSECURE="1",
                       LD_LIBRARY_PATH=os.path.dirname(pc))
    start = [f"https://{web.address}:8443", f"{net.dir}/gateway-1.token"]
    for name in ("document_system", "series"):
        subprocess.run(
            ["cc", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
             f"{root}/examples/{name}.c", "-o", f"{net.dir}/{name}", *flags],
            check=True, timeout=180)
    folder = f"{net.dir}/apart"
    files = [path for stem, code in (("1", B), ("2", B))
             for path in net.letter([code], 700 + int(stem),
                                    {"plan.pdf": pdf(900)}, stem=stem,
                                    folder=folder)]
    files = list(dict.fromkeys(files))
    sent = [subprocess.run([f"{net.dir}/series", *start, *files], text=True,
                           capture_output=True, timeout=180, check=False,
                           env=environment) for _ in range(2)]
    tap.ok([done.returncode for done in sent] == [0, 0] and
           sent[0].stdout.split()[0] == sent[1].stdout.split()[0] and
           len(web.get(f"/v1/series/{sent[0].stdout.split()[0]}")
               .json["letters"]) == 2,
           "an example that was built as pkg-config says sends a series, once",
           [(done.stdout, done.stderr) for done in sent])
    os.unlink(files[-1])
    refused = subprocess.run([f"{net.dir}/series", *start, *files[:-1],
                              *net.letter([B], 703, folder=folder, stem="3")
                              [:1]], text=True, capture_output=True,
                             timeout=180, check=False, env=environment)
    tap.ok(refused.returncode == 65 and "E2123" in refused.stderr,
           "and says what is wrong with each", refused)
    drafts = web.get("/v1/drafts?state=draft").json["drafts"]
    tap.ok(not drafts, "of what is refused no draft is left", drafts)
    shutil.rmtree(place)


def library(tap):
    build = os.path.dirname(os.environ["YIZHAN"])
    operations(tap, build)
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net:
        web = Web(net, token=token(net, "gateway-1", A))
        token(net, "gateway-2", B)
        ours, theirs = Library(net, "gateway-1"), Library(net, "gateway-2")
        functions(tap, net, ours, theirs)
        drafts(tap, net, ours)
        installed(tap, net, build, web)
        with contextlib.ExitStack() as stack:
            wanted = handover(tap, net, web, stack)
        wrong_ways(tap, web, wanted)
        ends(tap, net, ours)


if __name__ == "__main__":
    tap = Tap()
    run(tap, library)
    tap.done()
