"""Fixtures of the suite of third-party clients: a server, tokens, and every client on it."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from factord import Factord  # noqa: E402

from clients import CLIENTS  # noqa: E402


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with Factord(tmp_path_factory.mktemp("store") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def tokens(server):
    return {"owner": server.token(), "stranger": server.token(roles=[])}


@pytest.fixture(scope="module", params=CLIENTS)
def client(server, request):
    with CLIENTS[request.param](f"http://127.0.0.1:{server.port}") as made:
        yield made
