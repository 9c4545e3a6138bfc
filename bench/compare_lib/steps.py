"""The rows of the table and how each is measured once a round."""

from . import clients, disk
from .bulk import Bulk
from .factord import Factord
from .figures import Figures, Row
from .growth import Growth
from .nginx import Nginx, exchange
from .nginx_lua import NginxLua
from .postgres import Postgres
from .processes import Failure
from .redis import Redis
from .streams import MANY, Streams

_GROUPS = (1, 8, 25, 64)
_PIPELINE = 16
_CONNECTIONS = (1, 4, 16, 64, 256, 1024)
_PEER_CONNECTIONS = 256
_SINGLES = 5  # of so many users one is removed alone, where the others are in a bulk


class Comparison:
    """Everything that is compared, seeded once."""

    def __init__(self, bin_dir, folder, options, cores):
        self._bin = bin_dir
        self._folder = folder
        self._options = options
        self._cores = cores
        self._factord = Factord(bin_dir, folder, options.users)
        self._bulk = Bulk(self._factord, folder)
        self._streams = Streams(self._factord)
        self._redis = Redis(folder, bin_dir / "redis_load", options.users)
        self._nginx_lua = NginxLua(folder, cores, self._redis, options.users)
        self._postgres = Postgres(folder, options.users)
        self._growth = [Growth(bin_dir, folder, options, users) for users in options.growth]
        self._nginx = None
        self._rows = {}

    def close(self):
        self._postgres.close()

    def prepare(self, say):
        say("seeding factord")
        self._factord.seed()
        for size in self._growth:
            size.seed(say)
        say("seeding redis")
        self._redis.seed()
        say("seeding postgresql")
        self._postgres.seed()
        say("fitting nginx's answer to factord's")
        self._nginx = Nginx(self._folder, self._cores, self._one_removal())

    def _one_removal(self):
        """factord's answer to a removal, as bytes."""
        answer = []

        def ask(server, url, token):
            host, _, port = url.removeprefix("http://").partition(":")
            request = (f"DELETE /v2/users/100000000000000001/otp_email HTTP/1.1\r\nHost: {host}\r\n"
                       f"Authorization: Bearer {token}\r\n\r\n")
            answer.append(exchange(int(port), request.encode()))
            return Figures(rate=0, notes={"succeeded": 1})

        self._factord.measure("disk", ask)
        return answer[0]

    def rows(self):
        """In the order of the table, which is also that of a round."""
        few, many = self._options.connections
        seconds, users = self._options.seconds, self._options.users
        factord = self._factord

        def row(key, title, connections, durability, client, measure):
            self._rows[key] = Row(key, title, connections, durability, client, measure)

        row("nginx", "nginx `return 200`, same bytes", few, "none", "wrk",
            lambda: self._nginx.wrk(few, seconds, users))
        row("healthz", "factord `GET /healthz`", few, "none", "wrk",
            lambda: factord.wrk_healthz(few, seconds))
        row("disk", "factord removal", few, "disk", "wrk",
            lambda: factord.wrk_remove("disk", few, seconds))
        row("process", "factord removal", few, "process", "wrk",
            lambda: factord.wrk_remove("process", few, seconds))
        for more in ("", f"_{_PEER_CONNECTIONS}"):
            connections = _PEER_CONNECTIONS if more else few
            row(f"nginx_lua{more}", "nginx with Lua before Redis, AOF always", connections, "disk",
                "wrk",
                lambda connections=connections: self._nginx_lua.measure(connections, seconds))
        row(f"disk_{_PEER_CONNECTIONS}", "factord removal", _PEER_CONNECTIONS, "disk", "wrk",
            lambda: factord.wrk_remove("disk", _PEER_CONNECTIONS, seconds))
        row("redis", "Redis, AOF always", few, "disk", "redis_load",
            lambda: self._redis.measure(few, 1, seconds))
        row("postgres", "PostgreSQL", few, "disk", "pgbench",
            lambda: self._postgres.measure(few, seconds))
        row("factorload", "factord removal", few, "disk", "factorload",
            lambda: factord.factorload("disk", few, seconds))
        row("grpc", "factord removal over gRPC", few, "disk", "factorload",
            lambda: factord.factorload("disk", few, seconds, protocol="grpc"))
        row("tls", "factord removal over TLS", few, "disk", "factorload",
            lambda: factord.factorload("disk", few, seconds, tls=True))
        row("open_loop", "factord removal, half the peak rate", few, "disk", "factorload",
            lambda: factord.factorload("disk", few, seconds,
                                       rate=self._half_of("disk", "factorload")))
        row("open_loop_process", "factord removal, half the peak rate", few, "process",
            "factorload", lambda: factord.factorload("process", few, seconds,
                                                     rate=self._half_of("process")))
        row("nginx_open_loop", "nginx `return 200`, at that rate", few, "none", "factorload",
            lambda: self._nginx.factorload(factord.load, few, seconds, users,
                                           self._half_of("disk", "factorload")))
        row("nginx_half", "nginx `return 200`, half its own peak", few, "none", "factorload",
            lambda: self._nginx.factorload(factord.load, few, seconds, users,
                                           self._half_of("nginx")))
        row("redis_pipelined", f"Redis, AOF always, pipeline {_PIPELINE}", few, "disk",
            "redis_load", lambda: self._redis.measure(few, _PIPELINE, seconds))
        row("bulk", "factord removal in bulk", 1, "disk", "curl", lambda: self._bulk.measure())
        for beside in (False, True):
            row("beside_bulk" if beside else "without_bulk",
                "factord removal beside a bulk" if beside else "factord removal, as many users",
                few, "disk", "factorload", lambda beside=beside: self._singles(beside))
        row("catch_up", "factord, its log to one stream", 1, "none", "compare",
            self._streams.catch_up)
        row("beside_streams", f"factord removal beside {MANY} streams", few, "disk", "wrk",
            lambda: self._streams.beside_load(few, seconds))
        row("nginx_many", "nginx `return 200`, same bytes", many, "none", "wrk",
            lambda: self._nginx.wrk(many, seconds, users))
        row("disk_many", "factord removal", many, "disk", "wrk",
            lambda: factord.wrk_remove("disk", many, seconds))
        for group in _GROUPS:
            row(f"rocksdb_{group}", f"RocksDB alone, groups of {group}", None, "disk",
                "micro_bench", lambda group=group: disk.rocksdb_alone(
                    self._bin / "micro_bench", factord.seeded, users, self._folder, group,
                    max(seconds / 2, 1)))
        sync_seconds = min(seconds, 5)
        row("fdatasync_append", "fdatasync, 3 KiB appended", None, "disk", "compare",
            lambda: disk.fdatasync(self._folder, False, sync_seconds))
        row("fdatasync_prewritten", "fdatasync, 3 KiB prewritten", None, "disk", "compare",
            lambda: disk.fdatasync(self._folder, True, sync_seconds))
        for connections in _CONNECTIONS if self._growth else ():
            row(f"connections_{connections}", "factord removal", connections, "disk", "factorload",
                lambda connections=connections: factord.factorload("disk", connections, seconds))
        return [*self._rows.values(), *(size.row() for size in self._growth)]

    def _singles(self, beside):
        """Removals of the first fifth of the users, in a closed loop; beside a bulk of the others.
        That is removed at most five times as fast, or this outlasts it, and has no p99."""
        few, users = self._options.connections[0], self._options.users // _SINGLES
        seconds = max(self._options.seconds // 2, 1)

        def load(server, url, token):
            return clients.factorload(self._factord.load, server, url, few, seconds, token, users,
                                      self._folder)

        if not beside:
            return self._factord.measure("disk", load)
        return Bulk(self._factord, self._folder, spared=users).measure_beside(load)

    def _half_of(self, *keys):
        """Half the rate of the fastest of these closed loops, in this round."""
        closed = [self._rows[key].rounds[-1].rate for key in keys if self._rows[key].rounds]
        if not closed:
            raise Failure("an open loop needs one of these before it: " + ", ".join(keys))
        return max(closed) / 2
