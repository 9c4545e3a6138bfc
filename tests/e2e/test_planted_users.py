"""A user with the id of a token's subject, made by somebody who may that on one organization alone:
it bars no token that reaches further (API.md, section 5)."""

import pytest

from api import check_error, fresh
from factord import ctl, verify


def is_barred(server, token):
    return server.api(token).methods("another").status == 401


@pytest.fixture
def planted(start):
    """A server, its manager of acme, and a subject's tokens that reach as far as they say."""
    server = start()
    subject = fresh("service")
    tokens = {"everywhere": server.token(user=subject, roles=["IAM_OWNER"]),
              "elsewhere": server.token(user=subject, roles=["ORG_OWNER"], org="globex"),
              "acme": server.token(user=subject, roles=["ORG_OWNER"], org="acme"),
              "nowhere": server.token(user=subject, roles=[])}
    manager = server.api(server.token(roles=["ORG_USER_MANAGER"], org="acme"))
    manager.make_user(subject)
    return server, manager, subject, tokens


def barred(server, tokens):
    return {reach for reach, token in tokens.items() if is_barred(server, token)}


@pytest.mark.parametrize("step", ["lock", "deactivate", "delete_user"])
def test_it_bars_within_its_organization_and_is_barred_from_beyond(start, planted, step):
    server, manager, subject, tokens = planted
    assert barred(server, tokens) == set()
    assert getattr(manager, step)(subject).status == 200
    assert barred(server, tokens) == {"acme", "nowhere"}

    server.stop()
    server = start(data_dir=server.data_dir)
    assert barred(server, tokens) == {"acme", "nowhere"}
    # It is done already, and counts within acme: from beyond it counts everywhere.
    owner = server.api(server.token(roles=["IAM_OWNER"]))
    assert getattr(owner, step)(subject).status == 200
    assert barred(server, tokens) == set(tokens)
    assert getattr(owner, step)(subject).status != 200
    server.stop()
    verify(server.data_dir)


def test_a_backup_has_it_too(start, planted, tmp_path):
    server, manager, subject, tokens = planted
    assert manager.lock(subject).status == 200
    assert server.ctl("backup", tmp_path / "backups").returncode == 0
    server.stop()
    assert ctl(tmp_path / "restored", "restore", tmp_path / "backups", "--keep-tokens"
               ).returncode == 0
    verify(tmp_path / "restored")
    assert barred(start(data_dir=tmp_path / "restored"), tokens) == {"acme", "nowhere"}


def test_it_lends_no_organization(planted):
    server, manager, subject, tokens = planted
    body = {"profile": {"givenName": "A", "familyName": "B"},
            "email": {"email": "a@example.com", "isVerified": True}}
    check_error(server.api(tokens["everywhere"]).add_human_user(body), 400, 3,
                "organization is required")


def test_nobody_is_called_as_the_admin_socket_is(api, server):
    check_error(api.add_human_user({
        "userId": "SYSTEM", "organization": {"orgId": "acme"},
        "profile": {"givenName": "A", "familyName": "B"},
        "email": {"email": "a@example.com", "isVerified": True}}), 400, 9,
                "Errors.User.AlreadyExisting", "COMMAND-7yiox1isql")
    done = server.ctl("token", "create", "--user", "SYSTEM", "--role", "IAM_OWNER")
    assert done.returncode != 0 and "SYSTEM" in done.stderr
