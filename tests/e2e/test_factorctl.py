"""factorctl: what it prints, what it refuses, how it exits."""

import json
import re
import subprocess

import pytest

from api import Api, fresh
from factord import FACTORCTL, ctl, run, verify
from wire import Connection, request

ROLES = ["IAM_OWNER", "IAM_OWNER_VIEWER", "IAM_ORG_MANAGER", "IAM_USER_MANAGER",
         "IAM_LOGIN_CLIENT", "ORG_OWNER", "ORG_OWNER_VIEWER", "ORG_USER_MANAGER"]


def check_bad_usage(done, named=""):
    assert (done.returncode, done.stdout) == (2, ""), done
    assert named in done.stderr


def check_failure(done, *named):
    assert done.returncode == 1, done
    for text in named:
        assert text in done.stderr


def tokens(server):
    """The rows of `token list` below its header."""
    done = server.ctl("token", "list")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[1:]


@pytest.mark.parametrize("role", ROLES)
def test_create_and_list(server, role):
    subject, org = fresh("subject"), fresh("org")
    scoped = role.startswith("ORG_")
    secret = server.token(user=subject, roles=[role], org=org if scoped else None)
    row = next(row for row in tokens(server) if subject in row)
    assert role in row and (org in row) == scoped and secret not in row


def test_more_tokens_than_a_page(start):
    server = start()
    with Connection.unix(server.data_dir / "admin.sock") as admin:
        one = request("POST", "/admin/v1/tokens", body='{"userId":"u"}')
        made = [admin.ask(one).json["tokenId"] for _ in range(1_001)]
        # Not all at once: that would keep everybody else waiting.
        refused = admin.ask(request("GET", "/admin/v1/tokens"))
        assert (refused.status, refused.json["code"]) == (400, 3) and b"limit" in refused.body
        page = admin.ask(request("GET", "/admin/v1/tokens?limit=1000")).json
        rest = admin.ask(request("GET", "/admin/v1/tokens?limit=1000&after=" + page["next"])).json
        assert len(page["tokens"]) == 1000 and len(rest["tokens"]) == 1 and "next" not in rest
    assert [row.split()[0] for row in tokens(server)] == sorted(made)
    shown = server.ctl("token", "list", "--json")
    assert [json.loads(line)["tokenId"] for line in shown.stdout.splitlines()] == sorted(made)


def test_several_roles_and_expiry(server):
    subject = fresh("subject")
    server.token(user=subject, roles=["IAM_OWNER_VIEWER", "IAM_USER_MANAGER"], expires="30d")
    row = next(row for row in tokens(server) if subject in row)
    assert "IAM_OWNER_VIEWER" in row and "IAM_USER_MANAGER" in row
    assert re.search(r"\d{4}-\d\d-\d\dT", row)


def test_a_token_makes_an_event_and_so_does_its_end(server, api):
    subject = fresh("subject")
    server.token(user=subject)
    token_id = next(row.split()[0] for row in tokens(server) if subject in row)
    done = server.ctl("token", "revoke", token_id)
    assert done.returncode == 0, done.stderr
    added, removed = api.events_of(subject)
    assert (added["type"], removed["type"]) == ("user.pat.added", "user.pat.removed")
    assert token_id in str(added["payload"]) and token_id in str(removed["payload"])
    assert not any(subject in row for row in tokens(server))
    check_failure(server.ctl("token", "revoke", token_id), token_id)


def test_revoking_what_never_was(server):
    check_failure(server.ctl("token", "revoke", "0000"), "0000")


@pytest.mark.parametrize("arguments", [
    ["--user", "u", "--role", "NO_SUCH_ROLE"], ["--user", "u", "--role", "iam_owner"],
    ["--user", "u", "--role", "ORG_OWNER"], ["--user", "u", "--role", "IAM_OWNER", "--org", "o"],
    ["--user", "u", "--role", "ORG_OWNER", "--role", "IAM_OWNER", "--org", "o"],
    ["--role", "IAM_OWNER"], ["--user", "", "--role", "IAM_OWNER"],
    ["--user", "x" * 201, "--role", "IAM_OWNER"],
    ["--user", "u", "--role", "ORG_OWNER", "--org", "x" * 201],
    ["--user", "u", "--role", "IAM_OWNER", "--expires", "soon"],
    ["--user", "u", "--role", "IAM_OWNER", "--expires", "0d"],
    ["--user", "u", "--role", "IAM_OWNER", "--expires", "30"]])
def test_bad_tokens(server, api, arguments):
    before = api.last_sequence()
    check_bad_usage(server.ctl("token", "create", *arguments))
    assert api.last_sequence() == before


