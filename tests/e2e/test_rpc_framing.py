"""Messages of gRPC, gRPC-Web and Connect as bytes: what is malformed, too large, or compressed.
None of it reaches the store, and the connection goes on."""

import base64
import gzip

import pytest

from api import fresh
from messages import message, of_method
from outcome import Outcome, refused
from rpc import (CONNECT_JSON, CONNECT_PROTO, GRPC, PROTOCOLS, WEB, WEB_TEXT, Client, enveloped,
                 is_connect, path_of, rpc_outcome)

METHOD = "RemoveOTPEmail"
REQUEST, ANSWER = of_method(METHOD)
BODY_MAX = 64 << 10
RPCS = [name for name, (form, _) in PROTOCOLS.items() if form]
ENVELOPED = [name for name in RPCS if not is_connect(PROTOCOLS[name][0])]
NO_FACTOR = refused(5, "Multifactor OTP (OneTimePassword) doesn't exist", "COMMAND-b312D")
ACCEPTED = "identity,gzip"


@pytest.fixture(params=RPCS)
def client(server, request):
    made = Client(request.param, server.port)
    yield made
    made.close()


def of_protocols(names):
    return pytest.mark.parametrize("client", names, indirect=True)


@pytest.fixture
def send(client, owner_token, api):
    """Sends a body as it is; the answer, and what it says. Nothing but 200 may write."""

    def ask(body, *fields, form=None):
        before = api.last_sequence()
        if client.form == WEB_TEXT:
            body = base64.b64encode(body)
        head = [("Content-Type", form or client.form), ("Authorization", f"Bearer {owner_token}")]
        answer = client.connection.ask("POST", path_of(METHOD), [*head, *fields], body)
        outcome = rpc_outcome(client.form, answer, ANSWER)
        assert api.last_sequence() == before + (outcome.code == 0)
        return answer, outcome

    yield ask
    # Whatever came: the same connection takes the next call.
    seen = client.call(METHOD, {"userId": fresh("nobody")}, f"Bearer {owner_token}")
    assert seen == NO_FACTOR


def of_user(user):
    return REQUEST(user_id=user).SerializeToString()


def padded(size):
    """A removal of nobody, in a message of so many bytes: the rest is a field that is unknown."""
    head = of_user("nobody")
    for length in range(size - len(head) - 6, size - len(head)):
        digits = []
        rest = length
        while rest > 0x7F:
            digits.append(rest & 0x7F | 0x80)
            rest >>= 7
        whole = head + bytes([15 << 3 | 2, *digits, rest]) + b"x" * length
        if len(whole) == size:
            return whole
    raise AssertionError(size)


@of_protocols(ENVELOPED)
@pytest.mark.parametrize("body, code", [
    (b"", 12),                                        # a unary call has one message,
    (enveloped(b"") + enveloped(b""), 12),            # not two
    (b"\0", 3), (b"\0\0\0\0", 3),                     # the head of an envelope cut short
    (b"\0\0\0\0\5\x0a\2u1", 3),                       # its message
    (enveloped(b"\x0a\2u1") + b"\0", 12),             # a second one, begun
    (enveloped(b"\x0a\2u1", 2), 3), (enveloped(b"\x0a\2u1", 0x80), 3),  # unknown flags
    (enveloped(b"\x0a\5u1"), 3), (enveloped(b"\xff"), 3),               # not protobuf
    (enveloped(b"\x0a\1\xff"), 3),                                      # not UTF-8
    (enveloped(b"\x0a\3a\0b"), 3),                                      # U+0000
    (b"\0\0\1\0\1", 8), (b"\0\xff\xff\xff\xff", 8),   # too large by what it announces
])
def test_malformed_envelopes(send, body, code):
    _, outcome = send(body)
    assert outcome.code == code
    assert outcome.error_id is None


@of_protocols([name for name in RPCS if name.startswith("connect-proto")])
@pytest.mark.parametrize("body", [b"\x0a\5u1", b"\xff", b"\x0a\1\xff", b"\x0a\3a\0b", b""])
def test_malformed_messages_of_connect(send, body):
    assert send(body)[1].code == 3


@of_protocols([name for name in RPCS if name.startswith("connect-json")])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"userId":1}', b'{"userId":"\xff"}',
                                  b'{"userId":"a"} x', b"[" * 1000 + b"]" * 1000])
def test_malformed_json_of_connect(send, body):
    assert send(body)[1].code == 3


