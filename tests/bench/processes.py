"""What processes cost, as the kernel counts it; and their orderly end."""

import os
import signal
import subprocess
import sys
import time

MARK = "BENCH_ID"  # in the environment of all that a part starts
TICK = os.sysconf("SC_CLK_TCK")


def stat(pid):
    """(name, parent, seconds of its own, seconds of its ended children)."""
    with open(f"/proc/{pid}/stat", encoding="utf-8",
              errors="replace") as file:
        head, _, tail = file.read().rpartition(")")
    words = tail.split()
    return (head.partition("(")[2], int(words[1]),
            (int(words[11]) + int(words[12])) / TICK,
            (int(words[13]) + int(words[14])) / TICK)


def cpu_of(pid):
    """Seconds of a process with one thread, and of its ended children: the
    former to the nanosecond, where `stat` counts ticks."""
    _, _, own, ended = stat(pid)
    try:
        with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
            own = int(file.read().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        pass
    return own + ended


def tree(root):
    """{pid: (name, own, ended)} of a process and all below it."""
    found, children = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                name, parent, own, ended = stat(int(entry))
            except OSError:
                continue
            found[int(entry)] = (name, own, ended)
            children.setdefault(parent, []).append(int(entry))
    below, waiting = {}, [root]
    while waiting:
        pid = waiting.pop()
        if pid in found:
            below[pid] = found[pid]
            waiting += children.get(pid, [])
    return below


def cpu_by_name(root):
    """{name: seconds} of a tree; what has ended counts for its parent."""
    seconds = {}
    for name, own, ended in tree(root).values():
        seconds[name] = seconds.get(name, 0.0) + own + ended
    return seconds


def memory_kib(pid):
    """Anonymous and own shared memory that is resident."""
    found = {}
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            key, _, rest = line.partition(":")
            if key in ("RssAnon", "RssShmem"):
                found[key] = int(rest.split()[0])
    return sum(found.values())


def end_on_signal():
    """Let `with` and `finally` do their work when this program is told to
    end."""
    def leave(number, _frame):
        # Once: what cleans up must not be broken off by the next one.
        signal.signal(number, signal.SIG_IGN)
        sys.exit(128 + number)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, leave)


def kill_marked(mark):
    """Kill what still runs with MARK=mark in its environment; their names."""
    wanted = f"{MARK}={mark}".encode()
    killed = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                is_marked = wanted in file.read().split(b"\0")
            if is_marked:
                name = stat(int(entry))[0]
                os.kill(int(entry), signal.SIGKILL)
                killed.append(name)
        except OSError:
            continue
    return killed


def end(process, stop=signal.SIGTERM, seconds=20):
    """Stop a process that leads its own session, and all of that session."""
    if process.poll() is None:
        process.send_signal(stop)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def wait_for(condition, what, seconds=30.0, pause=0.05):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return
        time.sleep(pause)
    raise RuntimeError(f"{what} after {seconds:g} s")
