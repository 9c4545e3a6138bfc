"""factorctl import: users by a file, and how the README makes one of what ZITADEL gives."""

import json
import pathlib
import re
import stat
import subprocess

import pytest

from bulk import WITH_FACTOR, additions_in, new_user
from factord import FACTORCTL, ROOT


@pytest.fixture
def written(tmp_path):
    """Writes lines to a file."""
    def write(*lines, name="users.ndjson"):
        path = tmp_path / name
        path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n"
                                for line in lines))
        return path
    return write


def beside(file, suffix):
    return file.with_name(file.name + suffix)


def lines_of(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_all_of_a_file(start, written):
    server = start()
    file = written(*(new_user(f"u{number}") for number in range(2_500)))
    done = server.ctl("import", file)
    assert (done.returncode, done.stdout) == (0, "added 2500\n"), done.stderr
    assert list(additions_in(server.api())) == [f"u{number}" for number in range(2_500)]
    assert not beside(file, ".failed").exists() and not beside(file, ".codes").exists()
    again = server.ctl("import", file)
    assert (again.returncode, again.stdout) == (0, "added 2500, 2500 of them by an earlier run\n")
    other = server.ctl("import", file, "--key", "another")
    assert other.returncode == 1 and "2500 failed" in other.stdout
    assert {answer["status"] for answer in lines_of(beside(file, ".failed"))} == {400}


def test_what_fails_is_in_a_file(start, written, tmp_path):
    server = start()
    file = written(new_user("a"), "", new_user("a", name="b"), "{", new_user(name="a"),
                   json.dumps(new_user("long")) + " " * 10 + "x" * 40_000, new_user("c"),
                   new_user("d", email={"email": "a@b.ch"}))
    done = server.ctl("import", file)
    assert done.returncode == 1
    assert done.stdout == f"added 2; 5 failed: {file}.failed\n"
    failed = {answer["line"]: answer for answer in lines_of(beside(file, ".failed"))}
    assert {line: answer["status"] for line, answer in failed.items()} == {
        3: 400, 4: 400, 5: 409, 6: 400, 8: 400}
    assert failed[3]["userId"] == "a" and "userId" not in failed[5]
    assert failed[6]["error"]["message"] == "the line is longer than 32768 bytes"
    assert sorted(additions_in(server.api())) == ["a", "c"]
    elsewhere = tmp_path / "elsewhere"
    server.ctl("import", file, "--failures", elsewhere)
    assert len(elsewhere.read_text().splitlines()) == 5


def test_codes_are_kept_and_told_once(start, written):
    server = start()
    coded = {"email": "a@b.ch", "returnCode": {}}
    file = written(new_user("a", factor=False, email=coded), new_user("b"),
                   new_user("c", factor=False, email=coded))
    for more in ("", ", 3 of them by an earlier run"):
        done = server.ctl("import", file)
        told = "" if more else f"; codes of emails: {file}.codes"
        assert (done.returncode, done.stdout) == (0, f"added 3{more}{told}\n"), done.stderr
        codes = lines_of(beside(file, ".codes"))
        assert [(code["line"], code["userId"]) for code in codes] == [(1, "a"), (3, "c")]
    assert stat.S_IMODE(beside(file, ".codes").stat().st_mode) == 0o600
    assert server.api().verify_email("a", codes[0]["emailCode"]).status == 200


def test_the_organization_of_lines_that_name_none(start, written):
    server = start()
    bare = {key: value for key, value in new_user("a").items() if key != "organization"}
    file = written(bare, new_user("b", org="other"))
    done = server.ctl("import", file)
    assert done.returncode == 1 and "added 1; 1 failed" in done.stdout
    assert lines_of(beside(file, ".failed"))[0]["error"]["message"] == "organization is required"
    done = server.ctl("import", file, "--org", "acme")
    assert (done.returncode, done.stdout) == (0, "added 2, 1 of them by an earlier run\n")
    api = server.api()
    owners = [api.get_user(user).json["details"]["resourceOwner"] for user in "ab"]
    assert owners == ["acme", "other"]


def test_a_dry_run(start, written):
    server = start()
    file = written(new_user("a"), new_user("b"))
    done = server.ctl("import", file, "--dry-run")
    assert (done.returncode, done.stdout) == (0, "would add 2\n")
    assert additions_in(server.api()) == {}
    assert server.ctl("import", file).stdout == "added 2\n"


def test_lines_that_only_ask_are_counted_apart(start, written):
    server = start()
    file = written(new_user("a"), new_user("b", dryRun=True), new_user(name="c", dryRun=True))
    for more in ("", ", 1 of them by an earlier run"):
        done = server.ctl("import", file)
        assert (done.returncode, done.stdout) == (0, f"added 1{more}; would add 2\n")
    assert list(additions_in(server.api())) == ["a"]


def test_no_file_overwrites_another(start, written, tmp_path):
    server = start()
    file = written(new_user("a", factor=False, email={"email": "a@b.ch", "returnCode": {}}), "{")
    text = file.read_text()
    (tmp_path / "same").hardlink_to(file)
    for options in (["--failures", file], ["--codes", file], ["--codes", tmp_path / "same"],
                    ["--failures", f"{file}.codes"],
                    ["--codes", f"{tmp_path}/./{file.name}.failed"],
                    ["--failures", tmp_path / "x", "--codes", tmp_path / "x"]):
        done = server.ctl("import", file, *options)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert str(options[1]) in done.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "same", file.name]
    assert file.read_text() == text and additions_in(server.api()) == {}
    done = server.ctl("import", file, "--failures", "/dev/null", "--codes", "/dev/null")
    assert done.stdout == "added 1; codes of emails: /dev/null; 1 failed: /dev/null\n"


