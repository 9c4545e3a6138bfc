"""Idempotency-Key: a write that is sent again is done once, and answered the same."""

import threading
import time

import pytest

from api import NO_FACTOR, Api, check_error, fresh, quoted
from conftest import ORIGIN
from database import Node, Postgres, store_ctl, verify_store
from factord import run_factord, verify
from outcome import refused
from rpc import PROTOCOLS, Client
from wire import Connection, request

KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
REUSED = "idempotency key was used for another request"
NO_KEY = (400, 3, f"{KEY} must be 1 to 255 visible ASCII characters")


def remove(api, user, key, **fields):
    return api.delete(f"/v2/users/{quoted(user)}/otp_email", headers={KEY: key, **fields})


def with_code(api, user):
    answer = api.add_human_user({
        "userId": user, "organization": {"orgId": "acme"},
        "profile": {"givenName": "Ada", "familyName": "Byron"},
        "email": {"email": f"{user}@example.com", "returnCode": {}}})
    return answer.json["emailCode"]


def ready(api, method):
    """A user whom the call can be made of, and what the call says."""
    user = fresh()
    if method == "AddHumanUser":
        return user, {"userId": user, "organization": {"orgId": "acme"},
                      "profile": {"givenName": "Ada", "familyName": "Byron"},
                      "email": {"email": f"{user}@example.com", "isVerified": True}}
    if method in ("VerifyEmail", "ResendEmailCode"):
        code = with_code(api, user)
        more = {"verificationCode": code} if method == "VerifyEmail" else {"returnCode": {}}
        return user, {"userId": user, **more}
    api.make_user(user)
    if method == "RemoveOTPEmail":
        api.add_otp_email(user)
    if method == "UnlockUser":
        api.lock(user)
    if method == "ReactivateUser":
        api.deactivate(user)
    return user, {"userId": user}


WRITES = ["RemoveOTPEmail", "AddOTPEmail", "AddHumanUser", "VerifyEmail", "ResendEmailCode",
          "LockUser", "UnlockUser", "DeactivateUser", "ReactivateUser", "DeleteUser"]


class Caller:
    """Calls over one protocol, with a key."""

    def __init__(self, protocol, port, token):
        self.client = Client(protocol, port)
        self.token = token
        # What the last answer had in its header: of gRPC that is metadata.
        self.seen = None
        ask = self.client.connection.ask

        def ask_and_see(*arguments):
            self.seen = ask(*arguments)
            return self.seen

        self.client.connection.ask = ask_and_see

    def call(self, method, message, key):
        return self.client.call(method, message, f"Bearer {self.token}", ((KEY, key),))

    @property
    def replayed(self):
        return self.seen.header(REPLAYED)


@pytest.fixture(params=PROTOCOLS)
def caller(request, server, owner_token):
    made = Caller(request.param, server.port, owner_token)
    yield made
    made.client.close()


# What a retry is answered.

@pytest.mark.parametrize("method", WRITES)
def test_a_retry_is_answered_what_the_first_was(caller, api, method):
    user, message = ready(api, method)
    key = fresh("key")
    first = caller.call(method, message, key)
    assert (first.code, caller.replayed) == (0, None)
    body, tag = caller.seen.body, caller.client.tag
    events = api.events_of(user)
    for _ in range(2):
        again = caller.call(method, message, key)
        assert (again.code, caller.replayed, caller.client.tag) == (0, "true", tag)
        if method == "ResendEmailCode":
            assert again.message == {"details": first.message["details"]}
        else:
            assert (again.message, caller.seen.body) == (first.message, body)
    assert api.events_of(user) == events
    assert events[-1]["sequence"] == first.message["details"]["sequence"]


@pytest.mark.parametrize("method", WRITES)
def test_its_key_is_of_no_other_request(caller, api, method):
    _, message = ready(api, method)
    key = fresh("key")
    assert caller.call(method, message, key).code == 0
    other_method = "LockUser" if method != "LockUser" else "DeactivateUser"
    for other, said in ((method, ready(api, method)[1]), (other_method, ready(api, "LockUser")[1]),
                        (other_method, {"userId": message["userId"]})):
        events = api.last_sequence()
        assert caller.call(other, said, key) == refused(9, REUSED)
        assert api.last_sequence() == events


def test_by_a_path_that_is_422(api):
    key = fresh("key")
    assert remove(api, api.make_user_with_factor(), key).status == 200
    check_error(remove(api, api.make_user_with_factor(), key), 422, 9, REUSED)


def test_a_retry_over_another_protocol_is_the_same_request(server, owner_token, api):
    user = api.make_user_with_factor()
    key = fresh("key")
    first = remove(api, user, key).json
    for protocol in PROTOCOLS:
        other = Caller(protocol, server.port, owner_token)
        assert other.call("RemoveOTPEmail", {"userId": user}, key).message == first
        assert other.replayed == "true"
        other.client.close()


