"""Memory and places that clients take and do not use: each is counted, and each has its time."""

import contextlib
import time

import pytest

import crowd
from crowd import FIRST_ID, Load, connect, memory_mib, tell
from factord import Factord
from frames import END_HEADERS, FrameConnection, get, headers
from http2 import Http2Connection
from scrape import Scrape
from test_overload import (CROWD, LONG, SANITIZED, USERS, await_success, check_memory, removals,
                           seeded)
from tls import Pair, trusting
from wire import Connection, request

__all__ = ["seeded"]  # a fixture


class Hoarder(FrameConnection):
    """Opens all the streams that it may, each with a long header, and ends no request."""

    STREAMS = 128

    def hoard(self):
        block = get("/v2/users/u/lock", ("authorization", "Bearer " + "x" * 7_600), method="POST")
        for index in range(self.STREAMS):
            try:
                self.send(headers(2 * index + 1, block, END_HEADERS))
            except OSError:
                return  # it was closed to make room


def test_requests_over_http2_that_never_end(seeded, tmp_path):
    bound_mib, hoarders = (64, 1_000) if LONG else (8, 400)
    watched = tmp_path / "watch.sock"
    server = seeded("--max-buffered-bytes", f"{bound_mib}MiB", "--body-timeout", "20s",
                    "--admin-listen", f"unix:{watched}")
    token = server.token()
    load = Load(server, token, FIRST_ID, USERS, tmp_path)
    before = memory_mib(server)
    crowd_ = [Hoarder.tcp(server.port) for _ in range(hoarders)]
    for one in crowd_:
        one.hoard()
    load.finish()
    # Together they ask for a MiB each.
    grown = check_memory(server, before, bound_mib)
    assert removals(server) == USERS
    with Connection.unix(watched) as connection:
        closed = Scrape(connection)("factord_refusals_total", reason="buffers")
    assert closed > hoarders // 2
    server.await_log("closing the fullest connection")
    tell(hoarders=hoarders, bound_mib=bound_mib, grown_mib=grown, closed=closed)
    for one in crowd_:
        one.sock.close()
    await_success(server, token)


def test_clients_that_vanish(seeded):
    """Half-open connections: their places come back once their time is up."""
    places = 2_000 if LONG else 200
    crowd.allow_descriptors(places + 500)
    server = seeded("--max-connections", places, "--idle-timeout", "2s", "--header-timeout", "2s",
                    "--body-timeout", "2s")
    token = server.token()
    # Silent, in the middle of a header or of a body, and after an answer.
    whole, lock = request("GET", "/healthz"), request("POST", "/v2/users/u/lock", body="{}")
    sent = [b"", whole[:-2], lock[:-1], whole]
    gone = [connect(server, index) for index in range(places)]
    for index, one in enumerate(gone):
        one.send(sent[index % len(sent)])
    for index, one in enumerate(gone):
        if index % len(sent) == 3:
            assert one.read().status == 200
    with server.connect() as late:
        assert late.read().status == 503
    for one in gone:
        crowd.vanish(one)
    began = time.monotonic()
    await_success(server, token)
    waited = time.monotonic() - began
    end = time.monotonic() + 30
    with contextlib.ExitStack() as held:
        while True:  # until every place is free again
            fresh = [held.enter_context(server.connect()) for _ in range(places)]
            for one in fresh:
                one.send(request("GET", "/healthz"))
            if all(one.read().status == 200 for one in fresh):
                break
            held.close()
            assert time.monotonic() < end, "places are lost"
            time.sleep(0.2)
    tell(vanished=places, served_again_after_s=round(waited, 1))


def plain(server, _, index):
    one = connect(server, index)
    assert one.ask(request("GET", "/healthz")).status == 200
    return one


def http2(server, _, index):
    one = Http2Connection(connect(server, index).sock)
    assert one.ask("GET", "/healthz").status == 200
    return one


def encrypted(server, trust, index):
    sock = trust.wrap_socket(connect(server, index).sock, server_hostname="localhost")
    one = Connection(sock)
    assert one.ask(request("GET", "/healthz")).status == 200
    return one


# KiB that one may take of the process, all told.
@pytest.mark.parametrize("kind, allowed_kib", [(plain, 16), (http2, 40), (encrypted, 96)],
                         ids=["plain", "http2", "tls"])
def test_what_an_idle_connection_takes(tmp_path, kind, allowed_kib):
    count = CROWD if LONG else 400
    crowd.allow_descriptors(count + 500)
    pair = Pair(tmp_path, "server")
    flags = ("--idle-timeout", "1h", *(pair.flags if kind is encrypted else ()))
    with Factord(tmp_path / "data", *flags) as server:
        trust = trusting(pair)
        warm = [kind(server, trust, index) for index in range(50)]
        before = memory_mib(server)
        idle = [kind(server, trust, index) for index in range(count)]
        each = (memory_mib(server) - before) * 1024 / count
        assert "closing the fullest" not in server.log()
        for one in (*warm, *idle):
            one.close()
    assert SANITIZED or each < allowed_kib, f"{each:.1f} KiB"
    tell(kind=kind.__name__, idle=count, kib_each=round(each, 1))
