"""POST /admin/v1/reset: a server for tests is led back to what it began with."""

import concurrent.futures
import http.client
import json
import resource
import shutil
import signal
import threading
import time

import pytest

from api import INVALID_TOKEN, check_error
from dev import Dev
from event_stream import SSE, EventStream
from factord import PATIENCE_S, ctl, verify
from wire import Closed, Connection, request

USERS = 40


@pytest.fixture(params=["memory", "disk", "process"])
def durability(request):  # pylint: disable=redefined-outer-name
    return request.param


@pytest.fixture
def dev(tmp_path, durability):
    with Dev(tmp_path / "tmp", "--seed-users", USERS, "--durability", durability) as running:
        yield running


def reset(server):
    with Connection.unix(server.said["admin"]) as connection:
        answer = connection.ask(request("POST", "/admin/v1/reset"))
    assert answer.status == 200, answer
    return answer.json


def store_id(api):
    return api.events(limit=1)["storeId"]


def test_it_is_as_it_was_under_another_id(dev):
    api = dev.own_api()
    before, first = api.events(), store_id(api)
    assert all(api.remove_otp_email(user).status == 200 for user in dev.users())
    added = api.make_user_with_factor()
    assert api.delete_user(dev.users()[0]).status == 200
    told = reset(dev)
    after = api.events()
    assert after["events"] == before["events"]
    assert after["storeId"] == told["storeId"] != first
    assert after["lastSequence"] == told["lastSequence"] == before["lastSequence"]
    assert api.get_user(added).status == 404
    assert api.get_user(dev.users()[0]).status == 200
    assert all(api.remove_otp_email(user).status == 200 for user in dev.users())


def test_its_log_is_the_one_that_it_began_with(dev):
    heads, ids = set(), set()
    for _ in range(3):
        with Connection.unix(dev.said["admin"]) as connection:
            stats = connection.ask(request("GET", "/admin/v1/stats")).json
        heads.add(stats["headHash"])
        assert dev.own_api().remove_otp_email(dev.users()[0]).status == 200
        told = reset(dev)
        heads.add(told["headHash"])
        ids.add(told["storeId"])
    assert len(heads) == 1 and len(ids) == 3


def test_tokens_are_those_of_the_beginning(dev):
    made = dev.token(user="somebody")
    assert dev.api(made).get_user(dev.users()[0]).status == 200
    # Which of the two is the first token's the table says: it has no name of its own.
    listed = [json.loads(line) for line in dev.ctl("token", "list", "--json").stdout.splitlines()]
    (own,) = [token["tokenId"] for token in listed if token["userId"] == "dev"]
    assert dev.ctl("token", "revoke", own).returncode == 0
    check_error(dev.own_api().get_user(dev.users()[0]), *INVALID_TOKEN)
    reset(dev)
    assert dev.own_api().get_user(dev.users()[0]).status == 200
    check_error(dev.api(made).get_user(dev.users()[0]), *INVALID_TOKEN)


def test_the_same_connection_goes_on(dev):
    api = dev.own_api()
    for _ in range(20):
        assert api.remove_otp_email(dev.users()[7]).status == 200
        assert api.remove_otp_email(dev.users()[7]).status == 404
        reset(dev)


def test_a_key_of_before_is_a_new_one(dev):
    api, user = dev.own_api(), dev.users()[3]
    headers = {"Idempotency-Key": '"one"'}
    path = f"/v2/users/{user}/otp_email"
    for _ in range(2):
        first = api.delete(path, headers=headers)
        again = api.delete(path, headers=headers)
        assert (first.status, first.header("Idempotency-Replayed")) == (200, None)
        assert (again.status, again.header("Idempotency-Replayed")) == (200, "true")
        reset(dev)


def test_a_stream_ends_and_who_comes_back_is_told_why(dev):
    api = dev.own_api()
    last = api.last_sequence()
    stream = EventStream(dev.port, dev.said["token"], f"?after={last}", accept=SSE)
    api.remove_otp_email(dev.users()[0])
    assert stream.take(1) == [last + 1]
    seen = stream.ids[-1]
    reset(dev)
    api.remove_otp_email(dev.users()[1])
    assert stream.rest() == [], "nothing of another store is taken for what comes next"
    answer = api.get("/v2/events", headers={"Accept": SSE, "Last-Event-ID": seen})
    assert answer.status == 409 and answer.json["details"][0]["id"] == "FACTORD-Store"


