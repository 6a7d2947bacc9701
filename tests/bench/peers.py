#!/usr/bin/python3
"""What a user would pick instead, under the same load: Postfix, RabbitMQ and
NATS JetStream of Debian, each a private instance on loopback with a client
certificate for every connection, in a folder that goes afterwards.

usage: peers.py [--quick] [postfix|rabbitmq|nats]..."""

import argparse
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LOAD = os.path.abspath(os.path.join(HERE, "../../build/tests/bench/load_peer"))
sys.path.insert(0, HERE)
import processes  # noqa: E402
from figures import percentile, show  # noqa: E402

SIZES = {"16k": 16384, "1m": 1048576}
LIMIT_S = 600


def note(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True,
                   timeout=60)


def certificates(folder):
    """ca.pem, server and client (.pem, .key), P-256 as Yizhan's."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
    openssl("req", "-x509", *key, "-keyout", f"{folder}/ca.key", "-out",
            f"{folder}/ca.pem", "-days", "2", "-subj", "/CN=bench ca")
    for name in ("server", "client"):
        openssl("req", *key, "-keyout", f"{folder}/{name}.key", "-out",
                f"{folder}/{name}.csr", "-subj", f"/CN={name}")
        write(f"{folder}/{name}.ext",
              "subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA",
                f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key",
                "-CAcreateserial", "-out", f"{folder}/{name}.pem", "-days",
                "2", "-extfile", f"{folder}/{name}.ext")
    # Read by servers that run as others; all of this is for an hour.
    for name in os.listdir(folder):
        os.chmod(f"{folder}/{name}", 0o644)


class Server:
    """One private instance; `with` starts and ends it."""

    name = ""
    protocol = ""
    has_not = ""      # what it does not do that Yizhan does
    said = ""         # how it was set up

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.children = []

    def start(self):
        raise NotImplementedError

    def spawn(self, command, **environment):
        with open(f"{self.folder}/{self.name}.log", "ab") as log:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd=self.folder,
                env={**os.environ, **environment})
        self.children.append(child)
        return child

    def is_listening(self):
        if self.children[-1].poll() is not None:
            raise RuntimeError(f"{self.name} ended:\n{self.log()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self):
        with open(f"{self.folder}/{self.name}.log", encoding="utf-8",
                  errors="replace") as file:
            return file.read()[-2000:]

    def __enter__(self):
        try:
            self.start()
            processes.wait_for(self.is_listening,
                               f"{self.name} does not listen", 90)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        # What left its session is still below it in the tree.
        below = [pid for child in self.children
                 for pid in processes.tree(child.pid)]
        for child in reversed(self.children):
            processes.end(child)
        for pid in below:
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        return False

    def cpu(self):
        """{name: seconds} of all that runs for it."""
        seconds = {}
        for child in self.children:
            for name, of in processes.cpu_by_name(child.pid).items():
                seconds[name] = seconds.get(name, 0.0) + of
        return seconds

    def after(self, options, started):
        """Wait until all is delivered; seconds since `started`, and spread of
        the delivery in ms, where the generator cannot tell."""
        return None

    def load(self, **options):
        words = [f"{key}={value}" for key, value in options.items()]
        process = subprocess.Popen(
            [LOAD, self.protocol, str(self.port), self.folder, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True)
        try:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(f"load_peer {words} did not begin:\n"
                                   f"{self.log()}")
            before = self.cpu()
            started = time.monotonic()
            process.stdin.write("\n")
            process.stdin.flush()
            text, _ = process.communicate(timeout=LIMIT_S)
            if process.returncode != 0:
                raise RuntimeError(f"load_peer {words} failed:\n{self.log()}")
            delivered = self.after(options, started)
            after = self.cpu()
        finally:
            processes.end(process)
        roles = {name: (after[name] - before.get(name, 0.0)) * 1e6 /
                 options["count"] for name in after}
        return json.loads(text), delivered, roles

    def show_cpu(self, work, size, roles, result):
        for role, us in sorted(roles.items()):
            if us >= 1 and len(roles) > 1:
                show(f"{self.name}.{work}.{size}.cpu.{role}", us, "us",
                     self.said)
        show(f"{self.name}.{work}.{size}.cpu", sum(roles.values()), "us",
             self.said)
        show(f"{self.name}.{work}.{size}.client_cpu",
             result["client_cpu_us"], "us", "the load generator itself")

    def show_spread(self, work, size, prefix, spread):
        for what, ms in zip(("p50", "p99"), spread):
            show(f"{self.name}.{work}.{size}.{prefix}{what}", ms, "ms",
                 self.said)

    def measure(self, size, count):
        """Accepting alone, then with consumers."""
        window = 4 if size == "16k" else 1
        for work, consumers in (("accept", 0), ("deliver", 4)):
            with self:
                result, _, roles = self.load(
                    count=count, bytes=SIZES[size], connections=16,
                    window=window, consumers=consumers)
            show(f"{self.name}.{work}.{size}.rate",
                 count / result["seconds"], "documents/s",
                 f"{self.said}; 16 connections, {window} at a time",
                 has_not=self.has_not)
            self.show_spread(work, size, "", (result["p50_ms"],
                                              result["p99_ms"]))
            if consumers:
                self.show_spread(work, size, "whole_",
                                 (result["cycle_p50_ms"],
                                  result["cycle_p99_ms"]))
            self.show_cpu(work, size, roles, result)
            self.children = []
            self.port = free_port()


class Postfix(Server):
    name = "postfix"
    protocol = "smtp"
    said = "Postfix 3.7, TLS 1.3 with client certificates, syncs queue file " \
           "and mailbox file, delivers to Maildir"
    has_not = "no check of a signature, no admission by directory, no " \
              "receipt of acceptance, delivery or opening, no log that " \
              "proves, no repeat detection"

    def start(self):
        if os.geteuid() != 0:
            raise RuntimeError("Postfix's master wants root")
        user = pwd.getpwnam("postfix")
        home = f"{self.folder}/postfix-{self.port}"
        for name in ("etc", "queue", "data", "mail"):
            os.makedirs(f"{home}/{name}")
        os.chown(f"{home}/data", user.pw_uid, user.pw_gid)
        os.chown(f"{home}/mail", user.pw_uid, user.pw_gid)
        self.mail = f"{home}/mail"
        log = f"{self.folder}/{self.name}.log"
        write(f"{home}/etc/main.cf", f"""compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {log}
