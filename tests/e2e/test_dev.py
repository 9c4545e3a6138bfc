"""factord dev: a server for other people's tests, which leaves nothing behind."""

import json
import os
import signal
import stat
import subprocess
import time

import pytest

from dev import Dev
from factord import FACTORD, PATIENCE_S, Factord, ctl, plain_environment, run_factord
from tls import Pair
from wire import Connection, request


@pytest.fixture
def dev(tmp_path):
    """Starts servers; each ends with the test, and has to leave nothing behind."""
    running = []

    def start_one(*arguments, **options):
        one = Dev(tmp_path / f"tmp{len(running)}", *arguments, **options).start()
        running.append(one)
        return one

    yield start_one
    for one in running:
        if not one.ended:
            one.stop()
        assert one.leftovers() == []


def test_says_one_line_and_serves(dev):
    server = dev("--seed-users", 3)
    said = server.said
    assert list(said) == ["url", "admin", "token", "users"]
    assert said["users"] == {"first": "100000000000000001", "count": 3, "org": "acme"}
    assert said["url"].startswith("http://127.0.0.1:")
    api = server.own_api()
    for user in server.users():
        assert api.remove_otp_email(user).status == 200
        assert api.remove_otp_email(user).status == 404
    assert api.get_user(str(int(said["users"]["first"]) + 3)).status == 404
    server.stop()
    assert server.rest_of_stdout() == []


def test_users_are_those_of_factorctl_seed(dev, tmp_path):
    server = dev("--seed-users", 5)
    made = server.own_api().events()["events"]
    assert made.pop()["type"] == "user.pat.added"
    data_dir = tmp_path / "seeded"
    assert ctl(data_dir, "seed", "--users", 5, "--org", "acme").returncode == 0
    with Factord(data_dir) as other:
        seeded = other.api().events(limit=len(made))["events"]
    assert [{**event, "creationDate": ""} for event in made] == [
        {**event, "creationDate": ""} for event in seeded]


def test_it_has_what_a_server_has(dev):
    server = dev("--admin-listen", "127.0.0.1:0", "--threads", 2)
    (watched,) = server.said["monitoring"]
    with Connection.tcp(int(watched.rpartition(":")[2])) as connection:
        assert connection.ask(request("GET", "/readyz")).status == 200
        metrics = connection.ask(request("GET", "/metrics")).body.decode()
        assert 'store="memory"' in metrics
        settings = connection.ask(request("GET", "/config")).json
        assert settings["durability"] == "memory" and settings["seed-users"] == 1000
    api = server.own_api()
    user = api.make_user_with_factor()
    assert api.remove_otp_email(user).status == 200
    assert api.event_types(user)[-1] == "user.human.mfa.otp.email.removed"
    assert server.ctl("stats").returncode == 0
    made = server.token(user="somebody")
    assert server.api(made).get_user(user).status == 200
    assert "somebody" in server.ctl("token", "list").stdout
    assert api.events(type="user.pat.added")["events"][-1]["aggregateId"] == "somebody"


def test_a_list_is_removed_in_bulk(dev):
    server = dev("--seed-users", 50)
    lines = "".join(json.dumps({"userId": user}) + "\n" for user in server.users())
    answer = server.own_api().post("/v2/users/otp_email/_bulk_remove", lines,
                                   headers={"Content-Type": "application/x-ndjson"})
    assert answer.status == 200
    assert len([line for line in answer.body.splitlines() if line.strip()]) >= 50
    assert server.own_api().last_sequence() == 3 * 50 + 1 + 50


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("mode", ["memory", "process", "disk"])
def test_nothing_is_left(dev, mode, number):
    server = dev("--durability", mode, "--seed-users", 20)
    made = server.leftovers()
    assert any(name.endswith("/admin.sock") for name in made)
    # One directory with one socket, where the store is in memory.
    assert (len(made) == 2) == (mode == "memory"), made
    assert stat.S_IMODE(os.stat(server.data_dir).st_mode) == 0o700
    server.signal(number)
    assert server.wait() == 0
    assert server.leftovers() == []


