"""What factorctl says where no server answers: which of the many reasons it is."""

import fcntl
import os
import socket

import pytest

from factord import FACTORCTL, Factord, ctl, run

NOBODY = 65534
COMMANDS = [["token", "list"], ["events"], ["stats"], ["backup", "/nowhere/at/all"]]


@pytest.fixture(params=COMMANDS, ids=" ".join)
def command(request):
    return request.param


def refused(done, *named):
    assert (done.returncode, done.stdout) == (1, ""), done
    for text in named:
        assert str(text) in done.stderr, done.stderr
    return done.stderr


def ctl_as_nobody(data_dir, *arguments):
    return run(FACTORCTL, "--data-dir", data_dir, *arguments, user=NOBODY, group=NOBODY,
               extra_groups=[])


def test_no_directory(tmp_path, command):
    told = refused(ctl(tmp_path / "none", *command), "there is no directory", tmp_path / "none")
    assert "running" not in told


def test_no_directory_but_a_file(tmp_path, command):
    (tmp_path / "file").write_text("")
    told = refused(ctl(tmp_path / "file", *command), tmp_path / "file", "is not a directory")
    assert "running" not in told


def test_a_stopped_server(start, command):
    server = start()
    server.stop()
    refused(server.ctl(*command), "the server is not running on", "nobody listens")
    (server.data_dir / "admin.sock").unlink()
    refused(server.ctl(*command), "the server is not running on", "there is no admin.sock")


def test_a_socket_that_was_removed_under_a_server(start, command):
    server = start()
    (server.data_dir / "admin.sock").unlink()
    told = refused(server.ctl(*command), server.data_dir, "is in use", "no admin.sock", "restart")
    assert "not running" not in told


def test_a_socket_of_somebody_else_in_its_place(start, command):
    server = start()
    (server.data_dir / "admin.sock").unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(server.data_dir / "admin.sock"))
        told = refused(server.ctl(*command), "is in use", "nobody listens", "restart")
    assert "not running" not in told


def test_a_file_in_its_place(start, command):
    server = start()
    server.stop()
    (server.data_dir / "admin.sock").unlink()
    (server.data_dir / "admin.sock").write_text("")
    refused(server.ctl(*command), server.data_dir / "admin.sock", "is not a socket")


def test_another_factorctl_at_work(start, command):
    server = start()
    server.stop()
    lock = os.open(server.data_dir, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    told = refused(server.ctl(*command), "is in use", "another factorctl")
    assert "not running" not in told
    for stopped in (["verify"], ["seed", "--users", "1", "--org", "o"]):
        told = refused(server.ctl(*stopped), "is in use", "another factorctl")
        assert "factord is running" not in told
    os.close(lock)


def test_asking_leaves_the_directory_to_others(start):
    """The look at its lock is over when the answer is there."""
    server = start()
    server.stop()
    for _ in range(3):
        refused(server.ctl("stats"), "not running")
    assert ctl(server.data_dir, "verify").returncode == 0


@pytest.mark.parametrize("mode, named", [(0o700, "no permission to look into"),
                                         (0o711, "no permission to connect to")])
def test_no_permission(open_place, command, mode, named):
    with Factord(open_place / "data") as server:
        server.data_dir.chmod(mode)
        told = refused(ctl_as_nobody(server.data_dir, *command), named, server.data_dir,
                       "uid 0", f"uid {NOBODY}")
        assert "running" not in told


def test_a_server_that_takes_nobody_elses_word(open_place, command):
    """Whatever the mode of its socket: it goes by who is at the other end."""
    with Factord(open_place / "data") as server:
        server.data_dir.chmod(0o711)
        (server.data_dir / "admin.sock").chmod(0o666)
        told = refused(ctl_as_nobody(server.data_dir, *command), "without an answer", "uid 0",
                       f"uid {NOBODY}")
        assert "running" not in told


def test_a_directory_that_nobody_may_look_at(open_place):
    (open_place / "closed").mkdir(mode=0o700)
    (open_place / "closed/data").mkdir()
    told = refused(ctl_as_nobody(open_place / "closed/data", "stats"), "Permission denied")
    assert "running" not in told


def test_no_server_and_no_right_to_know(open_place):
    """DIR may be passed through but not opened: whether it is in use cannot be told."""
    (open_place / "data").mkdir(mode=0o711)
    told = refused(ctl_as_nobody(open_place / "data", "stats"), "no admin.sock", "cannot be told")
    assert "not running" not in told


def test_a_path_too_long_for_an_address(tmp_path):
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    refused(ctl(deep, "stats"), "there is no directory")
    deep.mkdir(parents=True)
    refused(ctl(deep, "stats"), "not running", "no admin.sock")
    assert run(FACTORCTL, "--data-dir", deep, "stats", "--help").returncode == 0
