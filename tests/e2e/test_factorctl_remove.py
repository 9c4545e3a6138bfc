"""factorctl remove: the factors of many users, by a file."""

import json
import os
import re
import subprocess
import threading

import pytest

from bulk import removals_in
from factord import FACTORCTL, Factord, ctl, run

FIRST = 100000000000000001  # of those that `factorctl seed` makes
NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


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


def beside(names):
    return names.with_name(names.name + ".failed")


def failures_of(names):
    return [json.loads(line) for line in beside(names).read_text().splitlines()]


def test_all_of_a_file(made):
    server, users, names = made(2_500)
    done = server.ctl("remove", "--from", names)
    assert (done.returncode, done.stdout) == (0, "removed 2500\n"), done.stderr
    assert list(removals_in(server.api())) == users
    assert not beside(names).exists()
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


def test_lines_that_only_ask_are_counted_apart(made):
    server, users, names = made(3)
    names.write_text(f'{users[0]}\n{{"userId":"{users[1]}","dryRun":true}}\n'
                     f'{{"userId":"nobody","dryRun":true}}\n')
    for more in ("", ", 1 of them by an earlier run"):
        done = server.ctl("remove", "--from", names)
        assert (done.returncode, done.stdout) == (
            1, f"removed 1{more}; would remove 1; 1 failed: {names}.failed\n")
        assert list(removals_in(server.api())) == users[:1]
    names.write_text(f'{{"userId":"{users[1]}","dryRun":true}}\n')
    done = server.ctl("remove", "--from", names)
    assert (done.returncode, done.stdout) == (0, "removed 0; would remove 1\n")
    done = server.ctl("remove", "--from", names, "--dry-run")
    assert (done.returncode, done.stdout) == (0, "would remove 1\n")


def test_the_file_is_not_overwritten(made, tmp_path):
    server, users, names = made(2, "nobody")
    text = names.read_text()
    (tmp_path / "symbolic").symlink_to(names)
    (tmp_path / "hard").hardlink_to(names)
    elsewhere = tmp_path / "sub"
    elsewhere.mkdir()
    for other in (names, "symbolic", "hard", elsewhere / ".." / names.name):
        for one, failures in ((names, tmp_path / other), (tmp_path / other, names)):
            done = server.ctl("remove", "--from", one, "--failures", failures)
            assert (done.returncode, done.stdout) == (2, ""), done.stderr
            assert "the file that is read" in done.stderr and str(failures) in done.stderr
    beside(names).symlink_to(names)
    assert server.ctl("remove", "--from", names).returncode == 2
    with names.open() as opened:
        done = run(FACTORCTL, "--data-dir", server.data_dir, "remove", "--from",
                   f"/dev/fd/{opened.fileno()}", "--failures", names, pass_fds=[opened.fileno()])
    assert done.returncode == 2, done.stderr
    assert names.read_text() == text and removals_in(server.api()) == {}
    # That of codes is none of its files.
    done = server.ctl("remove", "--from", names, "--failures", f"{names}.codes")
    assert done.stdout == f"removed 2; 1 failed: {names}.codes\n"


def test_lines_that_are_too_long_are_failures_of_their_own(made):
    server, users, names = made(2)
    names.write_text("\n".join([users[0], "x" * 5_000, '{"userId":"' + "y" * 10_000_000 + '"}',
                                "\\" * 4_000, users[1]]))
    for more in ("", ", 2 of them by an earlier run"):
        done = server.ctl("remove", "--from", names)
        assert (done.returncode, done.stdout) == (
            1, f"removed 2{more}; 3 failed: {names}.failed\n"), done.stderr
        assert [(answer["line"], answer["status"], answer["error"]["message"])
                for answer in failures_of(names)] == [
                    (line, 400, "the line is longer than 4096 bytes") for line in (2, 3, 4)]
    assert list(removals_in(server.api())) == users


def test_no_line_that_is_sent_is_too_long_for_a_server(start, tmp_path):
    """For its limits of bodies are those of other listeners."""
    assert ctl(tmp_path / "data", "seed", "--users", 1, "--org", "acme").returncode == 0
    server = start("--max-body-bytes", 100)
    names = tmp_path / "leavers.txt"
    names.write_text("x" * 4_000 + f"\n{FIRST}\n")
    done = server.ctl("remove", "--from", names)
    assert done.stdout == f"removed 1; 1 failed: {names}.failed\n", done.stderr
    assert "invalid RemoveOTPEmailRequest.UserId" in failures_of(names)[0]["error"]["message"]


def test_failures_are_of_this_run(made):
    server, users, names = made(2)
    beside(names).write_text("of an earlier run\n")
    assert server.ctl("remove", "--from", names).stdout == "removed 2\n"
    assert not beside(names).exists()
    target = names.with_name("target")
    target.write_text("of an earlier run\n")
    beside(names).symlink_to(target)
    assert server.ctl("remove", "--from", names).returncode == 0
    assert target.read_text() == ""
    done = server.ctl("remove", "--from", names, "--key", "another")
    assert done.returncode == 1 and len(target.read_text().splitlines()) == 2
    # A run that did not come to anything leaves them.
    server.stop()
    assert server.ctl("remove", "--from", names).returncode == 1
    assert len(target.read_text().splitlines()) == 2


