"""The API over every protocol that it speaks: JSON by paths, gRPC, gRPC-Web and Connect."""

import base64
import http.client
import json
import struct
import urllib.parse

from google.protobuf import json_format

from api import envelope
from http2 import Http1Connection, Http2Connection
from messages import SERVICE, error_detail, message, of_method
from outcome import CONNECT_CODES, HTTP_STATUS, PATH_STATUS, TEXT_STATUS, Outcome, from_base64
from wire import PATIENCE_S

# Every operation of the API: its JSON by verb and path. The other protocols follow from its name.
OPERATIONS = {
    "RemoveOTPEmail": ("DELETE", "/v2/users/{}/otp_email"),
    "AddOTPEmail": ("POST", "/v2/users/{}/otp_email"),
    "ListAuthenticationMethodTypes": ("GET", "/v2/users/{}/authentication_methods"),
    "ListAuthenticationFactors": ("POST", "/v2/users/{}/authentication_factors/_search"),
    "AddHumanUser": ("POST", "/v2/users/human"),
    "GetUserByID": ("GET", "/v2/users/{}"),
    "VerifyEmail": ("POST", "/v2/users/{}/email/verify"),
    "ResendEmailCode": ("POST", "/v2/users/{}/email/resend"),
    "LockUser": ("POST", "/v2/users/{}/lock"),
    "UnlockUser": ("POST", "/v2/users/{}/unlock"),
    "DeactivateUser": ("POST", "/v2/users/{}/deactivate"),
    "ReactivateUser": ("POST", "/v2/users/{}/reactivate"),
    "DeleteUser": ("DELETE", "/v2/users/{}"),
}

GRPC = "application/grpc"
WEB = "application/grpc-web"
WEB_TEXT = "application/grpc-web-text"
CONNECT_JSON = "application/json"
CONNECT_PROTO = "application/proto"

# name: (Content-Type, version of HTTP); no Content-Type: JSON by paths.
PROTOCOLS = {
    "json-http1": (None, 1), "json-http2": (None, 2),
    "grpc": (GRPC, 2),
    "grpc-web-http1": (WEB, 1), "grpc-web-http2": (WEB, 2),
    "grpc-web-text-http1": (WEB_TEXT, 1), "grpc-web-text-http2": (WEB_TEXT, 2),
    "connect-json-http1": (CONNECT_JSON, 1), "connect-json-http2": (CONNECT_JSON, 2),
    "connect-proto-http1": (CONNECT_PROTO, 1), "connect-proto-http2": (CONNECT_PROTO, 2),
}


def path_of(method):
    return f"/{SERVICE}/{method}"


def enveloped(payload, flags=0):
    return struct.pack(">BI", flags, len(payload)) + payload


def envelopes(body):
    """[(flags, payload)] of a whole body."""
    found = []
    while body:
        flags, length = struct.unpack(">BI", body[:5])
        assert len(body) >= 5 + length, body
        found.append((flags, body[5:5 + length]))
        body = body[5 + length:]
    return found


def is_connect(form):
    return form in (CONNECT_JSON, CONNECT_PROTO)


def write_message(form, sent):
    """The body of a request with one message."""
    if form == CONNECT_JSON:
        return json_format.MessageToJson(sent).encode()
    if form == CONNECT_PROTO:
        return sent.SerializeToString()
    body = enveloped(sent.SerializeToString())
    return base64.b64encode(body) if form == WEB_TEXT else body


def grpc_end(trailers):
    """What trailers, name -> value, say."""
    code = int(trailers["grpc-status"])
    if code == 0:
        return Outcome()
    text = urllib.parse.unquote(trailers["grpc-message"])
    if "grpc-status-details-bin" not in trailers:
        return Outcome(code, text)
    status = message("google.rpc.Status").FromString(
        from_base64(trailers["grpc-status-details-bin"]))
    assert (status.code, status.message) == (code, text)
    [held] = status.details
    assert held.type_url == "type.googleapis.com/zitadel.v1.ErrorDetail"
    detail = error_detail(held.value)
    return Outcome(code, text, detail.id, detail.message)


def grpc_outcome(trailers, payloads, kind):
    """From trailers and the messages before them."""
    end = grpc_end(trailers)
    if end.code != 0:
        assert payloads == []
        return end
    assert len(payloads) == 1
    return Outcome(message=json_format.MessageToDict(kind.FromString(payloads[0])))


