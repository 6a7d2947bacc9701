"""What a host does, done by hand: bulletins, submissions and requests made
from docs/protocol.md with Python, curl and openssl, as a second implementation
and, one binding broken, as an attacker."""

import base64
import datetime
import functools
import hashlib
import importlib.util
import json
import os
import re
import secrets
import struct
import subprocess
import sys
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from network import GATEWAYS
from packages import FACTS, MANIFEST, MIMETYPE, SIGNATURE, Entry, manifest, \
    write_zip

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../tools"))
from open_content import make_content  # noqa: E402

ADDRESSES = {"management": "127.0.0.10", "center-a": "127.0.0.21",
             "center-b": "127.0.0.22", "gateway-1": "127.0.0.31",
             "gateway-2": "127.0.0.32", "gateway-3": "127.0.0.33"}
CENTERS = {"376490000A": "center-a", "376470000A": "center-a",
           "376530000A": "center-b"}
HOSTS = {code: host for host, code in GATEWAYS.items()}
BUNDLE = "application/vnd.yizhan.bundle"


def source_of(scenario):
    """A scenario's functions, without its tests."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), scenario)
    name = re.sub(r"\W", "_", scenario[:-3])
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_file_location(name, path))
    with open(path, encoding="utf-8") as file:
        source = re.split(r"\nrun\(tap, \w+\)", file.read())[0]
    exec(compile(source, path, "exec"), module.__dict__)
    return module


# -- formats ----------------------------------------------------------------

def sha(data):
    return hashlib.sha256(data).hexdigest()


def instant(seconds=0.0):
    now = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(seconds=seconds)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + \
        f"{now.microsecond // 1000:03d}Z"


def new_id():
    """A UUIDv7."""
    number = (time.time_ns() // 1000000) << 80 | secrets.randbits(80)
    number = number & ~(0xf << 76) | 7 << 76
    number = number & ~(3 << 62) | 2 << 62
    text = f"{number:032x}"
    return "-".join([text[:8], text[8:12], text[12:16], text[16:20],
                     text[20:]])


def line(value):
    return json.dumps(value, ensure_ascii=False,
                      separators=(",", ":")).encode()


def bundle(*records):
    """Of (kind, bytes)."""
    return b"YZBNDL1\n" + b"".join(
        kind.encode() + struct.pack(">Q", len(data)) + data
        for kind, data in records)


def records(data):
    """[(kind, bytes)] of a bundle."""
    found, at = [], 8
    while at < len(data):
        length = struct.unpack(">Q", data[at + 1:at + 9])[0]
        found.append((chr(data[at]), data[at + 9:at + 9 + length]))
        at += 9 + length
    return found


def tree_root(hashes):
    """RFC 6962, over leaf hashes."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return hashlib.sha256(b"\1" + tree_root(hashes[:half]) +
                          tree_root(hashes[half:])).digest()


def tree_path(hashes, index):
    """From the leaf at `index` to the root, lowest first."""
    if len(hashes) == 1:
        return []
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    if index < half:
        return tree_path(hashes[:half], index) + [tree_root(hashes[half:])]
    return tree_path(hashes[half:], index - half) + [tree_root(hashes[:half])]


# -- batches ----------------------------------------------------------------

ITEM = b"YZITEM1\n"


def item_parts(item):
    """An item of a batch, taken apart."""
    index, count, hashes = struct.unpack(">III", item[8:20])
    at = 20 + 32 * hashes
    length = struct.unpack(">I", item[at:at + 4])[0]
    return {"index": index, "count": count,
            "path": [item[20 + 32 * i:52 + 32 * i] for i in range(hashes)],
            "statement": item[at + 4:at + 4 + length],
            "cms": item[at + 4 + length:]}


def make_item(index, count, path, statement, cms):
    return ITEM + struct.pack(">III", index, count, len(path)) + \
        b"".join(path) + struct.pack(">I", len(statement)) + statement + cms


def sign_batch(statements, pem, kind="waybill", **members):
    """The items of these statements under one signature."""
    label = f"yizhan-batch-1 {kind}\n".encode()
    leaves = [hashlib.sha256(b"\0" + label + text).digest()
              for text in statements]
    cms = sign(line({"format": "yizhan-batch-1", "environment": "demo",
                     "type": kind, "count": len(leaves),
                     "root": tree_root(leaves).hex(), **members}), pem)
    return [make_item(i, len(leaves), tree_path(leaves, i), text, cms)
            for i, text in enumerate(statements)]


# -- openssl ----------------------------------------------------------------

def openssl(*args, data=b""):
    result = subprocess.run(["openssl", *args], input=data,
                            capture_output=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"openssl {args}: {result.stderr.decode()}")
    return result.stdout


