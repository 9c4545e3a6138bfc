"""factorload on the real server: every protocol, plain and over TLS."""

import json

import pytest

from factord import BIN_DIR, ctl, run
from tls import Pair

FACTORLOAD = BIN_DIR / "factorload"
USERS = 500


@pytest.fixture
def seeded(tmp_path, start):
    """Starts a server with users who have the factor; given flags."""

    def start_one(*flags):
        data_dir = tmp_path / "data"
        done = ctl(data_dir, "seed", "--users", USERS, "--org", "acme")
        assert done.returncode == 0, done.stderr
        return start(*flags, data_dir=data_dir)

    return start_one


def load(server, scheme, *arguments):
    return run(FACTORLOAD, "--target", f"{scheme}://127.0.0.1:{server.port}", "--token",
               server.token(), "--users", USERS, "--connections", 8, *arguments)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("protocol", ["http1", "grpc"])
@pytest.mark.parametrize("pipeline", [1, 16])
def test_removes_each_user_once(seeded, tmp_path, tls, protocol, pipeline):
    pair = Pair(tmp_path, "server") if tls else None
    server = seeded(*(pair.flags if tls else ()))
    result = tmp_path / "load.json"
    done = load(server, "https" if tls else "http", "--protocol", protocol, "--pipeline", pipeline,
                "--json", result, *(("--tls-ca", pair.cert) if tls else ()))
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(result.read_text())
    assert (said["answers"], said["removed"]) == (USERS, USERS)
    stats = dict(line.split(": ", 1) for line in server.ctl("stats").stdout.splitlines())
    assert stats["removalEvents"] == str(USERS)


def test_a_server_that_is_not_trusted(seeded, tmp_path):
    server = seeded(*Pair(tmp_path, "server").flags)
    done = load(server, "https", "--tls-ca", Pair(tmp_path, "other").cert)
    assert done.returncode == 1
    assert "no TLS with" in done.stderr


def test_a_file_of_certificates_that_is_none(seeded, tmp_path):
    server = seeded()
    done = load(server, "https", "--tls-ca", tmp_path / "missing.pem")
    assert done.returncode == 1
    assert "missing.pem" in done.stderr


@pytest.mark.parametrize("arguments, fault", [
    (("--json", ""), "--json"),
    (("--tls-ca", ""), "--tls-ca"),
    (("--tls-ca", "ca.pem"), "--tls-ca is for https targets"),
], ids=["json", "tls-ca", "plain-http"])
def test_what_would_be_passed_over_is_refused(arguments, fault):
    done = run(FACTORLOAD, "--target", "http://127.0.0.1:1", "--token", "t", "--users", 1,
               *arguments)
    assert done.returncode == 2
    assert fault in done.stderr
