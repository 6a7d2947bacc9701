"""A link between two hosts that counts what goes over it and breaks when told:
a proxy at the address where a host is registered, while the host itself
listens on another port.  It connects from the caller's own address, since that
is compared."""

import collections
import select
import socket
import struct
import threading

REAL_PORT = 17443
PIECE = 32 * 1024


class Rule:
    """What happens to one caller's connections in one direction: each of the
    coming ones may carry so many bytes, and is then cut, or held until
    release().  Without any left they carry all."""

    def __init__(self):
        self.total = 0
        self.cuts = collections.deque()
        self.held = threading.Event()
        self.released = threading.Event()
        self.cut_count = 0


class Link:
    """Everything that goes to one host."""

    def __init__(self, address, port=7443, real_port=REAL_PORT):
        self.address, self.real_port = address, real_port
        self.rules = collections.defaultdict(Rule)
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind((address, port))
        self.server.listen(64)
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def close(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        self.server.close()

    def rule(self, caller, up):
        """Of what `caller` sends (up) or gets."""
        with self.lock:
            return self.rules[caller, up]

    def cut(self, caller, up, *lengths):
        """The next connections end after so many bytes."""
        self.rule(caller, up).cuts.extend((length, False)
                                          for length in lengths)

    def hold(self, caller, up, length):
        """The next connection stops after so many bytes, and is cut when it
        is released."""
        self.rule(caller, up).cuts.append((length, True))

    def release(self, caller, up):
        rule = self.rule(caller, up)
        rule.held.clear()
        rule.released.set()

    def accept(self):
        while not self.stopped.is_set():
            ready, _, _ = select.select([self.server], [], [], 0.2)
            if not ready:
                continue
            try:
                client, peer = self.server.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(
                target=self.carry, args=(client, peer[0]), daemon=True))
            self.threads[-1].start()

    def carry(self, client, caller):
        host = socket.socket()
        for end in (client, host):
            # Little on its way, so that a cut loses little.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * PIECE)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * PIECE)
        try:
            host.bind((caller, 0))
            host.connect((self.address, self.real_port))
            self.pump(client, host, caller)
        except OSError:
            pass
        finally:
            for end in (client, host):
                # Cut, not ended: what is on its way is lost.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
                end.close()

    def pump(self, client, host, caller):
        left = {}
        while not self.stopped.is_set():
            ready, _, _ = select.select([client, host], [], [], 0.2)
            for end in ready:
                up = end is client
                data = end.recv(PIECE)
                if not data:
                    return
                rule = self.rule(caller, up)
                rule.total += len(data)
                (host if up else client).sendall(data)
                if up not in left:
                    if not rule.cuts:
                        continue
                    left[up] = rule.cuts[0]
                length, is_hold = left[up]
                left[up] = (length - len(data), is_hold)
                if length > len(data):
                    continue
                if not rule.cuts:  # another connection of theirs had it
                    del left[up]
                    continue
                rule.cuts.popleft()
                rule.cut_count += 1
                if is_hold:
                    rule.released.clear()
                    rule.held.set()
                    while not rule.released.wait(0.2) and \
                            not self.stopped.is_set():
                        pass
                return
