"""Bulks: how they are asked for and read."""

import json
import threading

from chunks import ChunkedLines
from removals import take_removals
from wire import Connection, request

PATH = "/v2/users/otp_email/_bulk_remove"
ADD = "/v2/users/human/_bulk_add"
NDJSON = "application/x-ndjson"


def text_of(lines):
    """Users, or what a line says, as lines."""
    said = [{"userId": line} if isinstance(line, str) else line for line in lines]
    return b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
                    for line in said)


def chunk(text):
    return b"%x\r\n%s\r\n" % (len(text), text)


def head(token, query="", fields=(), path=PATH):
    return request("POST", path + query, token,
                   headers=[f"Content-Type: {NDJSON}", "Transfer-Encoding: chunked", *fields])


class Bulk(ChunkedLines):
    """One over HTTP/1.1, whose lines a test sends and reads as it likes."""

    def __init__(self, port, token, query="", fields=(), path=PATH):
        connection = Connection.tcp(port)
        connection.send(head(token, query, fields, path))
        super().__init__(connection)
        assert self.status == 200, self.head

    def send(self, *lines):
        self.connection.send(chunk(text_of(lines)))
        return self

    def end(self):
        self.connection.send(b"0\r\n\r\n")
        return self

    def send_beside(self, lines, size=100):
        """Sends all of them while answers are read, as far as the other side takes them."""
        def run():
            try:
                for at in range(0, len(lines), size):
                    self.send(*lines[at:at + size])
                self.end()
            except OSError:
                pass  # it was ended by the other side
        sender = threading.Thread(target=run, daemon=True)
        sender.start()
        return sender

    def take(self, count):
        return [json.loads(self.take_line()) for _ in range(count)]

    def rest(self):
        found = []
        while (line := self.take_line()) is not None:
            found.append(json.loads(line))
        return found


def removals_in(api, after=0):
    """user: sequence, of all the log; each user once."""
    found = {}
    while events := api.events(after=after).get("events", []):
        assert take_removals(events, found) == []
        after = int(events[-1]["sequence"])
    return found


def done_in(answers):
    """user: sequence, of the answers that say so."""
    return {answer["userId"]: int(answer["sequence"])
            for answer in answers if answer["status"] == 200}


def new_user(user=None, name=None, factor=True, org="acme", **more):
    """A line that adds a user; with an id that is to be drawn, by a name."""
    line = {"userId": user} if user else {}
    return {**line, "username": name or user, "organization": {"orgId": org},
            "profile": {"givenName": "Ada", "familyName": "Byron"},
            "email": {"email": "ada@example.com", "isVerified": True},
            **({"otpEmail": True} if factor else {}), **more}


ADDED = ["user.human.added", "user.human.email.verified"]
WITH_FACTOR = [*ADDED, "user.human.mfa.otp.email.added"]


def additions_in(api, after=0):
    """user: sequence of the last event, of all the log; each user whole, and made once."""
    found, half = {}, {}
    while events := api.events(after=after).get("events", []):
        for event in events:
            if event["type"].startswith("user.pat."):
                continue
            types = half.setdefault(event["aggregateId"], [])
            types.append(event["type"])
            assert types == WITH_FACTOR[:len(types)], types
            if types == WITH_FACTOR:
                found[event["aggregateId"]] = int(event["sequence"])
        after = int(events[-1]["sequence"])
    assert found.keys() == half.keys(), "half a user"
    return found


def added_in(answers):
    """user: sequence, of the answers that say so."""
    return {answer["userId"]: int(answer["sequence"])
            for answer in answers if answer["status"] == 201}
