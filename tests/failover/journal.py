"""What clients were told through failovers, against what the log has."""

import json

from database import store_ctl
from removals import take_removals


class Journal:
    """All that clients were told, over all rounds, and what the log has."""

    def __init__(self):
        self.sequence_of = {}
        self.unknown = set()

    def take(self, seen):
        """Complaints about the answers alone."""
        found = [f"{user} got {answer}" for user, answer in seen.wrong]
        found += [f"{user} was removed twice" for user in seen.removed if user in self.sequence_of]
        found += [f"{user} got 404, and nobody can have removed it" for user in seen.gone
                  if user not in seen.unknown]
        self.sequence_of.update(seen.removed)
        self.unknown |= seen.unknown
        return found

    def compare(self, url):
        """Complaints about a log that does not fit the answers."""
        shown = store_ctl(url, "events")
        assert shown.returncode == 0, shown.stderr
        events = [json.loads(line) for line in shown.stdout.splitlines()]
        found = [f"event {event['sequence']} stands at {at}"
                 for at, event in enumerate(events, 1) if int(event["sequence"]) != at]
        removals = {}
        found += take_removals(events, removals)
        found += [f"{user} was answered {sequence}, the log has {removals.get(user)}"
                  for user, sequence in self.sequence_of.items() if removals.get(user) != sequence]
        return found + [f"{user} was removed, which nobody asked for" for user in
                        removals.keys() - self.sequence_of.keys() - self.unknown]