def test_a_wait_ends(dev):
    api = dev.own_api()
    last = api.last_sequence()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(dev.own_api().get, f"/v2/events?after={last}&wait=60s")
        time.sleep(0.2)
        reset(dev)
        answer = waiting.result(PATIENCE_S)
    assert answer.status == 409 and "another store" in answer.json["message"], answer


def test_what_is_in_flight_is_answered(dev):
    """Removals and reads from several connections, over many resets: each has an answer that is
    true of the store before or after one."""
    ended, wrong = threading.Event(), []

    def go_on(index):
        api, count = dev.own_api(), 0
        users = dev.users()[index::4]
        while not ended.is_set():
            user = users[count % len(users)]
            count += 1
            for answer, right in ((api.remove_otp_email(user), (200, 404)),
                                  (api.methods(user), (200,)), (api.get_user(user), (200,))):
                if answer.status not in right:
                    wrong.append(answer)
        return count

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        running = [pool.submit(go_on, index) for index in range(4)]
        try:
            ids = [reset(dev)["storeId"] for _ in range(100)]
        finally:
            ended.set()
        assert all(one.result(PATIENCE_S) > 0 for one in running)
    assert wrong == [] and len(set(ids)) == 100


def test_each_of_many_is_told_what_it_has_made(dev):
    """The id of one store, and not that of the next one."""
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: reset(dev), range(100)))
    assert len({one["storeId"] for one in made}) == 100


def test_the_metric_goes_back(tmp_path):
    with Dev(tmp_path / "tmp", "--seed-users", 5, "--admin-listen", "127.0.0.1:0") as dev:
        api = dev.own_api()
        assert api.remove_otp_email(dev.users()[0]).status == 200
        reset(dev)
        port = int(dev.said["monitoring"][0].rpartition(":")[2])
        with Connection.tcp(port) as connection:
            text = connection.ask(request("GET", "/metrics")).body.decode()
        assert "\nfactord_last_sequence 16\n" in text


def test_factorctl_reset(dev):
    api = dev.own_api()
    assert api.remove_otp_email(dev.users()[0]).status == 200
    done = dev.ctl("reset")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"storeId: {store_id(api)}\nlastSequence: {3 * USERS + 1}\n"
    assert api.remove_otp_email(dev.users()[0]).status == 200


def test_other_servers_refuse_it(server, api):
    before = store_id(api)
    with Connection.unix(server.data_dir / "admin.sock") as connection:
        answer = connection.ask(request("POST", "/admin/v1/reset"))
    assert answer.status == 403 and "--allow-reset" in answer.json["message"]
    assert store_id(api) == before
    done = server.ctl("reset")
    assert done.returncode == 1 and "--allow-reset" in done.stderr


TOKEN = "t" * 40
ALLOWED = ("--allow-reset", "--threads", "2")


def make_token_file(folder):
    file = folder / "token"
    file.write_text(TOKEN, encoding="ascii")
    file.chmod(0o600)
    return file


def reset_at(data_dir):
    with Connection.unix(data_dir / "admin.sock") as connection:
        answer = connection.ask(request("POST", "/admin/v1/reset"))
    assert answer.status == 200, answer
    return answer.json


def test_a_data_directory_that_may_be_reset(start, tmp_path):
    """It goes back to what the server began with, and its bootstrap token is of that."""
    data_dir = tmp_path / "data"
    assert ctl(data_dir, "seed", "--users", 5, "--org", "acme", "--first-id", 100).returncode == 0
    server = start(*ALLOWED, "--bootstrap-token-file", make_token_file(tmp_path),
                   data_dir=data_dir)
    assert "for tests alone" in server.log()
    api = server.api(TOKEN)
    assert api.remove_otp_email("100").status == 200
    reset_at(data_dir)
    assert api.remove_otp_email("100").status == 200
    server.stop()
    # What it held when it ended is what the next one begins with.
    server = start(*ALLOWED, data_dir=data_dir)
    reset_at(data_dir)
    assert server.api(TOKEN).remove_otp_email("100").status == 404
    server.stop()
    assert "lastSequence: 17\n" in verify(data_dir)


