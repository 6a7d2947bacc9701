#!/usr/bin/python3
"""Goal: a host that is told to start anew (SIGHUP: new configuration, new
program) refuses nobody meanwhile: whoever connects waits, whoever asks is
answered, and every letter that is on its way arrives once.  Ending and starting
it instead does refuse, which shows that the count counts.  limit: 300"""

import errno
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from network import NAMES, PATIENCE_S, Network, Tap, run

tap = Tap()

ROUNDS = int(os.environ.get("RENEWALS", "2"))
A, B, C = NAMES
RENEWED = ["center-a", "gateway-1", "center-b", "gateway-3"]


class Caller(threading.Thread):
    """Connects to a host, again and again."""

    def __init__(self, where):
        super().__init__(daemon=True)
        self.where = where
        self.connected = self.refused = 0
        self.failures = []
        self.is_over = False

    def run(self):
        while not self.is_over:
            family = socket.AF_UNIX if isinstance(self.where, str) \
                else socket.AF_INET
            with socket.socket(family) as connection:
                connection.settimeout(PATIENCE_S)
                try:
                    connection.connect(self.where)
                    self.connected += 1
                except OSError as failure:
                    if failure.errno in (errno.ECONNREFUSED, errno.ENOENT):
                        self.refused += 1
                    elif failure.errno != errno.EAGAIN:
                        self.failures.append(repr(failure))
                    # Else too many wait already, in line.
            time.sleep(0.002)

    def end(self):
        self.is_over = True
        self.join(2 * PATIENCE_S)
        if self.failures:
            raise RuntimeError(f"{self.where}: {self.failures[:5]}")
        return self.connected, self.refused


def where(net, host):
    """Where a host listens: a path, or address and port."""
    if host.startswith("gateway"):
        return net.settings(host)["listen.control"]
    return net.door(host)


def ready_count(net, host):
    with open(f"{net.dir}/{host}.log", encoding="utf-8",
              errors="replace") as file:
        return file.read().count("host.ready")


def renew(net, host):
    before = ready_count(net, host)
    os.kill(net.processes[host].pid, signal.SIGHUP)
    net.wait_for(lambda: ready_count(net, host) > before,
                 f"{host} is not back")


class Asker(threading.Thread):
    """A document system that sends letters and reads lists, all the time."""

    def __init__(self, net, first):
        super().__init__(daemon=True)
        self.net = net
        self.serial = first
        self.documents = []
        self.failures = []
        self.is_over = False

    def run(self):
        while not self.is_over:
            self.serial += 1
            paths = self.net.letter([B, C], self.serial)
            try:
                self.documents.append(self.net.send(paths)["id"])
                self.net.inbox("gateway-2")
            except Exception as failure:
                self.failures.append(str(failure))
            time.sleep(0.05)

    def end(self):
        self.is_over = True
        self.join(3 * PATIENCE_S)


def arrived_once(net, documents):
    """What each recipient has of these letters, by the subject's number."""
    counts = {}
    for host in ("gateway-2", "gateway-3"):
        cursor = ""
        while True:
            page = net.json(host, "doc", "list", "--in", "--limit", "200",
                            *(["--cursor", cursor] if cursor else []))
            for item in page["documents"]:
                key = host, item["document_id"]
                counts[key] = counts.get(key, 0) + 1
            cursor = page.get("next", "")
            if not cursor or not page["documents"]:
                break
    return (len(counts) == 2 * len(documents) and
            set(counts.values()) == {1}), counts


def renewals(tap):
    with Network("renewal") as net:
        callers = {host: Caller(where(net, host)) for host in RENEWED}
        asker = Asker(net, 1000)
        for thread in [*callers.values(), asker]:
            thread.start()
        pids = {host: net.processes[host].pid for host in RENEWED}
        for _ in range(ROUNDS):
            for host in RENEWED:
                renew(net, host)
        tap.ok(all(net.processes[host].poll() is None
                   and net.processes[host].pid == pids[host]
                   for host in RENEWED), "the process is the same one")
        asker.end()
        found = {host: caller.end() for host, caller in callers.items()}
        tap.ok(all(connected > 0 and refused == 0
                   for connected, refused in found.values()),
               f"{ROUNDS} renewals of {len(RENEWED)} hosts refuse nobody",
               found)
        tap.note(f"connected, refused: {found}")
        tap.ok(not asker.failures and len(asker.documents) > 0,
               "every request of document systems is answered",
               "\n".join(asker.failures))
        for document in asker.documents:
            net.wait_states(document, {"opened"})
        good, counts = arrived_once(net, asker.documents)
        tap.ok(good, f"{len(asker.documents)} letters arrive once at both "
               "recipients", counts)
        new_program(tap, net)
        bad_configuration(tap, net)
        killed_role(tap, net)
        ended_instead(tap, net)
        activated(tap, net)


