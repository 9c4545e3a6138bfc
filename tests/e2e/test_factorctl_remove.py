"""factorctl remove: the factors of many users, by a file."""

import json
import subprocess

import pytest

from bulk import removals_in
from factord import FACTORCTL, ctl

FIRST = 100000000000000001  # of those that `factorctl seed` makes


@pytest.fixture
def made(start, tmp_path):
    """A server with so many users, and a file that names them."""
    def make(count, *more):
        done = ctl(tmp_path / "data", "seed", "--users", count, "--org", "acme")
        assert done.returncode == 0, done.stderr
        users = [str(FIRST + number) for number in range(count)]
        names = tmp_path / "leavers.txt"
        names.write_text("\n".join([*users, *more]) + "\n")
        return start(), users, names
    return make


def failures_of(names):
    return [json.loads(line) for line in
            names.with_name(names.name + ".failed").read_text().splitlines()]


def test_all_of_a_file(made):
    server, users, names = made(2_500)
    done = server.ctl("remove", "--from", names)
    assert (done.returncode, done.stdout) == (0, "removed 2500\n"), done.stderr
    assert list(removals_in(server.api())) == users
    assert not names.with_name(names.name + ".failed").exists()
    again = server.ctl("remove", "--from", names)
    assert (again.returncode, again.stdout) == (0, "removed 2500, 2500 of them by an earlier run\n")
    other = server.ctl("remove", "--from", names, "--key", "another")
    assert other.returncode == 1 and "2500 failed" in other.stdout
    assert {answer["status"] for answer in failures_of(names)} == {404}


def test_what_fails_is_in_a_file(made, tmp_path):
    server, users, names = made(3, "", "nobody", '{"userId": 7}', '{"userId":"x","ifSequence":"1"}')
    done = server.ctl("remove", "--from", names)
    assert done.returncode == 1
    assert done.stdout == f"removed 3; 3 failed: {names}.failed\n"
    nobody, bad, other = failures_of(names)
    assert (nobody["userId"], nobody["status"]) == ("nobody", 404)
    assert (bad["line"], bad["status"]) == (6, 400)
    assert (other["userId"], other["status"]) == ("x", 412)
    elsewhere = tmp_path / "elsewhere"
    server.ctl("remove", "--from", names, "--failures", elsewhere)
    assert len(elsewhere.read_text().splitlines()) == 3
    assert list(removals_in(server.api())) == users


def test_a_dry_run(made):
    server, users, names = made(3)
    done = server.ctl("remove", "--from", names, "--dry-run")
    assert (done.returncode, done.stdout) == (0, "would remove 3\n")
    assert removals_in(server.api()) == {}
    assert server.ctl("remove", "--from", names).stdout == "removed 3\n"
    assert list(removals_in(server.api())) == users


def test_a_run_that_was_killed_goes_on(made):
    server, users, names = made(30_000)
    with subprocess.Popen([FACTORCTL, "--data-dir", server.data_dir, "remove", "--from", names],
                          stdout=subprocess.PIPE) as first:
        api = server.api()
        while api.last_sequence() < 3 * len(users) + 1_500:
            assert first.poll() is None
        first.kill()
    done = server.ctl("remove", "--from", names)
    assert done.returncode == 0 and done.stdout.startswith("removed 30000, ")
    assert len(removals_in(api)) == len(users)


def test_what_cannot_be(start, tmp_path):
    server = start()
    done = server.ctl("remove", "--from", tmp_path / "missing")
    assert done.returncode == 1 and "cannot read" in done.stderr
    names = tmp_path / "names"
    names.write_text("u\n")
    assert server.ctl("remove").returncode == 2
    bad = server.ctl("remove", "--from", names, "--key", "k" * 300)
    assert bad.returncode == 1 and "Idempotency-Key" in bad.stderr
    server.stop()
    gone = server.ctl("remove", "--from", names)
    assert gone.returncode == 1 and gone.stdout == ""
