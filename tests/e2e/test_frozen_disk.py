"""A disk that does not answer: a file system that is frozen, as a snapshot or a lost path makes it.
Whoever asks is told so, and once it goes on nothing is lost."""

import subprocess

import pytest

from factord import Factord, verify
from mounts import mount, unmount
from patience import await_ready
from wire import request

SIZE_MIB = 1024  # of which little is written


@pytest.fixture
def disk(tmp_path):
    """A file system of its own, in a file."""
    file, where = tmp_path / "disk", tmp_path / "mounted"
    file.touch()
    with open(file, "r+b") as whole:
        whole.truncate(SIZE_MIB << 20)
    subprocess.run(["/sbin/mkfs.ext4", "-q", file], check=True)
    where.mkdir()
    if not mount("-o", "loop", file, where):
        pytest.skip("a file system in a file takes root and loop devices")
    yield where
    unmount(where)


def test_writes_wait_and_readiness_says_so(disk):
    with Factord(disk / "data", "--write-timeout", "1h", "--idle-timeout", "1h") as server:
        api = server.api()
        users = [api.make_user_with_factor() for _ in range(2)]
        assert api.remove_otp_email(users[0]).status == 200
        with server.connect() as waiting:
            subprocess.run(["fsfreeze", "--freeze", disk], check=True)
            try:
                waiting.send(request("DELETE", f"/v2/users/{users[1]}/otp_email", api.token))
                await_ready(server, 503)
                assert api.get("/readyz").json["status"] == "store unavailable"
                assert api.methods(users[0]).status == 200  # who only reads is not kept waiting
            finally:
                subprocess.run(["fsfreeze", "--unfreeze", disk], check=True)
            assert waiting.read().status == 200
        await_ready(server, 200)
        assert api.remove_otp_email(users[1]).status == 404
        server.await_log("it is committed again")
    verify(disk / "data")
