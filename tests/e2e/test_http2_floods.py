"""Much of what is allowed: floods of HTTP/2 are contained, and others are served meanwhile."""

import time

import pytest

from frames import (CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM,
                    FLOW_CONTROL_ERROR, HEADERS, INITIAL_WINDOW_SIZE, PING,
                    PRIORITY, PROTOCOL_ERROR, REFUSED_STREAM, FrameConnection, block, frame, get,
                    headers, ping, reset, settings, window_update)
from wire import request

GOOD = get()
POST = get("/v2/users/u/lock", method="POST")


@pytest.fixture(autouse=True)
def others_are_served(server, api):
    before = api.last_sequence()
    yield
    with server.connect() as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200
    assert api.last_sequence() == before


def check_calmed(connection, *codes):
    connection.read_to_end()
    assert [code for _, code in connection.goaways] in [[code] for code in codes]


@pytest.mark.parametrize("request_header", [headers(1, POST, END_HEADERS), headers(1, GOOD)],
                         ids=["before its end", "after its end"])
def test_rapid_resets(server, request_header):
    with FrameConnection.tcp(server.port) as connection:
        flood = b"".join(request_header[:5] + (2 * i + 1).to_bytes(4, "big") + request_header[9:]
                         + reset(2 * i + 1) for i in range(5000))
        connection.send_unless_closed(flood)
        check_calmed(connection, ENHANCE_YOUR_CALM)


@pytest.mark.parametrize("fault", [
    lambda stream: window_update(stream, 2**31 - 1),
    lambda stream: frame(DATA, END_STREAM, stream, b"more than was announced"),
], ids=["a window that overflows", "a body that is too long"])
def test_streams_that_the_server_has_to_reset(server, fault):
    """CVE-2025-8671: the work goes on, and the stream counts no more."""
    fields = get("/v2/users/u/lock", ("content-length", "1"), method="POST")
    with FrameConnection.tcp(server.port) as connection:
        connection.send_unless_closed(b"".join(
            headers(number, fields, END_HEADERS) + fault(number) for number in range(1, 10001, 2)))
        check_calmed(connection, ENHANCE_YOUR_CALM)


def test_few_resets_are_no_flood(server):
    with FrameConnection.tcp(server.port) as connection:
        for i in range(500):
            connection.send(headers(2 * i + 1, POST, END_HEADERS) + reset(2 * i + 1))
        connection.send(headers(2001, GOOD))
        assert connection.answer(2001).status == 200 and not connection.goaways


@pytest.mark.parametrize("piece", [b"", b"\x00\x01x\x01y" * 100], ids=["empty", "with fields"])
def test_continuations(server, piece):
    with FrameConnection.tcp(server.port) as connection:
        connection.send_unless_closed(headers(1, GOOD, END_STREAM)
                                      + frame(CONTINUATION, 0, 1, piece) * 20000)
        check_calmed(connection, ENHANCE_YOUR_CALM)


@pytest.mark.parametrize("one", [ping(), settings()], ids=["PING", "SETTINGS"])
def test_what_must_be_acknowledged_is_while_it_is_read(server, one):
    count, at_once = 20000, 500
    with FrameConnection.tcp(server.port) as connection:
        for done in range(at_once, count + 1, at_once):
            connection.send(one * at_once)
            connection.read_until(lambda mine: len(mine.pongs) + mine.acks >= done)
        assert not connection.goaways
        connection.send(headers(1, GOOD))
        assert connection.answer(1).status == 200


@pytest.mark.parametrize("one", [ping(), settings()], ids=["PING", "SETTINGS"])
def test_what_must_be_acknowledged_and_is_not_read(start, one):
    """Acknowledgements pile up: at first in the kernel, then here, and here there is a limit."""
    server = start("--write-timeout", "600ms")
    with FrameConnection.tcp(server.port) as connection:
        connection.sock.settimeout(1)
        ended = False
        began = time.monotonic()
        while not ended and time.monotonic() - began < 30:
            try:
                connection.sock.sendall(one * 10000)
            except TimeoutError:
                continue  # it does not read any more
            except ConnectionError:
                ended = True
        assert ended
    with server.connect() as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200


@pytest.mark.parametrize("one", [frame(PRIORITY, 0, 3, bytes(5)), window_update(0, 1),
                                 frame(99, 0, 0, b"x"), frame(PING, 1, 0, bytes(8))],
                         ids=["PRIORITY", "WINDOW_UPDATE", "unknown", "acknowledgements"])
def test_frames_that_ask_for_nothing(server, one):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(one * 50000 + headers(1, GOOD))
        assert connection.answer(1).status == 200 and not connection.goaways


