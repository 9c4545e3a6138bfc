"""Long work of factorctl: a bar on a terminal and nowhere else, and memory that has a bound."""

import os
import pty
import re
import subprocess

import pytest

from conftest import SANITIZED
from factord import FACTORCTL, ctl, plain_environment

USERS = 100_000
# Whatever the number of users.
VERIFY_BYTES_MAX = 256 << 20


def command(data_dir, *arguments):
    return [FACTORCTL, "--data-dir", data_dir, *arguments]


def seed(data_dir, users=20_000):
    return command(data_dir, "seed", "--users", str(users), "--org", "acme")


def on_terminal(arguments):
    """(exit code, what it wrote to stderr) with a terminal as stderr."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=theirs,
                          env=plain_environment()) as process:
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 4096):
                seen += piece
        except OSError:  # the other side is closed: that is the end of a terminal
            pass
        code = process.wait()
    os.close(ours)
    return code, seen.decode()


def test_a_terminal_sees_how_far_it_is(tmp_path):
    code, seen = on_terminal(seed(tmp_path / "data"))
    assert code == 0, seen
    assert re.search(r"\r.*users.*%", seen), seen
    code, seen = on_terminal(command(tmp_path / "data", "verify"))
    assert code == 0, seen
    assert re.search(r"\r.*events.*%", seen), seen


def test_a_pipe_sees_no_bar(tmp_path):
    for arguments in (seed(tmp_path / "data"), command(tmp_path / "data", "verify")):
        done = subprocess.run(arguments, capture_output=True, text=True, check=True,
                              env=plain_environment())
        assert "\r" not in done.stderr and "%" not in done.stderr, done.stderr


@pytest.mark.parametrize("users", [USERS // 10, USERS])
def test_verify_keeps_to_its_memory(tmp_path, users):
    done = ctl(tmp_path / "data", "seed", "--users", users, "--org", "acme")
    assert done.returncode == 0, done.stderr
    process = subprocess.Popen(command(tmp_path / "data", "verify"), stdout=subprocess.DEVNULL,
                               env=plain_environment())
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    # A sanitizer keeps what was freed, and its own notes of every byte.
    bound = VERIFY_BYTES_MAX * (4 if SANITIZED else 1)
    assert used.ru_maxrss * 1024 <= bound
