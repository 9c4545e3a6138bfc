"""grpc.health.v1.Health/Watch: a stream of statuses, and what ends it."""

import base64

import pytest

from frames import (DATA, END_HEADERS, END_STREAM, INITIAL_WINDOW_SIZE, NO_ERROR, FrameConnection,
                    frame, get, headers, ping, reset, settings)
from messages import message
from rpc import enveloped, envelopes
from wire import Connection, request

WATCH = "/grpc.health.v1.Health/Watch"
SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3
GRPC = "application/grpc"
FORMS = [GRPC, "application/grpc-web+proto", "application/grpc-web-text",
         "application/connect+proto", "application/connect+json"]


def watch(number, service="", form=GRPC):
    """The frames of one call."""
    asked = message("grpc.health.v1.HealthCheckRequest")(service=service)
    body = enveloped(b"{}" if form.endswith("json") else asked.SerializeToString())
    return (headers(number, get(WATCH, ("content-type", form), method="POST"), END_HEADERS)
            + frame(DATA, END_STREAM, number,
                    base64.b64encode(body) if form.endswith("text") else body))


def seen(connection, number, form=GRPC):
    """The statuses so far, and what the last envelope says where it is no message."""
    body, found, end = connection.stream(number).body, [], None
    if form.endswith("text"):  # each part is padded for itself
        body = b"".join(base64.b64decode(body[at:at + 4]) for at in range(0, len(body), 4))
    for flags, payload in envelopes(body):
        if flags:
            end = payload
        elif form.endswith("json"):
            found.append(NOT_SERVING if b"NOT_SERVING" in payload else SERVING)
        else:
            answer = message("grpc.health.v1.HealthCheckResponse").FromString(payload)
            found.append(answer.status)
    return found, end


def wait_for(connection, number, count, form=GRPC):
    """The statuses, once there are so many."""
    connection.read_until(lambda mine: len(seen(mine, number, form)[0]) >= count)
    return seen(connection, number, form)[0]


@pytest.mark.parametrize("form", FORMS)
def test_it_tells_the_drain_and_does_not_hold_it_up(start, form):
    server = start("--drain-delay", "3s")
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1, form=form))
        assert wait_for(connection, 1, 1, form) == [SERVING]
        server.signal()
        assert wait_for(connection, 1, 2, form) == [SERVING, NOT_SERVING]
        # Told before it is ended, so that others are asked in time.
        assert not connection.stream(1).ended and not connection.goaways
        connection.read_to_end()
        statuses, end = seen(connection, 1, form)
        assert statuses == [SERVING, NOT_SERVING] and connection.stream(1).ended
        if form == GRPC:
            assert connection.stream(1).header("grpc-status") == "14"
        else:
            assert b"grpc-status: 14\r\n" in end or b'"code":"unavailable"' in end
        assert connection.goaways[-1] == (1, NO_ERROR)
        assert server.wait() == 0


def test_services(server):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1, "zitadel.user.v2.UserService") + watch(3, "no.such.Service"))
        assert wait_for(connection, 1, 1) == [SERVING]
        assert wait_for(connection, 3, 1) == [SERVICE_UNKNOWN]
        connection.send(reset(1) + headers(5, get()))
        assert connection.answer(5).status == 200
        assert not connection.stream(3).ended


def test_it_keeps_no_idle_connection_open(start):
    server = start("--idle-timeout", "600ms")
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1)).read_to_end()
        assert seen(connection, 1) == ([SERVING], None)
        assert connection.stream(1).header("grpc-status") == "14"
        assert connection.goaways[-1] == (1, NO_ERROR)


def test_a_client_that_shows_that_it_is_there_may_go_on(start):
    server = start("--idle-timeout", "2s")
    with FrameConnection.tcp(server.port) as connection:
        connection.send(watch(1))
        for _ in range(8):
            connection.sock.settimeout(0.5)
            try:
                connection.read_to_end()
            except TimeoutError:
                connection.send(ping())
        assert not connection.stream(1).ended and not connection.goaways


