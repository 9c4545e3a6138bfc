"""Malformed HTTP/2: each fault closes what it should, with the code of RFC 9113, and nothing else.

Where the RFC allows a stream error to be one of the connection, ours (nghttp2) often makes use of
it. Beside each fault another connection goes on, and the log of events stays as it was."""

import struct

import pytest

from frames import (ACK, COMPRESSION_ERROR, CONTINUATION, DATA, END_HEADERS, END_STREAM,
                    ENABLE_PUSH, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, GOAWAY, HEADERS,
                    INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, PADDED, PING, PRIORITIZED, PRIORITY,
                    PROTOCOL_ERROR, PUSH_PROMISE, RST_STREAM, SETTINGS, STREAM_CLOSED,
                    WHOLE, WINDOW_UPDATE, FrameConnection, block, frame, get, headers, ping, reset,
                    settings, window_update)

GOOD = get()
POST = get("/v2/users/u/lock", method="POST")
LARGEST = 2**31 - 1
# An answer that cannot leave, so that its stream stays half closed.
HELD = settings((INITIAL_WINDOW_SIZE, 0)) + headers(1, GOOD)


@pytest.fixture(scope="module")
def bystander(server):
    """A connection that nothing wrong is ever sent on."""
    with FrameConnection.tcp(server.port) as connection:
        connection.next = 1
        yield connection


@pytest.fixture(scope="module")
def user(server, owner_token):
    """With the factor."""
    return server.api(owner_token).make_user_with_factor()


@pytest.fixture(autouse=True)
def nothing_else_is_touched(bystander, api, user):
    before = api.last_sequence()
    yield
    bystander.send(headers(bystander.next, GOOD))
    assert bystander.answer(bystander.next).status == 200
    bystander.next += 2
    assert not bystander.goaways
    assert api.last_sequence() == before


