"""GET /v2/events as a stream: NDJSON and server-sent events, for as long as both sides like."""

import shutil
import subprocess
import threading
import time

import pytest

from api import fresh
from database import Node
from event_stream import NDJSON, SSE, EventStream
from factord import ctl
from frames import (INITIAL_WINDOW_SIZE, FrameConnection, get, headers, reset, settings,
                    window_update)
from wire import request


def stream(server, api, query="", **how):
    return EventStream(server.port, api.token, query, **how)


@pytest.mark.parametrize("accept", [NDJSON, SSE])
def test_what_there_is_and_what_comes(server, api, accept):
    user = api.make_user()
    last = api.last_sequence()
    with stream(server, api, accept=accept) as reader:
        assert reader.status == 200 and f"Content-Type: {accept}\r\n" in reader.head + "\r\n"
        assert reader.take(last) == list(range(1, last + 1))
        for number in range(5):
            assert (api.unlock if number % 2 else api.lock)(user).status == 200
            assert reader.take(1) == [last + number + 1]


def test_a_stream_is_what_pages_are(server, api):
    user = api.make_user_with_factor()
    found = []
    with stream(server, api, f"?user={user}") as reader:
        for event in reader:
            found.append(event)
            if len(found) == 3:
                break
    assert found == api.events_of(user)


def test_filters(server, api):
    user, other = api.make_user(), api.make_user()
    last = api.last_sequence()
    with stream(server, api, f"?after={last}&user={user}&type=user.locked") as reader:
        for one in (other, user):
            assert api.lock(one).status == 200
            assert api.unlock(one).status == 200
        assert api.lock(user).status == 200
        assert reader.take(2) == [last + 3, last + 5]


def test_a_browser_goes_on_where_it_was(server, api):
    user = api.make_user()
    store = api.events()["storeId"]
    last = api.last_sequence()
    with stream(server, api, f"?after={last - 1}", accept=SSE) as reader:
        assert reader.take(1) == [last] and reader.ids == [f"{store}:{last}"]
    assert api.lock(user).status == 200
    with stream(server, api, "?after=0", accept=SSE,
                fields=[f"Last-Event-ID: {store}:{last}"]) as reader:
        assert reader.take(1) == [last + 1]


@pytest.mark.parametrize("last_event_id, status", [
    ("0123:1", 409), ("1", 400), (":1", 400), ("x:", 400), ("x:y", 400)])
def test_events_of_nobody(api, last_event_id, status):
    answer = api.get("/v2/events", headers={"Accept": SSE, "Last-Event-ID": last_event_id})
    assert answer.status == status
    if status == 409:
        assert answer.json["details"][0]["id"] == "FACTORD-Store"
    page = api.get("/v2/events", headers={"Last-Event-ID": last_event_id})
    assert page.status == status, "a page heeds it too"


@pytest.mark.parametrize("query", ["limit=1", "wait=1s", "to=2026-01-31T00:00:00Z", "type=x", "x=1",
                                   "after=-1"])
def test_queries_that_are_none_of_a_stream(api, query):
    assert api.get(f"/v2/events?{query}", headers={"Accept": NDJSON}).status == 400


def test_who_may_read(server):
    for roles, org in ((["IAM_USER_MANAGER"], None), (["ORG_OWNER"], "acme"), ([], None)):
        client = server.api(roles=roles, org=org)
        assert client.get("/v2/events", headers={"Accept": SSE}).status == 403
    assert server.api("nonsense").get("/v2/events", headers={"Accept": SSE}).status == 401


def test_none_is_skipped_and_none_comes_twice_beside_writers(server, api):
    """With readers that come and go, and go on."""
    last = api.last_sequence()
    done = threading.Event()

    def write():
        client = server.api(api.token)
        while not done.is_set():
            client.make_user(fresh())

    writers = [threading.Thread(target=write) for _ in range(4)]
    for one in writers:
        one.start()
    try:
        with stream(server, api, f"?after={last}") as whole:
            seen, at = [], last
            for _ in range(20):
                with stream(server, api, f"?after={at}") as part:
                    seen += part.take(20)
                at = seen[-1]
            assert seen == list(range(last + 1, last + 401))
            assert whole.take(400) == seen
    finally:
        done.set()
        for one in writers:
            one.join()


def test_a_slow_reader_falls_behind_and_catches_up(start, tmp_path):
    done = ctl(tmp_path / "data", "seed", "--users", "20000", "--org", "acme")
    assert done.returncode == 0, done.stderr
    server = start()
    client = server.api()
    last = client.last_sequence()
    with stream(server, client) as slow:
        time.sleep(1)
        client.make_user()
        assert slow.take(last + 2) == list(range(1, last + 3))


def test_a_revoked_token_ends_it(server, api):
    user = fresh("reader")
    token = server.token(user=user, roles=["IAM_OWNER_VIEWER"])
    row = next(row for row in server.ctl("token", "list").stdout.splitlines() if user in row)
    # Also where it would not be told of that.
    with EventStream(server.port, token, "?type=user.removed", SSE) as reader:
        assert server.ctl("token", "revoke", row.split()[0]).returncode == 0
        assert reader.rest() == [] and reader.ended
        # The connection is good for the next.
        assert reader.connection.ask(request("GET", "/v2/events", token)).status == 401