def der_of(pem):
    with open(pem, "rb") as file:
        text = file.read()
    return x509.load_pem_x509_certificate(
        text[text.index(b"-----BEGIN CERT"):]).public_bytes(Encoding.DER)


def sign(data, *pems, detached=False):
    """CMS of the profile, by the keys in these files."""
    signers = []
    for pem in pems:
        signers += ["-signer", pem, "-inkey", pem]
    return openssl("cms", "-sign", "-cades", "-binary", "-md", "sha256",
                   *([] if detached else ["-nodetach"]), "-outform", "DER",
                   *signers, data=data)


@functools.lru_cache
def signed_content(cms):
    """What was signed, also of an item of a batch."""
    if cms.startswith(ITEM):
        return item_parts(cms)["statement"]
    return openssl("cms", "-verify", "-noverify", "-nosigs", "-binary",
                   "-inform", "DER", data=cms)


OAEP = ["-aes-256-gcm", "-keyopt", "rsa_padding_mode:oaep", "-keyopt",
        "rsa_oaep_md:sha256"]


def seal(data, pem, options=OAEP):
    """A key part."""
    cipher = [option for option in options if option.startswith("-aes")]
    keyopt = options[len(cipher):]
    with tempfile.NamedTemporaryFile(suffix=".pem") as cert:
        cert.write(openssl("x509", "-in", pem))
        cert.flush()
        return openssl("cms", "-encrypt", "-binary", "-keyid", "-outform",
                       "DER", *cipher, "-recip", cert.name, *keyopt,
                       data=data)


# -- requests ---------------------------------------------------------------

class Answer:
    def __init__(self, status, body, why=""):
        self.status, self.body, self.why = status, body, why
        found = re.search(rb'"code":"(E\d{4})"', body)
        self.code = found.group(1).decode() if found else ""

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.code} {self.body[:600]!r} {self.why}"


def call(net, to, path, keys="gateway-1.keys/tls", address="127.0.0.31",
         clock=0.0, body=None, kind=BUNDLE, more=()):
    """One request to the hosts port; status 0 when TLS refused."""
    command = ["curl", "-sSk", "--http2", "--max-time", "90",
               "--interface", address, "-w", "\n%{http_code}", *more]
    if keys:
        command += ["--cert", f"{net.dir}/{keys}.pem",
                    "--key", f"{net.dir}/{keys}.pem"]
    if body is not None:
        command += ["-H", f"content-type: {kind}", "--data-binary", "@-"]
    for _ in range(12):
        now = [] if clock is None else \
            ["-H", f"yizhan-time: {instant(clock)}"]
        result = subprocess.run(
            [*command, *now, f"https://{ADDRESSES[to]}:7443{path}"],
            input=body, capture_output=True, check=False)
        text, _, status = result.stdout.rpartition(b"\n")
        answer = Answer(int(status or 0), text, result.stderr.decode())
        # An answer before the end of the body: this curl may lose it.  A
        # request that was long on its way has told an old time.
        if result.returncode != 92 and (answer.code != "E4007" or clock):
            break
    return answer


def local(net, host, path, body=None, headers=()):
    """One request to the control socket."""
    command = ["curl", "-sS", "--http2-prior-knowledge", "--max-time", "90",
               "--unix-socket", f"{net.dir}/{host}/control.sock", "-w",
               "\n%{http_code}", "-H", "Accept-Language: en"]
    for header in headers:
        command += ["-H", header]
    if body is not None:
        command += ["-H", f"content-type: {BUNDLE}", "--data-binary", "@-"]
    result = subprocess.run([*command, f"http://host{path}"], input=body,
                            capture_output=True, check=False)
    text, _, status = result.stdout.rpartition(b"\n")
    return Answer(int(status or 0), text, result.stderr.decode())


def call_as(net, host, to, path, **options):
    return call(net, to, path, keys=f"{host}.keys/tls",
                address=ADDRESSES[host], **options)


# -- bulletins --------------------------------------------------------------

def bulletin(net, kind, of="", serial=None, change=None, keys=None,
             **members):
    """The CMS of a successor of the bulletin that was made at the setup."""
    folder = f"{net.dir}/bulletins"
    wanted = kind + (f"-{of}" if of else "")
    path = next(f"{folder}/{file}" for file in os.listdir(folder)
                if file.split("-", 1)[1] == wanted)
    with open(path, "rb") as file:
        text = signed_content(file.read())
    value = json.loads(text)
    value.update(serial=2 if serial is None else serial, issued=instant(-1),
                 previous=sha(text))
    value.update(members)
    if change:
        change(value["body"])
    officers = [f"{net.dir}/officers/officer-1.pem",
                f"{net.dir}/officers/officer-2.pem"]
    return sign(line(value), *(keys or officers))


# -- submissions ------------------------------------------------------------

