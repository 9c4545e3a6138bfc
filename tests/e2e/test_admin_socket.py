"""DIR/admin.sock: who may connect, and which routes live there."""

import json
import os
import socket
import stat

import pytest

from api import NOT_FOUND, check_error
from factord import run_factord
from wire import Connection, request


def admin(server):
    return Connection.unix(server.data_dir / "admin.sock")


def test_it_is_the_owners_alone(server):
    found = os.stat(server.data_dir / "admin.sock")
    assert stat.S_ISSOCK(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o600
    assert stat.S_IMODE(os.stat(server.data_dir).st_mode) == 0o700


def test_it_needs_no_token(server):
    with admin(server) as connection:
        for path in ("/admin/v1/stats", "/admin/v1/tokens", "/admin/v1/events?limit=1"):
            answer = connection.ask(request("GET", path))
            assert (answer.status, answer.header("Content-Type")) == (200, "application/json")
            json.loads(answer.body)


@pytest.mark.parametrize("path", ["/v2/events", "/v2/users/u/otp_email", "/admin/v1/nothing"])
def test_the_apis_routes_are_not_there(server, path):
    with admin(server) as connection:
        check_error(connection.ask(request("GET", path)), *NOT_FOUND)


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/admin/v1/stats", "/admin/v1/tokens", "/admin/v1/tokens/1",
                                  "/admin/v1/events", "/admin/v1/backups",
                                  "/admin/v1/backups/1"])
def test_its_routes_are_on_no_other_listener(server, api, tmp_path, start, verb, path):
    check_error(api.call(verb, path), *NOT_FOUND)
    other = start(listen=("127.0.0.1:0", f"unix:{tmp_path}/socket"))
    with Connection.unix(tmp_path / "socket") as connection:
        check_error(connection.ask(request(verb, path, other.token())), *NOT_FOUND)


def test_the_same_codec(server):
    with admin(server) as connection:
        connection.send("GET /admin/v1/stats HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")
        assert connection.read().status == 400
        assert connection.at_end()
    with admin(server) as connection:
        connection.send(request("GET", "/admin/v1/stats") * 5)
        assert [connection.read().status for _ in range(5)] == [200] * 5


@pytest.mark.parametrize("body", ["{", "{}", '{"user":7}', '{"userId":"u","roles":["NONE"]}'])
def test_bad_bodies(server, api, body):
    before = api.last_sequence()
    with admin(server) as connection:
        answer = connection.ask(request("POST", "/admin/v1/tokens", body=body))
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert api.last_sequence() == before


def test_a_stale_socket_is_replaced(start):
    first = start()
    first.kill()
    assert (first.data_dir / "admin.sock").exists()
    assert start().ctl("stats").returncode == 0


def test_a_file_in_its_place_is_left_alone(start):
    first = start()
    first.stop()
    path = first.data_dir / "admin.sock"
    path.unlink(missing_ok=True)
    path.write_text("mine")
    done = run_factord("--data-dir", first.data_dir, "--listen", "127.0.0.1:0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "admin.sock" in done.stderr
    assert path.read_text() == "mine"
    path.unlink()


def test_it_listens_before_the_server_says_that_it_does(start):
    # The line on stdout is the promise: a token can be had at once.
    assert start().token()


def test_a_path_too_long_for_an_address(start, tmp_path):
    data_dir = tmp_path / ("d" * 200)
    assert len(os.fsencode(data_dir)) > 108
    server = start(data_dir=data_dir)
    assert server.api().methods("u").status == 200
    assert stat.S_ISSOCK(os.stat(data_dir / "admin.sock").st_mode)


def test_another_user_is_refused(start):
    """Even one who can open the socket: the peer's credentials count, not only the file's mode."""
    assert os.getuid() == 0, "only root can be somebody else: run this suite as root"
    server = start()
    path = server.data_dir / "admin.sock"
    folder = path
    while folder != folder.parent:
        os.chmod(folder, os.stat(folder).st_mode | 0o777 if folder == path
                 else os.stat(folder).st_mode | 0o111)
        folder = folder.parent
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        seen = b"refused"
        try:
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(20)
                sock.connect(str(path))
                sock.sendall(request("GET", "/admin/v1/stats"))
                if b" 200 " in sock.recv(4096):
                    seen = b"answered"
        except OSError:
            pass
        os.write(writing, seen)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    assert os.read(reading, 100) == b"refused"
    os.close(reading)
    log = server.await_log("admin socket")
    refusals = [json.loads(line) for line in log.splitlines() if "admin socket" in line]
    assert [line["uid"] for line in refusals] == [65534]
    assert server.ctl("stats").returncode == 0
