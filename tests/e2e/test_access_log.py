"""The access log: which requests have a line, what it says, and that nobody waits for a reader."""

import fcntl
import json
import os
import re
import socket
import struct
import time

import pytest

from bulk import Bulk
from factord import PATIENCE_S, run_factord
from rpc import PROTOCOLS, Client
from scrape import Watched, label_of
from wire import request

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


def requests_of(server):
    """The lines of requests, so far."""
    return [line for line in map(json.loads, server.log().splitlines()) if line["msg"] == "request"]


def await_requests(server, count):
    """So many of them, once they are written."""
    deadline = time.monotonic() + PATIENCE_S
    while len(found := requests_of(server)) < count:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.01)
    return found


def await_call(server, operation):
    """The line of the first call of this operation, once it is written."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        for line in requests_of(server):
            if line.get("operation") == operation:
                return line
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.01)


def test_by_default_a_request_that_went_well_has_no_line(start):
    server = start()
    api = server.api()
    api.remove_otp_email(api.make_user_with_factor())
    api.remove_otp_email("nobody")
    api.get("/nowhere")
    server.stop()
    assert requests_of(server) == []


def test_all_tells_who_asked_for_what_and_where_the_time_went(start):
    server = start("--access-log", "all")
    api = server.api()
    user = api.make_user_with_factor()
    before = len(await_requests(server, 3))
    with server.connect() as connection:
        answer = connection.ask(request(
            "DELETE", f"/v2/users/{user}/otp_email", api.token, headers=[
                "X-Request-Id: mine", f"traceparent: 00-{TRACE}-{PARENT}-01", "tracestate: a=1"]))
    assert answer.status == 200 and answer.header("X-Request-Id") == "mine"
    line = await_requests(server, before + 1)[before]
    assert {key: line[key] for key in line if key not in ("ts", "queue_us", "commit_us", "us",
                                                          "sequence")} == {
        "level": "info", "msg": "request", "request_id": "mine", "trace_id": TRACE,
        "parent_id": PARENT, "trace_state": "a=1", "listener": "api",
        "operation": "RemoveOTPEmail", "protocol": "json", "subject": "operator", "user_id": user,
        "code": "OK", "bytes_in": 0, "bytes_out": len(answer.body)}
    assert str(line["sequence"]) == json.loads(answer.body)["details"]["sequence"]
    assert 0 <= line["queue_us"] <= line["us"] and 0 <= line["commit_us"] <= line["us"]
    assert api.token not in server.log()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_request_is_called_the_same_over_every_protocol(start, protocol):
    server = start("--access-log", "all")
    api = server.api()
    user = api.make_user_with_factor()
    client = Client(protocol, server.port)
    client.call("RemoveOTPEmail", {"userId": user}, f"Bearer {api.token}",
                [("X-Request-Id", "mine")])
    client.close()
    assert client.request_id == "mine"
    server.stop()
    line = requests_of(server)[-1]
    assert (line["request_id"], line["operation"], line["code"]) == ("mine", "RemoveOTPEmail", "OK")
    assert line["user_id"] == user and line["protocol"] == label_of(protocol)


def test_made_names_differ_and_have_one_form(start):
    server = start("--threads", 2)
    names = set()
    for _ in range(5):
        with server.connect() as connection:
            for _ in range(3):
                names.add(connection.ask(request("GET", "/livez")).header("X-Request-Id"))
    assert len(names) == 15
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


def test_a_refusal_for_want_of_room_is_an_error(start):
    server = start("--max-event-streams", 0)
    with server.connect() as connection:
        answer = connection.ask(request("GET", "/v2/events", server.token(),
                                        headers=["Accept: text/event-stream"]))
    assert answer.status == 429
    line = await_requests(server, 1)[0]
    assert line["level"] == "warn" and line["code"] == "RESOURCE_EXHAUSTED"
    assert line["request_id"] == answer.header("X-Request-Id") and line["cause"]


def test_slow_is_what_took_so_long(start):
    server = start("--access-log", "slow", "--slow-request", "1ms")
    api = server.api()
    with server.connect() as connection:
        asked = request("GET", "/v2/events?wait=1s&after=1000", api.token)
        assert connection.ask(asked).status == 200
    assert await_call(server, "ListEvents")["us"] >= 1_000_000


def test_a_bulk_is_one_line(start):
    server = start("--access-log", "all")
    api = server.api()
    users = [api.make_user_with_factor() for _ in range(3)]
    before = len(await_requests(server, 7))  # a token, three users and their factors
    assert len(Bulk(server.port, api.token).send(*users).end().rest()) == 3
    server.stop()
    line, = requests_of(server)[before:]
    assert (line["operation"], line["lines"], line["code"]) == ("BulkRemoveOTPEmail", 3, "OK")
    assert line["bytes_out"] > 3 * len('{"userId":""}')


def test_a_request_whose_client_is_gone_says_so(start):
    server = start("--access-log", "all")
    api = server.api()
    with server.connect() as connection:
        connection.send(request("GET", "/v2/events?wait=2s&after=1000", api.token))
        time.sleep(0.2)
        # Ended by a reset: half of a connection could still be answered on.
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert await_call(server, "ListEvents")["code"] == "CANCELLED"


def test_a_stream_and_a_bulk_that_are_cut_have_their_line(start):
    server = start("--access-log", "all")
    api = server.api()
    api.make_user()
    with server.connect() as connection:
        connection.send(request("GET", "/v2/events", api.token,
                                headers=["Accept: application/x-ndjson"]))
        while b"sequence" not in connection.input:
            connection._more()
        time.sleep(0.3)  # nothing is said
    bulk = Bulk(server.port, api.token).send("nobody")
    assert len(bulk.take(1)) == 1
    bulk.connection.close()
    stream = await_call(server, "ListEvents")
    assert stream["code"] == "CANCELLED" and stream["bytes_out"] > 0
    assert stream["us"] > 300_000
    assert await_call(server, "BulkRemoveOTPEmail")["lines"] == 1


def test_health_and_wrong_paths_have_a_line_of_all(start):
    server = start("--access-log", "all")
    with server.connect() as connection:
        connection.ask(request("GET", "/readyz?"))
        connection.ask(request("GET", "/no/such?secret=1"))
        connection.ask(request("HEAD", "/readyz"), head=True)
    first, second, third = await_requests(server, 3)
    assert (third["method"], third["bytes_out"]) == ("HEAD", 0)
    assert (first["method"], first["path"], first["status"]) == ("GET", "/readyz", 200)
    assert (second["path"], second["status"]) == ("/no/such", 404)
    assert "secret" not in server.log()


def test_a_log_that_nobody_reads_holds_up_nobody(tmp_path):
    """Lines are lost and counted; once somebody reads, the log says how many."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    server = Watched(tmp_path / "data", "--access-log", "all", log_to=writer).start()
    os.close(writer)
    asked = request("GET", "/livez", headers=["X-Request-Id: " + "x" * 128])
    with server.connect() as connection:
        for _ in range(8_000):
            assert connection.ask(asked).status == 200
    assert server.scrape()("factord_log_dropped_total") > 0
    seen = b""
    while b"lines of the log were lost" not in seen:
        seen += os.read(reader, 65536)
    # And the end of the process waits for nobody either.
    server.signal()
    assert server.wait() == 0
    os.close(reader)


def test_server_timing_tells_where_the_time_of_a_write_went(start):
    server = start("--server-timing")
    api = server.api()
    user = api.make_user_with_factor()
    with server.connect() as connection:
        removed = connection.ask(request("DELETE", f"/v2/users/{user}/otp_email", api.token))
        refused = connection.ask(request("DELETE", f"/v2/users/{user}/otp_email", api.token))
        read = connection.ask(request("GET", f"/v2/users/{user}", api.token))
    for answer in (removed, refused):
        assert re.fullmatch(r"queue;dur=\d+\.\d{3}, commit;dur=\d+\.\d{3}",
                            answer.header("Server-Timing"))
    assert read.header("Server-Timing") is None


@pytest.mark.parametrize("given", [["--access-log", "some"], ["--access-log", ""],
                                   ["--slow-request", "0ms"], ["--slow-request", "25h"]])
def test_bad_usage(tmp_path, given):
    done = run_factord("--data-dir", tmp_path / "data", *given)
    assert done.returncode == 2 and given[0] in done.stderr
