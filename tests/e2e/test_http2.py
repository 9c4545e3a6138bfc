"""HTTP/2 on the plain port and over TLS: the JSON routes, by clients that nobody here wrote and
frame by frame."""

import json
import re
import subprocess
import time

import pytest

from api import fresh
from factord import ctl, verify
from frames import (DATA, END_HEADERS, END_STREAM, INITIAL_WINDOW_SIZE, NO_ERROR, PREFACE,
                    PROTOCOL_ERROR, FrameConnection, block, frame, get, headers, ping, settings,
                    window_update)
from tls import Pair, connect, trusting
from wire import PATIENCE_S, Connection, request

GOOD = get()


def asking(api, method, path, *more):
    return get(path, ("authorization", f"Bearer {api.token}"), *more, method=method)


# curl.
def curl(server, api, method, path, body=None):
    command = ["curl", "-sS", "--http2-prior-knowledge", "--max-time", str(PATIENCE_S), "-X",
               method, "-H", f"Authorization: Bearer {api.token}",
               "-w", "\n%{http_code} %{http_version}"]
    if body is not None:
        command += ["--data-binary", "@-"]
    done = subprocess.run([*command, f"http://127.0.0.1:{server.port}{path}"], input=body,
                          capture_output=True, text=True, timeout=PATIENCE_S + 5, check=False)
    assert done.returncode == 0, done.stderr
    text, _, tail = done.stdout.rpartition("\n")
    status, version = tail.split()
    assert version == "2"
    return int(status), json.loads(text) if text.startswith("{") else text


def test_a_life_by_curl(server, api):
    body = {"userId": "curl-h2", "organization": {"orgId": "acme"},
            "profile": {"givenName": "A", "familyName": "B"},
            "email": {"email": "curl-h2@example.com", "isVerified": True}}
    assert curl(server, api, "POST", "/v2/users/human", json.dumps(body))[0] == 201
    factor = "/v2/users/curl-h2/otp_email"
    assert curl(server, api, "POST", factor, "{}")[0] == 200
    status, methods = curl(server, api, "GET", "/v2/users/curl-h2/authentication_methods")
    assert status == 200 and methods["authMethodTypes"] == ["AUTHENTICATION_METHOD_TYPE_OTP_EMAIL"]
    status, removed = curl(server, api, "DELETE", factor)
    assert status == 200 and int(removed["details"]["sequence"]) == api.last_sequence()
    status, again = curl(server, api, "DELETE", factor)
    assert status == 404 and again["details"][0]["id"] == "COMMAND-b312D"
    assert curl(server, api, "GET", "/readyz")[0] == 200
    assert curl(server, api, "PUT", factor, "{}")[0] == 405
    assert curl(server, api, "GET", "/nowhere")[0] == 404


@pytest.mark.parametrize("size, status", [(65536, 404), (65537, 413)])
def test_an_upload_by_curl(server, api, size, status):
    assert curl(server, api, "DELETE", "/v2/users/u/otp_email", "x" * size)[0] == status


# h2load.
def h2load(*arguments):
    """Counts of what it says of its requests, and of status codes by their first digit."""
    done = subprocess.run(["h2load", *map(str, arguments)], capture_output=True, text=True,
                          timeout=PATIENCE_S * 2, check=True)
    counts = {name: int(count) for count, name in re.findall(
        r"(\d+) (total|started|done|succeeded|failed|errored|timeout)", done.stdout)}
    codes = {digit: int(count) for count, digit in re.findall(r"(\d+) ([2345])xx", done.stdout)}
    assert counts["total"] == counts["started"] == counts["done"], done.stdout
    assert counts["errored"] == counts["timeout"] == 0, done.stdout
    return counts, codes