maillog_file_prefixes = {self.folder}
mail_owner = postfix
myhostname = server.bench.test
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = bench.test
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{ r0@bench.test=r0/, r1@bench.test=r1/, \
r2@bench.test=r2/, r3@bench.test=r3/ }}
virtual_uid_maps = static:{user.pw_uid}
virtual_gid_maps = static:{user.pw_gid}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
mailbox_size_limit = 0
message_size_limit = 0
smtpd_tls_wrappermode = yes
smtpd_tls_security_level = encrypt
smtpd_tls_req_ccert = yes
smtpd_tls_mandatory_protocols = >=TLSv1.3
smtpd_tls_CAfile = {self.folder}/ca.pem
smtpd_tls_cert_file = {self.folder}/server.pem
smtpd_tls_key_file = {self.folder}/server.key
smtpd_relay_restrictions = permit_auth_destination, reject
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
in_flow_delay = 0
virtual_destination_concurrency_limit = 20
""")
        services = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
        write(f"{home}/etc/master.cf",
              f"127.0.0.1:{self.port} inet n - n - 100 smtpd\n{services}")
        self.port_home = home
        # As post-install makes them, which wants the whole of main.cf.
        for name in ("active", "bounce", "corrupt", "defer", "deferred",
                     "flush", "hold", "incoming", "private", "saved",
                     "trace", "maildrop", "public", "pid"):
            os.makedirs(f"{home}/queue/{name}")
            if name != "pid":
                os.chown(f"{home}/queue/{name}", user.pw_uid, user.pw_gid)
        self.spawn(["/usr/lib/postfix/sbin/master", "-c", f"{home}/etc",
                    "-s"], MAIL_CONFIG=f"{home}/etc")

    def letters(self):
        for name in ("r0", "r1", "r2", "r3"):
            folder = f"{self.mail}/{name}/new"
            if os.path.isdir(folder):
                yield from os.scandir(folder)

    def after(self, options, started):
        processes.wait_for(
            lambda: sum(1 for _ in self.letters()) >= options["count"],
            "Postfix has not delivered", 300, 0.1)
        seconds = time.monotonic() - started
        offset = time.time() - time.monotonic()
        took = []
        for entry in list(self.letters())[:2000]:
            with open(entry.path, "rb") as file:
                head = file.read(2048)
            sent = int(head.partition(b"X-Sent: ")[2].split()[0])
            took.append((entry.stat().st_ctime - offset) * 1000 - sent / 1000)
        return seconds, (percentile(took, 50), percentile(took, 99))

    def measure(self, size, count):
        """One run: it cannot be kept from delivering what it accepted."""
        with self:
            result, delivered, roles = self.load(
                count=count, bytes=SIZES[size], connections=64, window=1)
        show(f"{self.name}.accept.{size}.rate", count / result["seconds"],
             "documents/s", f"{self.said}; 64 connections; delivery falls "
             "behind meanwhile", has_not=self.has_not)
        self.show_spread("accept", size, "", (result["p50_ms"],
                                              result["p99_ms"]))
        show(f"{self.name}.deliver.{size}.rate", count / delivered[0],
             "documents/s", f"{self.said}; 64 connections; until in the "
             "mailbox", has_not=self.has_not)
        self.show_spread("deliver", size, "whole_", delivered[1])
        self.show_cpu("deliver", size, roles, result)
        shutil.rmtree(self.port_home)
        self.children = []
        self.port = free_port()


class Rabbit(Server):
    name = "rabbitmq"
    protocol = "amqp"
    said = "RabbitMQ 3.10, 4 quorum queues on one node, TLS 1.3 with client " \
           "certificates, confirms after its sync"
    has_not = "no check of a signature, no admission by directory, no " \
              "receipt that proves anything to others, no log, no repeat " \
              "detection"

    def start(self):
        home = f"{self.folder}/rabbitmq-{self.port}"
        os.makedirs(home)
        epmd, distribution = free_port(), free_port()
        write(f"{home}/rabbitmq.conf", f"""listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:{self.port}
