#!/usr/bin/python3
"""Goal: only the whole certificate from the registered address, for a code of
the access list and with a right clock, is let in at a center (R5.3.4, R5.3.5,
R5.1.5, T-PROTO-06); the log says which of them was wrong.  limit: 120"""

import datetime
import re
import subprocess

from network import Network, Tap, run

tap = Tap()
CENTER = "https://127.0.0.21:7443"


def clock(offset=0.0):
    now = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(seconds=offset)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def call(net, path, keys="gateway-1.keys/tls", address="127.0.0.31",
         time=0.0, more=()):
    """(status, catalogue id, body); status 0 when TLS refused."""
    command = ["curl", "-s", "-k", "--http2", "--max-time", "20",
               "--interface", address, "-w", "\n%{http_code}", *more]
    if keys:
        command += ["--cert", f"{net.dir}/{keys}.pem",
                    "--key", f"{net.dir}/{keys}.pem"]
    if time is not None:
        command += ["-H", f"yizhan-time: {clock(time)}"]
    result = subprocess.run([*command, CENTER + path], capture_output=True,
                            text=True, check=False)
    body, _, status = result.stdout.rpartition("\n")
    found = re.search(r'"code":"(E\d{4})"', body)
    return int(status or 0), found.group(1) if found else "", body


def admission(tap):
    with Network("admission") as net:
        status, _, body = call(net, "/v1/time")
        tap.ok(status == 200, "the registered host is let in", body)

        status, code, body = call(net, "/v1/time", address="127.0.0.33")
        tap.ok((status, code) == (403, "E4002"),
               "a valid certificate from another host's address is refused",
               body)
        tap.ok('wrong="address"' in net.log("center-a", 40),
               "and the log says that it was the address")
        status, code, body = call(net, "/v1/feed?after=0&wait=0",
                                  address="127.0.0.32")
        tap.ok((status, code) == (403, "E4002"), "on every path", body)

        status, code, body = call(net, "/v1/time", keys="officers/officer-1")
        tap.ok(status != 200 and code in ("", "E4001"),
               "an unregistered certificate of the same CA is refused", body)
        status, code, _ = call(net, "/v1/time",
                               keys="gateway-3.keys/tls", address="127.0.0.33")
        tap.ok(status != 200, "a gateway of another center is refused", code)
        status, _, _ = call(net, "/v1/time", keys=None)
        tap.ok(status == 0, "without a certificate there is no TLS")
        status, _, _ = call(net, "/v1/time", more=["--tls-max", "1.2"])
        tap.ok(status == 0, "TLS 1.2 is refused")
        status, _, _ = call(net, "/v1/time", more=["--http1.1"])
        tap.ok(status == 0, "HTTP/1.1 is refused between hosts")

        status, code, body = call(net, "/v1/time", time=None)
        tap.ok((status, code) == (400, "E4029") or code == "E4029",
               "a request without a clock is refused", body)
        status, code, body = call(net, "/v1/time", time=-6.5)
        tap.ok(status != 200 and code in ("E4007", "E4008"),
               "a clock 6 s off is refused", body)
        status, code, body = call(net, "/v1/time", time=2.5)
        tap.ok(status == 200, "a clock 2 s off is let in", body)
        tap.ok(re.search("E4007|clock", net.log("center-a", 40)),
               "with a warning in the log", net.log("center-a", 5))

        document = net.send(net.letter(["376470000A"], 1))["id"]
        net.wait_states(document, ["opened"])
        waybill = net.outbox(document)["deliveries"][0]["waybill_id"]
        path = f"/v1/deliveries/{waybill}/376470000A"
        status, code, body = call(net, path, keys="gateway-2.keys/tls",
                                  address="127.0.0.32", more=["-o",
                                                              "/dev/null"])
        tap.ok(status == 200, "its own delivery is handed out", code)
        status, code, body = call(net, path)
        tap.ok(status in (403, 404) and code == "E4003",
               "another organisation's delivery is not", body)
        tap.ok('wrong="code"' in net.log("center-a", 60),
               "and the log says that it was the code",
               net.log("center-a", 6))


run(tap, admission)
tap.done()
