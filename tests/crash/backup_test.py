#!/usr/bin/python3
"""Backups under load, some ended by kill -9: each holds all removals answered before it began.

A round starts the server, removes factors over many connections, and makes a backup in the middle
of that; in every other round the server is killed at some moment of it. Then the newest backup is
checked, restored and verified, and what was answered before it began is looked up in its log.
FACTORD_BIN_DIR names the programs.
"""

import json
import pathlib
import random
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

import rounds  # noqa: E402
from backups import back_up, begin, check_backup, listed, restore  # noqa: E402
from factord import Factord, ctl, verify  # noqa: E402
from load import Load  # noqa: E402

REMOVED = "user.human.mfa.otp.email.removed"
FIRST_ID = 100000000000000001
CONNECTIONS = 32
DEPTH = 8


def removals_in(data_dir):
    """{user: sequence} of every removal in a store's log, read from a server of its own."""
    with Factord(data_dir) as server:
        shown = server.ctl("events")
    assert shown.returncode == 0, shown.stderr
    events = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [int(event["sequence"]) for event in events] == list(range(1, len(events) + 1))
    return {event["aggregateId"]: int(event["sequence"]) for event in events
            if event["type"] == REMOVED}


class Story:
    """What is known over all rounds of one store and its backups."""

    def __init__(self, folder, mode):
        self.data_dir, self.backups = folder / "data", folder / "backups"
        self.restored = folder / "restored"
        self.mode = mode
        self.answered = {}  # user: sequence, of every answered removal
        self.before = {}  # backup id: the users answered before it began
        self.token = None

    def round(self, users, deadly):
        """Complaints, and a line about the round."""
        with Factord(self.data_dir, "--durability", self.mode) as server:
            self.token = self.token or server.token()
            load = Load(server, self.token, users, CONNECTIONS, DEPTH).start()
            load.await_removals(random.randint(1, len(users) // 2))
            with load.lock:
                before = {**self.answered, **load.seen.removed}
            began_with = len(listed(self.backups)) if self.backups.exists() else 0
            if deadly:
                begin(server, self.backups)
                time.sleep(random.uniform(0, 0.2))
                server.kill()
            else:
                back_up(server, self.backups)
            seen = load.join()
        self.answered.update(seen.removed)
        verify(self.data_dir)
        entries = listed(self.backups) if self.backups.exists() else []
        if len(entries) > began_with:
            self.before[entries[-1]["backupId"]] = before
        line = (f"{'killed' if deadly else 'made'} with {len(before)} removals answered before, "
                f"{len(self.answered)} after; {len(entries)} backups")
        complaints = [f"{user} got {answer}" for user, answer in seen.wrong]
        if not deadly and len(entries) == began_with:
            complaints.append("no backup was added")
        return complaints + (self.check_newest(entries[-1]) if entries else []), line

    def check_newest(self, entry):
        """Restores it, and compares."""
        check_backup(self.backups)
        target = self.restored / f"{entry['backupId']}-{time.monotonic_ns()}"
        self.restored.mkdir(exist_ok=True)
        restore(target, self.backups, "--backup", entry["backupId"], "--keep-tokens")
        verify(target)
        found = removals_in(target)
        return [f"backup {entry['backupId']} has {found.get(user)} for {user}, who was answered "
                f"{sequence} before it began"
                for user, sequence in self.before[entry["backupId"]].items()
                if found.get(user) != sequence]


def run(mode, options):
    """(passed, failed) rounds of one durability mode."""
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="factord-backup-") as folder:
        story = Story(pathlib.Path(folder), mode)
        done = ctl(story.data_dir, "seed", "--users", options.users * options.rounds,
                   "--org", "acme")
        assert done.returncode == 0, done.stderr
        ids = [str(FIRST_ID + number) for number in range(options.users * options.rounds)]
        for number in range(1, options.rounds + 1):
            users = ids[(number - 1) * options.users:number * options.users]
            complaints, line = story.round(users, deadly=number % 2 == 0)
            failed += bool(complaints)
            passed += not complaints
            print(f"{mode} {number}/{options.rounds}: {line}", flush=True)
            for complaint in complaints[:20]:
                print(f"  {complaint}")
    return passed, failed


if __name__ == "__main__":
    sys.exit(rounds.main(__doc__, 5000, run))
