"""factorctl health, for containers and scripts, and factorctl --version."""

import os
import signal
import socket
import time

import pytest

from factord import FACTORCTL, run, run_factord
from tls import Pair


def health(*arguments):
    return run(FACTORCTL, "health", *arguments)


def is_ready(done):
    return (done.returncode, done.stdout, done.stderr) == (0, "ready\n", "")


def not_ready(done, *named):
    assert (done.returncode, done.stdout) == (1, ""), done
    for text in named:
        assert str(text) in done.stderr, done.stderr
    return True


def test_a_server_that_is_ready(start, tmp_path):
    server = start(listen=("127.0.0.1:0", f"unix:{tmp_path}/socket"))
    for url in (f"http://127.0.0.1:{server.port}", f"http://localhost:{server.port}/readyz",
                f"unix:{tmp_path}/socket"):
        assert is_ready(health(url))


def test_it_asks_the_usual_address_where_none_is_given():
    assert "URL TEXT=http://127.0.0.1:8080" in health("--help").stdout


def test_a_server_that_drains(start):
    server = start("--drain-delay", "1h")
    server.signal()
    url = f"http://127.0.0.1:{server.port}"
    deadline = time.monotonic() + 60
    while is_ready(health(url)):
        assert time.monotonic() < deadline
    not_ready(health(url), url, "says draining")
    server.signal()
    assert server.wait() == 1


def test_nobody_is_there(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        not_ready(health(f"http://127.0.0.1:{taken.getsockname()[1]}"), "Connection refused")
    not_ready(health(f"unix:{tmp_path}/none"), tmp_path, "No such file")


def test_a_server_that_hangs(start):
    server = start()
    server.signal(signal.SIGSTOP)
    began = time.monotonic()
    not_ready(health(f"http://127.0.0.1:{server.port}"))
    assert 4 < time.monotonic() - began < 30
    server.signal(signal.SIGCONT)


def test_somebody_else_is_there(start, tmp_path):
    pair = Pair(tmp_path, "server")
    admin = tmp_path / "admin"
    server = start(*pair.flags, "--admin-listen", f"unix:{admin}")
    not_ready(health(f"http://127.0.0.1:{server.port}"), "if it speaks TLS")
    assert is_ready(health(f"unix:{admin}"))


@pytest.mark.parametrize("url", ["", "localhost:8080", "https://127.0.0.1:8080", "unix:",
                                 "http://h/healthz"])
def test_bad_usage(url):
    done = health(url)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no place to ask" in done.stderr


def test_version():
    done = run(FACTORCTL, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run_factord("--version").stdout.replace("factord", "factorctl")


def test_root_writes_into_no_directory_of_somebody_else(tmp_path):
    data_dir, other = tmp_path / "data", tmp_path / "other"
    data_dir.mkdir()
    os.chown(data_dir, 65534, 65534)
    seed = ["seed", "--users", "1", "--org", "acme"]
    assert run(FACTORCTL, "--data-dir", other, *seed).returncode == 0
    for command in (["--data-dir", data_dir, *seed], ["--data-dir", data_dir, "restore", other],
                    ["copy", "--from", other, "--to", data_dir]):
        done = run(FACTORCTL, *command)
        assert (done.returncode, done.stdout) == (1, ""), done
        assert f"{data_dir} belongs to uid 65534 (nobody), and this is uid 0 (root)" in done.stderr
        assert "(runuser -u nobody -- factorctl ...)" in done.stderr
        assert list(data_dir.iterdir()) == []
    os.chown(data_dir, 54321, 54322)
    done = run(FACTORCTL, "--data-dir", data_dir, *seed)
    assert "uid 54321, and this is uid 0 (root)" in done.stderr
    assert "setpriv --clear-groups --reuid 54321 --regid 54322 -- factorctl" in done.stderr
