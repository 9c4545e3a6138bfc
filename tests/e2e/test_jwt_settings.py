"""Whose tokens are taken: what is said of bad settings, and what is shown of good ones."""

import json
import re
import time

import pytest

from api import fresh
from factord import ROOT, plain_environment, run_factord
from scrape import Watched
from tls import Pair
from tokens import Key, key_set, token
from wire import request

GOOD = ["--jwt-issuer", "https://a.example", "--jwt-audience", "x"]
ROLES = [*GOOD, "--jwt-roles-claim", "r"]
TABLE = '[[jwt]]\nissuer = "https://a.example"\naudience = "x"\n'

BAD = [
    (["--jwt-issuer", "https://a.example"], {}, "--jwt-issuer needs --jwt-audience"),
    (["--jwt-audience", "x"], {}, "--jwt-audience needs --jwt-issuer"),
    (["--jwt-isuer", "x"], {}, "is --jwt-issuer meant?"),
    ([], {"FACTORD_JWT_ISUER": "x"}, "is FACTORD_JWT_ISSUER meant?"),
    (["--jwt-issuer", "http://a.example", "--jwt-audience", "x"], {}, "https is needed"),
    (["--jwt-issuer", "a.example", "--jwt-audience", "x"], {}, "a URL is needed"),
    ([*GOOD, "--jwt-jwks-url", "http://a.example/k"], {}, "https is needed"),
    ([*GOOD, "--jwt-jwks-url", "https://u:p@a.example/k"], {}, "a URL is needed"),
    ([*GOOD, "--jwt-jwks-url", ""], {}, "--jwt-jwks-url '' is empty"),
    ([*GOOD, "--jwt-jwks-url", "https://a/k", "--jwt-jwks-file", "k"], {}, "not in both"),
    ([*GOOD, "--jwt-jwks-file", "k"], {"FACTORD_JWT_JWKS_URL": "https://a/k"}, "not in both"),
    ([*GOOD, "--jwt-role-map", "a=IAM_OWNER"], {}, "need each other"),
    (ROLES, {}, "--jwt-roles-claim and --jwt-role-map need each other"),
    ([*ROLES, "--jwt-role-map", "a=IAM_OWNR"], {}, "is IAM_OWNER meant?"),
    ([*ROLES, "--jwt-role-map", "a"], {}, "ROLE=OURS is needed"),
    (ROLES, {"FACTORD_JWT_ROLE_MAP": "a=IAM_OWNER,a=ORG_OWNER"}, "'a' is mapped twice"),
    (["--jwt-ca", "x"], {}, "--jwt-ca needs --jwt-issuer"),
]


@pytest.mark.parametrize("arguments, environment, named", BAD,
                         ids=[f"{number} {named}" for number, (_, _, named) in enumerate(BAD)])
def test_bad_settings(tmp_path, arguments, environment, named):
    done = run_factord("--data-dir", tmp_path / "data", *arguments,
                       env=plain_environment(**environment))
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert list(tmp_path.iterdir()) == []


BAD_FILES = [
    ("[[jwt]]\n", "line 1: issuer and audience are needed"),
    (TABLE.replace("issuer", "isuer"), "line 2: unknown key 'isuer' in [[jwt]]: is issuer meant?"),
    (TABLE + 'jwks-url = "http://b.example/"', "line 4: jwks-url 'http://b.example/': https is"),
    (TABLE + 'jwks-file = "k"\njwks-url = "https://b/k"', "not in both"),
    (TABLE + TABLE, "line 4: the issuer 'https://a.example' is there twice"),
    (TABLE + 'roles-claim = "r"\nrole-map = { "a" = "ORG_OWNR" }', "is ORG_OWNER meant?"),
    ("jwt-audience = \"x\"\n" + TABLE, "[[jwt]] exclude each other"),
    (TABLE.replace("[[", "[").replace("]]", "]"), "write [[jwt]]"),
    (TABLE.replace("jwt", "jwts"), "line 1: 'jwts' needs"),
]


