"""factorctl restore: a new store from a backup, whole or up to a sequence, and what of tokens."""

import json
import shutil

import pytest

from api import INVALID_TOKEN, NO_FACTOR, check_error
from backups import back_up, check_backup, contents, fields, flip_a_bit, listed, restore
from factord import FACTORCTL, Factord, ctl, run, verify

TOKEN_REMOVED = "user.pat.removed"


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A server's life with a backup of it: users, tokens, and where in the log things are."""
    folder = tmp_path_factory.mktemp("old")
    with Factord(folder / "data") as server:
        client = server.api()
        users = [client.make_user_with_factor() for _ in range(4)]
        client.remove_otp_email(users[0])
        client.lock(users[1])
        client.delete_user(users[2])
        revoked = server.token(user="revoked")
        before_revoke = client.last_sequence()
        token_id = next(line.split()[0] for line in server.ctl("token", "list").stdout.splitlines()
                        if "revoked" in line)
        assert server.ctl("token", "revoke", token_id).returncode == 0
        made = back_up(server, folder / "backups")
        log = all_events(client)
        # What the backup does not hold.
        client.remove_otp_email(users[3])
    return {"backups": folder / "backups", "users": users, "token": client.token, "made": made,
            "revoked": revoked, "before_revoke": before_revoke, "log": log}


def all_events(client, after=0):
    events = []
    while True:
        page = client.events(after=after).get("events", [])
        if not page:
            return events
        events += page
        after = int(page[-1]["sequence"])


def test_all_of_it(old, tmp_path):
    done = restore(tmp_path / "new", old["backups"])
    last = int(old["made"]["lastSequence"])
    assert done["fromBackup"] == "1" and done["fromStoreId"] == old["made"]["storeId"]
    assert done["fromSequence"] == str(last) and done["tokensEnded"] == "1"
    assert int(done["lastSequence"]) == last + 1
    assert done["storeId"] != old["made"]["storeId"]
    checked = fields(verify(tmp_path / "new"))
    assert (checked["lastSequence"], checked["headHash"]) == (done["lastSequence"],
                                                              done["headHash"])
    with Factord(tmp_path / "new") as server:
        stats = json.loads(server.ctl("stats", "--json").stdout)
        assert (stats["storeId"], stats["headHash"]) == (done["storeId"], done["headHash"])
        client = server.api()
        events = all_events(client)
        # The same events under the same sequences and times, then the end of each token.
        assert events[:last] == old["log"]
        assert [event["type"] for event in events[last:]] == [TOKEN_REMOVED, "user.pat.added"]
        assert events[last]["aggregateId"] == "operator"
        assert client.events(limit=1)["storeId"] == done["storeId"]
        users = old["users"]
        check_error(client.remove_otp_email(users[0]), *NO_FACTOR)
        assert client.get_user(users[1]).json["user"]["state"] == "USER_STATE_LOCKED"
        assert client.get_user(users[2]).status == 404
        assert client.remove_otp_email(users[3]).status == 200
    verify(tmp_path / "new")


def test_tokens_are_ended(old, tmp_path):
    restore(tmp_path / "new", old["backups"])
    with Factord(tmp_path / "new") as server:
        assert len(server.ctl("token", "list").stdout.splitlines()) == 1
        for token in (old["token"], old["revoked"]):
            check_error(server.api(token).get_user(old["users"][0]), *INVALID_TOKEN)


def test_tokens_are_kept_if_asked(old, tmp_path):
    done = restore(tmp_path / "new", old["backups"], "--keep-tokens")
    assert done["tokensEnded"] == "0" and done["lastSequence"] == old["made"]["lastSequence"]
    with Factord(tmp_path / "new") as server:
        assert server.api(old["token"]).get_user(old["users"][3]).status == 200
        check_error(server.api(old["revoked"]).get_user(old["users"][3]), *INVALID_TOKEN)
    verify(tmp_path / "new")