@pytest.fixture
def seeded(start, tmp_path):
    """A server with a thousand users who have the factor, and where their removals are written."""
    data_dir = tmp_path / "data"
    seed = ctl(data_dir, "seed", "--users", 1000, "--org", "acme", "--first-id", 1000)
    assert seed.returncode == 0, seed.stderr
    pair = Pair(tmp_path, "server")
    server = start(*pair.flags, data_dir=data_dir, listen=("plain:127.0.0.1:0", "127.0.0.1:0"))
    server.tls_port = int(server.stdout[1].rpartition(":")[2])

    def removals(scheme):
        port = server.tls_port if scheme == "https" else server.port
        file = tmp_path / f"{scheme}.txt"
        file.write_text("".join(f"{scheme}://127.0.0.1:{port}/v2/users/{number}/otp_email\n"
                                for number in range(1000, 2000)))
        return file

    server.removals = removals
    return server


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_each_removal_by_h2load_is_an_event(seeded, scheme):
    client = seeded.api()
    before = client.last_sequence()
    auth = ("-H", ":method: DELETE", "-H", f"authorization: Bearer {client.token}")
    counts, codes = h2load("-n", 1000, "-c", 1, "-m", 100, "-i", seeded.removals(scheme), *auth)
    assert counts["succeeded"] == 1000 and codes == {"2": 1000, "3": 0, "4": 0, "5": 0}
    assert client.last_sequence() == before + 1000
    client.client.close()
    seeded.stop()
    verify(seeded.data_dir)


def test_of_the_same_removals_one_wins(seeded):
    """Four connections ask for the same 250 each."""
    client = seeded.api()
    before = client.last_sequence()
    auth = ("-H", ":method: DELETE", "-H", f"authorization: Bearer {client.token}")
    _, codes = h2load("-n", 1000, "-c", 4, "-m", 32, "-i", seeded.removals("http"), *auth)
    assert codes == {"2": 250, "3": 0, "4": 750, "5": 0}
    assert client.last_sequence() == before + 250


def test_a_life_by_h2load(server, tmp_path):
    """It shows no bodies: what happened is in the log, and in the digits of the status codes."""
    client = server.api()
    user = fresh("lovelace")
    body = tmp_path / "user.json"
    body.write_text(json.dumps({
        "userId": user, "organization": {"orgId": "acme"},
        "profile": {"givenName": "Ada", "familyName": "Lovelace"},
        "email": {"email": f"{user}@example.com", "isVerified": True}}))
    url = f"http://127.0.0.1:{server.port}/v2/users"

    def ask(verb, path, *more, token=client.token):
        """The first digit of the answer's status, and how many events it made."""
        before = client.last_sequence()
        auth = ("-H", f"authorization: Bearer {token}") if token else ()
        _, codes = h2load("-n", 1, "-H", f":method: {verb}", *auth, *more, f"{url}{path}")
        [digit] = [digit for digit, count in codes.items() if count]
        return digit, client.last_sequence() - before

    factor = f"/{user}/otp_email"
    assert ask("POST", "/human", "-d", body) == ("2", 2)
    assert ask("POST", factor) == ("2", 1)
    assert ask("GET", f"/{user}/authentication_methods") == ("2", 0)
    assert ask("DELETE", factor, token=None) == ("4", 0)
    assert ask("DELETE", factor, token=server.token(roles=[])) == ("4", 0)
    assert ask("DELETE", factor) == ("2", 1)
    assert ask("DELETE", factor) == ("4", 0)
    client.client.close()


# Bodies, windows and trailers.
@pytest.mark.parametrize("size, status", [(65535, 404), (65536, 404), (65537, 413)])
@pytest.mark.parametrize("piece", [16384, 1000])
def test_uploads_to_the_limit(server, api, size, status, piece):
    data = b"x" * size
    with FrameConnection.tcp(server.port).sync() as connection:
        connection.send(headers(1, asking(api, "DELETE", "/v2/users/u/otp_email"), END_HEADERS))
        for at in range(0, size, piece):
            connection.send(frame(DATA, 0, 1, data[at:at + piece]))
        if status != 413:
            connection.send(frame(DATA, END_STREAM, 1))
        assert connection.answer(1).status == status
        connection.send(headers(3, GOOD))
        assert connection.answer(3).status == 200 and not connection.goaways


def test_many_uploads_at_once_share_the_connection(server, api):
    """A hundred bodies of a thousand bytes in drips, more than a window of 65,535 together."""
    removal = asking(api, "DELETE", "/v2/users/u/otp_email")
    streams = range(1, 201, 2)
    with FrameConnection.tcp(server.port) as connection:
        connection.send(b"".join(headers(number, removal, END_HEADERS) for number in streams))
        for _ in range(100):
            connection.send(b"".join(frame(DATA, 0, number, b"0123456789") for number in streams))
        connection.send(b"".join(frame(DATA, END_STREAM, number) for number in streams))
        assert all(connection.answer(number).status == 404 for number in streams)


