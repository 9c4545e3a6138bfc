"""A file system that is really full: who was answered keeps it, the others are told, exit 1."""

import json
import os
import threading

import pytest

from factord import run_factord, verify
from mounts import again_in_namespace, mount, unmount
from wire import Closed, request

DISK_BYTES = 24 << 20
LEFT_BYTES = 700 << 10
CLIENTS = 4
USERS_EACH = 20


@pytest.fixture
def disk(tmp_path, request):
    """A small file system of its own."""
    where = tmp_path / "disk"
    where.mkdir()
    if not mount("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", where):
        again_in_namespace(request)
        yield None
        return
    yield where
    unmount(where)


def fill(disk, leaving):
    """Takes all space of the disk but this, which ballast.unlink() gives back."""
    ballast = disk / "ballast"
    space = os.statvfs(disk)
    with ballast.open("ab") as file:
        file.write(b"x" * max(0, space.f_bavail * space.f_frsize - leaving))
    return ballast


class Load:
    """A client that takes factors off its users and gives them back, until it is not answered."""

    def __init__(self, client):
        self.client = client
        self.has_factor = {client.make_user_with_factor(): True for _ in range(USERS_EACH)}
        self.unknown = None
        self.failure = None
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        while True:
            for user, has_it in list(self.has_factor.items()):
                self.unknown = user
                try:
                    act = self.client.remove_otp_email if has_it else self.client.add_otp_email
                    answer = act(user)
                except (Closed, ConnectionError):
                    return
                if answer.status != 200:
                    self.failure = answer
                    return
                self.has_factor[user] = not has_it

    def check(self, client):
        """All that this client was answered is there; of its last request nobody knows."""
        for user, has_it in self.has_factor.items():
            if user != self.unknown:
                assert ("authMethodTypes" in client.methods(user).json) == has_it, user


def check_refused(loads):
    """Somebody was told that the outcome is not known; whoever was told at all, in such words."""
    told = [(load.failure.status, load.failure.json["code"]) for load in loads if load.failure]
    assert (500, 13) in told
    assert set(told) <= {(500, 13), (503, 14)}


def check_not_ready(watcher):
    """As long as it answers."""
    try:
        assert watcher.ask(request("GET", "/readyz")).status == 503
    except (Closed, ConnectionError):
        pass


def test_a_log_with_a_place_that_no_mapping_can_give(start, disk):
    """On a full tmpfs a hole can be read, but a page of it that is mapped is SIGBUS: as a page in a
    bad sector is. It is zeros, as a log has behind its last batch."""
    if disk is None:
        return  # done, in a namespace
    server = start(data_dir=disk / "data")
    server.api().make_user_with_factor()
    server.kill()
    log = max((disk / "data/store").glob("*.log"), key=lambda log: int(log.stem))
    os.truncate(log, log.stat().st_size + (1 << 20))
    fill(disk, leaving=0)
    verify(disk / "data")


@pytest.mark.parametrize("mode", ["disk", "process"])
def test_a_full_disk(start, disk, mode):
    if disk is None:
        return  # done, in a namespace
    data_dir = disk / "data"
    server = start("--durability", mode, data_dir=data_dir)
    token = server.token()
    loads = [Load(server.api(token)) for _ in range(CLIENTS)]
    watcher = server.connect()
    assert watcher.ask(request("GET", "/readyz")).status == 200
    ballast = fill(disk, leaving=LEFT_BYTES)
    for load in loads:
        load.thread.start()
    for load in loads:
        load.thread.join()
    check_not_ready(watcher)
    assert server.wait() == 1
    check_refused(loads)
    errors = [line for line in server.log().splitlines() if json.loads(line)["level"] == "error"]
    assert len(errors) == 1 and "No space left on device" in errors[0], errors

    # Still full: it cannot start, and says why.
    fill(disk, leaving=0)
    refused = run_factord("--data-dir", data_dir, "--listen", "127.0.0.1:0")
    assert refused.returncode == 1
    assert "No space left on device" in refused.stderr

    ballast.unlink()
    verify(data_dir)
    client = start("--durability", mode, data_dir=data_dir).api(token)
    for load in loads:
        load.check(client)
