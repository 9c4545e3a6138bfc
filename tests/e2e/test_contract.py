"""The table of contract.py over every protocol: the same codes, texts, ids and answers."""

import dataclasses
import itertools
import re

import pytest

from api import Api, fresh
from contract import CASES, CODE, SEQUENCE, TIME, new_user
from database import Node, Postgres, store_ctl, verify_store
from factord import Factord
from messages import SERVICE, pool
from openapi import Description
from rpc import OPERATIONS, PROTOCOLS, Client


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
            answer = getattr(api, call)(names["user"])
        assert answer.status in (200, 201), answer
    return names


def filled(value, names):
    """With the names in braces replaced."""
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, names) for each in value]
    return re.sub(r"\{(\w+)\}", lambda found: names[found[1]], value) if isinstance(value, str) \
        else value


def masked(value, key=None):
    """With a mark where every call has another value, which must be a good one."""
    if isinstance(value, dict):
        return {name: masked(each, name) for name, each in value.items()}
    for keys, pattern, mark in (
            (("sequence", "processedSequence"), r"[1-9]\d*", SEQUENCE),
            (("changeDate", "creationDate", "timestamp"),
             r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}|\d{6}))?Z", TIME),
            (("emailCode", "verificationCode"), r"[A-Z0-9]{8}", CODE)):
        if key in keys:
            assert re.fullmatch(pattern, value), (key, value)
            return mark
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_case(server, api, callers, clients, description, protocol, case):
    names = prepare(api, case.given)
    if case.caller == "self":
        authorization = f"Bearer {server.token(user=names['user'], roles=[])}"
    else:
        authorization = callers[case.caller]
    before = api.last_sequence()
    seen = clients[protocol].call(case.method, filled(case.message, names), authorization,
                                  case.fields)
    assert dataclasses.replace(seen, message=masked(seen.message)) == dataclasses.replace(
        case.wanted, message=filled(case.wanted.message, names))
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


def test_every_operation_succeeds_and_fails_in_the_table():
    declared = {method.name for method in pool().FindServiceByName(SERVICE).methods}
    assert set(OPERATIONS) == declared
    assert {case.method for case in CASES if case.wanted.code == 0} == declared
    assert {case.method for case in CASES if case.wanted.code == 7} == declared
