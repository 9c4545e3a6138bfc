"""Many connections at once from one thread, the load beside them, and the size of the server."""

import json
import os
import resource
import socket
import struct
import subprocess

from factord import BIN_DIR, PATIENCE_S, plain_environment
from wire import Connection

FIRST_ID = 100000000000000001

# Each address of this machine's own has ports for so many connections to one listener.
_CONNECTIONS_PER_ADDRESS = 10_000


def allow_descriptors(count):
    """Lets this process open so many files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard > count, f"only {hard} descriptors are allowed"
    resource.setrlimit(resource.RLIMIT_NOFILE, (count if hard < 0 else hard, hard))


def connect(server, index=0):
    """The index-th connection of a crowd."""
    sock = socket.socket()
    sock.settimeout(PATIENCE_S)
    sock.bind((f"127.0.0.{2 + index // _CONNECTIONS_PER_ADDRESS}", 0))
    sock.connect(("127.0.0.1", server.port))
    return Connection(sock)


def reset(connection):
    """Ends a connection with RST, as a client that died does."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def memory_mib(server, field="VmRSS"):
    """What the server holds in memory (VmHWM: has ever held)."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    raise AssertionError(field)


def vanish(connection):
    """Ends a connection on this side alone: the other side is told nothing, as when a client loses
    its power or its network."""
    tcp_repair = 19
    connection.sock.setsockopt(socket.IPPROTO_TCP, tcp_repair, 1)
    connection.close()


class Load:
    """factorload beside the test: 64 clients that remove each user's factor once."""

    def __init__(self, server, token, first, users, folder):
        self.users = users
        self.result = folder / "load.json"
        self.process = subprocess.Popen(
            [BIN_DIR / "factorload", "--target", f"http://127.0.0.1:{server.port}", "--users",
             str(users), "--first-id", str(first), "--json", self.result],
            env=plain_environment(FACTORLOAD_TOKEN=token), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def finish(self):
        """Asserts that every request was answered 200; the figures."""
        said, _ = self.process.communicate(timeout=5 * PATIENCE_S)
        assert self.process.returncode == 0, said
        figures = json.loads(self.result.read_text())
        assert figures["status"] == {"200": self.users, "404": 0}, figures
        assert figures["reconnects"] == 0, figures
        return figures


def tell(**figures):
    """Prints figures of the long form, for RELIABILITY.md (pytest -s shows them)."""
    print(json.dumps({"test": os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0], **figures}))
