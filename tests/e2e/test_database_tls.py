"""The way to the database: encrypted and checked as the URL says, and never through a pooler."""

import os
import shutil
import socket
import subprocess
import time

import pytest

from database import Node, Postgres, name_of, store_ctl
from factord import PATIENCE_S, run_factord
from faulty_network import FaultyNetwork
from tls import Pair


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_on_both(server, port):
    """Whether it listens on both addresses: whose port it was to be may be somebody's by then."""
    server.port = port
    with open(server.data / "postgresql.conf", "a", encoding="utf-8") as file:
        file.write(f"listen_addresses = '127.0.0.1,127.0.0.2'\nport = {port}\nssl = on\n")
    server.start()
    with socket.socket() as one, socket.socket() as other:
        return one.connect_ex(("127.0.0.1", port)) == other.connect_ex(("127.0.0.2", port)) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def right(folder):
    return Pair(folder, "right")


@pytest.fixture(scope="module")
def encrypted(folder, right):
    """A server that speaks TLS on two addresses of loopback, of which its certificate has one."""
    with Postgres() as running:
        running.stop()
        for file, name in ((right.cert, "server.crt"), (right.key, "server.key")):
            shutil.copy(file, running.data / name)
            os.chmod(running.data / name, 0o600)
            running.own(running.data / name)
        hba = "".join(f"{line}\n" for line in (
            "local all all trust", "hostssl all all 127.0.0.0/8 trust",
            "hostnossl plain all 127.0.0.0/8 trust"))
        (running.data / "pg_hba.conf").write_text(hba, encoding="utf-8")
        while not start_on_both(running, free_port()):
            running.stop()
        running.sql("CREATE DATABASE d")
        running.sql("CREATE DATABASE plain")
        yield running


def url(server, host="127.0.0.1", database="d", **more):
    query = "&".join(f"{name}={value}" for name, value in more.items())
    return f"postgres://postgres@{host}:{server.port}/{database}?{query}"


def test_a_certificate_is_checked_as_the_url_says(encrypted, right, folder, tmp_path):
    assert store_ctl(url(encrypted, sslmode="require"), "init").returncode == 0
    wrong = Pair(folder, "wrong")
    full = url(encrypted, sslmode="verify-full", sslrootcert=right.cert)
    with Node(tmp_path / "a", full) as node:
        assert node.api().methods("nobody").status == 200
        used = encrypted.sql("SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                             "WHERE ssl AND datname = 'd'")
        assert int(used) >= 2
    for bad, says in (
            (url(encrypted, sslmode="verify-full", sslrootcert=wrong.cert), "certificate verify"),
            (url(encrypted, sslmode="verify-ca", sslrootcert=wrong.cert), "certificate verify"),
            (url(encrypted, host="127.0.0.2", sslmode="verify-full", sslrootcert=right.cert),
             "does not match host name"),
            (url(encrypted, sslmode="verify-full", sslrootcert="/nonexistent"), "/nonexistent"),
            (url(encrypted, sslmode="disable"), "no pg_hba.conf entry"),
            (url(encrypted, sslmode="always"), "sslmode")):
        done = run_factord("--store", bad)
        assert done.returncode in (1, 2) and says in done.stderr, done.stderr
    # The name is not looked at by verify-ca.
    other = url(encrypted, host="127.0.0.2", sslmode="verify-ca", sslrootcert=right.cert)
    assert store_ctl(other, "stats").returncode == 0


def test_a_server_without_tls_is_refused_where_it_is_asked_for(postgres, network_port):
    plain = f"postgres://postgres@127.0.0.1:{network_port}/postgres?sslmode=require"
    done = store_ctl(plain, "init")
    assert done.returncode == 1 and "does not support SSL" in done.stderr, done.stderr


@pytest.fixture
def network_port(postgres):
    network = FaultyNetwork(postgres.folder / ".s.PGSQL.5432")
    yield network.port
    network.close()


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_pooler_in_between_is_refused(postgres, store, tmp_path, mode):
    folder = postgres.folder / f"pooler-{mode}"
    folder.mkdir()
    settings = folder / "pgbouncer.ini"
    # Whoever comes in is made a user that the database knows.
    settings.write_text(
        f"[databases]\n* = host={postgres.folder} user=postgres\n"
        f"[pgbouncer]\nunix_socket_dir = {folder}\nlisten_addr =\n"
        f"listen_port = 6432\nauth_type = any\npool_mode = {mode}\n"
        f"ignore_startup_parameters = extra_float_digits,options\nlogfile = {folder}/log\n",
        encoding="utf-8")
    postgres.own(folder, settings)
    with subprocess.Popen(["/usr/sbin/pgbouncer", "-q", settings], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
                          **postgres.as_owner) as pooler:
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not (folder / ".s.PGSQL.6432").exists():
                assert pooler.poll() is None and time.monotonic() < deadline
                time.sleep(0.02)
            pooled = f"postgres://postgres@/{name_of(store)}?host={folder}&port=6432"
            seeding = store_ctl(pooled, "seed", "--users", "1", "--org", "acme")
            for done in (run_factord("--store", pooled), seeding):
                assert done.returncode in (1, 2) and "pooler" in done.stderr, done.stderr
        finally:
            pooler.terminate()
