"""The package under a real systemd: its unit with sandbox, notifications and watchdog."""

import pathlib
import shutil

import pytest

from booted import Booted, await_true
from debian import Debian
from factord import ROOT
from service import DATA, SETTINGS, URL, add_with_factor, ask, has_factor, remove, token
from stopped_thread import StoppedThread

DEPLOY = ROOT / "tools/deploy"
UNIT = "factord.service"
DROP_IN = "/etc/systemd/system/factord.service.d/test.conf"


@pytest.fixture(scope="module")
def system(stocked, package):
    with Debian.like(stocked) as debian:
        debian.install(package, "systemd", "procps")
        with Booted(debian) as made:
            yield made


def shown(system, name):
    return system.run("systemctl", "show", "--value", "--property", name, UNIT).strip()


def await_active(system):
    await_true(lambda: (shown(system, "ActiveState"), shown(system, "SubState")) == (
        "active", "running"))


@pytest.fixture
def running(system):
    """What the installation has enabled; what a test has set is gone behind it."""
    await_active(system)
    yield system
    path = system.debian.path(DROP_IN)
    if path.exists():
        path.unlink()
        system.run("systemctl", "daemon-reload")
    system.run("systemctl", "reset-failed", UNIT)
    system.run("systemctl", "restart", UNIT)


def with_settings(system, *lines):
    path = system.debian.path(DROP_IN)
    path.parent.mkdir(exist_ok=True)
    path.write_text("[Service]\n" + "".join(f"{line}\n" for line in lines))
    system.run("systemctl", "daemon-reload")
    system.run("systemctl", "restart", UNIT)


def status_of(system):
    """Of its process: what the kernel says."""
    pid = system.out_here(shown(system, "MainPID"))
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def test_it_serves_once_it_is_started_in_its_sandbox(running):
    """`restart` returns when it has said that it is ready."""
    running.run("systemctl", "restart", UNIT)
    secret = token(running.debian)
    add_with_factor(running.debian, secret, "1")
    assert remove(running.debian, secret, "1") == 200
    assert shown(running, "Type") == "notify" and shown(running, "StatusText") != ""
    status = status_of(running)
    user = running.run("id", "--user", "factord").strip()
    assert status["Uid"].split() == [user] * 4
    assert (int(status["CapEff"], 16), status["NoNewPrivs"], status["Seccomp"]) == (0, "1", "2")
    assert shown(running, "StateDirectory") == "factord"
    assert running.run("stat", "--format", "%U %a", DATA).strip() == "factord 700"


def test_a_reload_is_one_and_not_a_restart(running):
    pid = shown(running, "MainPID")
    running.run("systemctl", "reload", UNIT)
    await_active(running)
    assert shown(running, "MainPID") == pid
    assert shown(running, "Result") == "success"


def test_stopped_it_drains(running):
    running.run("systemctl", "stop", UNIT)
    assert [shown(running, name) for name in ("ActiveState", "Result", "ExecMainStatus")] == [
        "inactive", "success", "0"]


def test_killed_it_is_back_with_all_that_was_answered(running):
    secret = token(running.debian)
    for user in ("2", "3"):
        add_with_factor(running.debian, secret, user)
    assert remove(running.debian, secret, "2") == 200
    pid = shown(running, "MainPID")
    running.run("systemctl", "kill", "--signal", "KILL", UNIT)
    await_true(lambda: shown(running, "MainPID") not in (pid, "0"))
    await_active(running)
    assert [has_factor(running.debian, secret, user) for user in ("2", "3")] == [False, True]


def test_a_commit_thread_that_hangs_is_ended_by_the_watchdog(running):
    with_settings(running, "WatchdogSec=2")
    secret = token(running.debian)
    add_with_factor(running.debian, secret, "4")
    pid = shown(running, "MainPID")
    with StoppedThread(running.out_here(pid), "commit") as stopped:
        # One that has nothing to do does not hang.
        asked = running.debian.near("curl", "-sS", "--max-time", "1", "-X", "DELETE", "-H",
                                    f"Authorization: Bearer {secret}",
                                    f"{URL}/v2/users/4/otp_email")
        assert asked.returncode == 28, asked.stderr
        await_true(stopped.has_ended)
    await_true(lambda: shown(running, "MainPID") not in (pid, "0"))
    await_active(running)
    assert int(shown(running, "NRestarts")) == 1
    assert remove(running.debian, secret, "4") == 200


def test_over_a_socket_of_systemds_nobody_is_refused_while_it_is_restarted(running):
    """Who asks between two lives of the service waits, and is answered by the second."""
    debian = running.debian
    running.run("systemctl", "stop", UNIT)
    shutil.copy(DEPLOY / "factord.socket", debian.path("/etc/systemd/system"))
    drop_in = debian.path(DROP_IN)
    drop_in.parent.mkdir(exist_ok=True)
    shutil.copy(DEPLOY / "factord.service.d/socket.conf", drop_in)
    running.run("systemctl", "daemon-reload")
    running.run("systemctl", "start", "factord.socket")
    try:
        # It is not there yet, and who connects starts it.
        assert shown(running, "ActiveState") == "inactive"
        assert debian.near("curl", "-sSf", f"{URL}/livez").stdout == "ok"
        await_active(running)
        secret = token(debian)
        add_with_factor(debian, secret, "5")
        running.run("systemctl", "restart", "--no-block", UNIT)
        for _ in range(50):
            assert debian.near("curl", "-sSf", f"{URL}/livez").stdout == "ok"
        assert remove(debian, secret, "5") == 200
    finally:
        running.run("systemctl", "stop", "factord.socket", UNIT)
        debian.path("/etc/systemd/system/factord.socket").unlink()


def test_with_settings_that_are_wrong_it_fails_and_says_why(running):
    settings = running.debian.path(SETTINGS)
    right = settings.read_text()
    settings.write_text(right + "no-such-setting = 1\n")
    try:
        assert running.tried("systemctl", "restart", UNIT).returncode != 0
        said = running.run("journalctl", "--no-pager", "--unit", UNIT, "--lines", "50")
        assert "no-such-setting" in said
    finally:
        settings.write_text(right)


def test_over_an_upgrade_it_is_started_again(running, before):
    """By Debian's own helpers, with nothing between them and systemd; here to a version before."""
    secret = token(running.debian)
    pid = shown(running, "MainPID")
    running.run("apt-get", "install", "-q", "-y", "--allow-downgrades",
                running.debian.copied(before))
    await_active(running)
    assert shown(running, "MainPID") != pid
    assert ask(running.debian, secret, "GET", "/v2/users/none")[0] == 404
