"""Who may do what: every role on every operation, on users of the role's org and of another."""

import pytest

from api import FORBIDDEN, FORBIDDEN_ADD, NO_FACTOR, NO_USER, check_error, envelope, fresh

PERMISSIONS = {  # section 5 of the contract
    "user.write": {"IAM_OWNER", "IAM_ORG_MANAGER", "IAM_USER_MANAGER", "IAM_LOGIN_CLIENT",
                   "ORG_OWNER", "ORG_USER_MANAGER"},
    "user.credential.write": {"IAM_OWNER", "IAM_ORG_MANAGER", "IAM_LOGIN_CLIENT", "ORG_OWNER"},
    "user.delete": {"IAM_OWNER", "IAM_ORG_MANAGER", "IAM_USER_MANAGER", "ORG_OWNER",
                    "ORG_USER_MANAGER"},
    "user.read": {"IAM_OWNER", "IAM_ORG_MANAGER", "IAM_USER_MANAGER", "IAM_LOGIN_CLIENT",
                  "ORG_OWNER", "ORG_USER_MANAGER", "IAM_OWNER_VIEWER", "ORG_OWNER_VIEWER"},
}
ROLES = sorted(set().union(*PERMISSIONS.values()))

OPERATIONS = {  # name: (permission, self is enough, what must have happened to the user before)
    "remove_otp_email": ("user.write", True, ["add_otp_email"]),
    "add_otp_email": ("user.credential.write", True, []),
    "methods": ("user.read", True, []),
    "factors": ("user.read", True, []),
    "get_user": ("user.read", True, []),
    "verify_email": ("user.write", True, []),
    "lock": ("user.write", False, []),
    "unlock": ("user.write", False, ["lock"]),
    "deactivate": ("user.write", False, []),
    "reactivate": ("user.write", False, ["deactivate"]),
    "delete_user": ("user.delete", False, []),
}
# What a caller who holds the permission somewhere is told of a user who is nowhere.
OF_NOBODY = {
    "remove_otp_email": NO_FACTOR,
    "add_otp_email": (400, 9, "Multifactor OTP (OneTimePassword) isn't ready", "COMMAND-KLJ2d"),
    "get_user": NO_USER,
    "verify_email": (404, 5, "Email not found", "COMMAND-ieJ2e"),
    "lock": (404, 5, "User could not be found", "COMMAND-450yxuqrh1"),
    "unlock": (404, 5, "User could not be found", "COMMAND-x377t913pw"),
    "deactivate": (404, 5, "User could not be found", "COMMAND-5gp2p62iin"),
    "reactivate": (404, 5, "User could not be found", "COMMAND-9hy5kzbuk6"),
    "delete_user": (404, 5, "User could not be found", "COMMAND-bd4ir1mblj"),
}


@pytest.fixture(scope="module")
def callers(server):
    """Role -> a client that holds it, an ORG_ role on `ours`; None -> one without any role."""
    found = {role: server.api(roles=[role], org="ours" if role.startswith("ORG_") else None)
             for role in ROLES}
    found[None] = server.api(roles=[])
    return found


def target(api, operation, org):
    """A user on whom the operation would succeed, and what to call it with."""
    if operation != "verify_email":
        user = api.make_user(org=org)
        for earlier in OPERATIONS[operation][2]:
            assert getattr(api, earlier)(user).status == 200
        return [user]
    answer = api.add_human_user({
        "organization": {"orgId": org}, "profile": {"givenName": "A", "familyName": "B"},
        "email": {"email": f"{fresh('mail')}@b.ch", "returnCode": {}}})
    return [answer.json["userId"], answer.json["emailCode"]]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("role", ROLES)
def test_role_on_a_user(callers, api, role, operation):
    holds = role in PERMISSIONS[OPERATIONS[operation][0]]
    for org in ("ours", "theirs"):
        allowed = holds and (role.startswith("IAM_") or org == "ours")
        arguments = target(api, operation, org)
        before = len(api.events_of(arguments[0]))
        answer = getattr(callers[role], operation)(*arguments)
        if allowed:
            assert answer.status == 200, (org, answer)
        else:
            check_error(answer, *FORBIDDEN)
            assert len(api.events_of(arguments[0])) == before


@pytest.mark.parametrize("role", ROLES)
def test_role_on_adding_users(callers, role):
    for org in ("ours", "theirs"):
        answer = callers[role].add_human_user({
            "organization": {"orgId": org}, "profile": {"givenName": "A", "familyName": "B"},
            "email": {"email": f"{fresh('mail')}@b.ch"}})
        if role in PERMISSIONS["user.write"] and (role.startswith("IAM_") or org == "ours"):
            assert answer.status == 201, (org, answer)
        else:
            check_error(answer, *FORBIDDEN_ADD)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_role_existence_is_no_oracle(callers, api, operation):
    nobody = [fresh("nobody"), "ABCDEFGH"] if operation == "verify_email" else [fresh("nobody")]
    seen = {(answer.status, answer.body) for answer in (
        getattr(callers[None], operation)(*target(api, operation, "ours")),
        getattr(callers[None], operation)(*nobody))}
    assert seen == {(403, envelope(*FORBIDDEN[1:]))}


@pytest.mark.parametrize("operation", OF_NOBODY)
def test_with_the_permission_somewhere_a_missing_user_is_missing(callers, operation):
    nobody = [fresh("nobody"), "ABCDEFGH"] if operation == "verify_email" else [fresh("nobody")]
    for role in sorted(PERMISSIONS[OPERATIONS[operation][0]]):
        check_error(getattr(callers[role], operation)(*nobody), *OF_NOBODY[operation])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_self(server, api, operation):
    _, self_is_enough, _ = OPERATIONS[operation]
    arguments = target(api, operation, "ours")
    if operation in ("unlock", "reactivate"):
        # A locked or deactivated user's token is no token.
        arguments = [api.make_user(org="ours")]
    answer = getattr(server.api(user=arguments[0], roles=[]), operation)(*arguments)
    if self_is_enough:
        assert answer.status == 200, answer
    else:
        check_error(answer, *FORBIDDEN)


def test_self_is_nobody_else(server, api):
    user, other = api.make_user_with_factor(), api.make_user_with_factor()
    check_error(server.api(user=user, roles=[]).remove_otp_email(other), *FORBIDDEN)


def test_several_roles_add_up(server, api):
    both = server.api(roles=["ORG_OWNER_VIEWER", "ORG_USER_MANAGER"], org="ours")
    user = api.make_user_with_factor(org="ours")
    assert both.get_user(user).status == 200
    assert both.remove_otp_email(user).status == 200


def test_org_is_checked_before_the_factor(server, api):
    # The user exists, in another org, without the factor: 403, not 404.
    user = api.make_user(org="theirs")
    check_error(server.api(roles=["ORG_OWNER"], org="ours").remove_otp_email(user), *FORBIDDEN)
