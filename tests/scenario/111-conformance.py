#!/usr/bin/env python3
# limit: 240
"""yizhan conformance: our own gateway is as the contract says; a server that
breaks one promise after the other is caught at each of them."""

import http.client
import http.server
import json
import os
import re
import ssl
import threading
import uuid

from network import Network, Tap, pdf, run

A, B = "376490000A", "376470000A"
HOOK = "127.0.0.1:9099"
EXTRA = {"gateway-1": "[webhook]\naddresses = 127.0.0.1\n"
                      "[courier]\nretry_first_ms = 50\nretry_max_ms = 200\n",
         "gateway-2": f"[board]\ncodes = {B}\n"}


class Wrong(http.server.ThreadingHTTPServer):
    """Our gateway, seen through somebody who breaks one promise."""

    def __init__(self, address):
        super().__init__(("127.0.0.1", 0), Handler)
        self.address, self.fault = address, None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fields = {name.lower(): value for name, value in self.headers.items()
                  if name.lower() not in ("host", "connection")}
        path, fault = self.path, self.server.fault
        if fault and fault.before:
            path, body = fault.before(self.command, path, fields, body)
        context = ssl._create_unverified_context()
        context.set_alpn_protocols(["http/1.1"])
        link = http.client.HTTPSConnection(self.server.address, 8443,
                                           context=context, timeout=60)
        link.request(self.command, path, body=body or None, headers=fields)
        came = link.getresponse()
        if "event-stream" in came.getheader("content-type", ""):
            data, status = self.first_event(came), came.status
        else:
            data, status = came.read(), came.status
        headers = {name.lower(): value for name, value in came.getheaders()
                   if name.lower() not in ("connection", "content-length")}
        link.close()
        if fault and fault.after:
            status, data = fault.after(self.command, path, status, headers,
                                       data)
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    @staticmethod
    def first_event(came):
        """A stream has no end: up to the event that is asked for."""
        data = b""
        while b"data:" not in data or not data.endswith(b"\n\n"):
            line = came.readline()
            if not line:
                break
            data += line
        return data

    do_GET = do_POST = do_PUT = do_PATCH = pass_on

    def log_message(self, *_):
        pass


class Fault:
    """`before` and `after` change a request and its answer; `check` is the one
    that has to tell."""

    def __init__(self, check, before=None, after=None):
        self.check, self.before, self.after = check, before, after


def drop_header(name):
    def before(_method, path, fields, body):
        fields.pop(name, None)
        return path, body
    return before


def fresh_key(_method, path, fields, body):
    if "idempotency-key" in fields:
        fields["idempotency-key"] = uuid.uuid4().hex
    return path, body


def own_key(_method, path, fields, body):
    """The same key for whatever comes under it: the files are not compared."""
    if "idempotency-key" in fields:
        fields["idempotency-key"] += f"-{len(body)}"
    return path, body


def no_cursor(_method, path, _fields, body):
    if path.startswith("/v1/outbox?"):
        path = re.sub(r"&cursor=[^&]*", "", path)
    return path, body


def answers(pattern, change):
    """Change the JSON of the answers to requests for `pattern`."""
    def after(_method, path, status, headers, data):
        if re.search(pattern, path) and "json" in headers["content-type"]:
            value = json.loads(data)
            status = change(value, status, headers) or status
            data = json.dumps(value).encode()
        return status, data
    return after


def without(name):
    return lambda value, _status, _headers: value.pop(name, None) and None


def backwards(value, _status, _headers):
    value.get("events", []).reverse()


def plain(value, status, headers):
    if status >= 400:
        headers["content-type"] = "application/json"


def in_english(value, status, _headers):
    if status >= 400:
        value["title"] = "Something is wrong"


def other_secret(value, status, _headers):
    if status == 201:
        value["secret"] = "whsec_" + "A" * 43 + "="


def from_start(_method, path, _fields, body):
    if "after=" in path and path.startswith("/v1/events") and \
            "999999" not in path:
        path = re.sub(r"after=[0-9]*", "after=0", path)
    return path, body


def tolerant(_method, path, status, headers, data):
    """What is too new is answered with nothing."""
    if status == 410:
        headers["content-type"] = "application/json"
        return 200, b'{"events":[],"next":"0"}'
    return status, data


def no_tag(_method, _path, status, headers, data):
    headers.pop("etag", None)
    return status, data


def open_door(_method, path, status, headers, data):
    """Who shows no token gets what is there all the same."""
    if status == 401:
        headers["content-type"] = "application/json"
        return 200, b'{"documents":[],"next":""}'
    return status, data


def other_stream(_method, _path, status, headers, data):
    if "event-stream" in headers.get("content-type", ""):
        data = re.sub(rb'"id":(\d+)', rb'"id":9\1', data)
    return status, data


def no_place(value, status, _headers):
    if status == 201:
        value["upload"] = ""


def any_offset(method, _path, status, headers, data):
    if method == "PATCH" and status == 409:
        headers["content-type"] = "application/json"
        return 200, b"{}"
    return status, data


def file_lost(value, _status, _headers):
    if "files" in value:
        value["files"] = [file for file in value["files"]
                          if file["name"] != "part.txt"]


def fewer(value, status, _headers):
    if status in (200, 201):
        value["letters"].pop()


def other_letters(value, status, _headers):
    if status == 200:
        value["letters"][0]["document_id"] = str(uuid.uuid4())


def still_held(value, _status, _headers):
    for letter in value.get("letters", []):
        letter["state"] = "held"


