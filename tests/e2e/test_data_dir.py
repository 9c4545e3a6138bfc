"""Data directories: made, locked, not ours, of another format, damaged."""

import collections
import os
import shutil
import stat
import subprocess

import pytest

from api import check_error, NO_FACTOR
from factord import FACTORCTL, FACTORD, Factord, ctl, run, run_factord, verify
from mounts import need_mount_namespace

LISTEN = ("--listen", "127.0.0.1:0")


def refused(data_dir, *named):
    """Asserts that no server starts there, with a message that holds all of these."""
    done = run_factord("--data-dir", data_dir, *LISTEN)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    for text in named:
        assert str(text) in done.stderr, done.stderr
    return done.stderr


def contents(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def permissions(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize("before", ["missing", "empty"])
def test_a_missing_or_empty_directory_is_made_into_one(start, tmp_path, before):
    data_dir = tmp_path / "data"
    if before == "empty":
        data_dir.mkdir()
    os.umask(0)
    try:
        server = start(data_dir=data_dir)
    finally:
        os.umask(0o022)
    assert (data_dir / "store/CURRENT").exists()
    if before != "empty":
        assert permissions(data_dir) == 0o700
    for path in data_dir.rglob("*"):
        assert permissions(path) & 0o077 == 0, path
    assert server.api().methods("u").status == 200


def check_modes(data_dir):
    """Folders 0700, all else 0600; what there is of each kind."""
    kinds = collections.Counter()
    for path in (data_dir, *data_dir.rglob("*")):
        mode = path.lstat().st_mode
        kinds[stat.S_IFMT(mode)] += 1
        assert stat.S_IMODE(mode) == (0o700 if stat.S_ISDIR(mode) else 0o600), path
    return kinds


def test_every_file_of_a_life_is_the_owners_alone(tmp_path):
    """Whatever umask the programs were started with, and whichever of them made the file."""
    data_dir = tmp_path / "data"
    before = os.umask(0)
    try:
        assert ctl(data_dir, "seed", "--users", "30000", "--org", "acme").returncode == 0
        check_modes(data_dir)
        with Factord(data_dir, "--write-buffer-bytes", "4MiB", "--wal-bytes", "1MiB") as server:
            assert server.api().make_user()
            kinds = check_modes(data_dir)
            assert kinds[stat.S_IFSOCK] == 1 and kinds[stat.S_IFDIR] == 2
            assert kinds[stat.S_IFREG] > 5 and list(data_dir.rglob("*.sst"))
        verify(data_dir)
        check_modes(data_dir)
    finally:
        os.umask(before)


SOMEBODY = {"user": 65534, "group": 65534, "extra_groups": []}


def refused_as_somebody(data_dir, *named):
    before = contents(data_dir)
    for program, arguments in ((FACTORD, LISTEN),
                               (FACTORCTL, ("seed", "--users", "1", "--org", "acme"))):
        done = run(program, "--data-dir", data_dir, *arguments, **SOMEBODY)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        for text in named:
            assert str(text) in done.stderr, done.stderr
    assert contents(data_dir) == before


@pytest.mark.parametrize("read_only", ["data", "data/store"])
def test_a_directory_that_may_only_be_read_is_left_as_it_was(open_place, read_only):
    data_dir = open_place / "data"
    assert ctl(data_dir, "seed", "--users", "10", "--org", "acme").returncode == 0
    for path in (data_dir, *data_dir.rglob("*")):
        os.chown(path, SOMEBODY["user"], SOMEBODY["group"])
        if path.is_relative_to(open_place / read_only):
            os.chmod(path, 0o500 if path.is_dir() else 0o400)
    refused_as_somebody(data_dir, data_dir / "store", "Permission denied")
    assert run(FACTORCTL, "--data-dir", data_dir, "verify", **SOMEBODY).returncode == 0


def test_a_directory_of_somebody_elses(open_place):
    data_dir = open_place / "data"
    assert ctl(data_dir, "seed", "--users", "10", "--org", "acme").returncode == 0
    refused_as_somebody(data_dir, data_dir, "Permission denied")
    os.chmod(data_dir, 0o755)
    refused_as_somebody(data_dir, data_dir, "Permission denied")


def test_a_second_server_on_the_same_directory(start):
    server = start()
    refused(server.data_dir, server.data_dir)
    assert server.api().methods("u").status == 200


def test_the_lock_ends_with_its_holder(start):
    start().kill()
    assert start().api().methods("u").status == 200


@pytest.mark.parametrize("name", ["notes.txt", ".hidden", "store"])
def test_a_directory_that_holds_something_else(tmp_path, name):
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    if name == "store":
        (data_dir / name).mkdir()
        (data_dir / name / "file").write_text("mine")
    else:
        (data_dir / name).write_text("mine")
    before = contents(data_dir)
    refused(data_dir, data_dir)
    for arguments in (("seed", "--users", "1", "--org", "acme"), ("verify",)):
        done = ctl(data_dir, *arguments)
        assert done.returncode == 1 and str(data_dir) in done.stderr
    assert contents(data_dir) == before


def test_a_directory_that_is_a_file(tmp_path):
    (tmp_path / "data").write_text("mine")
    refused(tmp_path / "data", "data")
    assert (tmp_path / "data").read_text() == "mine"


def test_a_directory_that_cannot_be_made(tmp_path):
    # Parents are not made: a disk that is not mounted must not be taken for a new store.
    refused(tmp_path / "no/data", tmp_path / "no/data")
    assert not (tmp_path / "no").exists()


def test_another_format_version(start):
    server = start()
    server.stop()
    subprocess.run(["ldb", f"--db={server.data_dir}/store", "put", "mformat", "3"], check=True)
    # Whoever refuses a store has not touched it, not even where its log ends torn.
    logs = (server.data_dir / "store").glob("*.log")
    with max(logs, key=lambda log: int(log.stem)).open("ab") as log:
        log.write(b"half of a batch, without a checksum")
    before = contents(server.data_dir)
    refused(server.data_dir, server.data_dir, "format", "3")
    done = ctl(server.data_dir, "verify")
    assert done.returncode == 1 and "format" in done.stderr
    assert contents(server.data_dir) == before


def test_a_database_that_is_not_ours(tmp_path):
    store = tmp_path / "data/store"
    store.mkdir(parents=True)
    subprocess.run(["ldb", f"--db={store}", "--create_if_missing", "put", "a", "b"], check=True)
    refused(tmp_path / "data", tmp_path / "data")
    kept = subprocess.run(["ldb", f"--db={store}", "get", "a"], check=True, capture_output=True)
    assert kept.stdout.strip() == b"b"


@pytest.fixture
def crashed(tmp_path):
    """A directory whose server was killed after ten removals, its client's token, and the users."""
    with Factord(tmp_path / "data") as server:
        client = server.api()
        users = [client.make_user_with_factor() for _ in range(10)]
        for user in users:
            assert client.remove_otp_email(user).status == 200
        server.kill()
    return server.data_dir, client.token, users


def newest_wal(data_dir):
    return max((data_dir / "store").glob("*.log"), key=lambda path: int(path.stem))


def end_of_log(data):
    """Where the last batch ends. It ends with an empty value, which is one zero; zeros that were
    written ahead follow."""
    end = len(data.rstrip(b"\0")) + 1
    assert end + 100 < len(data), "no room was written ahead"
    return end


@pytest.mark.parametrize("cut", [1, 3, 20])
def test_a_torn_tail_is_cut_and_named(crashed, start, cut):
    data_dir, token, users = crashed
    wal = newest_wal(data_dir)
    # What a write that never ended leaves: a part of one more record.
    data = wal.read_bytes()
    end = end_of_log(data)
    wal.write_bytes(data[:end] + data[:7 + cut] + data[end + 7 + cut:])
    server = start(data_dir=data_dir)
    assert f"cut {len(data) - end} bytes" in server.log() and wal.name in server.log()
    client = server.api(token)
    for user in users:
        check_error(client.remove_otp_email(user), *NO_FACTOR)
    server.stop()
    verify(data_dir)


def test_damage_in_the_middle_is_refused(crashed):
    data_dir, *_ = crashed
    wal = newest_wal(data_dir)
    data = bytearray(wal.read_bytes())
    data[end_of_log(data) // 2] ^= 0x40
    wal.write_bytes(data)
    before = contents(data_dir / "store")
    refused(data_dir, wal.name)
    assert ctl(data_dir, "verify").returncode == 1
    # Nothing answered may be dropped, so nothing was cut.
    assert contents(data_dir / "store")[wal] == before[wal]


def test_a_copy_of_a_stopped_directory_is_the_store(start, tmp_path):
    first = start()
    client = first.api()
    user = client.make_user_with_factor()
    first.stop()
    shutil.copytree(first.data_dir, tmp_path / "copy", ignore=shutil.ignore_patterns("admin.sock"))
    second = start(data_dir=tmp_path / "copy")
    assert second.api(client.token).remove_otp_email(user).status == 200


def test_no_log_of_rocksdb_on_the_data_disk(start):
    server = start()
    server.api().make_user()
    assert [path.name for path in (server.data_dir / "store").iterdir()
            if path.name.startswith("LOG")] == []


@pytest.fixture
def alias(tmp_path):
    """A second data directory whose store is that of tmp_path/data, by a link."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "store").symlink_to(tmp_path / "data/store")
    return other


def test_a_store_has_one_server_by_whatever_directory_and_without_its_lock_file(start, tmp_path,
                                                                                 alias):
    server = start(data_dir=tmp_path / "data")
    client = server.api()
    user = client.make_user_with_factor()
    (tmp_path / "data/store/LOCK").unlink()
    refused(alias, "in use by another process")
    done = ctl(alias, "verify")
    assert (done.returncode, done.stdout) == (1, "") and "in use by another" in done.stderr
    assert client.remove_otp_email(user).status == 200
    server.stop()
    verify(tmp_path / "data")


def test_a_store_of_another_user_is_left_alone(start, tmp_path):
    """Whoever is root could write there, and its owner could then not read it."""
    data_dir = tmp_path / "data"
    start(data_dir=data_dir).stop()
    for path in (data_dir, *data_dir.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    before = contents(data_dir)
    refused(data_dir, data_dir / "store", "belongs to user 65534", "user 0")
    done = ctl(data_dir, "seed", "--users", "1", "--org", "acme")
    assert done.returncode == 1 and "belongs to uid 65534 (nobody), and this is uid 0 (root)" in \
        done.stderr
    assert contents(data_dir) == before
    verify(data_dir)


@pytest.mark.parametrize("zeros", [False, True], ids=["emptied", "zeroed"])
def test_a_store_that_lost_its_first_log_is_not_made_anew(start, tmp_path, zeros):
    data_dir = tmp_path / "data"
    server = start(data_dir=data_dir)
    server.api().make_user()
    server.kill()
    log = next((data_dir / "store").glob("*.log"))
    log.write_bytes(bytes(log.stat().st_size) if zeros else b"")
    refused(data_dir, f"{log} is damaged: it ends at offset 0, of ")


def test_without_proc_it_says_so(tmp_path):
    """Which is where a directory that is held can be reached by. The sanitizers need the rest."""
    need_mount_namespace()
    (tmp_path / "data").mkdir()
    done = run("unshare", "--mount", "--propagation", "private", "sh", "-c",
               'mount -t tmpfs none /proc/$$/fd && exec "$0" "$@"', FACTORD,
               "--data-dir", tmp_path / "data", *LISTEN)
    assert done.returncode == 1
    assert "/proc is not mounted" in done.stderr
    assert not list((tmp_path / "data").iterdir())
