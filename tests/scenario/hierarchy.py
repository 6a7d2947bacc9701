"""A hierarchy of certification authorities of the government's shape on loopback
for the scenarios: a root (GRCA), below it one authority for agencies (GCA), one
for schools and groups (XCA) and one for firms (MOEACA); cards with a certificate
for signing and another one for encryption, the organisation's code in a subject
directory attribute; partitioned lists (CRL) with a delta beside them, and an OCSP
responder with a certificate for that alone.  It answers over HTTP, and lies when
it is told to."""

import base64
import contextlib
import datetime
import hashlib
import http.server
import json
import os
import sqlite3
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import (AuthorityInformationAccessOID,
                                   ExtendedKeyUsageOID, NameOID)

from by_hand import HOSTS, bulletin, local, sha, signed_content
from network import NAMES, PATIENCE_S, Network

ADDRESS, PORT = "127.0.0.62", 8319
URL = f"http://{ADDRESS}:{PORT}/"
DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
# As in the government's profile: subject directory attributes, and the OID of
# an agency or organisation in them.
SUBJECT_DIRECTORY = x509.ObjectIdentifier("2.5.29.9")
ORGANISATION_OID = bytes.fromhex("0609 6086 7601 6402 8166".replace(" ", ""))
REASONS = {
    "unspecified": x509.ReasonFlags.unspecified,
    "key_compromise": x509.ReasonFlags.key_compromise,
    "superseded": x509.ReasonFlags.superseded,
    "hold": x509.ReasonFlags.certificate_hold,
}


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def der(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)]) + body


def key_of(kind):
    return rsa.generate_private_key(65537, 2048) if kind == "rsa" else \
        ec.generate_private_key(ec.SECP256R1())


def pem(key, cert):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()) + cert.public_bytes(
            serialization.Encoding.PEM)


