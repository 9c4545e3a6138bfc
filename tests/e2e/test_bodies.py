"""How bodies may arrive: in pieces, in chunks, after 100 Continue."""

import pytest

from api import fresh
from wire import request


def lock(user):
    return f"/v2/users/{user}/lock"


def chunked(target, token, pieces, trailers=""):
    data = "".join(f"{len(piece):x}\r\n{piece}\r\n" for piece in pieces) + f"0\r\n{trailers}\r\n"
    return request("POST", target, token, headers=["Transfer-Encoding: chunked"]) + data.encode()


@pytest.mark.parametrize("pieces", [[], ["{}"], ["{", "}"], list('{"a":"b"}')])
def test_chunked(server, owner_token, api, pieces):
    with server.connect() as connection:
        answer = connection.ask(chunked(lock(api.make_user()), owner_token, pieces))
        assert answer.status == 200
        assert connection.ask(request("GET", "/healthz")).status == 200


def test_the_chunks_are_put_together(server, owner_token, api):
    user, org = fresh(), fresh("org")
    body = ('{"userId":"%s","organization":{"orgId":"%s"},"profile":{"givenName":"A",'
            '"familyName":"B"},"email":{"email":"%s@b.ch"}}' % (user, org, user))
    with server.connect() as connection:
        pieces = [body[at:at + 7] for at in range(0, len(body), 7)]
        assert connection.ask(chunked("/v2/users/human", owner_token, pieces)).status == 201
    assert api.get_user(user).json["user"]["details"]["resourceOwner"] == org


def test_extensions_and_trailers_are_discarded(server, owner_token, api):
    user = api.make_user()
    data = (request("POST", lock(user), owner_token, headers=["Transfer-Encoding: chunked"])
            + b"2;name=value;flag\r\n{}\r\n0;last\r\nX-Trailer: a\r\nHost: other\r\n\r\n")
    with server.connect() as connection:
        assert connection.ask(data).status == 200
        assert connection.ask(request("GET", "/healthz")).status == 200


def test_a_trailer_is_no_token(server, owner_token):
    with server.connect() as connection:
        answer = connection.ask(chunked(lock("u"), None, ["{}"],
                                        f"Authorization: Bearer {owner_token}\r\n"))
        assert answer.status == 401


def test_byte_by_byte(server, owner_token, api):
    user = api.make_user_with_factor()
    data = request("DELETE", f"/v2/users/{user}/otp_email", owner_token, body="ignored")
    with server.connect() as connection:
        for at in range(len(data)):
            connection.send(data[at:at + 1])
        assert connection.read().status == 200


def test_a_request_runs_only_after_its_body_was_read(server, owner_token, api):
    user = api.make_user_with_factor()
    data = request("DELETE", f"/v2/users/{user}/otp_email", owner_token, body="0123456789")
    with server.connect() as connection:
        connection.send(data[:-1])
        assert connection.is_quiet()
        assert "authMethodTypes" in api.methods(user).json
        assert connection.ask(data[-1:]).status == 200


def test_a_request_whose_body_never_ends_does_not_run(server, owner_token, api):
    user = api.make_user_with_factor()
    with server.connect() as connection:
        connection.send(request("DELETE", f"/v2/users/{user}/otp_email", owner_token,
                                body="0123456789")[:-1])
        connection.half_close()
        assert connection.at_end() or True
    assert "authMethodTypes" in api.methods(user).json


def test_100_continue(server, owner_token, api):
    user = api.make_user()
    data = request("POST", lock(user), owner_token, body="{}", headers=["Expect: 100-continue"])
    with server.connect() as connection:
        interim = connection.ask(data[:-2])
        assert (interim.status, interim.fields) == (100, [])
        assert connection.is_quiet()
        assert connection.ask(data[-2:]).status == 200


def test_no_100_for_a_body_that_is_there_already_or_is_none(server, owner_token, api):
    with server.connect() as connection:
        answer = connection.ask(request("POST", lock(api.make_user()), owner_token, body="{}",
                                        headers=["Expect: 100-continue"]))
        assert answer.status == 200
        answer = connection.ask(request("POST", lock(api.make_user()), owner_token,
                                        headers=["Expect: 100-continue"]))
        assert answer.status == 200


def test_no_100_before_a_413(server, owner_token):
    with server.connect() as connection:
        data = request("POST", lock("u"), owner_token,
                       headers=["Expect: 100-continue", "Content-Length: 65537"])
        assert connection.ask(data).status == 413
        assert connection.at_end()


def test_the_100_waits_for_the_answers_before_it(server, owner_token, api):
    user, first = api.make_user(), api.make_user_with_factor()
    with server.connect() as connection:
        connection.send(
            request("DELETE", f"/v2/users/{first}/otp_email", owner_token)
            + request("POST", lock(user), owner_token, body="{}",
                      headers=["Expect: 100-continue"])[:-2])
        assert connection.read().status == 200
        assert connection.read().status == 100
        assert connection.ask("{}").status == 200


def test_http_1_0(server, owner_token, api):
    user = api.make_user_with_factor()
    target = f"/v2/users/{user}/otp_email"
    with server.connect() as connection:
        answer = connection.ask(
            f"DELETE {target} HTTP/1.0\r\nAuthorization: Bearer {owner_token}\r\n\r\n")
        assert (answer.status, answer.header("Connection")) == (200, "close")
        assert connection.at_end()
    with server.connect() as connection:
        for _ in range(2):
            answer = connection.ask("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert (answer.status, answer.header("Connection")) == (200, "keep-alive")


@pytest.mark.parametrize("value", ["close", "Close", "x, close", "close, x"])
def test_connection_close(server, value):
    with server.connect() as connection:
        answer = connection.ask(request("GET", "/healthz", headers=[f"Connection: {value}"]))
        assert (answer.status, answer.header("Connection")) == (200, "close")
        assert connection.at_end()


def nested(depth, opening="[", closing="]"):
    return '{"a":' + opening * (depth - 1) + closing * (depth - 1) + "}"


def test_json_may_be_so_deep(server, owner_token, api):
    path = lock(api.make_user())
    with server.connect() as connection:
        over = connection.ask(request("POST", path, owner_token, nested(33)))
        assert (over.status, over.json["message"]) == (400, "invalid JSON: too deep, at byte 36")
        assert connection.ask(request("POST", path, owner_token, nested(32))).status == 200


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}"), ('{"profile":', "}"),
                                              ("[", "")])
def test_json_without_a_bottom_is_an_error(server, owner_token, opening, closing):
    """Also where protobuf reads it, which counts only messages."""
    body = nested(60_000 // len(opening + closing), opening, closing)
    with server.connect() as connection:
        for path in ("/v2/users/human", "/zitadel.user.v2.UserService/AddHumanUser"):
            answer = connection.ask(request("POST", path, owner_token, body,
                                            headers=["Content-Type: application/json"]))
            assert answer.status == 400
