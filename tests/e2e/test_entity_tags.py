"""Entity tags: what a client knows of a user, and what it makes its requests depend on."""

import threading

import pytest

from api import FORBIDDEN, NO_FACTOR, Api, check_error, fresh, quoted
from conftest import ORIGIN
from outcome import refused
from rpc import PROTOCOLS, Client
from wire import Connection, request

MISMATCH = (412, 9, "the user is not as If-Match has it, nothing was done", "FACTORD-Match")
TAGS_MOST = 32


def not_supported(name):
    return 400, 3, f"{name} is not supported: the request was not carried out"


def not_a_list(name):
    return 400, 3, f"{name} is neither * nor a list of entity tags"


def tag_of(api, user):
    answer = api.get_user(user)
    assert answer.status == 200, answer
    return answer.header("ETag")


def readers(user):
    """Everything that reads a user: verb and path."""
    path = f"/v2/users/{quoted(user)}"
    return [("GET", path), ("GET", f"{path}/authentication_methods"),
            ("POST", f"{path}/authentication_factors/_search")]


def remove(api, user, **fields):
    return api.delete(f"/v2/users/{quoted(user)}/otp_email",
                      headers={name.replace("_", "-"): value for name, value in fields.items()})


def in_parallel(count, run):
    """Runs it in so many threads that begin together."""
    together = threading.Barrier(count)

    def begin(number):
        together.wait()
        run(number)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# What they are.

def test_the_tag_is_the_users_last_event_and_not_the_stores(api):
    user = api.make_user_with_factor()
    for step in (api.lock, api.unlock, api.deactivate, api.reactivate, api.remove_otp_email,
                 api.add_otp_email):
        answer = step(user)
        written = f'"{answer.json["details"]["sequence"]}"'
        assert answer.header("ETag") == written
        api.make_user()  # the store goes on
        for verb, path in readers(user):
            assert api.call(verb, path).header("ETag") == written
        assert api.get_user(user).json["details"]["sequence"] == written.strip('"')


def test_of_a_new_user_it_is_the_last_of_its_events(api):
    user = fresh()
    answer = api.add_human_user({
        "userId": user, "organization": {"orgId": "acme"},
        "profile": {"givenName": "Ada", "familyName": "Byron"},
        "email": {"email": "ada@example.com", "isVerified": True}})
    events = api.events_of(user)
    assert len(events) == 2
    assert answer.header("ETag") == f'"{events[-1]["sequence"]}"' == tag_of(api, user)


def test_ids_that_begin_others_do_not_share_tags(api):
    short = api.make_user()
    longer = api.make_user(short + "1")
    assert remove(api, short, If_Match=tag_of(api, longer)).status == 412
    assert tag_of(api, short) != tag_of(api, longer)


def test_what_is_of_nobody_has_none(api, server):
    nobody = fresh("nobody")
    answers = [api.call(verb, path) for verb, path in readers(nobody)]
    assert [answer.status for answer in answers] == [404, 200, 200]
    answers += [api.remove_otp_email(nobody), api.unlock(api.make_user()), api.get("/v2/events"),
                api.get("/healthz")]
    with Connection.unix(server.data_dir / "admin.sock") as admin:
        answers.append(admin.ask(request("GET", "/admin/v1/stats")))
    assert {answer.header("ETag") for answer in answers} == {None}


def test_a_deleted_users_is_shown_to_those_who_could_see_it(api, server):
    user = api.make_user()
    gone = api.delete_user(user).header("ETag")
    methods = f"/v2/users/{user}/authentication_methods"
    assert api.get(methods).header("ETag") == gone
    elsewhere = server.api(server.token(roles=["ORG_OWNER"], org="elsewhere"))
    for answer in (elsewhere.get(methods), elsewhere.get(methods, headers={"If-None-Match": "*"})):
        assert (answer.status, answer.header("ETag")) == (200, None)
    for who in (user, fresh("nobody")):
        check_error(remove(elsewhere, who, If_Match="*"), *MISMATCH)


