"""No byte runs twice and no stranger ends it: pipelines beyond every limit, pieces cut anywhere,
over TCP, Unix and TLS sockets."""

import random
import time

import pytest

from factord import Factord
from tls import Pair, connect, trusting
from wire import Connection, request

LIVE = request("GET", "/livez")
KINDS = ("tcp", "unix", "tls")


class Places:
    """One server that listens in three ways."""

    def __init__(self, server, pair):
        self.server = server
        self.pair = pair
        self.ports = [int(place.rpartition(":")[2]) for place in server.stdout[:2]]
        self.path = server.stdout[2].removeprefix("unix:")

    def dial(self, kind):
        if kind == "tcp":
            return Connection.tcp(self.ports[0])
        if kind == "unix":
            return Connection.unix(self.path)
        return connect(self.ports[1], trusting(self.pair))


@pytest.fixture(name="places", scope="module")
def _places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    pair = Pair(folder, "server")
    listen = ("plain:127.0.0.1:0", "127.0.0.1:0", f"unix:{folder / 'socket'}")
    with Factord(folder / "data", *pair.flags, listen=listen) as server:
        yield Places(server, pair)


@pytest.fixture(name="api")
def _api(places):
    client = places.server.api()
    yield client
    client.client.close()


def removal(user, token):
    return request("DELETE", f"/v2/users/{user}/otp_email", token)


def removals_of(api, user):
    return api.event_types(user).count("user.human.mfa.otp.email.removed")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("behind, count, status", (("live", 1500, 200), ("denied", 250, 403)))
def test_any_number_of_requests_behind_a_write(places, api, kind, behind, count, status):
    """The process ended, for whoever had a token and a factor of his own."""
    user = api.make_user_with_factor()
    own = places.server.token(user=user, roles=())
    more = LIVE if behind == "live" else removal("somebody", own)
    with places.dial(kind) as peer:
        peer.send(removal(user, own) + more * count)
        assert peer.read().status == 200
        for _ in range(count):
            assert peer.read().status == status
    assert removals_of(api, user) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_old_bytes_are_not_run_again(api, places, kind):
    """A removal that was answered ran once more, where a later request was read to its place."""
    user = api.make_user_with_factor()
    first = removal(user, api.token)
    with places.dial(kind) as peer:
        peer.send(first + LIVE * 66)
        for _ in range(67):
            assert peer.read().status == 200
        assert api.add_otp_email(user).status == 200  # by somebody else
        padding = len(first) - len(LIVE) - len("X: \r\n")
        padded = request("GET", "/livez", headers=["X: " + "x" * padding])
        assert len(padded) == len(first)
        assert peer.ask(padded).body == b"ok"
        assert peer.ask(LIVE).body == b"ok"
    assert removals_of(api, user) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_pieces_cut_anywhere(api, places, kind, seed):
    """Each request runs once, and has its answer in its place, however its bytes come."""
    draw = random.Random(f"{kind}{seed}")
    users = [api.make_user_with_factor() for _ in range(6)]
    asked = []
    for user in users:
        asked.append((removal(user, api.token), 200, b"sequence"))
        asked += [(LIVE, 200, b"ok")] * draw.choice((0, 1, 5, 70))
        asked.append((removal(user, api.token), 404, b"COMMAND-b312D"))
        asked.append((removal(user, "nobody"), 401, b"AUTH-7fs1e"))
    rest = b"".join(one[0] for one in asked)
    with places.dial(kind) as peer:
        while rest:
            size = draw.choice((1, 7, 100, 4096, 20_000))
            peer.send(rest[:size])
            rest = rest[size:]
            if draw.random() < 0.2:
                time.sleep(0.002)  # so that what came so far may be taken alone
        for _, status, part in asked:
            answer = peer.read()
            assert answer.status == status and part in answer.body
        assert peer.ask(LIVE).body == b"ok", "nothing is left over"
    assert all(removals_of(api, user) == 1 for user in users)


def test_who_comes_later_on_a_shared_connection_has_nothing_of_who_came_before(api, places):
    """As behind a proxy that keeps its connections."""
    user = api.make_user_with_factor()
    stranger = places.server.token(user="nobody", roles=())
    with places.dial("tcp") as peer:
        peer.send(removal(user, api.token) + LIVE * 80)
        for _ in range(81):
            assert peer.read().status == 200
        assert api.add_otp_email(user).status == 200
        assert peer.ask(removal(user, stranger)).status == 403
    assert removals_of(api, user) == 1
