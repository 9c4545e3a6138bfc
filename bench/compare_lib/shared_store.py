"""factord on a PostgreSQL database with a synchronous standby, beside SQL that does its job."""

import json
import re
import subprocess
import tempfile

from . import clients
from .factord import ORG
from .figures import Figures, Row
from .postgres_pair import Pair
from .postgres_server import BIN
from .processes import Failure, Meter, Server, run

_FIRST_ID = 100000000000000001

_PLAIN = """\
CREATE TABLE factor (user_id text PRIMARY KEY, resource_owner text NOT NULL);
CREATE TABLE event (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  type text NOT NULL, user_id text NOT NULL, resource_owner text NOT NULL, creator text NOT NULL);
CREATE INDEX ON event (user_id, sequence);
INSERT INTO factor
  SELECT (100000000000000000 + i)::text, 'acme' FROM generate_series(1, {users}) AS i;
VACUUM (FREEZE, ANALYZE) factor
"""

# The same, gap-free and chained: every removal moves one row that all of them move.
_CHAINED = _PLAIN.replace("GENERATED ALWAYS AS IDENTITY ", "").replace(
    "creator text NOT NULL", "creator text NOT NULL, hash bytea NOT NULL") + """;
CREATE TABLE head (id int PRIMARY KEY, sequence bigint NOT NULL, hash bytea NOT NULL)
  WITH (fillfactor = 10);
INSERT INTO head VALUES (1, 0, '')
"""

_DRAW = """\
\\set k :k + 1
\\set i permute(:k * {clients} + :client_id, :users)
\\set id 100000000000000001 + :i
WITH removed AS (DELETE FROM factor WHERE user_id = :id::text RETURNING user_id, resource_owner)"""

_REMOVE_PLAIN = _DRAW + """
INSERT INTO event (type, user_id, resource_owner, creator)
SELECT 'user.human.mfa.otp.email.removed', user_id, resource_owner, 'bench' FROM removed
RETURNING sequence, created_at \\gset
"""

_REMOVE_CHAINED = _DRAW + """,
moved AS (
  UPDATE head SET sequence = head.sequence + 1,
    hash = sha256(head.hash || removed.user_id::bytea || int8send(head.sequence + 1))
  FROM removed WHERE head.id = 1
  RETURNING head.sequence, head.hash, removed.user_id, removed.resource_owner)
INSERT INTO event (sequence, type, user_id, resource_owner, creator, hash)
SELECT sequence, 'user.human.mfa.otp.email.removed', user_id, resource_owner, 'bench', hash
FROM moved RETURNING sequence, created_at \\gset
"""


