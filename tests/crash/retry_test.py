#!/usr/bin/python3
"""Retries with a key through whatever ends connections: each removal is one event and one 200.

Clients remove factors through a haproxy that is made to cut its connections to the server and to
send requests again, while the server is drained and killed in turns; some hang up on their answers
themselves. Whoever got none sends the same request with the same Idempotency-Key until there is
one. None may be a 404, none may name another event than the log has, and no user may have two.
"""

import pathlib
import random
import socket
import struct
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

import rounds  # noqa: E402
from factord import Factord, ctl, verify  # noqa: E402
from proxy import Proxy  # noqa: E402
from removals import take_removals  # noqa: E402
from wire import Closed, Connection, request  # noqa: E402

FIRST_ID = 100000000000000001
CONNECTIONS = 24
HANGS_UP = 0.03  # of the requests
LOST = (502, 503, 504)  # by the proxy, or by a server that is about to end


class Clients:
    def __init__(self, path, token, users):
        self.path, self.token, self.users = path, token, list(users)
        self.lock = threading.Lock()
        self.sequence_of = {}
        self.wrong = []
        self.retries = self.replayed = 0
        random.shuffle(self.users)
        self.threads = [threading.Thread(target=self._run) for _ in range(CONNECTIONS)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    @property
    def left(self):
        return any(thread.is_alive() for thread in self.threads)

    def _run(self):
        connection = None
        while True:
            with self.lock:
                if not self.users:
                    break
                user = self.users.pop()
            sent = 0
            while True:
                answer = None
                try:
                    connection = connection or Connection.unix(self.path)
                    sent += 1
                    answer = self._ask(connection, user)
                except (Closed, OSError):
                    pass
                if answer is not None and answer.status not in LOST:
                    break
                if connection is not None:
                    connection.close()
                connection = None
                time.sleep(random.uniform(0.001, 0.02))
            self._take(user, answer, sent)

    def _ask(self, connection, user):
        connection.send(request("DELETE", f"/v2/users/{user}/otp_email", self.token,
                                headers=[f"Idempotency-Key: remove-{user}"]))
        if random.random() < HANGS_UP:
            # With a reset, once it is under way.
            time.sleep(random.uniform(0, 0.002))
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            raise Closed("hung up")
        return connection.read()

    def _take(self, user, answer, sent):
        with self.lock:
            self.retries += sent - 1
            self.replayed += answer.header("Idempotency-Replayed") == "true"
            if answer.status == 200:
                self.sequence_of[user] = int(answer.json["details"]["sequence"])
            else:
                self.wrong.append(f"{user} got {answer}")


def trouble(data_dir, arguments, proxy, clients):
    """Ends one server after the other, until nobody asks any more."""
    lives = 0
    while clients.left:
        server = Factord(data_dir, *arguments, listen=[f"unix:{data_dir.parent}/back.sock"])
        server.start()
        lives += 1
        until = time.monotonic() + random.uniform(0.3, 1.5)
        while clients.left and time.monotonic() < until:
            time.sleep(random.uniform(0.005, 0.1))
            proxy.cut()
        if random.random() < 0.5:
            server.kill()
        else:
            server.stop()
    return lives


def compare(clients, log, users):
    """Complaints about what does not fit the log."""
    removals = {}
    found = clients.wrong + take_removals(log, removals)
    found += [f"{user} was answered {clients.sequence_of.get(user)}, the log has "
              f"{removals.get(user)}" for user in users
              if clients.sequence_of.get(user) != removals.get(user) or user not in removals]
    return found


def read_log(client):
    after = 0
    while events := client.events(after=after).get("events", []):
        yield from events
        after = int(events[-1]["sequence"])


def run(mode, options):
    """(passed, failed) rounds of one durability mode."""
    passed = failed = 0
    arguments = ("--durability", mode, "--drain-timeout", "2s")
    for number in range(1, options.rounds + 1):
        with tempfile.TemporaryDirectory(prefix="factord-retry-") as folder:
            data_dir = pathlib.Path(folder) / "data"
            done = ctl(data_dir, "seed", "--users", options.users, "--org", "acme")
            assert done.returncode == 0, done.stderr
            users = [str(FIRST_ID + each) for each in range(options.users)]
            with Factord(data_dir) as server:
                token = server.token()
            with Proxy(folder, f"{folder}/back.sock") as proxy:
                clients = Clients(proxy.path, token, users).start()
                lives = trouble(data_dir, arguments, proxy, clients)
            verify(data_dir)
            with Factord(data_dir) as server:
                complaints = compare(clients, read_log(server.api(token)), users)
        if clients.replayed == 0:
            complaints.append("no answer was replayed, so none was lost")
        failed += bool(complaints)
        passed += not complaints
        print(f"{mode} {number}/{options.rounds}: {len(users)} removals through {lives} lives of "
              f"the server, {clients.retries} sent again, {clients.replayed} of which were done "
              "already", flush=True)
        for complaint in complaints[:20]:
            print(f"  {complaint}")
    return passed, failed


if __name__ == "__main__":
    sys.exit(rounds.main(__doc__, 3000, run))
