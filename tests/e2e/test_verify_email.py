"""VerifyEmail: right codes, wrong ones, and how often one may guess."""

import pytest

from api import check_error, fresh

WRONG = (400, 3, "Code is invalid", "COMMAND-eis9R")
NOBODY = (404, 5, "Email not found", "COMMAND-ieJ2e")
FAILED = "user.human.email.verification.failed"


def user_with_code(api, org="acme"):
    user = fresh()
    answer = api.add_human_user({
        "userId": user, "organization": {"orgId": org},
        "profile": {"givenName": "A", "familyName": "B"},
        "email": {"email": f"{fresh('mail')}@b.ch", "returnCode": {}}})
    assert answer.status == 201
    return user, answer.json["emailCode"]


def wrong(code):
    """Another code of the same length and letters."""
    return code[1:] + code[0] if code[1:] + code[0] != code else code[:-1] + "2"


def test_the_right_code(api):
    user, code = user_with_code(api, org="org-1")
    answer = api.verify_email(user, code)
    assert answer.status == 200
    assert list(answer.json) == ["details"]
    assert answer.json["details"]["resourceOwner"] == "org-1"
    event = api.events_of(user)[-1]
    assert (event["type"], event["sequence"]) == ("user.human.email.verified",
                                                  answer.json["details"]["sequence"])
    assert api.get_user(user).json["user"]["human"]["email"]["isVerified"] is True
    assert api.add_otp_email(user).status == 200


def test_a_code_works_once(api):
    user, code = user_with_code(api)
    assert api.verify_email(user, code).status == 200
    check_error(api.verify_email(user, code), *WRONG)


def test_a_wrong_code_is_an_error_and_an_event(api):
    user, code = user_with_code(api)
    before = api.last_sequence()
    check_error(api.verify_email(user, wrong(code)), *WRONG)
    assert api.last_sequence() == before + 1
    assert api.event_types(user)[-1] == FAILED
    assert api.verify_email(user, code).status == 200


@pytest.mark.parametrize("other", ["", "short", "x" * 1000])
def test_codes_of_other_lengths(api, other):
    user, _ = user_with_code(api)
    answer = api.verify_email(user, other)
    assert (answer.status, answer.json["code"]) == (400, 3)


def test_nine_failures_leave_the_code_alive(api):
    user, code = user_with_code(api)
    for _ in range(9):
        check_error(api.verify_email(user, wrong(code)), *WRONG)
    assert api.verify_email(user, code).status == 200


def test_ten_failures_void_the_code(api):
    user, code = user_with_code(api)
    for _ in range(10):
        check_error(api.verify_email(user, wrong(code)), *WRONG)
    check_error(api.verify_email(user, code), *WRONG)
    assert api.event_types(user).count(FAILED) == 10
    assert "isVerified" not in api.get_user(user).json["user"]["human"]["email"]


def test_a_user_without_a_code(api):
    check_error(api.verify_email(api.make_user(verified=False), "ABCDEFGH"), *WRONG)
    check_error(api.verify_email(api.make_user(), "ABCDEFGH"), *WRONG)


def test_nobody(api):
    check_error(api.verify_email(fresh("nobody"), "ABCDEFGH"), *NOBODY)
    deleted, code = user_with_code(api)
    assert api.delete_user(deleted).status == 200
    check_error(api.verify_email(deleted, code), *NOBODY)


def test_snake_case(api):
    user, code = user_with_code(api)
    assert api.post(f"/v2/users/{user}/email/verify", {"verification_code": code}).status == 200


def test_users_may_verify_their_own_email(server, api):
    user, code = user_with_code(api)
    assert server.api(user=user, roles=[]).verify_email(user, code).status == 200


def test_no_code_is_ever_shown(server, api):
    user, code = user_with_code(api)
    api.verify_email(user, wrong(code))
    api.verify_email(user, code)
    shown = str(api.events_of(user)) + str(api.get_user(user).json)
    shown += server.ctl("events", "--user", user).stdout + server.log()
    assert code not in shown and wrong(code) not in shown


def resend(api, user):
    return api.post(f"/v2/users/{user}/email/resend", {"returnCode": {}})


def test_another_code_voids_the_first(api):
    user, code = user_with_code(api)
    answer = resend(api, user)
    assert answer.status == 200
    assert list(answer.json) == ["details", "verificationCode"]
    assert api.event_types(user)[-1] == "user.human.email.code.added"
    assert "verificationCode" not in str(api.events_of(user)[-1])
    check_error(api.verify_email(user, code), *WRONG)
    assert api.verify_email(user, answer.json["verificationCode"]).status == 200
    check_error(resend(api, user), 400, 9, "Code is empty", "EMAIL-5w5ilin4yt")


def test_no_mail_is_sent(api):
    user, code = user_with_code(api)
    for body in [{}, {"sendCode": {}}, {"sendCode": {"urlTemplate": "https://x"}}]:
        answer = api.post(f"/v2/users/{user}/email/resend", body)
        assert (answer.status, answer.json["code"]) == (501, 12)
    assert api.verify_email(user, code).status == 200