def test_a_byte_order_mark_is_no_part_of_an_id(made):
    server, users, names = made(2)
    names.write_bytes(b"\xEF\xBB\xBF" + names.read_bytes())
    assert server.ctl("remove", "--from", names).stdout == "removed 2\n"
    names.write_bytes(b"\xEF\xBB\xBF")
    assert server.ctl("remove", "--from", names).stdout == "removed 0\n"


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


@pytest.mark.parametrize("drained", [False, True])
def test_a_server_that_ends_meanwhile(made, start, drained):
    server, users, names = made(30_000, "nobody")
    names.write_text("nobody\n" + names.read_text())
    api = server.api()
    with subprocess.Popen([FACTORCTL, "--data-dir", server.data_dir, "remove", "--from", names],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        while api.last_sequence() < 3 * len(users) + 2_500:
            assert first.poll() is None
        (server.stop if drained else server.kill)()
        said, why = first.communicate(timeout=60)
    assert (first.returncode, said) == (1, "")
    [count] = re.findall(r"; by then removed (\d+); 1 failed: ", why)
    assert "; the same command goes on from there: what is done is not done again" in why
    assert [answer["userId"] for answer in failures_of(names)] == ["nobody"]
    again = start(data_dir=server.data_dir)
    removed = len(removals_in(again.api()))
    assert 1_000 <= int(count) <= removed < len(users)
    if drained:
        assert int(count) == removed
    done = again.ctl("remove", "--from", names)
    assert done.stdout == f"removed 30000, {removed} of them by an earlier run; " \
                          f"2 failed: {names}.failed\n"


def test_a_pipe(made, tmp_path):
    server, users, names = made(2)
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=[names.read_text()])
    writer.start()
    done = server.ctl("remove", "--from", tmp_path / "pipe")
    writer.join()
    assert (done.returncode, done.stdout) == (0, "removed 2\n"), done.stderr
    done = subprocess.run([FACTORCTL, "--data-dir", server.data_dir, "remove", "--from",
                           "/dev/stdin", "--failures", "/dev/stderr"], input="nobody\n",
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "removed 0; 1 failed: /dev/stderr\n"
    assert json.loads(done.stderr)["userId"] == "nobody"


def test_files_that_cannot_be_read_or_written(open_place):
    names, other = open_place / "leavers.txt", open_place / "other"
    names.write_text("nobody\n")
    (open_place / "data").mkdir()
    os.chown(open_place / "data", NOBODY["user"], NOBODY["group"])
    with Factord(open_place / "data", **NOBODY) as server:
        def remove(*arguments):
            return run(FACTORCTL, "--data-dir", server.data_dir, "remove", "--from", *arguments,
                       **NOBODY)

        def refused(*arguments):
            done = remove(*arguments)
            assert (done.returncode, done.stdout) == (1, ""), done
            return done.stderr

        assert f"cannot read {open_place}: Is a directory" in refused(open_place)
        names.chmod(0o600)
        assert f"cannot read {names}: Permission denied" in refused(names)
        names.chmod(0o644)
        # Where there is something to write.
        told = refused(names)
        assert (f"cannot write {names}.failed: Permission denied "
                "(--failures names another file)") in told
        assert "; by then removed 0; 1 failed; the same command" in told
        assert f"cannot write {open_place}: Is a directory" in refused(
            names, "--failures", open_place)
        missing = open_place / "missing/x"
        assert f"cannot write {missing}: No such file" in refused(names, "--failures", missing)
        # Before anything is done, where it is there.
        other.write_text("of an earlier run\n")
        other.chmod(0o644)
        told = refused(names, "--failures", other)
        assert f"cannot write {other}: Permission denied" in told and "by then" not in told
        names.write_text("\n")
        done = remove(names)
        assert (done.returncode, done.stdout) == (0, "removed 0\n"), done.stderr


def test_what_cannot_be(start, tmp_path):
    server = start()
    done = server.ctl("remove", "--from", tmp_path / "missing")
    assert done.returncode == 1 and "cannot read" in done.stderr
    names = tmp_path / "names"
    names.write_text("u\n")
    assert server.ctl("remove").returncode == 2
    bad = server.ctl("remove", "--from", names, "--key", "k" * 300)
    assert bad.returncode == 1 and "Idempotency-Key" in bad.stderr
    assert "{" not in bad.stderr and "by then" not in bad.stderr
    server.stop()
    gone = server.ctl("remove", "--from", names)
    assert gone.returncode == 1 and gone.stdout == "" and "by then" not in gone.stderr
