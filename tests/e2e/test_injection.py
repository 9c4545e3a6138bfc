"""Bytes from outside that mean something elsewhere (line ends, NUL, escapes, broken UTF-8): an
answer has the header that it always has, and a line of the log stays one."""

import json

import pytest

from api import fresh, quoted
from conftest import ORIGIN
from frames import WHOLE, FrameConnection, block, get, headers
from rpc import PROTOCOLS, Client
from wire import request

MARK = "X-Injected"
HOSTILE = {
    "line end": f"a\r\n{MARK}: 1\r\n\r\nbody",
    "line feed": f"a\n{MARK}: 1",
    "carriage return": f"a\r{MARK}: 1",
    "escape": f"a\x1b[2J{MARK}",
    "delete": f"a\x7f{MARK}",
    "next line": f"a\x85{MARK}",
    "short escape": f"a\x9b2J{MARK}",
    "separators": f"a\u2028{MARK}\u2029",
    "quotes": f'a","level":"error","{MARK}":"',
    "backslash": f"a\\\"{MARK}",
}
NUL = {"nul": f"a\0{MARK}"}
BROKEN_UTF8 = {"high byte": b"\xff" + MARK.encode(), "cut short": MARK.encode() + b"\xe2\x82",
               "overlong": b"\xc0\x8a" + MARK.encode(),
               "surrogate": b"\xed\xa0\x80" + MARK.encode()}


def names(answer):
    return [name for name, _ in answer.fields]


def check_header(answer, like):
    """The names of `like`, once each and in its order, and no value of the sender's."""
    assert names(answer) == names(like)
    assert MARK.lower() not in repr(answer.fields).lower()


@pytest.fixture(autouse=True)
def the_log_stays_as_it_is(server):
    before = len(server.log())
    yield
    said = server.log()[before:]
    assert MARK not in said and "\x1b" not in said
    for line in said.splitlines():
        assert isinstance(json.loads(line), dict)


@pytest.fixture(name="connection")
def a_connection(server):
    with server.connect() as connection:
        yield connection


# What a terminal may take for a command.
CONTROLS = {chr(code) for code in (*range(32), *range(127, 160))} - {"\n"}
ANY = {**HOSTILE, **NUL, **BROKEN_UTF8}


@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize("path", ["/v2/users/{}", "/v2/users/u/{}", "/{}", "/v2/events?after={}",
                                  "/v2/events?user={}", "/zitadel.user.v2.UserService/{}"])
def test_in_an_encoded_path(connection, owner_token, name, path):
    plain = connection.ask(request("GET", path.format("nobody"), owner_token))
    answer = connection.ask(request("GET", path.format(quoted(ANY[name])), owner_token))
    assert answer.status in (200, 400, 404)
    if answer.status == plain.status:
        check_header(answer, plain)
    assert set(names(answer)) <= {"Server", "Cache-Control", "X-Content-Type-Options", "Date",
                                  "X-Request-Id", "Vary", "Content-Type", "Content-Length"}
    assert MARK.lower() not in repr(answer.fields).lower()


@pytest.mark.parametrize("field", ["Authorization", "Origin", "x-zitadel-orgid", "Content-Type",
                                   "Access-Control-Request-Headers", "grpc-timeout", "User-Agent"])
@pytest.mark.parametrize("name", ANY)
def test_in_a_header_field(server, field, name):
    value = ANY[name] if isinstance(ANY[name], bytes) else ANY[name].encode()
    ask = request("OPTIONS", "/v2/users/u/otp_email", headers=[f"Origin: {ORIGIN}"])
    lines = ask[:-2] + field.encode() + b": " + value + b"\r\n\r\n"
    with server.connect() as connection:
        answer = connection.ask(lines)
        # Control bytes are refused. What ends the field is one more field, or nonsense: never ours.
        if set(value) & set(b"\r\n\0\x1b\x7f"):
            assert answer.status == 400 or b"\r\n" in value
        assert MARK.lower() not in repr(answer.fields).lower()
        if answer.status == 204 and answer.header("Access-Control-Allow-Origin"):
            assert answer.header("Access-Control-Allow-Origin") == ORIGIN


@pytest.mark.parametrize("name", [name for name in ANY if not isinstance(ANY[name], bytes)])
def test_in_a_field_of_http2(server, name):
    for field in ("authorization", "origin", "x-zitadel-orgid"):
        with FrameConnection.tcp(server.port) as connection:
            connection.send(headers(1, get("/v2/users/u", (field, ANY[name].encode())), WHOLE))
            connection.send(headers(3, get(), WHOLE))
            assert connection.answer(3).status == 200
            seen = connection.streams[1]
            if set(ANY[name]) & set("\r\n\0"):
                assert seen.status in (None, 400)
            assert MARK.lower() not in repr(seen.fields).lower()


@pytest.mark.parametrize("path", ["/healthz\r\nx: 1", "/v2/users/\0", "/a\nb", "/\x1b[2J", "/ x"])
def test_in_a_path_of_http2(server, path):
    with FrameConnection.tcp(server.port) as connection:
        connection.send(headers(1, block((":method", "GET"), (":scheme", "http"),
                                         (":authority", "x"), (":path", path)), WHOLE))
        connection.send(headers(3, get(), WHOLE))
        assert connection.answer(3).status == 200
        assert connection.streams[1].status in (None, 400, 401, 404)


@pytest.mark.parametrize("name", HOSTILE)
def test_in_a_body_that_is_kept(server, api, name):
    """Ids, names and organizations may be any text: it comes back as data, one line of it."""
    user = fresh() + HOSTILE[name]
    plain = api.get_user(api.make_user())
    api.make_user_with_factor(user, org=HOSTILE[name])
    answer = api.get_user(user)
    assert answer.json["user"]["userId"] == user
    check_header(answer, plain)
    removed = api.remove_otp_email(user)
    assert removed.status == 200
    check_header(removed, plain)
    assert server.ctl("token", "create", "--user", user, "--role", "ORG_OWNER", "--org",
                      HOSTILE[name]).returncode == 0
    for command in (["events", "--user", user], ["token", "list"]):
        done = server.ctl(*command)
        assert done.returncode == 0
        assert not set(done.stdout) & CONTROLS
        assert not [line for line in done.stdout.split("\n") if line.startswith(MARK)]
    for line in server.ctl("events", "--user", user).stdout.split("\n")[:-1]:
        assert json.loads(line)["aggregateId"] == user


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", HOSTILE)
def test_in_an_rpc_that_fails(server, owner_token, protocol, name):
    """Of messages that go into a header, or into the trailers of gRPC-Web."""
    client = Client(protocol, server.port)
    for method in ("RemoveOTPEmail", "GetUserByID"):
        outcome = client.call(method, {"userId": HOSTILE[name]}, f"Bearer {owner_token}")
        assert outcome.code == 5 and MARK not in outcome.text
    client.close()
