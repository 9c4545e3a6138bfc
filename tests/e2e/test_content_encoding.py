"""Content-Encoding of bodies to a path: gzip is decoded, all else is refused."""

import gzip
import zlib

import pytest

from api import fresh
from http2 import Http2Connection
from wire import request

BODY_MAX = 64 << 10
SEARCH = "/v2/users/{}/authentication_factors/_search"
NO_FACTORS = b'{"authFactors":["U2F"]}'


def ask(connection, token, target, body, *codings, method="POST"):
    lines = [f"Content-Encoding: {coding}" for coding in codings]
    return connection.ask(request(method, target, token, body, lines))


@pytest.fixture
def user(api):
    return api.make_user_with_factor()


@pytest.mark.parametrize("codings", [["gzip"], ["x-gzip"], ["GZIP"], ["identity, gzip"],
                                     ["identity", "gzip"]], ids=repr)
@pytest.mark.parametrize("body", [
    gzip.compress(NO_FACTORS),
    gzip.compress(NO_FACTORS[:9]) + gzip.compress(NO_FACTORS[9:]),
    gzip.compress(b"") + gzip.compress(NO_FACTORS) + gzip.compress(b" \n"),
], ids=["whole", "two", "three"])
def test_gzip(server, owner_token, user, codings, body):
    with server.connect() as connection:
        answer = ask(connection, owner_token, SEARCH.format(user), body, *codings)
        assert (answer.status, answer.body) == (200, b"{}")


@pytest.mark.parametrize("codings", [[], [""], ["identity"], ["Identity", "identity"]], ids=repr)
def test_identity(server, owner_token, user, codings):
    with server.connect() as connection:
        answer = ask(connection, owner_token, SEARCH.format(user), NO_FACTORS, *codings)
        assert (answer.status, answer.body) == (200, b"{}")


def test_over_http2(server, owner_token, user):
    connection = Http2Connection.tcp(server.port)
    head = [("authorization", f"Bearer {owner_token}")]
    answer = connection.ask("POST", SEARCH.format(user), [*head, ("content-encoding", "gzip")],
                            gzip.compress(NO_FACTORS))
    assert (answer.status, answer.body) == (200, b"{}")
    answer = connection.ask("POST", SEARCH.format(user), [*head, ("content-encoding", "br")],
                            NO_FACTORS)
    assert (answer.status, answer.header("accept-encoding")) == (415, "gzip")
    connection.close()


@pytest.mark.parametrize("body", [b"", gzip.compress(b"")], ids=["nothing", "nothing in gzip"])
def test_nothing_is_an_empty_object(server, owner_token, user, body):
    with server.connect() as connection:
        answer = ask(connection, owner_token, f"/v2/users/{user}/lock", body, "gzip")
        assert answer.status == 200


@pytest.mark.parametrize("body", [
    b"{}", gzip.compress(b"{}")[:-1], gzip.compress(b"{}") + b"\0", zlib.compress(b"{}"),
    gzip.compress(b"{}") + b"{}", gzip.compress(b"{}") + gzip.compress(b" ")[:-5],
], ids=["plain", "cut", "zeros behind", "zlib", "more behind", "second cut"])
def test_what_is_no_gzip(server, owner_token, api, user, body):
    before = api.last_sequence()
    with server.connect() as connection:
        answer = ask(connection, owner_token, f"/v2/users/{user}/lock", body, "gzip")
        assert (answer.status, answer.json) == (
            400, {"code": 3, "message": "the body is not what gzip makes"})
        assert connection.ask(request("GET", "/healthz")).status == 200
    assert api.last_sequence() == before


@pytest.mark.parametrize("codings", [["br"], ["deflate"], ["zstd"], ["compress"], ["gzip, gzip"],
                                     ["gzip", "gzip"], ["gzip", "br"], ["gzip2"]], ids=repr)
def test_other_codings(server, owner_token, api, user, codings):
    before = api.last_sequence()
    with server.connect() as connection:
        for body in (b"{}", gzip.compress(gzip.compress(b"{}"))):
            answer = ask(connection, owner_token, f"/v2/users/{user}/lock", body, *codings)
            assert (answer.status, answer.header("Accept-Encoding")) == (415, "gzip")
            assert answer.json == {
                "code": 3,
                "message": "unknown Content-Encoding: a body is sent as gzip, or as it is"}
        # Who may not ask is not told.
        assert ask(connection, None, f"/v2/users/{user}/lock", b"{}", *codings).status == 401
    assert api.last_sequence() == before


def test_the_limit_is_that_of_the_decoded_body(server, owner_token, api):
    user = api.make_user()
    with server.connect() as connection:
        at_limit = gzip.compress(b"{}".ljust(BODY_MAX))
        assert ask(connection, owner_token, f"/v2/users/{user}/lock", at_limit,
                   "gzip").status == 200
        for over in (gzip.compress(b"{}".ljust(BODY_MAX + 1)), at_limit + gzip.compress(b" "),
                     gzip.compress(b"{}".ljust(500 * BODY_MAX))):
            answer = ask(connection, owner_token, f"/v2/users/{user}/unlock", over, "gzip")
            assert (answer.status, answer.json["code"]) == (413, 3)
    assert api.get_user(user).json["user"]["state"] == "USER_STATE_LOCKED"


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, gzip"])
def test_the_body_of_a_removal_is_ignored_whatever_it_is_called(server, owner_token, user, coding):
    with server.connect() as connection:
        answer = ask(connection, owner_token, f"/v2/users/{user}/otp_email", b"no gzip", coding,
                     method="DELETE")
        assert answer.status == 200


def test_members_of_gzip_are_joined_in_every_protocol(server, owner_token, api):
    for form, write in (("application/json", lambda user: b'{"userId":"%s"}' % user.encode()),
                        ("application/proto",
                         lambda user: b"\x0a" + bytes([len(user)]) + user.encode())):
        user = api.make_user_with_factor(fresh("gz"))
        body = write(user)
        zipped = gzip.compress(body[:3]) + gzip.compress(body[3:])
        with server.connect() as connection:
            answer = connection.ask(request(
                "POST", "/zitadel.user.v2.UserService/RemoveOTPEmail", owner_token, zipped,
                [f"Content-Type: {form}", "Content-Encoding: gzip"]))
            assert answer.status == 200, answer
