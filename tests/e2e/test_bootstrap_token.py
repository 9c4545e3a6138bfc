"""--bootstrap-token-file: a container that needs no exec for its token."""

import json
import os

import pytest

from database import Node, verify_store
from factord import plain_environment, run_factord, verify

FIRST = "bootstrap-text-of-many-characters"
SECOND = "another-text-of-as-many-characters"


@pytest.fixture
def secret(tmp_path):
    return Secret(tmp_path / "token")


class Secret:
    """The file. Others never see it open."""

    def __init__(self, path):
        self.path = path
        self.write(FIRST)

    def write(self, text, mode=0o600):
        self.path.unlink(missing_ok=True)
        with open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w",
                  encoding="utf-8") as file:
            file.write(text)
        self.path.chmod(mode)

    @property
    def flags(self):
        return "--bootstrap-token-file", self.path


def tokens(server):
    done = server.ctl("token", "list", "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def logged(server, words):
    return [line for line in map(json.loads, server.log().splitlines()) if line["msg"] == words]


def token_events(api):
    return [event["type"] for event in api.events()["events"] if ".pat." in event["type"]]


def test_its_token_is_let_in_from_the_start_on(start, secret):
    secret.write(FIRST + "\n")
    server = start(*secret.flags)
    api = server.api(FIRST)
    assert api.make_user_with_factor()
    [token] = tokens(server)
    assert (token["tokenId"], token["userId"]) == ("bootstrap", "bootstrap")
    assert token["roles"] == ["IAM_OWNER"]
    [line] = logged(server, "the bootstrap token was created")
    assert (line["id"], line["user"], line["file"]) == ("bootstrap", "bootstrap", str(secret.path))
    assert FIRST not in server.log()


def test_a_restart_adds_no_event(start, secret):
    server = start(*secret.flags)
    before = server.api(FIRST).last_sequence()
    for _ in range(3):
        server.stop()
        server = start(*secret.flags)
        assert logged(server, "the bootstrap token is as it was")
        assert server.api(FIRST).last_sequence() == before == 1
    server.stop()
    verify(server.data_dir)


def test_another_text_takes_its_place(start, secret):
    server = start(*secret.flags)
    api = server.api(FIRST)
    server.stop()
    secret.write(SECOND)
    server = start(*secret.flags)
    assert server.api(FIRST).methods("u").status == 401
    api = server.api(SECOND)
    assert token_events(api) == ["user.pat.added", "user.pat.removed", "user.pat.added"]
    assert logged(server, "the bootstrap token was replaced")
    server.stop()
    verify(server.data_dir)


def test_sighup_reads_it_again(start, secret):
    server = start(*secret.flags)
    first = server.api(FIRST)
    assert first.methods("u").status == 200
    server.reload("the bootstrap token is as it was")
    secret.write(SECOND)
    server.reload("the bootstrap token was replaced")
    assert first.methods("u").status == 401
    assert server.api(SECOND).methods("u").status == 200
    secret.write("")
    server.reload("the bootstrap token stays as it was")
    secret.write(FIRST, 0o644)
    server.reload("the bootstrap token stays as it was")
    secret.path.unlink()
    server.reload("the bootstrap token stays as it was")
    assert server.api(SECOND).methods("u").status == 200
    assert len(token_events(server.api(SECOND))) == 3


def test_whose_it_is_and_what_it_allows(start, secret):
    ada = ["--bootstrap-user", "ada", "--bootstrap-roles", "ORG_OWNER", "--bootstrap-org", "acme"]
    server = start(*secret.flags, *ada)
    [token] = tokens(server)
    assert (token["tokenId"], token["userId"]) == ("bootstrap", "ada")
    assert (token["roles"], token["organization"]) == (["ORG_OWNER"], "acme")
    assert server.api(FIRST).make_user(org="acme")
    server.stop()

    server = start(*secret.flags, "--bootstrap-user", "bob")
    [token] = tokens(server)
    assert (token["userId"], token["roles"]) == ("bob", ["IAM_OWNER"])
    assert server.api(FIRST).last_sequence()
    server.stop()
    # The text and the id are another user's now, and the store still holds together.
    verify(server.data_dir)


def test_settings_of_the_environment_alone(start, secret):
    """As a container has them."""
    env = plain_environment(FACTORD_BOOTSTRAP_TOKEN_FILE=str(secret.path),
                            FACTORD_BOOTSTRAP_USER="ops",
                            FACTORD_BOOTSTRAP_ROLES="IAM_USER_MANAGER,IAM_OWNER_VIEWER")
    server = start(env=env)
    [token] = tokens(server)
    assert token["userId"] == "ops"
    assert sorted(token["roles"]) == ["IAM_OWNER_VIEWER", "IAM_USER_MANAGER"]


def test_a_credential_of_the_service_manager(start, secret):
    secret.write(FIRST, 0o440)
    env = plain_environment(CREDENTIALS_DIRECTORY=str(secret.path.parent))
    assert start(*secret.flags, env=env).api(FIRST).methods("u").status == 200


BAD = [
    ("", 0o600, "it is empty"),
    ("\n", 0o600, "it is empty"),
    ("x" * 513, 0o600, "at most 512 characters"),
    ("x" * 5000, 0o600, "more than 4096 bytes"),
    ("two words", 0o600, "is one line of letters"),
    ("two\nlines\n", 0o600, "is one line of letters"),
    ("t\u00e4xt", 0o600, "is one line of letters"),
    (FIRST, 0o604, "others than its owner may read it"),
    (FIRST, 0o640, "others than its owner may read it"),
    (FIRST, 0o666, "others than its owner may read it"),
]


@pytest.mark.parametrize("text, mode, named", BAD)
def test_a_file_that_is_no_good(tmp_path, secret, text, mode, named):
    secret.write(text, mode)
    data = tmp_path / "data"
    arguments = ["--data-dir", data, "--listen", "127.0.0.1:0", *secret.flags]
    checked = run_factord(*arguments, "--check-config")
    assert checked.returncode == 2
    begun = run_factord(*arguments)
    assert (begun.returncode, begun.stdout) == (1, "")
    for done in (checked, begun):
        assert named in done.stderr and str(secret.path) in done.stderr
        assert text == "" or text.strip() == "" or text not in done.stderr
    assert not data.exists()


def test_no_file(tmp_path):
    done = run_factord("--data-dir", tmp_path / "data", "--bootstrap-token-file", tmp_path / "no")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{tmp_path}/no: cannot be read: No such file" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_text_of_another_token(start, secret):
    server = start()
    taken = server.token()
    server.stop()
    secret.write(taken)
    done = run_factord("--data-dir", server.data_dir, "--listen", "127.0.0.1:0", *secret.flags)
    assert (done.returncode, done.stdout) == (1, "")
    assert "another token has that text" in done.stderr and taken not in done.stderr
    assert start().api(taken).methods("u").status == 200


def test_one_that_was_revoked_is_back_with_the_next_start(start, secret):
    server = start(*secret.flags)
    assert server.ctl("token", "revoke", "bootstrap").returncode == 0
    assert server.api(FIRST).methods("u").status == 401
    server.stop()
    assert start(*secret.flags).api(FIRST).methods("u").status == 200


def test_a_short_one_is_warned_of(start, secret):
    secret.write("short")
    server = start(*secret.flags)
    assert logged(server, "the bootstrap token is so short that it may be guessed")
    assert server.api("short").methods("u").status == 200


def test_servers_on_one_database_share_it(store, tmp_path, secret):
    with Node(tmp_path / "a", store, *secret.flags) as one, \
            Node(tmp_path / "b", store, *secret.flags) as other:
        for server in (one, other):
            assert server.api(FIRST).methods("u").status == 200
        assert one.api(FIRST).last_sequence() == 1
        secret.write(SECOND)
        one.reload("the bootstrap token was replaced")
        assert other.api(FIRST).methods("u").status == 401
        other.reload("the bootstrap token is as it was")
        assert other.api(SECOND).last_sequence() == 3
        verify_store(store)
