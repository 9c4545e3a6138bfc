"""A stream of events over HTTP/1.1, read as it comes."""

import json

from wire import Closed, Connection, request

NDJSON, SSE = "application/x-ndjson", "text/event-stream"


class EventStream:
    def __init__(self, port, token, query="", accept=NDJSON, fields=()):
        self.accept = accept
        self.connection = Connection.tcp(port)
        self.connection.send(request("GET", "/v2/events" + query, token,
                                     headers=[f"Accept: {accept}", *fields]))
        self.text = b""
        self.ended = False
        self.ids, self.pauses = [], 0
        self.head = self.connection._take_head()  # pylint: disable=protected-access
        self.status = int(self.head.split(" ", 2)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def _read_chunk(self):
        """Adds the next chunk to the text; False at the end of the answer."""
        take = self.connection._take  # pylint: disable=protected-access
        size = b""
        while not size.endswith(b"\r\n"):
            size += take(1)
        length = int(size, 16)
        self.text += take(length)
        assert take(2) == b"\r\n"
        self.ended = length == 0
        return not self.ended

    def _take_line(self):
        """The next line, or None at the end of the stream, which comes after a whole one."""
        while b"\n" not in self.text:
            if not self._read_chunk():
                assert self.text == b"", "an event was cut"
                return None
        line, _, self.text = self.text.partition(b"\n")
        return line.decode()

    def __iter__(self):
        """The events, one by one, to the end of the stream."""
        while (line := self._take_line()) is not None:
            if self.accept == NDJSON and line:
                yield json.loads(line)
            elif line.startswith("data: "):
                yield json.loads(line[6:])
            elif line.startswith("id: "):
                self.ids.append(line[4:])
            elif line in ("", ":"):
                self.pauses += 1
            else:
                assert line == "retry: 1000", line

    def take(self, count):
        """The sequences of the next events."""
        found = []
        for event in self:
            found.append(int(event["sequence"]))
            if len(found) == count:
                return found
        raise Closed(f"ended after {found}")

    def rest(self):
        return [int(event["sequence"]) for event in self]
