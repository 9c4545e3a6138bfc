"""factord's log as streams of NDJSON: one reader from the beginning, and many beside full load."""

import json
import select
import socket
import threading
import time
import urllib.request

from . import clients
from .figures import Figures
from .processes import Failure, Meter

MANY = 100
_MARK = b'{"sequence":"'
_AT_ONCE = 1 << 20


def _last_sequence(url, token):
    asked = urllib.request.Request(f"{url}/v2/events?limit=1",
                                   headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked) as answer:
        return int(json.load(answer)["lastSequence"])


class _Readers(threading.Thread):
    """Streams that are read as they come, on a thread, for as long as `with` lasts."""

    def __init__(self, url, token, count, after):
        super().__init__(daemon=True)
        host, _, port = url.removeprefix("http://").partition(":")
        request = (f"GET /v2/events?after={after} HTTP/1.1\r\nHost: {host}:{port}\r\n"
                   f"Authorization: Bearer {token}\r\nAccept: application/x-ndjson\r\n\r\n")
        self._streams = {}
        self._last = {}
        self._failure = None
        self._ended = False
        for _ in range(count):
            stream = socket.create_connection((host, int(port)))
            stream.sendall(request.encode())
            self._streams[stream.fileno()] = stream
            self._last[stream.fileno()] = after

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended = True
        self.join()
        for stream in self._streams.values():
            stream.close()

    def run(self):
        poll = select.epoll()
        for number in self._streams:
            poll.register(number, select.EPOLLIN)
        room = bytearray(_AT_ONCE)
        while not self._ended and not self._failure:
            for number, _ in poll.poll(0.1):
                try:
                    self._read(number, room)
                except OSError as failure:
                    self._failure = f"a stream ended: {failure}"
        poll.close()

    def _read(self, number, room):
        size = self._streams[number].recv_into(room)
        if size == 0 or (room.startswith(b"HTTP/") and not room.startswith(b"HTTP/1.1 200")):
            self._failure = f"a stream ended: {bytes(room[:min(size, 200)])}"
            return
        # Of the last event whose number is in there whole.
        at = room.rfind(_MARK, 0, size)
        end = room.find(b'"', at + len(_MARK), size)
        if at >= 0 and end >= 0:
            self._last[number] = int(room[at + len(_MARK):end])

    def wait_for(self, sequence, seconds):
        """Until each stream was given this event."""
        until = time.monotonic() + seconds
        while min(self._last.values()) < sequence:
            if self._failure or time.monotonic() > until:
                raise Failure(self._failure or "a stream is far behind")
            time.sleep(0.002)


class Streams:
    def __init__(self, factord):
        self._factord = factord

    def catch_up(self):
        """One stream, from the beginning of the log to its end."""
        def load(server, url, token):
            last = _last_sequence(url, token)
            with Meter(server) as cost:
                started = time.perf_counter()
                with _Readers(url, token, 1, 0) as readers:
                    readers.wait_for(last, 600)
                    seconds = time.perf_counter() - started
            return Figures(rate=last / seconds, cpu_us=cost.cpu_s * 1e6 / last,
                           memory_mib=cost.memory_mib)
        return self._factord.measure("disk", load, verify=False)

    def beside_load(self, connections, seconds):
        """Single removals beside streams that are given each of them."""
        def load(server, url, token):
            with _Readers(url, token, MANY, _last_sequence(url, token)) as readers:
                figures = clients.wrk_remove(server, url, connections, seconds, token,
                                             self._factord.users)
                ended = time.monotonic()
                readers.wait_for(_last_sequence(url, token), 600)
                figures.notes["behind_s"] = time.monotonic() - ended
            figures.notes["connections_dropped"] = connections
            return figures
        return self._factord.measure("disk", load)