def test_they_outlive_the_server(start):
    server = start()
    api = server.api()
    user = api.make_user_with_factor()
    tag = tag_of(api, user)
    data_dir, token = server.data_dir, api.token
    server.stop()
    again = start(data_dir=data_dir).api(token)
    assert tag_of(again, user) == tag
    assert remove(again, user, If_Match=tag).status == 200


# Reads.

@pytest.mark.parametrize("protocol", ["json-http1", "json-http2"])
def test_a_read_of_what_the_client_has_is_304(server, owner_token, api, protocol):
    user = api.make_user_with_factor()
    tag = tag_of(api, user)
    connection = Client(protocol, server.port).connection
    caller = [("Authorization", f"Bearer {owner_token}")]
    for verb, path in [*readers(user), ("HEAD", f"/v2/users/{user}")]:
        body = b"{}" if verb == "POST" else None
        for known in (tag, f"W/{tag}", f'"1", {tag}', f',"x" , {tag},', "*"):
            kept = connection.ask(verb, path, [*caller, ("If-None-Match", known)], body)
            assert (kept.status, kept.body) == (304, b""), (verb, path, known)
            assert kept.header("ETag") == tag
            assert kept.header("Cache-Control") == "no-store"
            assert kept.header("Content-Type") is None
        for other in ('"1"', '"x"', f'"0{tag[1:]}', '""', f'W/"{tag[1:-1]}0"'):
            whole = connection.ask(verb, path, [*caller, ("If-None-Match", other)], body)
            assert (whole.status, whole.header("ETag")) == (200, tag), (verb, path, other)
            assert (whole.body == b"") == (verb == "HEAD")
    lines = [*caller, ("If-None-Match", '"1"'), ("If-None-Match", tag)]
    assert connection.ask("GET", f"/v2/users/{user}", lines).status == 304
    connection.close()


def test_a_read_is_whole_again_once_something_has_happened(api):
    user = api.make_user()
    for step in (api.add_otp_email, api.lock, api.remove_otp_email, api.unlock):
        before = tag_of(api, user)
        assert step(user).status == 200
        for verb, path in readers(user):
            answer = api.call(verb, path, headers={"If-None-Match": before})
            assert answer.status == 200 and answer.header("ETag") != before
            again = {"If-None-Match": answer.header("ETag")}
            assert api.call(verb, path, headers=again).status == 304


def test_a_read_says_no_more_to_those_who_may_not(api, server):
    user = api.make_user()
    for verb, path in readers(user):
        fields = {"If-None-Match": "*"}
        check_error(server.api(roles=[]).call(verb, path, headers=fields), *FORBIDDEN)
        assert Api(server, None).call(verb, path, headers=fields).status == 401
        assert Api(server, None).call(verb, path, headers={"If-None-Match": "x"}).status == 401


def test_a_304_is_for_pages_of_an_allowed_origin_too(api):
    user = api.make_user()
    answer = api.get(f"/v2/users/{user}", headers={"Origin": ORIGIN, "If-None-Match": "*"})
    assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (304, ORIGIN)
    assert "ETag" in answer.header("Access-Control-Expose-Headers")


# Writes.

def test_a_write_is_done_if_the_user_is_as_it_was_read(api):
    user = api.make_user_with_factor()
    before = tag_of(api, user)
    locked = api.post(f"/v2/users/{user}/lock", {}, headers={"If-Match": before})
    assert locked.status == 200
    events = len(api.events_of(user))
    check_error(remove(api, user, If_Match=before), *MISMATCH)
    assert len(api.events_of(user)) == events
    assert "authMethodTypes" in api.methods(user).json
    done = remove(api, user, If_Match=locked.header("ETag"))
    assert done.status == 200
    # What the write itself finds comes behind its condition.
    check_error(remove(api, user, If_Match=locked.header("ETag")), *MISMATCH)
    check_error(remove(api, user, If_Match=done.header("ETag")), *NO_FACTOR)
    check_error(remove(api, user, If_Match="*"), *NO_FACTOR)


