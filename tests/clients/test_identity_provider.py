"""Tokens of providers that others wrote: oidc-provider serves and signs them, jose signs some."""

import base64
import http.client
import json
import pathlib
import subprocess
import threading
import time
import urllib.parse

import pytest

from api import INVALID_TOKEN, check_error
from factord import PATIENCE_S, Factord

HERE = pathlib.Path(__file__).resolve().parent
CLAIM = "urn:zitadel:iam:org:project:roles"
ACME = {"factor-admin": {"acme": "acme.example"}}
CHANGED = "the keys of an issuer have changed"
STAY = "the keys of an issuer stay as they were"


class Issuer:
    """issuer.mjs, and its client `worker`."""

    def __init__(self):
        # What it says on stderr is about http, which is for loopback.
        self.process = subprocess.Popen(["node", HERE / "issuer.mjs"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.url = self._read()["issuer"]
        self.order("roles", ACME)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_S) == 0

    def _read(self):
        # It says nothing else there but warnings, which are none of JSON.
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise AssertionError("it has ended")

    def order(self, what, value=None):
        said = "" if value is None else " " + json.dumps(value)
        self.process.stdin.write(f"{what}{said}\n")
        self.process.stdin.flush()
        answer = self._read()
        assert answer["did"] == what
        return answer.get("said")

    def token(self):
        """As a client gets one: its own credentials for a token (RFC 6749, section 4.4)."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"),
                                                timeout=PATIENCE_S)
        basic = base64.b64encode(b"worker:worker-secret-of-this-test").decode()
        connection.request("POST", "/token",
                           urllib.parse.urlencode({"grant_type": "client_credentials"}),
                           {"Authorization": f"Basic {basic}",
                            "Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status == 200, body
        return json.loads(body)["access_token"]

    @property
    def flags(self):
        return ("--jwt-issuer", self.url, "--jwt-audience", "factord", "--jwt-roles-claim", CLAIM,
                "--jwt-role-map", "factor-admin=ORG_USER_MANAGER")


@pytest.fixture
def issuer():
    with Issuer() as running:
        yield running


@pytest.fixture
def server(issuer, tmp_path):
    with Factord(tmp_path / "data", *issuer.flags) as running:
        yield running


def await_status(server, text, user, wanted):
    deadline = time.monotonic() + PATIENCE_S
    while (seen := server.api(text).methods(user).status) != wanted:
        assert time.monotonic() < deadline, (seen, server.log())
        time.sleep(0.02)


def test_a_client_with_a_token_of_its_own(issuer, server):
    api, client = server.api(), server.api(issuer.token())
    here, elsewhere = (api.make_user_with_factor(org=org) for org in ("acme", "elsewhere"))
    assert client.remove_otp_email(elsewhere).status == 403
    assert client.remove_otp_email(here).status == 200
    [*_, event] = api.events_of(here)
    assert event["creator"] == "worker"


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "EdDSA"])
def test_tokens_that_jose_signs(issuer, server, alg):
    api = server.api()
    user = api.make_user_with_factor(org="acme")
    good = issuer.order("forge", {"alg": alg, "sub": "j", CLAIM: ACME})
    assert server.api(good).methods(user).status == 200
    for claims in ({"sub": ""}, {"sub": "j", "nbf": int(time.time()) + 600},
                   {"sub": "j", CLAIM: "all"}):
        bad = issuer.order("forge", {"alg": alg, **claims})
        check_error(server.api(bad).methods(user), *INVALID_TOKEN)


class Load:
    """Clients that ask on and on, each with tokens that it gets anew, and their answers."""

    def __init__(self, server, issuer, user, clients=4):
        self.server, self.issuer, self.user = server, issuer, user
        self.ending = threading.Event()
        self.statuses = [[] for _ in range(clients)]
        self.renewed = [0] * clients
        self.failures = []
        self.threads = [threading.Thread(target=self._run, args=(index,))
                        for index in range(clients)]

    def _run(self, index):
        try:
            api = self.server.api("")
            while not self.ending.is_set():
                api.token = self.issuer.token()
                self.renewed[index] += 1
                self.statuses[index] += [api.methods(self.user).status for _ in range(20)]
        except Exception as failure:  # pylint: disable=broad-except
            self.failures.append(failure)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()

    def await_renewed(self):
        """Until nobody has a token that it got before this."""
        wanted = [count + 2 for count in self.renewed]
        deadline = time.monotonic() + PATIENCE_S
        while any(count < least for count, least in zip(self.renewed, wanted)):
            assert not self.failures and time.monotonic() < deadline, self.failures
            time.sleep(0.01)

    def all(self):
        assert not self.failures, self.failures
        return [status for each in self.statuses for status in each]


def test_rotation_while_clients_ask_on(issuer, server):
    user = server.api().make_user_with_factor(org="acme")
    first = issuer.token()
    with Load(server, issuer, user) as load:
        for _ in range(3):
            load.await_renewed()
            issuer.order("publish")
            server.reload(CHANGED)  # else within 10 minutes
            issuer.order("sign")
            load.await_renewed()
            issuer.order("retire")
            server.reload(CHANGED)
        load.await_renewed()
    statuses = load.all()
    assert set(statuses) == {200} and len(statuses) >= 4 * 20 * 3
    check_error(server.api(first).methods(user), *INVALID_TOKEN)


def test_a_key_that_was_not_waited_for(issuer, server):
    """A provider that signs by a key at once: the token is good as soon as it was looked for."""
    user = server.api().make_user_with_factor(org="acme")
    issuer.order("publish")
    issuer.order("sign")
    await_status(server, issuer.token(), user, 200)


def test_down_later_and_back_while_clients_ask_on(issuer, server):
    user = server.api().make_user_with_factor(org="acme")
    client = server.api(issuer.token())
    issuer.order("down")
    server.reload(STAY)
    assert {client.methods(user).status for _ in range(100)} == {200}
    issuer.order("publish")
    issuer.order("sign")
    issuer.order("up")
    await_status(server, issuer.token(), user, 200)
    assert client.methods(user).status == 200


def test_down_at_start_and_back(issuer, tmp_path):
    text = issuer.token()
    issuer.order("down")
    with Factord(tmp_path / "data", *issuer.flags) as server:
        user = server.api().make_user_with_factor(org="acme")
        assert server.api(text).methods(user).status == 503
        issuer.order("up")
        await_status(server, text, user, 200)
