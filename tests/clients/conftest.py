"""Fixtures of the suite of third-party clients: a server, tokens, and every client on it."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from factord import Factord  # noqa: E402
from tls import Pair  # noqa: E402

from clients import CLIENTS, TLS_CLIENTS  # noqa: E402


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    pair = Pair(folder, "server")
    with Factord(folder / "data", *pair.flags,
                 listen=("plain:127.0.0.1:0", "127.0.0.1:0")) as running:
        running.tls_url = f"https://{running.stdout[1]}"
        running.cert = pair.cert
        yield running


@pytest.fixture(scope="session")
def tokens(server):
    return {"owner": server.token(), "stranger": server.token(roles=[])}


@pytest.fixture(scope="module", params=[*CLIENTS, *TLS_CLIENTS])
def client(server, request):
    if request.param in TLS_CLIENTS:
        made = TLS_CLIENTS[request.param](server.tls_url, server.cert)
    else:
        made = CLIENTS[request.param](f"http://127.0.0.1:{server.port}")
    with made:
        yield made
