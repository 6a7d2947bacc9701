#!/usr/bin/python3
"""Goal: subjects, items and names of files that would be markup stay text on every
page, with scripts and without (T-WEB-03).  limit: 150"""

import json
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests/web"))

from network import Network  # noqa: E402
from world import make_letter, sign_in  # noqa: E402

TEXTS = [
    "<script>globalThis.pwned=1</script>請查照。",
    '"><img src=x onerror="globalThis.pwned=1">請查照。',
    "'><b onclick=globalThis.pwned=1>請查照</b>",
    "</title></textarea></style><script src=//127.0.0.1/x.js></script>請查照。",
    "[[csrf]]{{brand}}{n}${globalThis.pwned=1}&lt;b&gt;請查照。",
    "javascript:globalThis.pwned=1//請查照。",
]


def main():
    with Network() as net:
        sent = []
        for number, text in enumerate(TEXTS, 1):
            net.send(make_letter(net, "gateway-2", number, text, "速件",
                                 ["376490000A"], {}), "gateway-2")
            sent.append(net.send(make_letter(
                net, "gateway-1", number, text, "普通件", ["376470000A"],
                {"附件'&;=.csv": b"a\n"} if number == 1 else {}))["id"])
        net.wait_for(lambda: len([
            one for one in net.inbox("gateway-1")
            if one["state"] == "opened"]) == len(TEXTS), "letters are missing")
        came = {one["subject"]: f"{one['waybill_id']}/{one['recipient']}"
                for one in net.inbox("gateway-1")}
        every = list(range(len(TEXTS)))
        pages = [{"path": path, "shows": every}
                 for path in ("/", "/inbox", "/en/inbox", "/outbox",
                              "/plain", "/en/plain")]
        for number, text in enumerate(TEXTS):
            name = came[text]
            pages += [{"path": path, "shows": [number]} for path in (
                f"/letter?id={name.replace('/', '%2F')}",
                f"/sent?id={sent[number]}", f"/plain/letters/{name}")]
        address = net.settings("gateway-1")["host.address"]
        world = {"base": f"https://{address}:8443", "texts": TEXTS,
                 "code": sign_in(net, "gateway-1"), "pages": pages}
        return subprocess.run(
            ["node", f"{ROOT}/tests/web/hostile.mjs"],
            env={**os.environ, "HOSTILE": json.dumps(world)},
            check=False).returncode


sys.exit(main())