def test_a_message_at_its_limit_and_one_byte_more(client, send):
    if client.form == CONNECT_JSON:
        exactly = b'{"userId":"nobody"}'.ljust(BODY_MAX)
        assert send(exactly)[1] == NO_FACTOR
        return
    if is_connect(client.form):
        assert send(padded(BODY_MAX))[1] == NO_FACTOR
        return
    # The body's limit counts the envelope, and base64 makes 4 bytes of 3.
    room = (BODY_MAX // 4 * 3 if client.form == WEB_TEXT else BODY_MAX) - 5
    assert send(enveloped(padded(room)))[1] == NO_FACTOR


@of_protocols([name for name in RPCS if name.endswith("http2") or name == "grpc"])
def test_a_body_that_is_too_large_is_refused_as_the_protocol_says(client, owner_token):
    body = b"x" * (BODY_MAX + 1)
    answer = client.connection.ask("POST", path_of(METHOD), [
        ("Content-Type", client.form), ("Authorization", f"Bearer {owner_token}")], body)
    assert rpc_outcome(client.form, answer, ANSWER).code == 8


@pytest.mark.parametrize("name, value", [("grpc", GRPC), ("web", WEB), ("proto", CONNECT_PROTO)])
def test_decompressed_messages_have_the_same_limit(server, owner_token, name, value):
    protocol = {"grpc": "grpc", "web": "grpc-web-http1", "proto": "connect-proto-http1"}[name]
    client = Client(protocol, server.port)
    for size, code in ((BODY_MAX, 5), (BODY_MAX + 1, 8), (200 * BODY_MAX, 8)):
        zipped = gzip.compress(padded(size))
        body = zipped if is_connect(value) else enveloped(zipped, 1)
        field = "Content-Encoding" if is_connect(value) else "Grpc-Encoding"
        answer = client.connection.ask("POST", path_of(METHOD), [
            ("Content-Type", value), ("Authorization", f"Bearer {owner_token}"), (field, "gzip")],
            body)
        assert rpc_outcome(value, answer, ANSWER).code == code, size
    client.close()


def encoding_field(client):
    return "Content-Encoding" if is_connect(client.form) else "Grpc-Encoding"


def compressed(client, data, broken=False):
    data = gzip.compress(data)
    data = data[:-9] if broken else data
    return data if is_connect(client.form) else enveloped(data, 1)


def plain(client, data):
    return data if is_connect(client.form) else enveloped(data)


def written(client, user):
    return b'{"userId":"%s"}' % user.encode() if client.form == CONNECT_JSON else of_user(user)


def test_gzip_is_read(client, send, api):
    user = api.make_user_with_factor()
    assert send(compressed(client, written(client, user)),
                (encoding_field(client), "gzip"))[1].code == 0


def test_identity_is_read(client, send, api):
    user = api.make_user_with_factor()
    assert send(plain(client, written(client, user)),
                (encoding_field(client), "identity"))[1].code == 0


def test_broken_gzip(client, send):
    for data in (compressed(client, b"x" * 100, broken=True), plain(client, b"no gzip at all")):
        _, outcome = send(data, (encoding_field(client), "gzip"))
        assert outcome.code == 3


@pytest.mark.parametrize("name", ["br", "deflate", "snappy", "gzip, br", "GZIP2"])
def test_other_compressions_are_12_with_those_known(client, send, name):
    answer, outcome = send(plain(client, written(client, "nobody")), (encoding_field(client), name))
    assert outcome.code == 12
    named = "accept-encoding" if is_connect(client.form) else "grpc-accept-encoding"
    assert answer.header(named) == ACCEPTED


@of_protocols(ENVELOPED)
def test_a_compressed_message_needs_a_named_compression(send):
    assert send(enveloped(gzip.compress(of_user("nobody")), 1))[1].code == 3


def test_answers_are_not_compressed_for_those_who_could_read_it(client, send, api):
    user = api.make_user_with_factor()
    answer, outcome = send(plain(client, written(client, user)),
                           ("Accept-Encoding", "gzip"), ("Grpc-Accept-Encoding", "gzip"))
    assert outcome.code == 0
    assert answer.header("Content-Encoding") is None and answer.header("grpc-encoding") is None


def test_parameters_and_case_of_the_type_do_not_matter(client, send, api):
    user = api.make_user_with_factor()
    assert send(plain(client, written(client, user)),
                form=f"{client.form.upper()}; charset=utf-8")[1].code == 0


@of_protocols(ENVELOPED)
def test_the_type_may_name_its_messages(client, owner_token):
    answer = client.connection.ask("POST", path_of(METHOD), [
        ("Content-Type", client.form + "+proto"), ("Authorization", f"Bearer {owner_token}")],
        base64.b64encode(enveloped(of_user("nobody"))) if client.form == WEB_TEXT
        else enveloped(of_user("nobody")))
    assert answer.header("Content-Type") == client.form + "+proto"
    fields = [(name, value.removesuffix("+proto")) for name, value in answer.fields]
    answer.fields = fields
    assert rpc_outcome(client.form, answer, ANSWER) == NO_FACTOR


@of_protocols([name for name in RPCS if "web-text" in name])
@pytest.mark.parametrize("body", ["AAAA!", "A", "AAA", "====", "\u00e9"])
def test_text_that_is_no_base64(client, owner_token, body):
    answer = client.connection.ask("POST", path_of(METHOD), [
        ("Content-Type", client.form), ("Authorization", f"Bearer {owner_token}")], body.encode())
    assert rpc_outcome(client.form, answer, ANSWER).code == 3


def test_an_immediate_error_of_grpc_is_trailers_only(server):
    client = Client("grpc", server.port)
    answer = client.connection.ask("POST", path_of(METHOD), [("Content-Type", GRPC)],
                                   enveloped(of_user("nobody")))
    assert answer.trailers == [] and answer.body == b""
    assert rpc_outcome(GRPC, answer, ANSWER) == Outcome(16, "auth header missing")
    client.close()


def test_success_of_grpc_is_header_message_and_trailers(server, api, owner_token):
    client = Client("grpc", server.port)
    answer = client.connection.ask(
        "POST", path_of(METHOD),
        [("Content-Type", GRPC), ("Authorization", f"Bearer {owner_token}")],
        enveloped(of_user(api.make_user_with_factor())))
    assert answer.header("grpc-status") is None
    assert dict(answer.trailers) == {"grpc-status": "0"}
    client.close()


def test_unknown_methods_and_services(client, owner_token):
    for path in (path_of("SetPassword"), path_of("removeOTPEmail"), path_of(""), "/a.b.C/D",
                 "/grpc.health.v1.Health/Listen"):
        answer = client.connection.ask("POST", path, [
            ("Content-Type", client.form), ("Authorization", f"Bearer {owner_token}")], b"")
        if is_connect(client.form):
            assert answer.status == 404, path
        else:
            assert rpc_outcome(client.form, answer, ANSWER).code == 12, path


@of_protocols(["connect-json-http1", "connect-json-http2"])
@pytest.mark.parametrize("form", [None, "text/plain", "application/grpc+json", "application/xml",
                                  "application/connect+proto", "application/jsonx"])
def test_other_types_are_415_with_those_known(client, owner_token, form):
    fields = [("Authorization", f"Bearer {owner_token}"),
              *([("Content-Type", form)] if form else [])]
    answer = client.connection.ask("POST", path_of(METHOD), fields, b"{}")
    assert answer.status == 415
    assert "application/grpc-web" in answer.header("Accept-Post")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_verbs_are_405(client, method):
    answer = client.connection.ask(method, path_of(METHOD), [("Content-Type", client.form)])
    assert (answer.status, answer.header("Allow")) == (405, "POST")


def test_grpc_needs_http2(server):
    client = Client("json-http1", server.port)
    answer = client.connection.ask("POST", path_of(METHOD), [("Content-Type", GRPC)],
                                   enveloped(of_user("nobody")))
    assert (answer.status, answer.reason) == (505, "HTTP Version Not Supported")
    client.close()


def test_health_needs_no_token(client):
    request, answer = message("grpc.health.v1.HealthCheckRequest"), message(
        "grpc.health.v1.HealthCheckResponse")
    for service, wanted in (("", Outcome(message={"status": "SERVING"})),
                            ("zitadel.user.v2.UserService", Outcome(message={"status": "SERVING"})),
                            ("nowhere", refused(5, "unknown service"))):
        body = (b'{"service":"%s"}' % service.encode() if client.form == CONNECT_JSON
                else plain(client, request(service=service).SerializeToString()))
        seen = client.connection.ask("POST", "/grpc.health.v1.Health/Check", [
            ("Content-Type", client.form)],
            base64.b64encode(body) if client.form == WEB_TEXT else body)
        assert rpc_outcome(client.form, seen, answer) == wanted