def test_empty_data_has_the_deadline_of_a_body(start):
    server = start("--body-timeout", "600ms")
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, POST, END_HEADERS))
        connection.sock.settimeout(0.001)
        began = time.monotonic()
        while connection.stream(1).status is None and time.monotonic() - began < 30:
            try:
                connection.sock.sendall(frame(DATA, 0, 1) * 100)
                connection.read_frame()
            except TimeoutError:
                pass
        assert connection.stream(1).status == 408
        assert time.monotonic() - began >= 0.6
    with server.connect() as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200


# Header lists, as RFC 9113 counts them (section 6.5.2).
def list_bytes(*fields):
    return sum(len(name) + len(value) + 32 for name, value in fields)


FIELDS = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", "/healthz")]


@pytest.mark.parametrize("over", [0, 1])
def test_a_header_list_at_its_limit_and_one_past(server, over):
    room = 8192 - list_bytes(*FIELDS, ("x", "")) + over
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, block(*FIELDS, ("x", "y" * room))) + headers(3, GOOD))
        seen = connection.answer(1)
        assert seen.status == (431 if over else 200)
        assert connection.answer(3).status == 200 and not connection.goaways


def test_many_small_fields(server):
    with FrameConnection.tcp(server.port) as connection:
        many = b"\x00\x01x\x01y" * 250  # 34 bytes each by that count
        connection.send(headers(1, GOOD + many) + headers(3, GOOD))
        assert connection.answer(1).status == 431
        assert connection.answer(3).status == 200


def test_a_small_block_that_grows_beyond_measure(server):
    """One field of the dynamic table, named again by a byte each time."""
    with FrameConnection.tcp(server.port) as connection:
        field = b"\x40\x01x\x7f\x81\x1e" + b"y" * 3968
        connection.send_unless_closed(headers(1, GOOD + field + b"\xbe" * 12000)
                                      + headers(3, GOOD))
        connection.read_to_end()
        assert [code for _, code in connection.goaways] == [ENHANCE_YOUR_CALM]
    memory = int((server_status(server))["VmHWM"].split()[0])
    assert memory < 1 << 20  # KiB: 12,000 times 4 KiB are not kept


def server_status(server):
    with open(f"/proc/{server.process.pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


# Streams and windows.
def test_streams_at_their_limit_and_one_past(server):
    with FrameConnection.tcp(server.port) as connection:
        # As long as the client has not acknowledged the limit, it may not know it.
        for i in range(128):
            connection.send(headers(2 * i + 1, POST, END_HEADERS))
        connection.send(headers(257, GOOD))
        assert connection.answer(257).code == REFUSED_STREAM
        connection.send(frame(DATA, END_STREAM, 1))
        assert connection.answer(1).status == 401
        connection.send(headers(259, GOOD))
        assert connection.answer(259).status == 200 and not connection.goaways
        connection.send(headers(261, POST, END_HEADERS) + headers(263, GOOD)).read_to_end()
        assert [code for _, code in connection.goaways] == [PROTOCOL_ERROR]


def test_data_beyond_the_window_of_a_stream(server):
    # A body that is longer than it may be is let in by 5 bytes, to be answered.
    with FrameConnection.tcp(server.port).sync() as connection:
        connection.send(headers(1, POST, END_HEADERS) + headers(3, POST, END_HEADERS))
        for size in (16384, 16384, 16384, 16384):
            connection.send(frame(DATA, 0, 1, bytes(size)))
        connection.send(frame(DATA, 0, 1, b"x"))
        assert connection.answer(1).status == 413
        for size in (16384, 16384, 16384, 16384, 6):
            connection.send(frame(DATA, 0, 3, bytes(size)))
        assert connection.answer(3).code == FLOW_CONTROL_ERROR
        connection.send(headers(5, GOOD))
        assert connection.answer(5).status == 200 and not connection.goaways


def test_answers_that_are_not_let_out_are_dropped_in_time(start, api):
    server = start("--write-timeout", "600ms")
    with FrameConnection.tcp(server.port, settings((INITIAL_WINDOW_SIZE, 0))) as connection:
        connection.send(b"".join(headers(2 * i + 1, GOOD) for i in range(100)))
        for i in range(100):
            seen = connection.answer(2 * i + 1)
            assert (seen.status, seen.body, seen.code) == (200, b"", CANCEL)
        connection.send(settings((INITIAL_WINDOW_SIZE, 10)) + headers(201, GOOD))
        assert connection.answer(201).body == b"ok"


def test_half_a_frame_has_a_deadline(start):
    server = start("--header-timeout", "600ms")
    for data in (headers(1, GOOD)[:-1], headers(1, GOOD, END_STREAM), frame(HEADERS, 5, 1)[:5]):
        with FrameConnection.tcp(server.port).sync() as connection:
            began = time.monotonic()
            connection.send(data).read_to_end()
            assert time.monotonic() - began >= 0.6
            assert [code for _, code in connection.goaways] == [0]
    with FrameConnection.tcp(server.port, begin=None) as connection:
        connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n")
        connection.sock.recv(65536)  # HTTP/1.1 so far: its 408
        assert connection.sock.recv(1) == b""
