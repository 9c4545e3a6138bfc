"""Routes, verbs, health, and what every answer carries."""

import email.utils
import time

import pytest

from api import NOT_ALLOWED, NOT_FOUND, Api, check_error
from rpc import Client
from wire import request

ROUTES = {  # path: its verbs
    "/v2/users/u/otp_email": {"DELETE", "POST"},
    "/v2/users/u/authentication_methods": {"GET", "HEAD"},
    "/v2/users/u/authentication_factors/_search": {"POST"},
    "/v2/users/u": {"GET", "HEAD", "DELETE"},
    "/v2/users/u/lock": {"POST"},
    "/v2/users/u/unlock": {"POST"},
    "/v2/users/u/deactivate": {"POST"},
    "/v2/users/u/reactivate": {"POST"},
    "/v2/users/u/email/verify": {"POST"},
    "/v2/events": {"GET", "HEAD"},
    "/healthz": {"GET", "HEAD"},
    "/livez": {"GET", "HEAD"},
    "/debug/healthz": {"GET", "HEAD"},
    "/readyz": {"GET", "HEAD"},
    "/debug/ready": {"GET", "HEAD"},
}
VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "get", "BREW"]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("verb", VERBS)
def test_verbs(api, path, verb):
    answer = api.call(verb, path)
    if verb in ROUTES[path]:
        assert answer.status not in (405, 501), answer
        return
    check_error(answer, *NOT_ALLOWED)
    assert set(answer.header("Allow").split(", ")) == ROUTES[path]


def test_head_of_a_path_without_get(server, owner_token):
    with server.connect() as connection:
        answer = connection.ask(request("HEAD", "/v2/users/u/lock", owner_token), head=True)
        assert (answer.status, answer.header("Allow")) == (405, "POST")


def test_the_user_named_human_can_be_read_and_added_beside(api):
    # POST adds users there; GET and DELETE mean the user of that name.
    answer = api.call("PUT", "/v2/users/human")
    check_error(answer, *NOT_ALLOWED)
    assert {"POST", "GET", "DELETE"} <= set(answer.header("Allow").split(", "))
    assert api.get_user("human").status == 404


@pytest.mark.parametrize("path", [
    "/", "/v2", "/v2/users", "/v2/users/u/otp_emails", "/v2/users/u/otp_email/", "/v2/users/u/",
    "/v2/events/", "/healthz/", "/v2//users/u/otp_email", "//v2/users/u/otp_email",
    "/v2/users//otp_email", "/v2/users/", "/V2/users/u", "/v2/users/u/otp_email/x",
    "/v2/users/u/authentication_factors", "/debug", "/admin/v1/stats", "/admin/v1/tokens",
    "/admin/v1/events", "/%"])
@pytest.mark.parametrize("verb", ["GET", "DELETE", "POST"])
def test_other_paths_are_404(api, path, verb):
    answer = api.call(verb, path)
    check_error(answer, *NOT_FOUND)
    assert answer.header("Location") is None


@pytest.mark.parametrize("version", [1, 2])
def test_options_of_the_server_as_a_whole(server, version):
    connection = Client("json-http1" if version == 1 else "json-http2", server.port).connection
    for fields in ([], [("Origin", "https://other.example")]):
        answer = connection.ask("OPTIONS", "*", fields)
        assert (answer.status, answer.body) == (200, b"")
        assert [value for name, value in answer.fields if name.lower() == "allow"] == [
            "GET, HEAD, POST, DELETE, OPTIONS"]
    connection.close()


def test_queries_are_ignored(api):
    user = api.make_user_with_factor()
    assert api.delete(f"/v2/users/{user}/otp_email?force=true&x=%zz&/").status == 200


def test_absolute_form(server, owner_token, api):
    user = api.make_user_with_factor()
    with server.connect() as connection:
        target = f"http://any.example:1/v2/users/{user}/otp_email"
        assert connection.ask(request("DELETE", target, owner_token)).status == 200


def test_content_type_and_accept_do_not_matter(api):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "nonsense"):
        user = api.make_user()
        answer = api.post(f"/v2/users/{user}/otp_email", "{}",
                          headers={"Content-Type": content_type, "Accept": "text/html"})
        assert (answer.status, answer.header("Content-Type")) == (200, "application/json")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/debug/healthz"])
def test_health_needs_no_token(server, path):
    answer = Api(server, None).get(path)
    assert (answer.status, answer.body) == (200, b"ok")


@pytest.mark.parametrize("path", ["/readyz", "/debug/ready"])
def test_readiness_tells_the_durability(server, path):
    answer = Api(server, None).get(path)
    assert answer.status == 200
    assert b"disk" in answer.body


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v2/events?limit=1", "/nowhere",
                                  "/v2/users/nobody", "/v2/users/nobody/authentication_methods"])
def test_head_answers_as_get_without_a_body(server, owner_token, path):
    with server.connect() as connection:
        got = connection.ask(request("GET", path, owner_token))
        asked = connection.ask(request("HEAD", path, owner_token), head=True)
        assert asked.status == got.status
        assert connection.ask(request("GET", "/healthz")).body == b"ok"  # still in step

    def comparable(answer):
        # The bodies of two reads differ in their times, so may their lengths.
        dropped = {"Date", "X-Request-Id"} | ({"Content-Length"} if "methods" in path else set())
        return [field for field in answer.fields if field[0] not in dropped]
    assert comparable(asked) == comparable(got)


def test_headers_of_every_answer(server, api):
    user = api.make_user_with_factor()
    stranger = Api(server, None)
    answers = {200: api.remove_otp_email(user), 404: api.remove_otp_email(user),
               405: api.call("PUT", "/v2/events"), 401: stranger.methods(user),
               400: api.get("/v2/events?limit=0"), 204: stranger.call(
                   "OPTIONS", "/v2/events", headers={"Origin": "https://other.example"})}
    with server.connect() as connection:
        answers[414] = connection.ask(request("GET", "/" + "x" * 9000))
    with server.connect() as connection:
        answers[431] = connection.ask(request("GET", "/", headers=["X: " + "x" * 9000]))
    for status, answer in answers.items():
        assert answer.status == status
        assert answer.header("Cache-Control") == "no-store"
        assert answer.header("X-Content-Type-Options") == "nosniff"
        assert answer.header("Server") == "factord"
        sent = email.utils.parsedate_to_datetime(answer.header("Date")).timestamp()
        assert abs(sent - time.time()) < 10
        assert answer.header("Date").endswith(" GMT")
        assert (answer.header("WWW-Authenticate") == "Bearer") == (status == 401)
        if status != 204:
            assert answer.header("Content-Type") == "application/json"


def test_nothing_of_ours_leaks_into_a_plain_answer(api):
    answer = api.remove_otp_email(api.make_user_with_factor())
    # Vary, because this server has an allowed origin: caches must know.
    assert {name.lower() for name, _ in answer.fields} == {
        "server", "cache-control", "x-content-type-options", "date", "x-request-id",
        "content-type", "content-length", "etag", "vary"}