@pytest.mark.parametrize("text, named", BAD_FILES, ids=[named for _, named in BAD_FILES])
def test_bad_sections(tmp_path, text, named):
    file = tmp_path / "factord.toml"
    file.write_text(text)
    done = run_factord("--data-dir", tmp_path / "data", "--config", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr and str(file) in done.stderr
    assert not (tmp_path / "data").exists()


BAD_KEYS = [b"", b"{}", b"[]", b'{"keys":[]}', b"not JSON", b"\xff", b"x" * 300_000,
            json.dumps({"keys": [{"kty": "RSA", "kid": "a", "alg": "RS256", "n": "AQAB",
                                  "e": "AQAB"}]}).encode()]


@pytest.mark.parametrize("text", BAD_KEYS, ids=lambda text: repr(text[:20]))
def test_a_file_of_keys_that_is_no_good(tmp_path, text):
    file = tmp_path / "keys.json"
    file.write_bytes(text)
    arguments = ["--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0", *GOOD,
                 "--jwt-jwks-file", file]
    checked = run_factord(*arguments, "--check-config")
    begun = run_factord(*arguments)
    assert (checked.returncode, begun.returncode, begun.stdout) == (2, 1, "")
    assert all(str(file) in done.stderr for done in (checked, begun))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("option", ["--jwt-jwks-file", "--jwt-ca"])
def test_no_file(tmp_path, option):
    done = run_factord("--data-dir", tmp_path / "data", *GOOD, option, tmp_path / "no")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{tmp_path}/no: " in done.stderr
    assert not (tmp_path / "data").exists()


def test_whom_to_trust_is_looked_at(tmp_path):
    pair = Pair(tmp_path, "ca")
    arguments = ["--data-dir", tmp_path / "data", *GOOD, "--check-config", "--jwt-ca"]
    assert run_factord(*arguments, pair.cert).returncode == 0
    wrong = run_factord(*arguments, pair.key)
    assert wrong.returncode == 2 and str(pair.key) in wrong.stderr


def test_a_bootstrap_token_that_looks_like_one_of_theirs(tmp_path):
    """Nobody would ask the store for it."""
    file = tmp_path / "token"
    file.write_text("eyJ0.of.aBootstrapTokenAsLongAsOneShouldBe")
    file.chmod(0o600)
    arguments = ["--data-dir", tmp_path / "data", "--bootstrap-token-file", file, "--check-config"]
    assert run_factord(*arguments).returncode == 0
    refused = run_factord(*arguments, *GOOD)
    assert refused.returncode == 2 and "it looks like a JWT" in refused.stderr


def test_what_the_readme_says_is_good(tmp_path):
    """The sections for ZITADEL and Keycloak, each alone and together, and the package's own."""
    section = (ROOT / "README.md").read_text().partition("### Tokens of an identity provider")[2]
    blocks = re.findall(r"^```toml\n(.*?)^```", section.partition("\n### ")[0], re.M | re.S)
    packaged = (ROOT / "tools/packaging/factord.toml").read_text()
    example = packaged[packaged.index("# [[jwt]]"):].replace("# ", "")
    assert len(blocks) == 2
    for text in (*blocks, "".join(blocks), example):
        file = tmp_path / "factord.toml"
        file.write_text(text)
        done = run_factord("--data-dir", tmp_path / "data", "--config", file, "--check-config")
        assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def keys(tmp_path):
    key = Key("ES256", "k")
    file = tmp_path / "keys.json"
    file.write_text(key_set(key))
    return key, file


def test_settings_of_the_environment_alone(start, tmp_path, keys):
    key, file = keys
    env = plain_environment(FACTORD_JWT_ISSUER="https://a.example", FACTORD_JWT_AUDIENCE="x",
                            FACTORD_JWT_JWKS_FILE=str(file), FACTORD_JWT_ROLES_CLAIM="r",
                            FACTORD_JWT_ROLE_MAP="admin=IAM_OWNER,viewer=IAM_OWNER_VIEWER")
    server = start(env=env)
    of = {"iss": "https://a.example", "aud": "x"}
    assert server.api(token(key, r=["viewer"], **of)).events()
    assert server.api(token(key, r=["admin"], **of)).make_user()
    assert server.api(token(key, **of)).methods("u").status == 403


def test_what_is_printed_is_begun_with(start, tmp_path, keys):
    key, file = keys
    config = tmp_path / "factord.toml"
    config.write_text(TABLE + f'jwks-file = "{file}"\nroles-claim = "a.b"\n'
                      'role-map = { "x \\" = y" = "IAM_OWNER" }\n'
                      + TABLE.replace("a.example", "b.example"))
    printed = run_factord("--data-dir", tmp_path / "data", "--config", config, "--print-config")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert f"[[jwt]]  # {config}, line 1\n" in printed.stdout
    again = tmp_path / "printed.toml"
    again.write_text(printed.stdout)
    server = start("--config", again)
    text = token(key, iss="https://a.example", aud="x", a={"b": ["x \" = y"]})
    assert server.api(text).make_user(fresh())


def test_they_are_shown_to_who_watches(tmp_path, keys):
    _, file = keys
    with Watched(tmp_path / "data", *GOOD, "--jwt-jwks-file", file) as server, \
            server.watch() as connection:
        shown = connection.ask(request("GET", "/config")).json
        assert shown["jwt-issuer"] == "https://a.example"
        assert (shown["jwt-audience"], shown["jwt-jwks-file"]) == ("x", str(file))
        assert "jwt-jwks-url" not in shown and shown["jwt-role-map"] == []
        scraped = server.scrape()
        of = {"issuer": "https://a.example"}
        assert scraped("factord_jwt_keys", **of) == 1
        assert scraped("factord_jwt_key_fetches_total", result="ok", **of) == 1
        assert scraped("factord_jwt_key_fetches_total", result="unreachable", **of) == 0
        assert scraped("factord_jwt_key_fetches_total", result="refused", **of) == 0
        when = scraped("factord_jwt_keys_last_success_timestamp_seconds", **of)
        assert 0 <= time.time() - when < 3600


def test_sections_are_shown_to_who_watches(tmp_path, keys):
    _, file = keys
    config = tmp_path / "factord.toml"
    config.write_text(TABLE + f'jwks-file = "{file}"\n')
    with Watched(tmp_path / "data", "--config", config) as server, server.watch() as connection:
        shown = connection.ask(request("GET", "/config")).json
        assert shown["jwt"] == [{"issuer": "https://a.example", "audience": "x",
                                 "jwks-file": str(file)}]
