"""A database that restarts under its servers, in order and not."""

import signal

import pytest

from database import Node, Postgres, store_ctl
from patience import FIRST, USERS, await_ready, check, remove_all

@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL])
def test_a_database_that_restarts(seeded, tmp_path, how):
    with Postgres() as own:
        own.sql("CREATE DATABASE d")
        url = own.url("d")
        assert store_ctl(url, "init").returncode == 0
        assert store_ctl(url, "seed", "--users", USERS, "--org", "acme").returncode == 0
        with Node(tmp_path / "a", url) as node:
            client = node.api()
            assert client.remove_otp_email(str(FIRST)).status == 200
            own.kill() if how == signal.SIGKILL else own.stop(how)
            answer = client.remove_otp_email(str(FIRST + 1))
            assert answer.status == 503 and answer.header("Retry-After"), answer
            await_ready(node, 503)
            assert client.methods(str(FIRST)).status == 503
            own.start()
            await_ready(node, 200)
            remove_all(client, [str(FIRST + 1)])
            node.await_log("the store is available again")
        check(url, 2)
