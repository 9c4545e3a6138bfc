"""A network between a server and its database that a test makes worse: a proxy on loopback."""

import contextlib
import socket
import struct
import threading


class FaultyNetwork:
    """Listens on `port` of 127.0.0.1, or with a listener that it is given, and brings bytes to a
    Unix socket and back."""

    def __init__(self, target, listener=None):
        self.target = str(target)
        self.lock = threading.Condition()
        self.stalled = False  # nothing is brought any more
        self.left = None  # how many bytes still come back, before the connections are cut
        self.pairs = []
        self.listener = listener or socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                here, _ = self.listener.accept()
            except OSError:
                return
            there = socket.socket(socket.AF_UNIX)
            try:
                there.connect(self.target)
            except OSError:
                here.close()
                continue
            with self.lock:
                self.pairs.append((here, there))
            for one, other, back in ((here, there, False), (there, here, True)):
                threading.Thread(target=self._bring, args=(one, other, back), daemon=True).start()

    def _bring(self, one, other, back):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                with self.lock:
                    while self.stalled:
                        self.lock.wait()
                    if back and self.left is not None:
                        data, self.left = data[:self.left], self.left - len(data)
                    cut = self.left is not None and self.left <= 0
                other.sendall(data)
                if cut:
                    self.reset()
                    return
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def stall(self):
        with self.lock:
            self.stalled = True

    def heal(self):
        with self.lock:
            self.stalled, self.left = False, None
            self.lock.notify_all()

    def cut_after(self, count):
        """Lets so many bytes of the database's come back, then resets every connection."""
        with self.lock:
            self.left = count

    def reset(self):
        """Ends every connection at once."""
        with self.lock:
            ended, self.pairs, self.left = self.pairs, [], None
        for pair in ended:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RDWR)
                    end.close()

    def close(self):
        self.listener.close()
        self.heal()
        self.reset()
