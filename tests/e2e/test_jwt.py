"""Tokens of an identity provider, whose keys are a file here: what is taken, and each rule as a
refused token, over every protocol."""

import json
import pathlib
import time

import pytest

from api import INVALID_TOKEN, Api, check_error, fresh
from bad_tokens import ALGORITHMS, BAD, BOUND, sized
from factord import PATIENCE_S, Factord
from outcome import refused
from rpc import PROTOCOLS, Client
from tokens import AUDIENCE, ISSUER, Key, b64, claims, compact, header, key_set, token
from wall_clock import WallClock
from wire import request

SHAPES = pathlib.Path(__file__).with_name("jwt_claims")
REFUSED = refused(16, "Errors.Token.Invalid", "AUTH-7fs1e")
NOT_NOW = 14  # the shard has spent its share of time on signatures: asked again it has some
ROLES = {"factor-admin": "ORG_USER_MANAGER", "factor-viewer": "ORG_OWNER_VIEWER",
         "boss": "ORG_OWNER", "root": "IAM_OWNER", "watcher": "IAM_OWNER_VIEWER"}
KEYS = {alg: Key(alg, alg) for alg in ALGORITHMS}


def flags(folder, *keys, issuer=ISSUER, audience=AUDIENCE, claim="roles", roles=None):
    """Of a server that takes tokens by these keys."""
    file = folder / "keys.json"
    file.write_text(key_set(*(keys or KEYS.values())))
    mapped = [("--jwt-role-map", f"{theirs}={ours}") for theirs, ours in (roles or ROLES).items()]
    return ["--jwt-issuer", issuer, "--jwt-audience", audience, "--jwt-jwks-file", file,
            "--jwt-roles-claim", claim, *(each for pair in mapped for each in pair)]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Its limit on headers is above ours on tokens, and it says why it refuses."""
    folder = tmp_path_factory.mktemp("store")
    with Factord(folder / "data", *flags(folder), "--max-header-bytes", "64KiB",
                 "--log-level", "debug", "--idle-timeout", "1h") as running:
        yield running


@pytest.fixture(scope="module")
def clients(server):
    made = {protocol: Client(protocol, server.port) for protocol in PROTOCOLS}
    yield made
    for client in made.values():
        client.close()


def call(client, text, method="ListAuthenticationMethodTypes", user="another"):
    """How it ends with this token, once somebody has had the time to find out."""
    deadline = time.monotonic() + PATIENCE_S
    while (seen := client.call(method, {"userId": user}, f"Bearer {text}")).code == NOT_NOW:
        assert time.monotonic() < deadline, seen
        time.sleep(0.05)
    return seen


def refusals(log):
    """The rules by which tokens were refused, as the log names them."""
    lines = [json.loads(line) for line in log.splitlines() if "a credential was refused" in line]
    return [line["rule"] for line in lines]


def await_refusals(server, count):
    deadline = time.monotonic() + PATIENCE_S
    while len(found := refusals(server.log())) < count:
        assert time.monotonic() < deadline, found
        time.sleep(0.01)
    return found


def bare(answer):
    """All of an answer but what differs from one to the next."""
    return (answer.status, answer.reason, answer.body,
            [field for field in answer.fields if field[0] not in ("Date", "X-Request-Id")])


GOOD = {
    **{f"by {alg}": lambda alg=alg: token(KEYS[alg]) for alg in ALGORITHMS},
    "of type at+jwt": lambda: token(KEYS["ES256"], head={"typ": "at+jwt"}),
    "of type JWT in small letters": lambda: token(KEYS["ES256"], head={"typ": "jwt"}),
    "without a type": lambda: token(KEYS["ES256"], head={"typ": None}),
    "for others, too": lambda: token(KEYS["ES256"], aud=["a", AUDIENCE, "b"]),
    "with what nobody knows": lambda: token(KEYS["ES256"], head={"x": [1]}, y={"z": None}),
    "without iat": lambda: token(KEYS["ES256"], iat=None),
    "with a fraction": lambda: token(KEYS["ES256"], exp=time.time() + 60.5),
    "by a clock 50 s ahead": lambda: token(KEYS["ES256"], iat=int(time.time()) + 50,
                                           nbf=int(time.time()) + 50),
    "of 8 KiB": lambda: exactly(BOUND),
    "of another script": lambda: token(KEYS["EdDSA"], sub="käthe-☃"),
    "of 200 characters": lambda: token(KEYS["EdDSA"], sub="☃" * 200),
}


def exactly(size):
    """Base64 has no text of some lengths: the header is lengthened, too."""
    for more in range(4):
        for pad in range(size * 3 // 4 - 600, size):
            text = token(KEYS["EdDSA"], head={"x": "y" * more}, pad="x" * pad)
            if len(text) == size:
                return text
            if len(text) > size:
                break
    raise AssertionError(size)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_token_over_every_protocol(clients, name):
    text = GOOD[name]()
    for protocol, client in clients.items():
        # It is let in, and has no role on that user.
        assert call(client, text).code == 7, protocol


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_refused_token_over_every_protocol(server, clients, bad):
    before = len(refusals(server.log()))
    text = bad.make(KEYS)
    for protocol, client in clients.items():
        assert call(client, text) == REFUSED, protocol
    assert set(await_refusals(server, before + len(clients))[before:]) == {bad.rule}


def test_they_all_get_the_same_bytes(server):
    with server.connect() as connection:
        def ask(text):
            data = request("GET", "/v2/users/u/authentication_methods", text)
            deadline = time.monotonic() + PATIENCE_S
            while (answer := connection.ask(data)).status == 503:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            return bare(answer)

        opaque = ask("x" * 43)
        assert opaque[0] == 401
        for bad in BAD:
            assert ask(bad.make(KEYS)) == opaque, bad.name


def test_what_a_token_says_is_not_in_the_log(server, clients):
    secret = "Verm33r-the-only-one"
    texts = [token(KEYS["ES256"], x=secret), token(KEYS["ES256"], head={"kid": secret}),
             token(KEYS["ES256"], iss=secret), token(KEYS["ES256"], sub=secret, exp=1)]
    before = len(refusals(server.log()))
    for text in texts:
        call(clients["json-http1"], text)
    await_refusals(server, before + 3)
    log = server.log()
    assert secret not in log
    for text in texts:
        assert not any(part in log for part in text.split("."))


def test_every_byte_counts(clients):
    """A good token of which one letter is another."""
    client = clients["json-http1"]
    text = token(KEYS["EdDSA"])
    for at in range(0, len(text), 7):
        other = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]
        assert call(client, other) == REFUSED, at
    assert call(client, text).code == 7


def test_times_by_the_wall_clock(start, tmp_path):
    clock = WallClock(tmp_path)
    server = start(*flags(tmp_path), env=clock.environment())
    now = int(time.time())
    short = server.api(token(KEYS["ES256"], exp=now + 600))
    late = server.api(token(KEYS["ES256"], nbf=now + 1200, iat=None, exp=now + 7200))
    assert short.methods("u").status == 403
    check_error(late.methods("u"), *INVALID_TOKEN)
    clock.set(1300)
    check_error(short.methods("u"), *INVALID_TOKEN)
    assert late.methods("u").status == 403
    clock.set(0)
    assert short.methods("u").status == 403


def test_self_service_needs_no_role(server, api):
    user = api.make_user_with_factor()
    mine = server.api(token(KEYS["PS256"], sub=user))
    assert mine.get_user(user).status == 200
    assert mine.remove_otp_email(user).status == 200
    [*_, event] = api.events_of(user)
    assert event["creator"] == user
    other = api.make_user_with_factor()
    assert mine.remove_otp_email(other).status == 403


@pytest.mark.parametrize("change, back", [("lock", "unlock"), ("deactivate", "reactivate"),
                                          ("delete_user", None)])
def test_a_subject_that_is_not_active(server, api, change, back):
    user = api.make_user()
    clients = [server.api(token(KEYS["RS256"], sub=user)) for _ in range(4)]
    assert all(client.methods(user).status == 200 for client in clients)
    assert getattr(api, change)(user).status == 200
    for client in clients:
        check_error(client.methods(user), *INVALID_TOKEN)
    if back:
        assert getattr(api, back)(user).status == 200
        assert all(client.methods(user).status == 200 for client in clients)


# What is asked for, of a user of an organization.
OPERATIONS = {
    "get": lambda api, user: api.get_user(user),
    "methods": lambda api, user: api.methods(user),
    "factors": lambda api, user: api.factors(user, {}),
    "remove": lambda api, user: api.remove_otp_email(user),
    "add": lambda api, user: api.add_otp_email(user),
    "lock": lambda api, user: api.lock(user),
    "deactivate": lambda api, user: api.deactivate(user),
    "delete": lambda api, user: api.delete_user(user),
}
# role of the provider -> organizations, as in one token.
GRANTS = [
    {"factor-admin": ["acme", "globex"], "factor-viewer": ["initech"]},
    {"boss": ["acme"], "factor-viewer": ["acme", "globex"]},
    {"factor-viewer": ["acme"], "unknown": ["globex"]},
    {"unknown": ["acme"]},
    {},
    # A role of all organizations does not come of a claim that names some.
    {"root": ["acme"]},
    {"root": ["acme"], "factor-admin": ["globex"]},
]
ORGS = ["acme", "globex", "initech", "elsewhere"]


def is_allowed(client, api, operation, org):
    answer = OPERATIONS[operation](client, api.make_user_with_factor(org=org))
    # Who may add a factor is told that it is there.
    assert answer.status in (200, 403, 409), answer
    return answer.status != 403


@pytest.mark.parametrize("grants", GRANTS, ids=json.dumps)
def test_each_operation_is_allowed_exactly_where_a_grant_says_so(server, api, grants):
    """Held against tokens of our own, one for each role and organization."""
    claim = {role: {org: f"{org}.example" for org in orgs} for role, orgs in grants.items()}
    client = server.api(token(KEYS["ES256"], sub=fresh("sub"), roles=claim))
    for org in ORGS:
        held = [ROLES[role] for role, orgs in grants.items()
                if org in orgs and ROLES.get(role, "").startswith("ORG_")]
        ours = server.api(roles=held, org=org) if held else server.api(roles=[])
        for operation in OPERATIONS:
            wanted = is_allowed(ours, api, operation, org)
            assert is_allowed(client, api, operation, org) == wanted, (operation, org)


@pytest.mark.parametrize("held, wanted", [
    (["root"], ["IAM_OWNER"]), (["watcher"], ["IAM_OWNER_VIEWER"]),
    (["root", "watcher", "unknown"], ["IAM_OWNER"]),
    # An ORG_ role of a claim without organizations would be one on nothing.
    (["factor-admin"], []), (["factor-admin", "watcher"], ["IAM_OWNER_VIEWER"]), ([], [])])
def test_a_list_of_roles_is_of_every_organization(server, api, held, wanted):
    client = server.api(token(KEYS["ES256"], sub=fresh("sub"), roles=held))
    ours = server.api(roles=wanted)
    for org in ("acme", "elsewhere"):
        for operation in OPERATIONS:
            assert is_allowed(client, api, operation, org) == \
                is_allowed(ours, api, operation, org), (operation, org)


def shaped(name, key):
    """A provider's claims as it makes them, of this hour."""
    said = json.loads((SHAPES / f"{name}.json").read_text())
    now = int(time.time())
    moved = {each: now + said[each] - said["iat"] for each in ("iat", "nbf", "exp")
             if each in said}
    return said, compact(header(key), {**said, **moved}, key.sign)


