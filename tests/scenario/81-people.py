#!/usr/bin/env python3
# limit: 200
"""People and document systems at the port for them (T-ACC-06 to -13, T-WEB-03,
T-WEB-07, T-WEB-08): log-in by card and by link, sessions, forgery from other
sites, locks, tokens, every request with every role and scope, and two
organisations on one gateway that see nothing of each other."""

import os
import re

from network import Network, Tap, run
from web import Web, make_card, rules

A, B = "376490000A", "376470000A"
ROLES = ("clerk", "supervisor", "operator", "auditor")
SCOPES = ("read", "send", "receive", "events", "webhooks", "metrics")


def add(net, name, role, organisation=A, card=None):
    options = ["--certificate", card] if card else []
    net.command("person", "add", name, "--role", role, "--organisation",
                organisation, *options, "-c", net.conf("gateway-1"))


def link(net, name):
    text = net.command("person", "link", name, "-c",
                       net.conf("gateway-1")).stdout
    return re.search(r"#code=([0-9a-f]+)", text).group(1)


def token(net, scopes, organisation=A, name="dms"):
    return net.command("token", "create", name, "--organisation",
                       organisation, "--scopes", scopes, "-c",
                       net.conf("gateway-1")).stdout.strip()


def logged_in(net, name):
    web = Web(net)
    web.log_in(link(net, name))
    return web


def sessions(tap, net):
    """By card, by link, once each; and what ends a session."""
    card, other = (make_card(net.dir, name) for name in ("card", "other"))
    add(net, "王小明", "clerk", card=card)
    web = Web(net, card=card)
    answer = web.log_in()
    cookie = answer.headers.get("set-cookie", "")
    tap.ok(answer.status == 201 and answer.json["person"] == "王小明" and
           answer.json["organisations"][0]["code"] == A, "a card logs in",
           answer)
    tap.ok(cookie.startswith("__Host-yizhan=") and all(
        word in cookie for word in ("Secure", "HttpOnly", "SameSite=Strict",
                                    "Path=/")), "by a cookie with all flags",
           cookie)
    tap.ok(web.get("/v1/session").status == 200 and
           web.get("/v1/inbox").status == 200, "and asks from then on")
    stolen = Web(net)
    stolen.cookie, stolen.guard = web.cookie, web.guard
    tap.ok(stolen.get("/v1/inbox").code == "E6406",
           "the cookie alone, without the card, is nothing")
    stolen.card = other
    tap.ok(stolen.get("/v1/inbox").code == "E6406", "nor with another card")
    tap.ok(Web(net, card=other).log_in().code == "E6408",
           "a card that nobody registered does not log in")
    tap.ok(Web(net).get("/v1/inbox").code == "E6402" and
           Web(net, card=card).get("/v1/inbox").code == "E6402",
           "without a session there is nothing to see")
    code = link(net, "王小明")
    by_link = Web(net)
    tap.ok(by_link.log_in(code).status == 201 and
           by_link.get("/v1/inbox").status == 200, "a link logs in")
    tap.ok(Web(net).log_in(code).code == "E6409", "once")
    first = by_link.cookie
    by_link.log_in(link(net, "王小明"))
    tap.ok(by_link.cookie != first, "each log-in has a cookie of its own")
    tap.ok(by_link.post("/v1/session:end").status == 200 and
           by_link.get("/v1/inbox").code == "E6406",
           "logging out ends it at the host")
    return web


def forgery(tap, web):
    """What another site can make a browser send."""
    tries = {
        "without the guard": {"X-Yizhan-CSRF": ""},
        "with another's guard": {"X-Yizhan-CSRF": "0" * 64},
        "from another origin": {"Origin": "https://evil.example"},
        "from an origin like ours": {
            "Origin": f"https://{web.address}:8443.evil.example"},
        "from a plain one": {"Origin": f"http://{web.address}:8443"},
        "from nowhere": {"Origin": "null"},
        "as the browser says": {"Sec-Fetch-Site": "cross-site"},
        "from a neighbour": {"Sec-Fetch-Site": "same-site"},
    }
    for what, headers in tries.items():
        answer = web.post("/v1/review", {"action": "wait", "note": "",
                                         "deliveries": []}, headers=headers)
        tap.ok(answer.status == 403 and answer.code == "E6404",
               f"a change {what} is refused", answer)
    tap.ok(web.get("/v1/inbox", headers={"Sec-Fetch-Site": "cross-site"})
           .code == "E6404", "so is a look")
    tap.ok(Web.post(web, "/v1/session", {}, headers={
        "Origin": "https://evil.example"}).code == "E6404",
        "and a log-in that another site begins")
    answer = web.post("/v1/documents:make", {"format": "x"}, headers={
        "Origin": f"https://{web.address}:8443",
        "Sec-Fetch-Site": "same-origin"})
    tap.ok(answer.code not in ("E6404", "E6403"), "our own page may ask",
           answer)
    twice = web.get("/v1/inbox", headers={
        "Cookie": f"{web.cookie}; {web.cookie}"})
    tap.ok(twice.code == "E6402", "a cookie that stands twice is none", twice)


