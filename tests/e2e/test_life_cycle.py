"""Lock, unlock, deactivate, reactivate, delete."""

import pytest

from api import check_error, fresh

GONE = "User could not be found"
CALLS = {  # call: (id when not found, id and text in the wrong state, event, state after)
    "lock": ("COMMAND-450yxuqrh1", "COMMAND-lgws8wtsqf", "User is not active or initial",
             "user.locked", "USER_STATE_LOCKED"),
    "unlock": ("COMMAND-x377t913pw", "COMMAND-olb9vb0oca", "User is not locked",
               "user.unlocked", "USER_STATE_ACTIVE"),
    "deactivate": ("COMMAND-5gp2p62iin", "COMMAND-5gunjw0cd7", "User already inactive",
                   "user.deactivated", "USER_STATE_INACTIVE"),
    "reactivate": ("COMMAND-9hy5kzbuk6", "COMMAND-s5qqcz97hf", "User is not inactive",
                   "user.reactivated", "USER_STATE_ACTIVE"),
}
BEFORE = {"lock": [], "unlock": ["lock"], "deactivate": [], "reactivate": ["deactivate"]}


@pytest.mark.parametrize("call", CALLS)
def test_success(api, call):
    *_, event, state = CALLS[call]
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


@pytest.mark.parametrize("call", CALLS)
def test_not_found(api, call):
    missing = CALLS[call][0]
    check_error(getattr(api, call)(fresh("nobody")), 404, 5, GONE, missing)
    deleted = api.make_user()
    assert api.delete_user(deleted).status == 200
    check_error(getattr(api, call)(deleted), 404, 5, GONE, missing)


@pytest.mark.parametrize("states, call", [
    (["lock"], "lock"), (["deactivate"], "lock"),
    ([], "unlock"), (["deactivate"], "unlock"),
    (["deactivate"], "deactivate"),
    ([], "reactivate"), (["lock"], "reactivate"),
])
def test_wrong_state(api, states, call):
    _, error_id, text, *_ = CALLS[call]
    user = api.make_user()
    for earlier in states:
        assert getattr(api, earlier)(user).status == 200
    before = api.last_sequence()
    check_error(getattr(api, call)(user), 400, 9, text, error_id)
    assert api.last_sequence() == before


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