# Faults that end the connection: bytes after the preface and settings, and the code.
CONNECTION_FAULTS = {
    # Sizes, section 4.2 and each frame's own.
    "DATA longer than allowed": (headers(1, POST, END_HEADERS) + frame(DATA, 0, 1, bytes(16385)),
                                 FRAME_SIZE_ERROR),
    "HEADERS longer than allowed": (headers(1, GOOD + bytes(16385)), FRAME_SIZE_ERROR),
    "an unknown frame longer than allowed": (frame(99, 0, 0, bytes(16385)), FRAME_SIZE_ERROR),
    "the longest length there is": (frame(DATA, 0, 1, bytes(100), length=2**24 - 1),
                                    FRAME_SIZE_ERROR),
    "PRIORITY of 4": (frame(PRIORITY, 0, 1, bytes(4)), FRAME_SIZE_ERROR),
    "PRIORITY of 6": (frame(PRIORITY, 0, 1, bytes(6)), FRAME_SIZE_ERROR),
    "RST_STREAM of 3": (headers(1, POST, END_HEADERS) + frame(RST_STREAM, 0, 1, bytes(3)),
                        FRAME_SIZE_ERROR),
    "RST_STREAM of 5": (headers(1, POST, END_HEADERS) + frame(RST_STREAM, 0, 1, bytes(5)),
                        FRAME_SIZE_ERROR),
    "SETTINGS of 5": (frame(SETTINGS, payload=bytes(5)), FRAME_SIZE_ERROR),
    "SETTINGS of 7": (frame(SETTINGS, payload=bytes(7)), FRAME_SIZE_ERROR),
    "SETTINGS acknowledged with a payload": (frame(SETTINGS, ACK, 0, bytes(6)), FRAME_SIZE_ERROR),
    "PING of 7": (ping(bytes(7)), FRAME_SIZE_ERROR),
    "PING of 9": (ping(bytes(9)), FRAME_SIZE_ERROR),
    "PING of nothing": (ping(b""), FRAME_SIZE_ERROR),
    "GOAWAY of 7": (frame(GOAWAY, payload=bytes(7)), FRAME_SIZE_ERROR),
    "WINDOW_UPDATE of 3": (frame(WINDOW_UPDATE, payload=bytes(3)), FRAME_SIZE_ERROR),
    "WINDOW_UPDATE of 5": (frame(WINDOW_UPDATE, payload=bytes(5)), FRAME_SIZE_ERROR),
    "HEADERS too short for its priority": (frame(HEADERS, WHOLE | PRIORITIZED, 1, bytes(4)),
                                           FRAME_SIZE_ERROR),
    # Too short for the length of its padding: nghttp2 counts that as wrong padding.
    "DATA without the padding it says": (headers(1, POST, END_HEADERS) + frame(DATA, PADDED, 1),
                                         PROTOCOL_ERROR),
    "HEADERS without the padding it says": (frame(HEADERS, WHOLE | PADDED, 1), PROTOCOL_ERROR),
    "DATA with more padding than payload": (
        headers(1, POST, END_HEADERS) + frame(DATA, PADDED, 1, b"\x05abcd"), PROTOCOL_ERROR),
    "HEADERS with more padding than payload": (
        headers(1, b"\xff" + GOOD, WHOLE | PADDED), PROTOCOL_ERROR),

    # Stream ids, section 5.1.1.
    "DATA on stream 0": (frame(DATA, 0, 0, b"x"), PROTOCOL_ERROR),
    "HEADERS on stream 0": (headers(0, GOOD), PROTOCOL_ERROR),
    "RST_STREAM on stream 0": (reset(0), PROTOCOL_ERROR),
    "CONTINUATION on stream 0": (frame(CONTINUATION, END_HEADERS, 0, GOOD), PROTOCOL_ERROR),
    "SETTINGS on a stream": (frame(SETTINGS, 0, 1), PROTOCOL_ERROR),
    "PING on a stream": (frame(PING, 0, 1, bytes(8)), PROTOCOL_ERROR),
    "GOAWAY on a stream": (frame(GOAWAY, 0, 1, bytes(8)), PROTOCOL_ERROR),
    "HEADERS on an even stream": (headers(2, GOOD), PROTOCOL_ERROR),
    "DATA on an idle stream": (frame(DATA, 0, 1, b"x"), PROTOCOL_ERROR),
    "DATA on an idle stream of ours": (frame(DATA, 0, 2, b"x"), PROTOCOL_ERROR),
    "RST_STREAM on an idle stream": (reset(1), PROTOCOL_ERROR),
    "WINDOW_UPDATE on an idle stream": (window_update(1, 1), PROTOCOL_ERROR),
    "WINDOW_UPDATE on an idle stream of ours": (window_update(2, 1), PROTOCOL_ERROR),
    "HEADERS on a half closed stream": (HELD + headers(1, GOOD), STREAM_CLOSED),
    "DATA on a half closed stream": (HELD + frame(DATA, 0, 1, b"x"), STREAM_CLOSED),

    # Header compression, RFC 7541.
    "index 0": (headers(1, b"\x80"), COMPRESSION_ERROR),
    "an index beyond the tables": (headers(1, b"\xff\x7f"), COMPRESSION_ERROR),
    "a name index beyond the tables": (headers(1, b"\x0f\x7f\x01x"), COMPRESSION_ERROR),
    "an integer without end": (headers(1, b"\xff" + b"\xff" * 20), COMPRESSION_ERROR),
    "a literal cut short": (headers(1, b"\x00\x05ab"), COMPRESSION_ERROR),
    "a block cut short": (headers(1, GOOD[:-1]), COMPRESSION_ERROR),
    "Huffman padding of zeros": (headers(1, GOOD + b"\x00\x81\x18\x01x"), COMPRESSION_ERROR),
    "the end-of-string symbol": (headers(1, GOOD + b"\x00\x84\xff\xff\xff\xff\x01x"),
                                 COMPRESSION_ERROR),
    "a table larger than allowed": (headers(1, b"\x3f\xe2\x1f" + GOOD), COMPRESSION_ERROR),
    "a table size after a field": (headers(1, GOOD + b"\x20"), COMPRESSION_ERROR),
    "a broken block of trailers": (
        headers(1, POST, END_HEADERS) + headers(1, b"\x80"), COMPRESSION_ERROR),

    # Flow control, section 6.9.
    "WINDOW_UPDATE by 0": (window_update(0, 0), PROTOCOL_ERROR),
    "WINDOW_UPDATE by 0 on a stream": (headers(1, POST, END_HEADERS) + window_update(1, 0),
                                       PROTOCOL_ERROR),
    "a window beyond the largest": (window_update(0, LARGEST), FLOW_CONTROL_ERROR),

    # Settings, section 6.5.2.
    "ENABLE_PUSH of 2": (settings((ENABLE_PUSH, 2)), PROTOCOL_ERROR),
    "INITIAL_WINDOW_SIZE beyond the largest": (settings((INITIAL_WINDOW_SIZE, 2**31)),
                                               FLOW_CONTROL_ERROR),
    "MAX_FRAME_SIZE too small": (settings((MAX_FRAME_SIZE, 16383)), PROTOCOL_ERROR),
    "MAX_FRAME_SIZE too large": (settings((MAX_FRAME_SIZE, 2**24)), PROTOCOL_ERROR),
    "an acknowledgement of nothing": (frame(SETTINGS, ACK) * 3, PROTOCOL_ERROR),

    # What a client may not send, or not there.
    "PUSH_PROMISE": (headers(1, POST, END_HEADERS)
                     + frame(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + GOOD),
                     PROTOCOL_ERROR),
    "PUSH_PROMISE on stream 0": (
        frame(PUSH_PROMISE, END_HEADERS, 0, struct.pack(">I", 2) + GOOD), PROTOCOL_ERROR),
    "CONTINUATION without HEADERS": (frame(CONTINUATION, END_HEADERS, 1, GOOD), PROTOCOL_ERROR),
    "CONTINUATION after a whole block": (
        headers(1, POST, END_HEADERS) + frame(CONTINUATION, END_HEADERS, 1, GOOD), PROTOCOL_ERROR),
    "CONTINUATION of another stream": (
        headers(1, GOOD, END_STREAM) + frame(CONTINUATION, END_HEADERS, 3), PROTOCOL_ERROR),
    "a PING within a header block": (
        headers(1, GOOD, END_STREAM) + ping() + frame(CONTINUATION, END_HEADERS, 1),
        PROTOCOL_ERROR),
    "an unknown frame within a header block": (
        headers(1, GOOD, END_STREAM) + frame(99) + frame(CONTINUATION, END_HEADERS, 1),
        PROTOCOL_ERROR),
    "HEADERS within a header block": (
        headers(1, GOOD, END_STREAM) + headers(3, GOOD), PROTOCOL_ERROR),
    "SETTINGS within a header block": (
        headers(1, GOOD, END_STREAM) + settings(), PROTOCOL_ERROR),
    "PRIORITY on stream 0": (frame(PRIORITY, 0, 0, bytes(5)), PROTOCOL_ERROR),
    "PRIORITY on stream 0 with the reserved bit": (frame(PRIORITY, 0, 2**31, bytes(5)),
                                                   PROTOCOL_ERROR),
    "PRIORITY on stream 0 after a request": (HELD + frame(PRIORITY, 0, 0, bytes(5)),
                                             PROTOCOL_ERROR),
    "HEADERS that depends on itself": (
        headers(1, struct.pack(">IB", 1, 0) + GOOD, WHOLE | PRIORITIZED), PROTOCOL_ERROR),
}