@pytest.mark.parametrize("form", ['W/"{}"', '"0{}"', '"{}0"', '"x"', '""', 'W/"{}", "1"'])
def test_what_is_no_strong_tag_of_the_user_matches_nothing(api, form):
    user = api.make_user_with_factor()
    tag = tag_of(api, user)
    value = form.format(tag.strip('"'))
    check_error(remove(api, user, If_Match=value), *MISMATCH)
    assert remove(api, user, If_Match=f"{value}, {tag}").status == 200


def test_of_two_writers_who_read_the_same_one_is_told_to_read_again(server, owner_token, api):
    for _ in range(20):
        user = api.make_user_with_factor()
        tag = tag_of(api, user)
        statuses = []
        clients = [server.api(owner_token) for _ in range(2)]

        def write(number, clients=clients, user=user, tag=tag, statuses=statuses):
            what = ("lock", "deactivate")[number]
            answer = clients[number].post(f"/v2/users/{user}/{what}", {},
                                          headers={"If-Match": tag})
            statuses.append(answer.status)

        in_parallel(2, write)
        assert sorted(statuses) == [200, 412]
        assert len(api.events_of(user)) == 4


CONNECTIONS = 50
EACH = 40


def test_2000_parallel_writes_on_one_condition(server, owner_token, api):
    user = api.make_user()
    before, tag = api.last_sequence(), tag_of(api, user)
    data = request("POST", f"/v2/users/{user}/otp_email", owner_token, "{}",
                   [f"If-Match: {tag}"]) * EACH
    connections = [server.connect() for _ in range(CONNECTIONS)]
    answers = []

    def ask(number):
        connections[number].send(data)
        for _ in range(EACH):
            answers.append(connections[number].read())
        connections[number].close()

    in_parallel(CONNECTIONS, ask)
    statuses = [answer.status for answer in answers]
    assert (statuses.count(200), statuses.count(412)) == (1, CONNECTIONS * EACH - 1)
    assert api.last_sequence() == before + 1
    winner = next(answer for answer in answers if answer.status == 200)
    assert winner.header("ETag") == tag_of(api, user) == f'"{before + 1}"'


def test_nobody_overwrites_what_they_have_not_read(server, owner_token, api):
    """Locks and unlocks in turns, by many: each reads what it changes, or starts again."""
    user = api.make_user()
    turns, writers = 10, 8

    def write(_):
        mine = server.api(owner_token)
        done = 0
        while done < turns:
            seen = mine.get_user(user)
            locked = seen.json["user"]["state"] == "USER_STATE_LOCKED"
            step = "unlock" if locked else "lock"
            answer = mine.post(f"/v2/users/{user}/{step}", {},
                               headers={"If-Match": seen.header("ETag")})
            assert answer.status in (200, 412), answer
            done += answer.status == 200

    in_parallel(writers, write)
    steps = [each.removeprefix("user.") for each in api.event_types(user)[2:]]
    assert steps == ["locked", "unlocked"] * (turns * writers // 2)


def test_pipelined_writes_see_those_before_them(server, owner_token, api):
    user = api.make_user_with_factor()
    first = api.last_sequence()
    with server.connect() as connection:
        for tag, what in ((first, "lock"), (first, "unlock"), (first + 1, "unlock"),
                          (first + 1, "lock"), (first + 2, "lock")):
            connection.send(request("POST", f"/v2/users/{user}/{what}", owner_token, "{}",
                                    [f'If-Match: "{tag}"']))
        assert [connection.read().status for _ in range(5)] == [200, 412, 200, 412, 200]


# Lists of tags, and what is refused.

@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
def test_a_list_has_at_most_so_many_tags(api, name):
    user = api.make_user_with_factor()
    tag = tag_of(api, user)
    path = f"/v2/users/{user}" + ("/otp_email" if name == "If-Match" else "")
    verb, done = ("DELETE", 200) if name == "If-Match" else ("GET", 304)
    longest = ", ".join([*['"x"'] * (TAGS_MOST - 1), tag])
    check_error(api.call(verb, path, headers={name: f'{longest}, "x"'}),
                400, 3, f"{name} has more than {TAGS_MOST} entity tags")
    assert api.call(verb, path, headers={name: longest}).status == done


@pytest.mark.parametrize("value", ["", "7", "*, *", '*, "7"', '"7", *', '"7" "8"', '"7', "w/\"7\"",
                                   "W/7", ",", "\"7\t\"", '"7"x'])
def test_a_malformed_list_is_refused(server, api, owner_token, value):
    user = api.make_user_with_factor()
    with server.connect() as connection:
        for verb, path, name in (("DELETE", f"/v2/users/{user}/otp_email", "If-Match"),
                                 ("GET", f"/v2/users/{user}", "If-None-Match")):
            data = request(verb, path, owner_token, headers=[f"{name}: {value}"])
            check_error(connection.ask(data), *not_a_list(name))


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match", "If-Modified-Since",
                                  "If-Unmodified-Since"])
