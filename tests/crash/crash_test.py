#!/usr/bin/python3
"""kill -9 under load: every answered removal is there afterwards, once, and the log has no gap.

A round starts the server, removes factors over many connections, kills it in the middle, verifies
the store, and starts again to compare the log with the answers. FACTORD_BIN_DIR names the programs.
"""

import pathlib
import random
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

import rounds  # noqa: E402
from factord import Factord, ctl, verify  # noqa: E402
from load import Load  # noqa: E402
from removals import take_removals  # noqa: E402

FIRST_ID = 100000000000000001
CONNECTIONS = 32
DEPTH = 8
STORE_ROUNDS = 10


class Journal:
    """What the clients know of the whole store, over all rounds."""

    def __init__(self):
        self.sequence_of = {}  # user: sequence, of every answered removal
        self.unknown = set()  # asked, and not answered before a kill
        self.removals = {}  # user: sequence, of every removal in the log so far
        self.last = 0  # sequence up to which the log was read

    def take(self, seen):
        """Adds what one life of a server answered; complaints about what it may not answer."""
        found = [f"{user} got {answer}" for user, answer in seen.wrong]
        found += [f"{user} got 200 twice" for user in seen.removed if user in self.sequence_of]
        found += [f"{user} got 404, but has never been removed" for user in seen.gone
                  if user not in self.removals]
        self.sequence_of.update(seen.removed)
        self.unknown |= seen.unanswered
        return found

    def compare(self, client):
        """Reads on in the log; complaints about what does not fit the answers."""
        found = []
        while True:
            events = client.events(after=self.last).get("events", [])
            for event in events:
                sequence = int(event["sequence"])
                if sequence != self.last + 1:
                    found.append(f"a gap: {sequence} after {self.last}")
                self.last = sequence
            found += take_removals(events, self.removals)
            if not events:
                break
        for user, sequence in self.sequence_of.items():
            if self.removals.get(user) != sequence:
                found.append(f"{user} was answered {sequence}, the log has "
                             f"{self.removals.get(user)}")
        unasked = self.removals.keys() - self.sequence_of.keys() - self.unknown
        return found + [f"{user} was removed, which nobody knows of" for user in unasked]


def one_round(data_dir, mode, users, token, journal):
    """Complaints, a line about the round, and the token for the next one."""
    fatal = random.randint(1, int(len(users) * 0.8))
    with Factord(data_dir, "--durability", mode) as server:
        token = token or server.token()
        load = Load(server, token, users, CONNECTIONS, DEPTH).start()
        load.await_removals(fatal)
        server.kill()
        seen = load.join()
    complaints = journal.take(seen)
    if not seen.unanswered:
        complaints.append("nothing was in flight, so the kill was not one under load")
    verify(data_dir)
    with Factord(data_dir, "--durability", mode) as server:
        complaints += journal.compare(server.api(token))
    verify(data_dir)
    kept = len(seen.unanswered & journal.removals.keys())
    line = (f"killed with {len(seen.removed)} removals answered and {len(seen.unanswered)} in "
            f"flight, {kept} of which were made")
    return complaints, line, token


def live(mode, options, first, count):
    """(passed, failed) rounds of one store, `count` of them from number `first` on."""
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="factord-crash-") as folder:
        data_dir = pathlib.Path(folder) / "data"
        done = ctl(data_dir, "seed", "--users", options.users * count, "--org", "acme")
        assert done.returncode == 0, done.stderr
        ids = [str(FIRST_ID + number) for number in range(options.users * count)]
        journal, token = Journal(), None
        for number in range(count):
            # Those of unknown outcome are asked again, and must get the answer that the log has.
            users = ids[number * options.users:(number + 1) * options.users] + [
                user for user in journal.unknown if user not in journal.sequence_of]
            complaints, line, token = one_round(data_dir, mode, users, token, journal)
            failed += bool(complaints)
            passed += not complaints
            print(f"{mode} {first + number}/{options.rounds}: {line}", flush=True)
            for complaint in complaints[:20]:
                print(f"  {complaint}")
    return passed, failed


def run(mode, options):
    """(passed, failed) rounds of one durability mode, on stores that see a few rounds each: what is
    verified after each round grows with them."""
    results = [live(mode, options, first, min(STORE_ROUNDS, options.rounds - first + 1))
               for first in range(1, options.rounds + 1, STORE_ROUNDS)]
    return tuple(map(sum, zip(*results)))


if __name__ == "__main__":
    sys.exit(rounds.main(__doc__, 10000, run))
