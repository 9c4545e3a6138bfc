"""The store in a PostgreSQL database, by the programs: made, filled, served by two, looked at."""

import datetime
import json
import pathlib
import subprocess
import time

import pytest

from database import Node, Postgres, name_of, store_ctl, verify_store
from factord import FACTORCTL, PATIENCE_S, Factord, ctl, plain_environment, run, run_factord
from wall_clock import WallClock

REMOVED = "user.human.mfa.otp.email.removed"
FIRST = 100000000000000001


def test_from_nothing_to_two_servers(store, tmp_path):
    seeded = store_ctl(store, "seed", "--users", "1000", "--org", "acme")
    assert seeded.returncode == 0, seeded.stderr
    with Node(tmp_path / "a", store) as one, Node(tmp_path / "b", store) as other:
        token = one.token()
        here, there = one.api(token), other.api(token)
        removed = here.remove_otp_email(str(FIRST))
        assert removed.status == 200, removed
        again = there.remove_otp_email(str(FIRST))
        assert again.status == 404, again
        assert there.remove_otp_email(str(FIRST + 1)).json["details"]["sequence"] == str(
            int(removed.json["details"]["sequence"]) + 1)
        verify_store(store)  # while they serve
        shown = store_ctl(store, "events", "--user", str(FIRST))
        assert json.loads(shown.stdout.splitlines()[-1])["type"] == REMOVED
        assert shown.stdout == one.ctl("events", "--user", str(FIRST)).stdout
        shown = store_ctl(store, "events", "--type", REMOVED, "--since", "2026-01-01T00:00:00Z")
        assert [json.loads(line)["type"] for line in shown.stdout.splitlines()] == [REMOVED] * 2
        refused = store_ctl(store, "events", "--follow")
        assert refused.returncode != 0 and "--data-dir" in refused.stderr
        stats = json.loads(store_ctl(store, "stats", "--json").stdout)
        served = json.loads(other.ctl("stats", "--json").stdout)
        assert {name: served[name] for name in stats} == stats


def test_a_token_revoked_through_one_is_refused_by_the_other(store, tmp_path):
    with Node(tmp_path / "a", store) as one, Node(tmp_path / "b", store) as other:
        for _ in range(20):
            token = one.token()
            client = other.api(token)
            assert client.methods("nobody").status == 200
            listed = one.ctl("token", "list", "--json").stdout.splitlines()
            last = json.loads(listed[-1])["tokenId"]
            assert one.ctl("token", "revoke", last).returncode == 0
            assert client.methods("nobody").status == 401
            assert client.remove_otp_email("nobody").status == 401
            client.client.close()


def test_nodes_need_no_clock_in_common(store, tmp_path):
    ahead = WallClock(tmp_path)
    ahead.set(24 * 3600)
    with Node(tmp_path / "a", store) as one, \
            Node(tmp_path / "b", store, env=ahead.environment()) as other:
        token = other.token(expires="1h")
        here, there = one.api(token), other.api(token)
        user = {"organization": {"orgId": "acme"}, "profile": {"givenName": "A", "familyName": "B"}}
        made = there.add_human_user({**user, "userId": "ada", "email": {
            "email": "a@b.ch", "returnCode": {}}})
        assert made.status == 201, made
        assert here.verify_email("ada", made.json["emailCode"]).status == 200
        made = here.add_human_user({**user, "userId": "bob", "email": {
            "email": "b@b.ch", "returnCode": {}}})
        assert there.verify_email("bob", made.json["emailCode"]).status == 200
        seen = [datetime.datetime.fromisoformat(event["creationDate"].replace("Z", "+00:00"))
                for event in here.events()["events"]]
        assert seen == sorted(seen) and seen[-1] - seen[0] < datetime.timedelta(hours=1)
        # Nothing ends by a clock of theirs, so a step of one is nothing to be told of.
        ahead.set(48 * 3600)
        time.sleep(2.5)  # it would have been seen by then
        assert "clockSteps" not in there.get("/readyz").json
        assert "stepped" not in other.log()


def test_without_a_data_directory_it_serves_and_says_so(store, tmp_path):
    with Node(tmp_path / "a", store) as one, Node(None, store) as bare:
        assert bare.api(one.token()).methods("nobody").status == 200
        assert "there is no admin.sock" in bare.log()


def test_a_store_of_its_own_in_the_data_directory_is_pointed_out(store, tmp_path):
    assert ctl(tmp_path / "a", "seed", "--users", "1", "--org", "acme").returncode == 0
    with Node(tmp_path / "a", store) as one:
        assert "the store in the data directory is not used" in one.log()


