"""What /metrics says of how things stand: at the moment, to the end of a drain, after a failure."""

import time

from api import fresh
from factord import PATIENCE_S, run
from scrape import Scrape, Watched, await_metric
from test_storage_failure import refuse_large_files
from wire import request


def test_connections_and_buffers(watched):
    idle = watched.scrape()
    assert idle("factord_connections", listener="api") == 0
    assert idle("factord_buffered_bytes", listener="api") == 0
    with watched.connect() as one, watched.connect() as other:
        for connection in (one, other):
            connection.send(b"GET /livez HTTP/1.1\r\nHost: x\r\n")
        seen = await_metric(watched, "factord_connections", 2, listener="api")
        deadline = time.monotonic() + PATIENCE_S
        while not seen("factord_buffered_bytes", listener="api"):
            assert time.monotonic() < deadline
            seen = watched.scrape()
        assert seen("factord_connections", listener="admin_listen") == 1
    await_metric(watched, "factord_connections", 0, listener="api")
    await_metric(watched, "factord_buffered_bytes", 0, listener="api")


def test_backups(watched, tmp_path):
    api = watched.api()
    api.make_user()
    assert watched.ctl("backup", tmp_path / "backups").returncode == 0
    seen = watched.scrape()
    assert abs(seen("factord_backup_last_success_timestamp_seconds") - time.time()) < 60
    assert seen("factord_backup_last_sequence") == api.last_sequence()
    # One that fails does not take the place of one that was made.
    (tmp_path / "file").write_text("mine")
    assert watched.ctl("backup", tmp_path / "file").returncode != 0
    again = watched.scrape()
    for name in ("factord_backup_last_success_timestamp_seconds", "factord_backup_last_sequence"):
        assert again(name) == seen(name)
    api.client.close()


def test_what_the_store_and_the_process_have(watched):
    api = watched.api()
    for _ in range(50):
        api.make_user()
    deadline = time.monotonic() + PATIENCE_S
    while not (seen := watched.scrape())("factord_store_bytes", part="wal"):
        assert time.monotonic() < deadline
    assert seen("factord_store_bytes", part="memtable") > 0
    assert seen("factord_store_free_bytes") > 0
    assert set(dict(labels)["part"] for labels in seen.all("factord_store_bytes")) == \
        {"sst", "wal", "memtable", "cache"}
    assert seen("process_resident_memory_bytes") > 1 << 20
    assert seen("process_cpu_seconds_total") > 0
    assert 0 <= time.time() - seen("process_start_time_seconds") < 600
    assert seen("process_open_fds") < seen("process_max_fds")
    assert seen("process_threads") >= 3
    version = run(watched.command[0], "--version").stdout.split()[1]
    assert seen("factord_build_info", version=version, store="rocksdb") == 1
    api.client.close()


def test_streams_of_events_and_how_far_they_are_behind(watched):
    api = watched.api()
    api.make_user()
    with watched.connect() as reader:
        reader.send(request("GET", "/v2/events", api.token,
                            headers=["Accept: application/x-ndjson"]))
        seen = await_metric(watched, "factord_event_streams", 1)
        await_metric(watched, "factord_event_stream_lag_events", 0)
        assert seen("factord_request_duration_seconds_count", operation="ListEvents") == 0
    await_metric(watched, "factord_event_streams", 0)
    api.client.close()


def await_refusal(server):
    """Until its listeners are closed: refused, or reset where the close met the handshake."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            server.connect().close()
        except (ConnectionRefusedError, ConnectionResetError):
            return
    assert False, "the server still listens"


def test_a_draining_server_is_watched_to_its_end(tmp_path):
    server = Watched(tmp_path / "data", "--drain-timeout", "1m").start()
    api = server.api()
    user = api.make_user_with_factor()
    asked = request("DELETE", f"/v2/users/{user}/otp_email", api.token, body="0123456789")
    with server.connect() as connection, server.watch() as open_before:
        Scrape(open_before)
        connection.send(asked[:-5])
        assert connection.is_quiet()
        server.signal()
        await_refusal(server)
        for seen in (Scrape(open_before), server.scrape()):
            assert seen("factord_ready", state="draining") == 1
            assert seen("factord_ready", state="ready") == 0
            assert seen("factord_connections", listener="api") >= 1
        assert connection.ask(asked[-5:]).status == 200
        assert server.scrape()("factord_requests_total", operation="RemoveOTPEmail", code="OK",
                               protocol="json") == 1
        connection.close()
        assert open_before.at_end()
    api.client.close()
    assert server.wait() == 0


def test_who_watches_does_not_hold_up_an_end(tmp_path):
    server = Watched(tmp_path / "data", "--drain-timeout", "1m").start()
    with server.watch() as connection:
        Scrape(connection)
        began = time.monotonic()
        server.signal()
        assert server.wait() == 0
        assert time.monotonic() - began < 30
        assert connection.at_end()


def test_a_server_whose_store_has_failed_says_so(tmp_path):
    server = Watched(tmp_path / "data", preexec_fn=refuse_large_files, restore_signals=False)
    server.start()
    api = server.api()
    with server.watch() as connection:
        assert Scrape(connection)("factord_ready", state="ready") == 1
        users = [fresh() for _ in range(100)]
        body = {"organization": {"orgId": "o"}, "profile": {"givenName": "A", "familyName": "B"}}
        status = 201
        while status == 201:
            for user in users:
                user = fresh()
                status = api.add_human_user({**body, "userId": user, "email": {
                    "email": f"{user}@example.com", "isVerified": True}}).status
                if status != 201:
                    break
        assert status == 500
        seen = Scrape(connection)
        assert seen("factord_ready", state="storage_failed") == 1
        assert seen("factord_requests_total", operation="AddHumanUser", code="INTERNAL",
                    protocol="json") == 1
    assert server.wait() == 1