def start_for(start, tmp_path, said, claim, roles):
    audience = said["aud"] if isinstance(said["aud"], str) else said["aud"][0]
    return start(*flags(tmp_path, issuer=said["iss"], audience=audience, claim=claim, roles=roles))


def test_zitadel(start, tmp_path):
    said, text = shaped("zitadel", KEYS["RS256"])
    server = start_for(start, tmp_path, said, "urn:zitadel:iam:org:project:roles",
                       {"factor-admin": "ORG_USER_MANAGER", "factor-viewer": "ORG_OWNER_VIEWER"})
    api, client = server.api(), server.api(text)
    for org, removes, reads in [("170086774599581953", True, True),
                                ("170086774599581999", True, True),
                                ("170086774599582222", False, True),
                                ("170086774599583333", False, False), ("acme", False, False)]:
        assert is_allowed(client, api, "remove", org) == removes
        assert is_allowed(client, api, "get", org) == reads


def test_keycloak(start, tmp_path):
    said, text = shaped("keycloak", KEYS["RS256"])
    server = start_for(start, tmp_path, said, "realm_access.roles",
                       {"factor-admin": "IAM_USER_MANAGER"})
    api, client = server.api(), server.api(text)
    assert all(is_allowed(client, api, "remove", org) for org in ORGS)
    assert not is_allowed(server.api(token(KEYS["RS256"], iss=said["iss"])), api, "get", "acme")


