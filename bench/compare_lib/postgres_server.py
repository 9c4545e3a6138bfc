"""PostgreSQL's programs, and servers by them: everybody is trusted, over sockets alone."""

import os
import pathlib
import pwd
import shutil
import signal

from .processes import Failure, Server, run

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "300",
}


class PostgresPrograms:
    """All that one comparison starts of PostgreSQL. `sockets` is a directory for them."""

    def __init__(self):
        # The server refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._account = {}
        if self._user:
            self._account = {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid,
                             "extra_groups": []}
        # A socket's path may have 107 bytes at most, so it is not under the folder.
        self.sockets = pathlib.Path(run("mktemp", "-d", "/tmp/bench-postgres.XXXXXX").strip())
        self._own(self.sockets)

    def _own(self, directory):
        if self._user:
            shutil.chown(directory, self._user, self._user)

    def make_directory(self, directory):
        directory.mkdir(mode=0o700)
        self._own(directory)

    def run(self, program, *words):
        try:
            return run(BIN / program, *words, cwd="/", **self._account)
        except Failure as failure:
            raise Failure(f"{failure}\n(--dir must be in a folder that the user postgres may "
                          "enter)") from None

    def initdb(self, data, *words):
        """A new cluster, of the superuser bench."""
        self.make_directory(data)
        self.run("initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale",
                 *words)

    def start(self, data, log, sockets=None, **more):
        """A server that answers; `more` are settings of its own."""
        sockets = sockets or self.sockets
        settings = {**_SETTINGS, "unix_socket_directories": sockets, **more}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        # SIGINT: its fast shutdown.
        server = Server("postgresql", BIN / "postgres", "-D", data, *words, user=self._user,
                        log=log, stop_signal=signal.SIGINT)
        server.wait_until(lambda: self._answers(sockets), "answer")
        return server

    @staticmethod
    def _answers(sockets):
        try:
            return run(BIN / "pg_isready", "-h", sockets) != ""
        except Failure:
            return False

    def sql(self, *statements, database="postgres"):
        words = [word for statement in statements for word in ("-c", statement)]
        return run(BIN / "psql", "-h", self.sockets, "-U", "bench", "-d", database, "-qAt",
                   "-v", "ON_ERROR_STOP=1", *words).strip()

    def close(self):
        shutil.rmtree(self.sockets, ignore_errors=True)
