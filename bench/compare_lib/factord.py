"""factord under load, and whether its store is sound afterwards."""

import os
import re
import shutil

from . import clients
from .processes import Failure, Server, run

ORG = "acme"


def copy_store(source, target):
    """A copy that shares what never changes: RocksDB writes a table file once."""
    def copy(old, new):
        if str(old).endswith(".sst"):
            os.link(old, new)
        else:
            shutil.copy2(old, new)
    shutil.copytree(source, target, copy_function=copy)


class Factord:
    """The programs of a build, and a seeded data directory to start copies of."""

    def __init__(self, bin_dir, folder, users):
        self.program = bin_dir / "factord"
        self.load = bin_dir / "factorload"
        self._ctl = bin_dir / "factorctl"
        self._folder = folder
        self.seeded = folder / "factord-seeded"
        self.users = users
        self.cert, self._key = folder / "cert.pem", folder / "key.pem"

    def seed(self):
        run(self._ctl, "--data-dir", self.seeded, "seed", "--users", self.users, "--org", ORG)

    def ctl(self, data, *words):
        return run(self._ctl, "--data-dir", data, *words)

    def stats(self, data):
        lines = self.ctl(data, "stats").splitlines()
        return dict(line.split(": ", 1) for line in lines)

    def new_token(self, data):
        return self.ctl(data, "token", "create", "--user", "bench", "--role", "IAM_OWNER").strip()

    def _make_certificate(self):
        """The flags of a server with TLS; the certificate is for 127.0.0.1."""
        if not self.cert.exists():
            run("openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-keyout", self._key, "-out", self.cert, "-subj",
                "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
        return ["--tls-cert", self.cert, "--tls-key", self._key]

    def start(self, data, durability, tls=False, flags=()):
        # So that what was said by an earlier one is not taken for this one's.
        (self._folder / "factord.log").unlink(missing_ok=True)
        server = Server("factord", self.program, "--data-dir", data, "--listen", "127.0.0.1:0",
                        "--durability", durability, *(self._make_certificate() if tls else []),
                        *flags,
                        log=self._folder / "factord.log")
        listening = re.compile(r"^listening on (127\.0\.0\.1:\d+)$", re.MULTILINE)
        found = server.wait_until(lambda: listening.search(server.tail()), "listener")
        return server, ("https://" if tls else "http://") + found.group(1)

    def measure(self, durability, load, tls=False, verify=True):
        """One run on a fresh copy: `load(server, url, token)` gives its figures."""
        data = self._folder / "factord"
        copy_store(self.seeded, data)
        server, url = self.start(data, durability, tls)
        token = self.new_token(data)
        before = int(self.stats(data)["lastSequence"])
        figures = load(server, url, token)
        after = self.stats(data)
        if server.stop() != 0:
            raise Failure(f"factord did not end in order:\n{server.tail()}")
        self._check(figures, before, after)
        if verify:
            self.ctl(data, "verify")
        shutil.rmtree(data)
        return figures

    @staticmethod
    def _check(figures, before, after):
        """Each 200 has its event and each event its 200. A client that drops the answers in flight
        when it stops (wrk) has seen at most one less a connection."""
        events = int(after["lastSequence"]) - before
        answered = int(after["removalsAnswered"])
        if events != int(after["removalEvents"]) or events != answered:
            raise Failure(f"{events} events, but {answered} removals were answered with 200")
        seen = figures.notes.get("succeeded", 0)
        slack = figures.notes.get("connections_dropped", 0)
        if not seen <= events <= seen + slack:
            raise Failure(f"{events} events, but the client saw {seen} answers with 200")
        figures.notes["events"] = events

    def wrk_remove(self, durability, connections, seconds, verify=True):
        def load(server, url, token):
            figures = clients.wrk_remove(server, url, connections, seconds, token, self.users)
            figures.notes["connections_dropped"] = connections
            return figures
        return self.measure(durability, load, verify=verify)

    def wrk_healthz(self, connections, seconds):
        return self.measure("disk", lambda server, url, token: clients.wrk_healthz(
            server, url, connections, seconds))

    def factorload(self, durability, connections, seconds, tls=False, **how):
        return self.measure(durability, lambda server, url, token: clients.factorload(
            self.load, server, url, connections, seconds, token, self.users, self._folder,
            trusted=self.cert if tls else None, **how), tls)
