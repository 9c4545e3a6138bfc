"""The disk of the tables is full, and then it is not."""

import contextlib
import tempfile

from api import fresh
from database import Node, Postgres, store_ctl, verify_store
from mounts import again_in_namespace, mount, unmount
from patience import await_ready

def test_a_full_disk(request, tmp_path):
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="factord-full-") as folder:
        if not mount("-t", "tmpfs", "-o", "size=160m,mode=777", "tmpfs", folder):
            again_in_namespace(request)
            return
        try:
            fill_a_disk(folder, tmp_path)
        finally:
            unmount(folder)


def fill_a_disk(folder, tmp_path):
    # What is full is the disk of the tables; without its log the database could not live on.
    with Postgres(autovacuum="off") as own:
        own.sql("CREATE DATABASE d")
        own.own(folder)
        own.sql(f"CREATE TABLESPACE small LOCATION '{folder}'")
        own.sql("ALTER DATABASE d SET TABLESPACE small")
        url = own.url("d")
        assert store_ctl(url, "init").returncode == 0
        with Node(tmp_path / "a", url) as node:
            client = node.api()
            ballast = f"{folder}/ballast"
            with open(ballast, "wb") as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(65536))
                    file.flush()
            made = 0
            while (answer := add(client)).status == 201:
                made += 1
                assert made < 10_000
            assert answer.status == 503 and answer.header("Retry-After"), answer
            node.await_log("No space left on device")
            with open(ballast, "wb"):
                pass
            await_ready(node, 200)
            assert add(client).status == 201
        verify_store(url)
        stats = store_ctl(url, "stats").stdout
        assert f"lastSequence: {2 * (made + 1) + 1}" in stats, stats


def add(client):
    user = fresh("full")
    return client.add_human_user({
        "userId": user, "organization": {"orgId": "acme"},
        "profile": {"givenName": "A" * 200, "familyName": "B" * 200},
        "email": {"email": f"{user}@example.com", "isVerified": True}})