def test_a_new_user_is_told_by_id_and_without_the_code(api):
    message = {"organization": {"orgId": "acme"},
               "profile": {"givenName": "Ada", "familyName": "Byron"},
               "email": {"email": f"{fresh()}@example.com", "returnCode": {}}}
    key = fresh("key")
    first = api.add_human_user(message, headers={KEY: key})
    again = api.add_human_user(message, headers={KEY: key})
    assert (first.status, again.status, again.header(REPLAYED)) == (201, 201, "true")
    assert first.json.pop("emailCode")
    told = again.json
    assert "emailCode" not in told and told["userId"] == first.json["userId"]
    assert told["details"] == first.json["details"]


def test_what_has_become_of_the_user_since_does_not_matter(api):
    user = api.make_user_with_factor()
    key = fresh("key")
    tag = f'"{api.last_sequence()}"'
    first = remove(api, user, key, **{"If-Match": tag})
    assert first.status == 200
    api.add_otp_email(user)
    assert remove(api, user, key, **{"If-Match": tag}).body == first.body
    api.delete_user(user)
    assert remove(api, user, key).body == first.body


def test_errors_are_found_anew(api):
    user = api.make_user()
    key = fresh("key")
    check_error(remove(api, user, key), *NO_FACTOR)
    api.add_otp_email(user)
    first = remove(api, user, key)
    assert (first.status, first.header(REPLAYED)) == (200, None)
    assert remove(api, user, key).header(REPLAYED) == "true"


def test_permission_is_asked_for_again(server, api):
    user = api.make_user_with_factor()
    operator = fresh("operator")
    able = server.api(server.token(operator, roles=["IAM_OWNER"]))
    unable = server.api(server.token(operator, roles=[]))
    key = fresh("key")
    assert remove(able, user, key).status == 200
    assert remove(unable, user, key).status == 403
    assert remove(Api(server, None), user, key).status == 401
    # The key is the subject's, whatever the token.
    other_token = server.api(server.token(operator, roles=["IAM_USER_MANAGER"]))
    assert remove(other_token, user, key).header(REPLAYED) == "true"
    check_error(remove(server.api(server.token(fresh("another"))), user, key), *NO_FACTOR)


# Keys.

@pytest.mark.parametrize("form, same", [("k{}", '"k{}"'), ('"k\\"{}"', 'k"{}'),
                                        ('"k\\\\{}"', "k\\{}"), ("!~{}", '"!~{}"')])
def test_quotes_are_not_of_the_key(api, form, same):
    user = api.make_user_with_factor()
    assert remove(api, user, form.format(user)).status == 200
    assert remove(api, user, same.format(user)).header(REPLAYED) == "true"


@pytest.mark.parametrize("form", ["{}", '"{}"'])
def test_a_key_has_at_most_255_characters(api, form):
    user = api.make_user_with_factor()
    longest = user.ljust(255, "k")
    check_error(remove(api, user, form.format(longest + "k")), *NO_KEY)
    assert remove(api, user, form.format(longest)).status == 200


@pytest.mark.parametrize("key", ["", '""', "a b", '"a b"', '"a', '"', '"a"b"', '"a\\b"', '"a\\',
                                 "\t", "ä", "a\x80"])
def test_what_is_no_key_is_refused(server, owner_token, api, key):
    user = api.make_user_with_factor()
    path = f"/v2/users/{user}/otp_email"
    with server.connect() as connection:
        data = request("DELETE", path, owner_token, headers=[f"{KEY}: {key}"])
        check_error(connection.ask(data), *NO_KEY)


def test_two_of_them_are_refused_even_if_they_are_one(server, owner_token, api):
    user = api.make_user_with_factor()
    with server.connect() as connection:
        data = request("DELETE", f"/v2/users/{user}/otp_email", owner_token,
                       headers=[f"{KEY}: k", f"{KEY}: k"])
        check_error(connection.ask(data), 400, 3, f"more than one {KEY}")


def test_a_read_may_be_repeated_anyway(api):
    user = api.make_user()
    for path in (f"/v2/users/{user}", f"/v2/users/{user}/authentication_methods", "/v2/events"):
        for key in ("k", "k", "no key"):
            answer = api.get(path, headers={KEY: key})
            assert (answer.status, answer.header(REPLAYED)) == (200, None)


