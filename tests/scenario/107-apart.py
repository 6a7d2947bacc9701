#!/usr/bin/env python3
# limit: 120
"""Two organisations on one gateway, apart (R5.3.8, T-WEB-07): every request that
the table of routes has is made by everybody of one of them with the names of
what is the other's.  A route of which this file does not say how it is tried
fails it, so none can be forgotten."""

import json
import os
import re
import urllib.parse

from by_hand import instant
from network import Network, Tap, run
from web import BUNDLE, Web, bundle, rules

A, B = "376490000A", "376470000A"
ROOT = os.path.join(os.path.dirname(__file__), "../..")
SECRET = "乙方秘密"
SCOPES = "read,send,receive,events,webhooks,metrics"

# What stands for the {} of a path, by what is before them.
NAMES = {
    "/v1/outbox": ["document", "recipient"],
    "/v1/inbox": ["waybill", "code", "zero"],
    "/v1/drafts/{}/uploads": ["draft", "upload"],
    "/v1/drafts": ["draft", "zero"],
    "/v1/series": ["series"],
    "/v1/board": ["waybill", "code", "zero"],
    "/v1/groups": ["group"],
    "/v1/persons": ["person"],
    "/v1/tokens": ["token"],
    "/v1/units": ["unit"],
    "/v1/deputies": ["deputy"],
    "/v1/webhooks": ["webhook"],
    "/v1/cards": ["certificate"],
    "/v1/notices": ["notice"],
    "/v1/case-requests": ["zero"],
    "/v1/lost": ["waybill"],
}
# Of everybody: the directory, and how the host is.
OPEN = {"/v1/directory", "/v1/directory/{}", "/v1/directory/{}/history",
        "/v1/health", "/v1/bulletins", "/v1/conflicts", "/metrics", "/v1/release"}
LETTERS = {"letters": ["$waybill/$code"]}
# What a change is asked with; "" ends none but the asker's own session.
BODIES = {
    "/v1/session:act": {"deputy": "#deputy"},
    "/v1/documents:validate": "files", "/v1/documents:preview": "files",
    "/v1/documents": "files", "/v1/drafts": "files",
    "/v1/drafts/{}:files": "files",
    "/v1/documents:make": {"format": "yizhan-letter-1", "senders": [
        {"name": "彰化縣政府", "code": B}]},
    "/v1/outbox/{}:undo": {}, "/v1/outbox/{}/{}:withdraw": {},
    "/v1/outbox/{}/{}:paper": {},
    "/v1/recipients:check": {"recipients": [{"group": "SECRET"}],
                             "organisation": B},
    "/v1/recipient-limits": {"organisation": B, "code": A, "bytes": 1},
    "/v1/groups": {"organisation": B, "code": "G9", "title": "x",
                   "members": [A]},
    "/v1/groups:import": {}, "/v1/groups/{}:change": {"title": "x"},
    "/v1/groups/{}:remove": {},
    "/v1/drafts/{}/uploads": {"name": "x.pdf", "length": 3,
                              "sha256": "0" * 64},
    "/v1/drafts/{}/uploads/{}": "part",
    "/v1/drafts/{}:edit": {"title": "x"}, "/v1/drafts/{}:check": {},
    "/v1/drafts/{}:submit": {}, "/v1/drafts/{}:proofread": {"passed": True},
    "/v1/drafts/{}:send": {}, "/v1/drafts/{}:send-apart": {},
    "/v1/drafts/{}:check-apart": {}, "/v1/series/{}:undo": {},
    "/v1/drafts/{}:discard": {},
    "/v1/sending": {"organisation": B, "undo_s": 1},
    "/v1/letterhead": {"organisation": B, "phone": "1"},
    "/v1/letterhead:own": {"organisation": B, "phone": "1"},
    "/v1/review": {"action": "wait", "note": "",
                   "deliveries": ["$document/$recipient"]},
    "/v1/inbox/{}/{}:confirm": {},
    "/v1/inbox/{}/{}:return": {"reason": "other"},
    "/v1/inbox/{}/{}:notice": {"reason": "other"},
    "/v1/inbox/{}/{}:assign": {"unit": "SECRET"},
    "/v1/inbox/{}/{}:hand-back": {"reason": "x"},
    "/v1/inbox:confirm": LETTERS,
    "/v1/inbox:return": {**LETTERS, "reason": "other"},
    "/v1/inbox:assign": {**LETTERS, "person": "#person"},
    "/v1/inbox:hand-back": {**LETTERS, "reason": "x"},
    "/v1/inbox:fetch": {"organisation": B},
    "/v1/board/{}/{}:change": {"withdrawn": True, "reason": "x"},
    "/v1/desk": {"organisation": B, "unit_sees": "assigned"},
    "/v1/units": {"organisation": B, "code": "X", "name": "x"},
    "/v1/units/{}:close": {}, "/v1/units/{}:open": {},
    "/v1/persons": {"organisation": B, "name": "x", "role": "clerk"},
    "/v1/persons/{}:link": {}, "/v1/persons/{}:disable": {},
    "/v1/persons/{}:enable": {}, "/v1/persons/{}:unit": {"unit": ""},
    "/v1/persons/{}:role": {"role": "auditor"},
    "/v1/deputies": {"deputy": "#person", "for": "#other",
                     "until": "2099-01-01T00:00:00.000Z"},
    "/v1/deputies/{}:end": {},
    "/v1/tokens": {"organisation": B, "name": "x", "scopes": ["read"]},
    "/v1/tokens/{}:revoke": {},
    "/v1/webhooks": {"organisation": B, "url": "http://127.0.0.1:1/x"},
    "/v1/webhooks/{}:replay": {"after": 0}, "/v1/webhooks/{}:test": {},
    "/v1/webhooks/{}:enable": {}, "/v1/webhooks/{}:disable": {},
    "/v1/notices/{}:read": {},
    "/v1/case-requests": {"organisation": B, "definition": "x"},
    "/v1/cards/{}:assign": {"custodian": "x"},
    "/v1/cards/{}:lost": {"reason": "x"},
    "/v1/lost": {"action": "paper", "note": "x", "letters": ["$waybill"]},
}
# Of what has no name in the path: how it is asked for what is the other's.
QUERY = f"organisation={B}&sender={B}&recipient={B}&code={B}&unit=SECRET" \
    "&person=$person"