@pytest.mark.parametrize("flag", [[], ["--keep-tokens"]])
def test_a_token_that_was_revoked_later_stays_so(old, tmp_path, flag):
    """Also where its revocation is behind the sequence that is restored."""
    before = old["before_revoke"]
    done = restore(tmp_path / "new", old["backups"], "--to-sequence", before, *flag)
    assert done["fromSequence"] == str(before)
    assert done["tokensEnded"] == ("1" if flag else "2")
    with Factord(tmp_path / "new") as server:
        check_error(server.api(old["revoked"]).get_user(old["users"][3]), *INVALID_TOKEN)
        client = server.api(old["token"]) if flag else server.api()
        events = all_events(client)
        assert events[:before] == old["log"][:before]
        ended = [event["aggregateId"] for event in events[before:]
                 if event["type"] == TOKEN_REMOVED]
        assert sorted(ended) == (["revoked"] if flag else ["operator", "revoked"])
    verify(tmp_path / "new")


def test_to_a_sequence(old, tmp_path):
    last = int(old["made"]["lastSequence"])
    for sequence in (1, 2, last - 1, last):
        data_dir = tmp_path / f"to-{sequence}"
        done = restore(data_dir, old["backups"], "--to-sequence", sequence, "--keep-tokens")
        assert done["fromSequence"] == str(sequence)
        checked = fields(verify(data_dir))
        assert int(checked["lastSequence"]) == int(done["lastSequence"]) >= sequence
        with Factord(data_dir) as server:
            shown = server.ctl("events").stdout.splitlines()
        assert [json.loads(line) for line in shown][:sequence] == old["log"][:sequence]


@pytest.mark.parametrize("sequence", ["0", "-1", "x", "", "18446744073709551616"])
def test_sequences_that_are_none(old, tmp_path, sequence):
    done = ctl(tmp_path / "new", "restore", old["backups"], "--to-sequence", sequence)
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "new").exists()


def test_one_sequence_too_many(old, tmp_path):
    last = int(old["made"]["lastSequence"])
    done = ctl(tmp_path / "new", "restore", old["backups"], "--to-sequence", last + 1)
    assert (done.returncode, done.stdout) == (2, "") and f"1 to {last}" in done.stderr
    assert not (tmp_path / "new").exists()


def test_it_reads_only(old, tmp_path):
    before = contents(old["backups"])
    restore(tmp_path / "new", old["backups"])
    assert contents(old["backups"]) == before


def test_it_overwrites_nothing(old, tmp_path, start):
    server = start()
    id_before = json.loads(server.ctl("stats", "--json").stdout)["storeId"]
    running = server.ctl("restore", old["backups"])
    assert (running.returncode, running.stdout) == (1, "")
    assert "in use" in running.stderr
    server.stop()
    stopped = server.ctl("restore", old["backups"])
    assert (stopped.returncode, stopped.stdout) == (1, "")
    assert "holds a store" in stopped.stderr
    assert json.loads(start().ctl("stats", "--json").stdout)["storeId"] == id_before

    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("something")
    full = ctl(tmp_path / "full", "restore", old["backups"])
    assert full.returncode == 1 and "thesis.txt" in full.stderr
    (tmp_path / "file").write_text("something")
    assert ctl(tmp_path / "file", "restore", old["backups"]).returncode == 1
    assert (tmp_path / "file").read_text() == "something"


def test_an_unfinished_one_is_refused_and_replaced(old, tmp_path):
    data_dir = tmp_path / "new"
    restore(data_dir, old["backups"])
    # As a kill just before the end leaves it.
    (data_dir / "restore.unfinished").mkdir()
    (data_dir / "store").rename(data_dir / "restore.unfinished" / "store")
    for done in (ctl(data_dir, "verify"), ctl(data_dir, "seed", "--users", "1", "--org", "a"),
                 run(FACTORCTL.parent / "factord", "--data-dir", data_dir)):
        assert done.returncode == 1 and "not finished" in done.stderr, done
    restore(data_dir, old["backups"])
    assert [path.name for path in data_dir.iterdir()] == ["store"]
    verify(data_dir)


