#!/usr/bin/python3
"""Goal: an encrypted backup is read by the holders of the keys that it was made
for and by nobody else; whatever was changed, cut, moved or added is found; the
drill proves it, and it is put in place (T-BAK-02, T-BAK-03).  limit: 300"""

import glob
import json
import os
import random
import shutil
import subprocess

from network import Network, Tap, run

FLIPS = int(os.environ.get("BACKUP_FLIPS", "12"))
CANARY = b"what only the recipient is to read, 3b1f0c" * 4
MEMORY_KIB = 64 * 1024
LARGE = 6 * 1024 * 1024
tap = Tap()


def custodian(folder, name, *kind):
    """Files of a custodian: certificate, and key with it."""
    key, cert = f"{folder}/{name}.key", f"{folder}/{name}.crt"
    subprocess.run(
        ["openssl", "req", "-x509", *kind, "-nodes", "-keyout", key, "-out",
         cert, "-days", "30", "-subj", f"/C=TW/O=custodian/CN={name}"],
        check=True, capture_output=True)
    with open(f"{folder}/{name}.pem", "wb") as file:
        for path in (key, cert):
            with open(path, "rb") as part:
                file.write(part.read())
    os.chmod(f"{folder}/{name}.pem", 0o600)
    return f"{folder}/{name}.pem"


EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-addext",
      "keyUsage=critical,keyAgreement")
RSA = ("-newkey", "rsa:2048", "-addext", "keyUsage=critical,keyEncipherment")


class Keys:
    def __init__(self, folder):
        os.mkdir(folder)
        self.folder = folder
        self.first = custodian(folder, "first", *EC)
        self.second = custodian(folder, "second", *RSA)
        self.stranger = custodian(folder, "stranger", *EC)
        self.recipients = f"{folder}/custodians.crt"
        with open(self.recipients, "wb") as file:
            for name in ("first", "second"):
                with open(f"{folder}/{name}.crt", "rb") as part:
                    file.write(part.read())


def backup(net, host, to, *more):
    return json.loads(net.command("backup", "--json", "-c", net.conf(host),
                                  "--to", to, *more).stdout)


def verify(net, host, folder, *more):
    result = net.command("backup", "verify", "--json", "-c", net.conf(host),
                         folder, *more, check=False)
    return result, result.stdout + result.stderr


def files_of(folder):
    return sorted(os.path.relpath(path, folder) for path in
                  glob.glob(f"{folder}/**/*", recursive=True)
                  if os.path.isfile(path))


def holds(folder, words):
    for name in files_of(folder):
        with open(f"{folder}/{name}", "rb") as file:
            if words in file.read():
                return name
    return None


def made(tap, net, keys):
    document = net.send(net.letter(["376470000A"], 1, {
        "a.txt": CANARY, "b.pdf": random.Random(3).randbytes(LARGE)}))["id"]
    net.wait_states(document, ["opened"])
    plain = backup(net, "gateway-2", f"{net.dir}/b-plain")
    tap.ok(not plain["encrypted"] and holds(f"{net.dir}/b-plain", CANARY),
           "control: a gateway's backup holds letters in clear")
    process = subprocess.Popen(
        [net.yizhan, "backup", "--json", "-c", net.conf("gateway-2"), "--to",
         f"{net.dir}/b-gateway-2", "--recipient", keys.recipients],
        stdout=subprocess.PIPE, text=True)
    told = json.loads(process.stdout.read())
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    tap.ok(process.returncode == 0 and told["encrypted"]
           and told["was_running"], "an encrypted one is made meanwhile", told)
    tap.ok(told["bytes"] > LARGE and usage.ru_maxrss < MEMORY_KIB,
           f"in less than {MEMORY_KIB} KiB for {told['bytes']} bytes",
           usage.ru_maxrss)
    folder = f"{net.dir}/b-gateway-2"
    tap.ok(not holds(folder, CANARY) and not holds(folder, b"SQLite format"),
           "nothing of it is in clear", files_of(folder))
    tap.ok(not glob.glob(f"{net.dir}/gateway-2/backup*.partial"),
           "and nothing is left beside the data")
    result = subprocess.run(["sha256sum", "-c", "manifest.sha256"], cwd=folder,
                            capture_output=True, check=False)
    tap.ok(result.returncode == 0, "sha256sum checks its list without a key")
    result = subprocess.run(
        ["openssl", "cms", "-decrypt", "-inform", "DER", "-in",
         f"{folder}/key-1.cms", "-inkey", f"{keys.folder}/first.key"],
        capture_output=True, check=False)
    tap.ok(result.stdout.startswith(b"yizhan-backup-key-1\n")
           and len(result.stdout) == 52,
           "openssl opens the key of the backup as well", result.stderr)


