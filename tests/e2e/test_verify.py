"""factorctl verify: passes what holds together, and says what does not."""

import subprocess

import pytest

from factord import Factord, ctl, verify


@pytest.fixture
def store(tmp_path):
    """A stopped store with a little of everything, and its RocksDB."""
    with Factord(tmp_path / "data") as server:
        client = server.api()
        users = [client.make_user_with_factor() for _ in range(5)]
        client.remove_otp_email(users[0])
        client.lock(users[1])
        client.delete_user(users[2])
    verify(server.data_dir)
    return server.data_dir, users


def ldb(data_dir, *arguments, family=None):
    command = ["ldb", f"--db={data_dir}/store", *arguments]
    if family:
        command.append(f"--column_family={family}")
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def check_found(data_dir, *named):
    done = ctl(data_dir, "verify")
    assert done.returncode == 1, done.stdout
    for text in named:
        assert text in done.stdout + done.stderr, done.stdout + done.stderr


def test_it_changes_nothing(store):
    data_dir, _ = store
    before = {path: path.read_bytes() for path in data_dir.rglob("*") if path.is_file()}
    verify(data_dir)
    assert {path: path.read_bytes() for path in data_dir.rglob("*") if path.is_file()} == before


def test_a_store_that_is_not_there(tmp_path):
    done = ctl(tmp_path / "data", "verify")
    assert done.returncode == 1 and str(tmp_path / "data") in done.stderr
    assert not (tmp_path / "data").exists()


def key(sequence):
    return f"0x{sequence:016X}"


def test_an_event_that_is_gone(store):
    data_dir, _ = store
    ldb(data_dir, "--key_hex", "delete", key(3), family="events")
    check_found(data_dir, "3")


def test_an_event_that_was_edited(store):
    data_dir, _ = store
    value = ldb(data_dir, "--hex", "get", key(4), family="events")
    edited = value[:-2] + f"{int(value[-2:], 16) ^ 1:02X}"
    ldb(data_dir, "--hex", "put", key(4), edited, family="events")
    check_found(data_dir, "4")


def test_events_that_changed_places(store):
    data_dir, _ = store
    values = [ldb(data_dir, "--hex", "get", key(at), family="events") for at in (3, 4)]
    for at, value in zip((4, 3), values):
        ldb(data_dir, "--hex", "put", key(at), value, family="events")
    check_found(data_dir, "3")


def test_a_factor_that_no_event_removed(store):
    data_dir, users = store
    factor = "0x" + (b"f" + users[3].encode() + b"\0\x01").hex().upper()
    ldb(data_dir, "--key_hex", "delete", factor)
    check_found(data_dir, users[3])


def test_a_factor_that_no_event_added(store):
    data_dir, users = store
    for_user = [("0x" + (b"f" + user.encode() + b"\0\x01").hex().upper()) for user in users]
    value = ldb(data_dir, "--hex", "get", for_user[3])
    ldb(data_dir, "--hex", "put", for_user[0], value)
    check_found(data_dir, users[0])


def test_a_history_that_misses_an_event(store):
    data_dir, users = store
    entry = "0x" + (users[0].encode() + b"\0").hex().upper() + key(2)[2:]
    keys = ldb(data_dir, "--key_hex", "scan", family="user_events")
    assert entry in keys
    ldb(data_dir, "--key_hex", "delete", entry, family="user_events")
    check_found(data_dir, users[0])