def web_trailers(flags, last):
    """Those of gRPC-Web, which are an envelope."""
    assert flags == 0x80 and last.endswith(b"\r\n")
    return dict(line.split(": ", 1) for line in last.decode("ascii").split("\r\n")[:-1])


def web_outcome(body, text, kind):
    *found, last = envelopes(base64.b64decode(body, validate=True) if text else body)
    assert all(flags == 0 for flags, _ in found)
    return grpc_outcome(web_trailers(*last), [payload for _, payload in found], kind)


def connect_error(said):
    code = CONNECT_CODES[said["code"]]
    if "details" not in said:
        return Outcome(code, said["message"])
    [held] = said["details"]
    assert held["type"] == "zitadel.v1.ErrorDetail"
    detail = error_detail(from_base64(held["value"]))
    return Outcome(code, said["message"], detail.id, detail.message)


def connect_outcome(form, answer, kind):
    if answer.status == 200:
        assert answer.header("Content-Type") == form
        if form == CONNECT_JSON:
            return Outcome(message=json.loads(answer.body))
        return Outcome(message=json_format.MessageToDict(kind.FromString(answer.body)))
    assert answer.header("Content-Type") == "application/json"
    error = connect_error(answer.json)
    assert answer.status == HTTP_STATUS[error.code]
    return error


def rpc_outcome(form, answer, kind):
    """What an answer to an RPC says."""
    if is_connect(form):
        return connect_outcome(form, answer, kind)
    assert (answer.status, answer.header("Content-Type")) == (200, form)
    if form != GRPC:
        return web_outcome(answer.body, form == WEB_TEXT, kind)
    # An immediate error has its status in the header, and nothing after it.
    fields = dict(answer.trailers or answer.fields)
    return grpc_outcome(fields, [payload for _, payload in envelopes(answer.body)], kind)


def json_error(status, said):
    """What the envelope of an error says, which has this status."""
    [detail] = said.get("details") or [{}]
    by_code = TEXT_STATUS.get(said["message"], HTTP_STATUS[said["code"]])
    assert status == PATH_STATUS.get(detail.get("id"), by_code), (status, said)
    return Outcome(said["code"], said["message"], detail.get("id"), detail.get("message"))


def json_outcome(method, answer):
    if answer.status in (200, 201):
        assert (answer.status == 201) == (method == "AddHumanUser")
        return Outcome(message=answer.json)
    error = json_error(answer.status, answer.json)
    assert answer.body == envelope(error.code, error.detail_text or error.text, error.error_id)
    return error


class Client:
    """Calls of the API over one of the protocols, all on one connection."""

    # Of the last call by a path: verb, path with {} for the id, body, id in the path, answer.
    last = None
    # The ETag and the X-Request-Id of the last call's answer; of gRPC they are metadata.
    tag = None
    request_id = None

    def __init__(self, protocol, port):
        self.form, version = PROTOCOLS[protocol]
        if version == 2:
            self.connection = Http2Connection.tcp(port)
        else:
            self.connection = Http1Connection(
                http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S))

    def close(self):
        self.connection.close()

    def call(self, method, sent, authorization=None, fields=()):
        """`sent` in protobuf's JSON mapping."""
        fields = [*fields, *([("Authorization", authorization)] if authorization else [])]
        return (self._call_path if self.form is None else self._call_rpc)(method, sent, fields)

    def _call_path(self, method, sent, fields):
        verb, path = OPERATIONS[method]
        body = dict(sent)
        user = body.pop("userId") if "{}" in path else None
        data = json.dumps(body).encode() if verb == "POST" else None
        answer = self.connection.ask(verb, path.format(urllib.parse.quote(user or "", safe="")),
                                     fields, data)
        self.last = (verb, path, body if verb == "POST" else None, user, answer)
        self._note(answer)
        return json_outcome(method, answer)

    def _call_rpc(self, method, sent, fields):
        request, answer = of_method(method)
        body = write_message(self.form, json_format.ParseDict(sent, request()))
        fields = [("Content-Type", self.form), ("TE", "trailers"), *fields]
        seen = self.connection.ask("POST", path_of(method), fields, body)
        self._note(seen)
        return rpc_outcome(self.form, seen, answer)

    def _note(self, answer):
        self.tag = answer.header("ETag")
        self.request_id = answer.header("X-Request-Id")
