"""A PostgreSQL server with one synchronous standby, and databases that are copies of others."""

from .postgres_server import PostgresPrograms

_STANDBY = "standby"


class Pair:
    """Both servers, while they run."""

    def __init__(self, folder):
        self._folder = folder
        self._programs = PostgresPrograms()
        self.sockets = self._programs.sockets
        self.sql = self._programs.sql
        self.primary = None
        self._standby = None

    def _start(self, data, **more):
        return self._programs.start(data, self._folder / f"{data.name}.log", wal_keep_size="1GB",
                                    **more)

    def start(self):
        programs = self._programs
        data, copy = self._folder / "pair-primary", self._folder / "pair-standby"
        sockets_of_copy = self.sockets / "standby"
        programs.initdb(data, "--data-checksums")
        self.primary = self._start(data)
        for directory in (copy, sockets_of_copy):
            programs.make_directory(directory)
        programs.run("pg_basebackup", "-D", copy, "-h", self.sockets, "-U", "bench", "-X",
                     "stream", "-c", "fast", "-R")
        self._standby = self._start(
            copy, sockets=sockets_of_copy,
            primary_conninfo=f"host={self.sockets} user=bench application_name={_STANDBY}")
        self.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{_STANDBY}'",
                 "SELECT pg_reload_conf()")
        self.primary.wait_until(
            lambda: self.sql("SELECT sync_state FROM pg_stat_replication") == "sync",
            "synchronous standby")

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

    def url(self, database):
        return f"postgres://bench@/{database}?host={self.sockets}"

    def close(self):
        for server in (self.primary, self._standby):
            if server is not None:
                server.stop()
        self._programs.close()
