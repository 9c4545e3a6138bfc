"""A resolver that does not answer: what asks for names has its deadline all the same, and the end
of the process waits for none of it."""

import json
import os
import pathlib
import subprocess

import pytest

from factord import Factord, plain_environment
from scrape import Watched
from wire import request

SOURCE = pathlib.Path(__file__).with_name("hung_names.c")
STAY = "the keys of an issuer stay as they were"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    library = tmp_path_factory.mktemp("preload") / "hung_names.so"
    subprocess.run(["gcc", "-Wall", "-Werror", "-O1", "-shared", "-fPIC", "-o", library, SOURCE],
                   check=True)
    # A sanitizer wants to be loaded first, for libraries that look functions up: ours does not.
    asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
    return plain_environment(LD_PRELOAD=str(library), ASAN_OPTIONS=asan)


def test_of_a_provider(tmp_path, environment):
    flags = ("--jwt-issuer", "https://idp.example", "--jwt-audience", "x")
    with Factord(tmp_path / "data", *flags, env=environment) as server:
        assert server.api().get("/readyz").status == 200
        # Asked again, it starts no second question for that name.
        log = server.await_log(STAY, 2)
        causes = [json.loads(line)["cause"] for line in log.splitlines() if STAY in line]
        assert all("resolving idp.example: not in time" in cause for cause in causes)
        threads = pathlib.Path(f"/proc/{server.process.pid}/task")
        names = [(one / "comm").read_text().strip() for one in threads.iterdir()]
        assert names.count("names") == 1


def test_of_a_collector(tmp_path, environment):
    flags = ("--otlp-endpoint", "http://collector.example:4318", "--trace-sample", "1")
    with Watched(tmp_path / "data", *flags, env=environment) as server, \
            server.connect() as connection:
        assert connection.ask(request("GET", "/v2/users/u", server.token())).status == 404
        log = server.await_log("traces could not be sent")
        assert "resolving collector.example: not in time" in log
        assert server.scrape()("factord_traced_calls_total", outcome="dropped") >= 1
        # And one is waiting for its name at the end, which has a second.
        connection.ask(request("GET", "/v2/users/u", "none"))
