"""DIR comes to lead elsewhere while a server runs on it: it ends and touches nothing there."""

import contextlib
import hashlib
import os
import pathlib
import shutil
import signal
import time

import pytest

from api import NO_FACTOR, check_error
from backups import back_up, restore
from factord import Factord, run_factord, verify
from mounts import again_in_namespace, mount, unmount
from wire import Closed, Connection, request as bytes_of

# For a server to see it, which looks once a second, and to end, which takes one.
PATIENCE_S = 20
USERS = 20


def hashes(folder):
    """Every file in a folder, sockets too, with what is in it."""
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
            for path in sorted(folder.rglob("*"))}


class Swap:
    """A server, a store restored from its backup, and ways to put that in its place."""

    def __init__(self, folder):
        self.folder = folder
        self.dir = folder / "data"
        self.other = folder / "other"
        self.old = folder / "data.old"
        self.mounted = False
        self.first = None

    def begin(self):
        self.first = Factord(self.dir).start()
        self.api = self.first.api()
        self.users = [self.api.make_user_with_factor() for _ in range(USERS)]
        back_up(self.first, self.folder / "backups")
        self.removed = self.users[:5]
        for user in self.removed:
            assert self.api.remove_otp_email(user).status == 200
        restore(self.other, self.folder / "backups", "--keep-tokens")

    # Each is what somebody does who takes DIR for a path.
    def move_and_restore(self):
        os.rename(self.dir, self.old)
        os.rename(self.other, self.dir)

    def turn_link(self):
        turned = self.folder / "turned"
        turned.symlink_to("other")
        os.rename(turned, self.dir)

    def remove_and_restore(self):
        shutil.rmtree(self.dir)
        os.rename(self.other, self.dir)

    def replace_store(self):
        os.rename(self.dir / "store", self.old)
        os.rename(self.other / "store", self.dir / "store")

    def mount_over(self):
        self.mounted = mount("--bind", self.other, self.dir)
        assert self.mounted

    def end(self):
        """Leaves nothing running or mounted."""
        if self.mounted:
            unmount(self.dir)
        if self.first is not None and not self.first.ended:
            self.first.kill()


@pytest.fixture
def swap(tmp_path):
    one = Swap(tmp_path)
    yield one
    one.end()


def await_end(swap):
    """The first server ends by itself, and says why; it is never ready again once it was not."""
    told = []
    with contextlib.suppress(Closed, ConnectionError), Connection.tcp(swap.first.port) as watcher:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            told.append(watcher.ask(bytes_of("GET", "/readyz")).status)
    assert told == sorted(told) and set(told) <= {200, 503}, told
    assert swap.first.wait(PATIENCE_S) == 1, swap.first.log()
    log = swap.first.log()
    assert "storage failed" in log and "is not the directory in use any more" in log, log
    assert str(swap.dir) in log and "/proc/" not in log, log


def remove_some(server, token, users):
    client = server.api(token)
    for user in users:
        assert client.remove_otp_email(user).status == 200
    return client


def check_lasting(swap, removed):
    """The store at DIR, which nobody uses, is sound, opens, and knows these removals."""
    verify(swap.dir)
    with Factord(swap.dir) as again:
        client = again.api(swap.api.token)
        for user in removed:
            check_error(client.remove_otp_email(user), *NO_FACTOR)


@pytest.mark.parametrize("how", ["move_and_restore", "turn_link", "remove_and_restore",
                                 "mount_over"])
@pytest.mark.parametrize("end", ["by itself", "by SIGTERM"])
def test_another_store_in_its_place(swap, how, end, request):
    if how == "mount_over":
        if not mount("--bind", swap.folder, swap.folder):
            again_in_namespace(request)
            return
        unmount(swap.folder)
    if how == "turn_link":
        (swap.folder / "real").mkdir()
        swap.dir.symlink_to("real")
    swap.begin()
    if end == "by SIGTERM":
        swap.first.signal(signal.SIGSTOP)  # so that it does not see it before
    getattr(swap, how)()
    with Factord(swap.dir) as second:
        answered = swap.users[:10]
        remove_some(second, swap.api.token, answered)
        before = hashes(swap.dir)
        if end == "by itself":
            await_end(swap)
        else:
            swap.first.signal(signal.SIGTERM)
            swap.first.signal(signal.SIGCONT)
            assert swap.first.wait(PATIENCE_S) in (0, 1)
        assert hashes(swap.dir) == before
        remove_some(second, swap.api.token, swap.users[10:12])
    check_lasting(swap, swap.users[:12])
    if how == "move_and_restore":
        swap.dir = swap.old
        check_lasting(swap, swap.removed)


def test_another_store_inside_it(swap):
    swap.begin()
    swap.replace_store()
    before = hashes(swap.dir)
    await_end(swap)
    assert hashes(swap.dir) == before
    with Factord(swap.dir) as second:
        remove_some(second, swap.api.token, swap.users[:10])
    check_lasting(swap, swap.users[:10])
    (swap.folder / "first").mkdir()
    os.rename(swap.old, swap.folder / "first/store")
    swap.dir = swap.folder / "first"
    check_lasting(swap, swap.removed)


@pytest.mark.parametrize("how", ["moved", "removed", "made again", "empty"])
def test_nothing_in_its_place(swap, how):
    """The path leads nowhere: who looks for the store there would not find what is answered."""
    swap.begin()
    if how == "moved":
        os.rename(swap.dir, swap.old)
    else:
        shutil.rmtree(swap.dir)
    if how == "made again":
        swap.dir.mkdir()
        (swap.dir / "admin.sock").write_text("mine")
    if how == "empty":
        swap.dir.mkdir()
    await_end(swap)
    if how == "made again":
        assert {path.name for path in swap.dir.iterdir()} == {"admin.sock"}
        assert (swap.dir / "admin.sock").read_text() == "mine"
    elif how == "empty":
        assert not list(swap.dir.iterdir())
    else:
        assert not swap.dir.exists()
    if how == "moved":
        swap.dir = swap.old
        check_lasting(swap, swap.removed)


def test_a_second_server_cannot_begin_on_what_the_first_still_holds(swap):
    """By whatever path: the lock is on the directory."""
    swap.begin()
    os.rename(swap.dir, swap.old)
    swap.first.signal(signal.SIGSTOP)
    done = run_factord("--data-dir", swap.old, "--listen", "127.0.0.1:0")
    swap.first.signal(signal.SIGCONT)
    assert done.returncode == 1 and str(swap.old) in done.stderr, done.stderr
    await_end(swap)


def test_a_directory_may_be_reached_by_a_link(swap):
    (swap.folder / "real").mkdir()
    swap.dir.symlink_to("real")
    swap.begin()
    swap.first.stop()
    check_lasting(swap, swap.removed)
    swap.dir = pathlib.Path(swap.folder / "real")
    check_lasting(swap, swap.removed)
