"""User ids in paths: lengths, encodings, and what is no id."""

import pytest

from api import NO_FACTOR, NOT_FOUND, check_error, fresh, length_error, quoted
from wire import request

REQUESTS = [  # how to call it with an encoded id, and the name in its message
    ("DELETE", "/v2/users/{}/otp_email", "RemoveOTPEmailRequest"),
    ("POST", "/v2/users/{}/otp_email", "AddOTPEmailRequest"),
    ("GET", "/v2/users/{}/authentication_methods", "ListAuthenticationMethodTypesRequest"),
    ("POST", "/v2/users/{}/authentication_factors/_search", "ListAuthenticationFactorsRequest"),
    ("GET", "/v2/users/{}", "GetUserByIDRequest"),
    ("DELETE", "/v2/users/{}", "DeleteUserRequest"),
    ("POST", "/v2/users/{}/lock", "LockUserRequest"),
    ("POST", "/v2/users/{}/unlock", "UnlockUserRequest"),
    ("POST", "/v2/users/{}/deactivate", "DeactivateUserRequest"),
    ("POST", "/v2/users/{}/reactivate", "ReactivateUserRequest"),
    ("POST", "/v2/users/{}/email/verify", "VerifyEmailRequest"),
]


@pytest.mark.parametrize("method, path, name", REQUESTS)
@pytest.mark.parametrize("user", ["x" * 201, "é" * 201, "😀" * 201], ids=["1", "2", "4"])
def test_201_characters_are_too_many(api, method, path, name, user):
    before = api.last_sequence()
    check_error(api.call(method, path.format(quoted(user))), *length_error(name))
    assert api.last_sequence() == before


@pytest.mark.parametrize("character", ["x", "é", "€", "😀"])
def test_200_characters_are_not(api, character):
    user = (character * 200 + fresh(""))[-200:]
    assert len(user) == 200
    api.make_user_with_factor(user)
    assert api.get_user(user).json["user"]["userId"] == user
    assert api.remove_otp_email(user).status == 200


@pytest.mark.parametrize("method, path, name", REQUESTS)
def test_a_missing_id_matches_no_route(api, method, path, name):
    check_error(api.call(method, path.format("")), *NOT_FOUND)


@pytest.mark.parametrize("escape", ["%", "%4", "%zz", "a%g1", "%%41"])
def test_malformed_escapes(api, escape):
    answer = api.delete(f"/v2/users/{escape}/otp_email")
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


def test_a_malformed_escape_is_found_after_the_route_and_the_token(server):
    stranger = server.api("no-token")
    assert stranger.delete("/v2/users/%zz/otp_email").status == 401
    assert stranger.delete("/v2/nowhere/%zz").status == 404


@pytest.mark.parametrize("user", ["%FF", "%C3", "%ED%A0%80", "a%00b", "%00", "%F4%90%80%80"])
def test_ids_that_are_not_utf8_or_hold_u0000(api, user):
    answer = api.delete(f"/v2/users/{user}/otp_email")
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


@pytest.mark.parametrize("path", ["/v2/users/a%2Fb/otp_email", "/v2/users/a%2fb",
                                  "/v2/users/%2F/otp_email", "/v2/users%2Fa/otp_email"])
def test_an_encoded_slash_matches_no_route(api, path):
    check_error(api.delete(path), *NOT_FOUND)


def test_escapes_are_decoded_once(api):
    user = "%41" + fresh()
    api.make_user_with_factor(user)
    check_error(api.delete(f"/v2/users/{user}/otp_email"), *NO_FACTOR)
    assert api.delete(f"/v2/users/%25{user[1:]}/otp_email").status == 200


def test_escapes_of_plain_letters_are_the_letters(api):
    user = api.make_user_with_factor()
    escaped = "".join(f"%{ord(letter):02x}" for letter in user)
    assert api.delete(f"/v2/users/{escaped}/otp%5Femail").status == 200


def test_a_plus_is_a_plus(api):
    user = api.make_user_with_factor("a+b" + fresh())
    assert api.delete(f"/v2/users/{user}/otp_email").status == 200


@pytest.mark.parametrize("user", [".", "..", "human", "events"])
def test_ids_that_look_like_something_else(server, owner_token, api, user):
    # Sent as bytes, for clients tidy such paths up.
    api.make_user_with_factor(user)
    with server.connect() as connection:
        target = f"/v2/users/{user}/otp_email"
        assert connection.ask(request("DELETE", target, owner_token)).status == 200
    assert api.event_types(user)[-1] == "user.human.mfa.otp.email.removed"
