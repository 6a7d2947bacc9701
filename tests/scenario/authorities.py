"""A time-stamping authority on loopback for the scenarios: a small HTTP server
that has `openssl ts` answer, and lies when it is told to."""

import contextlib
import datetime
import http.server
import os
import subprocess
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ADDRESS, PORT = "127.0.0.61", 8318
URL = f"http://{ADDRESS}:{PORT}/tsr"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
REJECTED = bytes.fromhex("30053003020102")
DAY = datetime.timedelta(days=1)


def run(*args, data=b""):
    result = subprocess.run(args, input=data, capture_output=True,
                            check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{args}: {result.stderr.decode()}")
    return result.stdout


class Pair:
    """A key and its certificate, in one file each."""

    def __init__(self, folder, name, issuer=None, usage=None, ends=DAY * 365):
        self.path = f"{folder}/{name}"
        self.key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder().subject_name(
            subject).issuer_name(
                issuer.cert.subject if issuer else subject).public_key(
                    self.key.public_key()).serial_number(
                        x509.random_serial_number()).not_valid_before(
                            now - DAY * 2).not_valid_after(now + ends)
        builder = builder.add_extension(x509.BasicConstraints(
            ca=issuer is None, path_length=None), critical=True)
        if usage is not None:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([usage]), critical=True)
        self.cert = builder.sign(issuer.key if issuer else self.key,
                                 hashes.SHA256())
        with open(f"{self.path}.pem", "wb") as file:
            file.write(self.cert.public_bytes(serialization.Encoding.PEM))
        with open(f"{self.path}.key", "wb") as file:
            file.write(self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()))

    def der(self):
        return self.cert.public_bytes(serialization.Encoding.DER)


class TimeAuthority:
    """`mode` says how it answers."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.folder, self.mode = folder, "good"
        # By the same files whoever asks: a host, or token().
        self.making = threading.RLock()
        stamping = ExtendedKeyUsageOID.TIME_STAMPING
        self.root = Pair(folder, "root")
        self.signers = {
            "good": Pair(folder, "good", self.root, stamping),
            "expired": Pair(folder, "expired", self.root, stamping, -DAY),
            "purpose": Pair(folder, "purpose", self.root,
                            ExtendedKeyUsageOID.CLIENT_AUTH),
            "other": Pair(folder, "other", Pair(folder, "stranger"),
                          stamping),
        }
        with open(f"{folder}/serial", "w", encoding="ascii") as file:
            file.write("01\n")
        with open(f"{folder}/ts.conf", "w", encoding="ascii") as file:
            file.write(f"[tsa]\ndefault_tsa = one\n[one]\n"
                       f"serial = {folder}/serial\n"
                       "signer_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
                       "digests = sha256, sha384, sha512\n"
                       "ess_cert_id_alg = sha256\n")

    def response(self, query, signer="good"):
        pair = self.signers[signer]
        with open(f"{self.folder}/query", "wb") as file:
            file.write(query)
        return run("openssl", "ts", "-reply", "-config",
                   f"{self.folder}/ts.conf", "-queryfile",
                   f"{self.folder}/query", "-signer", f"{pair.path}.pem",
                   "-inkey", f"{pair.path}.key")

    def token(self, data, signer="good"):
        """A token over these bytes, as this signer would make it."""
        with self.making:
            return self.make_token(data, signer)

    def make_token(self, data, signer):
        with open(f"{self.folder}/data", "wb") as file:
            file.write(data)
        query = run("openssl", "ts", "-query", "-data",
                    f"{self.folder}/data", "-sha256", "-cert")
        with open(f"{self.folder}/reply", "wb") as file:
            file.write(self.response(query))
        token = run("openssl", "ts", "-reply", "-in",
                    f"{self.folder}/reply", "-token_out")
        return token if signer == "good" else self.signed_anew(token, signer)

    def signed_anew(self, token, signer):
        """What is stamped by a signer that `openssl ts` would refuse."""
        pair = self.signers[signer]
        info = run("openssl", "cms", "-verify", "-noverify", "-inform", "DER",
                   data=token)
        return run("openssl", "cms", "-sign", "-binary", "-nodetach",
                   "-outform", "DER", "-econtent_type", TST_INFO, "-cades",
                   "-md", "sha256", "-signer", f"{pair.path}.pem", "-inkey",
                   f"{pair.path}.key", data=info)

    def answer(self, query):
        """(status, headers, body)"""
        mode = self.mode
        at = query.index(b"\x04\x20") + 2
        if mode == "imprint":
            query = query[:at] + bytes(32) + query[at + 32:]
        if mode == "nonce":
            query = query[:-4] + bytes([query[-4] ^ 1]) + query[-3:]
        if mode == "status":
            return 503, {}, b""
        if mode == "redirect":
            return 302, {"Location": URL + "/elsewhere"}, b""
        if mode == "garbage":
            return 200, {}, b"no time stamp"
        if mode == "huge":
            return 200, {}, bytes(100000)
        if mode == "refused":
            return 200, {}, REJECTED
        response = self.response(query)
        if mode in self.signers and mode != "good":
            with open(f"{self.folder}/reply", "wb") as file:
                file.write(response)
            token = self.signed_anew(run(
                "openssl", "ts", "-reply", "-in", f"{self.folder}/reply",
                "-token_out"), mode)
            body = bytes.fromhex("3003020100") + token
            response = b"\x30\x82" + len(body).to_bytes(2, "big") + body
        if mode == "signature":
            response = response[:-1] + bytes([response[-1] ^ 1])
        return 200, {"Content-Type": "application/timestamp-reply"}, response

    @contextlib.contextmanager
    def serving(self):
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                with authority.making:
                    status, headers, body = authority.answer(query)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = http.server.HTTPServer((ADDRESS, PORT), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
