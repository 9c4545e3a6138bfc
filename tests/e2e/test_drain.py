"""SIGTERM, SIGINT and SIGQUIT: finish what is in flight, take nothing new, exit 0."""

import os
import signal
import subprocess
import time

import pytest

from factord import FACTORD, PATIENCE_S, plain_environment, verify
from wire import Connection, request


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_idle_connections_are_closed(start, number):
    server = start()
    with server.connect() as fresh_one, server.connect() as used:
        assert used.ask(request("GET", "/healthz")).status == 200
        server.signal(number)
        assert used.at_end()
        assert fresh_one.at_end()
        assert server.wait() == 0
    with pytest.raises(ConnectionRefusedError):
        server.connect()
    verify(server.data_dir)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_who_started_it_in_the_background_can_end_it(start, number):
    """A shell without job control has `factord &` ignore SIGINT and SIGQUIT."""
    server = start(preexec_fn=lambda: signal.signal(number, signal.SIG_IGN))
    server.signal(number)
    assert server.wait() == 0 and '"drained"' in server.log()


def test_a_request_in_flight_is_answered_with_close(start):
    server = start()
    client = server.api()
    user = client.make_user_with_factor()
    client.client.close()
    data = request("DELETE", f"/v2/users/{user}/otp_email", client.token, body="0123456789")
    with server.connect() as connection:
        connection.send(data[:-5])
        assert connection.is_quiet()
        server.signal()
        assert connection.is_quiet()
        answer = connection.ask(data[-5:])
        assert (answer.status, answer.header("Connection")) == (200, "close")
        assert connection.at_end()
    assert server.wait() == 0
    verify(server.data_dir)


def test_everything_pipelined_is_answered_or_not_done(start):
    server = start()
    client = server.api()
    users = [client.make_user_with_factor() for _ in range(200)]
    client.client.close()
    with server.connect() as connection:
        connection.send(b"".join(request("DELETE", f"/v2/users/{user}/otp_email", client.token)
                                 for user in users))
        answered = [connection.read().status]
        server.signal()
        try:
            while len(answered) < len(users):
                answered.append(connection.read().status)
        except Exception as ended:  # the server may end the connection between two answers
            assert "closed after b''" in str(ended) or "reset" in str(ended), ended
    assert set(answered) == {200}
    assert server.wait() == 0
    again = start()
    client = again.api(client.token)
    removed = ["authMethodTypes" not in client.methods(user).json for user in users]
    assert all(removed[:len(answered)])
    again.stop()
    verify(server.data_dir)


def test_what_does_not_finish_is_cut(start):
    server = start("--drain-timeout", "500ms")
    with server.connect() as connection:
        connection.send(request("POST", "/v2/users/u/lock", "t", body="{}")[:-1])
        assert connection.is_quiet()
        began = time.monotonic()
        server.signal()
        assert server.wait() == 0
        assert 0.4 < time.monotonic() - began < 8


def test_a_second_signal_ends_it_at_once(start):
    server = start()
    with server.connect() as connection:
        connection.send(request("POST", "/v2/users/u/lock", "t", body="{}")[:-1])
        assert connection.is_quiet()
        server.signal()
        assert connection.is_quiet()
        server.signal()
        assert server.wait(8) == 1


def test_a_second_signal_ends_the_drain_delay_too(start):
    server = start("--drain-delay", "1h")
    client = server.api()
    server.signal()
    while client.get("/readyz").status != 503:
        pass
    assert client.make_user_with_factor()  # it serves meanwhile
    server.signal()
    assert server.wait() == 1
    verify(server.data_dir)


def test_drain_delay_tells_the_balancer_first(start):
    server = start("--drain-delay", "3s")
    client = server.api()
    user = client.make_user_with_factor()
    assert client.get("/readyz").status == 200
    client.client.close()
    server.signal()
    deadline = time.monotonic() + 2
    while True:
        with server.connect() as connection:
            status = connection.ask(request("GET", "/readyz")).status
        if status == 503:
            break
        assert time.monotonic() < deadline
    with server.connect() as connection:
        # Alive, and still of use.
        assert connection.ask(request("GET", "/healthz")).status == 200
        target = f"/v2/users/{user}/otp_email"
        assert connection.ask(request("DELETE", target, client.token)).status == 200
        assert connection.at_end()
    assert server.wait() == 0
    verify(server.data_dir)


def test_a_unix_listener_drains_too(start, tmp_path):
    server = start(listen=(f"unix:{tmp_path}/socket",))
    with Connection.unix(tmp_path / "socket") as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200
        server.signal()
        assert connection.at_end()
    assert server.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_during_the_start_is_not_lost(tmp_path, number):
    file = tmp_path / "factord.toml"
    os.mkfifo(file)
    data_dir = tmp_path / "data"
    with subprocess.Popen([FACTORD, "--config", file, "--data-dir", data_dir],
                          stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env=plain_environment()) as process:
        # Opens once the other side does: it is reading its settings.
        with open(file, "w", encoding="utf-8") as settings:
            process.send_signal(number)
            settings.write('listen = "127.0.0.1:0"\n')
        _, log = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, log
    assert '"drained"' in log
    verify(data_dir)
