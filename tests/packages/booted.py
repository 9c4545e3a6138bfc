"""A Debian in a directory that is booted: systemd is its first process, in namespaces of its own.
"""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

PATIENCE_S = 60
# Where $1 is the root, and $2 its control group: as this is run, and once it is alone.
_ENTER = """
groups=$(mktemp -d) && mount -t cgroup2 cgroup2 "$groups" && mkdir "$groups/$2" &&
echo $$ >"$groups/$2/cgroup.procs" && umount "$groups" && rmdir "$groups" &&
exec unshare --mount --pid --fork --uts --ipc --cgroup sh -ec "$0" "$1"
"""
_BOOT = """
mount -t proc proc "$0/proc"
mount -t sysfs sysfs "$0/sys"
mount -t cgroup2 cgroup2 "$0/sys/fs/cgroup"
mount -t tmpfs tmpfs "$0/run"
exec env --ignore-environment container=chroot PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$0" \\
  /lib/systemd/systemd --system --unit=multi-user.target
"""
# What is killed takes a while to be gone.
_LEAVE = """
groups=$(mktemp -d) && mount -t cgroup2 cgroup2 "$groups"
until find "$groups/$0" -depth -type d -exec rmdir {} + 2>/dev/null; do sleep 0.1; done
umount "$groups" && rmdir "$groups"
"""


def await_true(what, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Booted:
    """From entering the `with` block until leaving it."""

    def __init__(self, debian):
        self.debian = debian
        self.group = debian.folder.name

    def __enter__(self):
        # Terminals are this machine's.
        self.debian.path("/etc/systemd/system/getty.target").symlink_to("/dev/null")
        self.outer = subprocess.Popen(
            ["nsenter", f"--net=/proc/{self.debian.keeper.pid}/ns/net", "unshare", "--mount",
             "--propagation", "private", "sh", "-c", _ENTER, _BOOT, self.debian.root, self.group],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            await_true(self._is_booted)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """As a power cut."""
        for one in [*self._first(), self.outer.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self.outer.communicate()
        subprocess.run(["unshare", "--mount", "sh", "-c", _LEAVE, self.group], check=True,
                       timeout=PATIENCE_S)

    def _first(self):
        """Its first process as it is called out here, once there is one."""
        path = pathlib.Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children")
        return list(map(int, path.read_text().split())) if path.exists() else []

    def _is_booted(self):
        assert self.outer.poll() is None, self.outer.stdout.read()
        return self._first() and self.tried("systemctl", "is-system-running").stdout.strip() in (
            "running", "degraded")

    def out_here(self, pid):
        """What a process in there is called out here."""
        (first,) = self._first()
        space = os.readlink(f"/proc/{first}/ns/pid")
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                names = re.search(r"^NSpid:(.*)$", (path / "status").read_text(), re.M)[1].split()
                if os.readlink(path / "ns/pid") == space and names[-1] == str(pid):
                    return int(path.name)
        raise AssertionError(f"there is no process {pid}")

    def tried(self, *command):
        (first,) = self._first()
        return subprocess.run(
            ["nsenter", f"--target={first}", "--mount", "--pid", "--net", "--cgroup", "--root",
             "--wd", *map(str, command)], env=self.debian.environment(), capture_output=True,
            text=True, timeout=PATIENCE_S * 2, check=False)

    def run(self, *command):
        done = self.tried(*command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout
