"""Fixtures of the end-to-end suite: servers, and clients with every right."""

import os
import pathlib
import tempfile

import pytest

from api import fresh
from database import Postgres, store_ctl
from factord import FACTORCTL, FACTORD, Factord
from few_processes import SOMEBODY
from patience import USERS
from scrape import Watched, an_issuer

ORIGIN = "https://console.example"

# What the programs are decides what can be said of them: the flags of a release are not there
# where a sanitizer is, and such a program does not live in little address space.
SANITIZED = FACTORD.exists() and b"__asan_init" in FACTORD.read_bytes()
collect_ignore = ["test_hardening.py", "test_shortage.py"] if SANITIZED else []


def is_on_a_database(item):
    """It takes the server as a fixture, or says so in its name, its file's or its parameter's."""
    return "postgres" in item.fixturenames or "database" in item.nodeid


def pytest_addoption(parser):
    parser.addoption("--without-databases", action="store_true",
                     help="leave out what needs a PostgreSQL server")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--without-databases"):
        items[:] = [item for item in items if not is_on_a_database(item)]


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


@pytest.fixture
def watched(tmp_path):
    """A server that nothing was asked of yet."""
    with Watched(tmp_path / "data", "--threads", 2, "--idle-timeout", "1h",
                 *an_issuer(tmp_path)) as running:
        yield running


@pytest.fixture(scope="module")
def postgres():
    """A PostgreSQL server for the tests of a file."""
    with Postgres() as running:
        yield running


@pytest.fixture
def database(postgres):
    """The URL of a new, empty database."""
    name = fresh("d").replace("-", "_")
    postgres.sql(f"CREATE DATABASE {name}")
    return postgres.url(name)


@pytest.fixture
def store(database):
    """The URL of a new, empty store."""
    done = store_ctl(database, "init")
    assert done.returncode == 0 and done.stdout.startswith("storeId: "), done.stderr
    return database


@pytest.fixture
def seeded(store):
    """The URL of a store with a few users who have the factor."""
    done = store_ctl(store, "seed", "--users", USERS, "--org", "acme")
    assert done.returncode == 0, done.stderr
    return store


@pytest.fixture
def open_place():
    """A directory that every user may look into, as pytest's own is not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


@pytest.fixture
def somebodys_dir():
    """Where somebody gets to who may have few processes."""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, SOMEBODY, SOMEBODY)
        yield pathlib.Path(folder)