def filled(pattern):
    """A path of this pattern that names nothing."""
    name = "00000000-0000-7000-8000-000000000000"
    path = pattern.replace("{*}", "nothing")
    if "/inbox/" in path:
        return path.replace("{}", name, 1).replace("{}", A, 1).replace(
            "{}", "0")
    if "/outbox/" in path:
        return path.replace("{}", name, 1).replace("{}", B)
    return path.replace("{}", "999")


def matrix(tap, net):
    """Every request with every role and every scope (T-ACC-07)."""
    askers = {}
    for role in ROLES:
        add(net, f"某{role}", role)
        askers[role] = logged_in(net, f"某{role}")
    for scope in SCOPES:
        askers[scope] = Web(net, token=token(net, scope, name=scope))
    wrong, count = [], 0
    for method, pattern, kind, roles, scopes in rules():
        if kind == "ACCESS_PUBLIC" or pattern.endswith(":end") or \
                pattern == "/v1/events":
            continue
        for name, web in askers.items():
            allowed = kind == "ACCESS_ANYONE" or name in roles | scopes
            body = b"" if method == "GET" else b"{}"
            headers = {} if method == "GET" else {
                "Content-Type": "application/json"}
            if method == "PATCH":
                headers = {"Content-Type": "application/partial-upload",
                           "Upload-Offset": "0"}
            if method == "POST" and pattern in (
                    "/v1/documents", "/v1/documents:validate",
                    "/v1/documents:preview", "/v1/drafts",
                    "/v1/drafts/{}:files"):
                headers = {"Content-Type": "application/vnd.yizhan.bundle"}
                body = b"YZBNDL1\n"
            answer = web.ask(method, filled(pattern), body or None,
                             headers=headers)
            count += 1
            if (answer.code == "E6403") == allowed or answer.status == 401:
                wrong.append((name, method, pattern, answer))
    tap.ok(not wrong and count > 300, f"{count} requests: who may, may; "
           "who may not, is told so", wrong[:5])
    answer = askers["clerk"].ask("DELETE", "/v1/inbox")
    tap.ok(answer.status == 405, "what no rule names is not there", answer)
    answer = askers["clerk"].ask("POST", "/v1/leases")
    tap.ok(answer.code == "E6403", "what only this machine may, nobody may",
           answer)
    answer = askers["operator"].post("/v1/tokens", {
        "name": "x", "organisation": B, "scopes": ["read"]})
    tap.ok(answer.status in (403, 422),
           "an operator makes no token of another organisation", answer)
    return askers


def apart(tap, net, askers):
    """Two organisations on one gateway (R5.3.8, T-WEB-07)."""
    files = net.letter([B], 7)
    sent = askers["clerk"].send("/v1/documents?undo=0", files,
                                headers={"Idempotency-Key": "k1"})
    tap.ok(sent.status == 201, "a clerk sends a letter", sent)
    again = askers["clerk"].send("/v1/documents?undo=0", files,
                                 headers={"Idempotency-Key": "k1"})
    tap.ok(again.status == 200 and again.json["id"] == sent.json["id"],
           "once, however often it is sent", again)
    document = sent.json["id"]
    net.wait_for(lambda: net.inbox("gateway-2"), "nothing arrived")
    add(net, "彰化人", "supervisor", B)
    others = [logged_in(net, "彰化人"),
              Web(net, token=token(net, "read,send,receive,events", B))]
    seen = []
    for web in others:
        for path in (f"/v1/outbox/{document}",
                     f"/v1/outbox/{document}?wait=1&for=opened",
                     f"/v1/outbox/{document}/receipts",
                     f"/v1/outbox/{document}/print",
                     f"/v1/outbox/{document}/view",
                     f"/v1/outbox/{document}/evidence?recipient={B}"):
            answer = web.get(path)
            if answer.status != 404:
                seen.append((path, answer))
        for verb in ("withdraw", "paper"):
            answer = web.post(f"/v1/outbox/{document}/{B}:{verb}")
            if answer.status != 404:
                seen.append((verb, answer))
        for path in ("/v1/outbox", "/v1/review", "/v1/inbox"):
            text = web.get(path).body.decode()
            if document in text or "第7號" in text:
                seen.append((path, text))
        answer = web.send("/v1/documents", files,
                          headers={"Idempotency-Key": "k1"})
        if answer.code != "E6403" or document in answer.body.decode():
            seen.append(("the same letter under the same key", answer))
        answer = web.send("/v1/documents", net.letter([B], 8))
        if answer.code != "E6403":
            seen.append(("a letter in another's name", answer))
    person = others[0].post("/v1/review", {
        "action": "wait", "note": "", "deliveries": [f"{document}/{B}"]})
    if person.status != 404:
        seen.append(("a review", person))
    people = others[0].get("/v1/persons").json["persons"]
    tap.ok(not seen, "no request of one reaches anything of the other", seen)
    tap.ok([item["name"] for item in people] == ["彰化人"],
           "not even who works there", people)
    shown = askers["clerk"].get(f"/v1/outbox/{document}")
    tap.ok(shown.status == 200, "(its own clerk sees it)", shown)
    return document


