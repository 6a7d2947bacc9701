#!/usr/bin/env python3
# limit: 200
"""Resumable uploads (docs/api.md): a file of a draft in as many requests as it
takes, over links that are cut and kills of the gateway, durable from one to the
next; bounded; the letter that is sent has it byte for byte.  And the API tells how
many requests a caller may have open."""

import hashlib
import random
import socket
import struct
import time

from network import Network, Tap, pdf, run
from web import Web

A, B = "376490000A", "376470000A"
FRAME = 262016
EXTRA = {"gateway-1": "[limits]\npartials_host = 3\n"}


class Upload:
    """One file on its way up."""

    def __init__(self, web, draft, name, data, version):
        self.web, self.data = web, data
        self.name = name
        self.sha256 = hashlib.sha256(data).hexdigest()
        made = web.post(f"/v1/drafts/{draft}/uploads", {
            "name": name, "length": len(data), "sha256": self.sha256})
        self.made = made
        self.path = made.headers.get("location", "")
        self.version = version

    def head(self):
        answer = self.web.ask("HEAD", self.path)
        return int(answer.headers["upload-offset"]), \
            answer.headers["upload-complete"]

    def rest(self):
        """How far it is, when nothing more comes of what was cut."""
        last, offset = -1, self.head()[0]
        while last != offset:
            time.sleep(1)
            last, offset = offset, self.head()[0]
        return offset

    def patch(self, offset, data, version=None):
        path = self.path + f"&version={version or self.version}"
        return self.web.ask("PATCH", path, data, headers={
            "Upload-Offset": str(offset),
            "Content-Type": "application/partial-upload"})

    def cut(self, offset, count):
        """Say that all of the rest comes, send `count` bytes, and be gone."""
        rest = self.data[offset:]
        with socket.create_connection((self.web.address, 8443)) as plain:
            with self.web.context().wrap_socket(plain) as link:
                link.sendall((
                    f"PATCH {self.path}&version={self.version} HTTP/1.1\r\n"
                    f"Host: a\r\nAuthorization: Bearer {self.web.token}\r\n"
                    f"Upload-Offset: {offset}\r\nContent-Type: "
                    "application/partial-upload\r\n"
                    f"Content-Length: {len(rest)}\r\n\r\n").encode() +
                    rest[:count])
                link.settimeout(0.3)
                try:
                    link.recv(1)
                except (TimeoutError, OSError):
                    pass
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))


def draft_of(net, web, serial, attachments, bare=True):
    paths = net.letter([B], serial, attachments)
    made = web.send("/v1/drafts", paths[:2] if bare else paths)
    return made.json["id"], made.json["version"]


def by_parts(tap, net, web, theirs):
    data = pdf(4_000_000, 7)
    draft, version = draft_of(net, web, 1, {"scan.pdf": data})
    upload = Upload(web, draft, "scan.pdf", data, version)
    tap.ok(upload.made.status == 201 and upload.head() == (0, "?0") and
           upload.made.json["offset"] == 0, "POST begins an upload",
           upload.made)
    chance = random.Random(1)
    offsets, kills = [0], 0
    while offsets[-1] < len(data) - 1_400_000:
        offset, _ = upload.head()
        upload.cut(offset, chance.randrange(300_000, 900_000))
        if len(offsets) == 2:
            net.kill("gateway-1")
            net.start("gateway-1")
            net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
            kills += 1
        offsets.append(upload.head()[0])
        if len(offsets) > 30:
            break
    tap.ok(offsets == sorted(offsets) and len(offsets) >= 4 and kills == 1,
           "cut and killed, it goes on from what is durable", offsets)
    offset = upload.rest()
    wrong = upload.patch(offset + 1, data[offset + 1:])
    tap.ok(wrong.status == 409 and upload.head()[0] == offset,
           "from another byte it does not go on", wrong)
    part = upload.patch(offset, data[offset:offset + 100_000])
    tap.ok(part.status == 200 and part.json["offset"] == offset and
           part.headers["upload-limit"] == f"min-append-size={FRAME}",
           "a part below the smallest brings nothing on, and is told so", part)
    part = upload.patch(offset, data[offset:offset + FRAME + 1000])
    tap.ok(part.status == 200 and part.json["offset"] == offset + FRAME ==
           upload.head()[0],
           "another is answered with how far it is", part)
    offset, _ = upload.head()
    stale = upload.patch(offset, data[offset:], version=version + 5)
    tap.ok(stale.status == 412 and upload.head()[0] >= offset,
           "the draft is another one: what came stays", stale)
    offset, _ = upload.head()
    done = upload.patch(offset, data[offset:])
    tap.ok(done.status == 200 and [file["name"] for file in
                                   done.json["files"]][-1] == "scan.pdf" and
           upload.head() == (len(data), "?1"),
           "the last part makes it a file of the draft", done)
    sent = web.post(f"/v1/drafts/{draft}:send?"
                    f"version={done.json['version']}")
    net.wait_states(sent.json["id"], ["opened"])
    letter = theirs.get("/v1/inbox?limit=1").json["documents"][0]
    number = [file["name"] for file in letter["files"]].index("scan.pdf")
    got = theirs.get(f"/v1/inbox/{letter['waybill_id']}/{B}/files/{number}")
    tap.ok(got.body == data, "and arrives byte for byte", len(got.body))