@pytest.mark.parametrize("data, code", CONNECTION_FAULTS.values(), ids=CONNECTION_FAULTS)
def test_a_fault_of_the_connection(server, data, code):
    with FrameConnection.tcp(server.port) as connection:
        connection.send_unless_closed(data + headers(99, GOOD)).read_to_end()
        assert [told for _, told in connection.goaways] == [code]
        assert connection.stream(99).status is None
        assert connection.stream(99).code is None


# Faults of one stream (the first): the bytes, and the code of its RST_STREAM.
def request_with(*fields):
    return headers(1, get("/healthz", *fields))


def request_of(*fields):
    return headers(1, block(*fields))


METHOD, SCHEME, PATH, AUTHORITY = ((":method", "GET"), (":scheme", "http"), (":path", "/healthz"),
                                   (":authority", "x"))
STREAM_FAULTS = {
    "a name in upper case": request_with(("X-Upper", "y")),
    "a name with a space": request_with(("x y", "z")),
    "a name with a colon": request_with(("x:y", "z")),
    "a name that is empty": request_with(("", "z")),
    "a name with a control character": request_with(("x\x01", "z")),
    "a value with a line end": request_with(("x", "y\r\nz")),
    "a value with a line feed": request_with(("x", "y\nz")),
    "a value with a zero": request_with(("x", "y\0z")),
    "a value that begins with a space": request_with(("x", " y")),
    "a value that ends with a tab": request_with(("x", "y\t")),
    "connection": request_with(("connection", "close")),
    "keep-alive": request_with(("keep-alive", "5")),
    "proxy-connection": request_with(("proxy-connection", "close")),
    "transfer-encoding": request_with(("transfer-encoding", "chunked")),
    "upgrade": request_with(("upgrade", "h2c")),
    "te that is not trailers": request_with(("te", "gzip")),
    "no method": request_of(SCHEME, PATH, AUTHORITY),
    "no scheme": request_of(METHOD, PATH, AUTHORITY),
    "no path": request_of(METHOD, SCHEME, AUTHORITY),
    "no fields at all": headers(1, b""),
    "an empty path": request_of(METHOD, SCHEME, (":path", ""), AUTHORITY),
    "two methods": request_of(METHOD, METHOD, SCHEME, PATH, AUTHORITY),
    "two schemes": request_of(METHOD, SCHEME, SCHEME, PATH, AUTHORITY),
    "two paths": request_of(METHOD, SCHEME, PATH, PATH, AUTHORITY),
    "two authorities": request_of(METHOD, SCHEME, PATH, AUTHORITY, AUTHORITY),
    "an unknown pseudo field": request_of(METHOD, SCHEME, PATH, (":other", "x")),
    "a status": request_of(METHOD, SCHEME, PATH, (":status", "200")),
    "a pseudo field after a field": request_of(METHOD, SCHEME, ("x", "y"), PATH),
    "CONNECT with a path": request_of((":method", "CONNECT"), PATH, AUTHORITY),
    "CONNECT without authority": request_of((":method", "CONNECT")),
    "a length that is no number": request_with(("content-length", "x")),
    "a negative length": request_with(("content-length", "-1")),
    "two lengths": request_with(("content-length", "0"), ("content-length", "1")),
    "a length without a body": request_with(("content-length", "1")),
    "less body than its length": (
        headers(1, get("/v2/users/u/lock", ("content-length", "3"), method="POST"), END_HEADERS)
        + frame(DATA, END_STREAM, 1, b"xy")),
    "more body than its length": (
        headers(1, get("/v2/users/u/lock", ("content-length", "1"), method="POST"), END_HEADERS)
        + frame(DATA, END_STREAM, 1, b"xy")),
    "more body than its length, in two": (
        headers(1, get("/v2/users/u/lock", ("content-length", "1"), method="POST"), END_HEADERS)
        + frame(DATA, 0, 1, b"x") + frame(DATA, 0, 1, b"y")),
    "a pseudo field in trailers": (
        headers(1, POST, END_HEADERS) + headers(1, block((":path", "/")))),
    "trailers that do not end the stream": (
        headers(1, POST, END_HEADERS) + headers(1, block(("x", "y")), END_HEADERS)),
    "a name in upper case in trailers": (
        headers(1, POST, END_HEADERS) + headers(1, block(("Upper", "x")))),
}