def test_after_a_kill_there_is_a_socket_at_most(tmp_path):
    server = Dev(tmp_path / "tmp", "--seed-users", 20).start()
    server.kill()
    assert sorted(name.rpartition("/")[2] for name in server.leftovers())[0] == "admin.sock"
    assert len(server.leftovers()) == 2


@pytest.mark.parametrize("mode", ["process", "disk"])
def test_a_store_on_the_disk_is_one_of_its_own(dev, mode):
    server = dev("--durability", mode, "--seed-users", 20, "--write-buffer-bytes", "8MiB")
    api = server.own_api()
    assert all(api.remove_otp_email(user).status == 200 for user in server.users())
    stats = server.ctl("stats")
    assert f"durability: {mode}" in stats.stdout
    assert f"lastSequence: {3 * 20 + 1 + 20}" in stats.stdout


def test_two_are_strangers(dev):
    one, other = dev("--seed-users", 1), dev("--seed-users", 1)
    assert one.said["token"] != other.said["token"]
    assert other.api(one.said["token"]).get_user(one.users()[0]).status == 401
    assert one.own_api().remove_otp_email(one.users()[0]).status == 200
    assert other.own_api().remove_otp_email(other.users()[0]).status == 200


def test_other_listeners(dev, tmp_path):
    pair = Pair(tmp_path, "server")
    socket = tmp_path / "socket"
    server = dev("--listen", f"unix:{socket}", "--listen", "plain:127.0.0.1:0", "--listen",
                 "127.0.0.1:0", *pair.flags)
    urls = server.said["urls"]
    assert server.said["url"] == urls[0] == f"unix:{socket}"
    assert urls[1].startswith("http://127.0.0.1:") and urls[2].startswith("https://127.0.0.1:")
    with Connection.unix(socket) as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200


def test_no_users(dev):
    server = dev("--seed-users", 0)
    assert server.said["users"]["count"] == 0
    assert server.own_api().last_sequence() == 1


@pytest.mark.parametrize("arguments, part", [
    (["dev", "--data-dir", "d"], "a store of its own"),
    (["dev", "--store", "postgres:///d"], "a store of its own"),
    (["dev", "--seed-users", "many"], "--seed-users 'many'"),
    (["--data-dir", "d", "--seed-users", "1"], "--seed-users is for factord dev"),
    (["--data-dir", "d", "--durability", "memory"], "is for factord dev"),
    (["--threads", "1", "dev"], "dev"),
])
def test_bad_usage(tmp_path, arguments, part):
    done = run_factord(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and part in done.stderr, done.stderr
    assert done.stdout == "" and os.listdir(tmp_path) == []


def test_settings_of_the_environment_hold(dev):
    server = dev(env=plain_environment(FACTORD_SEED_USERS="7", FACTORD_LOG_LEVEL="warn"))
    assert server.said["users"]["count"] == 7
    assert server.log() == ""


def test_told_to_end_while_it_adds_users_it_does(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    with subprocess.Popen([FACTORD, "dev", "--seed-users", "10000000"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True,
                          env=plain_environment(TMPDIR=str(place))) as process:
        while not os.listdir(place):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said, log = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said) == (1, "") and "told to end" in log, log
    assert os.listdir(place) == []


def test_what_nobody_can_read_it_does_not_serve(tmp_path):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([FACTORD, "dev"], stdout=full, stderr=subprocess.PIPE, text=True,
                              env=plain_environment(TMPDIR=str(tmp_path)), check=False,
                              timeout=PATIENCE_S)
    assert done.returncode == 1 and "standard output" in done.stderr, done.stderr
    assert os.listdir(tmp_path) == []


def test_no_place_for_a_directory(tmp_path):
    done = run_factord("dev", env=plain_environment(TMPDIR=str(tmp_path / "none")))
    assert done.returncode == 1 and "TMPDIR" in done.stderr and done.stdout == ""


def test_an_address_in_use_leaves_nothing(dev, tmp_path):
    first = dev()
    place = tmp_path / "place"
    place.mkdir()
    done = run_factord("dev", "--listen", f"127.0.0.1:{first.port}",
                       env=plain_environment(TMPDIR=str(place)))
    assert done.returncode == 1 and os.listdir(place) == []
