"""A PostgreSQL server with one synchronous standby, and databases that are copies of others."""

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
    "wal_keep_size": "1GB",
}
_STANDBY = "standby"


class Pair:
    """Both servers, while they run. Everybody is trusted, over sockets alone."""

    def __init__(self, folder):
        self._folder = folder
        # The server refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._account = {}
        if self._user:
            self._account = {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid,
                             "extra_groups": []}
        # A socket's path may have 107 bytes at most, so it is not under the folder.
        self.sockets = pathlib.Path(run("mktemp", "-d", "/tmp/bench-pair.XXXXXX").strip())
        self._standby_sockets = self.sockets / "standby"
        self._standby_sockets.mkdir()
        if self._user:
            shutil.chown(self.sockets, self._user)
            shutil.chown(self._standby_sockets, self._user)
        self.primary = None
        self._standby = None

    def start(self):
        data, copy = self._folder / "pair-primary", self._folder / "pair-standby"
        for directory in (data, copy):
            directory.mkdir(mode=0o700)
            if self._user:
                shutil.chown(directory, self._user, self._user)
        self._run("initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale",
                  "--data-checksums")
        self.primary = self._start(data, self.sockets)
        self._run("pg_basebackup", "-D", copy, "-h", self.sockets, "-U", "bench", "-X", "stream",
                  "-c", "fast", "-R")
        self._standby = self._start(
            copy, self._standby_sockets,
            primary_conninfo=f"host={self.sockets} user=bench application_name={_STANDBY}")
        self.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{_STANDBY}'",
                 "SELECT pg_reload_conf()")
        self.primary.wait_until(
            lambda: self.sql("SELECT sync_state FROM pg_stat_replication") == "sync",
            "synchronous standby")

    def _run(self, program, *words):
        try:
            return run(BIN / program, *words, cwd="/", **self._account)
        except Failure as failure:
            raise Failure(f"{failure}\n(--dir must be in a folder that the user postgres may "
                          "enter)") from None

    def _start(self, data, sockets, **more):
        settings = {**_SETTINGS, "unix_socket_directories": sockets, **more}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        # SIGINT: its fast shutdown.
        server = Server("postgresql", BIN / "postgres", "-D", data, *words, user=self._user,
                        log=self._folder / f"{data.name}.log", stop_signal=signal.SIGINT)
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

    def copy(self, database, of):
        """Makes a database that is a copy of another, on both servers, with nothing left to do."""
        self.sql(f"DROP DATABASE IF EXISTS {database}")
        self.sql(f"CREATE DATABASE {database} TEMPLATE {of} STRATEGY file_copy", "CHECKPOINT")
        self.sql("SELECT pg_switch_wal()")
        last = self.sql("SELECT pg_current_wal_lsn()")
        self.primary.wait_until(
            lambda: self.sql("SELECT replay_lsn >= " f"'{last}' FROM pg_stat_replication") == "t",
            "standby that has caught up", 300)

    def url(self, database):
        return f"postgres://bench@/{database}?host={self.sockets}"

    def close(self):
        for server in (self.primary, self._standby):
            if server is not None:
                server.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)