class SharedStore:
    """The rows of `--store postgres`, on one pair of servers, each on a fresh copy of its data."""

    def __init__(self, bin_dir, folder, options):
        self._bin = bin_dir
        self._folder = folder
        self._options = options
        self._pair = Pair(folder)

    def close(self):
        self._pair.close()

    def prepare(self, say):
        say("starting a primary and a synchronous standby")
        self._pair.start()
        users = self._options.users
        for name, schema in (("plain", _PLAIN), ("chained", _CHAINED)):
            say(f"seeding {name}")
            self._pair.sql(f"CREATE DATABASE {name}")
            for statement in schema.format(users=users).strip().split(";\n"):
                self._pair.sql(statement, database=name)
        say("seeding factord's store")
        self._pair.sql("CREATE DATABASE store")
        self._ctl("store", "init")
        self._ctl("store", "seed", "--users", users, "--org", ORG)
        self._pair.sql("VACUUM (FREEZE, ANALYZE)", database="store")

    def _ctl(self, database, *words):
        return run(self._bin / "factorctl", "--store", self._pair.url(database), *words)

    def rows(self):
        few, many = self._options.connections
        half = max(1, few // 2)

        def row(key, title, connections, client, measure):
            return Row(key, title, connections, "standby", client, measure)

        return [
            row("pg_cte", "PostgreSQL, one statement", few, "pgbench",
                lambda: self._pgbench("plain", _REMOVE_PLAIN, few)),
            row("pg_chained", "PostgreSQL, gap-free and chained", few, "pgbench",
                lambda: self._pgbench("chained", _REMOVE_CHAINED, few)),
            row("shared", "factord removal, one node", few, "factorload",
                lambda: self._factord(1, few)),
            row("pg_cte_many", "PostgreSQL, one statement", many, "pgbench",
                lambda: self._pgbench("plain", _REMOVE_PLAIN, many)),
            row("shared_many", "factord removal, one node", many, "factorload",
                lambda: self._factord(1, many)),
            row("one_node", "factord removal, one node", half, "factorload",
                lambda: self._factord(1, half)),
            row("two_nodes", f"factord removal, two nodes, {half} each", 2 * half, "factorload",
                lambda: self._factord(2, half)),
        ]

    def _pgbench(self, database, script, connections):
        self._pair.copy("work", database)
        file = self._folder / "remove.sql"
        file.write_text(script.format(clients=connections))
        figures = clients.pgbench(BIN / "pgbench", self._pair.primary, self._pair.sockets, file,
                                  self._options.users, connections, self._options.seconds,
                                  self._folder, database="work")
        events = int(self._pair.sql("SELECT count(*) FROM event", database="work"))
        if events != figures.notes["answers"]:
            raise Failure(f"{events} events, but {figures.notes['answers']} answers")
        return figures

    def _start(self, number):
        log = self._folder / f"node-{number}.log"
        log.unlink(missing_ok=True)
        server = Server("factord", self._bin / "factord", "--store", self._pair.url("work"),
                        "--data-dir", self._folder / f"node-{number}", "--listen", "127.0.0.1:0",
                        log=log)
        listening = re.compile(r"^listening on (127\.0\.0\.1:\d+)$", re.MULTILINE)
        found = server.wait_until(lambda: listening.search(server.tail()), "listener")
        return server, "http://" + found.group(1)

    def _factord(self, nodes, connections):
        self._pair.copy("work", "store")
        started = [self._start(number) for number in range(nodes)]
        token = run(self._bin / "factorctl", "--data-dir", self._folder / "node-0", "token",
                    "create", "--user", "bench", "--role", "IAM_OWNER").strip()
        with Meter(self._pair.primary) as cost:
            said = self._load([url for _, url in started], token, connections)
        for server, _ in started:
            if server.stop() != 0:
                raise Failure(f"factord did not end in order:\n{server.tail()}")
        removed = sum(one["removed"] for one in said)
        events = int(self._pair.sql("SELECT sequence FROM factord.head", database="work"))
        if events != 3 * self._options.users + 1 + removed:
            raise Failure(f"{events} events after {removed} removals")
        self._ctl("work", "verify")
        rates = [one["answers"] / one["seconds"] for one in said]
        latency = max((one["latencyMicros"]["remove"] for one in said), key=lambda one: one["p99"])
        return Figures(rate=sum(rates), cpu_us=None, p50=latency["p50"], p99=latency["p99"],
                       p999=latency["p99.9"], memory_mib=cost.memory_mib,
                       notes={"answers": removed, "slower_by_faster": min(rates) / max(rates),
                              "database_cpu_us": cost.cpu_s * 1e6 / removed})

    def _load(self, urls, token, connections):
        """What each node's own factorload says; each has its own part of the users."""
        share = self._options.users // len(urls)
        results, running = [], []
        with tempfile.TemporaryDirectory() as folder:
            for number, url in enumerate(urls):
                results.append(f"{folder}/{number}.json")
                running.append(subprocess.Popen(
                    [str(word) for word in (
                        self._bin / "factorload", "--target", url, "--token", token, "--first-id",
                        _FIRST_ID + number * share, "--users", share, "--connections", connections,
                        "--duration", self._options.seconds, "--json", results[-1])],
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
            for one in running:
                said = one.communicate()[1]
                if one.returncode != 0:
                    raise Failure(f"factorload: {said}")
            return [_read(result) for result in results]


def _read(path):
    with open(path, encoding="utf-8") as file:
        said = json.load(file)
    if said["removed"] != said["answers"] or any(said["errors"].values()):
        raise Failure(f"factorload: {json.dumps(said)}")
    return said