def locked(keys):
    """The first custodian's key with a passphrase, as docs/backup.md does it."""
    path = f"{keys.folder}/locked.pem"
    with open(f"{keys.folder}/words", "w") as file:
        file.write("correct horse battery\n")
    with open(path, "wb") as file:
        file.write(subprocess.run(
            ["openssl", "pkcs8", "-topk8", "-scrypt", "-in",
             f"{keys.folder}/first.key", "-passout",
             f"file:{keys.folder}/words"], check=True,
            capture_output=True).stdout)
        with open(f"{keys.folder}/first.crt", "rb") as part:
            file.write(part.read())
    os.chmod(path, 0o600)
    return path


def opened(tap, net, keys):
    folder = f"{net.dir}/b-gateway-2"
    result, said = verify(net, "gateway-2", folder)
    tap.ok(result.returncode == 77 and "E4601" in said,
           "without a key nothing can be said of it", said)
    result, said = verify(net, "gateway-2", folder, "--key", keys.stranger)
    tap.ok(result.returncode == 77 and "E4602" in said,
           "control: the key of somebody else does not open it", said)
    for key in (keys.first, keys.second):
        result, said = verify(net, "gateway-2", folder, "--key", key)
        tap.ok(result.returncode == 0 and json.loads(result.stdout)["good"],
               f"the drill proves it with {os.path.basename(key)}", said)
    result, said = verify(net, "gateway-2", folder, "--key", locked(keys),
                          "--passphrase-file", f"{keys.folder}/words")
    tap.ok(result.returncode == 0, "and with one that is locked", said)
    for host in ("center-a", "management"):
        backup(net, host, f"{net.dir}/b-{host}", "--recipient",
               keys.recipients)
        result, said = verify(net, host, f"{net.dir}/b-{host}", "--key",
                              keys.first)
        tap.ok(result.returncode == 0, f"and that of {host}", said)
    tap.ok(not glob.glob(f"{os.environ.get('TMPDIR', '/var/tmp')}"
                         "/yizhan-drill-*"), "the drill leaves nothing")


def changed(path, change):
    """The file as it was, after the change."""
    with open(path, "rb") as file:
        kept = file.read()
    change(path)
    return kept


def put_back(path, kept):
    with open(path, "wb") as file:
        file.write(kept)


def flip(path, chance):
    at, bit = chance.randrange(os.path.getsize(path)), 1 << chance.randrange(8)
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ bit]))


def is_found(net, keys, folder, name):
    """With the key for which it matters."""
    key = keys.second if name == "key-2.cms" else keys.first
    result, said = verify(net, "center-a", folder, "--key", key)
    wanted = (77, "E4602") if name.startswith("key-") else (65, "E5040")
    return result.returncode in (wanted[0], 66) and wanted[1] in said, said