def some_sent(value, _status, _headers):
    value["documents"][0]["id"] = str(uuid.uuid4())


def one_copy(value, _status, _headers):
    value["count"] = 1


def none_dead(value, _status, _headers):
    value["dead"].clear()


def from_the_next(_method, path, _fields, body):
    if path.endswith(":replay"):
        body = json.dumps({"after": json.loads(body)["after"] + 1}).encode()
    return path, body


FAULTS = [
    Fault("events.stream", after=other_stream),
    Fault("uploads.begin", after=answers("/uploads$", no_place)),
    Fault("uploads.other-offset", after=any_offset),
    Fault("uploads.complete", after=answers(r"/uploads/\w+\?", file_lost)),
    Fault("errors.no-token", after=open_door),
    Fault("errors.not-found", after=answers("/v1/outbox/0198", plain)),
    Fault("errors.language", after=answers("/v1/outbox/0198", in_english)),
    Fault("errors.trace", before=drop_header("traceparent")),
    Fault("idempotency.repeat", before=fresh_key),
    Fault("idempotency.other-files", before=own_key),
    Fault("etag.tag", after=no_tag),
    Fault("etag.if-none-match", before=drop_header("if-none-match")),
    Fault("etag.if-match", before=drop_header("if-match")),
    Fault("cursors.pages", before=no_cursor),
    Fault("events.order", after=answers("/v1/events", backwards)),
    Fault("events.cursor", before=from_start),
    Fault("events.again", before=from_start),
    Fault("events.gone", after=tolerant),
    Fault("get /v1/outbox: the newest",
          after=answers(r"/v1/outbox\?", without("next"))),
    Fault("get /v1/events: from now on",
          after=answers(r"/v1/events$", without("events"))),
    Fault("get /v1/directory/{code}: one",
          after=answers(r"/v1/directory/", without("entry"))),
    Fault("series.none", after=answers(r"/v1/outbox\?limit=1$", some_sent)),
    Fault("series.check", after=answers(":check-apart", one_copy)),
    Fault("series.sent", after=answers(":send-apart", fewer)),
    Fault("series.repeat", after=answers(":send-apart", other_letters)),
    Fault("series.read", after=answers(r"/v1/series/[^:]+$", fewer)),
    Fault("series.undo", after=answers(r"/v1/series/.*:undo", still_held)),
    Fault("webhooks.signature", after=answers("/v1/webhooks$",
                                              other_secret)),
    Fault("webhooks.dead", after=answers("/dead$", none_dead)),
    Fault("webhooks.replay", before=from_the_next),
]


def tokens(net):
    made = {}
    for name, host, code, scopes in (
            ("sender", "gateway-1", A, "read,send,receive,events,webhooks"),
            ("reader", "gateway-1", A, "read"),
            ("receiver", "gateway-2", B, "read,receive,events")):
        made[name] = f"{net.dir}/{name}.token"
        with open(made[name], "w", encoding="ascii") as file:
            file.write(net.command(
                "token", "create", name, "--organisation", code, "--scopes",
                scopes, "-c", net.conf(host)).stdout)
    return made


def ask(net, url, made, letter, *more):
    receiver = net.settings("gateway-2")["host.address"]
    result = net.command(
        "conformance", "--against", url, "--token-file", made["sender"],
        "--reader-token-file", made["reader"], "--receiver",
        f"https://{receiver}:8443", "--receiver-token-file",
        made["receiver"], "--letter", letter, "--hook", HOOK, "--insecure",
        *more, check=False, timeout=300)
    return result


def conformance(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"], extra=EXTRA) as net:
        made = tokens(net)
        letter = os.path.dirname(net.letter([B], 1,
                                            {"note.pdf": pdf(2000)})[0])
        address = net.settings("gateway-1")["host.address"]
        url = f"https://{address}:8443"
        result = ask(net, url, made, letter, "--only", "errors,cursors")
        tap.ok(result.returncode == 0 and "FAIL" not in result.stdout and
               result.stdout.endswith("skipped 1\n"),
               "the report in words", result.stdout + result.stderr)
        report = json.loads(ask(net, url, made, letter, "--json").stdout)
        names = [check["check"] for check in report["checks"]]
        tap.ok(report["failed"] == 0 and report["passed"] > 70 and
               report["passed"] + report["skipped"] == len(names),
               f"our own gateway conforms: {report['passed']} checks pass, "
               f"{report['skipped']} are for people", [check for check in report["checks"]
                                         if check["result"] == "failed"])
        missing = [fault.check for fault in FAULTS
                   if fault.check not in names]
        tap.ok(not missing, "(each check of a fault is there)", missing)
        wrong = Wrong(address)
        result = ask(net, wrong.url, made, letter, "--only",
                     "errors,idempotency,etag,cursors,events,uploads,series")
        tap.ok(result.returncode == 0, "(through somebody who breaks nothing "
               "too)", re.findall(r"FAIL.*\n.*", result.stdout))
        for fault in FAULTS:
            wrong.fault = fault
            group = fault.check.split(".")[0] if "." in fault.check \
                else "examples"
            result = ask(net, wrong.url, made, letter, "--json", "--only",
                         group)
            failed = {check["check"]: check["detail"]
                      for check in json.loads(result.stdout)["checks"]
                      if check["result"] == "failed"}
            tap.ok(result.returncode == 1 and failed.get(fault.check),
                   f"found: {fault.check}", (failed, result.stderr))
        wrong.shutdown()


if __name__ == "__main__":
    tap = Tap()
    run(tap, conformance)
    tap.done()
