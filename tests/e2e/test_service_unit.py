"""tools/factord.service: systemd accepts it, and factord lives under what it asks for."""

import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import time

import pytest

from factord import FACTORCTL, FACTORD, PATIENCE_S, ROOT, Factord, plain_environment, run
from mounts import need_mount_namespace
from sandbox import directives
from service_manager import Manager

UNIT = ROOT / "tools/factord.service"
NOBODY = 65534
# Looking for leaks at its end takes a system call that no service needs.
ENVIRONMENT = plain_environment(ASAN_OPTIONS="detect_leaks=0")


class Installed:
    """The programs and a data directory where another user may reach them, as in a package."""

    def __init__(self, root):
        self.root = root
        self.data_dir = root / "data"
        root.chmod(0o755)
        for program in (FACTORD, FACTORCTL):
            shutil.copy(program, root)
        self.data_dir.mkdir(0o700)
        os.chown(self.data_dir, NOBODY, NOBODY)

    def sandboxed(self, *command):
        return ["unshare", "--mount", "--propagation", "private", sys.executable,
                str(pathlib.Path(__file__).with_name("sandbox.py")), str(UNIT), str(NOBODY),
                str(self.data_dir), *map(str, command)]

    def run(self, *command):
        return run(*self.sandboxed(*command), env=ENVIRONMENT)

    def ctl(self, *arguments):
        return self.run(self.root / "factorctl", "--data-dir", self.data_dir, *arguments)

    def server(self, *arguments):
        server = Factord(self.data_dir, *arguments, env=ENVIRONMENT)
        server.command = self.sandboxed(self.root / "factord", *server.command[1:])
        return server


@pytest.fixture
def installed():
    need_mount_namespace()
    assert os.getuid() == 0, "a service manager is root, and so must be who plays it"
    root = pathlib.Path(tempfile.mkdtemp(prefix="factord-unit-"))
    yield Installed(root)
    shutil.rmtree(root)


def status_of(process):
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def test_the_sandbox_is_one(installed):
    outside = installed.root / "file"
    assert "Read-only file system" in installed.run("/usr/bin/touch", outside).stderr
    assert installed.run("/usr/bin/touch", installed.data_dir / "file").returncode == 0
    assert installed.run("/usr/bin/id", "-u").stdout.strip() == str(NOBODY)
    python = ("import os; os.nice(1)", "import os; os.chroot('/')",
              "import mmap; mmap.mmap(-1, 4096, prot=7)")
    for code in python:
        refused = installed.run(sys.executable, "-c", code)
        assert "PermissionError" in refused.stderr, (code, refused)


def test_a_life_in_the_sandbox(installed):
    seeded = installed.ctl("seed", "--users", "50", "--org", "acme", "--first-id", "1000")
    assert seeded.returncode == 0, seeded.stderr
    with installed.server() as server:
        # Root may use the admin socket, and so may the service's own user.
        client = server.api()
        assert installed.ctl("token", "list").returncode == 0
        for user in range(1000, 1050):
            assert client.remove_otp_email(str(user)).status == 200
        status = status_of(server.process)
        assert status["Uid"].split() == [str(NOBODY)] * 4
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
        assert {status[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
        maps = pathlib.Path(f"/proc/{server.process.pid}/maps").read_text(encoding="utf-8")
        assert not [line for line in maps.splitlines() if line.split()[1].startswith("rwx")]
        server.reload("there is no certificate to read again")
        assert "too few file descriptors" not in server.log()
    verified = installed.ctl("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    for path in installed.data_dir.rglob("*"):
        found = path.lstat()
        assert found.st_uid == NOBODY and stat.S_IMODE(found.st_mode) & 0o077 == 0, path


def test_a_service_manager_may_take_its_signals_for_what_they_are(installed):
    """Type=notify, ExecReload and TimeoutStopSec promise what the program does."""
    wanted = directives(UNIT)
    assert wanted["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    server = installed.server().start()
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < int(wanted["TimeoutStopSec"][0])


def test_others_may_connect_to_a_socket_of_it(installed):
    path = installed.data_dir / "socket"
    with installed.server("--listen", f"unix:{path},mode=0660,group={NOBODY}") as server:
        found = path.lstat()
        assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, NOBODY)
        assert server.stdout


def test_it_is_heard_from_within_the_sandbox(installed):
    """Type=notify and WatchdogSec, with a stand-in for systemd."""
    wanted = directives(UNIT)
    assert (wanted["Type"], wanted["WatchdogSec"]) == (["notify"], ["30"])
    socket = installed.root / "notify"
    with Manager(str(socket)) as manager:
        socket.chmod(0o777)
        server = installed.server()
        server.popen["env"] = {**ENVIRONMENT, "NOTIFY_SOCKET": str(socket),
                               "WATCHDOG_USEC": "30000000"}
        with server:
            assert manager.hear_until("READY") == {"READY": "1", "STATUS": "serving"}
            assert manager.hear() == {"WATCHDOG": "1"}
        manager.hear_until("STOPPING")


def test_systemd_accepts_it(tmp_path):
    """With the programs where they are, as systemd looks for them."""
    copy = tmp_path / "factord.service"
    text = UNIT.read_text(encoding="utf-8")
    copy.write_text(text.replace("/usr/local/bin/factord", str(FACTORD)), encoding="utf-8")
    command = ["systemd-analyze", "--no-pager"]
    checked = subprocess.run([*command, "verify", "--man=no", copy], capture_output=True, text=True,
                             timeout=PATIENCE_S, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    # Of 10.0, which is a service with every right; 2.0 and less are its "OK".
    rated = subprocess.run([*command, "security", "--offline=true", "--threshold=20", copy],
                           capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert rated.returncode == 0, rated.stdout[-500:]
