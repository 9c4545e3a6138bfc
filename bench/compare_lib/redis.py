"""Redis doing the same job with a script, its append-only file synced before every answer."""

import contextlib
import shutil

from . import clients
from .processes import Failure, Server, free_port, run

# Remove the factor; if it was there, number the event and append it. 0: there was none.
_REMOVE = """\
if redis.call('HDEL', 'factors', ARGV[1]) == 0 then return 0 end
local sequence = redis.call('INCR', 'sequence')
redis.call('XADD', 'events', sequence .. '-0', 'type', 'user.human.mfa.otp.email.removed',
           'user', ARGV[1], 'owner', 'acme', 'creator', 'bench')
return sequence
"""

_SEED = """\
for i = 1, tonumber(ARGV[1]) do
  redis.call('HSET', 'factors', '1000000000' .. string.format('%08d', i), 'acme')
end
return redis.call('HLEN', 'factors')
"""


class Redis:
    def __init__(self, folder, load, users):
        self._folder = folder
        self._load = load
        self._users = users
        self._seeded = folder / "redis-seeded"
        self._port = free_port()

    def _start(self, data, fsync):
        # All by the command line: nothing of the system's configuration counts.
        server = Server("redis", "redis-server", "--bind", "127.0.0.1", "--port", self._port,
                        "--dir", data, "--save", "", "--appendonly", "yes", "--appendfsync", fsync,
                        "--auto-aof-rewrite-percentage", "0", "--loglevel", "warning",
                        log=self._folder / "redis.log")
        server.wait_for_port(self._port)
        server.wait_until(lambda: self._says("PING") == "PONG", "answer", 120)
        return server

    def _says(self, *words):
        try:
            return run("redis-cli", "-p", self._port, *words).strip()
        except Failure:
            return ""

    def seed(self):
        self._seeded.mkdir()
        server = self._start(self._seeded, "no")
        count = self._says("EVAL", _SEED, "0", self._users)
        if count != str(self._users):
            raise Failure(f"Redis has {count} factors instead of {self._users}")
        # So that a start loads a snapshot, not a log of every HSET.
        self._says("BGREWRITEAOF")
        server.wait_until(lambda: "aof_rewrite_in_progress:0" in self._says("INFO", "persistence"),
                          "end of the rewrite", 300)
        server.stop()

    @contextlib.contextmanager
    def serving(self):
        """A fresh copy that is served, durably: gives the server, its port, and the name of the
        script that removes a factor."""
        data = self._folder / "redis"
        shutil.copytree(self._seeded, data)
        server = self._start(data, "always")
        yield server, self._port, self._says("SCRIPT", "LOAD", _REMOVE)
        server.stop()
        shutil.rmtree(data)

    def events(self):
        return int(self._says("XLEN", "events"))

    def measure(self, connections, pipeline, seconds):
        with self.serving() as (server, port, script):
            figures = clients.redis_load(self._load, server, port, script, self._users,
                                         connections, pipeline, seconds)
            events = self.events()
        if events != figures.notes["succeeded"]:
            raise Failure(f"Redis has {events} events, but {figures.notes['succeeded']} answers")
        return figures
