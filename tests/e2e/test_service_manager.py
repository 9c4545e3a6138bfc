"""Under a service manager: what it is told, its watchdog, and the sockets that it passes."""

import json
import socket
import time

import pytest

from factord import PATIENCE_S, Factord, plain_environment, run_factord
from service_manager import Manager, passing
from stopped_thread import StoppedThread
from wire import Connection, request

SECRET = "bootstrap-text-of-many-characters"


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    name = f"factord-{tmp_path.name}-{time.monotonic_ns()}"
    with Manager(str(tmp_path / "notify") if request.param == "path" else f"@{name}") as one:
        yield one


def test_a_life_is_told(manager, start):
    server = start(env=manager.environment())
    assert manager.hear() == {"READY": "1", "STATUS": "serving"}
    before = time.monotonic_ns() // 1000
    server.reload("there is no certificate to read again")
    reloading = manager.hear()
    assert (reloading["RELOADING"], reloading["STATUS"]) == ("1", "reading files again")
    assert before <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    assert manager.hear() == {"READY": "1", "STATUS": "serving"}
    server.stop()
    assert manager.hear() == {"STOPPING": "1", "STATUS": "draining"}
    assert manager.hear_all(0.2) == []


def test_it_is_ready_once_it_listens_and_its_token_is_there(manager, start, tmp_path):
    token = tmp_path / "token"
    token.write_text(SECRET)
    token.chmod(0o600)
    server = start("--bootstrap-token-file", token, env=manager.environment())
    assert "READY" in manager.hear()
    assert server.api(SECRET).methods("u").status == 200
    token.write_text(SECRET[::-1])
    server.reload("the bootstrap token was replaced")
    assert "RELOADING" in manager.hear() and "READY" in manager.hear()
    assert server.api(SECRET[::-1]).methods("u").status == 200


def test_a_start_that_fails_is_never_ready(manager, tmp_path):
    (tmp_path / "data").write_text("no directory")
    done = run_factord("--data-dir", tmp_path / "data", env=manager.environment())
    assert done.returncode == 1
    assert [one for one in manager.hear_all(0.2) if "READY" in one] == []


def test_a_watchdog_hears_in_time(manager, start):
    start(env=manager.environment(WATCHDOG_USEC="400000"))
    manager.hear_until("READY")
    signs = [one for one in manager.hear_all(2) if one == {"WATCHDOG": "1"}]
    assert len(signs) >= 8


