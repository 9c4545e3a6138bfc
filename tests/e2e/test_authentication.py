"""Tokens on the wire: section 5 of the contract."""

import time

import pytest

from api import INVALID_TOKEN, NOT_ALLOWED, NOT_FOUND, Api, check_error, fresh

INVALID_HEADER = (401, 16, "invalid auth header", "AUTH-7fs1e")
PATH = "/v2/users/someone/authentication_methods"


def ask(server, authorization, path=PATH, method="GET"):
    headers = {} if authorization is None else {"Authorization": authorization}
    return Api(server, None).call(method, path, headers=headers)


def test_no_header(server):
    answer = ask(server, None)
    check_error(answer, 401, 16, "auth header missing")
    assert answer.header("WWW-Authenticate") == "Bearer"


@pytest.mark.parametrize("value", ["Basic dXNlcjpwYXNz", "Bearer", "Token x", "x", ""])
def test_not_bearer(server, value):
    answer = ask(server, value)
    check_error(answer, *INVALID_HEADER)
    assert answer.header("WWW-Authenticate") == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEARER", "Bearer  "])
def test_the_scheme_in_any_case(server, owner_token, scheme):
    assert ask(server, f"{scheme} {owner_token}").status == 200


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 4000, "a b", "\u00e9"])
def test_unknown_tokens(server, token):
    answer = ask(server, "Bearer " + token)
    check_error(answer, *INVALID_TOKEN)
    assert answer.header("WWW-Authenticate") == "Bearer"


def test_almost_a_token(server, owner_token):
    for token in (owner_token[:-1], owner_token + "x", owner_token.swapcase()):
        check_error(ask(server, f"Bearer {token}"), *INVALID_TOKEN)
    assert ask(server, f"Bearer {owner_token}").status == 200


def test_a_token_has_256_bits_and_is_kept_nowhere(server, api):
    token = server.token(user="holder")
    assert len(token) >= 43
    assert token not in str(api.events()) + server.ctl("token", "list").stdout + server.log()
    files = [path for path in server.data_dir.rglob("*") if path.is_file()]
    assert files and not any(token.encode() in path.read_bytes() for path in files)


def test_route_and_verb_come_before_the_token(server):
    check_error(ask(server, None, "/nowhere"), *NOT_FOUND)
    check_error(ask(server, None, PATH, "DELETE"), *NOT_ALLOWED)


def test_the_token_comes_before_the_id(server):
    check_error(ask(server, None, f"/v2/users/{'x' * 201}/authentication_methods"), 401, 16,
                "auth header missing")


def test_expiry(server, api):
    client = server.api(roles=["IAM_OWNER"], expires="2s")
    assert client.methods("someone").status == 200
    time.sleep(2.2)
    check_error(client.methods("someone"), *INVALID_TOKEN)
    assert api.methods("someone").status == 200


def token_id(server, subject):
    return next(line.split()[0] for line in server.ctl("token", "list").stdout.splitlines()
                if subject in line)


def test_revoked_means_refused_everywhere_at_once(server):
    subject = fresh("subject")
    token = server.token(user=subject)
    # Connections enough that every shard has a verdict in its cache.
    clients = [server.api(token) for _ in range(16)]
    assert all(client.methods("someone").status == 200 for client in clients)
    done = server.ctl("token", "revoke", token_id(server, subject))
    assert done.returncode == 0, done.stderr
    for client in clients:
        check_error(client.methods("someone"), *INVALID_TOKEN)


@pytest.mark.parametrize("change, back", [("lock", "unlock"), ("deactivate", "reactivate"),
                                          ("delete_user", None)])
def test_the_subject_must_be_active(server, api, change, back):
    user = api.make_user()
    clients = [server.api(token) for token in [server.token(user=user, roles=[])] * 8]
    assert all(client.methods(user).status == 200 for client in clients)
    assert getattr(api, change)(user).status == 200
    for client in clients:
        check_error(client.methods(user), *INVALID_TOKEN)
    if back:
        assert getattr(api, back)(user).status == 200
        assert all(client.methods(user).status == 200 for client in clients)


def test_the_same_bytes_for_every_cause(server, api):
    revoked_of, removed = fresh("subject"), api.make_user()
    revoked = server.token(user=revoked_of)
    assert server.ctl("token", "revoke", token_id(server, revoked_of)).returncode == 0
    of_removed = server.token(user=removed)
    assert api.delete_user(removed).status == 200
    bodies = {ask(server, f"Bearer {token}").body for token in ("unknown", revoked, of_removed)}
    assert len(bodies) == 1


def test_a_subject_needs_no_user_here(server):
    assert server.api(user=fresh("elsewhere")).methods("someone").status == 200
