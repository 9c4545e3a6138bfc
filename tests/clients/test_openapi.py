"""The description of the API in the hands of other people's tools: a linter, a reader of YAML, a
compiler of types, and a client on these types."""

import json
import os
import shutil
import subprocess

import pytest

from api import Api, fresh
from clients import HERE, PATIENCE_S

BIN = HERE / "node_modules/.bin"
QUIET = {**os.environ, "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_TELEMETRY": "off"}

# What users_life.ts says, but for the user's id.
LIFE = """\
added: {user}
no factor yet: COMMAND-KLJ2d
factor of: acme
method: AUTHENTICATION_METHOD_TYPE_OTP_EMAIL
state: AUTH_FACTOR_STATE_READY
removed after: 1
removed twice: COMMAND-b312D
user: USER_STATE_INACTIVE true GENDER_FEMALE
deleted: QUERY-Dfbg2
event: user.human.added
event: user.human.email.code.added
event: user.human.email.code.added
event: user.human.email.verified
event: user.human.mfa.otp.email.added
event: user.human.mfa.otp.email.removed
event: user.locked
event: user.unlocked
event: user.deactivated
event: user.reactivated
event: user.removed
ready: ready
described as: 3.1.0
"""


def run(folder, *command, **options):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                          timeout=PATIENCE_S * 5, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(server, tmp_path):
    """With both forms as they are served, and all that was installed here."""
    for name in ("openapi.yaml", "openapi.json"):
        (tmp_path / name).write_bytes(Api(server, None).get(f"/{name}").body)
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}\n')
    return tmp_path


def test_a_linter_finds_nothing(folder):
    for name in ("openapi.yaml", "openapi.json"):
        said = run(folder, BIN / "redocly", "lint", "--config", HERE / "redocly.yaml",
                   "--format", "json", name, env=QUIET)
        found = json.loads(said)
        assert (found["totals"], found["problems"]) == (
            {"errors": 0, "warnings": 0, "ignored": 0}, [])


def test_both_forms_are_one_document_to_another_reader(folder):
    """YAML 1.2, where Debian's is of 1.1: a word to the one may be a truth value to the other."""
    said = run(folder, "node", "-e", """
        const fs = require("fs"), yaml = require("js-yaml");
        const [one, other] = [yaml.load(fs.readFileSync("openapi.yaml", "utf8")),
                              JSON.parse(fs.readFileSync("openapi.json", "utf8"))];
        require("assert").deepStrictEqual(one, other);
        console.log(Object.keys(one.paths).length > 10);""")
    assert said == "true\n"


def test_a_client_that_is_made_of_it_lives_a_users_life(folder, server, tokens):
    for name in ("users_life.ts", "tsconfig.json"):
        shutil.copy(HERE / name, folder)
    run(folder, BIN / "openapi-typescript", "openapi.yaml", "-o", "openapi.d.ts")
    run(folder, BIN / "tsc", "-p", ".")
    user = fresh()
    said = run(folder, "node", "made/users_life.js", f"http://127.0.0.1:{server.port}", user,
               env={**os.environ, "TOKEN": tokens["owner"]})
    assert said == LIFE.format(user=user)
