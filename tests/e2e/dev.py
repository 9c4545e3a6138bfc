"""`factord dev`, with a directory of its own for what it makes, so that a test sees that go."""

import json
import pathlib

from factord import FACTORD, PATIENCE_S, Factord, plain_environment


class Dev(Factord):
    """Its one line is in `said`; the place under which it may make something is `place`."""

    def __init__(self, place, *arguments, env=None, **popen):
        self.place = pathlib.Path(place)
        self.place.mkdir(exist_ok=True)
        super().__init__(self.place, listen=(), env={**(env or plain_environment()),
                                                    "TMPDIR": str(self.place)}, **popen)
        self.command = [str(FACTORD), "dev", *map(str, arguments)]

    def start(self):
        self.start_only()
        line = self.lines.get(timeout=PATIENCE_S)
        assert line is not None, f"factord dev did not start: {self.log()}"
        self.said = json.loads(line)
        self.data_dir = pathlib.Path(self.said["admin"]).parent
        url = self.said["url"]
        self.port = None if url.startswith("unix:") else int(url.rpartition(":")[2])
        return self

    def users(self):
        """The ids of the users that it began with."""
        first, count = int(self.said["users"]["first"]), int(self.said["users"]["count"])
        return [str(first + i) for i in range(count)]

    def own_api(self):
        """A client with the token that it said."""
        return self.api(self.said["token"])

    def leftovers(self):
        """What there is under TMPDIR."""
        return [str(path.relative_to(self.place)) for path in self.place.rglob("*")]