def test_keycloak_roles_of_a_client(start, tmp_path):
    said, text = shaped("keycloak", KEYS["RS256"])
    server = start_for(start, tmp_path, said, "resource_access.factord.roles",
                       {"factor-viewer": "IAM_OWNER_VIEWER", "factor-admin": "IAM_OWNER"})
    api, client = server.api(), server.api(text)
    assert is_allowed(client, api, "get", "acme")
    assert not is_allowed(client, api, "remove", "acme")


def test_entra(start, tmp_path):
    said, text = shaped("entra", KEYS["RS256"])
    server = start_for(start, tmp_path, said, "roles", {"Factor.Admin": "IAM_USER_MANAGER"})
    api, client = server.api(), server.api(text)
    assert is_allowed(client, api, "remove", "acme")


def test_several_issuers(start, tmp_path):
    """Each by its own keys, and with its own roles."""
    one, other = Key("ES256", "k"), Key("EdDSA", "k")
    (tmp_path / "one.json").write_text(key_set(one))
    (tmp_path / "other.json").write_text(key_set(other))
    (tmp_path / "factord.toml").write_text(f"""
[[jwt]]
issuer = "https://one.example"
audience = "factord"
jwks-file = "{tmp_path}/one.json"
roles-claim = "roles"
role-map = {{ "admin" = "IAM_USER_MANAGER" }}

[[jwt]]
issuer = "https://other.example"
audience = "factord"
jwks-file = "{tmp_path}/other.json"
roles-claim = "roles"
role-map = {{ "admin" = "IAM_OWNER_VIEWER" }}
""")
    server = start("--config", tmp_path / "factord.toml")
    api = server.api()
    admin = {"roles": ["admin"], "sub": "a"}
    manager = server.api(token(one, iss="https://one.example", **admin))
    viewer = server.api(token(other, iss="https://other.example", **admin))
    assert is_allowed(manager, api, "remove", "acme")
    assert is_allowed(viewer, api, "get", "acme") and not is_allowed(viewer, api, "remove", "acme")
    for text in (token(one, iss="https://other.example", **admin),
                 token(other, iss="https://one.example", **admin)):
        check_error(server.api(text).methods("u"), *INVALID_TOKEN)


