"""Slow and silent clients."""

import socket
import struct
import time

import pytest

from frames import GOAWAY, NO_ERROR, PREFACE, FrameConnection, frame, get, headers, settings
from wire import Closed, Connection, request

# Deadlines are kept by a sweep, so they end late by a sweep; never early.
SHORT = "600ms"
SHORT_S = 0.6


def check_408(connection):
    answer = connection.read()
    assert (answer.status, answer.json["code"]) == (408, 4)
    assert "details" not in answer.json
    assert answer.header("Connection") == "close"
    assert connection.at_end()


@pytest.fixture
def impatient(start):
    return start("--header-timeout", SHORT, "--body-timeout", SHORT)


@pytest.mark.parametrize("start_of_head", ["G", "GET /healthz HTTP/1.1\r\n",
                                           "GET /healthz HTTP/1.1\r\nHost: x\r\n"])
def test_half_a_header(impatient, start_of_head):
    with impatient.connect() as connection:
        began = time.monotonic()
        connection.send(start_of_head)
        check_408(connection)
        assert time.monotonic() - began >= SHORT_S


def test_a_header_in_drips(impatient):
    with impatient.connect() as connection:
        data = request("GET", "/healthz", headers=["X-Pad: " + "x" * 500])
        try:
            for at in range(200):
                connection.send(data[at:at + 1])
                time.sleep(0.05)
        except ConnectionError:
            return
        check_408(connection)


def test_half_a_body_changes_nothing(impatient):
    client = impatient.api()
    user = client.make_user_with_factor()
    before = client.last_sequence()
    with impatient.connect() as connection:
        connection.send(request("DELETE", f"/v2/users/{user}/otp_email", client.token,
                                body="x" * 100)[:-1])
        check_408(connection)
    assert client.last_sequence() == before


def test_the_deadline_of_a_header_starts_anew_with_each_request(impatient):
    with impatient.connect() as connection:
        data = request("GET", "/healthz")
        for _ in range(4):
            connection.send(data[:10])
            time.sleep(0.3)
            assert connection.ask(data[10:]).status == 200


def test_answers_due_come_before_the_408(impatient):
    with impatient.connect() as connection:
        connection.send(request("GET", "/healthz") + b"GET")
        assert connection.read().status == 200
        check_408(connection)


def test_an_idle_connection_is_closed_without_a_word(start):
    server = start("--idle-timeout", SHORT)
    with server.connect() as fresh_one, server.connect() as used:
        assert used.ask(request("GET", "/healthz")).status == 200
        began = time.monotonic()
        assert used.at_end()
        assert time.monotonic() - began >= SHORT_S * 0.9
        assert fresh_one.at_end()


def test_an_idle_http2_connection_is_told_so(start):
    """RFC 9113, section 6.8: which streams were taken, before it ends."""
    server = start("--idle-timeout", SHORT)
    for used in (False, True):
        with FrameConnection.tcp(server.port) as connection:
            if used:
                connection.send(headers(1, get()))
                assert connection.answer(1).status == 200
            connection.read_to_end()
            assert connection.goaways == [(2**31 - 1, NO_ERROR), (int(used), NO_ERROR)]


def test_an_idle_http2_connection_takes_what_was_on_its_way(start):
    server = start("--idle-timeout", SHORT)
    with FrameConnection.tcp(server.port) as connection:
        connection.read_until(lambda mine: mine.goaways)
        connection.send(headers(1, get()))
        assert connection.answer(1).status == 200
        connection.read_to_end()
        assert connection.goaways[-1] == (1, NO_ERROR)


def test_an_idle_http2_connection_that_does_not_answer_is_left(start):
    server = start("--idle-timeout", SHORT)
    with server.connect() as connection:
        connection.send(PREFACE + settings())
        while data := connection.sock.recv(65536):
            connection.input += data
        goaway = frame(GOAWAY, 0, 0, struct.pack(">II", 0, NO_ERROR))
        assert connection.input.endswith(goaway)


def test_a_busy_connection_is_not_idle(start):
    server = start("--idle-timeout", "2s")
    with server.connect() as connection:
        for _ in range(8):
            time.sleep(0.5)
            assert connection.ask(request("GET", "/healthz")).status == 200


def test_a_client_that_does_not_read_is_cut_off(start):
    server = start("--write-timeout", SHORT)
    client = server.api()
    while client.last_sequence() < 1000:
        client.make_user_with_factor()
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", server.port))
    connection = Connection(sock)
    asked = 300
    connection.send(request("GET", "/v2/events?limit=1000", client.token) * asked)
    time.sleep(6)
    got = 0
    with pytest.raises(Closed):
        for got in range(asked):
            connection.read()
    assert got < asked - 1
    # Only that connection: the server serves on.
    assert client.methods("u").status == 200


def test_after_an_error_a_client_that_goes_on_sending_is_cut_off(start):
    server = start()
    with server.connect() as connection:
        connection.send("nonsense\r\n\r\n")
        assert connection.read().status == 400
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() - began < 30:
                connection.send(b"x" * 65536)
        assert time.monotonic() - began < 20
