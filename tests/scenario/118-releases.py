#!/usr/bin/python3
"""Goal: a new version of the program reaches a host from management over its
center, is compared before anything of it is run, laid down beside the old one,
started by one rename, gone back from, and reported; and each attack on the way
is refused by its name (R5.2.3, R5.3.2, T-REL-01 to T-REL-08).  limit: 120"""

import glob
import hashlib
import json
import os
import shutil
import subprocess

from by_hand import local, sign
from network import Network, Refused, Tap, run

tap = Tap()
HOSTS = ["management", "center-a", "center-b", "gateway-1"]
GATEWAY = "gateway-1"
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


class Releases(Network):
    """Hosts with folders for releases, and the packages of this machine."""

    def prepare(self):
        shutil.copy("/var/lib/dpkg/status", f"{self.dir}/packages")
        for host in HOSTS:
            os.makedirs(f"{self.dir}/{host}.opt")
            self.configure(host)
        self.serial = self.drafts = 0

    def configure(self, host, more=""):
        os.makedirs(f"{self.dir}/{host}.conf.d", exist_ok=True)
        with open(f"{self.dir}/{host}.conf.d/release.conf", "w",
                  encoding="utf-8") as file:
            file.write(f"[release]\nfolder = {self.dir}/{host}.opt\n"
                       f"packages = {self.dir}/packages\n{more}")

    def release(self, what, *args, host=GATEWAY, **options):
        return self.command("release", what, "-c", self.conf(host), *args,
                            **options)

    def list(self, host=GATEWAY):
        return json.loads(self.release("list", "--json", host=host).stdout)

    def make(self, name, programs, *args):
        """A bundle of these programs; its folder."""
        folder = f"{self.dir}/{name}"
        subprocess.run([f"{ROOT}/scripts/release", "pack", "--programs",
                        programs, "--to", folder, *args], check=True,
                       capture_output=True)
        return folder

    def draft(self, folder):
        """What is prepared from a bundle; the path of the draft."""
        self.serial += 1
        self.drafts += 1
        draft = f"{self.dir}/release-{self.drafts}.draft"
        self.command("trust", "prepare", "release", f"{folder}/release.json",
                     *(["--first"] if self.serial == 1 else []),
                     "-c", self.conf("management"), "--to", draft)
        return draft

    def announce(self, folder):
        """In force, at management, center and gateway; its path."""
        signed = self.sign(self.draft(folder), ("root-1", "root-2"))
        self.publish([signed])
        for host in ("center-a", GATEWAY):
            self.wait_for(lambda h=host: self.list(h).get("release", {})
                          .get("serial") == self.serial,
                          f"{host} has no release {self.serial}")
        return signed

    def pool(self, host, folder, path):
        """Where a file of a bundle lies at a host."""
        with open(f"{folder}/{path}", "rb") as file:
            name = hashlib.sha256(file.read()).hexdigest()
        return f"{self.dir}/{host}/releases/{name}"


def refused(net, code, name, *args, **options):
    try:
        net.release(*args, **options)
        return tap.ok(False, f"{name}: {code}", "it was done")
    except Refused as why:
        return tap.ok(why.code == code, f"{name}: {code}", why)


def edit(folder, path, change):
    """Change a file of a bundle, and its manifest with it."""
    with open(f"{folder}/{path}", "rb") as file:
        data = change(file.read())
    with open(f"{folder}/{path}", "wb") as file:
        file.write(data)
    with open(f"{folder}/release.json", encoding="utf-8") as file:
        body = json.load(file)
    for item in body["files"]:
        if item["path"] == path:
            item.update(bytes=len(data),
                        sha256=hashlib.sha256(data).hexdigest())
    with open(f"{folder}/release.json", "w", encoding="utf-8") as file:
        json.dump(body, file, ensure_ascii=False, separators=(",", ":"))


def programs(net):
    """The programs that run here, and small ones of later versions."""
    folder = f"{net.dir}/programs"
    os.makedirs(folder)
    source = os.path.dirname(os.environ["YIZHAN"])
    for name in ("yizhan", "yizhan-printer", "yizhan-reader"):
        shutil.copy(f"{source}/{name}", folder)
        subprocess.run(["strip", f"{folder}/{name}"], check=True)
    small = f"{net.dir}/small"
    os.makedirs(small)
    shutil.copy("/bin/true", f"{small}/yizhan")
    return folder, small


