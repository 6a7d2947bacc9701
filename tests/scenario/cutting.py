"""A cable that is cut: between a document system and a gateway, some of the
connections end after a number of bytes, as if somebody pulled a plug."""

import random
import select
import socket
import struct
import threading


class Cutter:
    """Listens on loopback and passes on to `place`; `share` of the connections
    are cut within their first `reach` bytes, counted in both directions."""

    def __init__(self, place, share=0.1, reach=20000, seed=1):
        self.place, self.share, self.reach = place, share, reach
        self.chance = random.Random(seed)
        self.cuts = self.links = 0
        self.is_open = True
        self.lock = threading.Lock()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def accept(self):
        while self.is_open:
            try:
                one, _ = self.door.accept()
            except OSError:
                return
            with self.lock:
                left = self.chance.randrange(self.reach) \
                    if self.chance.random() < self.share else None
            threading.Thread(target=self.carry, args=(one, left),
                             daemon=True).start()

    def carry(self, one, left):
        try:
            other = socket.create_connection(self.place, timeout=60)
        except OSError:
            self.pull(one)
            return
        other.settimeout(None)
        # Nobody listens while a host is down: that is no connection.
        with self.lock:
            self.links += 1
        while True:
            ready, _, _ = select.select([one, other], [], [], 600)
            if not ready:
                break
            try:
                for link in ready:
                    data = link.recv(16384)
                    if not data:
                        raise OSError("ended")
                    if left is not None and len(data) >= left:
                        data = data[:left]
                        with self.lock:
                            self.cuts += 1
                        (other if link is one else one).sendall(data)
                        raise OSError("cut")
                    if left is not None:
                        left -= len(data)
                    (other if link is one else one).sendall(data)
            except OSError:
                break
        self.pull(one)
        self.pull(other)

    @staticmethod
    def pull(link):
        try:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
        except OSError:
            pass
        link.close()

    def close(self):
        self.is_open = False
        self.door.close()
