"""GET /v2/events?wait=30s: a page that waits for its first event."""

import time

import pytest

from database import Node
from frames import FrameConnection, get, headers, reset
from wire import Connection, request


def events(after, token, **query):
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    return request("GET", f"/v2/events?after={after}{asked}", token)


def sequences(answer):
    assert answer.status == 200, answer
    return [int(event["sequence"]) for event in answer.json["events"]]


def test_what_is_there_comes_at_once(server, api):
    last = api.last_sequence()
    with server.connect() as connection:
        assert sequences(connection.ask(events(last - 1, api.token, wait="60s"))) == [last]


def test_the_next_event_comes_when_it_happens(server, api):
    user = api.make_user()
    last = api.last_sequence()
    with server.connect() as one, server.connect() as other:
        for connection in (one, other):
            connection.send(events(last, api.token, wait="60s"))
            assert connection.is_quiet()
        begun = time.monotonic()
        assert api.lock(user).status == 200
        assert sequences(one.read()) == sequences(other.read()) == [last + 1]
        assert time.monotonic() - begun < 10
        # And the connection goes on.
        assert one.ask(request("GET", "/healthz")).status == 200


def test_what_the_filter_holds_back_ends_no_wait(server, api):
    user = api.make_user()
    last = api.last_sequence()
    with server.connect() as connection:
        connection.send(events(last, api.token, wait="60s", type="user.unlocked"))
        assert api.lock(user).status == 200
        assert connection.is_quiet()
        assert api.unlock(user).status == 200
        assert sequences(connection.read()) == [last + 2]


def test_an_end_without_an_event(server, api):
    last = api.last_sequence()
    with server.connect() as connection:
        begun = time.monotonic()
        answer = connection.ask(events(last, api.token, wait="1s"))
        assert sequences(answer) == [] and "next" not in answer.json
        assert int(answer.json["lastSequence"]) >= last
        assert 1 <= time.monotonic() - begun < 20


def test_answers_and_effects_stay_in_order(server, api):
    user = api.make_user_with_factor()
    last = api.last_sequence()
    with server.connect() as connection:
        connection.send(events(last, api.token, wait="60s") + request("GET", "/healthz")
                        + request("DELETE", f"/v2/users/{user}/otp_email", api.token))
        assert connection.is_quiet()
        assert api.last_sequence() == last, "the write waits for the read"
        assert api.lock(user).status == 200
        assert sequences(connection.read()) == [last + 1]
        assert connection.read().body == b"ok"
        assert connection.read().json["details"]["sequence"] == str(last + 2)


def test_streams_of_one_connection_do_not_wait_for_each_other(server, api):
    last = api.last_sequence()
    token = ("authorization", f"Bearer {api.token}")
    with FrameConnection.tcp(server.port) as connection:
        for number in (1, 3):
            connection.send(headers(number, get(f"/v2/events?after={last}&wait=60s", token)))
        connection.send(headers(5, get()))
        assert connection.answer(5).status == 200
        connection.send(reset(1))
        api.make_user()
        assert connection.answer(3).status == 200


def test_more_that_nobody_waits_for_than_there_may_be_hold_up_nobody(server, api):
    """Streams that were reset, as a page that is left does."""
    last = api.last_sequence()
    token = ("authorization", f"Bearer {api.token}")
    with FrameConnection.tcp(server.port) as connection:
        for number in range(1, 401, 2):
            connection.send(headers(number, get(f"/v2/events?after={last}&wait=60s", token)))
            connection.sync()
            connection.send(reset(number))
        connection.send(headers(401, get()))
        begun = time.monotonic()
        assert connection.answer(401).status == 200
        assert time.monotonic() - begun < 20


def test_a_drain_ends_it(start):
    server = start()
    client = server.api()
    last = client.last_sequence()
    client.client.close()
    with server.connect() as connection:
        connection.send(events(last, client.token, wait="60s"))
        assert connection.is_quiet()
        begun = time.monotonic()
        server.signal()
        assert sequences(connection.read()) == []
        assert connection.at_end() and server.wait() == 0
        assert time.monotonic() - begun < 20


def test_an_idle_timeout_does_not_end_it(start):
    server = start("--idle-timeout", "1s")
    client = server.api()
    last = client.last_sequence()
    with server.connect() as connection:
        assert sequences(connection.ask(events(last, client.token, wait="3s"))) == []


def test_who_asks_is_judged_when_it_is_answered(server, api):
    token = server.token(user="reader", roles=["IAM_OWNER_VIEWER"])
    rows = [row for row in server.ctl("token", "list").stdout.splitlines() if "reader" in row]
    last = api.last_sequence()
    with server.connect() as connection:
        connection.send(events(last, token, wait="60s"))
        assert connection.is_quiet()
        assert server.ctl("token", "revoke", rows[0].split()[0]).returncode == 0
        assert connection.read().status == 401


def test_who_hangs_up_is_in_nobodys_way(server, api):
    last = api.last_sequence()
    for _ in range(50):
        with server.connect() as connection:
            connection.send(events(last, api.token, wait="60s"))
    api.make_user()
    assert api.last_sequence() > last


@pytest.mark.parametrize("wait", ["", "30", "61s", "-1s", "1m", "500ms", "0.5s", "30s&wait=30s"])
def test_what_is_no_wait(api, wait):
    answer = api.get(f"/v2/events?wait={wait}")
    assert (answer.status, answer.json["code"]) == (400, 3)


def test_it_is_told_of_what_another_server_writes(store, tmp_path):
    with Node(tmp_path / "a", store) as one, Node(tmp_path / "b", store) as other:
        token = one.token()
        writer = one.api(token)
        writer.make_user()
        last = writer.last_sequence()
        with Connection.tcp(other.port) as connection:
            connection.send(events(last, token, wait="60s"))
            assert connection.is_quiet()
            begun = time.monotonic()
            writer.make_user()
            assert sequences(connection.read())[0] == last + 1
            assert time.monotonic() - begun < 10
