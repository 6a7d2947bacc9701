"""File systems in files, mounted: for what must be tried on a disk that fails,
or is full."""

import ctypes
import errno
import os
import subprocess
import sys
import time

MAKERS = {"ext4": ["mkfs.ext4", "-m", "0"], "xfs": ["mkfs.xfs"]}
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000


def own_mounts():
    """A mount namespace of our own: whatever we mount goes with us, also when
    we are killed.  Where nobody may mount (no root, a container that keeps
    mounting or loop devices to itself) the scenario ends here and says so."""
    refusal = enter_namespace() or try_mounting()
    if refusal:
        print(f"ok 1 - loop mounts # SKIP this machine has none: {refusal}\n"
              "1..1")
        sys.exit(0)


def enter_namespace():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        return f"unshare: {os.strerror(ctypes.get_errno())}"
    # EINVAL: the root is no mount, as in a chroot; then we tidy up alone.
    if libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0 and \
            ctypes.get_errno() != errno.EINVAL:
        return f"mount: {os.strerror(ctypes.get_errno())}"
    return None


def try_mounting():
    """Every tool that is missing is a failure, not a refusal."""
    place = f"{os.environ['SCENARIO_DIR']}/try"
    disk = LoopMount("ext4", f"{place}.img", place, 16)
    try:
        with disk:
            return None
    except subprocess.CalledProcessError as failure:
        if failure.cmd[0] != "mount":
            raise
        return failure.stderr.strip()


class LoopMount:
    def __init__(self, kind, image, at, mib):
        self.kind, self.image, self.at, self.mib = kind, image, at, mib
        self.is_mounted = False

    def __enter__(self):
        os.makedirs(self.at)
        with open(self.image, "wb") as file:
            file.truncate(self.mib << 20)
        try:
            subprocess.run([*MAKERS[self.kind], "-q", self.image], check=True,
                           stdout=subprocess.DEVNULL)
            self.mount()
        except subprocess.CalledProcessError:
            self.__exit__()
            raise
        return self

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.at],
                       check=True, capture_output=True, text=True)
        self.is_mounted = True

    def unmount(self):
        # Who was killed may take a while to go.
        for _ in range(900):
            if subprocess.run(["umount", self.at], check=False,
                              stderr=subprocess.DEVNULL).returncode == 0:
                self.is_mounted = False
                return
            time.sleep(0.1)
        raise RuntimeError(f"{self.at} stays busy")

    def __exit__(self, *_):
        if self.is_mounted:
            subprocess.run(["umount", "-l", self.at], check=False)
        os.unlink(self.image)
        os.rmdir(self.at)
