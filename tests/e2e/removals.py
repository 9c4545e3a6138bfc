"""Removals in a log: whose factor was removed by which event."""

REMOVED = "user.human.mfa.otp.email.removed"


def take_removals(events, removals):
    """Adds those of these events to `removals`, user: sequence. Complaints about a second one."""
    found = []
    for event in events:
        if event["type"] != REMOVED:
            continue
        user, sequence = event["aggregateId"], int(event["sequence"])
        if user in removals:
            found.append(f"{user} was removed by {removals[user]} and {sequence}")
        removals[user] = sequence
    return found