def usage(**true):
    names = ("digital_signature", "content_commitment", "key_encipherment",
             "data_encipherment", "key_agreement", "key_cert_sign",
             "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: true.get(name, False) for name in names})


class Authority:
    """`name` is part of its URLs, "gca"."""

    def __init__(self, name, organisation, issuer=None):
        self.name, self.issuer = name, issuer
        self.subject = x509.Name([
            x509.NameAttribute(NameOID.COUNTRY_NAME, "TW"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "行政院"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME,
                               organisation)])
        self.key = key_of("ec")
        self.serial = 1000
        self.revoked = {}  # serial: (reason, time)
        self.known = {}    # serial: certificate
        self.mode, self.silent_for = "good", set()
        self.saved, self.padding, self.lists = None, 0, {}
        self.making, self.changes = threading.Lock(), 0
        self.answering = threading.Lock()
        self.asked = []  # (source address, what)
        builder = self.builder(self.subject, self.key.public_key(), 3650,
                               by=issuer or self)
        self.cert = builder.add_extension(
            x509.BasicConstraints(True, None), True).add_extension(
                usage(key_cert_sign=True, crl_sign=True), True).sign(
                    (issuer or self).key, hashes.SHA256())
        self.responder = self.delegate(ExtendedKeyUsageOID.OCSP_SIGNING)
        self.without_usage = self.delegate(ExtendedKeyUsageOID.CLIENT_AUTH)

    def der(self):
        return self.cert.public_bytes(serialization.Encoding.DER)

    def builder(self, subject, public, days, by=None, starts=-DAY):
        self.serial += 1
        return x509.CertificateBuilder().subject_name(subject).issuer_name(
            (by or self).subject).public_key(public).serial_number(
                self.serial).not_valid_before(now() + starts).not_valid_after(
                    now() + (days if isinstance(days, datetime.timedelta)
                             else DAY * days))

    def delegate(self, purpose):
        key = key_of("ec")
        subject = x509.Name([x509.NameAttribute(
            NameOID.COMMON_NAME, f"{self.name} OCSP")])
        return key, self.builder(subject, key.public_key(), 30).add_extension(
            x509.ExtendedKeyUsage([purpose]), True).add_extension(
                x509.OCSPNoCheck(), False).sign(self.key, hashes.SHA256())

    def issue(self, name, purpose="sign", days=365, kind="rsa", places=True,
              only=None, starts=-DAY, **change):
        """(key, certificate) of a card or module.  `only`: its one place, "ocsp"
        or "crl"; `change`: its key usage."""
        key = key_of(kind)
        subject = x509.Name([
            x509.NameAttribute(NameOID.COUNTRY_NAME, "TW"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "行政院"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, name)])
        bits = {"sign": {"digital_signature": True,
                         "content_commitment": True},
                "seal": {"key_encipherment": True}}[purpose]
        builder = self.builder(
            subject, key.public_key(), days, starts=starts).add_extension(
                x509.BasicConstraints(False, None), True).add_extension(
                    usage(**(change or bits)), True).add_extension(
                        x509.SubjectKeyIdentifier.from_public_key(
                            key.public_key()), False).add_extension(
                                x509.UnrecognizedExtension(
                                    SUBJECT_DIRECTORY, self.directory()),
                                False)
        if places and only != "crl":
            builder = builder.add_extension(x509.AuthorityInformationAccess([
                x509.AccessDescription(
                    AuthorityInformationAccessOID.OCSP,
                    x509.UniformResourceIdentifier(
                        f"{URL}ocsp/{self.name}"))]), False)
        if places and only != "ocsp":
            builder = builder.add_extension(x509.CRLDistributionPoints([
                x509.DistributionPoint(
                    [x509.UniformResourceIdentifier(self.list_url())], None,
                    None, None)]), False)
        cert = builder.sign(self.key, hashes.SHA256())
        self.known[cert.serial_number] = cert
        return key, cert

    def list_url(self):
        """Of the part with the next certificates."""
        return f"{URL}crl/{self.name}-{self.serial // 1000}.crl"

    @staticmethod
    def directory():
        """2.16.886.1.100.2.102: which organisation it is."""
        return der(0x30, der(0x30, ORGANISATION_OID,
                             der(0x31, der(0x06, b"\x60\x86\x76\x01\x64"))))

    def revoke(self, cert, reason="key_compromise", ago=0, since=None):
        # After what is being answered: that may be the last before silence.
        with self.answering:
            self.revoked[cert.serial_number] = (
                reason, since or now() - datetime.timedelta(seconds=ago))
            self.changes += 1

    def restore(self, cert):
        del self.revoked[cert.serial_number]
        self.changes += 1

    # -- OCSP --------------------------------------------------------------

    def response(self, request, mode="good"):
        asked = request.serial_number
        if mode == "other":
            asked = next(serial for serial in self.known if serial != asked)
        cert = self.known[asked]
        reason, at = self.revoked.get(asked, (None, None))
        began = now() - DAY * 3 if mode == "old" else now() - MINUTE
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert, self.cert, request.hash_algorithm,
            ocsp.OCSPCertStatus.REVOKED if reason
            else ocsp.OCSPCertStatus.GOOD, began, began + DAY, at,
            REASONS[reason] if reason else None)
        key, signer = self.responder
        if mode == "purpose":
            key, signer = self.without_usage
        if mode == "stranger":
            key = key_of("ec")
            subject = x509.Name([x509.NameAttribute(
                NameOID.COMMON_NAME, "stranger")])
            signer = x509.CertificateBuilder().subject_name(
                subject).issuer_name(subject).public_key(
                    key.public_key()).serial_number(1).not_valid_before(
                        now() - DAY).not_valid_after(now() + DAY).sign(
                            key, hashes.SHA256())
        builder = builder.responder_id(
            ocsp.OCSPResponderEncoding.HASH, signer).certificates([signer])
        for extension in request.extensions:
            if isinstance(extension.value, x509.OCSPNonce) and \
                    mode != "saved":
                nonce = bytes(32) if mode == "nonce" \
                    else extension.value.nonce
                builder = builder.add_extension(x509.OCSPNonce(nonce), False)
        return builder.sign(key, hashes.SHA256()).public_bytes(
            serialization.Encoding.DER)

    def save(self, cert):
        """An answer without nonce, to be replayed later."""
        request = ocsp.load_der_ocsp_request(
            ocsp.OCSPRequestBuilder().add_certificate(
                cert, self.cert, hashes.SHA1()).build().public_bytes(
                    serialization.Encoding.DER))
        self.saved = self.response(request, "saved")

    def answer(self, body):
        """(status, body)"""
        mode = self.mode
        if mode == "status":
            return 503, b""
        if mode == "garbage":
            return 200, b"no answer"
        if mode == "huge":
            return 200, bytes(100000)
        if mode == "refused":
            return 200, bytes.fromhex("30030a0103")
        if mode == "saved":
            return 200, self.saved
        request = ocsp.load_der_ocsp_request(body)
        response = self.response(request, mode)
        if mode == "signature":
            at = response.rindex(self.responder[1].public_bytes(
                serialization.Encoding.DER)) - 12
            response = response[:at] + bytes([response[at] ^ 1]) + \
                response[at + 1:]
        return 200, response

    # -- CRL ---------------------------------------------------------------

    def crl(self, part, delta=False):
        """One part of the whole list; a long one is made once."""
        key = part, delta, self.padding, self.changes
        with self.making:
            if key not in self.lists:
                self.lists[key] = self.make_crl(part, delta)
            return self.lists[key]

    def make_crl(self, part, delta):
        gone = []
        for serial, (reason, at) in self.revoked.items():
            if serial // 1000 == part:
                gone.append(x509.RevokedCertificateBuilder().serial_number(
                    serial).revocation_date(at).add_extension(
                        x509.CRLReason(REASONS[reason]), False).build())
        old = now() - DAY
        gone += [x509.RevokedCertificateBuilder().serial_number(
            10 ** 9 + number).revocation_date(old).build()
                 for number in range(self.padding)]
        builder = x509.CertificateRevocationListBuilder(
            self.subject, now() - datetime.timedelta(seconds=5), now() + DAY,
            [], gone)
        builder = builder.add_extension(x509.CRLNumber(1), False)
        builder = builder.add_extension(x509.IssuingDistributionPoint(
            [x509.UniformResourceIdentifier(
                f"{URL}crl/{self.name}-{part}.crl")], None, False, False,
            None, False, False), True)
        if delta:
            builder = builder.add_extension(x509.DeltaCRLIndicator(1), True)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(
            serialization.Encoding.DER)


