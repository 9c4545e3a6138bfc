"""The description of the API: how it is served, and that it says what is so."""

import json
import re
import subprocess
import sys

import pytest
import yaml

from api import NOT_ALLOWED, Api, check_error
from conftest import ORIGIN
from factord import ROOT, run_factord
from openapi import Description
from rpc import OPERATIONS, Client
from wire import request

FOLDER = ROOT / "server/protocol"
FORMS = {"/openapi.json": "application/json", "/openapi.yaml": "application/yaml"}
PAGES = ["/healthz", "/livez", "/debug/healthz", "/readyz", "/debug/ready", *FORMS]
ONE_USER = "/v2/users/{}"


@pytest.fixture(scope="module")
def anybody(server):
    return Api(server, None)


@pytest.fixture(scope="module")
def description(anybody):
    return Description(anybody.get("/openapi.json").body)


# How it is served.

@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("path", FORMS)
def test_is_served_to_anybody(server, path, version):
    connection = Client("json-http1" if version == 1 else "json-http2", server.port).connection
    for fields in ([], [("Authorization", "Bearer nobody's")]):
        whole = connection.ask("GET", path, fields)
        assert (whole.status, whole.header("Content-Type")) == (200, FORMS[path])
        assert int(whole.header("Content-Length")) == len(whole.body)
        assert whole.header("Cache-Control") == "no-cache"
    kept = connection.ask("GET", path, [("If-None-Match", whole.header("ETag"))])
    assert (kept.status, kept.body) == (304, b"")
    assert kept.header("ETag") == whole.header("ETag")
    assert kept.header("Cache-Control") == "no-cache"
    assert kept.header("Content-Type") is None
    connection.close()


def test_is_the_file_and_the_same_in_json(anybody):
    text = (FOLDER / "openapi.yaml").read_bytes()
    assert anybody.get("/openapi.yaml").body == text
    assert anybody.get("/openapi.json").json == yaml.safe_load(text)


@pytest.mark.parametrize("path", FORMS)
def test_head_and_other_verbs(server, anybody, path):
    with server.connect() as connection:
        got = connection.ask(request("GET", path))
        asked = connection.ask(request("HEAD", path), head=True)
        assert connection.ask(request("GET", "/healthz")).body == b"ok"  # still in step
    the_same = [[field for field in answer.fields if field[0] not in ("Date", "X-Request-Id")]
                for answer in (got, asked)]
    assert the_same[0] == the_same[1]
    for verb in ("POST", "PUT", "DELETE"):
        answer = anybody.call(verb, path)
        check_error(answer, *NOT_ALLOWED)
        assert answer.header("Allow") == "GET, HEAD"


@pytest.mark.parametrize("path", FORMS)
def test_pages_of_an_allowed_origin_may_read_it(anybody, path):
    answer = anybody.get(path, headers={"Origin": ORIGIN})
    assert answer.header("Access-Control-Allow-Origin") == ORIGIN
    other = anybody.get(path, headers={"Origin": "https://other.example"})
    assert (other.status, other.header("Access-Control-Allow-Origin")) == (200, None)


# That it says what is so. Which routes there are is a unit test of the router's.

def test_every_path_allows_the_verbs_that_are_described(api, description):
    for path, item in description.document["paths"].items():
        verbs = {verb.upper() for verb in item if verb != "parameters"}
        verbs |= {"HEAD"} if "GET" in verbs else set()
        answer = api.call("PATCH", path.replace("{userId}", "u"))
        check_error(answer, *NOT_ALLOWED)
        allowed = set(answer.header("Allow").split(", "))
        # A user may have the name of a path.
        assert allowed >= verbs if path == "/v2/users/human" else allowed == verbs, path


def test_operations_have_the_names_of_the_rpcs(description):
    named = {operation["operationId"]: (verb.upper(), re.sub(r"\{\w+\}", "{}", path))
             for verb, path, operation in description.operations()
             if path.startswith("/v2/users") and operation["tags"] != ["Bulk"]}
    assert named == {name[0].lower() + name[1:]: place for name, place in OPERATIONS.items()}


def test_errors_are_those_of_the_contract(description):
    told = set(re.findall(r"`([A-Z]+\d*-\w+)`", (ROOT / "API.md").read_text()))
    examples = [example["value"] for example in
                description.document["components"]["examples"].values()]
    assert {value["details"][0]["id"] for value in examples if "details" in value} == told


def test_the_version_is_the_programs(description):
    said = run_factord("--version").stdout
    assert description.document["info"]["version"] in said.split()


def examples_of(description, thing, place=""):
    """(where, schema, value) of all examples below."""
    if isinstance(thing, list):
        for number, each in enumerate(thing):
            yield from examples_of(description, each, f"{place}/{number}")
    if not isinstance(thing, dict):
        return
    if "schema" in thing:
        many = thing.get("examples", {}).values()
        values = [description.found(example)["value"] for example in many]
        values += [thing["example"]] if "example" in thing else []
        yield from ((place, thing["schema"], value) for value in values)
        return
    for name, each in thing.items():
        yield from examples_of(description, each, f"{place}/{name}")


