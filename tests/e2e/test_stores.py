"""Stores as each version wrote them (tests/stores): this one opens them, tells the same, and keeps
what they promise."""

import json
import pathlib
import re
import resource
import subprocess
import tarfile
import time

import pytest

from api import check_error, fresh
from backups import contents
from factord import (BIN_DIR, FACTORCTL, FACTORD, PATIENCE_S, ROOT, Factord, ctl,
                     plain_environment, run, run_factord, verify)
from stored import described
from wire import request

STORES = sorted(path.name.removesuffix(".json")
                for path in (ROOT / "tests/stores").glob("*.json"))


RAISES_EPOCH = {"user.locked", "user.unlocked", "user.deactivated", "user.reactivated",
                "user.removed", "user.pat.added", "user.pat.removed"}


def unpacked(name, tmp_path):
    """Its data directory, and what was known of it."""
    with tarfile.open(ROOT / f"tests/stores/{name}.tar.xz") as archive:
        archive.extractall(tmp_path)
    known = json.loads((ROOT / f"tests/stores/{name}.json").read_text())
    return pathlib.Path(tmp_path) / "data", known


@pytest.fixture(params=STORES)
def stored(request, tmp_path):
    return unpacked(request.param, tmp_path)


def test_there_is_one_of_each_format():
    """Format 2 began without an epoch of tokens."""
    assert {"format-1", "format-2", "format-2-epoch"} <= set(STORES)


def test_that_of_today_has_every_kind_of_event():
    """So whoever adds one makes a store that has it."""
    source = (ROOT / "storage/model/event.cpp").read_text()
    named = set(re.findall(r"\{event_type::\w+, \"([a-z.]+)\"", source))
    assert len(named) >= 13
    known = json.loads((ROOT / "tests/stores/format-2-epoch.json").read_text())
    assert {event["type"] for event in known["events"]} == named


def test_it_is_verified_as_it_is(stored):
    """And stays as it is, so that its own version can go on with it."""
    data_dir, known = stored
    for _ in range(2):
        assert known["headHash"] in verify(data_dir)


def test_it_tells_what_it_told(stored):
    data_dir, known = stored
    for _ in range(2):  # the second time it may have been brought to the current format
        with Factord(data_dir) as server:
            api = server.api(known["secrets"]["owner"])
            told = described(server, api)
        assert {name: told[name] for name in told} == {name: known[name] for name in told}
    assert known["headHash"] in verify(data_dir)


def test_its_tokens_are_what_they_were(stored):
    data_dir, known = stored
    secrets = known["secrets"]
    with Factord(data_dir) as server:
        for good in ("owner", "of acme"):
            assert server.api(secrets[good]).get_user("locked").status == 200, good
        assert server.api(secrets["of a user"]).get_user("kept").status == 200
        check_error(server.api(secrets["of acme"]).get_user("kept"),
                    403, 7, "No matching permissions found", "AUTH-AWfge")
        for bad in ("of a locked user", "past its time", "revoked"):
            assert server.api(secrets[bad]).get_user("locked").status == 401, bad
        api = server.api(secrets["owner"])
        assert api.unlock("locked").status == 200
        assert server.api(secrets["of a locked user"]).get_user("locked").status == 200
        of_manager = next(one["tokenId"] for one in known["tokens"] if one["userId"] == "manager")
        assert server.ctl("token", "revoke", of_manager).returncode == 0
        assert server.api(secrets["of acme"]).get_user("locked").status == 401


def test_work_goes_on_where_it_ended(stored):
    data_dir, known = stored
    with Factord(data_dir) as server:
        api = server.api(known["secrets"]["owner"])
        removed = api.remove_otp_email("kept")
        assert removed.status == 200
        assert int(removed.json["details"]["sequence"]) == int(known["lastSequence"]) + 1
        assert api.add_otp_email("removed").status == 200
        assert api.reactivate("inactive").status == 200
        taken = {"organization": {"orgId": "ünïcode org"}, "username": "name in CASE",
                 "profile": {"givenName": "A", "familyName": "B"},
                 "email": {"email": "b@example.org", "isVerified": True}}
        check_error(api.add_human_user(taken), 409, 6, "User already exists", "V3-DKcYh")
        assert api.delete_user("kept").status == 200
        assert api.add_human_user(taken).status == 201
        wrong = (400, 3, "Code is invalid", "COMMAND-eis9R")
        check_error(api.verify_email("void", known["secrets"]["void code of void"]), *wrong)
        # Nine were counted; after the tenth the right one is void, whatever the time.
        check_error(api.verify_email("guessed", "A" * 8), *wrong)
        check_error(api.verify_email("guessed", known["secrets"]["open code of guessed"]), *wrong)
    verify(data_dir)


@pytest.mark.parametrize("name", STORES)
def test_killed_while_it_is_brought_up(name, tmp_path):
    """At moments spread over the first start, and then it is whole all the same."""
    for delay_ms in (0, 1, 2, 4, 8, 16, 32, 64, 128):
        folder = tmp_path / str(delay_ms)
        folder.mkdir()
        data_dir, known = unpacked(name, folder)
        for _ in range(2):
            killed = Factord(data_dir)
            killed.start_only()
            time.sleep(delay_ms / 1000)
            killed.kill()
        with Factord(data_dir) as server:
            api = server.api(known["secrets"]["owner"])
            told = described(server, api)
            assert told == {name: known[name] for name in told}
            api.make_user_with_factor(fresh())
        verify(data_dir)


