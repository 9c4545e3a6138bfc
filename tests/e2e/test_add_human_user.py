"""AddHumanUser: what it makes, and who is in the way."""

import re

import pytest

from api import check_error, fresh

TAKEN_ID = (400, 9, "Errors.User.AlreadyExisting", "COMMAND-7yiox1isql")
TAKEN_NAME = (409, 6, "User already exists", "V3-DKcYh")


def minimal(org="acme", **fields):
    return {"profile": {"givenName": "A", "familyName": "B"},
            "email": {"email": f"{fresh('mail')}@b.ch"}, "organization": {"orgId": org}, **fields}


def test_minimal(api):
    answer = api.add_human_user(minimal("org-1"))
    assert answer.status == 201
    assert list(answer.json) == ["userId", "details"]
    details = answer.json["details"]
    assert re.fullmatch(r"[0-9]{18}", answer.json["userId"])
    assert (int(details["sequence"]), details["resourceOwner"]) == (api.last_sequence(), "org-1")
    assert "creationDate" not in details


def test_generated_ids_differ(api):
    ids = {api.add_human_user(minimal()).json["userId"] for _ in range(50)}
    assert len(ids) == 50


def test_the_events_of_a_verified_user(api):
    body = minimal("org-1")
    body["email"]["isVerified"] = True
    answer = api.add_human_user(body).json
    added, verified = api.events_of(answer["userId"])
    assert (added["type"], verified["type"]) == ("user.human.added", "user.human.email.verified")
    assert int(verified["sequence"]) == int(added["sequence"]) + 1
    assert verified["sequence"] == answer["details"]["sequence"]
    assert {event["resourceOwner"] for event in (added, verified)} == {"org-1"}
    assert body["email"]["email"] in str(added["payload"])


@pytest.mark.parametrize("unset", [{}, {"isVerified": False}])
def test_an_email_that_nobody_vouches_for_stays_unverified_without_a_code(api, unset):
    body = minimal()
    body["email"].update(unset)
    answer = api.add_human_user(body)
    assert "emailCode" not in answer.json
    assert api.event_types(answer.json["userId"]) == ["user.human.added"]


def test_a_returned_code(api):
    body = minimal()
    body["email"]["returnCode"] = {}
    answer = api.add_human_user(body)
    assert answer.status == 201
    code = answer.json["emailCode"]
    assert re.fullmatch(r"[A-Za-z0-9]{8}", code)
    user = answer.json["userId"]
    assert api.event_types(user) == ["user.human.added", "user.human.email.code.added"]
    # Kept as a hash, never shown again.
    assert code not in str(api.events_of(user)) + str(api.get_user(user).json)


def test_the_username_is_the_email_unless_given(api):
    body = minimal()
    user = api.add_human_user(body).json["userId"]
    assert api.get_user(user).json["user"]["username"] == body["email"]["email"]
    name = fresh("name")
    user = api.add_human_user(minimal(username=name)).json["userId"]
    assert api.get_user(user).json["user"]["username"] == name


def test_snake_case_fields(api):
    user, name = fresh(), fresh("name")
    answer = api.add_human_user({
        "user_id": user, "username": name, "organization": {"org_id": "org-2"},
        "profile": {"given_name": "A", "family_name": "B", "nick_name": "C", "display_name": "D",
                    "preferred_language": "de", "gender": 1},
        "email": {"email": "a@b.ch", "is_verified": True}})
    assert (answer.status, answer.json["userId"]) == (201, user)
    shown = api.get_user(user).json["user"]
    assert shown["details"]["resourceOwner"] == "org-2"
    assert shown["human"]["profile"] == {
        "givenName": "A", "familyName": "B", "nickName": "C", "displayName": "D",
        "preferredLanguage": "de", "gender": "GENDER_FEMALE"}
    assert shown["human"]["email"]["isVerified"] is True


def test_an_id_is_given_once(api):
    user = api.make_user()
    before = api.last_sequence()
    check_error(api.add_human_user(minimal(userId=user)), *TAKEN_ID)
    assert api.last_sequence() == before


def test_an_id_is_never_given_again(api):
    user = api.make_user()
    assert api.delete_user(user).status == 200
    check_error(api.add_human_user(minimal(userId=user)), *TAKEN_ID)


