"""factorctl backup, and backups list and verify: of a running server."""

import json
import os
import random
import re
import stat
import time

import pytest

from backups import back_up, begin, check_backup, contents, flip_a_bit, listed
from factord import FACTORCTL, PATIENCE_S, Factord, ctl, run, verify
from wire import Connection, request


def check_refused(done, *named):
    assert (done.returncode, done.stdout) == (1, ""), done
    for text in named:
        assert str(text) in done.stderr, done.stderr


def check_bad_usage(done, *named):
    assert (done.returncode, done.stdout) == (2, ""), done
    for text in named:
        assert str(text) in done.stderr, done.stderr


def await_end(server, number):
    """How a backup that was begun ended."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with Connection.unix(server.data_dir / "admin.sock") as connection:
            answer = connection.ask(request("GET", f"/admin/v1/backups/{number}"))
        assert answer.status == 200, answer
        if answer.json["state"] != "running":
            return answer.json
        time.sleep(0.01)
    raise AssertionError("the backup did not end")


def test_a_running_server(start, tmp_path):
    server = start()
    client = server.api()
    users = [client.make_user_with_factor() for _ in range(3)]
    client.remove_otp_email(users[0])
    stats = json.loads(server.ctl("stats", "--json").stdout)
    made = back_up(server, tmp_path / "backups")
    assert made["backupId"] == "1"
    assert made["directory"] == str(tmp_path / "backups")
    assert made["storeId"] == stats["storeId"]
    assert (made["lastSequence"], made["headHash"]) == (str(stats["lastSequence"]),
                                                        stats["headHash"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["takenAt"])
    assert client.remove_otp_email(users[1]).status == 200
    checked = check_backup(tmp_path / "backups")
    assert (checked["backupId"], checked["lastSequence"]) == ("1", made["lastSequence"])
    assert checked["headHash"] == made["headHash"]


def test_a_second_one_adds_what_is_new(tmp_path, start):
    assert ctl(tmp_path / "data", "seed", "--users", "20000", "--org", "acme").returncode == 0
    server, backups = start(), tmp_path / "backups"
    first = back_up(server, backups)
    client = server.api()
    client.make_user()
    tables = contents(backups / "shared_checksum")
    assert sum(map(len, tables.values())) > 1_000_000
    second = back_up(server, backups)
    assert int(second["lastSequence"]) == int(first["lastSequence"]) + 3
    assert contents(backups / "shared_checksum") == tables
    assert [one["backupId"] for one in listed(backups)] == ["1", "2"]
    for number, made in (("1", first), ("2", second)):
        checked = check_backup(backups, "--backup", number)
        assert checked["lastSequence"] == made["lastSequence"]


def test_the_list(server, tmp_path):
    backups = tmp_path / "backups"
    made = [back_up(server, backups) for _ in range(2)]
    table = run(FACTORCTL, "backups", "list", backups)
    assert (table.returncode, table.stderr) == (0, "")
    header, *rows = table.stdout.splitlines()
    assert header.split()[0] == "ID" and len(rows) == 2
    for row, one, as_json in zip(rows, made, listed(backups)):
        shown = row.split()
        assert shown == [one["backupId"], one["takenAt"], one["bytes"], one["lastSequence"],
                         one["storeId"], one["headHash"]]
        assert as_json == {key: one[key] for key in ("backupId", "takenAt", "bytes", "storeId",
                                                     "lastSequence", "headHash")}


def test_its_files_are_the_owners_alone(server, tmp_path):
    back_up(server, tmp_path / "backups")
    paths = [tmp_path / "backups", *(tmp_path / "backups").rglob("*")]
    for path in paths:
        mode = stat.S_IMODE(os.stat(path).st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
        assert not path.name.startswith("LOG")


def test_a_relative_place_is_factorctls(server, tmp_path):
    done = run(FACTORCTL, "--data-dir", server.data_dir, "backup", "here/../there", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"directory: {tmp_path}/there" in done.stdout
    assert len(listed(tmp_path / "there")) == 1


def test_places_that_are_refused(server, tmp_path):
    inside = ctl(server.data_dir, "backup", server.data_dir / "store" / "backups")
    check_refused(inside, server.data_dir)
    check_refused(ctl(server.data_dir, "backup", server.data_dir / "backups"), server.data_dir)
    assert not (server.data_dir / "backups").exists()
    check_refused(ctl(server.data_dir, "backup", tmp_path / "no" / "parent"), tmp_path)
    (tmp_path / "file").write_text("something")
    check_refused(ctl(server.data_dir, "backup", tmp_path / "file"), "file")
    before = contents(tmp_path)
    check_refused(ctl(server.data_dir, "backup", tmp_path), "something else", "file")
    assert contents(tmp_path) == before
    check_refused(ctl(server.data_dir, "backup", "/proc/backups"), "/proc/backups")
    check_bad_usage(ctl(server.data_dir, "backup", ""))
    check_bad_usage(ctl(server.data_dir, "backup"))
    check_bad_usage(ctl(server.data_dir, "backup", "/" + "x" * 4095), "4095")
    check_bad_usage(ctl(server.data_dir, "backup", b"/tmp/\xff".decode(errors="surrogateescape")),
                    "UTF-8")


def test_the_backups_of_another_store_are_refused(start, tmp_path):
    first, second = start(data_dir=tmp_path / "a"), start(data_dir=tmp_path / "b")
    made = back_up(first, tmp_path / "backups")
    check_refused(second.ctl("backup", tmp_path / "backups"), made["storeId"])
    assert len(listed(tmp_path / "backups")) == 1


def test_the_server_must_run(tmp_path, start):
    server = start()
    server.stop()
    check_refused(server.ctl("backup", tmp_path / "backups"), "not running")
    assert not (tmp_path / "backups").exists()


def test_one_at_a_time(start, tmp_path):
    server = start()
    first, second = begin(server, tmp_path / "a", tmp_path / "b")
    assert (first.status, first.json["state"]) == (200, "running")
    assert (second.status, second.json["code"]) == (409, 10)
    assert str(tmp_path / "a") in second.json["message"]
    assert await_end(server, first.json["number"])["state"] == "done"
    assert back_up(server, tmp_path / "b")["backupId"] == "1"


@pytest.mark.parametrize("body", ["", "{}", "{", '{"directory":7}', '{"directory":""}',
                                  '{"directory":"relative"}', '{"directory":"/a\\u0000b"}',
                                  '{"directory":"/%s"}' % ("x" * 4095)])
def test_bad_bodies(server, body):
    with Connection.unix(server.data_dir / "admin.sock") as connection:
        answer = connection.ask(request("POST", "/admin/v1/backups", body=body))
    assert (answer.status, answer.json["code"]) == (400, 3)


@pytest.mark.parametrize("number", ["0", "1", "999", "x", "-1", "99999999999999999999"])
def test_numbers_that_no_backup_has(start, number):
    server = start()
    with Connection.unix(server.data_dir / "admin.sock") as connection:
        answer = connection.ask(request("GET", f"/admin/v1/backups/{number}"))
    assert (answer.status, answer.json["code"]) == (404, 5)


def test_damage_is_found_and_named(start, tmp_path):
    assert ctl(tmp_path / "data", "seed", "--users", "2000", "--org", "acme").returncode == 0
    server, backups = start(), tmp_path / "backups"
    back_up(server, backups)
    for folder in ("shared_checksum", "private/1"):
        for path in sorted((backups / folder).iterdir()):
            flip_a_bit(path)
            done = run(FACTORCTL, "backups", "verify", backups)
            assert done.returncode == 1 and path.name in done.stderr, done
            flip_a_bit(path)
    check_backup(backups)
    os.truncate(backups / "meta" / "1", os.stat(backups / "meta" / "1").st_size // 2)
    done = run(FACTORCTL, "backups", "verify", backups)
    assert done.returncode == 1 and "backup 1" in done.stderr and "damaged" in done.stderr
    assert listed(backups) == [{"backupId": "1", "damaged": True}]
    check_refused(server.ctl("backup", backups), "backup 1", "damaged")


def test_where_there_are_none(tmp_path):
    for command in ("list", "verify"):
        check_refused(run(FACTORCTL, "backups", command, tmp_path / "no"), tmp_path / "no")
        check_refused(run(FACTORCTL, "backups", command, tmp_path), "no backups")
        check_bad_usage(run(FACTORCTL, "backups", command))
    for number in ("0", "x", "4294967296"):
        check_bad_usage(run(FACTORCTL, "backups", "verify", tmp_path, "--backup", number))


def test_no_such_backup(server, tmp_path):
    back_up(server, tmp_path / "backups")
    check_bad_usage(run(FACTORCTL, "backups", "verify", tmp_path / "backups", "--backup", "2"),
                    "no backup 2")


def test_a_drain_ends_a_backup_in_order(tmp_path, start):
    assert ctl(tmp_path / "data", "seed", "--users", "30000", "--org", "acme").returncode == 0
    server, backups = start(), tmp_path / "backups"
    back_up(server, backups)
    begin(server, tmp_path / "other")
    server.stop()
    verify(server.data_dir)
    check_backup(backups)
    # It came to its end, or left nothing that would be taken for a backup.
    done = run(FACTORCTL, "backups", "list", tmp_path / "other", "--json")
    if done.returncode == 0 and done.stdout:
        check_backup(tmp_path / "other")
    start()
    assert back_up(start(data_dir=tmp_path / "another"), tmp_path / "third")["backupId"] == "1"


def test_kill_in_the_middle_harms_neither_the_store_nor_earlier_backups(tmp_path):
    data_dir, backups = tmp_path / "data", tmp_path / "backups"
    assert ctl(data_dir, "seed", "--users", "30000", "--org", "acme").returncode == 0
    with Factord(data_dir) as server:
        kept = back_up(server, backups)
        token = server.token()
    for _ in range(5):
        with Factord(data_dir) as server:
            server.api(token).make_user_with_factor()
            begin(server, backups)
            time.sleep(random.uniform(0, 0.05))
            server.kill()
        verify(data_dir)
        for one in listed(backups):
            check_backup(backups, "--backup", one["backupId"])
        assert listed(backups)[0]["headHash"] == kept["headHash"]
    with Factord(data_dir) as server:
        made = back_up(server, backups)
        assert int(made["lastSequence"]) == server.api(token).last_sequence()
    check_backup(backups)