class Hierarchy:
    def __init__(self):
        self.root = Authority("grca", "政府憑證總管理中心")
        self.gca = Authority("gca", "政府憑證管理中心", self.root)
        self.xca = Authority("xca", "組織及團體憑證管理中心", self.root)
        self.moeaca = Authority("moeaca", "工商憑證管理中心", self.root)

    def authorities(self):
        return {authority.name: authority for authority in
                (self.root, self.gca, self.xca, self.moeaca)}

    def reply(self, source, path, body):
        """(status, content type, body)"""
        kind, _, name = path.lstrip("/").partition("/")
        authority = self.authorities().get(name.split("-")[0].split(".")[0])
        if authority is None:
            return 404, "text/plain", b""
        authority.asked.append((source, kind))
        with authority.answering:
            if source in authority.silent_for:
                return 503, "text/plain", b""
            if kind == "ocsp":
                status, data = authority.answer(body)
                return status, "application/ocsp-response", data
        part = int(name.split("-")[1].split(".")[0])
        return 200, "application/pkix-crl", authority.crl(
            part, delta=authority.mode == "delta")

    @contextlib.contextmanager
    def serving(self):
        hierarchy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def respond(self, body):
                status, kind, data = hierarchy.reply(
                    self.client_address[0], self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_POST(self):
                self.respond(self.rfile.read(
                    int(self.headers["Content-Length"])))

            def do_GET(self):
                self.respond(b"")

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer((ADDRESS, PORT), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


# -- in a network ------------------------------------------------------------

def write_key(path, pair):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              "wb") as file:
        file.write(pem(*pair))


class Certified(Network):
    """A network whose organisations have cards and modules of the hierarchy.
    `cards`: {code: {use: how it is issued}}."""

    def __init__(self, name, extra, hierarchy, cards):
        super().__init__(name, extra)
        self.hierarchy, self.cards = hierarchy, cards
        self.certificates = {}  # (code, use): (key, certificate)
        self.serials = {"root": 1, "directory": 1}
        self.previous, self.bodies = {}, {}

    def prepare(self):
        for code, uses in self.cards.items():
            for use, how in uses.items():
                self.certify(code, use, **how)
        anchors = [base64.b64encode(authority.der()).decode()
                   for authority in (self.hierarchy.gca, self.hierarchy.xca,
                                     self.hierarchy.moeaca)]
        self.bulletin("root", lambda body: body["anchors"].extend(anchors))
        self.bulletin("directory")

    def certify(self, code, use, by="gca", state="active", **how):
        """A card or module for it, in its gateway's keys and the directory's
        body, where it takes the place of the one with this state."""
        authority = self.hierarchy.authorities()[by]
        purpose = "seal" if use == "seal" else "sign"
        pair = authority.issue(NAMES[code], purpose, **how)
        self.certificates[code, use] = pair
        name = use if use == "module" else f"{use}.{code}"
        write_key(f"{self.dir}/{HOSTS[code]}.keys/{name}.pem", pair)
        self.register(code, use, pair[1], state)
        return pair

    def register(self, code, use, cert, state="active"):
        org = self.organisation(code)
        org["keys"] = [key for key in org["keys"]
                       if (key["use"], key["state"]) != (use, state)] + [{
                           "use": use, "state": state,
                           "not_after": cert.not_valid_after.strftime(
                               "%Y-%m-%dT%H:%M:%S.000Z"),
                           "certificate": base64.b64encode(
                               cert.public_bytes(
                                   serialization.Encoding.DER)).decode()}]

    def organisation(self, code):
        return next(item for item in self.body("directory")["organisations"]
                    if item["code"] == code)

    def body(self, kind):
        if kind not in self.bodies:
            folder = f"{self.dir}/bulletins"
            path = next(name for name in sorted(os.listdir(folder))
                        if name.split("-", 1)[1] == kind)
            with open(f"{folder}/{path}", "rb") as file:
                text = signed_content(file.read())
            self.previous[kind] = sha(text)
            self.bodies[kind] = json.loads(text)["body"]
        return self.bodies[kind]

    def bulletin(self, kind, change=None):
        """The next one, as a file among those that are published first."""
        body = self.body(kind)
        if change:
            change(body)
        self.serials[kind] += 1
        keys = [f"{self.dir}/officers/root-{number}.pem"
                for number in (1, 2, 3)] if kind == "root" else None
        cms = bulletin(self, kind, serial=self.serials[kind], body=body,
                       previous=self.previous[kind], keys=keys)
        self.previous[kind] = sha(signed_content(cms))
        folder = f"{self.dir}/bulletins"
        path = f"{folder}/{len(os.listdir(folder)) + 1}-{kind}"
        with open(path, "wb") as file:
            file.write(cms)
        return path

    def bring_up(self):
        super().bring_up()
        for kind in self.serials:
            self.wait_everywhere(kind)

    def wait_everywhere(self, kind):
        for host in self.processes:
            self.wait_for(lambda: any(
                item["type"] == kind and
                item["serial"] == self.serials[kind]
                for item in local(self, host, "/v1/bulletins").json()
                ["bulletins"]), f"{host} has no {kind}")

    def publish_next(self, kind, change=None):
        self.publish([self.bulletin(kind, change)])
        self.wait_everywhere(kind)

    def fingerprint(self, code, use):
        return hashlib.sha256(self.certificates[code, use][1].public_bytes(
            serialization.Encoding.DER)).hexdigest()

    def reading(self, host):
        return sqlite3.connect(f"file:{self.dir}/{host}/rows.db?mode=ro",
                               uri=True, timeout=PATIENCE_S)

    def standing(self, host, code, use="sign"):
        """(state, failures, this_update) as the host knows it; None."""
        with contextlib.closing(self.reading(host)) as rows:
            return rows.execute(
                "SELECT state, failures, this_update FROM certificate_status"
                " WHERE fingerprint = ?",
                (bytes.fromhex(self.fingerprint(code, use)),)).fetchone()

    def wait_standing(self, host, code, state, use="sign"):
        self.wait_for(lambda: (self.standing(host, code, use) or [9])[0] ==
                      state, f"{host} does not know that {use} of {code} is "
                      f"{state}")

    def statuses(self, host="gateway-1"):
        """{event: status} of the receipts of what was sent from there."""
        with contextlib.closing(self.reading(host)) as rows:
            receipts = [json.loads(row[0]) for row in rows.execute(
                "SELECT json FROM outbox_receipt ORDER BY id")]
        found = [json.loads(item["statement"]) for item in receipts]
        return [(item["waybill_id"], item["event"], item["center"],
                 item["status"]) for item in found]