def test_the_bootstrap_token_is_that_of_the_file(start, tmp_path):
    """Though what was kept has another."""
    file = make_token_file(tmp_path)
    server = start(*ALLOWED, "--bootstrap-token-file", file)
    file.write_text("u" * 40, encoding="ascii")
    server.signal(signal.SIGHUP)
    server.await_log("the bootstrap token was replaced")
    reset_at(server.data_dir)
    server.await_log("the bootstrap token was replaced", times=2)
    check_error(server.api(TOKEN).get_user("1"), *INVALID_TOKEN)
    assert server.api("u" * 40).get_user("1").status == 404


class Walk(threading.Thread):
    """Removes the factor of each user and resets, until the server is gone; `removed` are those who
    were answered since a reset was, and `asked` says what was not answered any more."""

    def __init__(self, server, api, users):
        super().__init__()
        self.server, self.api, self.users = server, api, users
        self.removed, self.asked = [], None

    def run(self):
        try:
            while True:
                for user in self.users:
                    self.asked = user
                    assert self.api.remove_otp_email(user).status == 200
                    self.removed.append(user)
                self.asked = "reset"
                reset_at(self.server.data_dir)
                self.removed = []
        except (OSError, http.client.HTTPException, Closed):
            pass


def test_a_kill_in_the_midst_of_resets(start, tmp_path):
    """It is reset whole, or not at all, and what was answered after it is there."""
    seeded, users = tmp_path / "seeded", [str(user) for user in range(100, 130)]
    assert ctl(seeded, "seed", "--users", 30, "--org", "acme", "--first-id", 100).returncode == 0
    with_token = (*ALLOWED, "--bootstrap-token-file", make_token_file(tmp_path))
    for round_ in range(5):
        data_dir = shutil.copytree(seeded, tmp_path / str(round_))
        server = start(*with_token, data_dir=data_dir)
        walk = Walk(server, server.api(TOKEN), users)
        walk.start()
        server.await_log("the store was reset", times=1 + round_)
        server.kill()
        walk.join()
        verify(data_dir)
        server = start(data_dir=data_dir)
        api = server.api(TOKEN)
        gone = [user for user in users if "authMethodTypes" not in api.methods(user).json]
        right = [walk.removed, walk.removed + [walk.asked]]
        assert gone in right or (walk.asked == "reset" and gone == []), (gone, walk.asked)
        server.stop()


def test_a_reset_that_cannot_be_written(start, tmp_path):
    """As of any write, its outcome is unknown, and the server ends with 1."""
    data_dir = tmp_path / "data"
    assert ctl(data_dir, "seed", "--users", 5, "--org", "acme", "--first-id", 100).returncode == 0
    server = start(*ALLOWED, data_dir=data_dir)
    assert server.api(server.token()).remove_otp_email("100").status == 200
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    with Connection.unix(data_dir / "admin.sock") as connection:
        answer = connection.ask(request("POST", "/admin/v1/reset"))
        assert (answer.status, answer.json["code"]) == (500, 13), answer
        # It has begun to end, and what fails behind that does not have it begin again.
        again = connection.ask(request("POST", "/admin/v1/reset"))
        assert (again.status, again.json["code"]) == (500, 13), again
    assert server.wait() == 1
    verify(data_dir)


def test_a_copy_of_one_that_was_reset(start, tmp_path):
    """Its log is chained to its own id, whatever that of the first was."""
    data_dir = tmp_path / "data"
    assert ctl(data_dir, "seed", "--users", 5, "--org", "acme", "--first-id", 100).returncode == 0
    server = start(*ALLOWED, data_dir=data_dir)
    assert server.api(server.token()).remove_otp_email("100").status == 200
    told = reset_at(data_dir)
    backups = tmp_path / "backups"
    assert ctl(data_dir, "backup", backups).returncode == 0
    server.stop()
    for arguments in ([], ["--to-sequence", "7"]):
        restored = tmp_path / f"restored{len(arguments)}"
        done = ctl(restored, "restore", backups, *arguments)
        assert done.returncode == 0, done.stderr
        report = verify(restored)
        assert f"lastSequence: {arguments[-1] if arguments else 15}\n" in report
    assert told["lastSequence"] == "15"


@pytest.mark.parametrize("target, body, status", [
    ("/admin/v1/reset?users=5", "", 400), ("/admin/v1/reset", "{", 400),
    ("/admin/v1/reset", "{}", 200)])
def test_it_takes_nothing_else(dev, target, body, status):
    with Connection.unix(dev.said["admin"]) as connection:
        assert connection.ask(request("POST", target, body=body)).status == status


def test_it_is_on_no_other_listener(dev):
    assert dev.own_api().post("/admin/v1/reset", {}).status == 404
