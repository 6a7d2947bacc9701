"""The writer of tests/crash/ack_writer.c: letters are stored and what has to hold
from then on is said, until something ends it; later all of it is compared."""

import os
import subprocess
import threading
import time

RECORD = 56    # struct crash_said
ACKNOWLEDGED, REMOVING = 1, 2
WRITER = os.path.join(os.path.dirname(os.environ["YIZHAN"]),
                      "tests", "crash", "ack_writer")


def listen(pipe, said):
    while True:
        data = os.read(pipe.fileno(), 1 << 16)
        if not data:
            return
        said.extend(data)


def records(said):
    """What was said whole; the last record may be cut off."""
    return [said[at:at + RECORD]
            for at in range(0, len(said) - RECORD + 1, RECORD)]


def after_the_end(said):
    """A sync that was under way may report success although the file system
    is down (jbd2 takes a transaction that it gave up for a finished one); with
    the power gone nobody would hear of it.  What was begun may be there."""
    return b"".join(record for record in records(said)
                    if record[0] == REMOVING)


def wait_for(said, count, seconds):
    """Until so many came, however slow the machine is."""
    end = time.monotonic() + seconds
    while len(said) < count * RECORD and time.monotonic() < end:
        time.sleep(0.002)


def write_until(cut, data, number, chance, mistake=None):
    """Let it work for a random while, then kill it: all that it said.  With
    `cut`, that is called first, and what was said before it counts."""
    arguments = [WRITER, "write", data, str(number),
                 str(chance.randrange(1 << 32))]
    said = bytearray()
    with subprocess.Popen(arguments + ([mistake] if mistake else []),
                          stdout=subprocess.PIPE) as writer:
        reader = threading.Thread(target=listen, args=(writer.stdout, said))
        reader.start()
        wait_for(said, chance.randrange(60), 300)
        time.sleep(chance.uniform(0, 0.03))
        before = len(said) // RECORD * RECORD
        if cut is not None:
            cut()
        writer.kill()
        reader.join()
    if cut is None:
        return b"".join(records(bytes(said)))
    return bytes(said[:before]) + after_the_end(said[before:])


def compare(data, said):
    """None, or what is wrong."""
    result = subprocess.run([WRITER, "check", data], input=said, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode == 0:
        return None
    return result.stdout.decode(errors="replace").strip() or \
        f"exit {result.returncode}"


def acknowledged(said):
    return sum(record[0] == ACKNOWLEDGED for record in records(said))
