"""HTTP/2 by prior knowledge, on python3-h2: streams that a test feeds and reads in parts."""

import socket

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (ConnectionTerminated, DataReceived, ResponseReceived, StreamEnded,
                       StreamReset, TrailersReceived)
from h2.exceptions import StreamClosedError

from wire import PATIENCE_S, Answer, Closed


class Stream:
    """What has come of one answer so far."""

    def __init__(self):
        self.fields = None
        self.body = b""
        self.trailers = []
        self.ended = False
        self.reset = None  # the error code

    def answer(self):
        fields = [field for field in self.fields if field[0] != ":status"]
        return Answer(int(dict(self.fields)[":status"]), "", fields, self.body, self.trailers)


class Http2Connection:
    def __init__(self, sock, authority="127.0.0.1"):
        self.sock = sock
        self.sock.settimeout(PATIENCE_S)
        self.authority = authority
        self.h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
        self.streams = {}
        self.h2.initiate_connection()
        self._flush()

    @classmethod
    def tcp(cls, port):
        sock = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock)

    @classmethod
    def unix(cls, path, authority):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(path))
        return cls(sock, authority)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def _flush(self):
        self.sock.sendall(self.h2.data_to_send())

    def _more(self):
        data = self.sock.recv(65536)
        if not data:
            raise Closed("closed in the middle of an answer")
        for event in self.h2.receive_data(data):
            self._take(event)
        self._flush()

    def _take(self, event):
        if isinstance(event, ConnectionTerminated):
            raise Closed(f"GOAWAY {event.error_code}")
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, ResponseReceived):
            stream.fields = event.headers
        elif isinstance(event, TrailersReceived):
            stream.trailers = event.headers
        elif isinstance(event, DataReceived):
            stream.body += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            stream.ended = True
        elif isinstance(event, StreamReset):
            stream.reset = event.error_code

    def begin(self, method, path, fields=(), end=False):
        """Sends the header of a request; its number."""
        number = self.h2.get_next_available_stream_id()
        self.streams[number] = Stream()
        head = [(":method", method), (":scheme", "http"), (":authority", self.authority),
                (":path", path), *((name.lower(), value) for name, value in fields)]
        self.h2.send_headers(number, head, end_stream=end)
        self._flush()
        return number

    def send(self, number, data, end=True):
        """Sends a part of the body, as fast as it is taken; not what nobody wants any more."""
        try:
            while data:
                room = min(self.h2.local_flow_control_window(number),
                           self.h2.max_outbound_frame_size)
                if room == 0:
                    self._more()
                    continue
                self.h2.send_data(number, data[:room])
                data = data[room:]
                self._flush()
            if end:
                self.h2.end_stream(number)
                self._flush()
        except StreamClosedError:
            pass

    def read(self, number):
        """The whole answer."""
        stream = self.streams[number]
        while not stream.ended and stream.reset is None:
            self._more()
        return stream.answer()

    def read_body(self, number, count):
        """The body so far, once it has at least so many bytes."""
        stream = self.streams[number]
        while len(stream.body) < count and not stream.ended and stream.reset is None:
            self._more()
        return stream.body

    def ask(self, method, path, fields=(), body=None):
        number = self.begin(method, path, fields, end=body is None)
        if body is not None:
            self.send(number, body)
        return self.read(number)


class Http1Connection:
    """Requests over keep-alive HTTP/1.1, with the face of the above."""

    def __init__(self, connection):
        self.connection = connection

    def close(self):
        self.connection.close()

    def ask(self, method, path, fields=(), body=None):
        self.connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in fields:
            self.connection.putheader(name, value.encode() if isinstance(value, str) else value)
        if body is not None:
            self.connection.putheader("Content-Length", str(len(body)))
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        return Answer(answer.status, answer.reason, answer.getheaders(), answer.read())