@pytest.mark.parametrize("arguments", [
    [], ["nonsense"], ["token"], ["token", "nonsense"], ["token", "revoke"], ["seed"],
    ["seed", "--users", "10"], ["seed", "--users", "0", "--org", "o"],
    ["seed", "--users", "-1", "--org", "o"], ["seed", "--users", "x", "--org", "o"],
    ["seed", "--users", "1", "--org", "o", "--first-id", "abc"], ["events", "--after", "x"],
    ["events", "--type", "user.lost"], ["events", "--type", ""], ["events", "--since", "today"],
    ["stats", "--nonsense"], ["verify", "stray"], ["backup"], ["restore"], ["backups"],
    ["backups", "nonsense"], ["restore", "x", "--backup", "0"]])
def test_bad_usage(tmp_path, arguments):
    check_bad_usage(ctl(tmp_path / "data", *arguments))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command, needed", [
    (["stats"], "--data-dir or --store is required"), (["backup", "x"], "--data-dir is required"),
    (["verify"], "--data-dir or --store is required"), (["restore", "x"], "--data-dir is required"),
    (["init"], "--data-dir or --store is required")])
def test_a_place_is_needed(command, needed):
    check_bad_usage(run(FACTORCTL, *command), needed)
    check_bad_usage(run(FACTORCTL, "--data-dir", "", *command), "--data-dir")


@pytest.mark.parametrize("command", [[], ["token"], ["token", "create"], ["token", "list"],
                                     ["token", "revoke"], ["seed"], ["events"], ["verify"],
                                     ["init"], ["copy"],
                                     ["stats"], ["backup"], ["backups"], ["backups", "list"],
                                     ["backups", "verify"], ["restore"]])
