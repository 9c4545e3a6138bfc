"""The table of contract.py over every protocol: the same codes, texts, ids and answers."""

import dataclasses
import itertools
import re

import pytest

from api import Api, fresh
from bulk import removals_in
from contract import CASES, CODE, SEQUENCE, TIME, new_user
from database import Node, Postgres, store_ctl, verify_store
from factord import Factord
from messages import SERVICE, pool
from openapi import Description
from outcome import Outcome
from rpc import OPERATIONS, PROTOCOLS, Client
from stream_contract import ENDED, GOES_ON, STREAM_CASES
from streaming import BY_PATH, PAGE, STREAMS, StreamCall
from wire import Connection, request


class Nodes:
    """Two servers on one store, as one: each next client is another's."""

    def __init__(self, nodes):
        self.nodes = itertools.cycle(nodes)

    @property
    def port(self):
        return next(self.nodes).port

    def token(self, **of):
        return next(self.nodes).token(**of)

    def api(self, token):
        return next(self.nodes).api(token)


# A connection for each protocol waits for its turn, on a busy machine for minutes.
UNHURRIED = ("--idle-timeout", "1h")


@pytest.fixture(scope="module", params=["directory", "database"])
def server(request, tmp_path_factory):
    """The store where it is by default, and two servers on one in a database."""
    folder = tmp_path_factory.mktemp("store")
    if request.param == "directory":
        with Factord(folder / "data", *UNHURRIED) as running:
            yield running
        return
    with Postgres() as postgres:
        url = postgres.url("postgres")
        assert store_ctl(url, "init").returncode == 0
        with Node(folder / "a", url, *UNHURRIED) as one, \
             Node(folder / "b", url, *UNHURRIED) as other:
            yield Nodes([one, other])
        verify_store(url)


@pytest.fixture(scope="module")
def callers(server, owner_token):
    """Who calls -> what stands in the Authorization header."""
    return {
        "owner": f"Bearer {owner_token}",
        "stranger": f"Bearer {server.token(roles=[])}",
        "owner of another org": f"Bearer {server.token(roles=['ORG_OWNER'], org='elsewhere')}",
        "without a header": None,
        "not as a bearer": "Basic dXNlcjpwYXNz",
        "with an unknown token": "Bearer " + "x" * 43,
    }


@pytest.fixture(scope="module")
def clients(server):
    made = {protocol: Client(protocol, server.port) for protocol in PROTOCOLS}
    yield made
    for client in made.values():
        client.close()


@pytest.fixture(scope="module")
def description(server):
    """What a server says of itself."""
    return Description(Api(server, None).get("/openapi.json").body)


def prepare(api, given):
    """Does what must have happened; what stands for the names in braces."""
    names = {"user": fresh(), "mail": f"{fresh('mail')}@example.com", "code": "ABCDEFGH"}
    for call in given:
        if call.startswith("make"):
            proof = {"isVerified": True} if call == "make" else {"returnCode": {}}
            answer = api.add_human_user({**filled(new_user(), names),
                                         "email": {"email": names["mail"], **proof}})
            names["code"] = answer.json.get("emailCode", names["code"])
        else:
            answer = happen(api, call, names["user"])
        assert answer.status in (200, 201), answer
        names["sequence"] = answer.json["details"]["sequence"]
    return names


def happen(api, call, user):
    """What the table calls it; `_by_key`: with the key of the first line of a bulk of {user}'s."""
    if not call.endswith("_by_key"):
        return getattr(api, call)(user)
    key = {"Idempotency-Key": f"{user}:1"}
    if call == "lock_by_key":
        return api.post(f"/v2/users/{user}/lock", {}, headers=key)
    return api.delete(f"/v2/users/{user}/otp_email", headers=key)


def filled(value, names):
    """With the names in braces replaced."""
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(filled(each, names) for each in value)
    if isinstance(value, Outcome):
        return dataclasses.replace(value, message=filled(value.message, names))
    return re.sub(r"\{(\w+)\}", lambda found: names[found[1]], value) if isinstance(value, str) \
        else value


def masked(value, key=None):
    """With a mark where every call has another value, which must be a good one."""
    if isinstance(value, dict):
        return {name: masked(each, name) for name, each in value.items()}
    if isinstance(value, Outcome):
        return dataclasses.replace(value, message=masked(value.message))
    for keys, pattern, mark in (
            (("sequence", "processedSequence"), r"[1-9]\d*", SEQUENCE),
            (("changeDate", "creationDate", "timestamp"),
             r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}|\d{6}))?Z", TIME),
            (("emailCode", "verificationCode"), r"[A-Z0-9]{8}", CODE)):
        if key in keys:
            assert re.fullmatch(pattern, value), (key, value)
            return mark
    return value


def authorization_of(caller, server, callers, names):
    if caller == "self":
        return f"Bearer {server.token(user=names['user'], roles=[])}"
    return callers[caller]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_case(server, api, callers, clients, description, protocol, case):
    names = prepare(api, case.given)
    authorization = authorization_of(case.caller, server, callers, names)
    before = api.last_sequence()
    seen = clients[protocol].call(case.method, filled(case.message, names), authorization,
                                  case.fields)
    assert masked(seen) == filled(case.wanted, names)
    assert api.last_sequence() == before + case.events
    check_tag(api, case, names, seen, clients[protocol].tag)
    if protocol.startswith("json-"):
        check_description(description, case, clients[protocol].last)


def check_tag(api, case, names, seen, tag):
    """What was told of a user has the sequence of its last event; nothing else has a tag."""
    events = api.events_of(names["user"]) if case.wanted.code == 0 else []
    assert tag == (f'"{events[-1]["sequence"]}"' if events else None)
    if case.wanted.code == 0 and case.method not in ("ListAuthenticationMethodTypes",
                                                     "ListAuthenticationFactors"):
        assert tag == f'"{seen.message["details"]["sequence"]}"'


