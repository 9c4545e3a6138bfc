"""Every limit at the limit and one past it. Nothing refused reaches the store."""

import time

import pytest

from api import check_error
from http2 import Http2Connection
from messages import of_method
from outcome import refused
from rpc import GRPC, PROTOCOLS, Client, is_connect, path_of, rpc_outcome
from wire import Closed, Connection, request


def padded(size, token=None, target="/healthz"):
    """A GET whose head, with its line ends, has this many bytes."""
    bare = len(request("GET", target, token, headers=["X-Pad: "]))
    data = request("GET", target, token, headers=["X-Pad: " + "x" * (size - bare)])
    assert len(data) == size
    return data


def check_closed(connection, answer, status, code):
    assert (answer.status, answer.json["code"]) == (status, code)
    assert "details" not in answer.json
    assert answer.header("Connection") == "close"
    assert connection.at_end()


@pytest.mark.parametrize("limit", [1024, 8192])
def test_header(start, limit):
    server = start("--max-header-bytes", limit)
    with server.connect() as connection:
        assert connection.ask(padded(limit)).status == 200
        assert connection.ask(padded(limit)).status == 200
        check_closed(connection, connection.ask(padded(limit + 1)), 431, 3)


def test_header_by_default(server):
    with server.connect() as connection:
        assert connection.ask(padded(8192)).status == 200
        check_closed(connection, connection.ask(padded(8193)), 431, 3)


@pytest.mark.parametrize("data, status", [
    ("GET /" + "x" * 9000, 414), ("x" * 9000, 414), ("GET / HTTP/1.1\r\nX: " + "x" * 9000, 431),
    ("GET / HTTP/1.1\r\n" + "X: y\r\n" * 2000, 431)])
def test_a_header_that_never_ends(server, data, status):
    with server.connect() as connection:
        check_closed(connection, connection.ask(data), status, 3)


# A request line that fits leaves no room for a field.
@pytest.mark.parametrize("size, status", [(8192, 431), (8193, 414), (9500, 414)])
@pytest.mark.parametrize("begin", ["/", "/v2/users/", "http://x/"])
def test_request_line(server, begin, size, status):
    rest = size - len(f"GET {begin} HTTP/1.1\r\n")
    with server.connect() as connection:
        answer = connection.ask(request("GET", begin + "x" * rest))
        check_closed(connection, answer, status, 3)
        assert answer.reason == ("URI Too Long" if status == 414
                                 else "Request Header Fields Too Large")


LONG = {"x-long": "x" * 9000}
HEADER_TOO_LARGE = "the request header is too large"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_fields_that_are_too_large_over_every_protocol(server, protocol):
    """gRPC has a status for that, HTTP another."""
    form, version = PROTOCOLS[protocol]
    client = Client(protocol, server.port)
    method = "RemoveOTPEmail"
    fields = [*([("Content-Type", form)] if form else []), *LONG.items()]
    path = path_of(method) if form else "/v2/users/u/otp_email"
    answer = client.connection.ask("POST", path, fields, b"")
    if version == 2 and form and not is_connect(form):
        assert rpc_outcome(form, answer, of_method(method)[1]) == refused(8, HEADER_TOO_LARGE)
        assert form != GRPC or not answer.trailers and not answer.body
    else:
        assert answer.status == 431
        code = "resource_exhausted" if version == 2 and form else 3
        assert answer.json == {"code": code, "message": HEADER_TOO_LARGE}
    client.close()


@pytest.mark.parametrize("size, status", [(8192, 431), (8193, 414), (9500, 414)])
def test_a_target_over_http2(server, size, status):
    with Http2Connection.tcp(server.port) as connection:
        assert connection.ask("GET", "/" + "x" * (size - 1)).status == status
        assert connection.ask("GET", "/healthz").status == 200


def test_a_target_just_below_the_limit_is_only_a_bad_id(server, owner_token):
    with server.connect() as connection:
        answer = connection.ask(request("GET", "/v2/users/" + "x" * 7900, owner_token))
        assert answer.status == 400


def chunks(token, size, piece=4096):
    data = request("DELETE", "/v2/users/u/otp_email", token,
                   headers=["Transfer-Encoding: chunked"])
    for at in range(0, size, piece):
        count = min(piece, size - at)
        data += b"%x\r\n%s\r\n" % (count, b"x" * count)
    return data + b"0\r\n\r\n"


def test_body_with_a_length(server, owner_token):
    with server.connect() as connection:
        target = "/v2/users/u/otp_email"
        assert connection.ask(request("DELETE", target, owner_token, "x" * 65536)).status == 404
        check_closed(connection,
                     connection.ask(request("DELETE", target, owner_token, "x" * 65537)), 413, 3)


def test_body_in_chunks(server, owner_token):
    with server.connect() as connection:
        assert connection.ask(chunks(owner_token, 65536)).status == 404
        check_closed(connection, connection.ask(chunks(owner_token, 65537)), 413, 3)


def test_body_in_many_small_chunks(server, owner_token):
    with server.connect() as connection:
        assert connection.ask(chunks(owner_token, 5000, piece=1)).status == 404


def test_a_body_is_refused_by_its_announced_length_alone(server, owner_token, api):
    user = api.make_user_with_factor()
    with server.connect() as connection:
        answer = connection.ask(request("DELETE", f"/v2/users/{user}/otp_email", owner_token,
                                        headers=["Content-Length: 9999999999"]))
        check_closed(connection, answer, 413, 3)
    assert "authMethodTypes" in api.methods(user).json


