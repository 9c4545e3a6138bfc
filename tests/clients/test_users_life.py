"""A user's life by every client: nothing of it may differ from what the contract says."""

import pytest

from api import fresh
from clients import NPM
from outcome import refused

NO_FACTOR = refused(5, "Multifactor OTP (OneTimePassword) doesn't exist", "COMMAND-b312D")
FORBIDDEN = refused(7, "No matching permissions found", "AUTH-AWfge")
NO_TOKEN = refused(16, "auth header missing")


def succeeds(client, method, sent, token):
    seen = client.call(method, sent, token)
    assert seen.code == 0, seen
    return seen.message


def test_a_users_life(client, tokens):
    owner, user = tokens["owner"], fresh("ada")
    of_user = {"userId": user}

    added = succeeds(client, "AddHumanUser", {
        **of_user, "organization": {"orgId": "acme"},
        "profile": {"givenName": "Ada", "familyName": "Byron"},
        "email": {"email": f"{user}@example.com", "isVerified": True}}, owner)
    assert added["userId"] == user
    assert added["details"]["resourceOwner"] == "acme"

    set_up = succeeds(client, "AddOTPEmail", of_user, owner)
    assert int(set_up["details"]["sequence"]) == int(added["details"]["sequence"]) + 1

    listed = succeeds(client, "ListAuthenticationMethodTypes", of_user, owner)
    assert listed["authMethodTypes"] == ["AUTHENTICATION_METHOD_TYPE_OTP_EMAIL"]
    assert listed["details"]["processedSequence"] == set_up["details"]["sequence"]

    # Whoever may not remove it leaves no trace.
    assert client.call("RemoveOTPEmail", of_user) == NO_TOKEN
    assert client.call("RemoveOTPEmail", of_user, tokens["stranger"]) == FORBIDDEN

    removed = succeeds(client, "RemoveOTPEmail", of_user, owner)
    assert int(removed["details"]["sequence"]) == int(set_up["details"]["sequence"]) + 1
    assert client.call("RemoveOTPEmail", of_user, owner) == NO_FACTOR
    assert "authMethodTypes" not in succeeds(client, "ListAuthenticationMethodTypes", of_user,
                                             owner)


@pytest.mark.parametrize("client", NPM, indirect=True)
def test_methods_of_zitadel_that_are_not_here(client, tokens):
    # Its messages come with @zitadel/proto, which knows many more than are served.
    assert client.call("SetPassword", {"userId": "ada"}, tokens["owner"]).code == 12
