#!/usr/bin/env python3
# limit: 200
"""The description of the API (data/openapi) as a contract: every example in it is
asked of a real gateway, and every answer is what the description says."""

import html
import http.server
import json
import os
import re
import shutil
import subprocess
import threading

from network import Network, Tap, pdf, run
from web import Web

A, B = "376490000A", "376470000A"


class Contract:
    """The description, and what it says of an answer (a subset of JSON Schema
    2020-12: what the description uses)."""

    def __init__(self, description):
        self.root = description

    def resolve(self, schema):
        while "$ref" in schema:
            found = self.root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def faults(self, value, schema, where="$"):
        schema = self.resolve(schema)
        kinds = {"object": dict, "array": list, "string": str,
                 "integer": int, "boolean": bool}
        kind = schema.get("type")
        if isinstance(kind, list):
            if value is None and "null" in kind:
                return []
            kind, = [one for one in kind if one != "null"]
        if kind and (not isinstance(value, kinds[kind]) or
                     (kind == "integer" and isinstance(value, bool))):
            return [f"{where} is no {kind}"]
        found = []
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where}: {value!r} is none of {schema['enum']}")
        if "const" in schema and value != schema["const"]:
            found.append(f"{where}: {value!r}")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{where}: {value!r} is not {schema['pattern']}")
        if kind == "object":
            for name in schema.get("required", []):
                if name not in value:
                    found.append(f"{where}.{name} is missing")
            for name, part in schema.get("properties", {}).items():
                if name in value:
                    found += self.faults(value[name], part,
                                         f"{where}.{name}")
        if kind == "array":
            for number, item in enumerate(value):
                found += self.faults(item, schema.get("items", {}),
                                     f"{where}[{number}]")
        return found

    def check(self, operation, example, answer):
        if answer.status != example["status"]:
            return [f"status {answer.status}, not {example['status']}: "
                    f"{answer}"]
        said = operation["responses"]
        content = said.get(str(answer.status), said["default"])["content"]
        if answer.status < 300 and str(answer.status) not in said:
            # A repeat is answered as the first time.
            content = next(value for key, value in said.items()
                           if key != "default")["content"]
        kind = answer.headers.get("content-type", "")
        if kind not in content:
            return [f"{kind} is none of {list(content)}"]
        if "json" not in kind or \
                content[kind]["schema"].get("contentMediaType"):
            return [] if answer.body else ["nothing came"]
        return self.faults(answer.json, content[kind]["schema"])