@pytest.mark.parametrize("arguments, says", [
    (["--durability", "process"], "--durability process is for the store in --data-dir"),
    (["--wal-bytes", "1MiB"], "are of the store in --data-dir"),
    (["--write-buffer-bytes", "8MiB"], "are of the store in --data-dir"),
    (["--block-cache-bytes", "8MiB"], "are of the store in --data-dir"),
])
def test_settings_of_the_other_store_are_refused(arguments, says):
    done = run_factord("--store", "postgres:///x", *arguments)
    assert done.returncode == 2 and says in done.stderr, done.stderr


@pytest.mark.parametrize("url, says", [
    ("/var/lib/factord", "it does not begin with postgres://"),
    ("postgres://h:1,h:2,h:3x/d?port=4,5", "the address of the database"),
    ("postgres://u:secret@h/d?connect_timeout=1", "connect_timeout"),
    ("postgres://u:secret@h:notaport/d?nosuch=1", "the address of the database"),
    ("postgres://u:12/secret@h/d", "in a password / is %2F and @ is %40"),
    ("postgres://u:se/secret@h/d", "in a password / is %2F and @ is %40"),
    ("postgres://u:pa@secret@h/d", "in a password / is %2F and @ is %40"),
    ('postgres://u:ab"secret%zz@h/d', "the address of the database"),
])
def test_a_bad_url_is_refused_without_showing_it(url, says):
    for done in (run_factord("--store", url), store_ctl(url, "verify"),
                 run(FACTORCTL, "copy", "--from", url, "--to", url)):
        if url.startswith("/") and "copy" in done.args:
            continue  # a directory may be copied
        assert done.returncode == 2 and says in done.stderr, done
        assert "secret" not in done.stderr


def test_the_address_may_come_from_the_environment(store, tmp_path):
    done = run(FACTORCTL, "stats", env=plain_environment(FACTORD_STORE=store))
    assert done.returncode == 0 and "lastSequence: 0" in done.stdout, done.stderr
    # What the command line says wins.
    done = run(FACTORCTL, "--data-dir", tmp_path / "none", "verify",
               env=plain_environment(FACTORD_STORE=store))
    assert done.returncode == 1 and str(tmp_path / "none") in done.stderr, done.stderr


def test_no_store_and_nobody_there(database, postgres, tmp_path):
    for done in (run_factord("--store", database), store_ctl(database, "verify"),
                 store_ctl(database, "seed", "--users", "1", "--org", "acme")):
        assert done.returncode == 1 and "factorctl makes one with init" in done.stderr, done
    nowhere = f"postgres://postgres@/x?host={tmp_path}"
    for done in (run_factord("--store", nowhere), store_ctl(nowhere, "init")):
        assert done.returncode == 1 and str(tmp_path) in done.stderr, done
    done = run_factord("--store", postgres.url("no_such_database"))
    assert done.returncode == 1 and "does not exist" in done.stderr


def test_init_leaves_what_is_there(store):
    before = store_ctl(store, "stats").stdout
    done = store_ctl(store, "init")
    assert done.returncode == 1 and "has a schema factord already" in done.stderr, done.stderr
    assert store_ctl(store, "stats").stdout == before


@pytest.mark.parametrize("command", [
    ["token", "list"], ["backup", "/tmp/x"], ["restore", "/tmp/x"],
    ["copy", "--from", "x", "--to", "y"], ["backups", "list", "x"]])
def test_commands_of_data_directories_take_no_store(command):
    done = store_ctl("postgres:///x", *command)
    assert done.returncode == 2 and "this command is for data directories" in done.stderr


def test_a_backup_is_the_databases_own(store, tmp_path):
    with Node(tmp_path / "a", store) as one:
        done = one.ctl("backup", tmp_path / "backups")
        assert done.returncode == 1 and "pg_basebackup" in done.stderr and \
            "pgBackRest" in done.stderr, done.stderr


def events_of(place):
    """The log, by a directory or a URL."""
    if isinstance(place, pathlib.Path):
        with Factord(place) as running:
            return running.ctl("events").stdout
    return store_ctl(place, "events").stdout


def test_copy_up_and_home_again(database, postgres, tmp_path):
    start = tmp_path / "start"
    assert ctl(start, "seed", "--users", "300", "--org", "acme").returncode == 0
    with Factord(start) as server:
        token = server.token()
        assert server.api(token).remove_otp_email(str(FIRST)).status == 200
    up = run(FACTORCTL, "copy", "--from", start, "--to", database)
    assert up.returncode == 0 and "lastSequence: 902" in up.stdout, up.stderr
    verify_store(database)
    assert events_of(database) == events_of(start)
    with Node(tmp_path / "node", database) as node:  # the token came along
        assert node.api(token).remove_otp_email(str(FIRST + 1)).status == 200
    again = run(FACTORCTL, "copy", "--from", start, "--to", database)
    assert again.returncode == 1 and "has a schema factord already" in again.stderr
    home = tmp_path / "home"
    back = run(FACTORCTL, "copy", "--from", database, "--to", home)
    assert back.returncode == 0, back.stderr
    assert ctl(home, "verify").returncode == 0
    assert events_of(home) == events_of(database)
    postgres.sql("CREATE DATABASE without_tokens")
    ended = run(FACTORCTL, "copy", "--from", home, "--to", postgres.url("without_tokens"),
                "--end-tokens")
    assert ended.returncode == 0 and "tokensEnded: 1" in ended.stdout, ended.stderr


