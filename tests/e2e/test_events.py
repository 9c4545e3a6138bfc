"""GET /v2/events: the log, in order."""

import pytest

from api import FORBIDDEN, check_error


def page(api, query):
    return api.get("/v2/events" + query)


def test_the_whole_log_has_no_gap(api):
    for _ in range(5):
        api.make_user_with_factor()
    sequences, after = [], 0
    while True:
        events = api.events(after=after, limit=7).get("events", [])
        if not events:
            break
        assert len(events) <= 7
        sequences += [int(event["sequence"]) for event in events]
        after = sequences[-1]
    assert sequences == list(range(1, api.last_sequence() + 1))


def test_the_shape_of_the_page(api):
    api.make_user()
    found = api.events(after=1, limit=1)
    assert list(found) == ["events", "lastSequence", "storeId"]
    assert found["storeId"] and found["storeId"] == api.events()["storeId"]
    # The store's last, not the page's.
    assert int(found["lastSequence"]) > int(found["events"][0]["sequence"]) == 2


def test_a_page_past_the_end(api):
    last = api.last_sequence()
    found = api.events(after=last)
    assert "events" not in found or found["events"] == []
    assert found["lastSequence"] == str(last)


def test_the_default_limit_is_100(api):
    while api.last_sequence() < 102:
        api.make_user()
    assert len(page(api, "").json["events"]) == 100
    assert len(page(api, "?limit=101").json["events"]) == 101


@pytest.mark.parametrize("query", ["?limit=1", "?limit=1000", "?after=0", "?after=0&limit=1000",
                                   "?after=18446744073709551615", "?", "?&limit=5&",
                                   "?limit=5&user=nobody"])
def test_queries_in_range(api, query):
    assert page(api, query).status == 200


@pytest.mark.parametrize("query", ["?limit=0", "?limit=1001", "?limit=-1", "?limit=x", "?limit=",
                                   "?limit=1e2", "?limit=+1", "?after=-1", "?after=x", "?after=",
                                   "?after=18446744073709551616", "?after=1.5"])
def test_queries_out_of_range(api, query):
    answer = page(api, query)
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


@pytest.mark.parametrize("query", ["?unknown=1&limit=5", "?users=u", "?User=u", "?user=u&user=v",
                                   "?limit=1&lim%69t=1", "?=", "?%zz=1"])
def test_filters_that_nobody_would_apply(api, query):
    """Not a page without them."""
    answer = page(api, query)
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert "details" not in answer.json


def test_one_user(api):
    user, other = api.make_user_with_factor(), api.make_user_with_factor()
    api.remove_otp_email(user)
    found = api.events(user=user)
    assert [event["aggregateId"] for event in found["events"]] == [user] * 4
    sequences = [int(event["sequence"]) for event in found["events"]]
    assert sequences == sorted(sequences)
    assert int(found["lastSequence"]) == sequences[-1]
    later = api.events(user=user, after=sequences[1])["events"]
    assert [int(event["sequence"]) for event in later] == sequences[2:]
    assert len(api.events(user=user, limit=3)["events"]) == 3
    assert api.events_of(other)[0]["aggregateId"] == other


def test_one_user_whose_id_starts_like_anothers(api):
    user = api.make_user()
    longer = api.make_user(user + "x")
    assert {event["aggregateId"] for event in api.events_of(user)} == {user}
    assert {event["aggregateId"] for event in api.events_of(longer)} == {longer}


def test_a_user_with_an_encoded_id(api):
    user = api.make_user("a b&c=ü+" + api.make_user())
    assert api.event_types(user) == ["user.human.added", "user.human.email.verified"]


def test_filters(api):
    user = api.make_user_with_factor()
    api.remove_otp_email(user)
    removed = "user.human.mfa.otp.email.removed"
    kinds = ["user.human.added", removed]
    mine = api.events_of(user)

    def found(**query):
        return [event["sequence"] for event in api.events(limit=1000, **query)["events"]]

    wanted = [event["sequence"] for event in mine if event["type"] in kinds]
    assert len(wanted) == 2
    assert found(user=user, type=kinds) == wanted
    assert found(user=user, type=removed, creator=mine[-1]["creator"]) == wanted[1:]
    assert found(user=user, creator="nobody") == []
    assert found(user=user, org=[mine[0]["resourceOwner"], "x"]) == [e["sequence"] for e in mine]
    begun, ended = mine[0]["creationDate"], mine[-1]["creationDate"]
    assert begun != ended
    assert found(user=user, **{"from": ended}) == wanted[1:]
    assert wanted[1] not in found(user=user, to=ended)
    assert wanted[0] in found(**{"from": begun, "to": ended})
    utc = begun.replace("Z", "+00:00")
    assert found(user=user, **{"from": utc}) == found(user=user, **{"from": begun})


def test_a_filtered_page_says_where_to_go_on(api):
    api.make_user_with_factor()
    seen, after = [], 0
    while True:
        found = api.events(type="user.human.added", after=after, limit=2)
        seen += found.get("events", [])
        if "next" not in found:
            break
        assert int(found["next"]) > int(after)
        after = found["next"]
    assert int(found["lastSequence"]) == api.last_sequence()
    everything = []
    for after in range(0, api.last_sequence(), 1000):
        everything += api.events(after=after, limit=1000)["events"]
    assert seen == [event for event in everything if event["type"] == "user.human.added"]


@pytest.mark.parametrize("query", ["type=x", "type=", "creator=", "org=", "from=yesterday", "to=0",
                                   "from=2026-01-31T00:00:00Z&to=2026-01-31T00:00:00Z",
                                   "from=2026-01-31T00:00:00+01:00", "type=user.locked&type=x"])
def test_filters_that_are_malformed(api, query):
    answer = page(api, "?" + query)
    assert (answer.status, answer.json["code"]) == (400, 3)


def test_times_never_go_back(api):
    for _ in range(5):
        api.make_user()
    times = [event["creationDate"] for event in api.events()["events"]]

    def comparable(time):
        whole, _, fraction = time.rstrip("Z").partition(".")
        return whole, fraction.ljust(9, "0")

    assert times == sorted(times, key=comparable)


def test_private_parts_stay_private(server, api):
    server.token(user="somebody")
    tokens = [event for event in api.events_of("somebody")]
    assert [event["type"] for event in tokens] == ["user.pat.added"]
    assert "hash" not in str(tokens).lower()


def test_permission(server):
    for roles, org in ((["IAM_OWNER"], None), (["IAM_OWNER_VIEWER"], None)):
        assert page(server.api(roles=roles, org=org), "").status == 200
    for roles, org in ((["IAM_USER_MANAGER"], None), (["ORG_OWNER"], "acme"), ([], None)):
        check_error(page(server.api(roles=roles, org=org), ""), *FORBIDDEN)


def test_a_query_is_checked_before_the_permission(server):
    answer = page(server.api(roles=[]), "?limit=0")
    assert (answer.status, answer.json["code"]) == (400, 3)
