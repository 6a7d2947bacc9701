#!/usr/bin/python3
"""Goal: the units of systemd start what is there: each program and option of
ExecStart exists, systemd finds nothing wrong, and what they demand of a host it
does: it says when it is ready and when it ends, goes on as the version to which
the link of the folder of releases leads, forward and back, and refuses nobody
meanwhile (R5.3.2).  limit: 120"""

import glob
import os
import re
import shutil
import signal
import socket
import subprocess

from by_hand import local, source_of
from network import Tap, run

tap = Tap()
base = source_of("118-releases.py")
GATEWAY = base.GATEWAY
PROGRAM = "/opt/yizhan/current/bin/yizhan"


def units():
    return sorted(glob.glob(f"{base.ROOT}/etc/systemd/*.service"))


def words_of(unit, key):
    """The values of a key, as lists of words."""
    with open(unit, encoding="utf-8") as file:
        return [line.split("=", 1)[1].split() for line in file
                if line.startswith(f"{key}=")]


def help_of(net, words):
    """Of the longest command that the words name."""
    said = subprocess.run([net.yizhan, words[0], "--help"], check=False,
                          capture_output=True, text=True,
                          env={**os.environ, "LANG": "C.UTF-8"})
    return said.returncode, said.stdout


def written(net):
    """What stands in them is there."""
    for unit in units():
        name = os.path.basename(unit)
        (program, *words), = words_of(unit, "ExecStart")
        code, said = help_of(net, words)
        missing = [word for word in words if word.startswith("-") and
                   not re.search(rf"(?<![\w-]){re.escape(word)}\b", said)]
        tap.ok(program in (PROGRAM, "/usr/bin/yizhan") and code == 0 and
               not missing, f"{name} names a command and options that exist",
               f"{program} {missing} {said}")
        with open(unit, encoding="utf-8") as file:
            text = file.read()
        tap.ok(all(f"{key}\n" in text for key in
                   ("NoNewPrivileges=yes", "ProtectSystem=strict",
                    "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes",
                    "Restart=always")), f"{name} is confined and comes again")
    unit = f"{base.ROOT}/etc/systemd/yizhan@.service"
    stop, = words_of(unit, "TimeoutStopSec")
    tap.ok(words_of(unit, "Type") == [["notify"]] and
           words_of(unit, "KillMode") == [["mixed"]] and int(stop[0]) > 12,
           "a host is waited for, and has time to finish what runs")


def verified(net):
    """As systemd reads them; its programs are here, under another path."""
    analyze = shutil.which("systemd-analyze")
    folder = f"{net.dir}/units"
    os.makedirs(folder)

    def verify(change=lambda text: text):
        names = []
        for unit in units():
            with open(unit, encoding="utf-8") as file:
                text = re.sub(r"^ExecStart=\S+", f"ExecStart={net.yizhan}",
                              file.read(), flags=re.MULTILINE)
            names.append(f"{folder}/{os.path.basename(unit)}"
                         .replace("@.", "@a."))
            with open(f"{folder}/{os.path.basename(unit)}", "w",
                      encoding="utf-8") as file:
                file.write(change(text))
        done = subprocess.run([analyze, "verify", "--man=no", *names],
                              check=False, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    tap.ok(verify() == (0, ""), "systemd finds nothing wrong", verify())
    code, said = verify(lambda text: text.replace("NoNewPrivileges",
                                                  "NoNewPrivilege"))
    tap.ok("NoNewPrivilege" in said, "and it would say so", f"{code} {said}")


class Service:
    """What systemd does with a unit of Type=notify."""

    def __init__(self, net):
        self.net = net
        self.path = f"{net.dir}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(90)
        net.yizhan = f"{net.dir}/{GATEWAY}.opt/current/bin/yizhan"
        os.environ["NOTIFY_SOCKET"] = self.path

    def heard(self):
        return self.socket.recv(200).decode()

    def start(self):
        self.net.start(GATEWAY, wait=False)
        said = self.heard()
        self.net.wait_ready(GATEWAY)
        return said

    def signal(self, number):
        self.net.processes[GATEWAY].send_signal(number)

    def program(self):
        """The version that the first process runs, and all of its roles."""
        pids = [self.net.processes[GATEWAY].pid,
                *self.net.roles(GATEWAY).values()]
        try:
            return {os.readlink(f"/proc/{pid}/exe").split("/")[-3]
                    for pid in pids}
        except FileNotFoundError:  # one of those before, which ended
            return set()

    def wait_program(self, version):
        """Those of the version before may still end."""
        self.net.wait_for(lambda: self.program() == {version},
                          f"{version} does not run")


def switched(net, whole):
    """Install, go on as it, go back, go on as that."""
    own = net.yizhan
    for version in ("0.1.0", "0.2.0"):
        bundle = net.make(f"bundle-{version}", whole, "--version", version)
        net.announce(bundle)
        net.release("fetch", "--from", bundle)
        net.release("stage")
        net.release("install", "--check-code", net.list()["release"]["code"])
        if version == "0.1.0":
            net.stop(GATEWAY)
            service = Service(net)
            said = service.start()
            tap.ok(said == "READY=1" and service.program() == {"0.1.0"},
                   "a host says when it is ready", f"{said} "
                   f"{service.program()}")
            net.yizhan = own
    pid = net.processes[GATEWAY].pid
    service.signal(signal.SIGHUP)
    said = [service.heard(), service.heard()]
    service.wait_program("0.2.0")
    tap.ok(said == ["RELOADING=1", "READY=1"] and
           net.processes[GATEWAY].pid == pid,
           "reloaded, the same process goes on as the version that was "
           "installed", f"{said} {service.program()}")
    net.wait_for(lambda: local(net, GATEWAY, "/v1/health").json()["ready"],
                 "it does not serve")
    tap.ok(True, "and it serves")
    net.release("return")
    service.signal(signal.SIGHUP)
    said = [service.heard(), service.heard()]
    service.wait_program("0.1.0")
    tap.ok(said == ["RELOADING=1", "READY=1"],
           "so does one that was gone back to",
           f"{said} {service.program()}")
    service.signal(signal.SIGTERM)
    said = service.heard()
    code = net.processes[GATEWAY].wait(180)
    tap.ok(said == "STOPPING=1" and code == 0,
           "a host says when it ends, and ends well", f"{said} {code}")


def test(tap):
    with base.Releases("units", hosts=base.HOSTS) as net:
        written(net)
        verified(net)
        whole, _ = base.programs(net)
        switched(net, whole)


run(tap, test)
tap.done()
