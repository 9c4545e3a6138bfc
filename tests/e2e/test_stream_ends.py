"""What ends streams from without, over every protocol at once: a drain, a token that ends, and how
many there may be."""

import contextlib

import pytest

from outcome import Outcome, refused
from stream_contract import BULK, FORMS, STREAMED, WATCH
from streaming import BY_PATH, PROTOCOLS, StreamCall

GOING_AWAY = refused(14, "the server is shutting down: go on elsewhere, or here again")
INVALID_TOKEN = refused(16, "Errors.Token.Invalid", "AUTH-7fs1e")
TOO_MANY = refused(8, "too many streams of events")


def protocols(forms):
    return [name for name, (form, _) in PROTOCOLS.items() if form in forms]


WATCHES, BULKS = protocols(STREAMED), protocols(FORMS[BULK])


@pytest.fixture
def opened():
    """Begins a call, and closes it with the test."""
    with contextlib.ExitStack() as calls:
        def begin(protocol, server, token, method, sent, **how):
            return calls.enter_context(StreamCall(
                protocol, server.port, method, [sent], [("Authorization", f"Bearer {token}")],
                **how))
        yield begin


def end_of_watch(call, why):
    """A path says by the end alone that there is no more."""
    return Outcome() if call.form in BY_PATH else why


def test_a_drain(start, opened):
    server = start()
    api = server.api()
    users = {protocol: api.make_user_with_factor() for protocol in BULKS}
    last = api.last_sequence()
    watches = [opened(protocol, server, api.token, WATCH, {"after": "0"}) for protocol in WATCHES]
    bulks = [opened(protocol, server, api.token, BULK, {"userId": users[protocol]}, ends=False)
             for protocol in BULKS]
    whole = last + len(bulks)
    for call in watches:
        call.read(whole)
    for call in bulks:
        call.read(1)
    api.client.close()
    server.signal()
    for call in watches:
        seen = call.read()
        assert [int(event["sequence"]) for event in seen.answers] == list(range(1, whole + 1))
        assert seen.end == end_of_watch(call, GOING_AWAY)
    for call in bulks:
        seen = call.read()
        assert [answer.code for answer in seen.answers] == [0] and seen.end == GOING_AWAY
    assert server.wait() == 0


def test_a_revoked_token(server, api, opened):
    token = server.token(user="watcher", roles=["IAM_OWNER_VIEWER"])
    row = next(row for row in server.ctl("token", "list").stdout.splitlines() if "watcher" in row)
    last = api.last_sequence()
    watches = [opened(protocol, server, token, WATCH, {"after": str(last - 1)})
               for protocol in WATCHES]
    for call in watches:
        call.read(1)
    assert server.ctl("token", "revoke", row.split()[0]).returncode == 0
    for call in watches:
        assert call.read().end == end_of_watch(call, INVALID_TOKEN)


def test_there_may_be_so_many_and_no_more(start, opened):
    server = start("--max-event-streams", "1")
    api = server.api()
    opened("grpc", server, api.token, WATCH, {"after": "0"}).read(1)
    for protocol in WATCHES:
        assert opened(protocol, server, api.token, WATCH, {"after": "0"}).read().end == TOO_MANY
