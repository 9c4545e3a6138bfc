"""A server that is cut off from its database, in a network of its own that goes away under it,
while others on the same database go on."""

import http.client
import socket
import threading
import time

import pytest

from api import Api
from database import Node, name_of
from factord import PATIENCE_S
from faulty_network import FaultyNetwork
from namespace import Namespace, can_have_one
from patience import FIRST, check, remove_all

pytestmark = pytest.mark.skipif(not can_have_one(),
                                reason="takes root, to have a network of its own")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE_S)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class IsolatedNode(Node):
    """A node in a namespace, whose clients are outside of it."""

    def __init__(self, folder, namespace, url):
        self.socket = folder / "s"
        super().__init__(folder / "isolated", url, listen=(f"unix:{self.socket}",))
        self.command = namespace.enter() + self.command

    def api(self, token=None, **token_of):
        client = Api(self, token if token is not None else self.token(**token_of))
        client.client = UnixConnection(self.socket)
        return client


@pytest.fixture
def isolated(postgres, seeded, tmp_path):
    """A node, its namespace, and the URL of the store for everybody else."""
    with Namespace() as namespace:
        network = FaultyNetwork(postgres.folder / ".s.PGSQL.5432", namespace.listener())
        url = f"postgres://postgres@127.0.0.1:{network.port}/{name_of(seeded)}?sslmode=disable"
        with IsolatedNode(tmp_path, namespace, url) as node:
            yield node, namespace, seeded
            namespace.up()
        network.close()


def has_factor(answer):
    return "AUTHENTICATION_METHOD_TYPE_OTP_EMAIL" in answer.json.get("authMethodTypes", [])


def await_status(client, status):
    deadline = time.monotonic() + PATIENCE_S
    while client.get("/readyz").status != status:
        assert time.monotonic() < deadline, client.server.log()
        time.sleep(0.02)


def test_it_answers_no_stale_read_and_no_removal(isolated, tmp_path):
    cut_off, namespace, store = isolated
    inside = cut_off.api()
    with Node(tmp_path / "other", store) as other:
        outside = other.api()
        assert inside.remove_otp_email(str(FIRST)).status == 200
        assert has_factor(inside.methods(str(FIRST + 1)))
        namespace.down()
        # What is answered to others from here on is never contradicted.
        remove_all(outside, [str(FIRST + 1)])
        for _ in range(2):
            read = inside.methods(str(FIRST + 1))
            assert read.status == 503 and read.header("Retry-After"), read
            assert inside.remove_otp_email(str(FIRST + 2)).status in (500, 503)
        await_status(inside, 503)
        assert has_factor(outside.methods(str(FIRST + 2)))
        namespace.up()
        await_status(inside, 200)
        assert not has_factor(inside.methods(str(FIRST + 1)))
        assert inside.remove_otp_email(str(FIRST + 1)).status == 404
        assert inside.remove_otp_email(str(FIRST + 2)).status == 200
    check(store, 3)


def remove_slowly(client, users):
    for user in users:
        remove_all(client, [user])
        time.sleep(0.3)


def test_it_is_cut_off_under_load(isolated, tmp_path):
    """Each removal that was answered with 200, before, in between or afterwards, has its one
    event."""
    cut_off, namespace, store = isolated
    users = [[str(FIRST + 10 * number + at) for at in range(10)] for number in range(4)]
    threads = [threading.Thread(target=remove_slowly, args=(cut_off.api(), mine)) for mine in users]
    probe = cut_off.api()
    with Node(tmp_path / "other", store) as other:
        for thread in threads:
            thread.start()
        for _ in range(3):
            time.sleep(0.5)
            namespace.down()
            time.sleep(4)  # longer than a connection lives without an answer
            namespace.up()
            await_status(probe, 200)
        for thread in threads:
            thread.join()
        listing = other.api()
        assert not any(has_factor(listing.methods(user)) for mine in users for user in mine)
    check(store, 40)
