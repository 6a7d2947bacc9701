#!/usr/bin/env python3
# limit: 200
"""Events told to a document system (webhooks): signed, in order, each until it is
taken, over failures of the receiver and kills of the host; what is never taken
goes to the dead letters and can be told again; and nowhere else than where the
configuration lets (SSRF)."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

from network import Network, Refused, Tap, run
from web import Web

A, B = "376490000A", "376470000A"
EXTRA = {"gateway-1": "[webhook]\naddresses = 127.0.0.1\n"
                      "[courier]\nretry_first_ms = 20\nretry_max_ms = 100\n"}


class Receiver(http.server.ThreadingHTTPServer):
    """Takes what is told; `refuses` says with which status it does not."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.told, self.tries, self.refuses = [], [], None
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def events(self):
        with self.lock:
            return [json.loads(body)["events"][0] for _, body in self.told]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        with server.lock:
            fields = {name.lower(): value
                      for name, value in self.headers.items()}
            server.tries.append(fields["webhook-id"])
            status = server.refuses(len(server.tries)) if server.refuses \
                else 204
            if status < 300:
                server.told.append((fields, body))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def is_signed(secret, fields, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode()
    mac = hmac.new(key, text + body, hashlib.sha256).digest()
    return fields["webhook-signature"] == "v1," + \
        base64.b64encode(mac).decode() and \
        abs(time.time() - int(fields["webhook-timestamp"])) < 300


def send(net, web, number):
    return web.send("/v1/documents", net.letter([B], number)).json["id"]


def told(tap, net, web, server):
    """Signed, in order, all of them and no other's."""
    made = web.post("/v1/webhooks", {"url": server.url})
    tap.ok(made.status == 201 and made.json["secret"].startswith("whsec_"),
           "a webhook has a secret of its own", made)
    secret = made.json["secret"]
    tap.ok(secret not in str(web.get("/v1/webhooks").json) and
           web.get("/v1/webhooks").json["webhooks"][0]["url"] == server.url,
           "which is shown once")
    document = send(net, web, 1)
    net.wait_for(lambda: any(event["state"] == "opened"
                             for event in server.events()), "nothing is told")
    wanted = [event for event in web.get(
        f"/v1/events?after={made.json['after']}").json["events"]]
    # Whose answer took too long is told again, with the id that it had.
    got = [event for at, event in enumerate(server.events())
           if event not in server.events()[:at]]
    tap.ok(got[:len(wanted)] == wanted and
           {event["document_id"] for event in wanted} == {document},
           "what is told is what the feed says", server.events())
    tap.ok(all(is_signed(secret, *one) for one in server.told),
           "and signed", server.told[:1])
    fields, body = server.told[0]
    tap.ok(not is_signed(secret, fields, body + b" ") and
           not is_signed(secret, {**fields, "webhook-id": "evt_0"}, body),
           "(another body, or another id, is not)")
    return made.json["id"], secret


def by_command(tap, net, server, hook):
    """The same by the command line: a test, and what it says of a refusal."""
    before = len(server.told)
    said = net.command("webhook", "test", str(hook), "-c",
                       net.conf("gateway-1")).stdout
    fields, body = server.told[-1]
    event = json.loads(body)["events"][0]
    tap.ok("taken 204" in said and len(server.told) == before + 1 and
           event["type"] == "test" and event["id"] == 0 and
           fields["webhook-id"].startswith(f"test_{hook}_"),
           "a test is told at once", (said, event))
    server.refuses = lambda _: 503
    said = net.command("webhook", "test", str(hook), "-c",
                       net.conf("gateway-1")).stdout
    server.refuses = None
    tap.ok("not taken 503" in said, "or why it is not", said)
    said = net.command("webhook", "list", "-c", net.conf("gateway-1")).stdout
    tap.ok(server.url in said, "the list has it", said)
    return fields, body


def in_the_way(tap, net, web, server):
    """A receiver that fails, and a host that is killed: no event is lost."""
    start = web.get("/v1/events").json["next"]
    server.refuses = lambda tries: (500, 503, 302, 204)[tries % 4]
    documents = [send(net, web, 10)]
    net.kill("gateway-1")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    documents.append(send(net, web, 11))
    for document in documents:
        net.wait_states(document, ["opened"])
    wanted = web.get(f"/v1/events?after={start}&limit=500").json["events"]
    net.wait_for(lambda: server.events() and
                 server.events()[-1]["id"] >= wanted[-1]["id"],
                 "not all is told")
    got = []
    for event in server.events():
        # Told again after the kill, it has the id that it had.
        if event["id"] > int(start) and event not in got:
            got.append(event)
    tap.ok(got == wanted, "over failures and a kill all are told, in order",
           (got, wanted))
    server.refuses = None


def given_up(tap, net, web, server, hook):
    """What nobody takes is set aside, and told again when somebody asks."""
    start = web.get("/v1/events").json["next"]
    server.refuses = lambda _: 500
    document = send(net, web, 20)
    net.wait_for(lambda: web.get(f"/v1/webhooks/{hook}/dead").json["dead"],
                 "nothing is given up")
    server.refuses = None
    net.wait_states(document, ["opened"])
    dead = web.get(f"/v1/webhooks/{hook}/dead").json["dead"]
    tap.ok(dead[-1]["status"] == 500 and dead[-1]["event"] > int(start),
           "after twelve tries an event is a dead letter", dead)
    before = len(server.told)
    answer = web.post(f"/v1/webhooks/{hook}:replay", {"after": int(start)})
    tap.ok(answer.status == 200, "and can be told again", answer)
    wanted = web.get(f"/v1/events?after={start}").json["events"]
    net.wait_for(lambda: all(event in server.events()[before:]
                             for event in wanted), "it is not told again")
    text = net.command("webhook", "dead", str(hook), "-c",
                       net.conf("gateway-1")).stdout
    tap.ok(text.startswith(f"{dead[0]['event']} ") and " 500" in text,
           "the dead letters are listed by command too", text)
    ids = [event["id"] for event in server.events()[before:]]
    tap.ok(set(event["id"] for event in wanted) <= set(ids),
           "which it is, with all that followed", (ids, wanted))
    web.post(f"/v1/webhooks/{hook}:disable")
    before = len(server.tries)
    net.wait_states(send(net, web, 21), ["opened"])
    tap.ok(len(server.tries) == before, "disabled, it is told nothing")


def elsewhere(tap, web, server):
    """Nowhere but where the configuration lets."""
    port = server.server_address[1]
    for url in ("http://169.254.169.254/latest/meta-data",
                "http://127.0.0.31:8443/", f"http://localhost:{port}/",
                f"http://127.1:{port}/", f"http://0x7f000001:{port}/",
                f"http://2130706433:{port}/", "http://[::1]/",
                f"http://127.0.0.1:{port}@127.0.0.31/", "file:///etc/passwd",
                "http://10.0.0.1/"):
        answer = web.post("/v1/webhooks", {"url": url})
        tap.ok(answer.status == 422 and answer.code == "E6413",
               f"not to {url}", answer)


def webhooks(tap):
    server = Receiver()
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"], extra=EXTRA) as net:
        scopes = "read,send,events,webhooks"
        web = Web(net, token=net.command(
            "token", "create", "dms", "--organisation", A, "--scopes", scopes,
            "-c", net.conf("gateway-1")).stdout.strip())
        hook, secret = told(tap, net, web, server)
        tap.ok(is_signed(secret, *by_command(tap, net, server, hook)),
               "signed as all are")
        elsewhere(tap, web, server)
        in_the_way(tap, net, web, server)
        given_up(tap, net, web, server, hook)
    server.shutdown()


if __name__ == "__main__":
    tap = Tap()
    run(tap, webhooks)
    tap.done()
