"""Standard output that cannot be written: what a program had to say is lost, and that is a failure,
said on standard error. Where it has changed something, it says there what."""

import os
import re
import subprocess

import pytest

from factord import FACTORCTL, FACTORD, PATIENCE_S, ctl, plain_environment, verify

FACTORLOAD = FACTORD.with_name("factorload")
LOST = "standard output cannot be written"


def run_full(*command):
    """Onto a disk that is full."""
    with open("/dev/full", "wb") as full:
        return run_into(full, *command)


def run_closed(*command):
    """Onto no file at all."""
    return run_into(None, *command, preexec_fn=lambda: os.close(1))


def run_unread(*command):
    """Into a pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    try:
        return run_into(write, *command)
    finally:
        os.close(write)


def run_into(stdout, *command, **options):
    return subprocess.run(list(map(str, command)), env=plain_environment(), stdout=stdout,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          timeout=PATIENCE_S, check=False, **options)


def check_lost(done, *told):
    assert done.returncode == 1, done
    for text in (LOST, *told):
        assert text in done.stderr, done.stderr
    return done.stderr


@pytest.mark.parametrize("run_lost", [run_full, run_closed])
@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_factord(run_lost, arguments):
    assert check_lost(run_lost(FACTORD, *arguments)) == f"factord: {LOST}\n"


@pytest.mark.parametrize("run_lost", [run_full, run_closed])
@pytest.mark.parametrize("program, arguments", [
    (FACTORCTL, ["--help"]), (FACTORCTL, ["token", "create", "--help"]), (FACTORLOAD, ["--help"])])
def test_help(run_lost, program, arguments):
    assert check_lost(run_lost(program, *arguments)) == f"{program.name}: {LOST}\n"


@pytest.fixture(scope="module")
def backups(server, tmp_path_factory):
    made = tmp_path_factory.mktemp("backups")
    server.token()
    assert server.ctl("backup", made).returncode == 0
    return made


@pytest.mark.parametrize("run_lost", [run_full, run_closed])
@pytest.mark.parametrize("command", [
    ["stats"], ["stats", "--json"], ["events"], ["token", "list"], ["token", "list", "--json"],
    ["backups", "list"], ["backups", "list", "--json"], ["backups", "verify"]], ids=" ".join)
def test_what_is_shown(server, backups, run_lost, command):
    where = [backups] if command[0] == "backups" else []
    done = run_lost(FACTORCTL, "--data-dir", server.data_dir, *command, *where)
    assert check_lost(done) == f"factorctl: {LOST}\n"


LOSERS = pytest.mark.parametrize("run_lost", [run_full, run_closed, run_unread])


@LOSERS
def test_a_token_that_was_made_is_named_so_that_it_can_be_revoked(server, run_lost):
    done = run_lost(FACTORCTL, "--data-dir", server.data_dir, "token", "create", "--user", "u")
    said = check_lost(done, "its secret is lost")
    command = re.search(r"factorctl --data-dir '(.+)' token revoke (\d+)$", said.strip())
    listed = server.ctl("token", "list").stdout
    assert command and command[1] == str(server.data_dir) and command[2] in listed
    assert server.ctl("token", "revoke", command[2]).returncode == 0


@LOSERS
def test_a_token_that_was_revoked(server, run_lost):
    server.token(user=f"mine-{run_lost.__name__}")
    row = next(row for row in server.ctl("token", "list").stdout.splitlines()
               if f"mine-{run_lost.__name__}" in row)
    token = row.split()[0]
    check_lost(run_lost(FACTORCTL, "--data-dir", server.data_dir, "token", "revoke", token),
               f"token {token} is revoked")
    assert token not in server.ctl("token", "list").stdout


@LOSERS
def test_a_backup_and_a_restore(server, tmp_path, run_lost):
    made = tmp_path / "backups"
    check_lost(run_lost(FACTORCTL, "--data-dir", server.data_dir, "backup", made),
               f"backup 1 was made in {made}")
    check_lost(run_lost(FACTORCTL, "--data-dir", tmp_path / "new", "restore", made),
               f"the store was restored into {tmp_path}/new")
    verify(tmp_path / "new")


@LOSERS
def test_users_that_were_added(tmp_path, run_lost):
    check_lost(run_lost(FACTORCTL, "--data-dir", tmp_path / "data", "seed", "--users", "20",
                        "--org", "acme", "--first-id", "5"), "20 users, 5 to 24, were added")
    assert "users: 20\n" in verify(tmp_path / "data")
    check_lost(run_full(FACTORCTL, "--data-dir", tmp_path / "data", "verify"))


def test_what_only_shows_something_ends_with_who_reads_it(tmp_path):
    """As all filters do: `factorctl events | head`."""
    assert ctl(tmp_path / "data", "seed", "--users", "1", "--org", "acme").returncode == 0
    assert run_unread(FACTORCTL, "--data-dir", tmp_path / "data", "verify").returncode == -13
