"""Casework for the scenarios: certificates of the demo's authority, cases by the
command line, and officers who sign drafts as they do on their machines."""

import datetime
import ipaddress
import json
import os
import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from by_hand import local
from network import Network, Refused

OFFICERS = ["officer-1", "officer-2"]


def usage(**true):
    names = ["digital_signature", "content_commitment", "key_encipherment",
             "data_encipherment", "key_agreement", "key_cert_sign",
             "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{name: true.get(name, False) for name in names})


def issue(net, path, kind, name, address=None, days=300):
    """Key and certificate of the demo's authority in one file; `kind` is tls,
    sign (P-256), card (RSA), seal (RSA) or log (Ed25519).  With negative `days`
    one that ended so long ago."""
    with open(f"{net.dir}/officers/anchor.pem", "rb") as file:
        pem = file.read()
    authority = x509.load_pem_x509_certificate(
        pem[pem.index(b"-----BEGIN CERT"):])
    authority_key = serialization.load_pem_private_key(pem, None)
    key = rsa.generate_private_key(65537, 2048) if kind in ("card", "seal") \
        else ed25519.Ed25519PrivateKey.generate() if kind == "log" \
        else ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
                         x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (x509.CertificateBuilder().subject_name(subject)
               .issuer_name(authority.subject).public_key(key.public_key())
               .serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(
                   hours=1, days=400 if days < 0 else 0))
               .not_valid_after(now + datetime.timedelta(days=days))
               .add_extension(x509.BasicConstraints(False, None), True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(
                   key.public_key()), False)
               .add_extension(
                   x509.AuthorityKeyIdentifier.from_issuer_public_key(
                       authority_key.public_key()), False))
    if kind == "seal":
        builder = builder.add_extension(usage(key_encipherment=True), True)
    elif kind == "tls":
        builder = builder.add_extension(usage(digital_signature=True), True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(
            [ExtendedKeyUsageOID.SERVER_AUTH,
             ExtendedKeyUsageOID.CLIENT_AUTH]), False)
        builder = builder.add_extension(x509.SubjectAlternativeName(
            [x509.DNSName(name),
             x509.IPAddress(ipaddress.ip_address(address))]), False)
    else:
        builder = builder.add_extension(
            usage(digital_signature=True, content_commitment=True), True)
    certificate = builder.sign(authority_key, hashes.SHA256())
    with open(path, "wb") as file:
        file.write(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    os.chmod(path, 0o600)
    return certificate.fingerprint(hashes.SHA256()).hex()


class Casework(Network):
    """A network whose management host has cases."""

    def case(self, *args, **options):
        """A `yizhan case` command; its JSON."""
        return self.json("management", "case", *args, **options)

    def write(self, name, text="機關來文"):
        path = f"{self.dir}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def attach(self, case, evidence):
        return self.case("attach", case, self.write(f"{evidence}.txt"),
                         "--evidence", evidence)

    def approve(self, case, move="approve"):
        """By two officers, each with the own key."""
        for officer in OFFICERS:
            said = self.case("move", case, move, "--key",
                             f"{self.dir}/officers/{officer}.pem")
        return said

    def sign_drafts(self, *kinds, signers=None):
        """Drafts of approved cases, signed, combined, published."""
        for kind in kinds:
            kind, _, name = kind.partition("/")
            draft = f"{self.dir}/{kind}{name}-{len(os.listdir(self.dir))}"
            words = self.command(
                "case", "draft", kind, *(["--name", name] if name else []),
                *(["--first"] if kind in ("hold", "suspension") and
                  not self.has(kind) else []),
                "-c", self.conf("management"), "--to", draft).stdout
            code = json.loads(self.command("trust", "show", draft,
                                           "--json").stdout)["sha256"]
            signatures = []
            for officer in signers or OFFICERS:
                signatures.append(f"{draft}.{officer}.sig")
                self.command("trust", "sign", draft, "--key",
                             f"{self.dir}/officers/{officer}.pem",
                             "--confirm", code, "--to", signatures[-1])
            self.command("trust", "combine", draft, *signatures, "--to",
                         f"{draft}.done")
            self.publish([f"{draft}.done"])
        return words

    def has(self, kind):
        said = json.loads(local(self, "management", "/v1/bulletins").body)
        return any(item["type"] == kind for item in said["bulletins"])

    def wait_case(self, case, state):
        self.wait_for(lambda: self.case("show", case)["state"] == state,
                      f"case {case} is not {state}")
        return self.case("show", case)

    def wait_directory(self):
        """What officers signed of it is in force at every host that runs."""
        def serials(host):
            said = local(self, host, "/v1/bulletins").json()["bulletins"]
            return [item["serial"] for item in said
                    if item["type"] == "directory"]
        for host in self.processes:
            self.wait_for(lambda: serials(host) == serials("management"),
                          f"{host} has another directory")

    def check(self, case, evidence=("authority",)):
        for item in evidence:
            self.attach(case, item)
        return self.case("move", case, "check")

    def refused(self, tap, code, name, *args, host="management"):
        try:
            self.command(*args, "-c", self.conf(host))
        except Refused as why:
            return tap.ok(why.code == code, f"{name}: {code}", why)
        return tap.ok(False, f"{name}: {code}", "it was taken")

    def add_gateway(self, name, address, center, codes):
        """Keys and configuration of a gateway that nobody knows yet."""
        folder = f"{self.dir}/{name}.keys"
        os.makedirs(folder)
        os.makedirs(f"{self.dir}/{name}", mode=0o700)
        issue(self, f"{folder}/tls.pem", "tls", name, address)
        issue(self, f"{folder}/module.pem", "sign", f"{name} module")
        keys = ["tls", "module"]
        for code in codes:
            issue(self, f"{folder}/sign.{code}.pem", "card", code)
            issue(self, f"{folder}/seal.{code}.pem", "seal", code)
            keys += [f"sign.{code}", f"seal.{code}"]
        like = {"center-a": "gateway-1", "center-b": "gateway-3"}[center]
        with open(self.conf(like), encoding="utf-8") as file:
            text = file.read().split("[keeper]")[0]
        text = re.sub(r"name = gateway-\d", f"name = {name}", text)
        text = re.sub(r"address = 127\.0\.0\.3\d", f"address = {address}",
                      text)
        text = text.replace(f"{self.dir}/{like}\n", f"{self.dir}/{name}\n")
        text += "[keeper]\n" + "".join(
            f"key.{key} = file:{folder}/{key}.pem\n" for key in keys)
        with open(self.conf(name), "w", encoding="utf-8") as file:
            file.write(text)

    def add_center(self, name, address):
        """The same of a center."""
        folder = f"{self.dir}/{name}.keys"
        os.makedirs(folder)
        os.makedirs(f"{self.dir}/{name}", mode=0o700)
        issue(self, f"{folder}/tls.pem", "tls", name, address)
        issue(self, f"{folder}/log.pem", "log", name)
        with open(self.conf("center-a"), encoding="utf-8") as file:
            text = file.read()
        text = text.replace("center-a", name).replace("127.0.0.21", address)
        text = re.sub(r"key\.witness.*\n", "", text)
        with open(self.conf(name), "w", encoding="utf-8") as file:
            file.write(text)

    def request(self, host, code, *organisations):
        """The request file of a host, and its check code."""
        path = f"{self.dir}/{host}-{len(os.listdir(self.dir))}.request"
        said = self.command("register", *organisations, "--code", code, "-c",
                            self.conf(host), "--to", path).stdout
        return path, said.strip().splitlines()[-1].strip()
