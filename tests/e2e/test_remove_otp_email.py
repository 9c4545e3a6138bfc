"""RemoveOTPEmail, the main job: section 1 of the contract."""

import re

import pytest

from api import fresh

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}|\d{6}|\d{9}))?Z"


def test_success_is_the_whole_body_byte_for_byte(api):
    user = api.make_user_with_factor(org="org-1")
    answer = api.remove_otp_email(user)
    assert answer.status == 200
    assert answer.header("Content-Type") == "application/json"
    sequence = api.last_sequence()
    assert re.fullmatch(
        rf'{{"details":{{"sequence":"{sequence}","changeDate":"{TIME}","resourceOwner":"org-1"}}}}',
        answer.body.decode())


def test_the_event(api):
    user = api.make_user_with_factor(org="org-1")
    details = api.remove_otp_email(user).json["details"]
    assert api.events_of(user)[-1] == {
        "sequence": details["sequence"], "type": "user.human.mfa.otp.email.removed",
        "aggregateType": "user", "aggregateId": user, "resourceOwner": "org-1",
        "creator": "operator", "creationDate": details["changeDate"]}


def test_every_event_takes_the_next_sequence_of_the_store(api):
    users = [api.make_user_with_factor() for _ in range(3)]
    before = api.last_sequence()
    sequences = [int(api.remove_otp_email(user).json["details"]["sequence"]) for user in users]
    assert sequences == [before + 1, before + 2, before + 3]


def test_the_envelope_as_the_contract_prints_it(api):
    answer = api.remove_otp_email(fresh("nobody"))
    assert answer.body == (
        b'{"code":5,"message":"Multifactor OTP (OneTimePassword) doesn\'t exist (COMMAND-b312D)",'
        b'"details":[{"@type":"type.googleapis.com/zitadel.v1.ErrorDetail","id":"COMMAND-b312D",'
        b'"message":"Multifactor OTP (OneTimePassword) doesn\'t exist"}]}')


@pytest.mark.parametrize("change", ["lock", "deactivate"])
def test_the_state_of_the_user_does_not_matter(api, change):
    user = api.make_user_with_factor()
    assert getattr(api, change)(user).status == 200
    assert api.remove_otp_email(user).status == 200


def test_add_and_remove_alternate_forever(api):
    user = api.make_user()
    for _ in range(20):
        assert api.add_otp_email(user).status == 200
        assert api.remove_otp_email(user).status == 200
    assert api.event_types(user)[-2:] == ["user.human.mfa.otp.email.added",
                                          "user.human.mfa.otp.email.removed"]


@pytest.mark.parametrize("body", ["{}", "}{ no json", '{"userId":"somebody else"}', "\0\xff" * 50])
def test_a_body_is_ignored_whatever_it_holds(api, body):
    user = api.make_user_with_factor()
    answer = api.call("DELETE", f"/v2/users/{user}/otp_email", body=body.encode("latin-1"))
    assert answer.status == 200
    assert api.event_types(user)[-1] == "user.human.mfa.otp.email.removed"


def test_one_removal_touches_no_other_user(api):
    first, second = api.make_user_with_factor(), api.make_user_with_factor()
    assert api.remove_otp_email(first).status == 200
    assert "authMethodTypes" in api.methods(second).json
    assert api.remove_otp_email(second).status == 200


def test_any_characters_of_an_id_come_back_as_they_went_in(api):
    for user in ("a b", "ü€😀", 'quote"back\\slash', "per%cent", "..", "x?y#z&=+", "\x01\x1f\x7f"):
        user = f"{user}-{fresh()}"
        api.make_user_with_factor(user)
        assert api.remove_otp_email(user).status == 200, user
        assert api.events_of(user)[-1]["aggregateId"] == user
