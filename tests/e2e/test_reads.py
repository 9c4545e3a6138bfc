"""The reads: methods, factors, and the user."""

import re

import pytest

from api import NO_USER, check_error, fresh

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}|\d{6}))?Z")


def test_methods_of_a_user_with_the_factor(api):
    user = api.make_user_with_factor()
    sequence = api.last_sequence()
    answer = api.methods(user)
    assert answer.status == 200
    found = answer.json
    assert TIME.fullmatch(found["details"].pop("timestamp"))
    assert found == {"details": {"totalResult": "1", "processedSequence": str(sequence)},
                     "authMethodTypes": ["AUTHENTICATION_METHOD_TYPE_OTP_EMAIL"]}


def test_methods_of_a_user_without_one_and_of_nobody(api):
    for user in (api.make_user(), fresh("nobody")):
        answer = api.methods(user)
        assert answer.status == 200
        # A default value is left out: no totalResult "0".
        assert set(answer.json) == {"details"}
        assert set(answer.json["details"]) == {"processedSequence", "timestamp"}


def test_reads_are_never_stale(api):
    user = api.make_user()
    for _ in range(10):
        added = api.add_otp_email(user).json["details"]["sequence"]
        assert "authMethodTypes" in api.methods(user).json
        assert int(api.methods(user).json["details"]["processedSequence"]) >= int(added)
        removed = api.remove_otp_email(user).json["details"]["sequence"]
        assert "authMethodTypes" not in api.methods(user).json
        assert int(api.methods(user).json["details"]["processedSequence"]) >= int(removed)


def test_reads_on_other_connections_are_not_stale_either(server, owner_token, api):
    user = api.make_user()
    others = [server.api(owner_token) for _ in range(4)]
    for _ in range(5):
        assert api.add_otp_email(user).status == 200
        assert all("authMethodTypes" in other.methods(user).json for other in others)
        assert api.remove_otp_email(user).status == 200
        assert not any("authMethodTypes" in other.methods(user).json for other in others)


READY = {"result": [{"state": "AUTH_FACTOR_STATE_READY", "otpEmail": {}}]}


@pytest.mark.parametrize("body", [None, "", "{}"])
def test_factors(api, body):
    user = api.make_user_with_factor()
    answer = api.factors(user, body)
    assert answer.body == b'{"result":[{"state":"AUTH_FACTOR_STATE_READY","otpEmail":{}}]}'
    assert api.remove_otp_email(user).status == 200
    assert api.factors(user, body).body == b"{}"


@pytest.mark.parametrize("search, finds", [
    ({"authFactors": ["OTP_EMAIL"]}, True),
    ({"auth_factors": ["OTP_EMAIL"]}, True),
    ({"authFactors": ["OTP", "OTP_EMAIL"]}, True),
    ({"authFactors": ["OTP"]}, False),
    ({"authFactors": ["U2F", "OTP_SMS"]}, False),
    ({"authFactors": []}, True),
    ({"states": ["AUTH_FACTOR_STATE_READY"]}, True),
    ({"states": [2]}, True),
    ({"states": ["AUTH_FACTOR_STATE_NOT_READY"]}, False),
    ({"states": [1]}, False),
    ({"states": ["AUTH_FACTOR_STATE_REMOVED", "AUTH_FACTOR_STATE_READY"]}, True),
    ({"authFactors": ["OTP_EMAIL"], "states": ["AUTH_FACTOR_STATE_NOT_READY"]}, False),
])
def test_filters_of_factors_are_honoured(api, search, finds):
    user = api.make_user_with_factor()
    answer = api.factors(user, search)
    assert answer.status == 200
    assert answer.json == (READY if finds else {})


@pytest.mark.parametrize("search", [{"states": ["NO_SUCH_STATE"]}, {"authFactors": "OTP_EMAIL"}])
def test_filters_that_are_none(api, search):
    answer = api.factors(api.make_user_with_factor(), search)
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


def test_factors_of_nobody(api):
    assert api.factors(fresh("nobody")).body == b"{}"


def test_the_whole_user(api):
    user, address = fresh(), f"{fresh('mail')}@example.com"
    added = api.add_human_user({
        "userId": user, "username": f"name-{user}", "organization": {"orgId": "org-1"},
        "profile": {"givenName": "Ada", "familyName": "Byron", "nickName": "A",
                    "displayName": "Countess", "preferredLanguage": "en",
                    "gender": "GENDER_FEMALE"},
        "email": {"email": address, "isVerified": True}}).json["details"]
    created = api.events_of(user)[0]["creationDate"]
    locked = api.lock(user).json["details"]
    details = {"sequence": locked["sequence"], "changeDate": locked["changeDate"],
               "resourceOwner": "org-1", "creationDate": created}
    found = api.get_user(user)
    assert found.status == 200
    shown = found.json["user"]
    human = shown["human"]
    assert human["profile"] == {
        "givenName": "Ada", "familyName": "Byron", "nickName": "A", "displayName": "Countess",
        "preferredLanguage": "en", "gender": "GENDER_FEMALE"}
    assert human["email"] == {"email": address, "isVerified": True}
    assert human["userId"] == user
    assert found.json["details"] == details
    assert {key: shown[key] for key in ("userId", "details", "state", "username")} == {
        "userId": user, "details": details, "state": "USER_STATE_LOCKED",
        "username": f"name-{user}"}
    assert shown["loginNames"] == [f"name-{user}"]
    assert shown["preferredLoginName"] == f"name-{user}"
    assert int(added["sequence"]) < int(locked["sequence"])


def test_an_unverified_email_is_not_said_to_be_verified(api):
    user = api.make_user(verified=False)
    assert "isVerified" not in api.get_user(user).json["user"]["human"]["email"]


def test_a_display_name_is_made_of_the_two_names(api):
    found = api.get_user(api.make_user()).json["user"]["human"]["profile"]
    assert found["displayName"] == "Ada Byron"


def test_no_user(api):
    check_error(api.get_user(fresh("nobody")), *NO_USER)
    deleted = api.make_user()
    assert api.delete_user(deleted).status == 200
    check_error(api.get_user(deleted), *NO_USER)
