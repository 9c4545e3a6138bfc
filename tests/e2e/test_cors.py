"""OPTIONS and cross-origin answers."""

import pytest

from api import Api
from conftest import ORIGIN
from rpc import Client, path_of

PATH = "/v2/users/u/otp_email"


def preflight(server, origin, **headers):
    return Api(server, None).call("OPTIONS", PATH, headers={
        "Origin": origin, "Access-Control-Request-Method": "DELETE", **headers})


def cors_fields(answer):
    return {name.lower() for name, _ in answer.fields if name.lower().startswith("access-control")}


def test_preflight_of_an_allowed_origin(server):
    answer = preflight(server, ORIGIN,
                       **{"Access-Control-Request-Headers": "authorization,content-type"})
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("Access-Control-Allow-Origin") == ORIGIN
    assert answer.header("Access-Control-Allow-Credentials") == "true"
    methods = answer.header("Access-Control-Allow-Methods").replace(" ", "").split(",")
    assert {"GET", "POST", "DELETE"} <= set(methods)
    allowed = answer.header("Access-Control-Allow-Headers").lower().replace(" ", "").split(",")
    assert {"authorization", "content-type", "if-match", "if-none-match"} <= set(allowed)
    exposed = answer.header("Access-Control-Expose-Headers").replace(" ", "").split(",")
    assert {"ETag", "grpc-status", "grpc-message", "grpc-status-details-bin"} <= set(exposed)
    assert "origin" in answer.header("Vary").lower()


@pytest.mark.parametrize("origin", ["https://other.example", "null", ORIGIN + ".evil.example",
                                    ORIGIN.upper(), ORIGIN + ":444", "http" + ORIGIN[5:]])
def test_preflight_of_another_origin(server, origin):
    answer = preflight(server, origin)
    assert (answer.status, answer.body) == (204, b"")
    assert cors_fields(answer) == set()


def test_preflight_by_default(start):
    answer = preflight(start(), ORIGIN)
    assert (answer.status, cors_fields(answer)) == (204, set())


def test_answers_to_an_allowed_origin(api):
    for path in ("/v2/events?limit=1", "/v2/users/nobody", "/nowhere"):
        answer = api.get(path, headers={"Origin": ORIGIN})
        assert answer.header("Access-Control-Allow-Origin") == ORIGIN
        assert answer.header("Access-Control-Allow-Credentials") == "true"
        assert "grpc-status" in answer.header("Access-Control-Expose-Headers")


def test_a_401_can_be_read_by_the_page_too(server):
    answer = Api(server, None).get("/v2/events", headers={"Origin": ORIGIN})
    assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (401, ORIGIN)


def test_answers_to_another_origin(api):
    answer = api.get("/v2/events?limit=1", headers={"Origin": "https://other.example"})
    assert (answer.status, cors_fields(answer)) == (200, set())


def test_options_without_an_origin_is_a_verb_like_any_other(server):
    assert Api(server, None).call("OPTIONS", PATH).status == 405
    assert Api(server, None).call("OPTIONS", "/nowhere").status == 404


@pytest.mark.parametrize("protocol", ["grpc-web-http1", "grpc-web-text-http2", "connect-json-http1",
                                      "connect-proto-http2"])
def test_rpcs_of_browsers(server, owner_token, protocol):
    client = Client(protocol, server.port)
    fields = [("Content-Type", client.form), ("Authorization", f"Bearer {owner_token}")]
    for origin, allowed in ((ORIGIN, True), ("https://other.example", False)):
        before = client.connection.ask("OPTIONS", path_of("RemoveOTPEmail"), [
            ("Origin", origin), ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type,x-grpc-web")])
        assert (before.status, bool(cors_fields(before))) == (204, allowed)
        answer = client.connection.ask("POST", path_of("RemoveOTPEmail"),
                                       [*fields, ("Origin", origin)], b"")
        assert bool(cors_fields(answer)) == allowed
        if allowed:
            assert "POST" in before.header("Access-Control-Allow-Methods")
            named = before.header("Access-Control-Allow-Headers").lower()
            assert all(name in named for name in ("x-grpc-web", "grpc-timeout", "content-type",
                                                  "connect-protocol-version", "authorization"))
            assert answer.header("Access-Control-Allow-Origin") == ORIGIN
            assert "grpc-status-details-bin" in answer.header("Access-Control-Expose-Headers")
    client.close()