def test_codes_that_could_not_be_kept_are_not_drawn(start, written, tmp_path):
    server = start()
    coded = {"email": "a@b.ch", "returnCode": {}}
    file = written(new_user("a", factor=False, email=coded))
    done = server.ctl("import", file, "--codes", tmp_path / "missing/x")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"cannot write {tmp_path}/missing/x: No such file" in done.stderr
    assert server.api().get_user("a").status == 404
    # Nobody asks for one.
    file = written(new_user("a"))
    assert server.ctl("import", file, "--codes", tmp_path / "missing/x").stdout == "added 1\n"
    file = written(new_user("a", factor=False, email=coded))
    assert server.ctl("import", file).returncode == 1
    assert not beside(file, ".codes").exists()


def test_failures_are_of_this_run_and_codes_of_all(start, written):
    server = start()
    file = written(new_user("a"))
    beside(file, ".failed").write_text("of an earlier run\n")
    beside(file, ".codes").write_text("of an earlier run\n")
    assert server.ctl("import", file).stdout == "added 1\n"
    assert not beside(file, ".failed").exists()
    assert beside(file, ".codes").read_text() == "of an earlier run\n"


def test_a_byte_order_mark_is_no_part_of_the_first_line(start, written):
    server = start()
    file = written("\ufeff" + json.dumps(new_user("a")))
    assert server.ctl("import", file).stdout == "added 1\n"


def test_a_run_that_was_killed_goes_on(start, written):
    server = start()
    file = written(*(new_user(name=f"n{number}") for number in range(20_000)))
    api = server.api()
    with subprocess.Popen([FACTORCTL, "--data-dir", server.data_dir, "import", file],
                          stdout=subprocess.PIPE) as first:
        while api.last_sequence() < 3 * 1_500:
            assert first.poll() is None
        first.kill()
    done = server.ctl("import", file)
    assert done.returncode == 0 and done.stdout.startswith("added 20000, ")
    assert len(additions_in(api)) == 20_000


