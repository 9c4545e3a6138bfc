"""Clients of servers whose database fails: they ask again until an answer is final."""

import time

from database import store_ctl, verify_store
from factord import PATIENCE_S

FIRST = 100000000000000001
USERS = 50

def await_ready(node, status):
    """Waits until /readyz says so."""
    deadline = time.monotonic() + PATIENCE_S
    client = node.api("")
    while client.get("/readyz").status != status:
        assert time.monotonic() < deadline, node.log()
        time.sleep(0.02)
    client.client.close()


def remove_all(client, users):
    """Removes each, however often that has to be asked for; how many answers were none of 200."""
    refused = 0
    for user in users:
        asked_before = False
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = client.remove_otp_email(user)
            if answer.status == 200 or (answer.status == 404 and asked_before):
                break
            assert answer.status in (500, 503), answer
            assert answer.status == 500 or answer.header("Retry-After"), answer
            asked_before |= answer.status == 500
            refused += 1
            assert time.monotonic() < deadline, answer
            time.sleep(0.02)
    return refused


def check(store, removed):
    verify_store(store)
    shown = store_ctl(store, "events").stdout
    assert shown.count("user.human.mfa.otp.email.removed") == removed