def test_uploads_one_after_the_other_get_their_window_back(server, api):
    removal = asking(api, "DELETE", "/v2/users/u/otp_email")
    with FrameConnection.tcp(server.port).sync() as connection:
        for number in range(1, 101, 2):  # three times the window of the connection
            connection.send(headers(number, removal, END_HEADERS))
            for _ in range(4):
                connection.send(frame(DATA, 0, number, bytes(16384)))
            connection.send(frame(DATA, END_STREAM, number))
            assert connection.answer(number).status == 404
        assert connection.windows[0] > 50 * 65536 - 65535


@pytest.mark.parametrize("window", [1, 100, 16384])
def test_small_windows(server, api, window):
    while api.last_sequence() < 20:
        api.make_user()
    path = "/v2/events?limit=3"
    expected = api.get(path).body
    with FrameConnection.tcp(server.port, settings((INITIAL_WINDOW_SIZE, window))) as connection:
        connection.send(headers(1, asking(api, "GET", path)))
        seen = connection.stream(1)
        while not seen.ended:
            had = len(seen.body)
            connection.read_until(lambda _: seen.ended or len(seen.body) >= had + window)
            if not seen.ended:
                assert len(seen.body) == had + window  # not a byte more than it was let
                connection.send(window_update(1, window))
        assert seen.body == expected


def test_the_window_of_the_connection(server, api):
    """Nothing leaves beyond it; a PING does, and what was held back follows."""
    while api.last_sequence() < 200:
        api.make_user()
    path = "/v2/events?limit=200"
    expected = api.get(path).body
    with FrameConnection.tcp(server.port, settings((INITIAL_WINDOW_SIZE, 2**31 - 1))) as connection:
        count = 65535 // len(expected) + 2
        streams = range(1, 2 * count, 2)
        connection.send(b"".join(headers(number, asking(api, "GET", path)) for number in streams))
        got = lambda mine: sum(len(mine.stream(number).body) for number in streams)
        connection.read_until(lambda mine: got(mine) >= 65535)
        connection.sync()
        assert got(connection) == 65535
        connection.send(window_update(0, 2**30))
        assert all(connection.answer(number).body == expected for number in streams)


def test_trailers_of_a_request_change_nothing(server, api):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, asking(api, "DELETE", "/v2/users/u/otp_email"), END_HEADERS)
                        + frame(DATA, 0, 1, b"body")
                        + headers(1, block(("authorization", "Bearer other"), ("x", "y"))))
        assert connection.answer(1).status == 404


def test_head_and_fields_of_an_answer(server):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, get("/healthz", method="HEAD")) + headers(3, GOOD))
        head, whole = connection.answer(1), connection.answer(3)
        assert (head.body, whole.body) == (b"", b"ok")
        for seen in (head, whole):
            assert seen.header("server") == "factord" and seen.header("content-length") == "2"
            assert seen.header("cache-control") == "no-store"
            assert all(name == name.lower() for name, _ in seen.fields)
            assert not {"connection", "keep-alive"} & {name for name, _ in seen.fields}


def test_streams_do_not_wait_for_each_other(server, api):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, asking(api, "DELETE", "/v2/users/u/otp_email"), END_HEADERS)
                        + headers(3, GOOD))
        assert connection.answer(3).status == 200
        assert connection.stream(1).status is None
        connection.send(frame(DATA, END_STREAM, 1))
        assert connection.answer(1).status == 404


def test_a_client_that_has_sent_all_gets_all(server, api):
    user = api.make_user_with_factor()
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, asking(api, "DELETE", f"/v2/users/{user}/otp_email"))
                        + headers(3, asking(api, "GET", "/v2/events?limit=100")))
        connection.sock.shutdown(1)
        assert connection.answer(1).status == 200
        assert connection.answer(3).status == 200
        assert not connection.read_to_end().streams[1].code


