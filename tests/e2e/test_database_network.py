"""A network between a server and its database that resets, stalls, and brings half a message."""

import time

import pytest

from database import Node, name_of
from factord import PATIENCE_S
from faulty_network import FaultyNetwork
from patience import FIRST, await_ready, check, remove_all

@pytest.fixture
def network(postgres):
    made = FaultyNetwork(postgres.folder / ".s.PGSQL.5432")
    yield made
    made.close()


def over(network, store):
    return f"postgres://postgres@127.0.0.1:{network.port}/{name_of(store)}?sslmode=disable"


def test_a_network_that_resets(seeded, network, tmp_path):
    with Node(tmp_path / "a", over(network, seeded)) as node:
        client = node.api()
        for at in range(10):
            network.reset()
            remove_all(client, [str(FIRST + at)])
        assert client.get("/readyz").status == 200
    check(seeded, 10)


@pytest.mark.parametrize("count", [0, 1, 4, 5, 20, 60, 100, 150, 200, 300])
def test_half_a_message(seeded, network, tmp_path, count):
    with Node(tmp_path / "a", over(network, seeded)) as node:
        client = node.api()
        network.cut_after(count)
        remove_all(client, [str(FIRST), str(FIRST + 1)])
        assert client.methods(str(FIRST)).json.get("authMethodTypes") is None
        network.cut_after(count)
        deadline = time.monotonic() + PATIENCE_S
        while client.methods(str(FIRST + 2)).status != 200:
            assert time.monotonic() < deadline
    check(seeded, 2)


def test_a_network_that_stalls(seeded, network, tmp_path):
    with Node(tmp_path / "a", over(network, seeded)) as node:
        client = node.api()
        assert client.remove_otp_email(str(FIRST)).status == 200
        network.stall()
        assert client.remove_otp_email(str(FIRST + 1)).status in (500, 503)
        read = client.methods(str(FIRST))
        assert read.status == 503 and read.header("Retry-After"), read
        await_ready(node, 503)
        network.heal()
        await_ready(node, 200)
        remove_all(client, [str(FIRST + 2)])
        answer = client.remove_otp_email(str(FIRST + 1))
        assert answer.status in (200, 404), answer
    check(seeded, 3)


def test_a_network_that_is_cut_and_a_server_that_is_told_to_stop(seeded, network, tmp_path):
    with Node(tmp_path / "a", over(network, seeded)) as node:
        assert node.api().remove_otp_email(str(FIRST)).status == 200
        network.stall()
        network.listener.close()
    check(seeded, 1)
