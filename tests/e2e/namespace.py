"""A network of its own for a server, which a test takes away: a namespace with loopback alone."""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import threading
import time

from factord import PATIENCE_S

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def can_have_one():
    """It takes root."""
    return subprocess.run(["unshare", "--net", "true"], capture_output=True,
                          check=False).returncode == 0


class Namespace:
    """Up where it is entered. A socket belongs to the namespace that it was made in, whoever has
    it, and a Unix socket to none: so a test outside reaches what is inside."""

    def __enter__(self):
        # It lives as long as a process in it does.
        self._holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self._place = f"/proc/{self._holder.pid}/ns/net"
        deadline = time.monotonic() + PATIENCE_S
        while os.readlink(self._place) == os.readlink("/proc/self/ns/net"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        self._control = self._inside(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.up()
        return self

    def __exit__(self, *_):
        self._control.close()
        self._holder.kill()
        self._holder.wait()

    def enter(self):
        """What to put before a command that is to run inside."""
        return ["nsenter", f"--net={self._place}", "--"]

    def listener(self):
        """A listener on a free port of the loopback inside."""
        return self._inside(lambda: socket.create_server(("127.0.0.1", 0)))

    def up(self):
        self._set_flags(_IFF_UP)

    def down(self):
        """Nothing gets through any more, and nobody is told: as with a cable that is pulled."""
        self._set_flags(0)

    def _set_flags(self, flags):
        fcntl.ioctl(self._control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags))

    def _inside(self, make):
        """What `make` gives, by a thread that has entered it."""
        made = []

        def work():
            with open(self._place, "rb") as place:
                libc = ctypes.CDLL(None, use_errno=True)
                assert libc.setns(place.fileno(), _CLONE_NEWNET) == 0, ctypes.get_errno()
            made.append(make())

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return made[0]