def published(net, bundle):
    """Two of three keys, and one code wherever people look (T-REL-01, 05)."""
    draft = net.draft(bundle)
    one = f"{net.dir}/release.one"
    content = json.loads(net.command("trust", "show", draft,
                                     "--body").stdout)
    with open(f"{bundle}/release.json", encoding="utf-8") as file:
        tap.ok(content == json.load(file),
               "what is signed is the manifest of the bundle")
    shown = subprocess.run(["sha256sum", "-c", "release.sha256"], cwd=bundle,
                           check=False, capture_output=True)
    tap.ok(shown.returncode == 0, "stock sha256sum checks the check code")
    try:
        net.sign(draft, ("root-1",))
        tap.ok(False, "one key is not enough")
    except Refused as why:
        tap.ok(why.code == "E7003", "one key of three is refused: E7003", why)
    with open(draft, "rb") as file:
        text = file.read()
    start = text.index(b"{")
    length = int.from_bytes(text[start - 8:start], "big")
    with open(one, "wb") as file:
        file.write(sign(text[start:start + length],
                        f"{net.dir}/officers/officer-1.pem",
                        f"{net.dir}/officers/officer-2.pem"))
    try:
        net.publish([one])
        tap.ok(False, "officers of another role do not sign releases")
    except Refused as why:
        tap.ok(why.code == "E7003",
               "two keys of another role are refused: E7003", why)
    net.serial -= 1
    refused(net, "E7610", "without a release there is nothing to verify",
            "verify")
    net.announce(bundle)
    with open(f"{bundle}/release.sha256", encoding="utf-8") as file:
        code = file.read().split()[0]
    codes = {net.list(host)["release"]["code"]
             for host in ("management", "center-a", GATEWAY)}
    text = net.release("list").stdout
    groups = " ".join(code[at:at + 4] for at in range(0, 64, 4))
    tap.ok(codes == {code} and groups in text,
           "file, management, center and gateway show one check code",
           f"{codes} {text}")
    health = local(net, GATEWAY, "/v1/health").json()
    told = [check["text"] for check in health["checks"]
            if check["name"] == "release"]
    tap.ok(told == [f"0.1.0  {groups}"], "and so do the pages", health)
    return code


def distributed(net, bundle):
    """Management, then the center, then the gateway (T-REL-04, 04b)."""
    refused(net, "E7603", "a center that has no file hands out none", "fetch")
    net.release("fetch", "--from", bundle, host="management")
    net.release("fetch", host="center-a")
    path = net.pool("center-a", bundle, "bin/yizhan-printer")
    shutil.copy(path, f"{net.dir}/kept")
    own = net.pool(GATEWAY, bundle, "bin/yizhan-printer")

    def with_kept(change):
        with open(f"{net.dir}/kept", "rb") as file:
            data = change(file.read())
        with open(path, "wb") as file:
            file.write(data)

    with_kept(lambda data: data[:-1] + bytes([data[-1] ^ 1]))
    refused(net, "E7602", "a file that was changed on the way is refused",
            "fetch")
    tap.ok(not glob.glob(f"{own}*"), "and thrown away", glob.glob(f"{own}*"))
    with_kept(lambda data: data + b"more")
    refused(net, "E7602", "one that goes on after its end is refused",
            "fetch")
    with_kept(lambda data: data[:-5])
    refused(net, "E7602", "one that ends before its end is refused", "fetch")
    tap.ok(os.path.exists(f"{own}.part"), "what came is kept for later")
    with_kept(lambda data: data)
    doctor = json.loads(net.command("doctor", "--json", "-c",
                                    net.conf(GATEWAY), check=False).stdout)
    found = [check for check in doctor["checks"]
             if check["name"] == "program"]
    tap.ok(found and found[0]["state"] == "failed" and
           "E7602" in found[0]["text"], "the doctor tells of the alarm",
           found)
    net.release("fetch")
    listed = net.list()
    tap.ok(listed["release"]["here"] == listed["release"]["files"],
           "then all of it comes", listed["release"])


