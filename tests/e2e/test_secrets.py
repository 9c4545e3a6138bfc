"""Tokens and verification codes are told once, to whom they are made for, and nowhere else: not in
the log, in an error, in what factorctl prints, in the log of events, or on the disk."""

import base64
import hashlib
import json
import pathlib
import subprocess

import pytest

from api import check_error, fresh, INVALID_TOKEN
from factord import FACTORD
from rpc import PROTOCOLS, Client
from test_verify_email import user_with_code, wrong
from wire import request


class Secrets:
    """What must not be seen, and where it was looked for."""

    def __init__(self, *texts):
        self.texts = set(texts)
        self.seen = []

    def needles(self):
        for text in self.texts:
            data = text.encode()
            # As it is, as headers and envelopes carry bytes, and the hash that it is kept as.
            yield data
            yield base64.b64encode(data).rstrip(b"=")
            yield hashlib.sha256(data).hexdigest().encode()

    def check_absent(self, where, data):
        data = data.encode("utf-8", "replace") if isinstance(data, str) else data
        self.seen.append((where, len(data)))
        assert not [needle for needle in self.needles() if needle in data], where


def bad_bodies(code):
    """Bodies that hold a code and are refused for another reason."""
    return [f'{{"verificationCode":{code}}}', f'{{"verificationCode":["{code}"]}}',
            f'{{"verificationCode":{{"{code}":"{code}"}}}}', f'{{"{code}":', f'"{code}"',
            f'{{"verificationCode":"{code * 20}"}}', f'{{"verificationCode":"{code}\\u0000"}}']


@pytest.fixture(name="life")
def a_life(start):
    """A server at its most talkative, what its clients did, and the secrets of it."""
    server = start("--log-level", "trace")
    client = server.api()
    other = server.token(user="machine", roles=["ORG_OWNER"], org="acme", expires="30d")
    user, code = user_with_code(client)
    mistyped = wrong(code)
    secrets = Secrets(client.token, other, code, mistyped)
    answers = [client.verify_email(user, mistyped)]
    for body in bad_bodies(code):
        answers.append(client.post(f"/v2/users/{user}/email/verify", body))
        answers.append(client.post("/zitadel.user.v2.UserService/VerifyEmail", body,
                                   headers={"Content-Type": "application/json"}))
    assert all(answer.status == 400 for answer in answers)
    with server.connect() as connection:
        for line in (f"Authorization: {other}", f"Authorization: Basic {other}",
                     f"Authorization: bearer {other}", f"Authorization: Bearer {other} ,",
                     f"Authorization: Bearer {other}, Bearer {other}", f"Cookie: token={other}"):
            answers.append(connection.ask(request("GET", f"/v2/users/{user}", headers=[line])))
        answers.append(connection.ask(request("GET", f"/nowhere/{other}?token={other}", other)))
        answers.append(connection.ask(request("DELETE", f"/v2/users/{other}/otp_email", other)))
    answers += [client.get(f"/v2/users/{user}"), client.get("/v2/events?limit=1000"),
                client.verify_email(user, code), client.verify_email(user, code)]
    return server, client, user, secrets, answers


def revoke_all(server):
    for row in server.ctl("token", "list").stdout.splitlines()[1:]:
        assert server.ctl("token", "revoke", row.split()[0]).returncode == 0


def test_no_output_holds_a_secret(life):
    server, client, user, secrets, answers = life
    for answer in answers:
        secrets.check_absent(f"answer {answer.status}", repr(answer.fields).encode() + answer.body)
    for command in (["token", "list"], ["stats"], ["events"], ["events", "--user", user]):
        done = server.ctl(*command)
        assert done.returncode == 0 and done.stdout
        secrets.check_absent(command, done.stdout + done.stderr)
    assert f'"{user}"' in server.ctl("events").stdout, "the life is there, its secrets are not"
    revoke_all(server)
    late = client.get(f"/v2/users/{user}")
    check_error(late, *INVALID_TOKEN)
    secrets.check_absent("revoked", late.body)
    server.stop()
    for line in server.log().splitlines():
        assert json.loads(line)
    secrets.check_absent("log", server.log())
    secrets.check_absent("stdout", "\n".join(server.stdout))
    assert len(secrets.seen) > 30


def test_no_file_holds_a_secret(life):
    server, _, _, secrets, _ = life
    server.stop()
    texts = [text.encode() for text in secrets.texts]
    files = [path for path in server.data_dir.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) > 1000
    for path in files:
        data = path.read_bytes()
        assert not [text for text in texts if text in data], path


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_error_of_any_protocol_holds_a_token(server, protocol):
    """The same words for every cause, and none of the token's."""
    secret = server.token(user=fresh("gone"), roles=["IAM_OWNER_VIEWER"])
    secrets = Secrets(secret)
    client = Client(protocol, server.port)
    for field in (f"Bearer {secret}x", f"Bearer {secret[:-1]}", secret, f"Bearer {secret} x"):
        outcome = client.call("GetUserByID", {"userId": "u"}, field)
        assert outcome.code == 16
        secrets.check_absent(field, repr(outcome))
    client.close()


def test_codes_are_compared_in_constant_time():
    """By libcrypto's own function, which nothing else here has a use for."""
    symbols = subprocess.run(["readelf", "--wide", "--dyn-syms", FACTORD], check=True,
                             capture_output=True, text=True).stdout
    assert " UND CRYPTO_memcmp" in symbols


def test_no_secret_is_on_a_command_line_or_in_an_environment(server):
    secret = server.token()
    for name in ("cmdline", "environ"):
        path = pathlib.Path(f"/proc/{server.process.pid}/{name}")
        assert secret.encode() not in path.read_bytes()
