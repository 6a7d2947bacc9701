"""The API of a host at its port for people, asked as a browser, a document
system or nobody in particular does: HTTP/1.1 with whatever headers."""

import http.client
import json
import os
import re
import ssl
import struct
import subprocess

BUNDLE = "application/vnd.yizhan.bundle"
PATTERN = re.compile(
    r'\{ "([A-Z]+)", "([^"]+)", (ACCESS_\w+), ([A-Z0-9| ]+), ([A-Z0-9| ]+) \}')


def bundle(paths):
    """Files as a bundle of kind `files` (docs/protocol.md 7)."""
    out = b"YZBNDL1\n"
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        name = os.path.basename(path).encode()
        out += b"N" + struct.pack(">Q", len(name)) + name
        out += b"F" + struct.pack(">Q", len(data)) + data
    return out


def make_card(folder, name):
    """A card's key and certificate as one PEM file."""
    key, cert, both = (f"{folder}/{name}.{end}"
                       for end in ("key", "crt", "pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
         "-days", "2", "-subj", f"/CN={name}"], check=True,
        capture_output=True)
    with open(both, "w", encoding="ascii") as out:
        for part in (key, cert):
            with open(part, encoding="ascii") as file:
                out.write(file.read())
    return both


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value
                        for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body) if self.body else {}

    @property
    def code(self):
        """The catalogue id of a problem."""
        found = re.search(rb'"code":"(E\d{4})"', self.body)
        return found.group(1).decode() if found else ""

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Web:
    """One who asks: by `card` (a PEM file), `token`, or a session."""

    def __init__(self, net, host="gateway-1", port=8443, card=None,
                 token=None):
        self.address = net.settings(host)["host.address"]
        self.port, self.card, self.token = port, card, token
        self.cookie = self.guard = self.link = None

    def context(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        if self.card:
            context.load_cert_chain(self.card)
        return context

    def ask(self, method, path, body=None, headers=None, timeout=90):
        fields = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        if self.token:
            fields.setdefault("Authorization", f"Bearer {self.token}")
        if self.cookie:
            fields.setdefault("Cookie", self.cookie)
        if self.guard and method != "GET":
            fields.setdefault("X-Yizhan-CSRF", self.guard)
        # One that the host has closed meanwhile is no failure of the request.
        if self.link and self.link[0] == (self.card, timeout):
            try:
                return self.exchange(method, path, body, fields)
            except (OSError, http.client.HTTPException):
                self.hang_up()
        self.hang_up()
        self.link = (self.card, timeout), http.client.HTTPSConnection(
            self.address, self.port, context=self.context(), timeout=timeout)
        try:
            return self.exchange(method, path, body, fields)
        except BaseException:
            self.hang_up()
            raise

    def exchange(self, method, path, body, fields):
        self.link[1].request(method, path, body=body, headers=fields)
        answer = Answer(self.link[1].getresponse())
        if answer.headers.get("connection") == "close":
            self.hang_up()
        return answer

    def hang_up(self):
        if self.link:
            self.link[1].close()
        self.link = None

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, {} if body is None else body, **options)

    def send(self, path, files, **options):
        headers = {"Content-Type": BUNDLE, **options.pop("headers", {})}
        return self.ask("POST", path, bundle(files), headers=headers,
                        **options)

    def log_in(self, code=None):
        """Begin a session by card, or by the code of a link."""
        answer = self.post("/v1/session", {"code": code} if code else {})
        if answer.status == 201:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
            self.guard = answer.json["csrf"]
        return answer


def rules():
    """[(method, pattern, class, roles, scopes)] of policy/access_rules.c."""
    path = os.path.join(os.path.dirname(__file__),
                        "../../src/policy/access_rules.c")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    words = {name: set(re.findall(r"[A-Z]+", value)) for name, value in
             re.findall(r"(\w+) = ([A-Z| ]+),", text)}

    def bits(value):
        found = set()
        for name in re.findall(r"[A-Z]+", value):
            parts = {name}
            while any(part in words for part in parts):
                parts = {item for part in parts
                         for item in words.get(part, {part})}
            found |= parts
        return {name.lower() for name in found}

    return [(method, pattern, kind, bits(roles), bits(scopes))
            for method, pattern, kind, roles, scopes in
            PATTERN.findall(re.sub(r"\s+", " ", text))]
