"""Too little memory, too few threads: whatever cannot be had, a program does what it should or ends
with 1 and says why. Not collected where the programs are built for a sanitizer (conftest.py): it
takes address space by the terabyte."""

import os
import pathlib
import resource
import signal
import subprocess
import tempfile

import pytest

from factord import FACTORCTL, FACTORD, PATIENCE_S, ctl, plain_environment, run, verify

# KiB of address space: from too little for the libraries to enough for all.
ADDRESS_SPACE = range(20_000, 500_000, 10_000)
# A user of the test's own, so that all processes that he has are counted.
SOMEBODY = 61_234


def address_space(kib):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (kib << 10, kib << 10))


def few_processes(count):
    """Root's are not counted, so as somebody else."""
    def limit():
        resource.setrlimit(resource.RLIMIT_NPROC, (count, count))
        os.setgroups([])
        os.setresgid(SOMEBODY, SOMEBODY, SOMEBODY)
        os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
    return limit


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


@pytest.fixture
def somebodys_dir():
    """Where he gets to."""
    with tempfile.TemporaryDirectory() as made:
        os.chown(made, SOMEBODY, SOMEBODY)
        yield pathlib.Path(made)


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
