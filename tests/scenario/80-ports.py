#!/usr/bin/env python3
# limit: 120
"""The ports for people (8443) and operators (8444) of a gateway and of the
management host: HTTP/2 and a strict HTTP/1.1, a certificate asked for and not
required, the headers of security.md 3.5 in every answer; and HTTP/1.1 never on
the port for hosts (T-WEB-01, T-TLS-01)."""

import socket
import ssl
import subprocess

from network import PATIENCE_S, Network, Tap, run

ALWAYS = {
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
GET = b"GET /api.html HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /v1/session HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
# Each line of the table of requests that two readers take for two things
# (T-WEB-01); tests/unit/test_http1.c has some 130 more of them.
SMUGGLED = {
    "CL and TE": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked"
    b"\r\n\r\nabc",
    "TE and CL": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3"
    b"\r\n\r\nabc",
    "TE": CHUNKED + b"0\r\n\r\n",
    "two CL": POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "two CL that differ": POST + b"Content-Length: 1\r\nContent-Length: 2"
    b"\r\n\r\nab",
    "CL with a sign": POST + b"Content-Length: +5\r\n\r\nabcde",
    "CL in hex": POST + b"Content-Length: 0x5\r\n\r\nabcde",
    "folded line": GET + b"X: a\r\n folded\r\n\r\n",
    "bare LF": b"GET /api.html HTTP/1.1\nHost: a\n\n",
    "bare LF in a field": GET + b"X: a\nY: b\r\n\r\n",
    "bare CR": b"GET /api.html HTTP/1.1\rHost: a\r\r",
    "bare CR in a field": GET + b"X: a\rY: b\r\n\r\n",
    "blank before the colon": GET + b"X : a\r\n\r\n",
    "blank before the colon of TE": POST +
    b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "TE: xchunked": POST + b"Transfer-Encoding: xchunked\r\n"
    b"Content-Length: 3\r\n\r\nabc",
    "extension of a chunk": CHUNKED + b"3;a=b\r\nabc\r\n0\r\n\r\n",
    "a chunk of 2^64": CHUNKED + b"10000000000000003\r\nabc\r\n0\r\n\r\n",
    "a chunk of -1": CHUNKED + b"-1\r\nabc\r\n0\r\n\r\n",
    "two hosts": GET + b"Host: b\r\n\r\n",
    "an upgrade": GET + b"Upgrade: h2c\r\n\r\n",
    "two requests": GET + b"\r\n" + GET + b"\r\n",
    "another authority": b"GET http://b/api.html HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/1.0": b"GET /api.html HTTP/1.0\r\nHost: a\r\n\r\n",
}
# More than a host takes (T-WEB-09): refused before it is read.
TOO_MUCH = {
    "10 GiB of body": (b"413", POST + b"Content-Type: application/json\r\n"
                       b"Content-Length: 10737418240\r\n\r\n{"),
    "a line of 1 MiB": (b"431", GET + b"X: " + b"a" * 1048576 + b"\r\n\r\n"),
    "100,000 fields": (b"431", GET + b"".join(
        b"X-%d: a\r\n" % number for number in range(100000)) + b"\r\n"),
}


def context_of(protocols=None, version=ssl.TLSVersion.TLSv1_3):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = version
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


def talk(place, said, protocols=None):
    """All that comes back until the server closes."""
    heard = b""
    with socket.create_connection(place, timeout=PATIENCE_S) as plain:
        with context_of(protocols).wrap_socket(plain) as link:
            try:
                link.sendall(said)
            except (ConnectionError, ssl.SSLError):
                pass
            try:
                while piece := link.recv(65536):
                    heard += piece
            except ConnectionError:
                pass
            except (TimeoutError, ssl.SSLError):
                heard += b"(open)"
    return heard


def is_refused(place, protocols=None, version=ssl.TLSVersion.TLSv1_3):
    try:
        with socket.create_connection(place, timeout=PATIENCE_S) as plain:
            with context_of(protocols, version).wrap_socket(plain) as link:
                link.sendall(GET + b"\r\n")
                return link.recv(100) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def curl(place, path, *args):
    """(status, headers, body) of one request."""
    result = subprocess.run(
        ["curl", "-sk", "-i", "--max-time", "90", *args,
         f"https://{place[0]}:{place[1]}{path}"], capture_output=True)
    head, _, body = result.stdout.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    status = int(lines[0].split()[1]) if lines[0] else 0
    return status, headers, body, lines[0]


def check_port(tap, place, name):
    for version in ("--http2", "--http1.1"):
        status, headers, body, first = curl(place, "/api.html", version)
        tap.ok(status == 200 and b"<main>" in body and
               headers["content-type"] == "text/html; charset=utf-8",
               f"{name}: a page by {version}", (first, headers))
        missing = {key: headers.get(key) for key, value in ALWAYS.items()
                   if headers.get(key) != value}
        policy = headers.get("content-security-policy", "")
        tap.ok(not missing and "default-src 'self'" in policy and
               "unsafe" not in policy and "frame-ancestors 'none'" in policy,
               f"{name}: with the headers of security", (missing, policy))
    status, headers, body, _ = curl(place, "/nothing")
    tap.ok(status == 404 and b"E6201" in body and
           headers.get("cache-control") == "no-store" and
           all(headers.get(key) == value for key, value in ALWAYS.items()),
           f"{name}: so is what is not there", headers)


def check_tags(tap, place):
    _, headers, body, _ = curl(place, "/api.css")
    status, _, again, _ = curl(place, "/api.css", "-H",
                               f"If-None-Match: {headers['etag']}")
    tap.ok(status == 304 and again == b"", "a page that is known is not sent")
    status, small, packed, _ = curl(place, "/api.css", "-H",
                                    "Accept-Encoding: gzip")
    tap.ok(status == 200 and small.get("content-encoding") == "gzip" and
           small["etag"] != headers["etag"] and len(packed) < len(body) and
           small.get("vary") == "accept-encoding",
           "compressed, it has a tag of its own", small)


def refused(tap, place):
    for name, said in SMUGGLED.items():
        heard = talk(place, said)
        tap.ok(heard.startswith(b"HTTP/1.1 400 ") and
               heard.count(b"HTTP/1.1 ") == 1 and
               b"connection: close" in heard and b"(open)" not in heard,
               f"refused, and the connection closed: {name}", heard[:200])
    for name, (status, said) in TOO_MUCH.items():
        heard = talk(place, said)
        tap.ok(heard.startswith(b"HTTP/1.1 " + status) or heard == b"",
               f"too much: {name}", heard[:200])


def ports(tap):
    with Network(hosts=["management", "center-a", "gateway-1"]) as net:
        gateway = net.settings("gateway-1")["host.address"]
        management = net.settings("management")["host.address"]
        for place, name in (((gateway, 8443), "gateway 8443"),
                            ((gateway, 8444), "gateway 8444"),
                            ((management, 8443), "management 8443"),
                            ((management, 8444), "management 8444")):
            check_port(tap, place, name)
        place = (gateway, 8443)
        check_tags(tap, place)
        heard = talk(place, GET + b"Connection: close\r\n\r\n")
        tap.ok(heard.startswith(b"HTTP/1.1 200 OK\r\n"),
               "who offers no protocol speaks HTTP/1.1", heard[:200])
        refused(tap, place)
        tap.ok(is_refused(place, version=ssl.TLSVersion.TLSv1_2),
               "TLS 1.2 is not spoken")
        hosts = net.door("center-a")
        tap.ok(is_refused(hosts) and is_refused(hosts, ["http/1.1"]),
               "the port for hosts speaks no HTTP/1.1")
        tap.ok(not is_refused(place, ["http/1.1"]),
               "(and the same question is answered at a port for people)")


if __name__ == "__main__":
    tap = Tap()
    run(tap, ports)
    tap.done()
