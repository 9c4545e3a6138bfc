"""HTTP/2 frame by frame: a client that sends what it is told to, right or wrong, and notes what it
gets. (Clients that keep to the rules are in http2.py.)"""

import dataclasses
import socket
import struct

import hpack

from wire import PATIENCE_S

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)

ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITIZED = 0x20
WHOLE = END_STREAM | END_HEADERS

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR = range(4)
STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR = range(5, 10)
ENHANCE_YOUR_CALM = 11

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS = 1, 2, 3
INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = 4, 5, 6


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """`length`: what the frame says of itself, where that is not the truth."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def settings(*pairs):
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", *pair) for pair in pairs))


def window_update(stream, by):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", by))


def reset(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def ping(text=b"12345678"):
    return frame(PING, payload=text)


def _text(value):
    data = value.encode("latin-1") if isinstance(value, str) else value
    size, out = len(data), bytearray()
    if size < 127:
        return bytes([size]) + data
    size -= 127
    out.append(127)
    while size >= 128:
        out.append(size % 128 + 128)
        size //= 128
    out.append(size)
    return bytes(out) + data


def block(*fields):
    """A header block of literals as they are, not Huffman coded, not indexed."""
    return b"".join(b"\x00" + _text(name) + _text(value) for name, value in fields)


def get(path="/healthz", *more, method="GET"):
    """The fields of a request that nothing is wrong with, and `more`."""
    return block((":method", method), (":scheme", "http"), (":authority", "x"), (":path", path),
                 *more)


def headers(stream, fields, flags=WHOLE):
    return frame(HEADERS, flags, stream, fields)


@dataclasses.dataclass
class StreamSeen:
    """What came on one stream."""
    fields: list = dataclasses.field(default_factory=list)  # of the header, then of trailers
    body: bytes = b""
    ended: bool = False
    code: int = None  # of RST_STREAM

    @property
    def status(self):
        found = [value for name, value in self.fields if name == ":status"]
        return int(found[0]) if found else None

    def header(self, name):
        return next((value for key, value in self.fields if key == name), None)


class FrameConnection:
    """`begin`: the preface and these settings are sent at once."""

    def __init__(self, sock, begin=settings()):
        self.sock = sock
        self.sock.settimeout(PATIENCE_S)
        self.input = b""
        self.decoder = hpack.Decoder()
        self.decoder.max_allowed_table_size = 65536
        self.streams = {}
        self.goaways = []  # (last stream, code)
        self.settings = None  # the other side's
        self.acks = 0
        self.pongs = []
        self.windows = {}  # what was given, by stream
        self.ended = False  # the other side closed
        if begin is not None:
            self.send(PREFACE + begin)

    @classmethod
    def tcp(cls, port, begin=settings()):
        sock = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock, begin)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)
        return self

    def send_unless_closed(self, data):
        try:
            self.sock.sendall(data)
        except ConnectionError:
            pass
        return self

    def stream(self, number):
        return self.streams.setdefault(number, StreamSeen())

    def read_frame(self):
        """Notes the next frame, or the end; False at the end."""
        head = self._take(9)
        if head is None:
            self.ended = True
            return False
        size, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        number = int.from_bytes(head[5:9], "big") & 0x7FFFFFFF
        payload = self._take(size)
        assert payload is not None, "ended within a frame"
        self._note(kind, flags, number, payload)
        return True

    def _take(self, count):
        while len(self.input) < count:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self.input += data
        taken, self.input = self.input[:count], self.input[count:]
        return taken

    def _note(self, kind, flags, number, payload):
        if kind == SETTINGS and flags & ACK:
            self.acks += 1
        elif kind == SETTINGS:
            self.settings = dict(struct.iter_unpack(">HI", payload))
            self.send_unless_closed(frame(SETTINGS, ACK))
        elif kind == PING and flags & ACK:
            self.pongs.append(payload)
        elif kind == PING:
            self.send_unless_closed(frame(PING, ACK, 0, payload))
        elif kind == GOAWAY:
            self.goaways.append(struct.unpack(">II", payload[:8]))
        elif kind == WINDOW_UPDATE:
            [by] = struct.unpack(">I", payload)
            self.windows[number] = self.windows.get(number, 0) + by
        elif kind == RST_STREAM:
            [self.stream(number).code] = struct.unpack(">I", payload)
        elif kind == HEADERS:
            assert flags & END_HEADERS, "an answer's header in several frames"
            self.stream(number).fields += self.decoder.decode(payload)
            self.stream(number).ended |= bool(flags & END_STREAM)
        elif kind == DATA:
            self.stream(number).body += payload
            self.stream(number).ended |= bool(flags & END_STREAM)
        else:
            raise AssertionError(f"a frame of type {kind}")

    def read_until(self, done):
        """Reads until done(self) or the end."""
        while not done(self) and self.read_frame():
            pass
        return self

    def read_to_end(self):
        return self.read_until(lambda _: False)

    def answer(self, number):
        """What came on a stream, once it is closed."""
        self.read_until(lambda mine: mine.stream(number).ended
                        or mine.stream(number).code is not None)
        return self.stream(number)

    def sync(self):
        """Reads until all that was sent before has been seen by the other side."""
        count = len(self.pongs)
        self.send_unless_closed(ping(b"-sync-%02d" % (count % 100)))
        return self.read_until(lambda mine: len(mine.pongs) > count)