def test_a_username_is_taken_in_its_org_only(api):
    name = fresh("name")
    assert api.add_human_user(minimal("org-1", username=name)).status == 201
    before = api.last_sequence()
    check_error(api.add_human_user(minimal("org-1", username=name)), *TAKEN_NAME)
    assert api.last_sequence() == before
    assert api.add_human_user(minimal("org-2", username=name)).status == 201


def test_a_username_is_unique_without_regard_to_case(api):
    name = fresh("Näme")
    user = api.add_human_user(minimal(username=f"  {name}\u00a0")).json["userId"]
    assert api.get_user(user).json["user"]["username"] == name
    before = api.last_sequence()
    for same in (name, name.upper(), name.lower(), f" {name.swapcase()} "):
        check_error(api.add_human_user(minimal(username=same)), *TAKEN_NAME)
    assert api.last_sequence() == before
    assert api.delete_user(user).status == 200
    assert api.add_human_user(minimal(username=name.upper())).status == 201


def test_a_removed_user_frees_its_username(api):
    name = fresh("name")
    user = api.add_human_user(minimal(username=name)).json["userId"]
    assert api.delete_user(user).status == 200
    assert api.add_human_user(minimal(username=name)).status == 201


def test_an_id_that_exists_comes_before_a_username_that_exists(api):
    user, name = fresh(), fresh("name")
    assert api.add_human_user(minimal(userId=user, username=name)).status == 201
    check_error(api.add_human_user(minimal(userId=user, username=name)), *TAKEN_ID)


# Which organization: the body's, else the header's, else the caller's.

def made_in(api, body, headers=None):
    answer = api.add_human_user(body, headers)
    assert answer.status == 201, answer
    return answer.json["details"]["resourceOwner"]


def without_org():
    body = minimal()
    del body["organization"]
    return body


def test_the_org_of_the_body_beats_the_header(api):
    assert made_in(api, minimal("org-b"), {"x-zitadel-orgid": "org-h"}) == "org-b"


def test_the_org_of_the_header(api):
    assert made_in(api, without_org(), {"x-zitadel-orgid": "org-h"}) == "org-h"


def test_the_org_of_the_grant(server):
    manager = server.api(roles=["ORG_OWNER"], org="org-g")
    assert made_in(manager, without_org()) == "org-g"


def test_the_org_of_the_callers_own_record_beats_the_grant(server, api):
    user = api.make_user(org="org-own")
    manager = server.api(user=user, roles=["IAM_OWNER"])
    assert made_in(manager, without_org()) == "org-own"
    manager = server.api(user=user, roles=["ORG_OWNER"], org="org-own")
    assert made_in(manager, without_org()) == "org-own"


def test_no_org_at_all(api):
    check_error(api.add_human_user(without_org()), 400, 3, "organization is required")


def test_organizations_are_names_of_1_to_200_characters(api):
    for org in ("x", "ö" * 200):
        assert made_in(api, minimal(org)) == org
    answer = api.add_human_user(minimal("ö" * 201))
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


def test_an_org_domain_is_refused(api):
    answer = api.add_human_user({**minimal(), "organization": {"orgDomain": "acme.example"}})
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "orgDomain" in answer.json["message"] and "details" not in answer.json


# Nothing is dropped in silence.

@pytest.mark.parametrize("field, value", [
    ("password", {"password": "x"}), ("hashedPassword", {"hash": "x"}), ("phone", {"phone": "+1"}),
    ("metadata", [{"key": "k", "value": "dg=="}]), ("idpLinks", [{"idpId": "1"}]),
    ("totpSecret", "x"), ("hashed_password", {"hash": "x"}), ("idp_links", [{"idpId": "1"}]),
    ("totp_secret", "x")])
def test_fields_that_would_not_be_kept_are_refused_by_name(api, field, value):
    before = api.last_sequence()
    answer = api.add_human_user(minimal(**{field: value}))
    assert (answer.status, answer.json["code"]) == (501, 12)
    head, *rest = field.split("_")
    assert head + "".join(word.title() for word in rest) in answer.json["message"]
    assert "details" not in answer.json
    assert api.last_sequence() == before


def test_an_explicit_send_code_is_refused(api):
    body = minimal()
    body["email"]["sendCode"] = {}
    answer = api.add_human_user(body)
    assert (answer.status, answer.json["code"]) == (501, 12)
    assert "sendCode" in answer.json["message"]


def test_unknown_fields_are_ignored(api):
    answer = api.add_human_user(minimal(whatever={"deep": [1, None, {"er": True}]}))
    assert answer.status == 201
