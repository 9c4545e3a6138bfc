"""A disk that refuses to write: the failure is said once, nothing more is written, exit 1."""

import resource
import time

import pytest

from api import envelope
from factord import verify
from wire import Closed, request

FILE_BYTES = 200_000


def refuse_large_files():
    """Writes past this size fail with EFBIG, as they would with ENOSPC on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))


@pytest.mark.parametrize("mode", ["disk", "process"])
def test_a_write_that_fails(start, mode):
    # Python ignores the signal that comes with EFBIG, and so shall the server.
    server = start("--durability", mode, preexec_fn=refuse_large_files, restore_signals=False)
    client = server.api()
    users = [client.make_user_with_factor() for _ in range(100)]
    watcher = server.connect()
    assert watcher.ask(request("GET", "/readyz")).status == 200

    # Removals and additions until the log file is full.
    last, failed = client.last_sequence(), None
    factor = dict.fromkeys(users, True)
    while failed is None:
        for user in users:
            had = factor[user]
            answer = client.remove_otp_email(user) if had else client.add_otp_email(user)
            if answer.status != 200:
                failed = answer
                break
            factor[user] = not had
            last = int(answer.json["details"]["sequence"])
    began = time.monotonic()
    assert (failed.status, failed.body) == (500, envelope(13, "storage failed, outcome unknown"))

    # Whoever still gets an answer is told, and nobody gets a 200 for a write.
    try:
        answer = watcher.ask(request("GET", "/readyz"))
        assert answer.status == 503
        answer = watcher.ask(request("DELETE", f"/v2/users/{users[0]}/otp_email", client.token))
        assert (answer.status, answer.json["code"]) == (503, 14)
        assert answer.header("Retry-After") is not None
    except (Closed, ConnectionError):
        pass
    assert server.wait() == 1
    assert time.monotonic() - began < 10
    assert '"level":"error"' in server.log().replace('": "', '":"')

    # What was answered is there; of the last one nobody knows.
    verify(server.data_dir)
    again = start("--durability", mode)
    client = again.api(client.token)
    assert client.last_sequence() in (last, last + 1)
    del factor[user]
    for known, has_it in factor.items():
        assert ("authMethodTypes" in client.methods(known).json) == has_it