# The beginning of a connection.
@pytest.mark.parametrize("begin", [b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", b"PRI * HTTP/1.1\r\n\r\n",
                                   b"PRI / HTTP/2.0\r\n\r\n", b"PRY * HTTP/2.0\r\n\r\n"])
def test_what_is_not_quite_the_preface_is_http1(server, begin):
    with Connection.tcp(server.port) as connection:
        connection.send(begin + request("GET", "/healthz"))
        assert connection.read().status >= 400


@pytest.mark.parametrize("first", [ping(), headers(1, GOOD), window_update(0, 1),
                                   frame(4, 1), b"GET / HTTP/1.1\r\n\r\n"],
                         ids=["PING", "HEADERS", "WINDOW_UPDATE", "an acknowledgement", "HTTP/1.1"])
def test_settings_come_first(server, first):
    with FrameConnection.tcp(server.port, begin=None) as connection:
        connection.send(PREFACE + first + bytes(64)).read_to_end()
        assert [code for _, code in connection.goaways] in ([PROTOCOL_ERROR], [6])
        assert connection.stream(1).status is None


def test_over_tls(start, tmp_path):
    pair = Pair(tmp_path, "server")
    server = start(*pair.flags)
    token = server.token()
    context = trusting(pair, protocols=("h2",))
    with FrameConnection(connect(server.port, context).sock) as connection:
        fields = get("/v2/users/u/otp_email", ("authorization", f"Bearer {token}"), method="DELETE")
        connection.send(b"".join(headers(number, fields, END_HEADERS)
                                 + frame(DATA, END_STREAM, number, bytes(10000))
                                 for number in range(1, 101, 2)))
        assert all(connection.answer(number).status == 404 for number in range(1, 101, 2))
        server.signal()
        connection.read_to_end()
        assert connection.goaways[-1] == (99, NO_ERROR)
    assert server.wait() == 0


@pytest.mark.parametrize("begin", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.1\r\n\r\n"])
def test_over_tls_the_preface_is_due(start, tmp_path, begin):
    pair = Pair(tmp_path, "server")
    server = start(*pair.flags)
    sock = connect(server.port, trusting(pair, protocols=("h2",))).sock
    with FrameConnection(sock, begin=None) as connection:
        connection.send(begin.ljust(24, b"x")).read_to_end()
        assert [code for _, code in connection.goaways] == [PROTOCOL_ERROR]


# The end.
def test_drain(start):
    server = start()
    client = server.api()
    users = [client.make_user_with_factor() for _ in range(3)]
    client.client.close()
    removals = [asking(client, "DELETE", f"/v2/users/{user}/otp_email") for user in users]
    with FrameConnection.tcp(server.port) as connection, \
            FrameConnection.tcp(server.port) as idle:
        connection.send(headers(1, removals[0], END_HEADERS)).sync()
        idle.sync()
        server.signal()
        assert idle.read_to_end().goaways[-1] == (0, NO_ERROR)
        connection.read_until(lambda mine: mine.goaways)
        assert connection.goaways == [(2**31 - 1, NO_ERROR)]  # nothing is refused yet
        connection.send(headers(3, removals[1]))
        connection.read_until(lambda mine: len(mine.goaways) == 2)
        last, code = connection.goaways[1]
        assert code == NO_ERROR and last in (1, 3)
        connection.send(headers(5, removals[2]))  # too late
        connection.send(frame(DATA, END_STREAM, 1, b"body"))
        assert connection.answer(1).status == 200
        connection.read_to_end()
        assert connection.stream(5).status is None
        assert (connection.stream(3).status == 200) == (last == 3)
    assert server.wait() == 0
    verify(server.data_dir)
    again = start()
    client = again.api(client.token)
    left = ["authMethodTypes" in client.methods(user).json for user in users]
    assert left == [False, last == 1, True]


def test_a_stream_that_does_not_end_is_cut_by_the_drain(start):
    server = start("--drain-timeout", "600ms")
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, get("/v2/users/u/lock", method="POST"), END_HEADERS)).sync()
        began = time.monotonic()
        server.signal()
        connection.read_to_end()
        assert time.monotonic() - began >= 0.5 and connection.stream(1).status is None
    assert server.wait() == 0
