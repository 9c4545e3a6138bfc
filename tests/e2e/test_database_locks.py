"""Somebody with psql holds locks: they are waited for within bounds."""

import contextlib
import subprocess

import pytest

from database import PROGRAMS, Node, name_of
from factord import PATIENCE_S
from patience import FIRST, check, remove_all

@contextlib.contextmanager
def somebody(postgres, store, statement):
    """Somebody with psql, in a transaction that has said this."""
    with subprocess.Popen(
            [PROGRAMS / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", postgres.folder, "-U",
             "postgres", "-d", name_of(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, cwd="/") as psql:
        psql.stdin.write(f"BEGIN; {statement}; SELECT 'done';\n")
        psql.stdin.flush()
        while psql.stdout.readline().strip() != "done":
            pass
        yield
        psql.stdin.write("ROLLBACK;\n")
        psql.stdin.close()
        assert psql.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("statement", [
    "SELECT FROM factord.head FOR UPDATE", "LOCK factord.head IN SHARE MODE",
    "LOCK factord.state IN SHARE MODE", "LOCK factord.events IN SHARE MODE",
    "LOCK factord.head IN ACCESS EXCLUSIVE MODE"])
def test_a_lock_that_somebody_holds_is_waited_for_within_bounds(postgres, seeded, tmp_path,
                                                                statement):
    with Node(tmp_path / "a", seeded) as node:
        client = node.api()
        assert client.remove_otp_email(str(FIRST)).status == 200
        with somebody(postgres, seeded, statement):
            answer = client.remove_otp_email(str(FIRST + 1))
            assert answer.status == 503 and answer.header("Retry-After"), answer
        remove_all(client, [str(FIRST + 1)])
    check(seeded, 2)


def test_a_lock_that_readers_wait_for(postgres, seeded, tmp_path):
    with Node(tmp_path / "a", seeded) as node:
        client = node.api()
        with somebody(postgres, seeded, "LOCK factord.state IN ACCESS EXCLUSIVE MODE"):
            answer = client.methods(str(FIRST))
            assert answer.status == 503 and answer.header("Retry-After"), answer
        assert client.methods(str(FIRST)).status == 200
