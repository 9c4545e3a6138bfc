"""The scripts that the README shows, as it runs them."""

import os
import subprocess

import pytest

from api import fresh
from clients import HERE, PATIENCE_S

SCRIPTS = {  # script: (how it names the server, what it says the second time)
    "remove_with_grpc_js.mjs": ("127.0.0.1:{}", "code 5: "),
    "remove_with_zitadel_client.mjs": ("http://127.0.0.1:{}", "code 5, id COMMAND-b312D: "),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_removes_and_says_what_the_second_time_is_wrong(server, tokens, script):
    address, refusal = SCRIPTS[script]
    user = server.api(tokens["owner"]).make_user_with_factor(fresh(), org="acme")

    def run():
        done = subprocess.run(["node", HERE / script, address.format(server.port), user],
                              env={**os.environ, "TOKEN": tokens["owner"]}, capture_output=True,
                              text=True, timeout=PATIENCE_S, check=True)
        return done.stdout

    first = run()
    assert first.startswith("removed, sequence ") and first.endswith(", org acme\n")
    assert run() == (f"{refusal}Multifactor OTP (OneTimePassword) doesn't exist "
                     "(COMMAND-b312D)\n")