@pytest.mark.parametrize("environment", [
    {}, {"WATCHDOG_USEC": "400000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "0"},
    {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "400000", "WATCHDOG_PID": "me"}])
def test_who_wants_no_sign_of_life_gets_none(manager, start, environment):
    start(env=manager.environment(**environment))
    manager.hear_until("READY")
    assert manager.hear_all(1.5) == []


def test_a_manager_that_is_gone_is_no_error(start, tmp_path):
    with Manager(str(tmp_path / "notify")) as manager:
        server = start(env=manager.environment(WATCHDOG_USEC="100000"))
        manager.hear_until("READY")
    (tmp_path / "notify").unlink()
    time.sleep(0.3)
    server.reload("there is no certificate to read again")
    assert server.api().methods("u").status == 200
    server.stop()


@pytest.mark.parametrize("address", ["", "vsock:2:1", "relative/path", "/", "@", "/" + "x" * 200])
def test_an_address_that_is_none(start, address):
    server = start(env=plain_environment(NOTIFY_SOCKET=address))
    assert server.api().methods("u").status == 200
    assert ("a variable is not understood" in server.log()) == (address != "")


def status_of(server):
    with server.connect() as connection:
        answer = connection.ask(request("GET", "/readyz"))
        return answer.status, json.loads(answer.body)["status"]


def await_status(server, status, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while status_of(server)[0] != status:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_commit_thread_that_hangs_stops_the_watchdog_and_readiness(manager, start):
    """As it would on a disk that does not answer. Once it goes on, all is as it was."""
    server = start("--write-timeout", "1h", "--idle-timeout", "1h",
                   env=manager.environment(WATCHDOG_USEC="1000000"))
    api = server.api()
    user = api.make_user_with_factor()
    removal = request("DELETE", f"/v2/users/{user}/otp_email", api.token)
    with server.connect() as connection:
        with StoppedThread(server.process.pid, "commit"):
            connection.send(removal)
            assert status_of(server) == (200, "ready")
            await_status(server, 503)
            assert status_of(server)[1] == "store unavailable"
            manager.hear_all(0.5)
            silence = manager.hear_all(3)
            assert [one for one in silence if "WATCHDOG" in one] == []
        assert connection.read().status == 200
    await_status(server, 200)
    assert {"WATCHDOG": "1"} in manager.hear_all(3)
    assert "nothing is committed any more" in server.await_log("it is committed again")


def listening(family=socket.AF_INET, address=("127.0.0.1", 0)):
    sock = socket.socket(family)
    sock.bind(address)
    sock.listen()
    return sock


def test_sockets_that_are_passed_are_listened_on(tmp_path):
    path = str(tmp_path / "socket")
    with listening() as web, listening(socket.AF_UNIX, path) as local, listening() as admin:
        server = Factord(tmp_path / "data", "--admin-listen", "fd:admin",
                         listen=("fd:local", "fd:web"))
        with passing(server, [("web", web), ("local", local), ("admin", admin)]):
            port = web.getsockname()[1]
            assert server.stdout == [f"unix:{path}", f"127.0.0.1:{port}"]
            assert server.lines.get(timeout=PATIENCE_S) == \
                f"monitoring on 127.0.0.1:{admin.getsockname()[1]}"
            for connection in (Connection.tcp(port), Connection.unix(path)):
                with connection:
                    assert connection.ask(request("GET", "/readyz", host="h")).status == 200
            with Connection.unix(path) as connection:
                assert connection.ask(request("GET", "/readyz", host="[odd")).status == 200
            with Connection.tcp(admin.getsockname()[1]) as connection:
                assert connection.ask(request("GET", "/version")).status == 200
    assert (tmp_path / "socket").exists(), "it is the service manager's"


def test_several_of_one_name(tmp_path):
    with listening() as one, listening() as other:
        server = Factord(tmp_path / "data", listen=("fd:web",))
        server.listeners = 2
        with passing(server, [("web", one), ("web", other)]):
            for sock in (one, other):
                with Connection.tcp(sock.getsockname()[1]) as connection:
                    assert connection.ask(request("GET", "/readyz")).status == 200


def refused(tmp_path, listen, sockets):
    """What is said where a start with these sockets fails."""
    server = passing(Factord(tmp_path / "data", listen=listen), sockets)
    server.start_only()
    assert server.wait() == 1
    assert not (tmp_path / "data").exists()
    return server.log()


def test_one_that_nobody_listens_on_is_an_error(tmp_path):
    with listening() as web, listening() as left:
        told = refused(tmp_path, ["fd:web"], [("web", web), ("left", left)])
        assert "a socket is passed to this process as 'left', on 127.0.0.1:" in told
        assert "--listen fd:left would" in told
        assert "'web'" in refused(tmp_path, ["127.0.0.1:0"], [("web", web)])


def test_one_that_was_not_passed_is_an_error(tmp_path):
    with listening() as web:
        told = refused(tmp_path, ["fd:web", "fd:more"], [("web", web)])
        assert "no socket is passed to this process as 'more'" in told
        assert "as 'web'" in refused(tmp_path, ["fd:web", "fd:web"], [("web", web)])


def test_what_is_no_listening_socket_is_an_error(tmp_path):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        assert "does not listen" in refused(tmp_path, ["fd:web"], [("web", silent)])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        assert "it is no stream socket" in refused(tmp_path, ["fd:web"], [("web", datagrams)])
    with open("/dev/null", "rb") as file:
        assert "it is no socket" in refused(tmp_path, ["fd:web"], [("web", file)])


def test_those_of_another_process_are_let_be(tmp_path):
    done = run_factord("--data-dir", tmp_path / "data", "--listen", "fd:web",
                       env=plain_environment(LISTEN_FDS="1", LISTEN_PID="1"))
    assert done.returncode == 1
    assert "no socket is passed to this process as 'web'" in done.stderr