def test_a_server_that_was_killed_is_gone_on_with(start, written):
    server = start()
    file = written(*(new_user(name=f"n{number}") for number in range(20_000)))
    api = server.api()
    with subprocess.Popen([FACTORCTL, "--data-dir", server.data_dir, "import", file],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as first:
        while api.last_sequence() < 3 * 1_500:
            assert first.poll() is None
        server.kill()
        said, why = first.communicate(timeout=60)
    assert (first.returncode, said) == (1, b"")
    assert re.search(rb"; by then added \d+; the same command goes on from there", why), why
    again = start(data_dir=server.data_dir)
    done = again.ctl("import", file)
    assert done.returncode == 0 and done.stdout.startswith("added 20000, ")
    assert len(additions_in(again.api())) == 20_000


def test_what_cannot_be(start, written, tmp_path):
    server = start()
    done = server.ctl("import", tmp_path / "missing")
    assert done.returncode == 1 and "cannot read" in done.stderr
    done = server.ctl("import", tmp_path)
    assert done.returncode == 1 and f"cannot read {tmp_path}: Is a directory" in done.stderr
    file = written(new_user("a"))
    assert server.ctl("import").returncode == 2
    for bad in ("", "a\nb", " a", "o" * 201):
        done = server.ctl("import", file, "--org", bad)
        assert done.returncode == 2, done.stderr
    bad = server.ctl("import", file, "--key", "k" * 300)
    assert bad.returncode == 1 and "Idempotency-Key" in bad.stderr
    server.stop()
    gone = server.ctl("import", file)
    assert gone.returncode == 1 and gone.stdout == ""
    assert server.ctl("import", file, "--org", "acme").returncode == 1


# The README's page.

PROFILE = {"givenName": "Minnie", "familyName": "Mouse", "nickName": "", "displayName": "M. Mouse",
           "preferredLanguage": "en", "gender": "GENDER_FEMALE", "avatarUrl": ""}

# As POST /v2/users of ZITADEL answers.
SEARCHED = {"details": {"totalResult": "4"}, "result": [
    {"userId": "11", "details": {"sequence": "9", "resourceOwner": "o1"},
     "state": "USER_STATE_ACTIVE", "username": "minnie", "loginNames": ["minnie@acme"],
     "human": {"userId": "11", "username": "minnie", "profile": PROFILE,
               "email": {"email": "minnie@example.com", "isVerified": True}, "phone": {}}},
    {"userId": "12", "details": {"resourceOwner": "o2"}, "username": "mickey",
     "human": {"profile": {"givenName": "Mickey", "familyName": "Mouse"},
               "email": {"email": "mickey@example.com"}}},
    {"userId": "13", "details": {"resourceOwner": "o1"}, "username": "robot",
     "machine": {"name": "robot"}},
    {"userId": "14", "details": {"resourceOwner": "o1"}, "username": "daisy",
     "human": {"profile": {"givenName": "Daisy", "familyName": "Duck"},
               "email": {"email": "daisy@example.com", "isVerified": True}}}]}

# As POST /admin/v1/export of ZITADEL answers.
EXPORTED = {"orgs": [
    {"orgId": "o1", "org": {"name": "acme"}, "humanUsers": [
        {"userId": "11", "user": {
            "userName": "minnie", "profile": {
                "firstName": "Minnie", "lastName": "Mouse", "displayName": "M. Mouse",
                "preferredLanguage": "en", "gender": "GENDER_FEMALE"},
            "email": {"email": "minnie@example.com", "isEmailVerified": True},
            "phone": {"phone": "+41791234567"}, "hashedPassword": {"value": "$2a$14$x"}}},
        {"userId": "14", "user": {
            "userName": "daisy", "profile": {"firstName": "Daisy", "lastName": "Duck"},
            "email": {"email": "daisy@example.com", "isEmailVerified": True}}}],
     "machineUsers": [{"userId": "13", "user": {"userName": "robot"}}]},
    {"orgId": "o2", "humanUsers": [
        {"userId": "12", "user": {
            "userName": "mickey", "profile": {"firstName": "Mickey", "lastName": "Mouse"},
            "email": {"email": "mickey@example.com"}}}]},
    {"orgId": "o3"}]}


def program(name):
    """What the README pipes through jq, of the block with this name in it."""
    text = (pathlib.Path(ROOT) / "README.md").read_text()
    [block] = [block for block in re.findall(r"```\n(.*?)```", text, re.S) if f" {name}" in block
               and "jq -c" in block]
    [found] = re.findall(r"jq -c --rawfile ids with-factor.txt '(.*?)'", block, re.S)
    return found


@pytest.mark.parametrize("name, given", [("search.json", SEARCHED), ("export.json", EXPORTED)])
def test_the_readme_makes_a_file_of_what_zitadel_gives(start, tmp_path, name, given):
    (tmp_path / name).write_text(json.dumps(given))
    (tmp_path / "with-factor.txt").write_text("11\n12\n")
    made = subprocess.run(
        ["jq", "-c", "--rawfile", "ids", "with-factor.txt", program(name), name], cwd=tmp_path,
        capture_output=True, text=True, check=True).stdout
    file = tmp_path / "users.ndjson"
    file.write_text(made)
    assert {line["userId"] for line in lines_of(file)} == {"11", "12", "14"}
    server = start()
    done = server.ctl("import", file)
    assert (done.returncode, done.stdout) == (0, "added 3\n"), done.stderr
    api = server.api()
    # Who had it, and has a verified email.
    assert [api.event_types(user) for user in ("11", "12", "14")] == [
        WITH_FACTOR, WITH_FACTOR[:1], WITH_FACTOR[:2]]
    user = api.get_user("11").json["user"]
    assert user["details"]["resourceOwner"] == "o1" and user["username"] == "minnie"
    assert user["human"]["profile"] == {key: value for key, value in PROFILE.items() if value}
    assert api.get_user("12").json["user"]["details"]["resourceOwner"] == "o2"
