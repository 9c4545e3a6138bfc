"""The configurations of DEPLOYING.md: nginx and haproxy before a server, but for their ports."""

import contextlib
import json
import re
import socket
import subprocess
import time

import grpc
import pytest
import yaml

from bulk import Bulk, removals_in
from factord import FACTORD, PATIENCE_S, ROOT, plain_environment
from messages import SERVICE, of_method
from wire import Connection, request

DEPLOY = ROOT / "tools/deploy"


def free_ports(count):
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in taken]


class Proxy:
    """One of them, and the ports where it speaks HTTP/1.1 and HTTP/2."""

    def __init__(self, name, folder, server):
        self.http1, self.http2 = free_ports(2)
        text = (DEPLOY / {"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}[name]).read_text()
        for written, real in ((8080, server.port), (8000, self.http1), (8001, self.http2)):
            assert f"127.0.0.1:{written}" in text
            text = text.replace(f"127.0.0.1:{written}", f"127.0.0.1:{real}")
        config = folder / name
        config.write_text(text)
        command = {"nginx": ["nginx", "-p", folder, "-e", "stderr", "-c", config, "-g",
                             f"daemon off; pid {folder}/nginx.pid;"],
                   "haproxy": ["haproxy", "-db", "-f", config]}[name]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.await_status(200)

    def await_status(self, status):
        deadline = time.monotonic() + PATIENCE_S
        while self.status() != status:
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)

    def status(self):
        try:
            with self.connect() as connection:
                return connection.ask(request("GET", "/readyz", host="factord")).status
        except OSError:
            return None

    def connect(self):
        return Connection.tcp(self.http1)

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE_S)


@pytest.fixture(params=["nginx", "haproxy"])
def proxied(request, start, tmp_path):
    server = start("--access-log", "all", "--drain-delay", "4s")
    proxy = Proxy(request.param, tmp_path, server)
    yield server, proxy
    proxy.close()


def test_a_removal_has_one_name_in_both(proxied):
    server, proxy = proxied
    api = server.api()
    user = api.make_user_with_factor()
    with proxy.connect() as connection:
        answer = connection.ask(request("DELETE", f"/v2/users/{user}/otp_email", api.token))
    assert answer.status == 200
    name = answer.header("X-Request-Id")
    assert re.fullmatch("[0-9a-f]{32}|[0-9a-f-]{36}", name)
    server.await_log(f'"request_id":"{name}"')


def test_lines_of_a_bulk_are_answered_while_more_are_sent(proxied):
    server, proxy = proxied
    api = server.api()
    users = [api.make_user_with_factor() for _ in range(6)]
    bulk = Bulk(proxy.http1, api.token)
    for user in users:
        bulk.send(user)
        said, = bulk.take(1)
        assert said["userId"] == user and "sequence" in json.dumps(said)
    bulk.end()
    bulk.rest()
    assert len(removals_in(api)) == len(users)


def test_events_come_as_they_happen(proxied):
    server, proxy = proxied
    api = server.api()
    with proxy.connect() as connection:
        connection.send(request("GET", "/v2/events", api.token,
                                headers=["Accept: application/x-ndjson"]))
        connection._take_head()
        for _ in range(3):
            user = api.make_user()
            while user.encode() not in connection.input:
                connection._more()


def test_grpc(proxied):
    server, proxy = proxied
    api = server.api()
    user = api.make_user_with_factor()
    asked, _ = of_method("RemoveOTPEmail")
    with grpc.insecure_channel(f"127.0.0.1:{proxy.http2}") as channel:
        remove = channel.unary_unary(f"/{SERVICE}/RemoveOTPEmail",
                                     request_serializer=lambda one: one.SerializeToString(),
                                     response_deserializer=lambda data: data)
        metadata = [("authorization", f"Bearer {api.token}")]
        assert remove(asked(user_id=user), metadata=metadata, timeout=PATIENCE_S)
        with pytest.raises(grpc.RpcError) as refused:
            remove(asked(user_id=user), metadata=metadata, timeout=PATIENCE_S)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND


def test_a_drain_is_noticed(proxied):
    server, proxy = proxied
    server.signal()
    proxy.await_status(503)
    assert server.wait() == 0


def test_the_manifest_starts_a_server_that_its_probes_find(tmp_path):
    """Its arguments, with directories and ports of the test's, and the paths of its probes."""
    pod = yaml.safe_load((DEPLOY / "kubernetes.yaml").read_text())
    ours = next(one for one in pod["spec"]["containers"] if one["name"] == "factord")
    api, admin = free_ports(2)
    arguments = [one.replace("/var/lib/factord/data", str(tmp_path / "data"))
                 .replace("127.0.0.1:8080", f"127.0.0.1:{api}")
                 .replace("0.0.0.0:9090", f"127.0.0.1:{admin}") for one in ours["args"]]
    server = subprocess.Popen([FACTORD, *arguments], env=plain_environment(),
                              stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline().startswith("listening on ")
    assert server.stdout.readline().startswith("monitoring on ")
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        with Connection.tcp(admin) as connection:
            assert connection.ask(request("GET", ours[probe]["httpGet"]["path"])).status == 200
    server.terminate()
    server.wait(PATIENCE_S)
    delays = sum(int(re.fullmatch(r"--drain-\w+=(\d+)s", one)[1]) for one in ours["args"]
                 if one.startswith("--drain"))
    assert pod["spec"]["terminationGracePeriodSeconds"] > delays


def test_envoys_is_yaml_with_what_the_others_have():
    text = (DEPLOY / "envoy.yaml").read_text()
    assert yaml.safe_load(text) and "/readyz" in text