def test_help(command):
    done = run(FACTORCTL, *command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "factorctl" in done.stdout or "--data-dir" in done.stdout


@pytest.mark.parametrize("command", [["token", "create", "--user", "u", "--role", "IAM_OWNER"],
                                     ["token", "list"], ["token", "revoke", "1"], ["events"],
                                     ["stats"], ["backup", "/tmp/never-made"]])
def test_what_needs_the_server_running(start, command):
    server = start()
    server.stop()
    done = ctl(server.data_dir, *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not running" in done.stderr


@pytest.mark.parametrize("command", [["seed", "--users", "1", "--org", "acme"], ["verify"]])
def test_what_needs_the_server_stopped(server, command):
    done = server.ctl(*command)
    assert (done.returncode, done.stdout) == (1, "")
    assert "running" in done.stderr and "stop" in done.stderr


def test_pages_of_the_largest_records_are_shorter_and_nothing_is_left_out(start):
    """What is largest in JSON: 200 characters that are escaped there."""
    server = start()
    api = Api(server, server.token(user="operator", roles=["IAM_OWNER"]))
    long = "\x01" * 197
    for number in range(100, 160):
        names = {name: f"{number}{long}" for name in ("givenName", "familyName", "nickName")}
        answer = api.add_human_user({
            "userId": f"{number}{long}", "username": f"{number}{long}", "profile": names,
            "organization": {"orgId": f"100{long}"}, "email": {"email": "a@b.ch"}})
        assert answer.status == 201
    last = api.last_sequence()
    sequences, after, pages = [], 0, 0
    while after is not None:
        page = api.events(after=after)
        sequences += [int(event["sequence"]) for event in page["events"]]
        after, pages = page.get("next"), pages + 1
    assert sequences == list(range(1, last + 1)) and pages > 1
    shown = server.ctl("events").stdout.splitlines()
    assert [int(json.loads(line)["sequence"]) for line in shown] == sequences


def test_events(server, api):
    user = api.make_user_with_factor()
    done = server.ctl("events")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    # All there were: more may have come since.
    sequences = [int(event["sequence"]) for event in events]
    assert sequences == list(range(1, sequences[-1] + 1))
    shown = server.ctl("events", "--user", user).stdout
    assert [json.loads(line) for line in shown.splitlines()] == api.events_of(user)
    after = sequences[-3]
    shown = server.ctl("events", "--after", after).stdout
    assert [int(json.loads(line)["sequence"]) for line in shown.splitlines()][:2] == sequences[-2:]


def test_events_by_type_and_time(server, api):
    user = api.make_user_with_factor()
    api.remove_otp_email(user)
    mine = api.events_of(user)
    kinds = ["user.human.added", "user.human.mfa.otp.email.removed"]
    asked = [part for kind in kinds for part in ("--type", kind)]

    def shown(*options):
        done = server.ctl("events", *options)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    assert shown("--user", user, *asked) == [one for one in mine if one["type"] in kinds]
    assert {one["type"] for one in shown(*asked)} == set(kinds)
    since = mine[-1]["creationDate"]
    assert shown("--user", user, "--since", since) == mine[-1:]
    assert shown("--since", "2999-01-01T00:00:00+01:00") == []


def test_events_by_type_where_they_are_rare(tmp_path, start):
    assert ctl(tmp_path / "data", "seed", "--users", "4000", "--org", "acme").returncode == 0
    server = start()
    assert server.api().lock("100000000000004000").status == 200
    [line] = server.ctl("events", "--type", "user.locked").stdout.splitlines()
    assert json.loads(line)["aggregateId"] == "100000000000004000"


def test_events_that_are_followed(start):
    server = start()
    client = server.api()
    user = client.make_user()
    with subprocess.Popen(
            [FACTORCTL, "--data-dir", server.data_dir, "events", "--follow", "--after", "1",
             "--type", "user.human.added", "--type", "user.locked"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as following:
        assert json.loads(following.stdout.readline())["sequence"] == "2"
        client.unlock(user)
        assert client.lock(user).status == 200
        assert json.loads(following.stdout.readline())["sequence"] == "4"
        client.client.close()
        server.signal()
        assert server.wait() == 0
        rest, said = following.communicate(timeout=60)
    assert (following.returncode, rest) == (1, "") and said.startswith("factorctl: ")


def test_events_by_the_thousand(tmp_path, start):
    assert ctl(tmp_path / "data", "seed", "--users", "1100", "--org", "acme").returncode == 0
    shown = start().ctl("events").stdout.splitlines()
    assert [int(json.loads(line)["sequence"]) for line in shown] == list(range(1, 3301))


def test_events_into_a_closed_pipe(server, api):
    api.make_user_with_factor()
    done = subprocess.run(f"'{FACTORCTL}' --data-dir '{server.data_dir}' events | head -n 1",
                          shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert len(done.stdout.splitlines()) == 1


def test_stats(server, api):
    api.remove_otp_email(api.make_user_with_factor())
    done = server.ctl("stats", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    page = api.events(limit=1)
    assert (str(found["lastSequence"]), found["storeId"]) == (page["lastSequence"],
                                                              page["storeId"])
    assert re.fullmatch(r"[0-9a-f]{64}", found["headHash"])
    lines = dict(line.split(": ", 1) for line in server.ctl("stats").stdout.splitlines())
    assert lines["headHash"] == found["headHash"]


def test_stats_count_the_answers(start):
    server = start()
    client = server.api()
    users = [client.make_user_with_factor() for _ in range(3)]
    for user in users + users[:2]:
        client.remove_otp_email(user)
    counted = json.loads(server.ctl("stats", "--json").stdout)["answers"]["RemoveOTPEmail"]
    assert {str(key): int(value) for key, value in counted.items()} == {"OK": 3, "NOT_FOUND": 2}


def test_seed(tmp_path, start):
    data_dir = tmp_path / "data"
    done = ctl(data_dir, "seed", "--users", "300", "--org", "acme")
    assert done.returncode == 0, done.stderr
    verify(data_dir)
    client = start().api()
    assert client.last_sequence() >= 900
    for number in (1, 150, 300):
        user = str(100000000000000000 + number)
        shown = client.get_user(user).json["user"]
        assert (shown["username"], shown["details"]["resourceOwner"]) == (user, "acme")
        assert shown["human"]["email"] == {"email": f"{user}@seed.invalid", "isVerified": True}
        assert client.event_types(user) == ["user.human.added", "user.human.email.verified",
                                            "user.human.mfa.otp.email.added"]
        assert client.remove_otp_email(user).status == 200
    assert client.get_user("100000000000000301").status == 404


def test_seed_goes_on_elsewhere_and_stops_at_an_id_that_exists(tmp_path):
    data_dir = tmp_path / "data"
    assert ctl(data_dir, "seed", "--users", "5", "--org", "a", "--first-id", "10").returncode == 0
    assert ctl(data_dir, "seed", "--users", "3", "--org", "b", "--first-id", "7").returncode == 0
    check_failure(ctl(data_dir, "seed", "--users", "5", "--org", "c", "--first-id", "13"), "13")
    check_failure(ctl(data_dir, "seed", "--users", "5", "--org", "c", "--first-id", "5"), "7")
    assert "30" in verify(data_dir)  # 5 + 3 + 2 users, three events each