def watch_http1(form, version="1.1"):
    """One call, and behind it a request that has to wait."""
    body = b"{}" if form.endswith("json") else b""
    body = enveloped(body)
    body = base64.b64encode(body) if form.endswith("text") else body
    first = request("POST", WATCH, body=body, headers=[f"Content-Type: {form}"])
    return first.replace(b"HTTP/1.1", f"HTTP/{version}".encode()) + request("GET", "/livez")


def read_chunk(connection, form):
    """The envelopes of one chunk, or None at the end of the body."""
    while b"\r\n" not in connection.input:
        connection._more()
    size = int(connection.input.partition(b"\r\n")[0], 16)
    head = len(f"{size:x}\r\n")
    data = connection._take(head + size + 2)[head:-2]
    if not size:
        return None
    return envelopes(base64.b64decode(data) if form.endswith("text") else data)


@pytest.mark.parametrize("form", FORMS[1:])
def test_over_http1_it_comes_in_chunks(start, form):
    server = start("--drain-delay", "3s")
    with Connection.tcp(server.port) as connection:
        connection.send(watch_http1(form))
        head = connection._take_head()
        assert head.startswith("HTTP/1.1 200 OK\r\n") and "Transfer-Encoding: chunked" in head
        assert f"Content-Type: {form}" in head and "Content-Length" not in head
        [(flags, serving)] = read_chunk(connection, form)
        assert flags == 0 and serving in (b"\x08\x01", b'{"status":"SERVING"}')
        assert connection.is_quiet()
        server.signal()
        [(flags, gone)] = read_chunk(connection, form)
        assert flags == 0 and gone in (b"\x08\x02", b'{"status":"NOT_SERVING"}')
        [(flags, end)] = read_chunk(connection, form)
        assert flags and (b"grpc-status: 14\r\n" in end or b'"code":"unavailable"' in end)
        assert read_chunk(connection, form) is None
        # What was asked behind it had its answer all the time, and gets it in its turn.
        assert connection.read().body == b"ok" and connection.at_end()
    assert server.wait() == 0


def test_over_http1_it_keeps_no_idle_connection_open(start):
    server = start("--idle-timeout", "600ms")
    form = "application/connect+json"
    with Connection.tcp(server.port) as connection:
        connection.send(watch_http1(form))
        connection._take_head()
        assert read_chunk(connection, form) == [(0, b'{"status":"SERVING"}')]
        [(flags, end)] = read_chunk(connection, form)
        assert flags and b'"code":"unavailable"' in end
        assert read_chunk(connection, form) is None and connection.read().body == b"ok"
        assert connection.at_end()


def test_over_http1_who_hangs_up_ends_it(server):
    with Connection.tcp(server.port) as connection:
        connection.send(watch_http1("application/grpc-web+proto"))
        connection._take_head()
        assert read_chunk(connection, "") == [(0, b"\x08\x01")]
        connection.half_close()
        [(flags, end)] = read_chunk(connection, "")
        assert flags == 0x80 and b"grpc-status: 14\r\n" in end
        assert read_chunk(connection, "") is None and connection.read().body == b"ok"
        assert connection.at_end()


def test_over_http_1_0_it_is_unimplemented(server):
    with Connection.tcp(server.port) as connection:
        answer = connection.ask(watch_http1("application/grpc-web+proto", "1.0"))
        [(flags, end)] = envelopes(answer.body)
        assert (answer.status, flags) == (200, 0x80) and b"grpc-status: 12\r\n" in end


def test_who_reads_nothing_costs_nothing(start):
    """Many of them, and others are served; the stop waits for none."""
    server = start()
    deaf = [FrameConnection.tcp(server.port, settings((INITIAL_WINDOW_SIZE, 0)))
            for _ in range(20)]
    for connection in deaf:
        connection.send(b"".join(watch(2 * i + 1) for i in range(100)))
    assert server.api().methods("u").status == 200
    server.signal()
    for connection in deaf:
        connection.sock.close()
    assert server.wait() == 0