# In the subjects and references of the letters of the other.
SEARCH = "q=" + urllib.parse.quote("第7")


def routes():
    """{(method, pattern)} of the table that the listener has."""
    text = ""
    for name in ("role/listener/listener_local.h",
                 "gateway/gateway_listener.c"):
        with open(f"{ROOT}/src/{name}", encoding="utf-8") as file:
            text += file.read()
    text = text[:text.index("operators_routes[]")]
    return set(re.findall(
        r'"(GET|POST|PUT|DELETE|PATCH)",\s*"(/[^"]*)"', text)) | set(
        re.findall(r'LISTENER_(GET|POST)\(\s*"(/[^"]*)"', text))


def filled(value, world):
    """`$name` inside of texts, `#name` for a number, as what is the other's."""
    if isinstance(value, str):
        if value.startswith("#"):
            return int(world[value[1:]])
        return re.sub(r"\$(\w+)", lambda found: str(world[found.group(1)]),
                      value)
    if isinstance(value, dict):
        return {key: filled(item, world) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, world) for item in value]
    return value


def path_of(pattern, world):
    """None for a pattern that this file does not know."""
    if "{}" not in pattern:
        return pattern
    top = next((top for top in NAMES if re.match(
        re.escape(top) + r"(/|:|$)", pattern)), None)
    if top is None:
        return None
    path = pattern
    for name in NAMES[top]:
        path = path.replace("{}", urllib.parse.quote(str(world[name])), 1)
    return None if "{}" in path else path


