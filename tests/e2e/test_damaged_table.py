"""A damaged block of a table: who needs it is told so, everybody else is served, also later."""

import json

import pytest

from api import envelope
from factord import ctl
from wire import request

USERS = 300
FIRST = 100000000000000001  # of those that `factorctl seed` makes
UNDONE = envelope(13, "the stored data could not be read, nothing was changed")


def damage_states(data_dir):
    """Zeroes 8 bytes of the first block of the one table that holds states: of factors."""
    tables = (data_dir / "store").glob("*.sst")
    [states] = [table for table in tables if b"default" in table.read_bytes()]
    with states.open("r+b") as table:
        table.seek(100)
        table.write(bytes(8))


def stats(server):
    return json.loads(server.ctl("stats", "--json").stdout)


@pytest.fixture
def data_dir(tmp_path):
    """A store whose first users' factors cannot be read."""
    where = tmp_path / "data"
    seeded = ctl(where, "seed", "--users", USERS, "--org", "acme")
    assert seeded.returncode == 0, seeded.stderr
    damage_states(where)
    return where


def test_removals_beside_a_damaged_block(start, data_dir):
    first, last = str(FIRST), str(FIRST + USERS - 1)
    server = start(data_dir=data_dir)
    client = server.api()
    token = client.token
    before = client.last_sequence()
    for again in (False, True):
        # The removal of this one user is refused, in words that are true.
        refused = client.remove_otp_email(first)
        assert (refused.status, refused.body) == (500, UNDONE)
        assert client.last_sequence() == before
        # A query is told as much, and both are counted and logged with the place.
        assert client.methods(first).status == 503
        assert int(stats(server)["readFailures"]) == 2
        lines = [json.loads(line) for line in server.await_log('"level":"error"').splitlines()]
        errors = [line for line in lines if line["level"] == "error"]
        assert errors and all(".sst" in line["cause"] for line in errors), lines

        # Nobody else notices, also not who shares a batch with it.
        crowd = server.connect()
        others = [str(int(last) - (10 if again else 0) - n) for n in range(10)]
        for user in [first, *others]:
            crowd.send(request("DELETE", f"/v2/users/{user}/otp_email", token))
        answers = [crowd.read() for _ in range(11)]
        assert [answer.status for answer in answers] == [500] + [200] * 10
        before += 10
        assert crowd.ask(request("GET", "/readyz")).status == 200
        if not again:
            server.stop()
            server = start(data_dir=data_dir)
            client = server.api(token)
