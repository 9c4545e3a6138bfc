"""What factord has to reach, as ratios of the medians of one run (absolute times mean nothing on
shared hardware)."""

import dataclasses

from .streams import MANY


@dataclasses.dataclass(frozen=True)
class Requirement:
    """`value(rows)` is None where the run did not measure it."""
    text: str
    must: float
    aim: float
    at_least: bool
    value: object

    def verdict(self, value):
        if value is None:
            return "not measured"
        def reached(bound):
            return value >= bound if self.at_least else value <= bound
        if reached(self.aim):
            return "aim reached"
        return "must reached" if reached(self.must) else "MISSED"

    def bound(self, number):
        return f"{'≥' if self.at_least else '≤'} {number:g}"


def _ratio(measure, over, under):
    """The median of one row over that of another; `under` may name another measure."""
    def value(rows):
        below_key, below_measure = under if isinstance(under, tuple) else (under, measure)
        above, below = rows.get(over), rows.get(below_key)
        if above is None or below is None:
            return None
        above, below = above.median(measure), below.median(below_measure)
        return above / below if above is not None and below else None
    return value


def _of(key, read):
    """What `read` makes of a row, where it was measured."""
    return lambda rows: read(rows[key]) if key in rows else None


def shared_requirements():
    """Of `--store postgres`."""
    def ratio(over, under):
        return _ratio("rate", over, under)
    return [
        Requirement("durable removals/s ÷ PostgreSQL's one statement, 64 waiting",
                    3.0, 5.0, True, ratio("shared", "pg_cte")),
        Requirement("the same with 256 waiting",
                    6.0, 10.0, True, ratio("shared_many", "pg_cte_many")),
        Requirement("durable removals/s ÷ the same contract, one removal a transaction",
                    20.0, 40.0, True, ratio("shared", "pg_chained")),
        Requirement("two nodes ÷ one node, as many connections on each",
                    0.6, 0.75, True, ratio("two_nodes", "one_node")),
        Requirement("slower ÷ faster of two nodes",
                    0.8, 0.9, True,
                    _of("two_nodes", lambda row: row.median_note("slower_by_faster"))),
    ]


def requirements(allocations):
    """`allocations` is what the test of them counted, None where it was not built. The rows of
    growth are there where --growth asked for these sizes."""
    most = "growth_10000000"
    return [
        Requirement("durable removals/s ÷ nginx with Lua before Redis",
                    2.0, 3.0, True, _ratio("rate", "disk", "nginx_lua")),
        Requirement("the same with 256 connections",
                    2.0, 3.0, True, _ratio("rate", "disk_256", "nginx_lua_256")),
        Requirement("CPU per durable removal ÷ nginx with Lua before Redis",
                    0.5, 0.35, False, _ratio("cpu_us", "disk", "nginx_lua")),
        Requirement("the same with 256 connections",
                    0.5, 0.35, False, _ratio("cpu_us", "disk_256", "nginx_lua_256")),
        Requirement("durable removals/s, factorload ÷ Redis AOF always, without HTTP or a token",
                    1.0, 2.0, True, _ratio("rate", "factorload", "redis")),
        Requirement("durable removals/s in bulk, one connection ÷ single ones over 64, factorload",
                    3.0, 5.0, True, _ratio("rate", "bulk", "factorload")),
        Requirement("the same ÷ Redis AOF always, 16 scripts at a time on each of 64 connections",
                    1.0, 2.0, True, _ratio("rate", "bulk", "redis_pipelined")),
        Requirement("p99 of single removals, 64 connections, beside a bulk ÷ without one",
                    3.0, 2.0, False, _ratio("p99", "beside_bulk", "without_bulk")),
        Requirement("events/s to one stream of NDJSON from the beginning of the log",
                    500_000, 1_000_000, True,
                    _of("catch_up", lambda row: row.median("rate"))),
        Requirement(f"durable removals/s beside {MANY} streams of all events ÷ without",
                    0.95, 1.0, True, _ratio("rate", "beside_streams", "disk")),
        Requirement("the last stream's delay at the end of that load, s",
                    1.0, 0.1, False,
                    _of("beside_streams", lambda row: row.median_note("behind_s"))),
        Requirement("CPU per durable removal ÷ nginx `return 200`",
                    2.0, 1.5, False, _ratio("cpu_us", "disk", "nginx")),
        Requirement("CPU per durable removal ÷ nginx `return 200`, many connections",
                    1.6, 1.3, False, _ratio("cpu_us", "disk_many", "nginx_many")),
        Requirement("CPU of `/healthz` ÷ nginx `return 200`",
                    1.0, 0.85, False, _ratio("cpu_us", "healthz", "nginx")),
        Requirement("CPU per durable removal over gRPC ÷ over JSON, factorload",
                    1.5, 1.2, False, _ratio("cpu_us", "grpc", "factorload")),
        Requirement("CPU per durable removal over TLS ÷ plain, factorload",
                    1.5, 1.2, False, _ratio("cpu_us", "tls", "factorload")),
        Requirement("p99 of durable removals, open loop at half the peak ÷ p99 of one fdatasync",
                    5.0, 3.0, False, _ratio("p99", "open_loop", "fdatasync_append")),
        Requirement("rate with 10 million users ÷ rate with 100 thousand",
                    0.8, 0.95, True, _ratio("rate", most, "growth_100000")),
        Requirement("ready after kill -9 with 10 million users, s",
                    2.0, 0.5, False, _of(most, lambda row: row.median_note("ready_after_kill_s"))),
        Requirement("peak memory with 10 million users, MiB",
                    512, 256, False, _of(most, lambda row: row.median("memory_mib"))),
        Requirement("heap allocations per removal on the shard's thread",
                    2.0, 0.0, False, lambda rows: allocations),
    ]