def test_conditions_on_what_has_no_tag_are_refused(api, server, name):
    user = api.make_user()
    for path in ("/v2/events", f"/v2/events?user={user}"):
        check_error(api.get(path, headers={name: "*"}), *not_supported(name))
    with Connection.unix(server.data_dir / "admin.sock") as admin:
        answer = admin.ask(request("GET", "/admin/v1/stats", headers=[f"{name}: *"]))
        check_error(answer, *not_supported(name))
        answer = admin.ask(request("POST", "/admin/v1/tokens", body=f'{{"userId":"{user}"}}',
                                   headers=[f"{name}: *"]))
        check_error(answer, *not_supported(name))


def test_conditions_that_would_say_nothing_are_refused(api):
    user = api.make_user_with_factor()
    date = "Sun, 29 Nov 2026 08:00:00 GMT"
    for name, value in (("If-None-Match", "*"), ("If-None-Match", '"1"'),
                        ("If-Modified-Since", date), ("If-Unmodified-Since", date)):
        check_error(remove(api, user, **{name: value}), *not_supported(name))
    for verb, path in readers(user):
        for name, value in (("If-Match", "*"), ("If-Match", tag_of(api, user)),
                            ("If-Modified-Since", date), ("If-Unmodified-Since", date)):
            check_error(api.call(verb, path, headers={name: value}), *not_supported(name))


@pytest.mark.parametrize("protocol", [each for each in PROTOCOLS if not each.startswith("json")])
def test_rpcs_have_no_304(server, owner_token, api, protocol):
    user = api.make_user_with_factor()
    client = Client(protocol, server.port)
    authorization = f"Bearer {owner_token}"
    for method in ("GetUserByID", "ListAuthenticationMethodTypes", "ListAuthenticationFactors"):
        seen = client.call(method, {"userId": user}, authorization, [("if-none-match", "*")])
        assert seen == refused(
            3, "If-None-Match is not supported: the request was not carried out")
        assert client.call(method, {"userId": user}, authorization).code == 0
        assert client.tag == tag_of(api, user)
    tag = client.tag
    lost = client.call("RemoveOTPEmail", {"userId": user}, authorization, [("if-match", '"1"')])
    assert lost == refused(9, MISMATCH[2], MISMATCH[3])
    done = client.call("RemoveOTPEmail", {"userId": user}, authorization,
                       [("if-match", '"1"'), ("if-match", tag)])
    assert done.code == 0 and client.tag == tag_of(api, user) != tag
    client.close()
