"""A real network of hosts on loopback for the scenarios: laid out by `yizhan
demo --setup`, started host by host, and asked through the command line.
Prints TAP.  Everything ends with the `with` block, also after a failure."""

import contextlib
import fcntl
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import traceback

HOSTS = ["management", "center-a", "center-b",
         "gateway-1", "gateway-2", "gateway-3"]
GATEWAYS = {"gateway-1": "376490000A", "gateway-2": "376470000A",
            "gateway-3": "376530000A"}
NAMES = {"376490000A": "雲林縣政府", "376470000A": "彰化縣政府",
         "376530000A": "屏東縣政府"}


# What comes does not take that long; a machine with much else to do may be slow.
PATIENCE_S = 90.0
# Where being prompt is what is promised: quicker than any poll (30 s), and slow
# enough for such a machine.
PROMPT_S = 25.0


class Tap:
    """Counts checks and prints them; exit status at the end."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, good, name, detail=""):
        self.count += 1
        if not good:
            self.failed += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}",
              flush=True)
        if not good and detail:
            for line in str(detail).splitlines()[:40]:
                print("# " + line, flush=True)
        return good

    def note(self, text):
        print("# " + text, flush=True)

    def done(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


def run(tap, test):
    """Run one scenario function; an exception is a failed check."""
    try:
        test(tap)
    except Exception:
        tap.ok(False, test.__name__, traceback.format_exc())


def seal_rows(path):
    """Give each page of a database its digest again (src/store/rows_vfs.h),
    after SQLite without that layer has written it and is gone."""
    # It speaks of a log that nobody else has written to.
    if os.path.exists(path + "-mark"):
        os.unlink(path + "-mark")
    if os.path.exists(path + "-wal"):
        return
    with open(path, "r+b") as file:
        number = 0
        while page := file.read(4096):
            number += 1
            digest = hashlib.sha256(number.to_bytes(4, "big") + page[:4080])
            file.seek(number * 4096 - 16)
            file.write(digest.digest()[:16])


@contextlib.contextmanager
def rows_of(path):
    """A database of a host, running or not, as an intruder would change it."""
    rows = sqlite3.connect(path, timeout=PATIENCE_S)
    rows.execute("PRAGMA wal_autocheckpoint = 0")
    try:
        with rows:
            yield rows
    finally:
        rows.close()
        seal_rows(path)


class Refused(Exception):
    """A command failed; `code` is its catalogue id, `status` its exit."""

    def __init__(self, args, result):
        super().__init__(f"{args}: exit {result.returncode}: "
                         f"{result.stderr.strip()}")
        self.status = result.returncode
        found = re.search(r"E\d{4}", result.stderr + result.stdout)
        self.code = found.group(0) if found else ""
        self.output = result.stdout


class Network:
    """`extra` is INI text for every host, or {host: text}."""

    def __init__(self, name="network", extra="", hosts=HOSTS):
        self.yizhan = os.environ["YIZHAN"]
        self.dir = os.path.join(os.environ["SCENARIO_DIR"], name)
        self.extra = extra
        self.hosts = list(hosts)
        self.processes = {}

    def __enter__(self):
        try:
            self.bring_up()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def lay_out(self):
        """Making RSA keys would be most of the work of a short scenario, so
        all networks of a build have those of the first."""
        keys = os.path.join(os.path.dirname(self.yizhan), "demo-keys")
        with open(f"{keys}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.isdir(keys):
                shutil.rmtree(f"{keys}.new", ignore_errors=True)
                self.command("demo", "--setup", f"{keys}.new")
                os.rename(f"{keys}.new", keys)
        self.command("demo", "--setup", self.dir, "--keys", keys)

    def bring_up(self):
        self.lay_out()
        self.prepare()
        for host in HOSTS:
            extra = self.extra if isinstance(self.extra, str) \
                else self.extra.get(host, "")
            if extra:
                os.makedirs(f"{self.dir}/{host}.conf.d", exist_ok=True)
                with open(f"{self.dir}/{host}.conf.d/test.conf", "w") as file:
                    file.write(extra)
        for host in self.hosts:
            self.start(host, wait=False)
        for host in self.hosts:
            self.wait_ready(host)
        if "management" in self.hosts:
            self.publish()
            for host in self.hosts:
                self.wait_for(lambda: self.is_ready(host),
                              f"{host} has no directory")

    def prepare(self):
        """What a scenario changes before the first host starts."""

    def __exit__(self, kind, value, trace):
        for host in list(self.processes):
            self.stop(host)
        return False

    # -- processes ---------------------------------------------------------

    def conf(self, host):
        return f"{self.dir}/{host}.conf"

    def settings(self, host):
        """{"section.key": value} of a host, as it sees its configuration."""
        text = self.command("config", "show", "--effective", "-c",
                            self.conf(host)).stdout
        found, section = {}, ""
        for line in text.splitlines():
            line = line.split(";")[0].split("#")[0].strip()
            if line.startswith("["):
                section = line.strip("[]")
            elif "=" in line:
                key, _, word = line.partition("=")
                found[f"{section}.{key.strip()}".lstrip(".")] = word.strip()
        return found

    def door(self, host):
        """Address and port where a host listens for others."""
        found = self.settings(host)
        return found["host.address"], int(found["listen.hosts_port"])

    @property
    def root(self):
        """The fingerprint of the root, as a gateway has been told it."""
        with open(self.conf("gateway-1"), encoding="utf-8") as file:
            return [line.split("=")[1].strip() for line in file
                    if line.startswith("fingerprint")][0]

    def start(self, host, wait=True):
        read_fd, write_fd = os.pipe()
        log = open(f"{self.dir}/{host}.log", "ab")
        self.processes[host] = subprocess.Popen(
            [self.yizhan, "serve", "-c", self.conf(host),
             "--ready-fd", str(write_fd)],
            stdin=subprocess.DEVNULL, stderr=log, stdout=log,
            pass_fds=[write_fd], start_new_session=True)
        log.close()
        os.close(write_fd)
        self.processes[host].ready_fd = read_fd
        if wait:
            self.wait_ready(host)

    def wait_ready(self, host):
        process = self.processes[host]
        word = os.read(process.ready_fd, 16)
        os.close(process.ready_fd)
        if not word:
            raise RuntimeError(f"{host} did not start:\n{self.log(host)}")

    def stop(self, host):
        process = self.processes.pop(host)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.kill_group(process)
        self.kill_group(process)

    @staticmethod
    def kill_group(process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def kill(self, host):
        """SIGKILL to the whole host, as a power cut of its processes."""
        roles = self.roles(host).values()
        self.kill_group(self.processes.pop(host))
        # Its ports are free when the last of them is gone.
        self.wait_for(lambda: not any(self.is_alive(pid) for pid in roles),
                      f"{host} does not die")

    @staticmethod
    def is_alive(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def roles(self, host):
        """{role: pid} of a running host."""
        parent = self.processes[host].pid
        found = {}
        try:
            children = open(
                f"/proc/{parent}/task/{parent}/children").read().split()
        except OSError:
            return found
        for pid in children:
            try:
                words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
            except OSError:
                continue
            if len(words) > 2 and words[1] == b"role":
                found[words[2].decode()] = int(pid)
        return found

    def kill_role(self, host, role):
        pid = self.roles(host).get(role)
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def log(self, host, lines=15):
        """The last lines of its log; 0: all."""
        with open(f"{self.dir}/{host}.log", encoding="utf-8",
                  errors="replace") as file:
            return "".join(file.readlines()[-lines:])

    def lines(self, host):
        """How many its log has."""
        return len(self.log(host, 0).splitlines())

    def has_logged(self, host, *words, since=0):
        """A line with all of them, after so many lines."""
        return any(all(word in line for word in words)
                   for line in self.log(host, 0).splitlines()[since:])

    def wait_logged(self, host, *words, since=0):
        self.wait_for(lambda: self.has_logged(host, *words, since=since),
                      f"{host} has not logged {words}")

    def files_with(self, host, *texts):
        """The files of its data that have one of these bytes in them."""
        found = []
        for folder, _, names in os.walk(f"{self.dir}/{host}"):
            for path in [f"{folder}/{name}" for name in names]:
                try:
                    if os.path.isfile(path):
                        with open(path, "rb") as file:
                            data = file.read()
                        if any(text in data for text in texts):
                            found.append(path)
                except FileNotFoundError:
                    pass  # the host has removed it meanwhile
        return found

    # -- asking ------------------------------------------------------------

    def command(self, *args, check=True, timeout=PATIENCE_S):
        environment = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8")
        environment.pop("YIZHAN_CONFIG", None)
        for key in [key for key in environment
                    if key.startswith("YIZHAN")]:
            environment.pop(key)
        result = subprocess.run([self.yizhan, *args], capture_output=True,
                                text=True, timeout=timeout, env=environment,
                                stdin=subprocess.DEVNULL, check=False)
        if check and result.returncode != 0:
            raise Refused(args, result)
        return result

    def json(self, host, *args, **options):
        result = self.command(*args, "--json", "-c", self.conf(host),
                              **options)
        return json.loads(result.stdout)

    def publish(self, files=None):
        folder = f"{self.dir}/bulletins"
        if files is None:
            files = [f"{folder}/{name}"
                     for name in sorted(os.listdir(folder))]
        return self.command("trust", "publish", "-c",
                            self.conf("management"), *files)

    def sign(self, draft, officers=("officer-1", "officer-2")):
        """Have officers of the demo sign a draft; the path of the bulletin."""
        shown = json.loads(self.command("trust", "show", draft,
                                        "--json").stdout)
        signatures = []
        for officer in officers:
            signatures.append(f"{draft}.{officer}")
            self.command("trust", "sign", draft, "--key",
                         f"{self.dir}/officers/{officer}.pem", "--confirm",
                         shown["sha256"][:16], "--to", signatures[-1])
        signed = re.sub(r"\.draft$", "", draft) + ".signed"
        self.command("trust", "combine", draft, *signatures, "--to", signed)
        return signed

    def is_ready(self, host):
        """Its directory is known."""
        result = self.command("doctor", "-c", self.conf(host), "--json",
                              check=False)
        return bool(re.search(r'"ready":\s*true', result.stdout))

    @staticmethod
    def wait_for(condition, what, timeout=PATIENCE_S):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.02)
        raise RuntimeError(f"{what} after {timeout:g} s")

    @staticmethod
    def wait_none(missing, what, patience=PATIENCE_S):
        """Until `missing` tells of nothing any more.  Patience begins anew
        whenever it tells of less: much takes long on a slow machine."""
        least, end = None, 0.0
        while left := missing():
            if least is None or len(left) < least:
                least, end = len(left), time.monotonic() + patience
            if time.monotonic() > end:
                raise RuntimeError(f"{what}: {least} left, and no fewer in "
                                   f"{patience:g} s")
            time.sleep(0.1)

    # -- letters -----------------------------------------------------------

    def letter(self, recipients, serial, attachments=None, sender="376490000A",
               secrecy="", folder=None, name=None, speed="普通件",
               stem="letter"):
        """Write the files of a letter; returns their paths.  `recipients` is
        a list of codes, or of (code, with attachments)."""
        folder = folder or f"{self.dir}/letters/{serial}"
        os.makedirs(folder, exist_ok=True)
        attachments = attachments or {}
        recipients = [item if isinstance(item, tuple) else (item, True)
                      for item in recipients]
        name = name or NAMES
        entities = "".join(
            f'<!ENTITY ATTCH{number} SYSTEM "{file}" NDATA _X>\n'
            for number, file in enumerate(attachments, 1))
        names = " ".join(f"ATTCH{number}"
                         for number in range(1, len(attachments) + 1))
        attached = (f'<附件><文字>如文</文字><附件檔名 附件名="{names}"/></附件>'
                    if attachments else "")
        mark = (f'<密等及解密條件或保密期限><密等 代碼="{secrecy}"/>'
                "<解密條件或保密期限>x</解密條件或保密期限>"
                "</密等及解密條件或保密期限>") if secrecy else ""
        full = "".join(f"<全銜>{name[code]}</全銜>" for code, _ in recipients)
        di = (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<!DOCTYPE 函 SYSTEM "104_2_utf8.dtd" [\n' + entities +
            f'<!ENTITY 表單 SYSTEM "{stem}.sw" NDATA DI>\n'
            '<!NOTATION DI SYSTEM "">\n<!NOTATION _X SYSTEM "">\n]>\n<函>'
            f"<發文機關><全銜>{name[sender]}</全銜>"
            f"<機關代碼>{sender}</機關代碼></發文機關>"
            '<函類別 代碼="函"/><地址>示範路1號</地址><聯絡方式>承辦人：王○○</聯絡方式>'
            '<受文者><交換表 交換表單="表單">如正副本行文單位</交換表></受文者>'
            "<發文日期><年月日>中華民國115年11月20日</年月日></發文日期>"
            "<發文字號><字>府計管一字</字><文號><年度>115</年度>"
            f"<流水號>{serial:07d}</流水號></文號></發文字號>"
            f'<速別 代碼="{speed}"/>{mark}{attached}'
            f"<主旨><文字>第{serial}號測試公文，請查照。</文字></主旨>"
            f"<正本>{full}</正本><署名>縣長　○○○</署名></函>\n")
        sw = ('<?xml version="1.0" encoding="utf-8"?>\n'
              '<!DOCTYPE 交換表單 SYSTEM "104_roster_utf8.dtd">\n<交換表單>' +
              "".join(self.roster_name(code, name[code]) +
                      f"<含附件>{'含附件' if with_them else '不含附件'}</含附件>"
                      '<本別><收發處理本別 代碼="正本"/></本別>'
                      for code, with_them in recipients) + "</交換表單>\n")
        paths = []
        for file, data in [(f"{stem}.di", di.encode()),
                           (f"{stem}.sw", sw.encode()),
                           *attachments.items()]:
            path = f"{folder}/{file}"
            with open(path, "wb") as out:
                out.write(data)
            paths.append(path)
        return paths

    @staticmethod
    def roster_name(code, name):
        """A unit's code is its organisation's 10 characters and 7 more."""
        if len(code) == 10:
            return f"<全銜>{name}</全銜><機關代碼>{code}</機關代碼>"
        return (f"<單位名>{name}</單位名><機關代碼>{code[:10]}</機關代碼>"
                f"<單位代碼>{code[10:]}</單位代碼>")

    def send(self, paths, host="gateway-1", **options):
        return self.json(host, "doc", "send", *paths, **options)

    def outbox(self, document, host="gateway-1"):
        return self.json(host, "doc", "show", document)

    def inbox(self, host):
        return self.json(host, "doc", "list", "--in")["documents"]

    def wait_receipts(self, host):
        """Until it has the receipt of what became of each letter that came:
        the sender may hear of it before."""
        self.wait_none(lambda: [
            item["waybill_id"] for item in self.inbox(host) if item["state"]
            not in {event["event"] for event in item["events"]}],
            f"{host} has no receipts")

    def states(self, document, host="gateway-1"):
        return {item["recipient"]: item["state"]
                for item in self.outbox(document, host)["deliveries"]}

    def wait_states(self, document, wanted, timeout=PATIENCE_S, host="gateway-1"):
        self.wait_for(lambda: set(self.states(document, host).values())
                      <= set(wanted), f"{document} is not {wanted}", timeout)

    def send_in_time(self, code, serials, event):
        """A letter of little lifetime to which this has happened; on a slow
        machine the time of the first ones may be over before."""
        def happened(document):
            delivery = self.outbox(document)["deliveries"][0]
            return {item["event"] for item in delivery["events"]} | {
                delivery["state"]}

        for serial in serials:
            document = self.send(self.letter([code], serial))["id"]
            self.wait_for(lambda: happened(document) & {event, "expired"},
                          f"{document} is not {event}")
            if event in happened(document):
                return document
        raise RuntimeError(f"each was over before it was {event}")


def pdf(size=0, seed=0):
    """A PDF-looking attachment of about `size` bytes."""
    head = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\n"
    filler = random.Random(seed).randbytes(size)
    return head + filler + b"\ntrailer << >>\n%%EOF\n"