def build(net):
    """What is B's, and who of A asks for it."""
    conf = net.conf("gateway-2")

    def person(name, role, code, *more):
        net.command("person", "add", name, "--role", role, "--organisation",
                    code, *more, "-c", conf)
        text = net.command("person", "link", name, "-c", conf).stdout
        web = Web(net, "gateway-2")
        web.log_in(re.search(r"#code=([0-9a-f]+)", text).group(1))
        return web

    def token(code):
        return net.command("token", "create", f"{SECRET if code == B else 'a'}"
                           "系統", "--organisation", code, "--scopes", SCOPES,
                           "-c", conf).stdout.strip()

    net.command("unit", "add", "SECRET", f"{SECRET}科", "--organisation", B,
                "-c", conf)
    net.command("desk", "set", "--organisation", B, "--number",
                "secret{year}{serial:5}", "-c", conf)
    own = {role: person(f"{SECRET}{role}", role, B, *(
        ["--unit", "SECRET"] if role == "clerk" else []))
        for role in ("clerk", "supervisor", "operator")}
    own["dms"] = Web(net, "gateway-2", token=token(B))
    letter = net.send(net.letter([B], 77))
    net.wait_states(letter["id"], ["opened"])
    came = own["dms"].get("/v1/inbox").json["documents"][0]
    made = own["dms"].send("/v1/documents", net.letter([A], 78, sender=B),
                           headers={"Idempotency-Key": "1"})
    net.wait_states(made.json["id"], ["opened"], host="gateway-2")
    draft = own["dms"].send(f"/v1/drafts?title={SECRET}".replace(
        SECRET, urllib.parse.quote(SECRET)), net.letter([A], 79, sender=B),
        headers={"Idempotency-Key": "2"})
    upload = own["dms"].post(f"/v1/drafts/{draft.json.get('id')}/uploads", {
        "name": "x.pdf", "length": 3, "sha256": "0" * 64})
    copies = own["dms"].send("/v1/drafts", net.letter([A], 76, sender=B),
                             headers={"Idempotency-Key": "3"})
    series = own["dms"].post(
        f"/v1/drafts/{copies.json.get('id')}:send-apart?version="
        f"{copies.json.get('version')}", {})
    # At rest, so that nobody but who is tried here changes anything.
    for item in [made.json, *[{"id": letter["document_id"]} for letter in
                              series.json.get("letters", [])]]:
        net.wait_states(item["id"], ["opened"], host="gateway-2")
    head = own["supervisor"].post("/v1/letterhead", {
        "organisation": B, "address": f"{SECRET}路一號"})
    own_head = own["clerk"].post("/v1/letterhead:own", {"phone": f"{SECRET}機"})
    own["dms"].post("/v1/groups", {"code": "SECRET", "title": SECRET,
                                   "members": [A]})
    hook = own["operator"].post("/v1/webhooks", {
        "url": "http://127.0.0.1:9/secret"})
    people = {item["name"]: item["id"]
              for item in own["supervisor"].get("/v1/persons").json["persons"]}
    deputy = own["supervisor"].post("/v1/deputies", {
        "deputy": people[f"{SECRET}supervisor"],
        "for": people[f"{SECRET}clerk"],
        "until": instant(90 * 86400)})
    assigned = own["dms"].post(
        f"/v1/inbox/{came['waybill_id']}/{B}:assign", {"unit": "SECRET"})
    card = next(item["certificate"] for item in
                own["operator"].get("/v1/cards").json["cards"]
                if item["organisation"] == B)
    custodian = own["operator"].post(f"/v1/cards/{card}:assign", {
        "custodian": f"{SECRET}保管人", "since": "2026-01-01T00:00:00.000Z"})
    missing = [answer for answer in (made, draft, hook, deputy, assigned,
                                     custodian, upload, series, head, own_head)
               if answer.status >= 300]
    world = {
        "waybill": came["waybill_id"], "code": B, "zero": 0,
        "document": made.json.get("id"), "recipient": A,
        "draft": draft.json.get("id"), "series": series.json.get("id"),
        "upload": upload.json.get("upload"), "group": "SECRET",
        "person": people[f"{SECRET}clerk"],
        "other": people[f"{SECRET}supervisor"],
        "token": own["operator"].get("/v1/tokens").json["tokens"][-1]["id"],
        "unit": own["supervisor"].get("/v1/units").json["units"][-1]["id"],
        "deputy": deputy.json.get("id"), "webhook": hook.json.get("id"),
        "certificate": card, "notice": 1,
    }
    askers = {role: person(f"甲{role}", role, A) for role in
              ("clerk", "supervisor", "operator", "auditor")}
    askers["token"] = Web(net, "gateway-2", token=token(A))
    marks = [SECRET, urllib.parse.quote(SECRET), "secret", came["waybill_id"],
             came["document_id"], str(world["document"]),
             str(world["draft"]), str(world["series"]), card,
             *[item["document_id"] for item in series.json.get("letters", [])],
             "第76號", "第77號", "第78號", "第79號"]
    return own, askers, world, marks, missing


def ask(web, method, pattern, path, world, files):
    if method == "GET":
        plain = web.get(path)
        if "{}" in pattern:
            return plain, path
        # As it is, with the names of what is the other's, and with its words.
        named = filled(QUERY, world)
        return plain, path, web.get(f"{path}?{named}"), \
            web.get(f"{path}?{SEARCH}"), web.get(f"{path}?{named}&{SEARCH}")
    body = filled(BODIES[pattern], world)
    if body == "part":
        return web.ask(method, path, b"abc", headers={
            "Content-Type": "application/partial-upload",
            "Upload-Offset": "0"}), path
    if body == "files":
        return web.ask(method, path, bundle(files),
                       headers={"Content-Type": BUNDLE}), ""
    return web.post(path, body), json.dumps(body) + path