ssl_options.cacertfile = {self.folder}/ca.pem
ssl_options.certfile = {self.folder}/server.pem
ssl_options.keyfile = {self.folder}/server.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
ssl_options.versions.1 = tlsv1.3
disk_free_limit.absolute = 50MB
log.file.level = error
""")
        write(f"{home}/enabled_plugins", "[].\n")
        environment = {
            "HOME": home, "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "bench@localhost",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": f"{home}/mnesia",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/enabled_plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{home}/none",
            "RABBITMQ_PID_FILE": f"{home}/pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-kernel inet_dist_use_interface {127,0,0,1}"}
        # Ours, so that none is left behind.
        self.spawn(["epmd", "-port", str(epmd), "-address", "127.0.0.1"])
        time.sleep(0.3)
        self.spawn(["/usr/lib/rabbitmq/bin/rabbitmq-server"], **environment)


class Nats(Server):
    name = "nats"
    protocol = "nats"
    said = "NATS JetStream 2.9, file store, TLS 1.3 with client " \
           "certificates, acknowledges before it syncs (2.9 has no " \
           "sync_interval; it syncs every 2 minutes)"
    has_not = "no sync before it acknowledges: a power cut loses what was " \
              "acknowledged; no check of a signature, no admission by " \
              "directory, no receipt that proves anything to others, no log"

    def start(self):
        home = f"{self.folder}/nats-{self.port}"
        os.makedirs(home)
        write(f"{home}/nats.conf", f"""listen: "127.0.0.1:{self.port}"
max_payload: 8388608
jetstream {{ store_dir: "{home}/store", max_mem: 64MB, max_file: 64GB }}
tls {{
  cert_file: "{self.folder}/server.pem"
  key_file: "{self.folder}/server.key"
  ca_file: "{self.folder}/ca.pem"
  verify: true
}}
""")
        self.spawn(["nats-server", "-c", f"{home}/nats.conf"])


KINDS = {kind.name: kind for kind in (Postfix, Rabbit, Nats)}
COUNTS = {"postfix": {"16k": 5000, "1m": 300},
          "rabbitmq": {"16k": 20000, "1m": 600},
          "nats": {"16k": 20000, "1m": 600}}


def main():
    processes.end_on_signal()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--tiny", action="store_true",
                        help="to try the program itself")
    parser.add_argument("peers", nargs="*", choices=[[], *KINDS])
    options = parser.parse_args()
    failed = 0
    for name in options.peers or KINDS:
        folder = tempfile.mkdtemp(prefix="yizhan-bench-", dir="/var/tmp")
        os.chmod(folder, 0o755)
        try:
            certificates(folder)
            server = KINDS[name](folder)
            for size in SIZES:
                count = COUNTS[name][size]
                count = count // 100 if options.tiny else \
                    count // 6 if options.quick else count
                note(f"peer: {name} {size}")
                server.measure(size, max(count, 16))
        except (OSError, RuntimeError, subprocess.SubprocessError) as why:
            note(f"{name} was not measured: {why}")
            failed += 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