@pytest.mark.parametrize("name", STORES)
def test_a_write_that_fails_while_it_is_brought_up(name, tmp_path):
    """The first start is refused, with what failed; the next one has it all."""
    refusals = 0
    for limit in (1, 512, 2048, 4096, 8192, 16_384, 1 << 20):
        folder = tmp_path / str(limit)
        folder.mkdir()
        data_dir, known = unpacked(name, folder)
        with subprocess.Popen(
                [FACTORD, "--data-dir", data_dir, "--listen", "127.0.0.1:0"], text=True,
                env=plain_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                preexec_fn=lambda most=limit: resource.setrlimit(
                    resource.RLIMIT_FSIZE, (most, most))) as limited:
            served = limited.stdout.readline()
            if served:
                limited.kill()
            _, said = limited.communicate(timeout=PATIENCE_S)
        if not served:
            refusals += 1
            assert limited.returncode == 1
            assert "cannot start" in said and "File too large" in said
        with Factord(data_dir) as server:
            told = described(server, server.api(known["secrets"]["owner"]))
            assert told == {name: known[name] for name in told}
        assert known["headHash"] in verify(data_dir)
    assert 0 < refusals < 7


def plant(data_dir, name, value):
    done = run(BIN_DIR / "plant", data_dir, name, value)
    assert done.returncode == 0, done.stderr


def planted(data_dir, name):
    """What is there, or nothing."""
    done = run(BIN_DIR / "plant", data_dir, name)
    return done.stdout if done.returncode == 0 else None


# What a later version may say of the format of its store, and what this one says of that.
LATER = {"2 outbox": "does not know 'outbox'", "2 outbox zones": "does not know 'outbox', 'zones'",
         "1 outbox": "does not know 'outbox'", "3 outbox": "has format version 3",
         "2 ": "has a format that is damaged", "2 " + "n" * 65: "has a format that is damaged"}


@pytest.mark.parametrize("layout", LATER)
def test_what_it_takes_a_later_version_to_read_is_refused_as_it_is(stored, layout):
    data_dir, _ = stored
    plant(data_dir, "format", layout)
    before = contents(data_dir)
    refused = run_factord("--data-dir", data_dir, "--listen", "127.0.0.1:0")
    assert (refused.returncode, refused.stdout) == (1, "")
    cause = json.loads(refused.stderr.splitlines()[-1])["cause"]
    assert f"the store in {data_dir} " in cause and LATER[layout] in cause
    for command in (["verify"], ["seed", "--users", "1", "--org", "acme"]):
        refused = ctl(data_dir, *command)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert LATER[layout] in refused.stderr, command
    assert contents(data_dir) == before


def test_what_may_be_ignored_is_kept_and_named_at_each_start(stored, tmp_path):
    data_dir, known = stored
    plant(data_dir, "hint", "of a later version")
    told = "which this one keeps and passes over: 'hint'"
    verified = ctl(data_dir, "verify")
    assert verified.returncode == 0 and verified.stderr.count(told) == 1
    for _ in range(2):  # brought to the current format, and in it
        with Factord(data_dir) as server:
            api = server.api(known["secrets"]["owner"])
            assert api.get_user("kept").status == 200
            api.make_user_with_factor(fresh())
            (line,) = [line for line in map(json.loads, server.log().splitlines())
                       if told in line["msg"]]
            assert line["level"] == "warn"
            with server.connect() as connection:
                assert connection.ask(request("GET", "/readyz")).status == 200
    assert planted(data_dir, "hint") == "of a later version"
    with Factord(data_dir) as server:
        assert server.ctl("backup", tmp_path / "backups").returncode == 0
    verified = run(FACTORCTL, "backups", "verify", tmp_path / "backups")
    assert verified.returncode == 0 and verified.stderr.count(told) == 1
    # A restored store is another one: nobody here can tell what would be true of it.
    restored = ctl(tmp_path / "restored", "restore", tmp_path / "backups")
    assert restored.returncode == 0 and restored.stderr.count(told) == 1
    assert planted(tmp_path / "restored", "hint") is None
    assert verify(tmp_path / "restored")


@pytest.mark.parametrize("name", STORES)
def test_its_epoch_of_tokens_goes_on(name, tmp_path):
    """A program that began it again would believe verdicts of before."""
    data_dir, known = unpacked(name, tmp_path)

    def epoch():
        shown = subprocess.run([BIN_DIR / "plant", data_dir, "token_epoch"], check=False,
                               capture_output=True, timeout=PATIENCE_S)
        return int.from_bytes(shown.stdout if shown.returncode == 0 else b"", "big")

    before = epoch()
    # A token that is made or revoked; a user that is locked, deactivated or removed, and back.
    raised = sum(event["type"] in RAISES_EPOCH for event in known["events"])
    assert before == (raised if name == "format-2-epoch" else 0)
    for times in (1, 2):
        with Factord(data_dir) as server:
            assert server.api(known["secrets"]["owner"]).unlock("locked").status == 200
            assert server.api(known["secrets"]["owner"]).lock("locked").status == 200
        assert epoch() == before + 2 * times


def test_a_backup_of_it_is_restored(stored, tmp_path):
    data_dir, known = stored
    with Factord(data_dir) as server:
        done = server.ctl("backup", tmp_path / "backups")
        assert done.returncode == 0, done.stderr
    restored = tmp_path / "restored"
    done = ctl(restored, "restore", tmp_path / "backups", "--keep-tokens")
    assert done.returncode == 0, done.stderr
    verify(restored)
    with Factord(restored) as server:
        told = described(server, server.api(known["secrets"]["owner"]))
        assert told["lastSequence"] == known["lastSequence"]
        assert (told["users"], told["tokens"]) == (known["users"], known["tokens"])