def filled(value, known):
    """`$name` inside of anything as what an example before has saved."""
    if isinstance(value, str):
        return re.sub(r"\$(\w+)", lambda match: str(known[match.group(1)]),
                      value)
    if isinstance(value, dict):
        return {key: filled(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    return value


def picked(value, path):
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def form(files):
    """multipart/form-data as curl -F file=@NAME sends it."""
    boundary = "------------------------4ebf00fbcf09"
    body = b""
    for path in files:
        with open(path, "rb") as file:
            data = file.read()
        name = os.path.basename(path)
        body += (f"--{boundary}\r\nContent-Disposition: form-data; "
                 f'name="file"; filename="{name}"\r\nContent-Type: '
                 "application/octet-stream\r\n\r\n").encode() + data + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), \
        f"multipart/form-data; boundary={boundary}"


def ask(web, method, path, example, known, files):
    for name, value in filled(example.get("path", {}), known).items():
        path = path.replace("{" + name + "}", value)
    if "query" in example:
        path += "?" + filled(example["query"], known)
    headers = dict(example.get("headers", {}))
    body = filled(example["body"], known) if "body" in example else None
    if "files" in example:
        body, headers["Content-Type"] = form(
            [files[name] for name in example["files"]])
    return web.ask(method.upper(), path, body, headers=headers)


def askers(net):
    def token(host, scopes, code):
        return net.command("token", "create", scopes, "--organisation", code,
                           "--scopes", scopes, "-c", net.conf(host)) \
            .stdout.strip()

    def person(name, role):
        net.command("person", "add", name, "--role", role, "--organisation",
                    A, "-c", net.conf("gateway-1"))
        web = Web(net)
        web.log_in(code(net, name))
        return web

    everything = "read,send,receive,events"
    return {
        "nobody": Web(net),
        "dms": Web(net, token=token("gateway-1", everything, A)),
        "reader": Web(net, token=token("gateway-1", "read", A)),
        "monitor": Web(net, token=token("gateway-1", "metrics", A)),
        "receiver": Web(net, "gateway-2",
                        token=token("gateway-2", everything, B)),
        "clerk": person("收發", "clerk"),
        "chief": person("主管", "supervisor"),
        "leaver": person("離職", "clerk"),
        "operator": person("維運", "operator"),
        "auditor": person("稽核", "auditor"),
    }


def code(net, name):
    text = net.command("person", "link", name, "-c",
                       net.conf("gateway-1")).stdout
    return re.search(r"#code=([0-9a-f]+)", text).group(1)


class Page(http.server.BaseHTTPRequestHandler):
    """Hears what the examples of the page ask."""
    asked = []

    def log_message(self, *args):
        pass

    def hear(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append((self.command, self.path.split("?")[0]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PATCH = hear


def examples(tap, page, paths, folder):
    """What the page prints is typed as it stands: it is a request of its
    operation."""
    sections = re.findall(r"<h3><code>([A-Z]+) (\S+)</code></h3>.*?"
                          r"<pre>(curl.*?)</pre>", page, re.S)
    wrong = []
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for method, path, text in sections:
            Page.asked.clear()
            text = html.unescape(text).replace(
                "https://GATEWAY:8443",
                f"http://127.0.0.1:{server.server_port}")
            done = subprocess.run(["sh", "-c", text], cwd=folder, timeout=90,
                                  env=dict(os.environ, TOKEN="yzt_x"),
                                  capture_output=True, check=False)
            pattern = re.sub(r"\\{[^}]*\\}", "[^/:]+",
                             re.escape(html.unescape(path)))
            if done.returncode != 0 or len(Page.asked) != 1 or \
                    Page.asked[0][0] != method or \
                    not re.fullmatch(pattern, Page.asked[0][1]):
                wrong.append((method, path, done.stderr[-200:], Page.asked[:]))
        server.shutdown()
    wanted = sum(len(methods) for methods in paths.values())
    tap.ok(not wrong and len(sections) == wanted,
           f"{len(sections)} examples of the page run as they are printed",
           wrong)


def contract(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"], extra={
                            "gateway-1": "[webhook]\naddresses = 127.0.0.1\n",
                            "gateway-2": f"[board]\ncodes = {B}\n"
                        }) as net:
        webs = askers(net)
        served = webs["nobody"].get("/v1/openapi.json")
        contract_ = Contract(served.json)
        root = os.path.join(os.path.dirname(__file__), "../..")
        with open(f"{root}/data/openapi/v1/openapi.json", "rb") as file:
            tap.ok(file.read() == served.body, "the binary serves it")
        paths = net.letter([B], 1, {"note.pdf": pdf(1000)})
        files = {os.path.basename(path): path for path in paths}
        for stem in ("1", "2"):
            for path in net.letter([B], 10 + int(stem),
                                   {"note.pdf": pdf(1000)}, stem=stem,
                                   folder=f"{net.dir}/apart"):
                files[f"apart/{os.path.basename(path)}"] = path
        # For the page, which names them so.
        shutil.copytree(f"{net.dir}/apart",
                        f"{os.path.dirname(paths[0])}/apart")
        known = {"code": code(net, "收發")}
        ran = 0
        for path, methods in served.json["paths"].items():
            for method, operation in methods.items():
                for example in operation["x-examples"]:
                    web = webs[example.get("as", "nobody")]
                    answer = ask(web, method, path, example, known, files)
                    if "for=opened" in example.get("query", ""):
                        # It may take longer than who asks waits.
                        net.wait_states(known["document"], ["opened"])
                        answer = ask(web, method, path, example, known, files)
                    faults = contract_.check(operation, example, answer)
                    ran += 1
                    for name, place in example.get("save", {}).items():
                        if not faults:
                            known[name] = picked(answer.json, place)
                    if faults:
                        tap.ok(False, f"{method.upper()} {path}: "
                               f"{example['name']}", "\n".join(faults))
        tap.ok(ran > 60, f"{ran} examples are as they are described")
        broken = json.loads(json.dumps(served.json))
        broken["components"]["schemas"]["SentList"]["required"].append("more")
        answer = webs["reader"].get("/v1/outbox?limit=1")
        tap.ok(Contract(broken).check(
            broken["paths"]["/v1/outbox"]["get"], {"status": 200}, answer),
            "(an answer that lacks what is promised is seen)")
        page = webs["nobody"].get("/api.html").body.decode()
        missing = [path for path in served.json["paths"] if path not in page]
        tap.ok(not missing, "the page tells of every request", missing)
        examples(tap, page, served.json["paths"], os.path.dirname(paths[0]))
        figures = webs["monitor"].get("/metrics").body.decode()
        tap.ok('yizhan_documents_total{direction="sent",state="confirmed"} 1'
               in figures and "yizhan_cert_expiry_seconds" in figures and
               'yizhan_hop_seconds_count{hop="confirmed"}' in figures,
               "figures say what was done", figures)


if __name__ == "__main__":
    tap = Tap()
    run(tap, contract)
    tap.done()