# What is refused for its form is no request as described, but for what two places say together.
FORM = (3, 12)
NO_FORM = "adds to no organization"


def check_description(description, case, last):
    """The request is one that is described, unless its form is what is wrong; so is the answer."""
    verb, path, body, user, answer = last
    description.check_answer(verb, path, answer)
    if case.wanted.code == 16:
        return  # nothing was looked at
    faults = description.request_faults(verb, path, body, {
        **dict(case.fields), **({"userId": user} if "{}" in path else {})})
    twice = len(dict(case.fields)) < len(case.fields)
    wrong_form = case.wanted.code in FORM and case.wanted.error_id is None
    assert bool(faults or twice) == (wrong_form and case.name != NO_FORM), faults


@pytest.mark.parametrize("protocol, case", [
    pytest.param(protocol, case, id=f"{protocol}-{case.name.replace(' ', '_')}")
    for case in STREAM_CASES for protocol in case.protocols()])
def test_stream(server, api, callers, description, protocol, case):
    at = {"after": str(api.last_sequence()), "store": api.events(limit=1)["storeId"]}
    names = {**prepare(api, case.given), **at}
    names["before"] = str(int(names.get("sequence", 1)) - 1)
    authorization = authorization_of(case.caller, server, callers, names)
    before = api.last_sequence()
    fields = [*filled(case.fields, names), *([("Authorization", authorization)]
                                             if authorization else [])]
    with StreamCall(protocol, server.port, case.method, filled(case.sent, names), fields,
                    case.ends, case.query) as call:
        if case.then:
            call.read(len(case.answers) - len(case.then))
        for each in case.then:
            assert happen(api, each, names["user"]).status == 200
        seen = call.read(len(case.answers) if case.end is GOES_ON else None)
    assert [masked(answer) for answer in seen.answers] == list(filled(case.answers, names))
    assert seen.end == (ENDED if call.form == PAGE and case.end is GOES_ON else case.end)
    assert api.last_sequence() == before + case.events + len(case.then)
    assert seen.answer.header("ETag") is None
    check_log(api, case, seen.answers, before)
    if call.form in BY_PATH:
        check_stream_description(description, case, call, seen)


def check_log(api, case, answers, before):
    """What was told is what the log has: events, or the last of each line that was done."""
    if case.method == "BulkAddHumanUser":
        added = {answer.message["userId"]: answer.message["sequence"] for answer in answers
                 if answer.code == 0 and "sequence" in answer.message}
        made = {event["aggregateId"]: event["sequence"]
                for event in api.events(after=before).get("events", [])}
        assert added == made
        return
    if case.method == "Watch":
        after = int(answers[0]["sequence"]) - 1 if answers else before
        logged = api.events(after=after).get("events", [])
        assert [event for event in logged if event in answers] == answers
        return
    done = {answer.message["userId"]: int(answer.message["sequence"]) for answer in answers
            if answer.code == 0 and "sequence" in answer.message
            and "replayed" not in answer.message}
    assert done == removals_in(api, before)


# On a read it means nothing, so it is none of its parameters; of a stream of lines it is.
UNDESCRIBED = {"Watch": ("Idempotency-Key",), "BulkRemoveOTPEmail": (), "BulkAddHumanUser": ()}


def check_stream_description(description, case, call, seen):
    """The answer is one that is described, and so is what it answers unless that is refused."""
    _, verb, path = STREAMS[case.method]
    description.check_answer(verb, path, seen.answer)
    if seen.answer.status == 200:
        fields = {name: value for name, value in case.fields
                  if name not in UNDESCRIBED[case.method]}
        assert description.request_faults(verb, path, None, {**fields, **call.query}) == []


@pytest.mark.parametrize("fields, verb, path", [
    (["Content-Type: application/x-ndjson"], "POST", STREAMS["BulkRemoveOTPEmail"][2]),
    (["Content-Type: application/connect+json"], "POST", STREAMS["BulkRemoveOTPEmail"][0]),
    (["Content-Type: application/x-ndjson"], "POST", STREAMS["BulkAddHumanUser"][2]),
    (["Accept: application/x-ndjson"], "GET", STREAMS["Watch"][2]),
    (["Accept: text/event-stream"], "GET", STREAMS["Watch"][2])])
def test_streams_are_not_spoken_over_http_1_0(server, api, fields, verb, path):
    asked = request(verb, path, api.token, body="" if verb == "POST" else None, headers=fields)
    with Connection.tcp(server.port) as connection:
        connection.send(asked.replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert b"streams are not spoken over HTTP/1.0" in connection.read().body


def test_every_operation_succeeds_and_fails_in_the_table():
    declared = {method.name for method in pool().FindServiceByName(SERVICE).methods}
    assert set(OPERATIONS) == declared
    assert {case.method for case in CASES if case.wanted.code == 0} == declared
    assert {case.method for case in CASES if case.wanted.code == 7} == declared


def test_every_stream_succeeds_and_fails_in_the_table():
    declared = {path for path, _, _ in STREAMS.values()}
    assert declared == {f"/{name}/{method.name}"
                        for name in ("factord.v1.FactorService", "factord.v1.UserService",
                                     "factord.v1.EventService")
                        for method in pool().FindServiceByName(name).methods}
    assert {case.method for case in STREAM_CASES if case.answers} == set(STREAMS)
    refused = {case.method for case in STREAM_CASES
               if 7 in [answer.code for answer in (case.end, *case.answers)
                        if isinstance(answer, Outcome)]}
    assert refused == set(STREAMS)
