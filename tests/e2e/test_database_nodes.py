"""Several servers on one database: none is in another's way, alive, frozen or dead."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest

from database import Node, store_ctl, verify_store
from factord import BIN_DIR, PATIENCE_S
from wire import Connection, request

FIRST = 100000000000000001
REMOVED = "user.human.mfa.otp.email.removed"


def seed(store, users):
    done = store_ctl(store, "seed", "--users", users, "--org", "acme")
    assert done.returncode == 0, done.stderr


class Load:
    """factorload on a server, over a part of the users, until that is used up or it is stopped."""

    def __init__(self, node, token, first, users):
        self.process = subprocess.Popen(
            [BIN_DIR / "factorload", "--target", f"http://127.0.0.1:{node.port}", "--token", token,
             "--first-id", str(first), "--users", str(users), "--connections", "8"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.kill()
        self.process.wait(PATIENCE_S)


def test_racing_removals_through_two_have_one_winner(store, tmp_path):
    seed(store, 200)
    with Node(tmp_path / "a", store) as one, Node(tmp_path / "b", store) as other:
        token = one.token()
        won = {}
        lock = threading.Lock()

        def remove(node):
            client = node.api(token)
            for at in range(200):
                answer = client.remove_otp_email(str(FIRST + at))
                assert answer.status in (200, 404), answer
                if answer.status == 200:
                    with lock:
                        won.setdefault(at, []).append(int(answer.json["details"]["sequence"]))

        threads = [threading.Thread(target=remove, args=(node,)) for node in (one, other) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(won) == list(range(200)) and all(len(each) == 1 for each in won.values())
    verify_store(store)
    events = [json.loads(line) for line in store_ctl(store, "events").stdout.splitlines()]
    assert {int(event["sequence"]) for event in events if event["type"] == REMOVED} == {
        each[0] for each in won.values()}


def test_a_read_is_never_older_than_an_answer_of_another(store, tmp_path):
    seed(store, 300)
    with Node(tmp_path / "a", store) as one, Node(tmp_path / "b", store) as other:
        token = one.token()
        here, there = one.api(token), other.api(token)
        for at in range(300):
            user = str(FIRST + at)
            assert here.remove_otp_email(user).status == 200
            assert "authMethodTypes" not in there.methods(user).json
            here, there = there, here


def test_a_revoked_token_is_refused_by_the_other_from_the_answer_on(store, tmp_path):
    rounds = 1000
    seed(store, 200_000)
    with Node(tmp_path / "a", store) as one, Node(tmp_path / "b", store) as other:
        owner = one.token()
        loads = [Load(one, owner, FIRST, 100_000), Load(other, owner, FIRST + 100_000, 100_000)]
        try:
            for number in range(rounds):
                first, second = (one, other) if number % 2 else (other, one)
                with Connection.unix(first.data_dir / "admin.sock") as admin, \
                        second.connect() as client:
                    body = json.dumps({"userId": "guest", "roles": ["IAM_OWNER"]})
                    made = admin.ask(request("POST", "/admin/v1/tokens", None, body))
                    assert made.status == 200 or made.status == 201, made
                    token = made.json["token"]
                    path = "/v2/users/nobody/authentication_methods"
                    assert client.ask(request("GET", path, token)).status == 200
                    gone = admin.ask(request("DELETE", f"/admin/v1/tokens/{made.json['tokenId']}",
                                             None))
                    assert gone.status == 200, gone
                    assert client.ask(request("GET", path, token)).status == 401, number
                    asked = request("DELETE", "/v2/users/nobody/otp_email", token)
                    assert client.ask(asked).status == 401, number
        finally:
            for load in loads:
                load.stop()
    verify_store(store)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_a_node_that_dies_or_freezes_frees_the_head(store, tmp_path, end):
    """Under load, so that now and then it holds the lock."""
    seed(store, 120_000)
    with Node(tmp_path / "b", store) as other:
        token = other.token()
        client = other.api(token)
        for number in range(4):
            node = Node(tmp_path / f"a{number}", store).start()
            share = 20_000
            loads = [Load(node, token, FIRST + number * share, share // 2),
                     Load(other, token, FIRST + number * share + share // 2, share // 2)]
            time.sleep(0.3)
            node.signal(end)
            user = str(FIRST + 100_000 + number)
            deadline = time.monotonic() + PATIENCE_S
            while (answer := client.remove_otp_email(user)).status != 200:
                assert answer.status == 503 and time.monotonic() < deadline, answer
            if end == signal.SIGSTOP:
                # Its transaction was ended meanwhile, if it had one: it says so, or goes on.
                time.sleep(0.1)
                node.signal(signal.SIGCONT)
                late = node.api(token).remove_otp_email(str(FIRST + 110_000 + number))
                assert late.status in (200, 503), late
            for load in loads:
                load.stop()
            node.kill()
        assert os.path.exists(tmp_path / "b" / "admin.sock")
    verify_store(store)