def read_files(paths):
    """[(name, bytes)]"""
    found = []
    for path in paths:
        with open(path, "rb") as file:
            found.append((os.path.basename(path), file.read()))
    return found


class Parts:
    """What a submission is made of, each part to be changed before it is
    used by those after it: set `change` to {part: function of it}."""

    def __init__(self, net, recipients, sender="376490000A", change=None,
                 serial=1, head=None, center=None, files=None):
        self.net, self.sender, self.recipients = net, sender, recipients
        self.files = files
        self.change = change or {}
        self.keys = f"{net.dir}/{HOSTS[sender]}.keys"
        self.waybill_id = new_id()
        self.key, self.random = secrets.token_bytes(32), \
            secrets.token_bytes(32)
        self.head = line({
            "format": "yizhan-head-1", "environment": "demo",
            "waybill_id": self.waybill_id, "document_id": new_id(),
            "sender": sender, "module": sha(der_of(f"{self.keys}/module.pem")),
            "center": center or CENTERS[sender], "created": instant(),
            "not_after": instant(3600), "speed": "normal", "message": 0,
            "earlier": "", **(head or {})})
        said = json.loads(self.head)
        self.waybill_id = said["waybill_id"]
        self.document_id = said["document_id"]
        self.package = self.made("package", self.make_package(serial))
        self.digest = sha(self.package)
        self.content = self.made("content", make_content(
            self.key, self.head, self.package))
        self.key_parts = [self.make_key_part(code) for code in recipients]
        self.leaves = [self.make_leaf(code, part) for code, part in
                       zip(recipients, self.key_parts)]
        self.waybill = self.made("waybill", self.make_waybill())
        self.cms = self.made("cms", sign(line(self.waybill),
                                         f"{self.keys}/module.pem"))

    def made(self, name, value):
        changed = self.change.get(name)
        return changed(value) if changed else value

    def make_package(self, serial):
        files = self.files or read_files(self.net.letter(
            self.recipients, serial, sender=self.sender,
            folder=f"{self.net.dir}/by-hand/{serial}"))
        facts = line(self.made("facts", {
            "format": "yizhan-package-1", "environment": "demo",
            "document_id": self.document_id, "sender": self.sender,
            "recipients": self.recipients, "message": 0}))
        listed = [(FACTS, facts)] + files
        said = manifest(listed)
        signer = self.made("signer", f"{self.keys}/sign.{self.sender}.pem")
        signature = self.made("signature", sign(said, signer, detached=True))
        return write_zip([Entry(name, data) for name, data in
                          [("mimetype", MIMETYPE), *listed, (MANIFEST, said),
                           (SIGNATURE, signature)]])

    def make_key_part(self, code):
        said = self.made("key", {
            "format": "yizhan-key-1", "head": sha(self.head),
            "recipient": code, "key": self.key.hex(),
            "random": self.random.hex(), "package": self.digest})
        pem = f"{self.net.dir}/{HOSTS[code]}.keys/seal.{code}.pem"
        options = self.change.get("seal", OAEP)
        return seal(line(said), pem, options)

    def make_leaf(self, code, part):
        pem = f"{self.net.dir}/{HOSTS[code]}.keys/seal.{code}.pem"
        return line(self.made("leaf", {
            "format": "yizhan-leaf-1", "recipient": code,
            "center": CENTERS[code], "seal": sha(der_of(pem)),
            "key_part": sha(part)}))

    def make_waybill(self):
        commitment = sha(b"yizhan-commitment-1\0" + self.random + self.key +
                         bytes.fromhex(self.digest))
        root = tree_root([hashlib.sha256(b"\0" + leaf).digest()
                          for leaf in self.leaves])
        return {"format": "yizhan-waybill-1", "head": self.head.decode(),
                "content": {"sha256": sha(self.content),
                            "length": len(self.content)},
                "recipients": {"root": root.hex(), "count": len(self.leaves)},
                "commitment": commitment}

    def records(self):
        found = [("W", self.cms)]
        for leaf, part in zip(self.leaves, self.key_parts):
            found += [("L", leaf), ("K", part)]
        return found + [("C", self.content)]


def submit(net, parts, host="gateway-1", to=None, change=None):
    """POST it; `change` may rearrange the records."""
    found = parts if isinstance(parts, list) else parts.records()
    if change:
        found = change(found)
    return call_as(net, host, to or CENTERS[GATEWAYS[host]], "/v1/waybills",
                   body=bundle(*found))


def statements(feed):
    """{waybill id: [statement]} of a feed's answer; acts opened."""
    found = {}
    for item in feed["items"]:
        if item["kind"] != "receipt":
            continue
        said = json.loads(item["receipt"]["statement"])
        if said["act"]:
            said["act"] = json.loads(signed_content(
                base64.b64decode(said["act"])))
        found.setdefault(said["waybill_id"], []).append(said)
    return found
