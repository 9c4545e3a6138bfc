"""HTTP/1.1 as bytes: a connection on which a test decides what is sent, and when."""

import dataclasses
import json
import socket

PATIENCE_S = 60


class Closed(Exception):
    """The other side ended the connection where an answer, or the rest of one, should have been."""


@dataclasses.dataclass
class Answer:
    status: int
    reason: str
    fields: list  # (name as sent, value)
    body: bytes
    trailers: list = ()

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def header(self, name):
        """The one value of a field, or None."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} more than once: {values}"
        return values[0] if values else None

    @property
    def json(self):
        return json.loads(self.body)


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(PATIENCE_S)
        self.input = b""

    @classmethod
    def tcp(cls, port):
        sock = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock)

    @classmethod
    def unix(cls, path):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(path))
        return cls(sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)
        return self

    def _more(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionError as fault:
            raise Closed(f"{fault}, after {self.input!r}") from fault
        if not data:
            raise Closed(f"closed after {self.input!r}")
        self.input += data

    def _take(self, count):
        while len(self.input) < count:
            self._more()
        taken, self.input = self.input[:count], self.input[count:]
        return taken

    def _take_head(self):
        while b"\r\n\r\n" not in self.input:
            self._more()
        head, _, self.input = self.input.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def read(self, head=False):
        """The next answer; `head`: to a HEAD request, so without the body that it announces."""
        status_line, *lines = self._take_head().split("\r\n")
        version, status, reason = status_line.split(" ", 2)
        assert version == "HTTP/1.1", status_line
        fields = []
        for line in lines:
            name, colon, value = line.partition(":")
            assert colon and name.strip() == name, line
            fields.append((name, value.strip()))
        answer = Answer(int(status), reason, fields, b"")
        bodyless = head or answer.status in (204, 304) or answer.status < 200
        if not bodyless:
            length = answer.header("Content-Length")
            assert length is not None, "an answer without Content-Length"
            answer.body = self._take(int(length))
        return answer

    def ask(self, data, head=False):
        return self.send(data).read(head)

    def at_end(self):
        """Waits for the other side to end the connection; True if it did so without more data."""
        assert not self.input, f"unread: {self.input!r}"
        try:
            return self.sock.recv(1) == b""
        except ConnectionResetError:
            return False

    def is_quiet(self, seconds=0.3):
        """Whether nothing comes, not even an end, for this long."""
        assert not self.input, f"unread: {self.input!r}"
        self.sock.settimeout(seconds)
        try:
            self.sock.recv(1, socket.MSG_PEEK)
            return False
        except TimeoutError:
            return True
        finally:
            self.sock.settimeout(PATIENCE_S)


def request(method, target, token=None, body=None, headers=(), host="x"):
    """The bytes of one request. `headers` are further lines; a body brings its Content-Length."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    lines += headers
    data = body if isinstance(body, bytes) else (body or "").encode()
    if body is not None:
        lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data