def test_the_admin_socket_takes_none(server, api):
    user = api.make_user()
    unsupported = (400, 3, f"{KEY} is not supported: the request was not carried out")
    with Connection.unix(server.data_dir / "admin.sock") as admin:
        for verb, path, body in (("POST", "/admin/v1/tokens", f'{{"userId":"{user}"}}'),
                                 ("DELETE", "/admin/v1/tokens/1", ""),
                                 ("POST", "/admin/v1/backups", '{"directory":"/tmp/none"}')):
            answer = admin.ask(request(verb, path, body=body, headers=[f"{KEY}: k"]))
            check_error(answer, *unsupported)


def test_a_page_of_an_allowed_origin_may_use_them(api):
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "DELETE"}
    answer = api.call("OPTIONS", "/v2/users/u/otp_email", headers=asked)
    assert KEY in answer.header("Access-Control-Allow-Headers").split(", ")
    answer = remove(api, api.make_user_with_factor(), fresh("key"), Origin=ORIGIN)
    assert REPLAYED in answer.header("Access-Control-Expose-Headers").split(", ")


# One event, whatever happens.

def test_of_many_at_once_one_is_done(server, owner_token, api):
    for _ in range(10):
        user = api.make_user_with_factor()
        key = fresh("key")
        before = api.last_sequence()
        together = threading.Barrier(20)
        answers = []

        def ask(user=user, key=key, together=together, answers=answers):
            mine = server.api(owner_token)
            together.wait()
            answers.append(remove(mine, user, key))

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
        assert sum(answer.header(REPLAYED) is None for answer in answers) == 1
        assert api.last_sequence() == before + 1


def test_pipelined_ones_are_one(server, owner_token, api):
    user = api.make_user_with_factor()
    data = request("DELETE", f"/v2/users/{user}/otp_email", owner_token,
                   headers=[f"{KEY}: {fresh('key')}"])
    with server.connect() as connection:
        connection.send(data * 10)
        answers = [connection.read() for _ in range(10)]
    assert {answer.body for answer in answers} == {answers[0].body}
    assert [answer.header(REPLAYED) for answer in answers] == [None] + ["true"] * 9


@pytest.mark.parametrize("how", ["drain", "kill -9"])
def test_an_answer_that_was_lost_is_given_by_the_next_process(start, how):
    server = start()
    api = server.api()
    users = [api.make_user_with_factor() for _ in range(20)]
    before = api.last_sequence()
    with server.connect() as connection:  # which never reads
        for user in users:
            connection.send(request("DELETE", f"/v2/users/{user}/otp_email", api.token,
                                    headers=[f"{KEY}: {user}"]))
        while api.last_sequence() < before + 5:
            time.sleep(0.01)
        if how == "drain":
            server.stop()
        else:
            server.kill()
    again = start(data_dir=server.data_dir).api(api.token)
    answers = [remove(again, user, user) for user in users]
    assert {answer.status for answer in answers} == {200}
    assert {answer.header(REPLAYED) for answer in answers[:5]} == {"true"}
    assert again.last_sequence() == before + len(users)
    for user, answer in zip(users, answers):
        assert again.events_of(user)[-1]["sequence"] == answer.json["details"]["sequence"]


def test_once_its_window_is_over_a_key_is_new(start):
    server = start("--idempotency-window", "1s")
    api = server.api()
    user = api.make_user_with_factor()
    assert remove(api, user, "k").status == 200
    time.sleep(1.1)
    check_error(remove(api, user, "k"), *NO_FACTOR)
    api.add_otp_email(user)
    assert remove(api, user, "k").header(REPLAYED) is None
    # Others end what is over.
    for _ in range(6):
        assert remove(api, api.make_user_with_factor(), fresh("key")).status == 200
    time.sleep(1.1)
    for _ in range(3):
        assert remove(api, api.make_user_with_factor(), fresh("key")).status == 200
    server.stop()
    verify(server.data_dir)


@pytest.mark.parametrize("window", ["999ms", "721h", "1", "0s", "-1s"])
def test_a_window_is_a_second_to_a_month(tmp_path, window):
    done = run_factord("--data-dir", tmp_path / "d", "--idempotency-window", window)
    assert done.returncode == 2
    assert "idempotency-window" in done.stderr


def test_the_other_server_of_a_database_knows_it(tmp_path):
    with Postgres() as postgres:
        url = postgres.url("postgres")
        assert store_ctl(url, "init").returncode == 0
        with Node(tmp_path / "a", url) as one, Node(tmp_path / "b", url) as other:
            token = one.token()
            api, there = one.api(token), other.api(token)
            for _ in range(10):
                user = api.make_user_with_factor()
                key = fresh("key")
                first = remove(api, user, key)
                again = remove(there, user, key)
                assert (again.status, again.header(REPLAYED)) == (200, "true")
                assert again.body == first.body
                check_error(there.post(f"/v2/users/{user}/lock", {}, headers={KEY: key}),
                            422, 9, REUSED)
        verify_store(url)
