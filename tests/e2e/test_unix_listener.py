"""--listen unix:PATH."""

import os
import pathlib
import shutil
import socket
import stat
import sys
import tempfile

import pytest

from factord import ctl, run, run_factord
from http2 import Http2Connection
from wire import Connection, request

STRANGER = 65534


@pytest.fixture
def reachable():
    """A folder that every user may look into."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="factord-socket-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_it_serves_like_tcp(start, tmp_path):
    path = tmp_path / "socket"
    server = start(listen=(f"unix:{path}", "127.0.0.1:0"))
    assert server.stdout[0] == f"unix:{path}"
    client = server.api()
    user = client.make_user_with_factor()
    with Connection.unix(path) as connection:
        answer = connection.ask(request("DELETE", f"/v2/users/{user}/otp_email", client.token))
        assert answer.status == 200
        connection.send("nonsense\r\n\r\n")
        assert connection.read().status == 400
        assert connection.at_end()
    server.stop()
    assert not path.exists()


def test_the_host_names_nothing(start, tmp_path):
    path = tmp_path / "socket"
    server = start(listen=(f"unix:{path}", "127.0.0.1:0"))
    for odd in (str(path), "h:x", "[bad", "a]b", "u@h", ":80"):
        with Connection.unix(path) as connection:
            assert connection.ask(request("GET", "/healthz", host=odd)).status == 200
        with server.connect() as connection:
            assert connection.ask(request("GET", "/healthz", host=odd)).status == 400
    with Connection.unix(path) as connection:
        assert connection.ask(request("GET", "http://[bad/healthz")).status == 200
        two = request("GET", "/healthz", headers=["Host: y"])
        assert connection.ask(two).status == 400


def test_an_authority_names_nothing_over_http2(start, tmp_path):
    """grpc-java sends the path, percent-encoded."""
    path = tmp_path / "socket"
    start(listen=(f"unix:{path}",))
    for odd in (str(path).replace("/", "%2F"), "localhost", "h:x", "[bad", "u@h"):
        with Http2Connection.unix(path, odd) as connection:
            assert connection.ask("GET", "/healthz").status == 200, odd


CONNECT = """
import os, socket, sys
uid, gid, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.setgroups([])
os.setgid(gid)
os.setuid(uid)
with socket.socket(socket.AF_UNIX) as client:
    client.connect(path)
    client.sendall(b"GET /readyz HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    print(client.recv(100).split()[1].decode())
"""


def connect_as(uid, gid, path):
    """What somebody of that user and group is answered, or why not."""
    done = run(sys.executable, "-c", CONNECT, uid, gid, path)
    return done.stdout.strip() or done.stderr.splitlines()[-1].partition(":")[0]


def test_those_of_a_group_may_connect(start, reachable):
    """Not others, and nobody to its neighbour, of which nothing is said."""
    group, alone, admin = (reachable / name for name in ("group", "alone", "admin"))
    start("--admin-listen", f"unix:{admin},mode=0660,group={STRANGER}",
          listen=(f"unix:{group},mode=0660,group={STRANGER}", f"unix:{alone}"))
    for path in (group, admin):
        found = path.lstat()
        assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, STRANGER)
        assert connect_as(1234, STRANGER, path) == "200"
        assert connect_as(1234, 1234, path) == "PermissionError"
    assert stat.S_IMODE(alone.lstat().st_mode) == 0o600
    assert connect_as(1234, STRANGER, alone) == "PermissionError"


def test_a_group_that_is_not_there_is_bad_usage(tmp_path):
    data, path = tmp_path / "data", tmp_path / "socket"
    done = run_factord("--data-dir", data, "--listen", f"unix:{path},group=no-such-group")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no group no-such-group on this machine" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_group_that_is_not_its_own_is_a_failure(reachable):
    os.chown(reachable, 1234, 1234)
    done = run_factord("--data-dir", reachable / "data", "--listen",
                       f"unix:{reachable}/s,mode=0660,group=root", user=1234, group=1234,
                       extra_groups=[])
    assert (done.returncode, done.stdout) == (1, "")
    assert "its group cannot be root: uid 1234 is in no such group" in done.stderr
    assert not (reachable / "s").exists()


def test_it_may_be_the_only_listener(start, tmp_path):
    path = tmp_path / "socket"
    start(listen=(f"unix:{path}",))
    with Connection.unix(path) as connection:
        assert connection.ask(request("GET", "/readyz")).status == 200


def test_a_stale_socket_is_replaced(start, tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    start(listen=(f"unix:{path}",))
    with Connection.unix(path) as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200


def test_a_living_socket_is_left_alone(tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as living:
        living.bind(str(path))
        living.listen()
        done = run_factord("--data-dir", tmp_path / "data", "--listen", f"unix:{path}")
        assert (done.returncode, done.stdout) == (1, "")
        assert str(path) in done.stderr
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(str(path))


def test_a_file_is_left_alone(tmp_path):
    path = tmp_path / "socket"
    path.write_text("mine")
    done = run_factord("--data-dir", tmp_path / "data", "--listen", f"unix:{path}")
    assert (done.returncode, done.stdout) == (1, "")
    assert str(path) in done.stderr
    assert path.read_text() == "mine"


KINDS = {
    "a file": lambda path: path.write_text("mine"),
    "a directory": lambda path: path.mkdir(),
    "a named pipe": os.mkfifo,
    "a symbolic link": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["socket", "data/admin.sock"])
def test_what_is_no_socket_is_named(tmp_path, kind, place):
    path = tmp_path / place
    assert ctl(tmp_path / "data", "seed", "--users", "1", "--org", "acme").returncode == 0
    KINDS[kind](path)
    listen = f"unix:{path}" if place == "socket" else "127.0.0.1:0"
    done = run_factord("--data-dir", tmp_path / "data", "--listen", listen)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{path.name}: what stands there is {kind} and no socket" in done.stderr
    assert path.is_symlink() or path.exists()


def test_a_file_in_place_of_its_socket_stays(start, tmp_path):
    path = tmp_path / "socket"
    server = start(listen=(f"unix:{path}",))
    path.unlink()
    path.write_text("mine")
    server.stop()
    assert path.read_text() == "mine"


def test_the_socket_of_the_next_server_stays(start, tmp_path):
    path = tmp_path / "socket"
    first = start(data_dir=tmp_path / "first", listen=(f"unix:{path}",))
    path.unlink()
    second = start(data_dir=tmp_path / "second", listen=(f"unix:{path}",))
    first.stop()
    with Connection.unix(path) as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200
    second.stop()
    assert not path.exists()


def test_a_second_server_does_not_take_a_living_socket(start, tmp_path):
    path = tmp_path / "socket"
    start(data_dir=tmp_path / "first", listen=(f"unix:{path}",))
    done = run_factord("--data-dir", tmp_path / "second", "--listen", f"unix:{path}")
    assert done.returncode == 1 and str(path) in done.stderr
    with Connection.unix(path) as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200
    assert [one.name for one in tmp_path.iterdir() if "lock" in one.name] == []


def test_its_socket_goes_where_its_folder_was_moved(start, tmp_path):
    (tmp_path / "run").mkdir()
    server = start(listen=(f"unix:{tmp_path}/run/socket",))
    (tmp_path / "run").rename(tmp_path / "moved")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/socket").write_text("mine")
    server.stop()
    assert (tmp_path / "run/socket").read_text() == "mine"
    assert list((tmp_path / "moved").iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path):
    path = tmp_path / "no/socket"
    done = run_factord("--data-dir", tmp_path / "data", "--listen", f"unix:{path}")
    assert (done.returncode, done.stdout) == (1, "")
    assert str(path) in done.stderr


def test_a_long_path(start, tmp_path):
    path = tmp_path / ("d" * 120) / "socket"
    path.parent.mkdir()
    start(listen=(f"unix:{path}",))
    assert stat.S_ISSOCK(os.stat(path).st_mode)
    folder = os.open(path.parent, os.O_PATH)
    with Connection.unix(f"/proc/self/fd/{folder}/socket") as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200
    os.close(folder)


def test_a_start_that_fails_takes_away_the_sockets_it_made(tmp_path):
    twice = f"unix:{tmp_path}/s"
    done = run_factord("--data-dir", tmp_path / "data", "--listen", twice, "--listen", twice)
    assert done.returncode == 1 and "in use" in done.stderr
    assert not (tmp_path / "s").exists()
