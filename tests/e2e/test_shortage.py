"""Too little memory, too few threads: whatever cannot be had, a program does what it should or ends
with 1 and says why. Not collected where the programs are built for a sanitizer (conftest.py): it
takes address space by the terabyte."""

import itertools
import pathlib
import resource
import signal
import socket
import subprocess

import pytest

from factord import FACTORCTL, FACTORD, PATIENCE_S, Factord, ctl, plain_environment, run, verify
from few_processes import few_processes

# KiB of address space: from too little for the libraries to enough for all.
ADDRESS_SPACE = range(20_000, 500_000, 10_000)


def address_space(kib):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (kib << 10, kib << 10))


def start_and_stop(data_dir, limit):
    """A server, stopped as soon as it serves. Its exit code, and what it said."""
    with subprocess.Popen([FACTORD, "--data-dir", data_dir, "--listen", "127.0.0.1:0", "--threads",
                           "3"], env=plain_environment(), stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=limit) as process:
        if process.stdout.readline():
            process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE_S)
    return process.returncode, said


def is_loaded(limit):
    """Whether the loader, and what libraries do before main, get a program to its beginning."""
    return all(run(program, "--version", preexec_fn=limit).returncode == 0
               for program in (FACTORD, FACTORCTL))


def outcome(code, said, step, limit):
    """Whether it did what it should; if not, it has said why, once it was a program."""
    if code == 0:
        return True
    if code != 1:
        assert not is_loaded(limit), (step, code, said)
        return False
    causes = ("out of memory", "a thread cannot be started")
    assert any(cause in said for cause in causes), (step, said)
    return False


def check_walk(done):
    """From none of it to all of it."""
    assert not done[0] and done[-1]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    made = tmp_path_factory.mktemp("store") / "data"
    assert ctl(made, "seed", "--users", "1000", "--org", "acme").returncode == 0
    yield made
    verify(made)


def test_a_server_with_too_little_memory_to_start(data_dir):
    check_walk([outcome(*start_and_stop(data_dir, address_space(kib)), kib,
                        address_space(kib))
                for kib in ADDRESS_SPACE])


@pytest.mark.parametrize("command", [["verify"], ["seed", "--users", "1", "--org", "acme"],
                                     ["backups", "verify"], ["restore"]])
def test_a_command_with_too_little_memory(data_dir, backups, tmp_path, command):
    done = []
    for kib in ADDRESS_SPACE:
        arguments = ["--data-dir", tmp_path / str(kib) if command == ["restore"] else data_dir]
        arguments += command
        if command[0] == "seed":
            arguments += ["--first-id", kib]
        if command[0] in ("backups", "restore"):
            arguments.append(backups)
        ended = run(FACTORCTL, *arguments, preexec_fn=address_space(kib))
        done.append(outcome(ended.returncode, ended.stderr, kib, address_space(kib)))
    check_walk(done)


@pytest.fixture(scope="module")
def backups(data_dir, tmp_path_factory):
    made = tmp_path_factory.mktemp("backups")
    with subprocess.Popen([FACTORD, "--data-dir", data_dir, "--listen", "127.0.0.1:0"],
                          env=plain_environment(), stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline()
        assert ctl(data_dir, "backup", made).returncode == 0
        process.send_signal(signal.SIGTERM)
    return made


def test_a_server_with_too_few_threads_to_start(somebodys_dir):
    data_dir = somebodys_dir / "data"
    check_walk([outcome(*start_and_stop(data_dir, few_processes(count)), count,
                        few_processes(count))
                for count in range(1, 16)])
    verify(data_dir)


def test_a_command_with_too_few_threads(somebodys_dir):
    done = []
    for count in range(1, 10):
        ended = run(FACTORCTL, "--data-dir", somebodys_dir / "data", "seed", "--users", "1",
                    "--org", "acme", "--first-id", count, preexec_fn=few_processes(count))
        done.append(outcome(ended.returncode, ended.stderr, count, few_processes(count)))
    check_walk(done)
    assert f"users: {done.count(True)}\n" in verify(somebodys_dir / "data")


def test_a_load_with_too_few_threads(start):
    """Those that were begun end too, and not after the hour that they were to take."""
    server = start()
    load = ["--target", f"http://127.0.0.1:{server.port}", "--token", server.token(),
            "--users", "8", "--first-id", "1", "--connections", "8", "--threads", "8",
            "--mode", "cycle"]
    limit = few_processes(4)
    ended = run(FACTORD.with_name("factorload"), *load, "--duration", "3600", preexec_fn=limit)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "a thread cannot be started" in ended.stderr


# Of address space, more than a server has taken that has just begun to serve.
SPARE_KIB = (256, 1024, 4096, 16_384, 32_768, 65_536)


class Crowd:
    """Clients that ask for much and do not read it, open HTTP/2 connections and begin bodies, until
    the server is gone."""

    def __init__(self, server, token):
        self.server = server
        head = f" HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\n"
        self.kinds = itertools.cycle([
            f"GET /v2/events?limit=1000{head}\r\n".encode() * 60,
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]),
            f"POST /v2/users/human{head}Content-Length: 60000\r\n\r\n".encode() + b"x" * 59_999])
        self.held = []

    def press(self):
        """As many as there are places for; what is refused or closed is refused or closed."""
        for _ in range(300):
            try:
                client = socket.create_connection(("127.0.0.1", self.server.port), PATIENCE_S)
                self.held.append(client)
                client.sendall(next(self.kinds))
            except OSError:
                if self.server.process.poll() is not None:
                    return

    def leave(self):
        for client in self.held:
            client.close()


@pytest.mark.parametrize("spare_kib", SPARE_KIB)
def test_a_server_that_has_no_memory_to_go_on(start, tmp_path, spare_kib):
    """It goes on with who is left, or it ends with 1 and says why; what it answered is there."""
    data_dir = tmp_path / "data"
    assert ctl(data_dir, "seed", "--users", "2000", "--org", "acme").returncode == 0
    server = start("--threads", "3", data_dir=data_dir)
    token = server.token()
    api = server.api(token)
    users = [api.make_user_with_factor() for _ in range(5)]
    for user in users[:3]:
        assert api.remove_otp_email(user).status == 200
    statm = pathlib.Path(f"/proc/{server.process.pid}/statm").read_text().split()
    limit = int(statm[0]) * resource.getpagesize() + (spare_kib << 10)
    resource.prlimit(server.process.pid, resource.RLIMIT_AS, (limit, limit))
    crowd = Crowd(server, token)
    crowd.press()
    crowd.leave()
    if server.process.poll() is None:
        server.signal()
    if server.wait() != 0:
        assert server.process.returncode == 1, server.log()
        assert '"msg":"the process ends","cause":"out of memory"' in server.log()
    with Factord(data_dir) as again:
        api = again.api(token)
        assert ["authMethodTypes" in api.methods(user).json for user in users] == [False] * 3 + [
            True] * 2
    verify(data_dir)