def wrong_bytes(tap, net, web):
    data = pdf(50_000, 3)
    draft, version = draft_of(net, web, 2, {"a.pdf": data})
    upload = Upload(web, draft, "a.pdf", data, version)
    bad = upload.patch(0, data[:-1] + b"x")
    tap.ok(bad.status >= 400 and upload.head() == (0, "?0"),
           "what is not what was announced is thrown away", bad)
    good = upload.patch(0, data)
    tap.ok(good.status == 200 and upload.head()[1] == "?1",
           "(and what is, is taken)", good)


def bounds(tap, net, web, other):
    draft, version = draft_of(net, web, 3, {"a.pdf": b""})
    for body, what in (({"name": "../a", "length": 1, "sha256": "0" * 64},
                        "a path for a name"),
                       ({"name": "a", "length": 0, "sha256": "0" * 64},
                        "no length"),
                       ({"name": "a", "length": 1 << 50, "sha256": "0" * 64},
                        "too much"),
                       ({"name": "a", "length": 1, "sha256": "x"},
                        "no digest")):
        answer = web.post(f"/v1/drafts/{draft}/uploads", body)
        tap.ok(answer.status == 400 and answer.code == "E6812",
               f"refused: {what}", answer)
    places = []
    for number in range(5):
        data = pdf(600_000, number)
        upload = Upload(web, draft, f"{number}.pdf", data, version)
        places.append(upload.patch(0, data[:400_000]).status)
    tap.ok(places[:3] == [200] * 3 and places[3] >= 400,
           "so many at once, and no more", places)
    answer = other.ask("HEAD", upload.path)
    tap.ok(answer.status == 404, "another organisation sees none of it",
           answer)
    answer = web.ask("PATCH", upload.path, b"x", headers={
        "Content-Type": "application/partial-upload"})
    tap.ok(answer.status == 400, "without an offset nothing is taken", answer)


def rates(tap, web):
    answer = web.get("/v1/outbox?limit=1")
    policy = answer.headers.get("ratelimit-policy", "")
    left = answer.headers.get("ratelimit", "")
    tap.ok(policy.startswith('"caller";q=') and
           'qu="concurrent-requests"' in policy and
           left.startswith('"caller";r='),
           "how many requests may be open stands in each answer",
           (policy, left))


def token(net, host, code):
    return net.command("token", "create", "dms", "--organisation", code,
                       "--scopes", "read,send,receive,events", "-c",
                       net.conf(host)).stdout.strip()


def uploads(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"], extra=EXTRA) as net:
        web = Web(net, token=token(net, "gateway-1", A))
        theirs = Web(net, "gateway-2", token=token(net, "gateway-2", B))
        by_parts(tap, net, web, theirs)
        wrong_bytes(tap, net, web)
        bounds(tap, net, web, theirs)
        rates(tap, web)


if __name__ == "__main__":
    tap = Tap()
    run(tap, uploads)
    tap.done()
