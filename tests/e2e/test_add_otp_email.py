"""AddOTPEmail."""

import pytest

from api import NOT_READY, check_error


def test_success(api):
    user = api.make_user(org="org-1")
    answer = api.add_otp_email(user)
    assert answer.status == 200
    details = answer.json["details"]
    assert list(answer.json) == ["details"]
    assert list(details) == ["sequence", "changeDate", "resourceOwner"]
    assert details["resourceOwner"] == "org-1"
    assert int(details["sequence"]) == api.last_sequence()
    event = api.events_of(user)[-1]
    assert event["type"] == "user.human.mfa.otp.email.added"
    assert "payload" not in event
    assert (event["sequence"], event["creationDate"]) == (details["sequence"],
                                                          details["changeDate"])


@pytest.mark.parametrize("body", [None, "", "{}", " {} ", '{"unknown":[1,{"a":null}]}'])
def test_an_empty_body_is_an_empty_object(api, body):
    user = api.make_user()
    assert api.post(f"/v2/users/{user}/otp_email", body).status == 200


def test_the_id_of_the_path_beats_the_one_of_the_body(api):
    user, other = api.make_user(), api.make_user()
    assert api.post(f"/v2/users/{user}/otp_email", {"userId": other}).status == 200
    assert "authMethodTypes" in api.methods(user).json
    assert "authMethodTypes" not in api.methods(other).json


@pytest.mark.parametrize("body", ["{", "nope", '{"a":}', "[1", '{"a":1}}', '"unended'])
def test_malformed_json(api, body):
    user = api.make_user()
    before = api.last_sequence()
    answer = api.post(f"/v2/users/{user}/otp_email", body)
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json
    assert api.last_sequence() == before


def test_after_a_removed_user_nothing_of_the_factor_is_left(api):
    user = api.make_user_with_factor()
    assert api.delete_user(user).status == 200
    check_error(api.add_otp_email(user), *NOT_READY)
    assert "authMethodTypes" not in api.methods(user).json
