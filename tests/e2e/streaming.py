"""Calls whose answer is a stream, over every protocol that has them: what was answered so far, in
the same words whatever carried it, and how it ended."""

import base64
import dataclasses
import json
import urllib.parse

from google.protobuf import json_format

from bulk import ADD, chunk
from bulk import PATH as BULK_PATH
from chunks import ChunkedLines
from event_stream import NDJSON, SSE
from frames import (DATA, END_HEADERS, END_STREAM, NO_ERROR, WHOLE, FrameConnection, frame, get,
                    headers)
from messages import message, pool
from outcome import Outcome
from rpc import (GRPC, WEB, WEB_TEXT, connect_error, enveloped, grpc_end, json_error, json_outcome,
                 web_trailers)
from wire import Answer, Connection, request

FRAME_SIZE = 16_384  # more a server need not take (RFC 9113, section 4.2)
PAGE = "application/json"
CONNECT_JSON, CONNECT_PROTO = "application/connect+json", "application/connect+proto"
BY_PATH = (NDJSON, SSE, PAGE)

# Every streaming call: its RPC, and its verb and path.
STREAMS = {
    "BulkRemoveOTPEmail": ("/factord.v1.FactorService/BulkRemoveOTPEmail", "POST", BULK_PATH),
    "BulkAddHumanUser": ("/factord.v1.UserService/BulkAddHumanUser", "POST", ADD),
    "Watch": ("/factord.v1.EventService/Watch", "GET", "/v2/events"),
}

# What a line that was done has by path.
DONE = {"BulkRemoveOTPEmail": 200, "BulkAddHumanUser": 201}

# name: (media type of the answer, version of HTTP)
PROTOCOLS = {
    "ndjson-http1": (NDJSON, 1), "ndjson-http2": (NDJSON, 2),
    "sse-http1": (SSE, 1), "sse-http2": (SSE, 2),
    "page-http1": (PAGE, 1), "page-http2": (PAGE, 2),
    "grpc": (GRPC, 2),
    "grpc-web-http1": (WEB, 1), "grpc-web-http2": (WEB, 2),
    "grpc-web-text-http1": (WEB_TEXT, 1), "grpc-web-text-http2": (WEB_TEXT, 2),
    "connect-json-http1": (CONNECT_JSON, 1), "connect-json-http2": (CONNECT_JSON, 2),
    "connect-proto-http1": (CONNECT_PROTO, 1), "connect-proto-http2": (CONNECT_PROTO, 2),
}

# What a parameter of the path is called that a field of WatchRequest becomes.
QUERY = {"types": "type", "creators": "creator", "orgs": "org", "userId": "user"}


def whole_envelopes(body):
    """Those that have come to their end."""
    found, rest = [], body
    while len(rest) >= 5 and len(rest) >= 5 + int.from_bytes(rest[1:5], "big"):
        length = int.from_bytes(rest[1:5], "big")
        found.append((rest[0], rest[5:5 + length]))
        rest = rest[5 + length:]
    return found


def decoded(body, form):
    if not form.endswith("text"):
        return body
    whole = body[:len(body) - len(body) % 4]  # each part is padded for itself
    return b"".join(base64.b64decode(whole[at:at + 4]) for at in range(0, len(whole), 4))


class _OverHttp1(ChunkedLines):
    """A request of its own connection, and what has come of the answer."""

    def __init__(self, port, verb, path, fields, body, ends):
        connection = Connection.tcp(port)
        coding = [] if body is None else ["Transfer-Encoding: chunked"]
        connection.send(request(verb, path, headers=[f"{name}: {value}" for name, value in fields]
                                + coding))
        if body is not None:
            connection.send((chunk(body) if body else b"") + (b"0\r\n\r\n" if ends else b""))
        super().__init__(connection)
        self.fields = [tuple(line.split(": ", 1)) for line in self.head.split("\r\n")[1:]]
        length = dict(self.fields).get("Content-Length")
        if length is not None:
            self.text = connection._take(int(length))  # pylint: disable=protected-access
            self.ended = True

    def more(self):
        self._read_chunk()

    def answer(self):
        return Answer(self.status, "", self.fields, self.text)


class _OverHttp2:
    """The same of HTTP/2, frame by frame: what was begun goes on behind a GOAWAY."""

    def __init__(self, port, verb, path, fields, body, ends):
        self.connection = FrameConnection.tcp(port)
        self.stream = self.connection.stream(1)
        asked = get(path, *((name.lower(), value) for name, value in fields), method=verb)
        self.connection.send(headers(1, asked, WHOLE if body is None else END_HEADERS))
        if body is not None:
            for at in range(0, len(body) or 1, FRAME_SIZE):
                last = ends and at + FRAME_SIZE >= len(body)
                self.connection.send(
                    frame(DATA, END_STREAM if last else 0, 1, body[at:at + FRAME_SIZE]))
        while self.stream.status is None:
            self.more()

    @property
    def ended(self):
        assert self.stream.code in (None, NO_ERROR), self.stream.code
        return self.stream.ended

    def more(self):
        assert self.connection.read_frame(), "closed in the middle of an answer"

    def answer(self):
        """Its trailers stand behind its fields."""
        fields = [field for field in self.stream.fields if field[0] != ":status"]
        return Answer(self.stream.status, "", fields, self.stream.body)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.sock.close()


@dataclasses.dataclass
class Seen:
    """What has come: the answers; how it ended, None where it goes on; and as HTTP has it."""
    answers: list
    end: Outcome
    answer: Answer


