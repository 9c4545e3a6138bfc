"""A stand-in for systemd, as far as a service sees it: notifications, a watchdog, sockets."""

import socket
import sys
import time

from factord import PATIENCE_S, plain_environment

# Puts descriptors to where a service looks for them, and becomes the service.
PASS = """
import fcntl, os, sys
count = int(sys.argv[1])
high = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in sys.argv[2:2 + count]]
for number, fd in enumerate(high, 3):
    os.dup2(fd, number, inheritable=True)
    os.close(fd)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


def passing(server, sockets):
    """Has a server begin with these [(name, socket)], by LISTEN_FDS."""
    fds = [sock.fileno() for _, sock in sockets]
    server.command = [sys.executable, "-c", PASS, str(len(fds)), *map(str, fds), *server.command]
    server.popen["pass_fds"] = fds
    server.popen["env"] = {**server.popen["env"], "LISTEN_FDS": str(len(fds)),
                           "LISTEN_FDNAMES": ":".join(name for name, _ in sockets)}
    return server


class Manager:
    """Hears what a service tells it."""

    def __init__(self, address):
        """`address` begins with '@' where it is in no directory."""
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        self.socket.settimeout(PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def environment(self, **more):
        return plain_environment(NOTIFY_SOCKET=self.address, **more)

    def hear(self):
        """The next message, as {name: value}."""
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().split("\n"))

    def hear_until(self, name):
        """The first message that has this name; signs of life are passed over."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            heard = self.hear()
            if name in heard:
                return heard
            assert set(heard) <= {"WATCHDOG", "STATUS"}, heard
        raise AssertionError(f"no {name}")

    def hear_all(self, seconds):
        """What comes in this time."""
        heard = []
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                heard.append(self.hear())
            except TimeoutError:
                break
        self.socket.settimeout(PATIENCE_S)
        return heard
