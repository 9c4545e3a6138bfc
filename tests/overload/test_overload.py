"""Too much of everything: a client that asks too much pays for it, the others do not.

FACTORD_OVERLOAD=long takes the numbers of the promise (10,000 connections and more); without it a
fraction of each, so that the suite takes seconds.
"""

import contextlib
import json
import os
import resource
import selectors
import time

import pytest

import crowd
from crowd import FIRST_ID, Load, connect, memory_mib, tell
from factord import Factord, ctl, verify
from wire import Closed, request

LONG = os.environ.get("FACTORD_OVERLOAD") == "long"
CROWD = 9_900 if LONG else 1_500
USERS = 300_000 if LONG else 12_000

# What a server without load may grow by for other reasons, RocksDB's memtables first of all. The
# allocator of a sanitizer keeps much more: there only the answers count.
SLACK_MIB = 160
SANITIZED = "asan" in os.environ.get("FACTORD_BIN_DIR", "")


@pytest.fixture
def seeded(tmp_path):
    """Starts a server whose store has USERS with the factor; it ends, drained, with the test."""
    with contextlib.ExitStack() as running:
        def start(*arguments):
            done = ctl(tmp_path / "data", "seed", "--users", USERS, "--org", "acme")
            assert done.returncode == 0, done.stderr
            return running.enter_context(Factord(tmp_path / "data", *arguments))
        yield start


def removals(server):
    """How many removals are in the log, by the server's own count."""
    lines = dict(line.split(": ", 1) for line in server.ctl("stats").stdout.splitlines())
    return int(lines["removalEvents"])


def await_success(server, token):
    """A well-behaved client is served again: waits until it is."""
    end = time.monotonic() + 20
    while True:
        try:
            with server.connect() as again:
                if again.ask(request("GET", "/healthz", token)).status == 200:
                    return
        except (Closed, OSError):
            pass
        assert time.monotonic() < end, "nobody is served any more"
        time.sleep(0.05)


def check_memory(server, before, allowed_mib):
    grown = memory_mib(server, "VmHWM") - before
    if not SANITIZED:
        assert grown < allowed_mib + SLACK_MIB, f"{grown:.0f} MiB more"
    return round(grown)


def test_idle_connections_beside_full_load(seeded, tmp_path):
    crowd.allow_descriptors(CROWD + 500)
    server = seeded()
    token = server.token()
    before = memory_mib(server)
    idle = [connect(server, index) for index in range(CROWD)]
    assert idle[-1].ask(request("GET", "/healthz")).status == 200
    figures = Load(server, token, FIRST_ID, USERS, tmp_path).finish()
    assert removals(server) == USERS
    # 16 KiB is its input buffer and its coroutine.
    grown = check_memory(server, before, CROWD * 16 / 1024)
    for one in idle:  # none was closed to make room
        one.send(request("GET", "/healthz"))
    assert all(one.read().status == 200 for one in idle)
    for one in idle:
        one.close()
    tell(idle=CROWD, grown_mib=grown, rate=figures["answersPerSecond"],
         latency=figures["latencyMicros"]["remove"])
    server.stop()
    verify(server.data_dir)


def test_clients_that_do_not_read(seeded, tmp_path):
    bound_mib = 64 if LONG else 8
    slow = 512 if LONG else 64
    server = seeded("--max-buffered-bytes", f"{bound_mib}MiB", "--write-timeout", "2s")
    token = server.token()
    before = memory_mib(server)
    # Each asks for more than the bound, all together for a hundred times as much.
    ask = request("GET", "/v2/events?limit=1000", token) * 200
    slow = [connect(server) for _ in range(slow)]
    for one in slow:
        one.sock.setblocking(False)
        try:
            one.sock.send(ask)
        except BlockingIOError:
            pass
    Load(server, token, FIRST_ID, USERS, tmp_path).finish()
    grown = check_memory(server, before, bound_mib)
    assert removals(server) == USERS
    tell(slow_readers=len(slow), bound_mib=bound_mib, grown_mib=grown)
    for one in slow:
        one.close()


def test_clients_that_hang_up(seeded):
    """What they asked for is neither read for nobody nor kept, and nobody waits behind it."""
    bound_mib, clients, pipelined = 16, 100, 64
    server = seeded("--max-buffered-bytes", f"{bound_mib}MiB")
    token = server.token()
    before = memory_mib(server)
    ask = request("GET", "/v2/events?limit=1000", token) * pipelined
    gone = [connect(server) for _ in range(clients)]
    for one in gone:
        one.send(ask)
    for one in gone:
        one.close()
    with server.connect() as late:
        assert late.ask(request("GET", "/v2/events?limit=1", token)).status == 200
    stats = json.loads(server.ctl("stats", "--json").stdout)
    read = int(stats["answers"]["ListEvents"]["OK"])
    assert read < clients * pipelined / 4
    grown = check_memory(server, before, bound_mib)
    tell(asked=clients * pipelined, read=read, grown_mib=grown)