def verified(net, bundle):
    """Before anything is run (T-REL-05, 07)."""
    refused(net, "E7614", "another check code is refused", "verify",
            "--check-code", "0000 0000 0000 0000")
    said = net.release("verify").stdout
    tap.ok("unchanged" in said, "it is what the bulletin names", said)
    stray = f"{bundle}/bin/stray"
    with open(stray, "w", encoding="utf-8") as file:
        file.write("x")
    refused(net, "E7604", "a file beside those of the manifest is refused",
            "verify", bundle)
    os.unlink(stray)
    net.release("verify", bundle)
    with open(f"{net.dir}/packages", encoding="utf-8") as file:
        packages = file.read()

    def with_packages(text):
        with open(f"{net.dir}/packages", "w", encoding="utf-8") as file:
            file.write(text)

    with_packages(packages.replace("Package: libjansson4\n",
                                   "Package: libjansson3\n"))
    refused(net, "E7613", "a package that is missing is refused", "verify")
    lines = packages.split("\n\n")
    old = ["\n".join("Version: 0.1-1" if line.startswith("Version: ") else
                     line for line in item.split("\n"))
           if item.startswith("Package: libjansson4\n") else item
           for item in lines]
    with_packages("\n\n".join(old))
    refused(net, "E7613", "an older package than it was built with is refused",
            "stage")
    with_packages("\n\n".join(old).replace("Version: 0.1-1",
                                           "Version: 99:1.0-1"))
    tap.ok("libjansson4" in net.release("verify").stdout,
           "a newer one is told: hosts are patched within a week")
    net.configure(GATEWAY, "exact = on\n")
    refused(net, "E7613", "and refused where packages must be exact", "verify")
    net.configure(GATEWAY)
    with_packages(packages)


def installed(net, bundle, code):
    """Beside the old one, by one rename, and reported (T-REL-05)."""
    folder = f"{net.dir}/{GATEWAY}.opt"
    refused(net, "E7603", "what was not laid down is not installed", "install",
            "--check-code", code)
    net.release("stage")
    tap.ok(not os.path.lexists(f"{folder}/current"),
           "what is laid down is not started")
    with open(f"{folder}/0.1.0/bin/yizhan-printer", "r+b") as file:
        file.write(b"changed")
    refused(net, "E7602", "what was changed since is not installed", "install",
            "--check-code", code)
    net.release("stage")
    refused(net, "E7614", "without its check code it is not installed",
            "install", "--check-code", "1234")
    net.release("install", "--check-code", code[:16], "--by", "王小明")
    tap.ok(os.readlink(f"{folder}/current") == "0.1.0", "it is started next")
    refused(net, "E7617", "before the restart there is nothing to report",
            "confirm")
    own, net.yizhan = net.yizhan, f"{folder}/current/bin/yizhan"
    net.stop(GATEWAY)
    net.start(GATEWAY)
    net.yizhan = own
    net.wait_for(lambda: net.is_ready(GATEWAY), "not ready")
    net.release("confirm", "--by", "王小明")
    reports = []

    def has_come():
        found = net.json("management", "case", "list", "--all")["cases"]
        reports[:] = [case for case in found
                      if case["definition"] == "report-release"]
        return reports
    net.wait_for(has_come, "management got no report")
    case = net.json("management", "case", "show", reports[0]["id"])
    fields = case["fields"]
    tap.ok(fields["host"] == GATEWAY and fields["version"] == "0.1.0" and
           fields["code"].replace(" ", "") == code and
           "王小明" in fields["by"],
           "management has who installed what, and when", case)
    hosts = {item["report"]["host"]: item for item in json.loads(net.release(
        "hosts", "--json", host="management").stdout)["hosts"]}
    text = net.release("hosts", "--behind", host="management").stdout
    tap.ok(hosts[GATEWAY]["current"] and
           hosts[GATEWAY]["report"]["version"] == "0.1.0" and
           not hosts["center-a"]["current"] and "center-a" in text and
           f"{GATEWAY} " not in text,
           "and sees which hosts have not followed", f"{hosts} {text}")
    acts = [(item["act"], item["version"]) for item in net.list()["history"]]
    tap.ok(acts[-1] == ("confirmed", "0.1.0") and
           ("installed", "0.1.0") in acts and
           ("refused", "0.1.0") in acts, "the host keeps what was done", acts)
    doctor = json.loads(net.command("doctor", "--json", "-c",
                                    net.conf(GATEWAY), check=False).stdout)
    found = [check for check in doctor["checks"]
             if check["name"] == "program"]
    tap.ok(found[0]["state"] == "ok", "the doctor finds it well", found)


