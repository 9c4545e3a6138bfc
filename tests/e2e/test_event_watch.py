"""factord.v1.EventService/Watch: the log as a stream of messages, over every protocol."""

import base64

import pytest
from google.protobuf import json_format

from frames import (DATA, END_HEADERS, END_STREAM, INITIAL_WINDOW_SIZE, FrameConnection, frame, get,
                    headers, settings, window_update)
from messages import message
from rpc import enveloped, envelopes
from streaming import decoded, whole_envelopes
from wire import Connection, request

WATCH = "/factord.v1.EventService/Watch"
GRPC = "application/grpc"
FORMS = [GRPC, "application/grpc-web+proto", "application/grpc-web-text",
         "application/connect+proto", "application/connect+json"]


def body_of(form, **fields):
    asked = message("factord.v1.WatchRequest")(**fields)
    bare = (json_format.MessageToJson(asked).encode() if form.endswith("json")
            else asked.SerializeToString())
    whole = enveloped(bare)
    return base64.b64encode(whole) if form.endswith("text") else whole


def watch(number, token, form=GRPC, more=(), **fields):
    """The frames of one call."""
    asked = get(WATCH, ("content-type", form), ("authorization", f"Bearer {token}"), *more,
                method="POST")
    return (headers(number, asked, END_HEADERS)
            + frame(DATA, END_STREAM, number, body_of(form, **fields)))


def events_in(found, form):
    """The events of envelopes, and what the last says where it is no message."""
    events, end = [], None
    for flags, payload in found:
        if flags:
            end = payload
            continue
        answer = message("factord.v1.WatchResponse")()
        if form.endswith("json"):
            json_format.Parse(payload, answer)
        else:
            answer.ParseFromString(payload)
        events += answer.events
    return events, end


def seen(connection, number, form=GRPC):
    body = decoded(connection.stream(number).body, form)
    return events_in(whole_envelopes(body), form)


def wait_for(connection, number, count, form=GRPC):
    connection.read_until(lambda mine: len(seen(mine, number, form)[0]) >= count)
    return [event.sequence for event in seen(connection, number, form)[0]]


@pytest.mark.parametrize("form", FORMS)
def test_it_goes_on_until_the_drain(start, form):
    server = start()
    client = server.api()
    user = client.make_user()
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1, client.token, form))
        assert wait_for(connection, 1, 3, form) == [1, 2, 3]
        client.lock(user)
        assert wait_for(connection, 1, 4, form) == [1, 2, 3, 4]
        client.client.close()
        server.signal()
        connection.read_to_end()
        events, end = seen(connection, 1, form)
        assert [event.sequence for event in events] == [1, 2, 3, 4]
        assert connection.stream(1).ended
        if form == GRPC:
            assert connection.stream(1).header("grpc-status") == "14"
        else:
            assert b"grpc-status: 14\r\n" in end or b'"code":"unavailable"' in end
    assert server.wait() == 0


def test_a_message_says_what_the_json_of_an_event_says(server, api):
    user = api.make_user(username="w" * 9, profile={
        "givenName": "Ada", "familyName": "Byron", "nickName": "A", "displayName": "Countess",
        "preferredLanguage": "en", "gender": "GENDER_FEMALE"})
    server.token(user=user, roles=["ORG_OWNER"], org="acme", expires="1h")
    wanted = api.events_of(user)
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1, api.token, user_id=user))
        wait_for(connection, 1, len(wanted))
        events, _ = seen(connection, 1)
    assert [json_format.MessageToDict(event) for event in events] == wanted


def test_filters(server, api):
    user, other = api.make_user(), api.make_user()
    last = api.last_sequence()
    store = api.events()["storeId"]
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1, api.token, after=last, store_id=store, user_id=user,
                              types=["user.locked", "user.removed"], orgs=["acme"],
                              creators=[api.events_of(user)[0]["creator"]],
                              **{"from": "2026-01-01T00:00:00Z"}))
        for one in (other, user):
            api.lock(one)
            api.unlock(one)
        api.lock(user)
        assert wait_for(connection, 1, 2) == [last + 3, last + 5]


@pytest.mark.parametrize("fields, status", [
    ({"types": ["x"]}, "3"), ({"user_id": "u" * 201}, "3"), ({"creators": [""]}, "3"),
    ({"from": "yesterday"}, "3"), ({"store_id": "other"}, "10")])
def test_what_is_refused(server, api, fields, status):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1, api.token, **fields))
        assert connection.answer(1).header("grpc-status") == status


def test_where_it_begins_is_said_by_the_message_alone(server, api):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1, api.token, more=[("last-event-id", f"{'0' * 32}:1")]))
        answer = connection.answer(1)
        assert answer.header("grpc-status") == "3"
        assert answer.header("grpc-message") == (
            "Last-Event-ID is not supported: the request was not carried out")


def test_who_may(server, api):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1, "nonsense") + watch(3, server.token(roles=["IAM_USER_MANAGER"])))
        assert connection.answer(1).header("grpc-status") == "16"
        assert connection.answer(3).header("grpc-status") == "7"
        connection.send(watch(5, api.token, more=[("grpc-timeout", "1S")]))
        assert connection.answer(5).header("grpc-status") == "4"


def test_a_revoked_token_ends_it(server, api):
    token = server.token(user="watcher", roles=["IAM_OWNER_VIEWER"])
    row = next(row for row in server.ctl("token", "list").stdout.splitlines() if "watcher" in row)
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1, token, after=api.last_sequence()))
        connection.sync()
        assert server.ctl("token", "revoke", row.split()[0]).returncode == 0
        assert connection.answer(1).header("grpc-status") == "16"


def test_who_reads_little_misses_nothing(server, api):
    while api.last_sequence() < 300:
        api.make_user()
    with FrameConnection.tcp(server.port, settings((INITIAL_WINDOW_SIZE, 10))) as connection:
        connection.send(watch(1, api.token))
        connection.read_until(lambda mine: len(mine.stream(1).body) == 10)
        for _ in range(300):
            connection.send(window_update(1, 1000) + window_update(0, 1000))
            api.last_sequence()
        last = api.last_sequence()
        assert wait_for(connection, 1, last) == list(range(1, last + 1))


@pytest.mark.parametrize("form", FORMS[1:])
def test_over_http1_it_comes_in_chunks(server, api, form):
    last = api.last_sequence()
    asked = request("POST", WATCH, api.token, body=body_of(form, after=last - 1),
                    headers=[f"Content-Type: {form}"])
    with Connection.tcp(server.port) as connection:
        connection.send(asked)
        head = connection._take_head()
        assert head.startswith("HTTP/1.1 200 OK\r\n") and "Transfer-Encoding: chunked" in head
        assert f"Content-Type: {form}" in head
        while b"\r\n" not in connection.input:
            connection._more()
        size = int(connection.input.partition(b"\r\n")[0], 16)
        data = connection._take(len(f"{size:x}") + 2 + size + 2)[len(f"{size:x}") + 2:-2]
        events, _ = events_in(envelopes(decoded(data, form)), form)
        assert [event.sequence for event in events] == [last]


def test_over_http_1_0_it_is_unimplemented(server, api):
    form = "application/grpc-web+proto"
    asked = request("POST", WATCH, api.token, body=body_of(form),
                    headers=[f"Content-Type: {form}"]).replace(b"HTTP/1.1", b"HTTP/1.0")
    with Connection.tcp(server.port) as connection:
        [(flags, end)] = envelopes(connection.ask(asked).body)
        assert flags == 0x80 and b"grpc-status: 12\r\n" in end