def test_examples_are_good(description):
    found = list(examples_of(description, description.document))
    assert len(found) > 80
    assert [(place, faults) for place, schema, value in found
            if (faults := description.faults(schema, value))] == []


def test_other_answers_are_described(server, api, anybody, description):
    user = api.make_user(username="ada", profile={
        "givenName": "Ada", "familyName": "Byron", "nickName": "A", "displayName": "Countess",
        "preferredLanguage": "en", "gender": "GENDER_FEMALE"})
    server.token(user=user, roles=["ORG_OWNER"], org="acme")

    def check(answer, status, verb, path):
        assert answer.status == status
        # This server has an origin that is allowed.
        answer.fields = [field for field in answer.fields if field[0] != "Vary"]
        description.check_answer(verb, path, answer)

    check(api.get_user(user), 200, "GET", ONE_USER)
    for query in ("", f"?user={user}", "?limit=1", "?after=18446744073709551615",
                  "?type=user.human.added&limit=1", "?from=2026-01-31T12:00:00Z", "?wait=60s"):
        check(api.get("/v2/events" + query), 200, "GET", "/v2/events")
    for query in ("?limit=0", "?x=1", "?user=%zz", "?type=x", "?to=x"):
        check(api.get("/v2/events" + query), 400, "GET", "/v2/events")
    check(api.get("/v2/events", headers={"Last-Event-ID": "other:1"}), 409, "GET", "/v2/events")
    check(anybody.get("/v2/events"), 401, "GET", "/v2/events")
    check(server.api(roles=[]).get("/v2/events"), 403, "GET", "/v2/events")
    for path in PAGES:
        if path != "/openapi.yaml":
            check(anybody.get(path), 200, "GET", path)
        check(anybody.get(path + "?x=1"), 400, "GET", path)
    check(api.get("/v2/users/u", headers={"grpc-timeout": "0S"}), 504, "GET", ONE_USER)
    lock = f"/v2/users/{user}/lock"
    for body, headers, status in (
            ("{", {}, 400), ("x" * 65537, {}, 413), ("", {"Content-Encoding": "br"}, 415),
            ("", {"Expect": "x"}, 417), ("", {"X": "x" * 9000}, 431)):
        one = server.api(api.token)
        check(one.post(lock, body, headers=headers), status, "POST", "/v2/users/{}/lock")
    check(server.api(api.token).get("/v2/users/u?" + "x" * 9000), 414, "GET", ONE_USER)


def test_every_kind_of_event_is_named(description):
    source = (ROOT / "storage/model/event.cpp").read_text()
    named = description.document["components"]["schemas"]["EventType"]["examples"]
    assert named == re.findall(r'\{event_type::\w+, "([\w.]+)"', source)


# How it is made.

@pytest.mark.parametrize("text, fault", [
    ("a: 1\nb:\n  c: 1\n  c: 2\n", "the key c is there twice"),
    ("responses:\n  200: x\n", "the key 200 is no string: quote it"),
    ("a: 2026-11-29\n", "not JSON serializable"),
    ("a: .nan\n", "not JSON compliant"),
    ("a: b: c\n", "mapping values are not allowed here"),
    ("a: \xff\n".encode("latin-1"), "codec can't decode"),
])
def test_what_is_not_the_same_in_json_is_not_built(tmp_path, text, fault):
    document = tmp_path / "openapi.yaml"
    document.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = subprocess.run([sys.executable, FOLDER / "embed_openapi.py", document,
                           tmp_path / "out.cpp"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and fault in done.stderr, done.stderr
    assert done.stderr.startswith(str(document))
    assert not (tmp_path / "out.cpp").exists()


def test_any_text_is_embedded_as_it_is(tmp_path):
    """What C++ would read in another way: quotes, escapes, trigraphs, digits after an escape."""
    text = 'a: "\\"quoted\\" \\\\ ??/ ü1 \\t"\nb: \'%:\'\n' + f"c: {'long ' * 50}\n"
    document, source = tmp_path / "openapi.yaml", tmp_path / "out.cpp"
    document.write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, FOLDER / "embed_openapi.py", document, source], check=True)
    (tmp_path / "main.cpp").write_text(
        '#include <iostream>\n#include "out.cpp"\nint main() {\n'
        "  std::cout << factord::protocol::openapi_yaml.text << '\\0'\n"
        "            << factord::protocol::openapi_json.text;\n}\n")
    subprocess.run(["g++", "-std=c++20", "-I", ROOT, tmp_path / "main.cpp", "-o",
                    tmp_path / "main"], check=True)
    printed = subprocess.run([tmp_path / "main"], capture_output=True, check=True).stdout
    as_yaml, as_json = printed.split(b"\0")
    assert as_yaml.decode() == text
    assert json.loads(as_json) == yaml.safe_load(text)
