"""AddHumanUser: what a body must hold. Nothing refused here reaches the store."""

import json

import pytest

from api import FORBIDDEN_ADD, check_error, fresh, length_error


def valid():
    return {"profile": {"givenName": "A", "familyName": "B"},
            "email": {"email": f"{fresh('mail')}@b.ch"}, "organization": {"orgId": "acme"}}


def changed(path, value):
    """A valid body with one field set, or taken out where the value is None."""
    body = valid()
    *above, name = path.split(".")
    place = body
    for step in above:
        place = place[step]
    if value is None:
        del place[name]
    else:
        place[name] = value
    return body


@pytest.fixture(autouse=True)
def refused_writes_nothing(api, request):
    if "refused" not in request.node.name:
        yield
        return
    before = api.last_sequence()
    yield
    assert api.last_sequence() == before


@pytest.mark.parametrize("field, name", [("profile", "Profile"), ("email", "Email")])
def test_refused_without_profile_or_email(api, field, name):
    check_error(api.add_human_user(changed(field, None)), 400, 3,
                f"invalid AddHumanUserRequest.{name}: value is required")


def name_error(field):
    return (400, 3, "invalid AddHumanUserRequest.Profile: embedded message failed validation | "
                    f"caused by: invalid SetHumanProfile.{field}: value length must be between 1 "
                    "and 200 runes, inclusive")


@pytest.mark.parametrize("field, name", [("givenName", "GivenName"), ("familyName", "FamilyName")])
@pytest.mark.parametrize("value", [None, "", "x" * 201, "ü" * 201, "😀" * 201])
def test_refused_names(api, field, name, value):
    check_error(api.add_human_user(changed(f"profile.{field}", value)), *name_error(name))


@pytest.mark.parametrize("field", ["givenName", "familyName"])
@pytest.mark.parametrize("value", ["x", "x" * 200, "😀" * 200])
def test_names_at_their_limits(api, field, value):
    answer = api.add_human_user(changed(f"profile.{field}", value))
    assert answer.status == 201
    shown = api.get_user(answer.json["userId"]).json["user"]["human"]["profile"]
    assert shown[field] == value


@pytest.mark.parametrize("value", ["x" * 201, "ü" * 201])
def test_refused_ids(api, value):
    check_error(api.add_human_user(changed("userId", value)), *length_error("AddHumanUserRequest"))


def test_refused_usernames(api):
    check_error(api.add_human_user(changed("username", "x" * 201)),
                *length_error("AddHumanUserRequest", "Username"))


@pytest.mark.parametrize("length", [1, 200])
def test_ids_and_usernames_at_their_limits(api, length):
    for field in ("userId", "username"):
        tail = fresh("")
        value = ("é" * 200 + tail)[-length:] if length > 1 else chr(0x4e00 + hash(tail) % 20000)
        answer = api.add_human_user(changed(field, value))
        assert answer.status == 201, answer
        user = api.get_user(answer.json["userId"]).json["user"]
        assert user[field] == value


@pytest.mark.parametrize("address", ["a", "a@", "@b.ch", "a b@c.ch", "a@b@c.ch", "a@b..ch",
                                     ".a@b.ch", "a..b@c.ch", "a.@b.ch", "a\n@b.ch", " ",
                                     "a@[b.ch]"])
def test_refused_addresses(api, address):
    answer = api.add_human_user(changed("email.email", address))
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert answer.json["details"][0]["id"] == "EMAIL-599BI"
    assert answer.json["message"].endswith(" (EMAIL-599BI)")


def test_an_address_with_a_name(api):
    answer = api.add_human_user(changed("email.email", "Name <a@b.ch>"))
    assert (answer.status, answer.json["details"][0]["id"]) == (400, "EMAIL-599GV")


@pytest.mark.parametrize("address", ["a@b.ch", "first.last+tag@sub.b-c.example", "x_1%y@b.ch",
                                     "é@b.ch", "a@exämple.ch", "谷歌@谷歌.中国", '"a b"@c.ch',
                                     "a@[127.0.0.1]", "é" * 195 + "@b.ch"])
def test_addresses(api, address):
    body = changed("email.email", address)
    body["username"] = fresh("name")
    answer = api.add_human_user(body)
    assert answer.status == 201
    assert api.get_user(answer.json["userId"]).json["user"]["human"]["email"]["email"] == address


def test_an_address_is_kept_without_the_space_around_it(api):
    address = f"{fresh('mail')}@b.ch"
    user = api.add_human_user(changed("email.email", f" {address}\t")).json["userId"]
    shown = api.get_user(user).json["user"]
    assert (shown["human"]["email"]["email"], shown["username"]) == (address, address)


@pytest.mark.parametrize("blank", [" ", "\t\n", "\u00a0\u3000"])
def test_a_blank_username(api, blank):
    answer = api.add_human_user(changed("username", blank))
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert answer.json["details"][0]["id"] == "V2-zzad3"


@pytest.mark.parametrize("path, value", [
    ("userId", 7), ("username", ["a"]), ("profile", "A"), ("profile.givenName", {}),
    ("email", []), ("email.isVerified", "maybe"), ("organization", "acme"),
    ("profile.gender", "NO_SUCH_GENDER"), ("profile.gender", 99)])
def test_refused_types(api, path, value):
    answer = api.add_human_user(changed(path, value))
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


@pytest.mark.parametrize("gender, shown", [
    ("GENDER_FEMALE", "GENDER_FEMALE"), (2, "GENDER_MALE"), ("GENDER_DIVERSE", "GENDER_DIVERSE"),
    (0, None), ("GENDER_UNSPECIFIED", None)])
def test_enums_by_name_or_number(api, gender, shown):
    answer = api.add_human_user(changed("profile.gender", gender))
    assert answer.status == 201
    profile = api.get_user(answer.json["userId"]).json["user"]["human"]["profile"]
    assert profile.get("gender") == shown


@pytest.mark.parametrize("field", ["userId", "username", "organization.orgId"])
@pytest.mark.parametrize("value", ["a\0b", "\0"])
def test_refused_names_that_hold_u0000(api, field, value):
    answer = api.add_human_user(changed(field, value))
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


NOT_UTF8 = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80"]


@pytest.mark.parametrize("bad", NOT_UTF8)
@pytest.mark.parametrize("field", ["userId", "username", "organization.orgId"])
def test_refused_names_that_are_not_utf8(api, field, bad):
    body = json.dumps(changed(field, "BAD")).encode().replace(b"BAD", bad)
    answer = api.add_human_user(body)
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


@pytest.mark.parametrize("body", ["", "{}", "null"])
def test_refused_empty_bodies(api, body):
    answer = api.add_human_user(body)
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


@pytest.mark.parametrize("body", ["{", "[]", "7", '{"profile":', "{}{}", '{"a":1,}', "{'a':1}",
                                  "[" * 1000 + "]" * 1000])
def test_refused_malformed_json(api, body):
    answer = api.add_human_user(body)
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


def test_validation_comes_before_permission(server):
    nobody = server.api(roles=["ORG_OWNER_VIEWER"], org="acme")
    check_error(nobody.add_human_user(changed("profile", None)), 400, 3,
                "invalid AddHumanUserRequest.Profile: value is required")
    check_error(nobody.add_human_user(valid()), *FORBIDDEN_ADD)


def test_permission_comes_before_an_id_that_exists(server, api):
    user = api.make_user()
    nobody = server.api(roles=["ORG_OWNER"], org="elsewhere")
    check_error(nobody.add_human_user(changed("userId", user)), *FORBIDDEN_ADD)