def test_which_backup(start, tmp_path):
    server, backups = start(), tmp_path / "backups"
    client = server.api()
    made = [back_up(server, backups)]
    client.make_user()
    made.append(back_up(server, backups))
    assert [one["lastSequence"] for one in listed(backups)] == [one["lastSequence"]
                                                               for one in made]
    newest = restore(tmp_path / "newest", backups, "--keep-tokens")
    assert (newest["fromBackup"], newest["lastSequence"]) == ("2", made[1]["lastSequence"])
    first = restore(tmp_path / "first", backups, "--keep-tokens", "--backup", "1")
    assert (first["fromBackup"], first["lastSequence"]) == ("1", made[0]["lastSequence"])
    absent = ctl(tmp_path / "absent", "restore", backups, "--backup", "3")
    assert absent.returncode == 2 and "no backup 3" in absent.stderr
    assert not (tmp_path / "absent").exists()


def test_from_what_is_not_there(tmp_path):
    done = ctl(tmp_path / "new", "restore", tmp_path / "no")
    assert done.returncode == 1 and str(tmp_path / "no") in done.stderr
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("something")
    done = ctl(tmp_path / "new", "restore", tmp_path / "other")
    assert done.returncode == 1 and "something else" in done.stderr
    assert not (tmp_path / "new").exists()


def test_damage_is_refused_and_leaves_nothing(start, tmp_path):
    assert ctl(tmp_path / "data", "seed", "--users", "2000", "--org", "acme").returncode == 0
    backups = tmp_path / "backups"
    back_up(start(), backups)
    for folder in ("shared_checksum", "private/1"):
        for path in sorted((backups / folder).iterdir()):
            flip_a_bit(path)
            done = ctl(tmp_path / "new", "restore", backups)
            assert (done.returncode, done.stdout) == (1, "") and path.name in done.stderr, done
            assert not (tmp_path / "new").exists()
            flip_a_bit(path)
    meta = (backups / "meta" / "1").read_bytes()
    (backups / "meta" / "1").write_bytes(meta[:len(meta) // 2])
    done = ctl(tmp_path / "new", "restore", backups)
    assert done.returncode == 1 and "backup 1" in done.stderr
    (backups / "meta" / "1").write_bytes(meta)
    check_backup(backups)
    restore(tmp_path / "new", backups)


def test_a_backup_of_what_was_restored(old, tmp_path):
    """In a directory of its own: one directory is of one store."""
    done = restore(tmp_path / "new", old["backups"])
    with Factord(tmp_path / "new") as server:
        refused = server.ctl("backup", old["backups"])
        assert refused.returncode == 1 and old["made"]["storeId"] in refused.stderr
        made = back_up(server, tmp_path / "backups")
        assert (made["storeId"], made["headHash"]) == (done["storeId"], done["headHash"])
    again = restore(tmp_path / "again", tmp_path / "backups")
    assert again["fromStoreId"] == done["storeId"] != again["storeId"]


def test_not_among_the_backups(old, tmp_path):
    """What is restored there would make something else of them than a directory of backups."""
    backups = tmp_path / "backups"
    shutil.copytree(old["backups"], backups)
    for inside in (backups, backups / "new", backups / "a" / "b", tmp_path):
        done = ctl(inside, "restore", backups)
        assert done.returncode == 2, done
        assert "lie in each other: choose another place" in done.stderr
    # weakly_canonical() leaves a relative path that is not there relative.
    done = run(FACTORCTL, "--data-dir", "new", "restore", ".", cwd=backups)
    assert done.returncode == 2, done
    assert sorted(path.name for path in backups.iterdir()) == sorted(
        path.name for path in old["backups"].iterdir())
    restore(tmp_path / "new", backups)
