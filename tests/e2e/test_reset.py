"""POST /admin/v1/reset: a factord dev is led back to what it began with."""

import concurrent.futures
import json
import threading
import time

import pytest

from api import INVALID_TOKEN, check_error
from dev import Dev
from event_stream import SSE, EventStream
from factord import PATIENCE_S
from wire import Connection, request

USERS = 40


@pytest.fixture
def dev(tmp_path):
    with Dev(tmp_path / "tmp", "--seed-users", USERS) as running:
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


def test_the_hashes_are_those_of_the_new_store(dev):
    heads = set()
    for _ in range(3):
        with Connection.unix(dev.said["admin"]) as connection:
            stats = connection.ask(request("GET", "/admin/v1/stats")).json
        heads.add(stats["headHash"])
        told = reset(dev)
        assert told["headHash"] not in heads
    assert len(heads) == 3


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
    """An id and a hash of one store, and not the id of the next one."""
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: reset(dev), range(100)))
    assert len({one["storeId"] for one in made}) == len({one["headHash"] for one in made}) == 100


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
    assert answer.status == 403 and "factord dev" in answer.json["message"]
    assert store_id(api) == before
    done = server.ctl("reset")
    assert done.returncode == 1 and "factord dev" in done.stderr


def test_a_store_on_the_disk_is_not_reset(tmp_path):
    with Dev(tmp_path / "tmp", "--durability", "disk", "--seed-users", 2) as dev:
        assert dev.own_api().remove_otp_email(dev.users()[0]).status == 200
        with Connection.unix(dev.said["admin"]) as connection:
            answer = connection.ask(request("POST", "/admin/v1/reset"))
        assert answer.status == 501 and "in memory" in answer.json["message"]
        assert dev.own_api().remove_otp_email(dev.users()[0]).status == 404


@pytest.mark.parametrize("target, body, status", [
    ("/admin/v1/reset?users=5", "", 400), ("/admin/v1/reset", "{", 400),
    ("/admin/v1/reset", "{}", 200)])
def test_it_takes_nothing_else(dev, target, body, status):
    with Connection.unix(dev.said["admin"]) as connection:
        assert connection.ask(request("POST", target, body=body)).status == status


def test_it_is_on_no_other_listener(dev):
    assert dev.own_api().post("/admin/v1/reset", {}).status == 404
