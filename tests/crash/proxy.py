"""A haproxy before a server, on Unix sockets: it cuts connections and sends requests again."""

import pathlib
import socket
import subprocess
import time

PATIENCE_S = 30

CONFIG = """
global
  stats socket {folder}/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 20s
  timeout server 20s
  retries 3
  retry-on conn-failure empty-response response-timeout
frontend front
  bind unix@{folder}/front.sock
  default_backend back
backend back
  server one unix@{server}
"""


class Proxy:
    def __init__(self, folder, server):
        self.folder = pathlib.Path(folder)
        config = self.folder / "haproxy.cfg"
        config.write_text(CONFIG.format(folder=folder, server=server), encoding="ascii")
        self.log = open(self.folder / "haproxy.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(["haproxy", "-db", "-f", config], stdout=self.log,
                                        stderr=self.log, stdin=subprocess.DEVNULL)

    @property
    def path(self):
        return self.folder / "front.sock"

    def __enter__(self):
        try:
            self._await()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _await(self):
        deadline = time.monotonic() + PATIENCE_S
        while not (self.folder / "admin.sock").exists():
            assert self.process.poll() is None, "haproxy ended"
            assert time.monotonic() < deadline, "haproxy does not begin"
            time.sleep(0.01)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def cut(self):
        """Ends what connects it with the server, in the middle of whatever that is about."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.folder / "admin.sock"))
            admin.sendall(b"shutdown sessions server back/one\n")
            while admin.recv(4096):
                pass
