"""The package where a service manager runs, which is a stand-in (systemctl, beside this file): in a
chroot no systemd runs. Debian's own helpers of init-system-helpers stand between the two."""

import pathlib
import shutil

import pytest

from conftest import SMALL
from debian import Debian
from service import SETTINGS, WANTED, add_with_factor, has_factor, remove, token

STAND_IN = pathlib.Path(__file__).with_name("systemctl")


class Managed:
    def __init__(self, debian):
        self.debian = debian

    def orders(self):
        """Those since the last time, without questions."""
        path = self.debian.path("/run/orders")
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        words = [[word for word in line.split() if not word.startswith("-")] for line in lines]
        return [" ".join(one) for one in words if one[0] not in ("is-enabled", "is-active")]

    def pid(self):
        """Of the server that runs, or nothing."""
        path = self.debian.path("/run/factord.pid")
        return int(path.read_text()) if self.active() and path.exists() else None

    def active(self):
        return self.debian.tried("systemctl", "is-active", "factord.service").returncode == 0


@pytest.fixture
def managed(stocked, before):
    """With the version before."""
    with Debian.like(stocked) as debian:
        debian.path("/run/systemd/system").mkdir(parents=True)
        shutil.copy(STAND_IN, debian.path("/usr/bin/systemctl"))
        debian.install(before, *SMALL)
        made = Managed(debian)
        yield made
        debian.run("systemctl", "stop", "factord.service")


def test_it_is_started_and_by_an_upgrade_started_again(managed, package):
    debian = managed.debian
    assert managed.orders() == [
        "preset factord.service", "daemon-reload", "start factord.service"]
    first = managed.pid()
    status = pathlib.Path(f"/proc/{first}/status").read_text()
    user = debian.run("id", "--user", "factord").strip()
    assert f"\nUid:\t{user}\t{user}\t{user}\t{user}\n" in status
    secret = token(debian)
    add_with_factor(debian, secret, "1000")
    managed.orders()

    debian.install(package)
    assert managed.orders() == ["daemon-reload", "restart factord.service"]
    assert managed.pid() not in (None, first)
    assert has_factor(debian, secret, 1000)
    assert remove(debian, secret, 1000) == 200


def test_disabled_it_stays_so(managed, package):
    managed.debian.run("systemctl", "stop", "factord.service")
    managed.debian.path(WANTED).unlink()  # what "systemctl disable" does
    managed.orders()
    managed.debian.install(package)
    assert managed.orders() == ["daemon-reload"]
    assert not managed.active() and not managed.debian.path(WANTED).is_symlink()


def test_a_policy_that_says_no_is_obeyed(managed, package):
    first = managed.pid()
    policy = managed.debian.path("/usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    managed.orders()
    managed.debian.install(package)
    assert managed.orders() == ["daemon-reload"]
    assert managed.pid() == first


def test_settings_that_are_wrong_end_the_service_and_not_the_upgrade(managed, package):
    settings = managed.debian.path(SETTINGS)
    right = settings.read_text()
    settings.write_text(right + "no-such-setting = 1\n")
    managed.debian.install(package)
    assert not managed.active()
    settings.write_text(right)
    managed.debian.run("systemctl", "start", "factord.service")


def test_removed_it_is_stopped(managed):
    assert managed.pid() is not None
    managed.orders()
    managed.debian.run("apt-get", "remove", "-q", "-y", "factord")
    first, *others = managed.orders()
    assert first == "stop factord.service" and set(others) == {"daemon-reload"}
    assert managed.pid() is None