def recorded(tap, net, askers):
    """Who did it, whatever the body says; written before it was done."""
    acts = askers["auditor"].get("/v1/acts").json["acts"]
    sends = [act for act in acts if act["path"] == "/v1/documents?undo=0"
             and act["actor"] == "某clerk"]
    tap.ok(len(sends) >= 2 and sends[0]["method"] == "POST" and
           sends[0]["organisation"] == A, "who sent it is recorded", acts[:3])
    tap.ok(all(act["organisation"] == A for act in acts),
           "and seen by its own organisation alone")
    all_acts = askers["auditor"].get("/v1/acts?limit=200").json["acts"]
    links = [act for act in all_acts if act["address"] == "local" and
             act["path"].endswith(":link")]
    tap.ok(links and {act["actor"] for act in links} ==
           {f"uid {os.getuid()}"},
           "who made a link at the machine itself is recorded as well", links)
    shown = net.command("person", "acts", "-c", net.conf("gateway-1")).stdout
    tap.ok(":link" in shown and "/v1/documents?undo=0" in shown,
           "and listed by the command", shown)


def lasting(tap, net, web, askers):
    """What is durable, and what is revoked."""
    made = token(net, "read", name="short")
    dms = Web(net, token=made)
    tap.ok(dms.get("/v1/inbox").status == 200, "a token asks")
    listed = net.json("gateway-1", "token", "list")["tokens"]
    text = str(listed)
    tap.ok(made not in text and listed[0]["prefix"] == made[:11],
           "of which only the beginning is shown", listed[0])
    net.kill("gateway-1")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "gateway-1 is not ready")
    tap.ok(web.get("/v1/session").status == 200 and
           dms.get("/v1/inbox").status == 200,
           "sessions and tokens are there after a kill")
    net.command("token", "revoke", str(listed[0]["id"]), "-c",
                net.conf("gateway-1"))
    tap.ok(dms.get("/v1/inbox").code == "E6407", "revoked, it asks no more")
    net.command("person", "disable", "王小明", "-c", net.conf("gateway-1"))
    tap.ok(web.get("/v1/session").code == "E6406" and
           web.log_in().code == "E6416",
           "nor does who was disabled, in a session or a new one")
    with open(f"{net.dir}/gateway-1.log", encoding="utf-8") as file:
        log = file.read()
    tap.ok(made not in log and web.cookie.split("=")[1] not in log,
           "no secret stands in the log")


def locked(tap, net):
    """Five failures lock an address, over a restart (T-ACC-10)."""
    web = Web(net)
    # The card of who was disabled was one already.
    codes = [web.log_in("0" * 32).code for _ in range(4)]
    tap.ok(codes == ["E6409"] * 4, "a wrong code is refused", codes)
    net.kill("gateway-1")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "gateway-1 is not ready")
    code = link(net, "某clerk")
    answer = web.log_in(code)
    tap.ok(answer.status == 429 and answer.code == "E6405" and
           int(answer.headers["retry-after"]) > 60,
           "the sixth is locked out, after a kill as well, though it is right",
           answer)


def people(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net:
        key = f"key.sign.{B} = file:{net.dir}/gateway-2.keys/sign.{B}.pem"
        os.makedirs(f"{net.conf('gateway-1')}.d", exist_ok=True)
        with open(f"{net.conf('gateway-1')}.d/b.conf", "w") as file:
            file.write(f"[keeper]\n{key}\n")
        net.stop("gateway-1")
        net.start("gateway-1")
        net.wait_for(lambda: net.is_ready("gateway-1"),
                     "gateway-1 is not ready")
        web = sessions(tap, net)
        forgery(tap, web)
        askers = matrix(tap, net)
        apart(tap, net, askers)
        recorded(tap, net, askers)
        lasting(tap, net, web, askers)
        locked(tap, net)


if __name__ == "__main__":
    tap = Tap()
    run(tap, people)
    tap.done()
