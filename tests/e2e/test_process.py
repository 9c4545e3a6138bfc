"""The process and its surroundings: signals, threads, descriptors that are closed, limits."""

import contextlib
import json
import os
import pathlib
import resource
import signal
import socket
import subprocess
import time

import pytest

from api import fresh
from factord import (FACTORCTL, FACTORD, PATIENCE_S, Factord, plain_environment, run, run_factord,
                     verify)
from few_processes import few_processes
from wire import Connection, request

# All that end or stop a process by default and are sent by somebody who means something else.
HARMLESS = ["SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGPWR",
            "SIGXFSZ", "SIGTTIN", "SIGTTOU", "SIGRTMIN", "SIGRTMAX"]
AWAITED = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP}


def signal_set(process, field, task=None):
    """The signals in a field of /proc/PID/status, such as SigBlk."""
    folder = pathlib.Path(f"/proc/{process.pid}")
    status = (folder / "task" / task if task else folder) / "status"
    line = next(line for line in status.read_text().splitlines() if line.startswith(field + ":"))
    mask = int(line.split()[1], 16)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}


def await_answer(process, path):
    """Waits until it serves on this Unix socket."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with Connection.unix(path) as connection:
                assert connection.ask(request("GET", "/readyz")).status == 200
            return
        except (FileNotFoundError, ConnectionRefusedError):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_signal_that_means_nothing_to_it_changes_nothing(start, name):
    server = start()
    with server.connect() as connection:
        server.signal(getattr(signal, name))
        # The signal is there before this is sent, so this is what it would end.
        assert connection.ask(request("GET", "/readyz")).status == 200
    with server.connect() as another:
        assert another.ask(request("GET", "/readyz")).status == 200


def test_no_thread_is_interrupted_by_the_signals_that_are_awaited(start, tmp_path):
    server = start("--threads", 3, "--write-buffer-bytes", "4MiB", "--wal-bytes", "1MiB")
    client = server.api()
    for _ in range(50):
        client.make_user_with_factor()
    assert server.ctl("backup", tmp_path / "backups").returncode == 0
    tasks = os.listdir(f"/proc/{server.process.pid}/task")
    names = {pathlib.Path(f"/proc/{server.process.pid}/task/{task}/comm").read_text().strip()
             for task in tasks}
    assert {"commit", "shard-1", "shard-2"} <= names and len(tasks) > 4
    for task in tasks:
        assert AWAITED <= signal_set(server.process, "SigBlk", task), task


def test_the_threads_of_the_store_are_there_from_the_start(start):
    """A write would be a bad moment to find that there is none to have."""
    server = start()
    names = {pathlib.Path(f"/proc/{server.process.pid}/task/{task}/comm").read_text().strip()
             for task in os.listdir(f"/proc/{server.process.pid}/task")}
    assert {"rocksdb:high0", "rocksdb:low0"} <= names or {"rocksdb:high", "rocksdb:low"} <= names


def test_a_file_that_may_not_grow_is_a_failure_of_storage(tmp_path):
    """RLIMIT_FSIZE: an error of the write, in good order, and not SIGXFSZ."""
    limit = 256 << 10
    limited = Factord(tmp_path / "data", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (limit, limit)))
    with limited as server:
        client = server.api()
        body = {"organization": {"orgId": "o" * 200},
                "profile": {"givenName": "g" * 200, "familyName": "f" * 200}}
        statuses = set()
        while statuses <= {201}:
            email = {"email": f"{fresh()}@example.com"}
            statuses.add(client.add_human_user({**body, "email": email}).status)
        assert statuses == {201, 500}
        assert server.wait() == 1
        assert "storage failed" in server.log()


def test_nor_does_factorctl_end_by_the_signal(tmp_path):
    done = run(FACTORCTL, "--data-dir", tmp_path / "data", "seed", "--users", 50_000, "--org", "a",
               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536)))
    assert done.returncode == 1
    assert "File too large" in done.stderr


CLOSED = [(), (0,), (1,), (2,), (0, 1), (0, 2), (0, 1, 2)]


@contextlib.contextmanager
def run_with_closed(descriptors, *command):
    """A program that inherits none of these descriptors; the others are /dev/null."""
    def close():
        for number in descriptors:
            os.close(number)
    process = subprocess.Popen(list(map(str, command)), env=plain_environment(), preexec_fn=close,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def check_no_output_in(folder):
    for path in folder.rglob("*"):
        if path.is_file():
            written = path.read_bytes()
            assert b'"level":' not in written and b" users" not in written, path
    assert (folder / "LOCK").stat().st_size == 0


@pytest.mark.parametrize("closed", CLOSED)
def test_standard_descriptors_that_are_closed_are_nobody_elses(tmp_path, closed):
    data_dir, path = tmp_path / "data", tmp_path / "socket"
    with run_with_closed(closed, FACTORD, "--data-dir", data_dir, "--listen", f"unix:{path}",
                         "--log-level", "trace") as process:
        await_answer(process, path)
        for number in range(3):
            assert os.readlink(f"/proc/{process.pid}/fd/{number}") == "/dev/null"
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    check_no_output_in(data_dir / "store")
    verify(data_dir)


def files_once_open(process, name):
    """Where its descriptors lead, once one leads to a file of this name."""
    folder = pathlib.Path(f"/proc/{process.pid}/fd")
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            found = {int(one.name): os.readlink(one) for one in folder.iterdir()}
            if any(pathlib.Path(place).name == name for place in found.values()):
                return found
        assert process.poll() is None
    raise AssertionError(f"no {name}")


def test_factorctl_whose_standard_descriptors_are_closed(tmp_path):
    data_dir = tmp_path / "data"
    for closed in CLOSED:
        with run_with_closed(closed, FACTORCTL, "--data-dir", data_dir, "seed", "--users", 20_000,
                             "--org", "acme", "--first-id",
                             20_000 * CLOSED.index(closed)) as process:
            files = files_once_open(process, "LOCK")
            assert [files.get(number) for number in range(3)] == ["/dev/null"] * 3
            # What it has to say gets lost, and that is a failure, as on a full disk.
            assert process.wait(PATIENCE_S) == (1 if 1 in closed else 0)
        check_no_output_in(data_dir / "store")
    assert f"users: {20_000 * len(CLOSED)}\n" in verify(data_dir)


def test_factorload_whose_standard_output_is_closed(start, tmp_path):
    server = start()
    client = server.api()
    client.make_user_with_factor("100")
    report = tmp_path / "report.json"
    target = f"http://127.0.0.1:{server.port}"
    with run_with_closed((1,), FACTORD.with_name("factorload"), "--target", target, "--token",
                         client.token, "--users", 1, "--first-id", 100, "--connections", 1,
                         "--json", report) as process:
        assert process.wait(PATIENCE_S) == 1
    assert json.loads(report.read_text())


BUSY = "127.0.0.1:{port}"
BAD_LISTENS = {
    "in use": (BUSY,),
    "in use, behind a good one": ("127.0.0.1:0", "unix:{tmp}/s", BUSY),
    "not ours": ("192.0.2.1:8080",),
    "the same twice": ("127.0.0.2:{port}", "127.0.0.2:{port}"),
    "no such directory": ("unix:{tmp}/missing/s",),
    "below a directory that is not made": ("unix:{tmp}/data/deep/s",),
    "a file that is no socket": ("unix:{tmp}/file",),
    "a socket that answers": ("unix:{tmp}/living",),
}


@pytest.mark.parametrize("case", BAD_LISTENS)
def test_an_address_that_is_not_to_be_had_leaves_nothing_behind(tmp_path, case):
    (tmp_path / "file").write_text("mine")
    with socket.socket() as busy, socket.socket(socket.AF_UNIX) as living:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        living.bind(str(tmp_path / "living"))
        living.listen()
        before = sorted(tmp_path.iterdir())
        arguments = []
        for address in BAD_LISTENS[case]:
            arguments += ["--listen", address.format(port=busy.getsockname()[1], tmp=tmp_path)]
        done = run_factord("--data-dir", tmp_path / "data", *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert "cannot listen on" in done.stderr and arguments[-1] in done.stderr
        assert sorted(tmp_path.iterdir()) == before


def test_a_socket_in_the_data_directory_that_it_makes(start, tmp_path):
    path = tmp_path / "data/socket"
    server = start(listen=(f"unix:{path}",))
    with Connection.unix(path) as connection:
        assert connection.ask(request("GET", "/readyz")).status == 200
    server.stop()
    start(listen=(f"unix:{path}",))


def test_a_start_that_fails_later_takes_its_sockets_with_it(start, tmp_path):
    server = start()
    path = tmp_path / "socket"
    done = run_factord("--data-dir", server.data_dir, "--listen", f"unix:{path}")
    assert done.returncode == 1 and "in use" in done.stderr
    assert not path.exists()


def test_a_thread_that_cannot_be_started_is_said_in_words(somebodys_dir):
    done = run_factord("--data-dir", somebodys_dir, "--listen", "127.0.0.1:0",
                       preexec_fn=few_processes(1))
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "cannot start" in done.stderr and "thread" in done.stderr
