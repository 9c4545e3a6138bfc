"""A stream of events over HTTP/1.1, read as it comes."""

import json

from chunks import ChunkedLines
from wire import Closed, Connection, request

NDJSON, SSE = "application/x-ndjson", "text/event-stream"


class EventStream(ChunkedLines):
    def __init__(self, port, token, query="", accept=NDJSON, fields=()):
        self.accept = accept
        self.ids, self.pauses = [], 0
        connection = Connection.tcp(port)
        connection.send(request("GET", "/v2/events" + query, token,
                                headers=[f"Accept: {accept}", *fields]))
        super().__init__(connection)

    def __iter__(self):
        """The events, one by one, to the end of the stream."""
        while (line := self.take_line()) is not None:
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