def check_goes_on(connection, stream=99):
    connection.send(headers(stream, GOOD))
    assert connection.answer(stream).status == 200
    assert not connection.goaways and not connection.ended


@pytest.mark.parametrize("data", STREAM_FAULTS.values(), ids=STREAM_FAULTS)
def test_a_fault_of_the_stream(server, data):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(data)
        seen = connection.answer(1)
        assert (seen.status, seen.code) == (None, PROTOCOL_ERROR)
        check_goes_on(connection)


@pytest.mark.parametrize("data", [
    window_update(1, LARGEST),
    # Of the connection, says section 6.9.2; nghttp2 ends the stream.
    window_update(1, LARGEST - 65535) + settings((INITIAL_WINDOW_SIZE, 65536))],
    ids=["by WINDOW_UPDATE", "by SETTINGS"])
def test_a_window_of_a_stream_beyond_the_largest(server, data):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, POST, END_HEADERS) + data)
        assert connection.answer(1).code == FLOW_CONTROL_ERROR
        check_goes_on(connection)


BAD_HOSTS = ["h:x", "h:-1", "h:65536", "[bad", "a]b", "u@h", "[1::2::3]", ":80"]


@pytest.mark.parametrize("fields", [
    [("host", "x")], [AUTHORITY, ("host", "x")], [AUTHORITY, ("host", "X:80")],
    [(":authority", "[::1]:65535")], [(":authority", "h:")]])
def test_a_host_that_is_one(server, fields):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, block(METHOD, SCHEME, PATH, *fields)))
        assert connection.answer(1).status == 200


def test_expectations(server):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, get("/v2/users/u/lock", ("expect", "100-continue"),
                                       method="POST"), END_HEADERS))
        connection.read_until(lambda mine: mine.stream(1).fields)
        assert connection.stream(1).fields == [(":status", "100")]
        connection.stream(1).fields.clear()
        connection.send(frame(DATA, END_STREAM, 1, b"{}"))
        assert connection.answer(1).status == 401
        connection.send(headers(3, get("/healthz", ("expect", "tea"))))
        assert connection.answer(3).status == 417


