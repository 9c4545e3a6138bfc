"""Collectors of traces that are down, slow or wrong: nothing but a counter moves."""

import http.server
import socket
import threading
import time

import pytest

from factord import PATIENCE_S, run_factord
from scrape import Watched
from wire import request


def dropped(server):
    return server.scrape()("factord_traced_calls_total", outcome="dropped")


def asks(server):
    api = server.api()
    assert api.remove_otp_email(api.make_user_with_factor())


def watched(tmp_path, url):
    return Watched(tmp_path / "data", "--otlp-endpoint", url, "--trace-sample", "1")


@pytest.fixture
def mute():
    """A port that takes connections, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def wrong():
    """A server that answers, but is no collector."""
    class Handler(http.server.BaseHTTPRequestHandler):
        answers = iter([(500, b""), (200, b"\xff\xff\xff"), (404, b"<html>")] * 1000)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = next(self.answers)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def await_dropped(server, count):
    deadline = time.monotonic() + PATIENCE_S
    while dropped(server) < count:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.05)


def await_sent(server):
    deadline = time.monotonic() + PATIENCE_S
    while server.scrape()("factord_traced_calls_total", outcome="sent") == 0:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.05)


def test_one_that_is_down(tmp_path):
    with watched(tmp_path, f"http://127.0.0.1:{free_port()}") as server:
        asks(server)
        await_dropped(server, 4)
        server.await_log("traces could not be sent")


def test_one_that_is_wrong(tmp_path, wrong):
    with watched(tmp_path, wrong) as server:
        for count in (4, 8, 12):
            asks(server)
            await_dropped(server, count)
        assert server.scrape()("factord_traced_calls_total", outcome="sent") == 0


def test_what_is_refused_is_not_sent_again(tmp_path):
    """Nor where an earlier one was taken: what was refused may have been taken, too."""
    bodies = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if len(bodies) == 1 else 500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        with watched(tmp_path, f"http://127.0.0.1:{collector.server_port}") as server:
            token = server.token()
            await_sent(server)
            assert server.api(token).make_user()
            await_dropped(server, 1)
        collector.shutdown()
    assert len(bodies) >= 2 and len(set(bodies)) == len(bodies)


def test_one_that_is_slow_holds_up_the_end_no_longer_than_that_is_said(tmp_path):
    """Eight requests wait for it, each of which it takes, a little before the second is over."""
    begun = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            begun.append(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(0.9)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        with watched(tmp_path, f"http://127.0.0.1:{collector.server_port}") as server:
            asked = request("DELETE", "/v2/users/nobody/otp_email", server.token())
            with server.connect() as connection:
                for _ in range(100):
                    connection.send(asked * 50)
                    assert {connection.read().status for _ in range(50)} == {404}
            before = len(begun)
            server.stop()
        collector.shutdown()
    assert len(begun) - before <= 3


def test_one_that_is_mute_holds_up_neither_calls_nor_the_end(tmp_path, mute):
    with watched(tmp_path, mute) as server:
        asks(server)
        time.sleep(1)  # by now it waits for an answer
        asks(server)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("given", [
    ["--otlp-endpoint", url] for url in
    ("", "127.0.0.1:4318", "https://127.0.0.1:4318", "http://", "http://:4318", "http://h:0",
     "http://h:99999", "http://h/?a", "http://h/a b", "http://user@h")] + [
    ["--trace-sample", share] for share in
    ("", "2", "1.1", "-0.1", ".5", "0.", "0.0000001", "1e-3")])
def test_bad_usage(tmp_path, given):
    done = run_factord("--data-dir", tmp_path / "data", *given)
    assert done.returncode == 2 and given[0] in done.stderr, done.stderr