def test_clients_that_send_a_byte_at_a_time(seeded, tmp_path):
    server = seeded("--header-timeout", "1s", "--max-connections", 4_000)
    token = server.token()
    head = request("GET", "/healthz")
    drips = [connect(server) for _ in range(2_000 if LONG else 300)]
    load = Load(server, token, FIRST_ID, USERS, tmp_path)
    open_ = selectors.DefaultSelector()
    for one in drips:
        open_.register(one.sock, selectors.EVENT_READ, one)
    refused, at, end = 0, 0, time.monotonic() + 30
    while open_.get_map() and time.monotonic() < end:
        for key in list(open_.get_map().values()):
            try:
                key.fileobj.send(head[at % 10:at % 10 + 1])
            except OSError:
                pass  # it was refused, which the answer says
        at += 1
        for key, _ in open_.select(0.1):
            open_.unregister(key.fileobj)
            try:
                # 408 for its time; 400 where the bytes made nonsense before that.
                refused += key.data.read().status in (400, 408)
            except Closed:
                refused += 1
    assert refused == len(drips)
    load.finish()
    assert removals(server) == USERS
    tell(slow_writers=len(drips))


def test_connections_that_are_reset(seeded, tmp_path):
    server = seeded()
    token = server.token()
    count = USERS // 4
    load = Load(server, token, FIRST_ID + count, USERS - count, tmp_path)
    for index in range(count):
        one = connect(server)
        ask = request("DELETE", f"/v2/users/{FIRST_ID + index}/otp_email", token)
        # Whole requests, halves, and nothing: the client is gone before an answer.
        one.send(ask[:len(ask) * (index % 3) // 2])
        crowd.reset(one)
    load.finish()
    await_success(server, token)
    # What was whole may have been done; nothing else was, and each at most once.
    done = removals(server) - (USERS - count)
    assert 0 <= done <= len(range(2, count, 3))
    # The half-sent and the silent ones still have their factor: exactly one 200 each.
    untouched = [FIRST_ID + index for index in range(count) if index % 3 != 2]
    with server.connect() as client:
        for at in range(0, len(untouched), 50):
            some = untouched[at:at + 50]
            client.send(b"".join(request("DELETE", f"/v2/users/{user}/otp_email", token)
                                 for user in some))
            assert [client.read().status for _ in some] == [200] * len(some)
    tell(resets=count, done_unheard=done)
    server.stop()
    verify(server.data_dir)


def test_more_connections_than_allowed(seeded, tmp_path):
    allowed, flood = (5_000, 12_000) if LONG else (200, 1_500)
    crowd.allow_descriptors(flood + 500)
    server = seeded("--max-connections", allowed)
    token = server.token()
    load = Load(server, token, FIRST_ID, USERS, tmp_path)  # in before the flood
    time.sleep(0.2)
    members = [connect(server, index) for index in range(flood)]
    time.sleep(0.5)
    told, closed = 0, 0
    for one in members:
        one.sock.setblocking(False)
        try:
            data = one.sock.recv(4096)
        except BlockingIOError:
            continue  # it is one of those that may stay
        except ConnectionResetError:
            data = b""
        if data:
            assert data.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: " in data, data
            told += 1
        else:
            closed += 1  # so many are told at once; the rest are only closed
    assert told + closed >= flood - allowed and told >= 100
    load.finish()
    assert removals(server) == USERS
    for one in members:
        one.close()
    await_success(server, token)
    tell(allowed=allowed, flood=flood, told=told, closed=closed)


def test_descriptors_run_out(seeded):
    server = seeded()
    token = server.token()
    with server.connect() as early:
        # A sanitizer needs descriptors of its own to judge what it has not seen before.
        first = request("DELETE", f"/v2/users/{FIRST_ID}/otp_email", token)
        assert early.ask(first).status == 200
        pid = server.process.pid
        soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        # Those that it has, and not one more.
        highest = max(map(int, os.listdir(f"/proc/{pid}/fd")))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 1, hard))
        late = [connect(server) for _ in range(200)]
        for one in late:
            one.send(request("GET", "/healthz"))
        for user in range(FIRST_ID + 1, FIRST_ID + 50):
            asked = request("DELETE", f"/v2/users/{user}/otp_email", token)
            assert early.ask(asked).status == 200
        complaints = server.await_log("cannot accept").count("cannot accept")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
        assert all(one.read().status == 200 for one in late)
        for one in late:
            one.close()
    tell(waited=len(late), complaints=complaints)


def test_a_queue_that_is_full(seeded):
    server = seeded("--queue-commands", 64)
    token = server.token()
    clients = 100 if LONG else 24
    left = {FIRST_ID + index for index in range(USERS if LONG else 6_000)}
    done, refused = 0, 0
    crowd_ = [connect(server) for _ in range(clients)]
    while left:
        batches = []
        rest = sorted(left)
        for index, one in enumerate(crowd_):
            some = rest[index * 64:index * 64 + 64]
            if not some:
                break
            one.send(b"".join(request("DELETE", f"/v2/users/{user}/otp_email", token)
                              for user in some))
            batches.append((one, some))
        for one, some in batches:
            for user in some:
                answer = one.read()
                if answer.status == 200:
                    done += 1
                    left.remove(user)
                else:
                    assert (answer.status, answer.json["code"]) == (503, 14), answer
                    assert answer.header("Retry-After") is not None
                    refused += 1
    assert removals(server) == done
    assert refused > 0, "the queue was never full: the test shows nothing"
    for one in crowd_:
        one.close()
    tell(removed=done, refused=refused)
    server.stop()
    verify(server.data_dir)
