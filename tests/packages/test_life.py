"""The package in a bare Debian: installed, used, upgraded with its data kept, removed, purged."""

import pytest

from debian import Debian
from service import DATA, SETTINGS, UNIT, WANTED, Service, ctl, has_factor, remove, seed, token


def owner_and_mode(debian, path):
    return debian.run("stat", "--format", "%U:%G %a", path).strip()


def installed_version(debian):
    return debian.run("dpkg-query", "--show", "--showformat", "${Version}", "factord")


@pytest.fixture(scope="module")
def with_the_one_before(stocked, before):
    with Debian.like(stocked) as made:
        made.install(before)
        yield made


@pytest.fixture
def old(with_the_one_before):
    """With the version before, in a system of a test's own where no service manager runs."""
    with Debian.like(with_the_one_before) as made:
        yield made


def test_what_is_there_once_it_is_installed(old):
    assert owner_and_mode(old, DATA) == "factord:factord 700"
    assert owner_and_mode(old, SETTINGS) == "root:factord 640"
    assert old.run("getent", "passwd", "factord").split(":")[5] == DATA
    assert old.path(WANTED).is_symlink()
    assert not list(old.path(DATA).iterdir())
    for program in ("factord", "factorctl", "factorload"):
        assert "Usage: " in old.run(program, "--help", user="nobody:nogroup")
    assert old.tried("dpkg", "--audit").stdout == ""


def test_a_factor_is_removed_and_stays_so_over_an_upgrade(old, package):
    seed(old)
    setting = old.path(SETTINGS)
    setting.write_text(setting.read_text() + '\nlog-level = "debug"\n')
    changed = setting.read_text()
    with Service(old) as service:
        secret = token(old)
        assert remove(old, secret, 1000) == 200
        # Where no service manager runs, nobody ends what is not the package's to end.
        old.install(package)
        assert installed_version(old) == package.field("Version")
        assert service.alive()
        assert remove(old, secret, 1001) == 200
    assert owner_and_mode(old, SETTINGS) == "root:factord 640"
    assert setting.read_text() == changed
    with Service(old):
        assert [has_factor(old, secret, user) for user in (1000, 1001, 1002)] == [
            False, False, True]
        assert remove(old, secret, 1000) == 404
        assert remove(old, secret, 1002) == 200
    ctl(old, "verify")


def test_removed_its_data_is_kept_and_purged_it_is_not(old, package):
    seed(old)
    with Service(old):
        secret = token(old)
        assert remove(old, secret, 1000) == 200
    old.run("apt-get", "remove", "-q", "-y", "factord")
    assert not old.path("/usr/bin/factord").exists() and not old.path(UNIT).exists()
    assert old.path(SETTINGS).exists() and old.path(f"{DATA}/store/CURRENT").exists()

    old.install(package)
    with Service(old):
        assert [has_factor(old, secret, user) for user in (1000, 1001)] == [False, True]
    old.run("apt-get", "purge", "-q", "-y", "factord")
    for path in (SETTINGS, "/etc/factord", DATA, WANTED, UNIT, "/usr/share/factord",
                 "/usr/share/doc/factord"):
        assert not old.path(path).exists() and not old.path(path).is_symlink(), path
    assert old.run("getent", "passwd", "factord")
    assert old.tried("dpkg", "--audit").stdout == ""


def test_a_link_to_the_data_is_not_followed_by_a_purge(old):
    old.run("mv", DATA, "/srv/factord")
    old.path(DATA).symlink_to("/srv/factord")
    seed(old)
    old.run("apt-get", "purge", "-q", "-y", "factord")
    assert old.path("/srv/factord/store/CURRENT").exists()


def test_the_way_back_that_is_written_down(old, before, package):
    """UPGRADING.md, "Going back", for a store that the old version does not read."""
    seed(old)
    old.path("/var/backups/factord").mkdir(mode=0o700)
    old.run("chown", "factord:factord", "/var/backups/factord")
    with Service(old):
        secret = token(old)
        assert remove(old, secret, 1000) == 200
        ctl(old, "backup", "/var/backups/factord")
    old.install(package)
    with Service(old):
        assert remove(old, secret, 1001) == 200
    old.run("mv", DATA, f"{DATA}-new")
    old.install(before)
    assert installed_version(old) == before.field("Version")
    ctl(old, "restore", "/var/backups/factord", "--keep-tokens")
    with Service(old):
        assert [has_factor(old, secret, user) for user in (1000, 1001)] == [False, True]