def damage(tap, net, keys):
    folder = f"{net.dir}/b-center-a"
    names = files_of(folder)
    chance = random.Random(11)
    bad = []
    for number in range(max(FLIPS, len(names))):
        name = names[number % len(names)]
        kept = changed(f"{folder}/{name}", lambda path: flip(path, chance))
        good, said = is_found(net, keys, folder, name)
        put_back(f"{folder}/{name}", kept)
        if not good:
            bad.append((name, said))
    tap.ok(not bad, "a flipped bit of each file is found", bad)
    store = [name for name in names if name.endswith(".sealed")]
    for what, change in (
            ("cut in the middle", lambda path: os.truncate(
                path, os.path.getsize(path) // 2)),
            ("without its last segment", lambda path: os.truncate(
                path, (os.path.getsize(path) - 1) // 1048576 * 1048576)),
            ("with more behind it", lambda path: put_back(
                path, open(path, "rb").read() + b"x")),
            ("missing", os.unlink)):
        bad = []
        for name in store:
            kept = changed(f"{folder}/{name}", change)
            good, said = is_found(net, keys, folder, name)
            put_back(f"{folder}/{name}", kept)
            if not good:
                bad.append((name, said))
        tap.ok(not bad, f"each file {what} is found", bad)
    segments = [name for name in store if name.startswith("segments/")]
    others = f"{net.dir}/b-later"
    backup(net, "center-a", others, "--recipient", keys.recipients)
    for what, name, source in (
            ("another file of it", "rows.db.sealed",
             f"{folder}/{segments[0]}"),
            ("the same file of another backup", "rows.db.sealed",
             f"{others}/rows.db.sealed")):
        kept = changed(f"{folder}/{name}",
                       lambda path: shutil.copy(source, path))
        good, said = is_found(net, keys, folder, name)
        tap.ok(good, f"{what} in its place is found", said)
        put_back(f"{folder}/{name}", kept)
    put_back(f"{folder}/rows.db", b"x")
    good, said = is_found(net, keys, folder, "rows.db")
    tap.ok(good, "so is what does not belong there", said)
    os.unlink(f"{folder}/rows.db")
    result, said = verify(net, "center-a", folder, "--key", keys.first)
    tap.ok(result.returncode == 0, "as it was, it is whole", said)


def restored(tap, net, keys):
    folder = f"{net.dir}/b-gateway-2"
    before = net.inbox("gateway-2")
    net.stop("gateway-2")
    shutil.move(f"{net.dir}/gateway-2", f"{net.dir}/lost")
    for more in ([], ["--key", keys.stranger]):
        result = net.command("restore", "-c", net.conf("gateway-2"), folder,
                             *more, check=False)
        tap.ok(result.returncode == 77
               and not os.path.exists(f"{net.dir}/gateway-2"),
               f"not put in place {'with another key' if more else 'without'}",
               result.stderr)
    net.command("restore", "-c", net.conf("gateway-2"), folder, "--key",
                keys.second)
    shutil.copy(f"{net.dir}/lost/keeper.key", f"{net.dir}/gateway-2")
    net.start("gateway-2")
    net.wait_for(lambda: net.is_ready("gateway-2"), "gateway-2 is not ready")
    now = net.inbox("gateway-2")
    tap.ok(now == before and now, "with it the gateway has its letters again",
           now)


def refused(tap, net, keys):
    """A certificate that cannot receive, before anything is copied."""
    sign = custodian(os.path.dirname(keys.first), "signer", "-newkey", "ec",
                     "-pkeyopt", "ec_paramgen_curve:P-256", "-addext",
                     "keyUsage=critical,digitalSignature")
    result = net.command("backup", "-c", net.conf("center-a"), "--to",
                         f"{net.dir}/b-no", "--recipient", sign, check=False)
    tap.ok(result.returncode != 0 and "E3711" in result.stderr
           and not os.path.exists(f"{net.dir}/b-no"),
           "a certificate for signing is refused", result.stderr)


def test(tap):
    with Network("sealed", "[store]\nsegment_mb = 4\n", hosts=[
            "management", "center-a", "center-b", "gateway-1",
            "gateway-2"]) as net:
        keys = Keys(f"{net.dir}/custodians")
        for part in (made, opened, damage, restored, refused):
            part(tap, net, keys)


run(tap, test)
tap.done()