def attacked(net, small):
    """What two stolen keys or a careless day could publish."""
    high = net.make("high", small, "--version", "0.2.0")
    edit(high, "release.json", lambda data: data.replace(
        b'"0.2.0"', b'"9223372036854775807"'))
    try:
        net.draft(high)
        tap.ok(False, "a version that nothing can follow")
    except Refused as why:
        tap.ok(why.code == "E7001",
               "a version that nothing can follow is not even signed: E7001",
               why)
    net.serial -= 1
    lean = net.make("lean", small, "--version", "0.2.0")
    edit(lean, "sbom.cdx.json", lambda data: data.replace(
        b"yizhan:soname", b"yizhan:nothing"))
    net.announce(lean)
    net.release("fetch", "--from", lean)
    refused(net, "E7607", "a library that its list does not bring is refused",
            "verify")
    refused(net, "E7607", "nor is such a release laid down", "stage")
    old = net.make("old", small, "--version", "0.0.9")
    net.announce(old)
    net.release("fetch", "--from", old)
    refused(net, "E7605", "a lower version is refused, whoever signed it",
            "stage")


def gone_back(net, small):
    """The version before is kept, as long as it may run (T-REL-02)."""
    folder = f"{net.dir}/{GATEWAY}.opt"
    new = net.make("new", small, "--version", "0.3.0")
    net.announce(new)
    net.release("fetch", "--from", new)
    net.release("stage")
    code = net.list()["release"]["code"]
    net.release("install", "--check-code", code)
    tap.ok(os.readlink(f"{folder}/current") == "0.3.0" and
           os.readlink(f"{folder}/previous") == "0.1.0",
           "the version before is kept")
    net.release("return")
    tap.ok(os.readlink(f"{folder}/current") == "0.1.0",
           "and can be gone back to")
    net.release("stage")
    net.release("install", "--check-code", code)
    barred = net.make("barred", small, "--version", "0.3.0", "--least",
                      "0.2.0")
    net.announce(barred)
    refused(net, "E7605", "but not to one that may no longer run", "return")


def rotated(net, small):
    """Who lost the key signs nothing more, and what was signed with it neither
    stays nor binds (T-REL-08, T-REL-02b)."""
    with open(f"{net.dir}/phrase", "w", encoding="utf-8") as file:
        file.write("a passphrase that is long enough\n")
    net.command("trust", "key", "新", "--to", f"{net.dir}/new",
                "--passphrase-file", f"{net.dir}/phrase")
    draft = f"{net.dir}/root-2.draft"
    net.command("trust", "rotate", "--old", f"{net.dir}/officers/root-1.pem",
                "--new", f"{net.dir}/new.crt", "--role", "release", "-c",
                net.conf("management"), "--to", draft)
    net.publish([net.sign(draft, ("root-1", "root-2", "root-3"))])
    net.wait_for(lambda: '"type":"root","name":"","serial":2' in
                 local(net, GATEWAY, "/v1/bulletins").body.decode(),
                 "the gateway has no new root")
    refused(net, "E7003", "what a replaced key signed is not installed",
            "verify")
    old = net.make("older", small, "--version", "0.0.9")
    draft = f"{net.dir}/again.draft"
    net.command("trust", "prepare", "release", f"{old}/release.json",
                "-c", net.conf("management"), "--to", draft)
    try:
        net.publish([net.sign(draft, ("root-1", "root-2"))])
        tap.ok(False, "the replaced key signs no other release")
    except Refused as why:
        tap.ok(why.code in ("E7003", "E7034"),
               "nor does it sign another one", why)
    net.publish([net.sign(draft, ("root-2", "root-3"))])
    net.wait_for(lambda: net.release("list", check=False).returncode == 0 and
                 net.list()["release"]["version"] == "0.0.9",
                 "the gateway does not take the next release")
    net.release("fetch", "--from", old)
    net.release("stage")
    tap.ok(os.path.isdir(f"{net.dir}/{GATEWAY}.opt/0.0.9"),
           "after which its version is no bar")
    refused(net, "E7003", "nor can it be gone back to", "return")


def stale(net):
    """Who keeps news back gets nothing installed (T-REL-03)."""
    net.stop(GATEWAY)
    net.configure(GATEWAY, "[test]\nclock_offset_ms = 100000000\n")
    net.start(GATEWAY)
    net.wait_for(lambda: net.list()["grade"] == "stale", "trust is not stale")
    refused(net, "E7612", "with old trust nothing is laid down", "stage")


def test(tap):
    with Releases("releases", hosts=HOSTS) as net:
        whole, small = programs(net)
        bundle = net.make("bundle", whole)
        code = published(net, bundle)
        distributed(net, bundle)
        verified(net, bundle)
        installed(net, bundle, code)
        attacked(net, small)
        gone_back(net, small)
        rotated(net, small)
        stale(net)


run(tap, test)
tap.done()
