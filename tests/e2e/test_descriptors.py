"""Few file descriptors: strangers take what is theirs, and never one of the store's."""

import os
import re
import resource
import socket

import pytest

from api import fresh
from factord import PATIENCE_S, Factord, run_factord, verify
from wire import request

# Turns its log, and with it its tables, after a few hundred users. Who is refused stays.
SMALL = ("--write-buffer-bytes", "4MiB", "--wal-bytes", "1MiB", "--threads", 1,
         "--discard-timeout", "10m", "--header-timeout", "10m", "--idle-timeout", "10m")


@pytest.fixture(autouse=True)
def descriptors_of_our_own():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def with_limit(data_dir, soft, hard, *arguments):
    return Factord(data_dir, *arguments,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)))


def stranger(port, index):
    """Connects and says nothing. Each address of this machine has ports of its own."""
    one = socket.socket()
    one.settimeout(PATIENCE_S)
    one.bind((f"127.0.0.{2 + index // 5000}", 0))
    one.connect(("127.0.0.1", port))
    return one


def open_files(server):
    """What its descriptors are."""
    folder = f"/proc/{server.process.pid}/fd"
    found = []
    for number in os.listdir(folder):
        try:
            found.append(os.readlink(f"{folder}/{number}"))
        except FileNotFoundError:
            pass  # closed meanwhile
    return found


def logs(server):
    return {path.name for path in (server.data_dir / "store").glob("*.log")}


def turn_the_log(client, server, times):
    """Adds users until the log was turned so often; each has to be answered."""
    seen = logs(server)
    first = len(seen)
    body = {"organization": {"orgId": "o" * 200}, "profile": {
        name: "n" * 200 for name in ("givenName", "familyName", "nickName", "displayName")}}
    while len(seen) < first + times:
        for _ in range(50):
            email = {"email": f"{fresh()}@example.com"}
            assert client.add_human_user({**body, "email": email}).status == 201
        seen |= logs(server)


@pytest.mark.parametrize("limit", [300, 1024, 4096, 10240])
def test_strangers_up_to_the_limit_and_beyond(tmp_path, limit):
    with with_limit(tmp_path / "data", limit, limit, *SMALL) as server:
        token = server.token()
        client = server.api(token)
        user = client.make_user_with_factor()
        assert "too few file descriptors" in server.log()
        crowd = [stranger(server.port, index) for index in range(limit + 300)]
        turn_the_log(client, server, 6)
        assert client.remove_otp_email(user).status == 200
        # Whoever operates it gets in, and a backup gets what it needs.
        assert server.ctl("stats").returncode == 0
        assert server.ctl("backup", tmp_path / "backups").returncode == 0
        turn_the_log(client, server, 2)
        files = open_files(server)
        others = [name for name in files
                  if not name.startswith("socket:") and not name.endswith(".sst")]
        assert len(files) <= limit - 16 and len(others) <= 40, others
        assert "cannot accept" not in server.log()
        for one in crowd:
            one.close()
        assert client.get("/readyz").status == 200
    verify(server.data_dir)


def test_the_soft_limit_is_raised(tmp_path):
    with with_limit(tmp_path / "data", 100, 20_000) as server:
        assert "too few file descriptors" not in server.log()
        with server.connect() as connection:
            assert connection.ask(request("GET", "/readyz")).status == 200


def test_below_the_least_limit_it_does_not_start_and_at_it_it_serves(tmp_path):
    data_dir = tmp_path / "data"

    def refused(limit):
        done = run_factord("--data-dir", data_dir, "--listen", "127.0.0.1:0", "--threads", 1,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                                 (limit, limit)))
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert not data_dir.exists()
        found = re.search(r"at least (\d+) file descriptors are needed, and (\d+) are allowed",
                          done.stderr)
        assert found and int(found[2]) == limit, done.stderr
        return int(found[1])

    least = refused(64)
    assert least <= 256 and refused(least - 1) == least
    with with_limit(data_dir, least, least, *SMALL) as server:
        client = server.api()
        assert client.get("/readyz").status == 200  # its place, before the others come
        crowd = [stranger(server.port, index) for index in range(100)]
        turn_the_log(client, server, 3)
        assert server.ctl("backup", tmp_path / "backups").returncode == 0
        for one in crowd:
            one.close()
    verify(data_dir)
