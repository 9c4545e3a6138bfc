"""Two days of keyed removals, made to pass: what is kept for them is what a window holds."""

import json

import pytest

from conftest import SANITIZED
from factord import verify
from wall_clock import WallClock
from wire import request

HOUR = 3600
A_DAY = 24
AN_HOURS_KEYS = 300
# Of a process that has seen two days instead of one: memtables and caches fill up, keys do not.
MORE_BYTES_MAX = 24 << 20


def resident_bytes(server):
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as pages:
        return int(pages.read().split()[1]) * 4096


def kept(server):
    return int(json.loads(server.ctl("stats", "--json").stdout)["keptRetries"])


def use_keys(server, token, user, hour):
    """A factor is added and removed, over and over, each time under a key of its own."""
    path = f"/v2/users/{user}/otp_email"
    with server.connect() as connection:
        for first in range(0, AN_HOURS_KEYS, 50):
            for number in range(first, first + 50):
                connection.send(request("DELETE" if number % 2 == 0 else "POST", path, token,
                                        headers=[f"Idempotency-Key: {hour}-{number}"]))
            for _ in range(50):
                assert connection.read().status == 200


@pytest.fixture
def clock(tmp_path):
    return WallClock(tmp_path)


def test_a_second_day_of_keys_takes_no_more_than_the_first(start, clock):
    server = start(env=clock.environment())
    api = server.api()
    user = api.make_user_with_factor()
    counts, memory = [], []
    for hour in range(2 * A_DAY + 2):
        clock.set(hour * HOUR)
        use_keys(server, api.token, user, hour)
        counts.append(kept(server))
        memory.append(resident_bytes(server))
    # Each ends up to two that are over, so there are never more than came within a day.
    assert counts[A_DAY - 1] == A_DAY * AN_HOURS_KEYS
    assert max(counts) <= (A_DAY + 1) * AN_HOURS_KEYS
    assert counts[-1] <= counts[A_DAY]
    # A sanitizer keeps what was freed.
    assert SANITIZED or memory[-1] <= memory[A_DAY] + MORE_BYTES_MAX
    server.stop()
    verify(server.data_dir)