def test_a_malformed_authority_or_path_is_answered(server):
    faults = [*((METHOD, SCHEME, PATH, (":authority", bad)) for bad in BAD_HOSTS),
              *((METHOD, SCHEME, PATH, ("host", bad)) for bad in BAD_HOSTS),
              *((METHOD, SCHEME, PATH, AUTHORITY, ("host", bad)) for bad in BAD_HOSTS),
              (METHOD, SCHEME, PATH, AUTHORITY, ("host", "y")),
              (METHOD, SCHEME, PATH, AUTHORITY, ("host", "x:443")),
              (METHOD, SCHEME, PATH, (":authority", "a b")),
              (METHOD, SCHEME, PATH, ("host", "a/b")),
              (METHOD, SCHEME, AUTHORITY, (":path", "healthz")),
              (METHOD, SCHEME, AUTHORITY, (":path", "/healthz#x")),
              (METHOD, SCHEME, AUTHORITY, (":path", "*"))]
    with FrameConnection.tcp(server.port) as connection:
        for number, fields in enumerate(faults):
            stream = 2 * number + 1
            connection.send(headers(stream, block(*fields)))
            seen = connection.answer(stream)
            assert seen.status == 400 or seen.code == PROTOCOL_ERROR, fields
        check_goes_on(connection)


# What is unusual and no fault, or comes too late to be one.
HARMLESS = {
    "an unknown frame": frame(99, 0xFF, 0, b"whatever"),
    "an unknown frame on a stream": frame(99, 0xFF, 77, b"whatever"),
    "an unknown setting": settings((0x1234, 0xFFFFFFFF)),
    "settings at their ends": settings((INITIAL_WINDOW_SIZE, LARGEST), (MAX_FRAME_SIZE, 16384),
                                       (MAX_FRAME_SIZE, 2**24 - 1), (ENABLE_PUSH, 0),
                                       (1, 0), (1, 2**32 - 1), (3, 0), (6, 0)),
    "unknown flags": frame(PING, 0xFE, 0, bytes(8)) + frame(SETTINGS, 0xFE),
    "the reserved bit": headers(2**31 + 1, GOOD),
    "PRIORITY that depends on itself": frame(PRIORITY, 0, 1, struct.pack(">IB", 1, 0)),
    "PRIORITY of an idle stream": frame(PRIORITY, 0, 7, struct.pack(">IB", 3, 9)),
    "a PING nobody asked for": frame(PING, ACK, 0, b"whatever"),
    "te: trailers": request_with(("te", "trailers")),
    "padding": headers(1, b"\x03" + GOOD + bytes(3), WHOLE | PADDED),
    "a priority": headers(1, struct.pack(">IB", 0, 255) + GOOD, WHOLE | PRIORITIZED),
    "a block in pieces": (headers(1, GOOD[:1], END_STREAM) + frame(CONTINUATION, 0, 1, GOOD[1:20])
                          + frame(CONTINUATION, 0, 1) + frame(CONTINUATION, END_HEADERS, 1,
                                                              GOOD[20:])),
    "empty DATA": headers(1, GOOD, END_HEADERS) + frame(DATA, 0, 1) * 9 + frame(DATA, 1, 1),
    "trailers": headers(1, GOOD, END_HEADERS) + headers(1, block(("x", "y"))),
    "a table made small and large": headers(1, b"\x20\x3f\xe1\x1f" + GOOD),
    "WINDOW_UPDATE on a closed stream": headers(1, GOOD) + ping() * 9 + window_update(1, 9),
    "RST_STREAM on a closed stream": headers(1, GOOD) + ping() * 9 + reset(1),
    "a window at its largest": window_update(0, LARGEST - 65535),
}


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_what_is_no_fault(server, data):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(data)
        check_goes_on(connection)
        assert all(seen.code is None for seen in connection.streams.values())
        connection.sync()
        assert connection.stream(1).status in (200, None)


def test_frames_of_streams_that_are_gone_run_nothing(server, api, user):
    """RFC 9113 makes some of these faults; nghttp2 lets them pass, for they may cross a reset."""
    removal = get(f"/v2/users/{user}/otp_email", ("authorization", f"Bearer {api.token}"),
                  method="DELETE")
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(5, GOOD))
        assert connection.answer(5).status == 200
        connection.send(headers(5, removal))  # used
        connection.send(headers(3, removal))  # passed over
        connection.send(frame(DATA, END_STREAM, 5, b"x"))
        connection.sync()
        assert connection.stream(3).status is None
    assert "authMethodTypes" in api.methods(user).json
