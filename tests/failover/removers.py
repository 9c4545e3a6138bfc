"""Clients of several servers that go on through a failover: they ask again until they know."""

import dataclasses
import random
import threading
import time

from wire import request

PAUSE_S = 0.05
# A failover takes seconds; nobody waits this long unless nothing comes back.
PATIENCE_S = 120


@dataclasses.dataclass
class Seen:
    """What clients were told, by user."""
    removed: dict = dataclasses.field(default_factory=dict)  # 200, with its sequence
    gone: set = dataclasses.field(default_factory=set)  # 404
    unknown: set = dataclasses.field(default_factory=set)  # 500: nobody could tell
    refused: int = 0  # 503: nothing was done
    wrong: list = dataclasses.field(default_factory=list)  # any other answer


class Removers:
    """`count` clients on each server; each removes its share of the users, one after the other."""

    def __init__(self, servers, token, users, count):
        self.token = token
        self.seen = Seen()
        self.lock = threading.Lock()
        scattered = list(users)
        random.shuffle(scattered)
        clients = [server for server in servers for _ in range(count)]
        parts = [scattered[at::len(clients)] for at in range(len(clients))]
        self.threads = [threading.Thread(target=self._run, args=each)
                        for each in zip(clients, parts)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def await_answers(self, count):
        while len(self.seen.removed) < count and any(one.is_alive() for one in self.threads):
            time.sleep(0.001)

    def join(self):
        for thread in self.threads:
            thread.join()
        return self.seen

    def _run(self, server, users):
        with server.connect() as connection:
            for user in users:
                deadline = time.monotonic() + PATIENCE_S
                while not self._ask(connection, user):
                    if time.monotonic() > deadline:
                        with self.lock:
                            self.seen.wrong.append((user, f"no answer in {PATIENCE_S} s"))
                        return
                    time.sleep(PAUSE_S)

    def _ask(self, connection, user):
        """Whether that was the last word."""
        connection.send(request("DELETE", f"/v2/users/{user}/otp_email", self.token))
        answer = connection.read()
        with self.lock:
            if answer.status == 200:
                self.seen.removed[user] = int(answer.json["details"]["sequence"])
            elif answer.status == 404:
                self.seen.gone.add(user)
            elif answer.status == 503:
                self.seen.refused += 1
                return False
            elif answer.status == 500 and answer.json.get("code") == 13:
                self.seen.unknown.add(user)
                return False
            else:
                self.seen.wrong.append((user, answer))
        return True