def test_tokens_of_our_own_are_taken_as_ever(server, api):
    assert api.methods("somebody").status == 200
    check_error(Api(server, "x" * 43).methods("somebody"), *INVALID_TOKEN)


def test_without_an_issuer_no_jwt_is_taken(start):
    server = start()
    check_error(server.api(token(KEYS["ES256"])).methods("u"), *INVALID_TOKEN)


def test_tokens_that_nobody_has_signed_do_not_fill_the_log(tmp_path):
    """By default a fault has a line; strangers could have as many as they like."""
    with Factord(tmp_path / "data", *flags(tmp_path)) as server:
        good = KEYS["ES256"]
        head, payload, _ = token(good).split(".")
        with server.connect() as connection:
            told = 0
            for number in range(PATIENCE_S * 1000):
                signature = b64(number.to_bytes(32, "big") + (1).to_bytes(32, "big"))
                answer = connection.ask(request("GET", "/v2/users/1",
                                                f"{head}.{payload}.{signature}"))
                assert answer.status in (401, 503)
                told += answer.status == 503
                if told == 100:
                    break
            assert told == 100
        lines = [json.loads(line) for line in server.log().splitlines()]
        assert not [line for line in lines if line["msg"] == "request"]
        [first, *more] = [line for line in lines if line["msg"] == "tokens are not judged"]
        assert first["cause"] == "too many new tokens are to be verified"
        assert first["times"] == 1 and len(more) < 60
