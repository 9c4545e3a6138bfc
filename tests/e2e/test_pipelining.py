"""Many requests before the first answer: answers, and effects, in order."""

from api import fresh
from wire import Connection, request


def otp(method, user, token):
    return request(method, f"/v2/users/{user}/otp_email", token)


def test_answers_come_in_order_whatever_they_wait_for(server, owner_token, api):
    users = [api.make_user_with_factor() for _ in range(20)]
    sent, expected = b"", []
    for number, user in enumerate(users):
        sent += otp("DELETE", user, owner_token)
        sent += request("GET", "/healthz")
        sent += request("GET", f"/nowhere/{number}")
        expected += [200, 200, 404]
    with server.connect() as connection:
        connection.send(sent)
        answers = [connection.read() for _ in expected]
    assert [answer.status for answer in answers] == expected
    sequences = [int(answer.json["details"]["sequence"]) for answer in answers[::3]]
    assert sequences == sorted(sequences)


def test_a_read_sees_the_writes_before_it_on_its_connection(server, owner_token, api):
    user = api.make_user()
    methods = request("GET", f"/v2/users/{user}/authentication_methods", owner_token)
    rounds = 15
    with server.connect() as connection:
        connection.send((otp("POST", user, owner_token) + methods
                         + otp("DELETE", user, owner_token) + methods) * rounds)
        for _ in range(rounds):
            assert connection.read().status == 200
            assert "authMethodTypes" in connection.read().json
            assert connection.read().status == 200
            assert "authMethodTypes" not in connection.read().json


def test_a_read_does_not_see_the_writes_after_it(server, owner_token, api):
    user = api.make_user_with_factor()
    methods = request("GET", f"/v2/users/{user}/authentication_methods", owner_token)
    with server.connect() as connection:
        connection.send(methods + otp("DELETE", user, owner_token) + methods)
        assert "authMethodTypes" in connection.read().json
        assert connection.read().status == 200
        assert "authMethodTypes" not in connection.read().json


def test_a_whole_life_in_one_packet(server, owner_token):
    user = fresh()
    body = ('{"userId":"%s","organization":{"orgId":"acme"},"profile":{"givenName":"A",'
            '"familyName":"B"},"email":{"email":"%s@b.ch","isVerified":true}}' % (user, user))
    with server.connect() as connection:
        connection.send(
            request("POST", "/v2/users/human", owner_token, body)
            + otp("POST", user, owner_token) + otp("DELETE", user, owner_token)
            + otp("DELETE", user, owner_token)
            + request("POST", f"/v2/users/{user}/lock", owner_token, "{}")
            + request("DELETE", f"/v2/users/{user}", owner_token)
            + request("GET", f"/v2/users/{user}", owner_token)
            + request("GET", f"/v2/events?user={user}", owner_token))
        answers = [connection.read() for _ in range(8)]
    assert [answer.status for answer in answers] == [201, 200, 200, 404, 200, 200, 404, 200]
    assert [event["type"].removeprefix("user.") for event in answers[7].json["events"]] == [
        "human.added", "human.email.verified", "human.mfa.otp.email.added",
        "human.mfa.otp.email.removed", "locked", "removed"]


def test_a_client_that_closed_its_sending_half_gets_all_answers(server, owner_token, api):
    users = [api.make_user_with_factor() for _ in range(30)]
    with server.connect() as connection:
        connection.send(b"".join(otp("DELETE", user, owner_token) for user in users))
        connection.half_close()
        assert [connection.read().status for _ in users] == [200] * len(users)
        assert connection.at_end()


def test_a_client_that_is_gone_has_its_removals_made_all_the_same(server, owner_token, api):
    users = [api.make_user_with_factor() for _ in range(30)]
    probe = api.make_user_with_factor()
    connection = server.connect()
    connection.send(b"".join(otp("DELETE", user, owner_token) for user in users))
    connection.read()
    connection.close()
    # The first answer shows that they were read together; a later write comes after them all.
    assert api.remove_otp_email(probe).status == 200
    assert [api.remove_otp_email(user).status for user in users] == [404] * len(users)


def test_more_than_the_limit_of_pipelined_requests(server, owner_token, api):
    users = [api.make_user_with_factor() for _ in range(300)]
    with server.connect() as connection:
        connection.send(b"".join(otp("DELETE", user, owner_token) for user in users))
        assert [connection.read().status for _ in users] == [200] * len(users)


def test_a_close_in_the_middle_ends_it_there(server, owner_token, api):
    user = api.make_user_with_factor()
    with server.connect() as connection:
        connection.send(request("GET", "/healthz", headers=["Connection: close"])
                        + otp("DELETE", user, owner_token))
        assert connection.read().header("Connection") == "close"
        assert connection.at_end()
    assert "authMethodTypes" in api.methods(user).json


def test_answers_to_a_slow_reader_are_whole(server, owner_token, api):
    while api.last_sequence() < 1000:
        api.make_user_with_factor()
    asked = 40
    with Connection.tcp(server.port) as connection:
        connection.send(request("GET", "/v2/events?limit=1000", owner_token) * asked)
        assert all(len(connection.read().json["events"]) == 1000 for _ in range(asked))
