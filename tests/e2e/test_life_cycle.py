"""Lock, unlock, deactivate, reactivate, delete."""

import pytest

from api import check_error, fresh

GONE = "User could not be found"
CALLS = {  # call: (event, state after)
    "lock": ("user.locked", "USER_STATE_LOCKED"),
    "unlock": ("user.unlocked", "USER_STATE_ACTIVE"),
    "deactivate": ("user.deactivated", "USER_STATE_INACTIVE"),
    "reactivate": ("user.reactivated", "USER_STATE_ACTIVE"),
}
BEFORE = {"lock": [], "unlock": ["lock"], "deactivate": [], "reactivate": ["deactivate"]}


@pytest.mark.parametrize("call", CALLS)
def test_success(api, call):
    event, state = CALLS[call]
    user = api.make_user(org="org-1")
    for earlier in BEFORE[call]:
        assert getattr(api, earlier)(user).status == 200
    answer = getattr(api, call)(user)
    assert answer.status == 200
    assert list(answer.json) == ["details"]
    details = answer.json["details"]
    assert list(details) == ["sequence", "changeDate", "resourceOwner"]
    last = api.events_of(user)[-1]
    assert (last["type"], last["sequence"], last["creationDate"], last["resourceOwner"]) == (
        event, details["sequence"], details["changeDate"], "org-1")
    assert api.get_user(user).json["user"]["state"] == state


@pytest.mark.parametrize("body", [None, "", "{}", '{"userId":"other"}'])
def test_bodies(api, body):
    user = api.make_user()
    assert api.post(f"/v2/users/{user}/lock", body).status == 200


def test_malformed_bodies(api):
    user = api.make_user()
    answer = api.post(f"/v2/users/{user}/lock", "{")
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert api.get_user(user).json["user"]["state"] == "USER_STATE_ACTIVE"


def test_delete(api):
    user = api.make_user_with_factor(org="org-1")
    answer = api.delete_user(user)
    assert answer.status == 200
    last = api.events_of(user)[-1]
    assert (last["type"], last["sequence"], last["resourceOwner"]) == (
        "user.removed", answer.json["details"]["sequence"], "org-1")
    assert "authMethodTypes" not in api.methods(user).json
    # One event drops the user and its factors.
    assert api.event_types(user)[-2:] == ["user.human.mfa.otp.email.added", "user.removed"]


@pytest.mark.parametrize("state", ["lock", "deactivate"])
def test_delete_in_any_state(api, state):
    user = api.make_user()
    assert getattr(api, state)(user).status == 200
    assert api.delete_user(user).status == 200


def test_delete_twice_and_nobody(api):
    user = api.make_user()
    assert api.delete_user(user).status == 200
    for gone in (user, fresh("nobody")):
        check_error(api.delete_user(gone), 404, 5, GONE, "COMMAND-bd4ir1mblj")
