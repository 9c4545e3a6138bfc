"""JSON bodies by path and by Connect: one reader, so the same bytes have the same verdict, the same
words and the same effect, over HTTP/1.1 and HTTP/2."""

import http.client
import json

import pytest

from api import fresh
from http2 import Http1Connection, Http2Connection
from rpc import path_of
from wire import PATIENCE_S

BODY_MAX = 64 << 10
SEARCH = ("ListAuthenticationFactors", "/v2/users/{user}/authentication_factors/_search")
ADD = ("AddHumanUser", "/v2/users/human")
LOCK = ("LockUser", "/v2/users/{user}/lock")
PERSON = '"profile":{"givenName":"A","familyName":"B"},"email":{"email":"{user}@b.ch"}'


@pytest.fixture(params=[1, 2], ids=["http1", "http2"])
def connection(server, request):
    if request.param == 2:
        made = Http2Connection.tcp(server.port)
    else:
        made = Http1Connection(http.client.HTTPConnection("127.0.0.1", server.port,
                                                          timeout=PATIENCE_S))
    yield made
    made.close()


@pytest.fixture
def both(connection, owner_token):
    """Sends one body to a path and by Connect; the two answers."""
    head = [("Authorization", f"Bearer {owner_token}"), ("x-zitadel-orgid", "acme")]

    def ask(call, body, users):
        """`users` stand for {user}, one for each way, of one length: so offsets are the same."""
        method, path = call
        first, second = (body.replace(b"{user}", user.encode()) for user in users)
        return (connection.ask("POST", path.replace("{user}", users[0]), head, first),
                connection.ask("POST", path_of(method),
                               [*head, ("Content-Type", "application/json")], second))

    return ask


def pair():
    """Two new ids of one length."""
    mark = fresh("")
    return f"p{mark}", f"c{mark}"


def named(rest):
    return b'{"userId":"{user}",' + (rest if isinstance(rest, bytes) else rest.encode()) + b"}"


def nested(depth):
    """A body with so many levels, itself the first."""
    return named('"x":' + "[" * (depth - 1) + "]" * (depth - 1))


REFUSED = [
    (SEARCH, named('"authFactors":["BOGUS"]')),
    (SEARCH, named('"authFactors":["2"]')),
    (SEARCH, named('"authFactors":[null]')),
    (SEARCH, named('"authFactors":"OTP_EMAIL"')),
    (SEARCH, named('"authFactors":["OTP_EMAIL",]')),
    (SEARCH, named('"authFactors":["OTP_EMAIL"],')),
    (SEARCH, named('"authFactors":[9]')),
    (SEARCH, named('"authFactors":[2],"auth_factors":[2]')),
    (SEARCH, named('"states":["READY"]')),
    (SEARCH, nested(33)),
    (SEARCH, nested(40)),
    (SEARCH, named('"x":NaN')),
    (SEARCH, named('"x":01')),
    (SEARCH, named('"x":1,"x":2')),
    (SEARCH, named('"x":"\\uD800"')),
    (SEARCH, named(b'"x":"\xff"')),
    (SEARCH, b'{"userId":"{user}","userId":"{user}"}'),
    (SEARCH, b'{"userId":"{user}","user_id":"{user}"}'),
    (SEARCH, b'{"userId":7}'),
    (SEARCH, b'{"userId":"{user}"} x'),
    (SEARCH, b" "),
    (SEARCH, b"null"),
    (LOCK, b'{"userId":"{user}",}'),
    (LOCK, b'{"userId":["{user}"]}'),
    (ADD, named('"email":{"email":"{user}@b.ch"},'
                 '"profile":{"givenName":"A","familyName":"B","gender":"BOGUS"}')),
    (ADD, named('"email":{"email":"{user}@b.ch"},'
                 '"profile":{"givenName":"A","familyName":"B","gender":"2"}')),
    (ADD, named('"profile":{"givenName":"A","familyName":"B"},'
                 '"email":{"email":"{user}@b.ch","isVerified":"true"}')),
    (ADD, named('"profile":{"givenName":"A","familyName":"B"},'
                 '"email":{"email":"{user}@b.ch","isVerified":true,"returnCode":{}}')),
    (ADD, named(PERSON + ',"totpSecret":7')),
    (ADD, named(PERSON + ',"metadata":[null]')),
]