class StreamCall:
    """One call. `sent`: messages in protobuf's JSON mapping, or bytes in place of one; `ends`:
    nothing follows them; `query`: further parameters, of paths."""

    def __init__(self, protocol, port, method, sent, fields=(), ends=True, query=()):
        self.form, version = PROTOCOLS[protocol]
        self.method, self.sent = method, sent
        rpc, verb, path = STREAMS[method]
        if self.form in BY_PATH:
            body, own, self.query = self._by_path(verb, query)
            path += "?" + urllib.parse.urlencode(self.query, doseq=True) if self.query else ""
        else:
            verb, path, body = "POST", rpc, self._enveloped()
            own = [("Content-Type", self.form), ("TE", "trailers")]
        named = {name.lower() for name, _ in fields}
        every = [*((name, value) for name, value in own if name.lower() not in named), *fields]
        make = _OverHttp1 if version == 1 else _OverHttp2
        self.call = make(port, verb, path, every, body, ends)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.call.__exit__()

    def _by_path(self, verb, query):
        if verb == "POST":
            lines = [each if isinstance(each, bytes) else json.dumps(each).encode()
                     for each in self.sent]
            return b"".join(line + b"\n" for line in lines), [("Content-Type", NDJSON)], dict(query)
        [asked] = self.sent
        asked, own = dict(asked), [("Accept", self.form)]
        if "storeId" in asked:
            own.append(("Last-Event-ID", f"{asked.pop('storeId')}:{asked.pop('after', 0)}"))
        return None, own, {**{QUERY.get(name, name): value for name, value in asked.items()},
                           **dict(query)}

    def _enveloped(self):
        kind = message(f"factord.v1.{self.method}Request")
        payloads = [each if isinstance(each, bytes)
                    else json.dumps(each).encode() if self.form == CONNECT_JSON
                    else json_format.ParseDict(each, kind()).SerializeToString()
                    for each in self.sent]
        whole = b"".join(map(enveloped, payloads))
        return base64.b64encode(whole) if self.form == WEB_TEXT else whole

    def read(self, count=None):
        """What has come once it has ended, or once so many answers are there, but for a page."""
        while True:
            seen = self._seen()
            enough = count is not None and len(seen.answers) >= count and self.form != PAGE
            if self.call.ended or enough:
                return seen
            self.call.more()

    def _seen(self):
        answer = self.call.answer()
        if self.form in BY_PATH and answer.status != 200:
            end = json_outcome(self.method, answer) if self.call.ended else None
            return Seen([], end, answer)
        assert (answer.status, answer.header("Content-Type")) == (200, self.form), answer
        if self.form in BY_PATH:
            return self._seen_by_path(answer)
        found = whole_envelopes(decoded(answer.body, self.form))
        end = self._end_of(found, answer)
        assert all(flags == 0 for flags, _ in found), found
        kind = message(f"factord.v1.{self.method}Response")
        said = [json.loads(payload) if self.form == CONNECT_JSON
                else json_format.MessageToDict(kind.FromString(payload), descriptor_pool=pool())
                for _, payload in found]
        return Seen(self._told(said), end, answer)

    def _end_of(self, found, answer):
        """Takes the last envelope, where that is the end."""
        if self.form == GRPC:
            return grpc_end(dict(answer.fields)) if self.call.ended else None
        if not found or found[-1][0] == 0:
            assert not self.call.ended, "it ended without saying how"
            return None
        flags, last = found.pop()
        if self.form in (WEB, WEB_TEXT):
            return grpc_end(web_trailers(flags, last))
        assert flags == 2
        said = json.loads(last)
        return connect_error(said["error"]) if said else Outcome()

    def _seen_by_path(self, answer):
        end = Outcome() if self.call.ended else None
        if self.form == PAGE:
            return Seen(answer.json["events"] if end else [], end, answer)
        lines = [line for line in answer.body.decode().split("\n")[:-1] if line]
        if self.form == SSE:
            lines = [line[6:] for line in lines if line.startswith("data: ")]
        said = [json.loads(line) for line in lines]
        if self.method == "Watch":
            return Seen(said, end, answer)
        return self._lines(said, end, answer)

    def _lines(self, said, end, answer):
        """Of a bulk a last line that answers none of those sent is the end."""
        numbers = [number for number, line in enumerate(self.sent, 1)
                   if not isinstance(line, bytes) or line.strip()]
        if end and said and len(said) != len(numbers):
            last = said.pop()
            assert set(last) == {"line", "status", "error"} and last["line"] == len(said) + 1, last
            end = json_error(last["status"], last["error"])
        for number, line in zip(numbers, said):
            assert line.pop("line", number) == number
        return Seen(self._told(said), end, answer)

    def _told(self, said):
        """The events of messages; of bulks, what became of each line."""
        if self.method == "Watch":
            return [event for each in said for event in each.get("events", [])]
        return [self._line(dict(each)) for each in said]

    def _line(self, said):
        error, status = said.pop("error", None), said.pop("status", None)
        if error is None:
            assert status == (DONE[self.method] if self.form in BY_PATH else None)
            return Outcome(message=said)
        told = json_error(status, error) if self.form in BY_PATH else _status_of(error)
        return dataclasses.replace(told, message=said)


def _status_of(error):
    """Of a google.rpc.Status as JSON."""
    [detail] = error.get("details") or [{}]
    return Outcome(error["code"], error["message"], detail.get("id"), detail.get("message"))