def test_chunk_framing_is_bounded_too(server, owner_token):
    """A chunk extension without end holds no body, and may not go on for ever either."""
    with server.connect() as connection:
        connection.send(request("POST", "/v2/users/u/lock", owner_token,
                                headers=["Transfer-Encoding: chunked"]) + b"2;x=")
        try:
            for _ in range(64):
                connection.send(b"x" * 65536)
            answer = connection.read()
        except (ConnectionError, Closed):
            return
        assert answer.status in (400, 413, 431)


@pytest.mark.parametrize("limit", [0, 10])
def test_a_lower_body_limit(start, limit):
    server = start("--max-body-bytes", limit)
    token = server.token()
    with server.connect() as connection:
        target = "/v2/users/u/otp_email"
        assert connection.ask(request("DELETE", target, token, "x" * limit)).status == 404
        answer = connection.ask(request("DELETE", target, token, "x" * (limit + 1)))
        check_closed(connection, answer, 413, 3)


def test_the_admin_socket_takes_no_less_than_by_default(start):
    server = start("--max-body-bytes", 0, "--max-header-bytes", 256)
    user = "\u00e9" * 200
    server.token(user=user)
    assert len(server.ctl("events", "--user", user).stdout.splitlines()) == 1
    for size, status in ((65536, 400), (65537, 413)):
        with Connection.unix(server.data_dir / "admin.sock") as connection:
            answer = connection.ask(request("POST", "/admin/v1/tokens", body="x" * size))
            assert (answer.status, answer.json["code"]) == (status, 3)


def test_connections(start):
    server = start("--max-connections", 4)
    held = [server.connect() for _ in range(4)]
    assert all(one.ask(request("GET", "/healthz")).status == 200 for one in held)
    with server.connect() as one_more:
        answer = one_more.read()
        assert answer.header("Retry-After") is not None
        check_closed(one_more, answer, 503, 14)
    assert all(one.ask(request("GET", "/healthz")).status == 200 for one in held)
    held.pop().close()
    deadline = time.monotonic() + 20
    while True:  # the server learns of the close on its own time
        with server.connect() as again:
            answer = again.ask(request("GET", "/healthz"))
        if answer.status == 200:
            break
        assert answer.status == 503 and time.monotonic() < deadline
    for one in held:
        one.close()


def test_connections_over_the_limit_leave_the_admin_socket_open(start):
    server = start("--max-connections", 2)
    held = [server.connect() for _ in range(2)]
    assert all(one.ask(request("GET", "/healthz")).status == 200 for one in held)
    assert server.ctl("stats").returncode == 0
    for one in held:
        one.close()


@pytest.mark.parametrize("limit", [1, 3])
def test_pipelined_requests_past_the_limit_wait_their_turn(start, limit):
    server = start("--max-pipelined-requests", limit)
    token = server.token()
    with server.connect() as connection:
        connection.send(request("DELETE", "/v2/users/u/otp_email", token) * 50)
        assert [connection.read().status for _ in range(50)] == [404] * 50


def test_output_past_its_limit_stops_reading_and_loses_nothing(start):
    server = start("--max-output-bytes", "1KiB")
    client = server.api()
    while client.last_sequence() < 100:
        client.make_user()
    with Connection.tcp(server.port) as connection:
        connection.send(request("GET", "/v2/events?limit=100", client.token) * 50)
        assert all(len(connection.read().json["events"]) == 100 for _ in range(50))


def test_buffers_of_all_connections_past_their_limit_close_the_fullest(start):
    server = start("--max-buffered-bytes", "256KiB")
    full = [server.connect() for _ in range(20)]
    for connection in full:
        connection.send(request("DELETE", "/v2/users/u/otp_email", "t", body="x" * 60000)[:-1])
    # Enough of them are closed that the rest fits, and others are served.
    with server.connect() as small:
        assert small.ask(request("GET", "/healthz")).status == 200
    alive = 0
    for connection in full:
        try:
            connection.send("x")
            alive += connection.read().status == 401
        except (ConnectionError, Closed):
            pass
        connection.close()
    assert alive <= 5


def test_a_full_queue_is_503_and_changes_nothing(start):
    server = start("--queue-commands", 1, "--batch-commands", 1)
    client = server.api()
    users = [client.make_user_with_factor() for _ in range(100)]
    before = client.last_sequence()
    with server.connect() as connection:
        connection.send(b"".join(request("DELETE", f"/v2/users/{user}/otp_email", client.token)
                                 for user in users))
        answers = [connection.read() for _ in users]
    done = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status == 503]
    assert len(done) + len(refused) == len(users) and done
    for answer in refused:
        assert answer.json["code"] == 14 and answer.header("Retry-After") is not None
    assert client.last_sequence() == before + len(done)
    for user, answer in zip(users, answers):
        has_it = "authMethodTypes" in client.methods(user).json
        assert has_it == (answer.status == 503)


def test_the_store_is_untouched_by_what_was_refused(server, owner_token, api):
    user = api.make_user_with_factor()
    before = api.last_sequence()
    target = f"/v2/users/{user}/otp_email"
    for data in (request("DELETE", target, owner_token, "x" * 65537),
                 request("DELETE", target, owner_token, headers=["X-Pad: " + "x" * 9000]),
                 request("DELETE", target, owner_token, headers=["Host: again"])):
        with server.connect() as connection:
            assert connection.ask(data).status in (400, 413, 431)
    assert api.last_sequence() == before
    check_error(api.add_otp_email(user), 409, 6,
                "Multifactor OTP (OneTimePassword) is already set up", "COMMAND-MKL2s")
