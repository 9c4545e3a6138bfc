#!/usr/bin/python3
"""The death of a database's machine under load: two servers go on with its synchronous standby.

A round removes factors through two servers, kills the primary with everything that runs there, and
promotes its standby. Every client goes on until it has an answer that is final. Then the log holds
every answered removal, once, under its sequence, without a gap, and `verify` passes. The dead
machine is made the standby of the next round. FACTORD_BIN_DIR names the programs.
"""

import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from database import Node, Postgres, store_ctl, verify_store  # noqa: E402
from journal import Journal  # noqa: E402
from removers import Removers  # noqa: E402

FIRST_ID = 100000000000000001
CLIENTS = 32  # on each server
DATABASE = "identities"
OUTCOMES = {"committed": "the commit whose outcome was not known was done",
            "not committed": "the commit whose outcome was not known was not done"}


class Pair:
    """A primary and its synchronous standby."""

    def __init__(self):
        self.primary = Postgres()
        self.primary.create().start()
        self.primary.sql(f"CREATE DATABASE {DATABASE}")
        self.standby = None
        self.add_standby()

    def add_standby(self):
        self.standby = Postgres()
        self.standby.create_standby(self.primary, "standby").start()
        self.primary.set(synchronous_standby_names="standby")
        while self.primary.sql("SELECT sync_state FROM pg_stat_replication") != "sync":
            time.sleep(0.02)

    def url(self):
        """Both, in either order."""
        hosts = [one for one in (self.primary, self.standby) if one]
        random.shuffle(hosts)
        folders = ",".join(str(one.folder) for one in hosts)
        return f"postgres://postgres@/{DATABASE}?host={folders}"

    def fail_over(self):
        self.primary.kill()
        shutil.rmtree(self.primary.folder)
        self.primary, self.standby = self.standby, None
        # A standby of its own it has not yet, and would wait for.
        self.primary.set(synchronous_standby_names="")
        self.primary.promote()

    def end(self):
        for one in (self.standby, self.primary):
            if one is not None:
                one.stop()
                shutil.rmtree(one.folder, ignore_errors=True)


def one_round(pair, folder, users, journal, met):
    """Complaints, and a line about the round."""
    url = pair.url()
    with Node(folder / "a", url) as one, Node(folder / "b", url) as other:
        token = one.token()
        load = Removers([one, other], token, users, CLIENTS).start()
        load.await_answers(random.randint(len(users) // 10, len(users) * 7 // 10))
        began = time.monotonic()
        pair.fail_over()
        back = len(load.seen.removed)
        load.await_answers(back + 1)
        pause = time.monotonic() - began
        seen = load.join()
        told = one.log() + other.log()
    complaints = journal.take(seen)
    for kind, words in OUTCOMES.items():
        met[kind] += told.count(words)
    verify_store(pair.url())
    complaints += journal.compare(pair.url())
    return complaints, (f"{len(seen.removed)} removed, {seen.refused} refused, {len(seen.unknown)} "
                        f"unknown; answered again {pause:.1f} s after the kill")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--users", type=int, default=4000, help="removed in each round")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000,
                        help="of the random choices")
    parser.add_argument("--until-both", action="store_true",
                        help="go on until a commit was found out to be made, and another not to be")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    random.seed(options.seed)
    passed = failed = number = 0
    met = dict.fromkeys(OUTCOMES, 0)
    pair = Pair()
    try:
        done = store_ctl(pair.url(), "init")
        assert done.returncode == 0, done.stderr
        journal = Journal()
        while number < options.rounds or options.until_both and not all(met.values()):
            first = FIRST_ID + number * options.users
            number += 1
            seeded = store_ctl(pair.url(), "seed", "--users", options.users, "--org", "acme",
                               "--first-id", first)
            assert seeded.returncode == 0, seeded.stderr
            users = [str(first + at) for at in range(options.users)]
            with tempfile.TemporaryDirectory(prefix="factord-failover-") as folder:
                complaints, line = one_round(pair, pathlib.Path(folder), users, journal, met)
            failed += bool(complaints)
            passed += not complaints
            print(f"{number}/{options.rounds}: {line}", flush=True)
            for complaint in complaints[:20]:
                print(f"  {complaint}")
            pair.add_standby()
    finally:
        pair.end()
    print("outcomes found out: " + ", ".join(f"{count} {kind}" for kind, count in met.items()))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