def test_an_expired_token_ends_it(server, api):
    token = server.token(user=fresh(), roles=["IAM_OWNER_VIEWER"], expires="2s")
    last = api.last_sequence()
    with EventStream(server.port, token, f"?after={last}") as reader:
        begun = time.monotonic()
        reader.rest()
        assert reader.ended and time.monotonic() - begun < 20


@pytest.mark.parametrize("accept", [NDJSON, SSE])
def test_a_drain_ends_it_after_a_whole_event(start, accept):
    server = start()
    client = server.api()
    client.make_user()
    client.client.close()
    with stream(server, client, accept=accept) as reader:
        assert reader.take(3) == [1, 2, 3]
        server.signal()
        assert reader.rest() == [] and reader.ended
        assert reader.connection.at_end()
    assert server.wait() == 0


def test_an_idle_timeout_does_not_end_it(start):
    server = start("--idle-timeout", "1s")
    client = server.api()
    with stream(server, client) as reader:
        assert reader.take(1) == [1]
        time.sleep(3)
        server.api(client.token).make_user()
        assert reader.take(2) == [2, 3]


def test_there_may_be_so_many_and_no_more(start):
    server = start("--max-event-streams", "2")
    client = server.api()
    one, two = stream(server, client), stream(server, client)
    with stream(server, client) as third:
        assert third.status == 429
    one.connection.close()
    # It is noticed when something is said to it.
    deadline = time.monotonic() + 60
    status = 429
    while status == 429 and time.monotonic() < deadline:
        server.api(client.token).make_user()
        with stream(server, client) as again:
            status = again.status
    assert status == 200
    two.connection.close()


def test_half_a_connection_is_not_kept(server, api):
    with stream(server, api, f"?after={api.last_sequence()}") as reader:
        reader.connection.half_close()
        assert reader.rest() == [] and reader.ended
        assert reader.connection.at_end()


def token_field(api):
    return ("authorization", f"Bearer {api.token}")


def test_streams_share_a_connection_of_http2(server, api):
    user = api.make_user()
    last = api.last_sequence()
    with FrameConnection.tcp(server.port) as connection:
        for number in (1, 3):
            connection.send(headers(number, get(f"/v2/events?after={last}", token_field(api),
                                                ("accept", NDJSON))))
        connection.send(headers(5, get()))
        assert connection.answer(5).status == 200
        assert api.lock(user).status == 200
        for number in (1, 3):
            connection.read_until(lambda mine, n=number: mine.stream(n).body.endswith(b"\n"))
            assert f'"sequence":"{last + 1}"'.encode() in connection.stream(number).body
        connection.send(reset(1))
        assert api.unlock(user).status == 200
        connection.read_until(lambda mine: mine.stream(3).body.count(b"\n") == 2)
        assert not connection.stream(3).ended


def test_readers_that_stall_are_in_nobodys_way(server, api):
    """Each has a page that it does not take: more in all than answers may wait otherwise."""
    while api.last_sequence() < 1000:
        api.make_user()
    with FrameConnection.tcp(server.port, settings((INITIAL_WINDOW_SIZE, 100))) as connection:
        for number in range(1, 41, 2):
            connection.send(headers(number, get("/v2/events", token_field(api), ("accept", SSE))))
        connection.sync()
        for number in range(41, 141, 2):
            connection.send(headers(number, get()))
            assert connection.answer(number).body == b"ok"
        connection.send(window_update(7, 10 ** 7) + window_update(0, 10 ** 7))
        connection.read_until(lambda mine: mine.stream(7).body.count(b"\nid: ") >= 900)
        # The others have what there was room for.
        connection.read_until(lambda mine: len(mine.stream(9).body) >= 100)
        assert len(connection.stream(9).body) == 100


def test_it_is_told_of_what_another_server_writes(store, tmp_path):
    with Node(tmp_path / "a", store) as one, Node(tmp_path / "b", store) as other:
        token = one.token()
        writer = one.api(token)
        with EventStream(other.port, token) as reader:
            last = writer.last_sequence()
            assert reader.take(last) == list(range(1, last + 1))
            writer.make_user()
            assert reader.take(2) == [last + 1, last + 2]
            row = one.ctl("token", "list").stdout.splitlines()[1]
            assert one.ctl("token", "revoke", row.split()[0]).returncode == 0
            reader.rest()
            assert reader.ended


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_curl(server, api):
    last = api.last_sequence()
    with subprocess.Popen(
            ["curl", "-sN", "-H", f"Authorization: Bearer {api.token}", "-H", f"Accept: {SSE}",
             f"http://127.0.0.1:{server.port}/v2/events?after={last - 1}"],
            stdout=subprocess.PIPE, text=True) as curl:
        lines = [curl.stdout.readline() for _ in range(4)]
        curl.kill()
    assert lines[0] == "retry: 1000\n" and lines[1] == "\n"
    assert lines[2].endswith(f":{last}\n") and lines[3].startswith('data: {"sequence":"')
