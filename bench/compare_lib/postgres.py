"""PostgreSQL doing the same job in one statement, by pgbench."""

import shutil

from . import clients
from .postgres_server import BIN, PostgresPrograms
from .processes import Failure, run

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


class Postgres:
    def __init__(self, folder, users):
        self._folder = folder
        self._users = users
        self._seeded = folder / "postgres-seeded"
        self._programs = PostgresPrograms()

    def close(self):
        self._programs.close()

    def _start(self, data):
        return self._programs.start(data, self._folder / "postgres.log")

    def seed(self):
        sql = self._programs.sql
        self._programs.initdb(self._seeded)
        server = self._start(self._seeded)
        sql("CREATE DATABASE bench")
        sql(*_SCHEMA.format(users=self._users).strip().rstrip(";").split(";\n"), database="bench")
        server.stop()

    def measure(self, connections, seconds):
        data = self._folder / "postgres"
        # As its own user again: cp keeps who owns what.
        run("cp", "-a", "--reflink=auto", self._seeded, data)
        script = self._folder / "remove.sql"
        script.write_text(_REMOVE.format(clients=connections))
        server = self._start(data)
        figures = clients.pgbench(BIN / "pgbench", server, self._programs.sockets, script,
                                  self._users, connections, seconds, self._folder)
        events = int(self._programs.sql("SELECT count(*) FROM event", database="bench"))
        if events != figures.notes["answers"]:
            raise Failure(f"PostgreSQL has {events} events, but {figures.notes['answers']} answers")
        server.stop()
        shutil.rmtree(data)
        return figures
