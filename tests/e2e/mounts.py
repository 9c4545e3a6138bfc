"""File systems of a test's own. Who may not mount one tests in a namespace where he may."""

import os
import pathlib
import subprocess
import sys

import pytest

from factord import BIN_DIR


def need_mount_namespace():
    """Skips where root can have none."""
    mounts = pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    if not any(line.split()[4] == "/" for line in mounts):
        pytest.skip("a mount namespace needs a root that is a mount, which a plain chroot's is "
                    "not: mount --bind DIRECTORY DIRECTORY before the chroot")


def mount(*arguments):
    """Whether that could be mounted."""
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True,
                          check=False).returncode == 0


def unmount(where):
    subprocess.run(["umount", "-l", where], check=True)


def again_in_namespace(request):
    """Runs this very test where mounting is allowed."""
    assert "FACTORD_IN_NAMESPACE" not in os.environ, "no file system can be mounted here"
    again = subprocess.run(
        ["unshare", "--map-root-user", "--mount", sys.executable, "-m", "pytest", "-q",
         "-p", "no:cacheprovider", "-p", "no:xdist", request.node.nodeid.split("/")[-1]],
        cwd=pathlib.Path(__file__).parent,
        env={**os.environ, "FACTORD_IN_NAMESPACE": "1", "FACTORD_BIN_DIR": str(BIN_DIR)},
        capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