def new_program(tap, net):
    """The program is replaced as a package does it: by another file."""
    program = os.path.join(net.dir, "bin")
    os.makedirs(program)
    for name in ("yizhan", "yizhan-printer"):
        shutil.copy2(os.path.join(os.path.dirname(net.yizhan), name), program)
    net.stop("gateway-2")
    real, net.yizhan = net.yizhan, f"{program}/yizhan"
    net.start("gateway-2")
    net.yizhan = real
    pid = net.processes["gateway-2"].pid
    old = os.stat(f"/proc/{pid}/exe").st_ino
    shutil.copy2(f"{program}/yizhan", f"{program}/new")
    os.rename(f"{program}/new", f"{program}/yizhan")
    with open(drop_in(net, "gateway-2"), "w", encoding="utf-8") as file:
        file.write("[log]\nformat = journal\n")
    renew(net, "gateway-2")
    tap.ok(os.stat(f"/proc/{pid}/exe").st_ino ==
           os.stat(f"{program}/yizhan").st_ino != old,
           "the program that lies there now goes on")
    tap.ok(net.log("gateway-2", 1).startswith("<"),
           "with the configuration that lies there now",
           net.log("gateway-2", 3))


def drop_in(net, host):
    os.makedirs(f"{net.dir}/{host}.conf.d", exist_ok=True)
    return f"{net.dir}/{host}.conf.d/changed.conf"


def bad_configuration(tap, net):
    roles = net.roles("center-a")
    path = drop_in(net, "center-a")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[host]\nkind = nonsense\n")
    os.kill(net.processes["center-a"].pid, signal.SIGHUP)
    net.wait_logged("center-a", "host.renewal_refused")
    tap.ok(net.roles("center-a") == roles,
           "a configuration that cannot be read changes nothing")
    os.unlink(path)


def activated(tap, net):
    """Whoever starts a host may have opened its socket before, as systemd
    does: then even the first call waits."""
    net.stop("gateway-2")
    path = where(net, "gateway-2")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)
        sock.listen(16)
        asked = subprocess.Popen(
            [net.yizhan, "doc", "list", "--in", "--json", "-c",
             net.conf("gateway-2")], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
        with open(f"{net.dir}/gateway-2.log", "ab") as log:
            net.processes["gateway-2"] = subprocess.Popen(
                ["sh", "-c", f'exec 3<&{sock.fileno()}; LISTEN_PID=$$ '
                 'LISTEN_FDS=1 exec "$@"', "sh", net.yizhan, "serve", "-c",
                 net.conf("gateway-2")], stdin=subprocess.DEVNULL,
                stderr=log, stdout=log, pass_fds=[sock.fileno()],
                start_new_session=True)
        answer = asked.communicate(timeout=PATIENCE_S)[0]
    tap.ok(asked.returncode == 0 and "documents" in answer,
           "a socket that was open before is served", answer)
    net.stop("gateway-2")
    tap.ok(os.path.exists(path), "and stays its owner's")


def killed_role(tap, net):
    """Unexpected ends, too, leave the sockets open."""
    caller = Caller(where(net, "center-a"))
    caller.start()
    for _ in range(3):
        before = ready_count(net, "center-a")
        net.wait_for(lambda: net.kill_role("center-a", "listener"),
                     "center-a has no listener")
        net.wait_for(lambda: ready_count(net, "center-a") > before,
                     "center-a is not back")
    connected, refused = caller.end()
    tap.ok(connected > 0 and refused == 0,
           "nobody is refused when roles are killed", (connected, refused))


def ended_instead(tap, net):
    """The negative control."""
    caller = Caller(where(net, "center-a"))
    caller.start()
    net.stop("center-a")
    net.wait_for(lambda: caller.refused > 0 or not caller.is_alive(),
                 "nobody calls")
    net.start("center-a")
    connected, refused = caller.end()
    tap.ok(refused > 0, "ending a host and starting it does refuse",
           (connected, refused))


run(tap, renewals)
tap.done()
