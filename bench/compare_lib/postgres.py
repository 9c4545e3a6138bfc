"""PostgreSQL doing the same job in one statement, by pgbench."""

import os
import pathlib
import pwd
import shutil
import signal

from . import clients
from .processes import Failure, Server, run

_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")

_SCHEMA = """\
CREATE TABLE factor (user_id text PRIMARY KEY, resource_owner text NOT NULL);
CREATE TABLE event (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  type text NOT NULL, user_id text NOT NULL, resource_owner text NOT NULL, creator text NOT NULL);
CREATE INDEX ON event (user_id, sequence);
INSERT INTO factor
  SELECT (100000000000000000 + i)::text, 'acme' FROM generate_series(1, {users}) AS i;
VACUUM (FREEZE, ANALYZE) factor;
CHECKPOINT;
"""

# Each client has its own residue, so no user is drawn twice; permute() scatters them. \\gset ends a
# client whose removal gives no row: every one that is counted has removed something.
_REMOVE = """\
\\set k :k + 1
\\set i permute(:k * {clients} + :client_id, :users)
\\set id 100000000000000001 + :i
WITH removed AS (DELETE FROM factor WHERE user_id = :id::text RETURNING user_id, resource_owner)
INSERT INTO event (type, user_id, resource_owner, creator)
SELECT 'user.human.mfa.otp.email.removed', user_id, resource_owner, 'bench' FROM removed
RETURNING sequence, created_at \\gset
"""

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "200",
}


class Postgres:
    def __init__(self, folder, users):
        self._folder = folder
        self._users = users
        self._seeded = folder / "postgres-seeded"
        # The server refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._account = {}
        if self._user:
            self._account = {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid,
                             "extra_groups": []}
        # A socket's path may have 107 bytes at most, so it is not under the folder.
        self._sockets = pathlib.Path(run("mktemp", "-d", "/tmp/bench-postgres.XXXXXX").strip())
        if self._user:
            shutil.chown(self._sockets, self._user)

    def close(self):
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _start(self, data):
        settings = {**_SETTINGS, "unix_socket_directories": str(self._sockets)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        # SIGINT: its fast shutdown.
        server = Server("postgresql", _BIN / "postgres", "-D", data, *words, user=self._user,
                        log=self._folder / "postgres.log", stop_signal=signal.SIGINT)
        server.wait_until(self._answers, "answer")
        return server

    def _answers(self):
        try:
            return self._sql("SELECT 1") == "1"
        except Failure:
            return False

    def _sql(self, *statements, database="postgres"):
        words = [word for statement in statements for word in ("-c", statement)]
        return run(_BIN / "psql", "-h", self._sockets, "-U", "bench", "-d", database, "-qAt",
                   *words).strip()

    def seed(self):
        self._seeded.mkdir(mode=0o700)
        if self._user:
            shutil.chown(self._seeded, self._user, self._user)
        try:
            run(_BIN / "initdb", "-D", self._seeded, "-U", "bench", "-A", "trust", "-E", "UTF8",
                "--no-locale", cwd="/", **self._account)
        except Failure as failure:
            raise Failure(f"{failure}\n(--dir must be in a folder that the user postgres may "
                          "enter)") from None
        server = self._start(self._seeded)
        self._sql("CREATE DATABASE bench")
        self._sql(*_SCHEMA.format(users=self._users).strip().rstrip(";").split(";\n"),
                  database="bench")
        server.stop()

    def measure(self, connections, seconds):
        data = self._folder / "postgres"
        # As its own user again: cp keeps who owns what.
        run("cp", "-a", "--reflink=auto", self._seeded, data)
        script = self._folder / "remove.sql"
        script.write_text(_REMOVE.format(clients=connections))
        server = self._start(data)
        figures = clients.pgbench(_BIN / "pgbench", server, self._sockets, script, self._users,
                                  connections, seconds, self._folder)
        events = int(self._sql("SELECT count(*) FROM event", database="bench"))
        if events != figures.notes["answers"]:
            raise Failure(f"PostgreSQL has {events} events, but {figures.notes['answers']} answers")
        server.stop()
        shutil.rmtree(data)
        return figures
