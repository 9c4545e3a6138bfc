"""Fixtures of the end-to-end suite: servers, and clients with every right."""

import pytest

from factord import FACTORCTL, FACTORD, Factord

ORIGIN = "https://console.example"

# What the programs are decides what can be said of them: the flags of a release are not there
# where a sanitizer is, and such a program does not live in little address space.
SANITIZED = FACTORD.exists() and b"__asan_init" in FACTORD.read_bytes()
collect_ignore = ["test_hardening.py", "test_shortage.py"] if SANITIZED else []


def pytest_configure():
    for program in (FACTORD, FACTORCTL):
        if not program.exists():
            pytest.exit(f"{program} is missing: build it, or set FACTORD_BIN_DIR", 1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for the tests of a file, with the limits that it comes with."""
    data_dir = tmp_path_factory.mktemp("store") / "data"
    with Factord(data_dir, "--cors-origin", ORIGIN) as running:
        yield running


@pytest.fixture(scope="module")
def owner_token(server):
    return server.token()


@pytest.fixture
def api(server, owner_token):
    """A client who may do everything."""
    client = server.api(owner_token)
    yield client
    client.client.close()


@pytest.fixture
def start(tmp_path):
    """Starts servers of a test's own; each ends, drained, with the test."""
    running = []

    def start_one(*arguments, data_dir=None, **options):
        one = Factord(data_dir or tmp_path / "data", *arguments, **options).start()
        running.append(one)
        return one

    yield start_one
    for one in running:
        if not one.ended:
            one.stop()
