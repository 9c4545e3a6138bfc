"""Clients that remove factors over many connections until the server dies."""

import dataclasses
import random
import threading
import time

from wire import Closed, request


@dataclasses.dataclass
class Seen:
    """What clients saw of one life of a server, by user."""
    removed: dict = dataclasses.field(default_factory=dict)  # 200, with its sequence
    gone: set = dataclasses.field(default_factory=set)  # 404
    unanswered: set = dataclasses.field(default_factory=set)  # asked, and the server died
    wrong: list = dataclasses.field(default_factory=list)  # any other answer


class Load:
    """`connections` clients, each with up to `depth` removals on the way, over scattered ids."""

    def __init__(self, server, token, users, connections, depth):
        self.server, self.token, self.depth = server, token, depth
        self.seen = Seen()
        self.lock = threading.Lock()
        scattered = list(users)
        random.shuffle(scattered)
        self.threads = [threading.Thread(target=self._run, args=(scattered[at::connections],))
                        for at in range(connections)]

    def start(self):
        """Begins to ask."""
        for thread in self.threads:
            thread.start()
        return self

    def await_removals(self, count):
        """Waits until so many were answered."""
        while len(self.seen.removed) < count and any(one.is_alive() for one in self.threads):
            time.sleep(0.001)

    def join(self):
        """What was seen, once every client found the server dead or had no user left."""
        for thread in self.threads:
            thread.join()
        return self.seen

    def _run(self, users):
        waiting = []
        try:
            with self.server.connect() as connection:
                for at in range(0, len(users), self.depth):
                    waiting = users[at:at + self.depth]
                    connection.send(b"".join(
                        request("DELETE", f"/v2/users/{user}/otp_email", self.token)
                        for user in waiting))
                    while waiting:
                        self._take(waiting[0], connection.read())
                        waiting = waiting[1:]
        except (Closed, ConnectionError):
            with self.lock:
                self.seen.unanswered.update(waiting)

    def _take(self, user, answer):
        with self.lock:
            if answer.status == 200:
                self.seen.removed[user] = int(answer.json["details"]["sequence"])
            elif answer.status == 404:
                self.seen.gone.add(user)
            else:
                self.seen.wrong.append((user, answer))