def snapshot(own, series):
    """What is B's, as B sees it; events and acts but grow."""
    views = {}
    for role, paths in {
            "dms": ("/v1/inbox", "/v1/outbox", "/v1/drafts", "/v1/groups",
                    "/v1/sending", "/v1/desk", "/v1/units", "/v1/review",
                    "/v1/recipient-limits", "/v1/statistics",
                    "/v1/registers/in", "/v1/registers/out",
                    f"/v1/series/{series}"),
            "clerk": ("/v1/letterhead",),
            "operator": ("/v1/webhooks", "/v1/cards"),
            "supervisor": ("/v1/persons", "/v1/deputies", "/v1/tokens")
            }.items():
        for path in paths:
            text = own[role].get(path).body.decode()
            # Tries that failed are told to who has the webhook.
            views[path] = re.sub(r'"(seen_at|next_try|failures|status|why|'
                                 r'since|sessions)":("[^"]*"|\d+)', "", text)
    return views


SEARCHED = ("/v1/inbox", "/v1/outbox", "/v1/registers/in",
            "/v1/registers/out")


def found(own, marks):
    """Where the words of a search find letters for whose they are."""
    return sum(any(mark in own["dms"].get(f"{path}?{SEARCH}").body.decode()
                   for mark in marks) for path in SEARCHED)


def apart(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net:
        os.makedirs(f"{net.conf('gateway-2')}.d", exist_ok=True)
        with open(f"{net.conf('gateway-2')}.d/two.conf", "w") as file:
            file.write(f"[keeper]\nkey.sign.{A} = file:{net.dir}/"
                       f"gateway-1.keys/sign.{A}.pem\n"
                       "[webhook]\naddresses = 127.0.0.1\n")
        net.stop("gateway-2")
        net.start("gateway-2")
        net.wait_for(lambda: net.is_ready("gateway-2"), "not ready")
        own, askers, world, marks, missing = build(net)
        tap.ok(not missing, "one organisation has something of everything",
               missing)
        table = [(method, pattern) for method, pattern, kind, _, _ in rules()
                 if kind != "ACCESS_PUBLIC" and pattern not in
                 ("/v1/session", "/v1/session:end")]
        unknown = [pattern for method, pattern in table
                   if path_of(pattern, world) is None and pattern not in OPEN
                   or method != "GET" and pattern not in BODIES]
        tap.ok(not unknown, "this file knows how to try each request", unknown)
        unruled = routes() - {(method, pattern)
                              for method, pattern, *_ in rules()}
        tap.ok(unruled and all(
            askers["operator"].ask(method, re.sub(r"{\*?}", "1", pattern),
                                   b"{}" if method != "GET" else None,
                                   headers={"Content-Type": "application/json"}
                                   if method != "GET" else {}).status
            in (403, 404, 415) for method, pattern in unruled),
            f"{len(unruled)} routes have no rule, and nobody may ask them")
        net.wait_for(lambda: found(own, marks) == len(SEARCHED),
                     "not found by whose they are")
        before = snapshot(own, world["series"])
        files = net.letter([A], 80, sender=B)
        seen, done, count = [], [], 0
        for method, pattern in table:
            path = path_of(pattern, world)
            if pattern in OPEN or path is None:
                continue
            for name, web in askers.items():
                answer, sent, *more = ask(web, method, pattern, path, world,
                                          files)
                text = "".join(one.body.decode(errors="replace")
                               for one in [answer, *more])
                count += 1
                # What they asked for themselves stands there by its path.
                if pattern == "/v1/acts" and answer.status == 200:
                    text = str([act for act in answer.json["acts"]
                                if act["organisation"] != A])
                if [mark for mark in marks
                        if mark in text and mark not in sent]:
                    seen.append((name, method, path, answer))
                if "{}" in pattern and answer.status < 300:
                    done.append((name, method, path, answer))
        tap.ok(not seen, f"of {count} requests none tells anything of the "
               "other's", "\n".join(map(str, seen[:20])))
        tap.ok(not done, "nor finds what is the other's by its name",
               "\n".join(map(str, done[:20])))
        after = snapshot(own, world["series"])
        changed = [(path, before[path], after[path]) for path in before
                   if before[path] != after[path]]
        tap.ok(not changed, "nor changes any of it",
               "\n".join(map(str, changed[:4])))
        tap.ok(any(mark in before["/v1/inbox"] for mark in marks) and
               SECRET in before["/v1/units"] and
               SECRET in before["/v1/persons"] and
               SECRET in before["/v1/letterhead"] and
               "第76號" in before[f"/v1/series/{world['series']}"],
               "(all of which is seen by whose it is)")


if __name__ == "__main__":
    tap = Tap()
    run(tap, apart)
    tap.done()