def test_a_damaged_log_is_not_copied_and_leaves_nothing(store, postgres, tmp_path):
    assert store_ctl(store, "seed", "--users", "100", "--org", "acme").returncode == 0
    name = name_of(store)
    postgres.sql("UPDATE factord.events SET value = overlay(value placing '\\x00'::bytea from 5) "
                 "WHERE sequence = 50", database=name)
    postgres.sql("CREATE DATABASE target")
    for to in (postgres.url("target"), tmp_path / "target"):
        done = run(FACTORCTL, "copy", "--from", store, "--to", to)
        assert done.returncode == 1 and "50" in done.stderr, done.stderr
    assert postgres.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'factord'",
                        database="target") == "0"
    assert not (tmp_path / "target").exists()


def test_an_unfinished_copy_is_no_store(store, postgres):
    name = name_of(store)
    postgres.sql("UPDATE factord.meta SET value = value || ' unfinished' WHERE name = 'format'",
                 database=name)
    for done in (run_factord("--store", store), store_ctl(store, "verify")):
        assert done.returncode == 1 and "drop the schema factord and copy again" in done.stderr


@pytest.mark.parametrize("damage, says", [
    ("UPDATE factord.head SET sequence = sequence - 1", "30 entries for 29 events"),
    ("DELETE FROM factord.events WHERE sequence = 7", "after event 6 comes event 8"),
    ("UPDATE factord.events SET value = overlay(value placing '\\x00'::bytea from 1) "
     "WHERE sequence = 7", "event 7 does not fit the hash chain"),
    ("UPDATE factord.events SET user_id = 'x' WHERE sequence = 7",
     "event 7 is of user 100000000000000003, but in the index of user x"),
    ("DELETE FROM factord.state WHERE key = 'u' || '100000000000000003'::bytea",
     "100000000000000003"),
    ("INSERT INTO factord.state VALUES ('uXXX', '')", "11 users are stored, replay gives 10"),
])
def test_verify_finds_what_somebody_did_with_sql(store, postgres, damage, says):
    assert store_ctl(store, "seed", "--users", "10", "--org", "acme").returncode == 0
    name = name_of(store)
    verify_store(store)
    postgres.sql(damage, database=name)
    done = store_ctl(store, "verify")
    assert done.returncode == 1 and says in done.stdout + done.stderr, done.stdout + done.stderr


def test_how_many_machines_a_200_is_durable_on(tmp_path):
    with Postgres() as primary, Postgres(create=False) as standby:
        primary.sql("CREATE DATABASE d")
        url = primary.url("d")
        assert store_ctl(url, "init").returncode == 0
        refused = Node(tmp_path / "r", url, "--require-standby").start()
        answer = refused.api("").get("/readyz")
        assert answer.json["machines"] == "1", answer.body
        done = refused.ctl("token", "create", "--user", "x")
        assert done.returncode == 1 and "not available" in done.stderr, done.stderr
        standby.create_standby(primary, "standby").start()
        primary.set(synchronous_standby_names="standby")
        deadline = time.monotonic() + PATIENCE_S
        while refused.api("").get("/readyz").json["machines"] != "2":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        client = refused.api()
        assert client.remove_otp_email("nobody").status == 404
        primary.set(synchronous_standby_names="")
        while client.get("/readyz").json["machines"] != "1":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        made = refused.ctl("token", "create", "--user", "x")
        assert made.returncode == 1, made.stdout
        refused.stop()
        assert "another number of machines" in refused.log()


def test_a_store_of_which_a_standby_may_not_know():
    """The commit that makes it waits for a standby, and somebody ends that wait."""
    with Postgres() as primary:
        primary.sql("CREATE DATABASE d")
        primary.set(synchronous_standby_names="nobody")
        with subprocess.Popen([FACTORCTL, "--store", primary.url("d"), "init"],
                              env=plain_environment(), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as making:
            while making.poll() is None:
                primary.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
                            "WHERE wait_event = 'SyncRep'")
                time.sleep(0.05)
            assert making.returncode == 1 and making.stdout.read() == ""
            assert "may be lost with a machine: canceling wait" in making.stderr.read()
        primary.set(synchronous_standby_names="")
        verify_store(primary.url("d"))
