"""The folders of a document system and the program that watches them, for
scenarios (docs/folders.md)."""

import json
import os
import shutil
import subprocess
import time

from network import PATIENCE_S

SCOPES = "read,send,receive,events"
BUSY = 75  # the exit status


def token_of(net, host, code):
    path = f"{net.dir}/{host}.token"
    if not os.path.exists(path):
        made = net.command("token", "create", "dms", "--organisation", code,
                           "--scopes", SCOPES, "-c", net.conf(host)).stdout
        with open(path, "w", encoding="ascii") as file:
            file.write(made)
    return path


class Folder:
    """The folders of one document system, and the program that watches."""

    def __init__(self, net, name, host, code, *options):
        self.net, self.options = net, options
        self.path = f"{net.dir}/{name}"
        os.makedirs(self.path, exist_ok=True)
        address = net.settings(host)["host.address"]
        self.command = [net.yizhan, "folder", self.path, "--url",
                        f"https://{address}:8443", "--token-file",
                        token_of(net, host, code), "--insecure", *options]

    def once(self, kill_at=None, count=None, check=True):
        environment = dict(os.environ, LANG="C.UTF-8")
        if kill_at or count:
            environment["LD_PRELOAD"] = os.path.join(
                os.path.dirname(self.net.yizhan), "tests/tools/libkill_at.so")
            environment["ASAN_OPTIONS"] = "verify_asan_link_order=0"
        if kill_at:
            environment["KILL_AT"] = str(kill_at)
        if count:
            environment["KILL_COUNT"] = count
        end = time.monotonic() + PATIENCE_S
        while True:
            result = subprocess.run([*self.command, "--once"],
                                    capture_output=True, text=True, timeout=180,
                                    env=environment, check=False)
            if not check or kill_at or result.returncode == 0:
                return result
            # A gateway that does not answer for a while is no failure.
            if result.returncode != BUSY or time.monotonic() > end:
                raise RuntimeError(result.stderr)

    def names(self, part):
        return sorted(name for name in os.listdir(f"{self.path}/{part}")
                      if not name.startswith("."))

    def read(self, name):
        with open(f"{self.path}/{name}", encoding="utf-8") as file:
            return file.read()

    def result(self, name):
        return json.loads(self.read(f"results/{name}/result.json"))

    def drop(self, paths, name, rename=True, kind=".letter", marker="ready"):
        """As a document system does: all of it, then the one step."""
        folder = f"{self.path}/out/{name}"
        os.mkdir(folder + ".part")
        for path in paths:
            shutil.copy(path, folder + ".part")
        if rename:
            os.rename(folder + ".part", folder + kind)
        else:
            os.rename(folder + ".part", folder)
            with open(f"{folder}/{marker}", "wb"):
                pass