@pytest.mark.parametrize("call, body", REFUSED, ids=lambda value: repr(value)[:60])
def test_refused_by_both_in_the_same_words(api, both, call, body):
    users = pair()
    if call != ADD:
        for user in users:
            api.make_user_with_factor(user)
    before = api.last_sequence()
    by_path, by_connect = both(call, body, users)
    assert (by_path.status, by_path.json["code"]) == (400, 3), by_path
    assert (by_connect.status, by_connect.json["code"]) == (400, "invalid_argument"), by_connect
    assert by_path.json["message"] == by_connect.json["message"]
    assert api.last_sequence() == before


UNKEPT = ['"password":{"password":"x"}', '"hashedPassword":{}', '"phone":{"phone":"1"}',
          '"metadata":[{"key":"k","value":"dg=="}]', '"idpLinks":[{}]', '"totpSecret":"s"']


@pytest.mark.parametrize("field", UNKEPT)
def test_what_would_not_be_kept_is_501_by_both(api, both, field):
    before = api.last_sequence()
    by_path, by_connect = both(ADD, named(f"{PERSON},{field}"), pair())
    assert (by_path.status, by_connect.status) == (501, 501)
    assert by_path.json["message"] == by_connect.json["message"]
    assert api.last_sequence() == before


FOUND = [
    (named('"authFactors":["OTP_EMAIL"],"states":["AUTH_FACTOR_STATE_READY"]'), True),
    (named('"auth_factors":[2],"states":[2]'), True),
    (named('"authFactors":[],"states":null'), True),
    (named('"authFactors":["U2F"]'), False),
    (named('"states":[3]'), False),
    (b' {\t"user_id" :\r\n"{user}" } ', True),
    (named('"unknown":[1e400,{"a":null}],"other":"\\u0000"'), True),
    (nested(32), True),
    (named('"authFactors":[]').ljust(BODY_MAX - 64), True),
]


@pytest.mark.parametrize("body, found", FOUND, ids=lambda value: repr(value)[:60])
def test_read_alike_by_both(api, both, body, found):
    users = pair()
    for user in users:
        api.make_user_with_factor(user)
    by_path, by_connect = both(SEARCH, body, users)
    assert (by_path.status, by_connect.status) == (200, 200), (by_path, by_connect)
    assert by_path.body == by_connect.body
    assert ("result" in by_path.json) == found


@pytest.mark.parametrize("size, status", [(BODY_MAX, (200, 200)), (BODY_MAX + 1, (413, 429))])
def test_bodies_at_the_limit_and_one_past(api, server, owner_token, size, status):
    user = api.make_user()
    body = b'{"userId":"%s"}' % user.encode()
    for path, wanted in zip((f"/v2/users/{user}/lock", path_of("UnlockUser")), status):
        connection = Http2Connection.tcp(server.port)
        answer = connection.ask("POST", path, [("Authorization", f"Bearer {owner_token}"),
                                               ("Content-Type", "application/json")],
                                body.ljust(size))
        assert answer.status == wanted, answer
        connection.close()


def shown(api, user):
    """What is kept of a user, without what differs."""
    human = api.get_user(user).json["user"]["human"]
    return json.loads(json.dumps(human).replace(user, "ID"))


MADE = [
    named(PERSON),
    b'{"user_id":"{user}","username":null,"phone":null,"metadata":[],"x":[{}],' + PERSON.encode()
    + b"}",
    named('"profile":{"given_name":"\\u00dc \\uD83D\\uDE01","familyName":"B","nick_name":"n",'
           '"gender":"GENDER_DIVERSE"},"email":{"email":"{user}@b.ch","is_verified":true}'),
    named('"profile":{"givenName":"A","familyName":"B","gender":2.0},'
           '"email":{"email":"{user}@b.ch","isVerified":false,"sendCode":null}'),
]


@pytest.mark.parametrize("body", MADE, ids=range(len(MADE)))
def test_users_are_made_alike_by_both(api, both, body):
    users = pair()
    by_path, by_connect = both(ADD, body, users)
    assert (by_path.status, by_connect.status) == (201, 200), (by_path, by_connect)
    assert shown(api, users[0]) == shown(api, users[1])


def test_the_fault_is_told_with_its_path_and_place(both):
    by_path, _ = both(ADD, named('"email":{"email":"{user}@b.ch","isVerified":1}'), ("u", "v"))
    assert by_path.json["message"] == \
        "invalid JSON: email.isVerified must be true or false, at byte 53"


def test_an_empty_body_is_an_empty_object(api, both):
    users = pair()
    by_path, by_connect = both(SEARCH, b"", users)
    assert (by_path.status, by_path.body) == (200, b"{}")
    assert by_connect.json["message"] == (
        "invalid ListAuthenticationFactorsRequest.UserId: value length must be between 1 and 200 "
        "runes, inclusive")
