"""Users in bulk on the real server: over every protocol, and whatever happens in the middle."""

import json
import threading
import time

import grpc
import pytest

from api import fresh
from bulk import ADD, NDJSON, WITH_FACTOR, Bulk, added_in, additions_in, chunk, new_user, text_of
from chunks import ChunkedLines
from database import Node
from factord import verify
from http2 import Http2Connection
from messages import message
from rpc import enveloped, envelopes
from wire import Connection, request

RPC = "/factord.v1.UserService/BulkAddHumanUser"

# With whoever sends on when the answer has ended: the last of it gets there.
PATIENT = ["--max-discard-bytes", "64MiB"]


def bulk_on(server, token, **options):
    return Bulk(server.port, token, path=ADD, **options)


def many(count, prefix="m"):
    return [new_user(f"{prefix}{number}") for number in range(count)]


def names(count):
    """Lines whose ids are to be drawn."""
    return [new_user(name=f"name{number}") for number in range(count)]


def ended(answers, status):
    """The answers but for the last, which says why there are no others."""
    assert answers[-1]["status"] == status and "userId" not in answers[-1], answers[-1]
    assert answers[-1]["line"] == len(answers)
    return answers[:-1]


def statuses(answers):
    return [answer["status"] for answer in answers]


# What is answered, over each protocol.

@pytest.fixture
def lines():
    """With and without the factor, with a code, and one that is there already."""
    one, other, coded, drawn = (fresh() for _ in range(4))
    return [new_user(one), new_user(other, factor=False),
            new_user(coded, factor=False, email={"email": "a@b.ch", "returnCode": {}}),
            new_user(name=drawn), new_user(one)]


def check(api, lines, answers):
    """Of the lines above."""
    assert statuses(answers) == [201, 201, 201, 201, 400]
    assert [answer["line"] for answer in answers] == [1, 2, 3, 4, 5]
    assert answers[4]["error"]["details"][0]["id"] == "COMMAND-7yiox1isql"
    for at, line in enumerate(lines):
        assert answers[at]["userId"] == line.get("userId", answers[at]["userId"])
    for at, types in enumerate([WITH_FACTOR, WITH_FACTOR[:2],
                                ["user.human.added", "user.human.email.code.added"], WITH_FACTOR]):
        events = api.events_of(answers[at]["userId"])
        assert [event["type"] for event in events] == types
        assert events[-1]["sequence"] == answers[at]["sequence"]
    assert api.verify_email(answers[2]["userId"], answers[2]["emailCode"]).status == 200
    assert api.remove_otp_email(answers[3]["userId"]).status == 200


def test_http1(server, api, lines):
    with bulk_on(server, api.token) as bulk:
        assert f"Content-Type: {NDJSON}" in bulk.head and "chunked" in bulk.head
        answers = bulk.send(lines[0]).take(1)
        answers += bulk.send(*lines[1:]).end().rest()
        check(api, lines, answers)
        # The connection goes on.
        assert bulk.connection.ask(request("GET", "/healthz")).body == b"ok"


def test_http2(server, api, lines):
    with Http2Connection.tcp(server.port) as connection:
        number = connection.begin("POST", ADD, [("Authorization", f"Bearer {api.token}"),
                                                ("Content-Type", NDJSON)])
        connection.send(number, text_of(lines[:1]), end=False)
        assert connection.read_body(number, 1).endswith(b"\n")
        connection.send(number, text_of(lines[1:]))
        answer = connection.read(number)
    assert (answer.status, answer.header("Content-Type")) == (200, NDJSON)
    check(api, lines, [json.loads(line) for line in answer.body.splitlines()])


def test_the_error_is_that_of_the_single_call(server, api):
    line = new_user(fresh(), factor=False)
    assert api.add_human_user(line).status == 201
    single = api.add_human_user(line)
    with bulk_on(server, api.token) as bulk:
        [answer] = bulk.send(line).end().rest()
    assert (answer["status"], answer["error"]) == (single.status, single.json)


def as_message(line):
    said = message("factord.v1.BulkAddHumanUserRequest")(
        username=line["username"], otp_email=line.get("otpEmail", False),
        dry_run=line.get("dryRun", False))
    if "userId" in line:
        said.user_id = line["userId"]
    said.organization.org_id = line["organization"]["orgId"]
    said.profile.given_name, said.profile.family_name = "Ada", "Byron"
    said.email.email = line["email"]["email"]
    if "returnCode" in line["email"]:
        said.email.return_code.SetInParent()
    else:
        said.email.is_verified = line["email"].get("isVerified", False)
    return said


def as_line(number, answer):
    """An answer message as the line that says the same."""
    line = {"line": number, "userId": answer.user_id}
    if not answer.HasField("error"):
        return {**line, "status": 201, "sequence": str(answer.sequence),
                "emailCode": answer.email_code}
    detail = message("zitadel.v1.ErrorDetail")()
    assert answer.error.details[0].Unpack(detail)
    return {**line, "status": {9: 400}[answer.error.code],
            "error": {"details": [{"id": detail.id}]}}


def test_grpc_answers_each_before_the_next(server, api, lines):
    answered = threading.Semaphore()

    def sent():
        for line in lines:
            assert answered.acquire(timeout=60)
            yield as_message(line)

    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        method = channel.stream_stream(
            RPC, request_serializer=lambda said: said.SerializeToString(),
            response_deserializer=message("factord.v1.BulkAddHumanUserResponse").FromString)
        call = method(sent(), metadata=[("authorization", f"Bearer {api.token}")], timeout=60)
        answers = []
        for answer in call:
            answers.append(as_line(len(answers) + 1, answer))
            answered.release()
        assert call.code() == grpc.StatusCode.OK
    check(api, lines, answers)


@pytest.mark.parametrize("form", ["application/connect+proto", "application/connect+json",
                                  "application/grpc-web"])
def test_other_rpcs(server, api, lines, form):
    is_json = form.endswith("json")
    body = b"".join(enveloped(json.dumps(line).encode() if is_json
                              else as_message(line).SerializeToString()) for line in lines)
    with Connection.tcp(server.port) as connection:
        connection.send(request("POST", RPC, api.token, body=body,
                                headers=[f"Content-Type: {form}"]))
        read = ChunkedLines(connection)
        assert read.status == 200
        while read._read_chunk():  # pylint: disable=protected-access
            pass
    *found, _ = envelopes(read.text)
    if is_json:
        said = [json.loads(payload) for _, payload in found]
        return check(api, lines, [{**answer, "line": number, "status": 400 if "error" in answer
                                   else 201} for number, answer in enumerate(said, 1)])
    kind = message("factord.v1.BulkAddHumanUserResponse")
    return check(api, lines, [as_line(number, kind.FromString(payload))
                              for number, (_, payload) in enumerate(found, 1)])


def test_lines_that_cannot_be_done(server, api):
    user = fresh()
    unverified = {"email": "a@b.ch"}
    with bulk_on(server, api.token) as bulk:
        answers = bulk.send(
            new_user(user, email=unverified), b"\n", b"{\n", new_user(user, password={}), {},
            new_user(user, email={**unverified, "isVerified": False}), new_user(user)
        ).end().rest()
    assert statuses(answers) == [400, 400, 501, 400, 400, 201]
    assert [answer["line"] for answer in answers] == [1, 3, 4, 5, 6, 7]
    assert answers[0]["error"]["message"].startswith("otpEmail needs an email that is verified")
    assert answers[5]["userId"] == user and api.event_types(user) == WITH_FACTOR


def test_permission_is_of_each_line(server):
    clerk = server.api(user="clerk", roles=["ORG_USER_MANAGER"], org="acme")
    owner = server.api(user="owner", roles=["ORG_OWNER"], org="acme")
    here, there = fresh(), fresh()
    lines = [new_user(here), new_user(there, org="other"), new_user(here, factor=False)]
    with bulk_on(server, clerk.token) as bulk:
        answers = bulk.send(*lines).end().rest()
    assert statuses(answers) == [403, 403, 201]
    assert [answer["error"]["details"][0]["id"] for answer in answers[:2]] == [
        "AUTH-AWfge", "AUTH-5mWD2"]
    with bulk_on(server, owner.token) as bulk:
        assert statuses(bulk.send(new_user(there)).end().rest()) == [201]


def test_a_line_that_is_too_long(server, api):
    longest = json.dumps(new_user(fresh())).encode()
    longest += b" " * (32 * 1024 - len(longest))
    with bulk_on(server, api.token) as bulk:
        bulk.send(longest + b"\n", longest + b" \n")
        answers = ended(bulk.rest(), 400)
        assert bulk.connection.at_end()
    assert statuses(answers) == [201]


def test_a_dry_run(server, api):
    before = api.last_sequence()
    lines = [new_user(fresh()), new_user(name=fresh()), {}]
    with bulk_on(server, api.token, query="?dryRun=true") as bulk:
        answers = bulk.send(*lines, new_user(fresh(), dryRun=False)).end().rest()
    assert statuses(answers) == [201, 201, 400, 201]
    assert answers[0] == {"line": 1, "userId": lines[0]["userId"], "status": 201}
    assert answers[1] == {"line": 2, "status": 201}
    assert api.last_sequence() == before


# What happens in the middle.

def test_many_lines(start):
    server = start()
    api = server.api()
    lines = many(10_000)
    with bulk_on(server, api.token) as bulk:
        sender = bulk.send_beside(lines + lines[:1000])
        answers = bulk.rest()
        sender.join()
    assert statuses(answers) == [201] * 10_000 + [400] * 1000
    assert added_in(answers) == additions_in(api) and len(answers) == 11_000
    server.stop()
    verify(server.data_dir)


@pytest.mark.parametrize("lines", [many(10_000), names(10_000)], ids=["ids", "names"])
def test_kill_9_and_the_same_upload_again(start, lines):
    server = start()
    token = server.token()
    parts, key = [], ["Idempotency-Key: nightly"]
    for rounds in range(3):
        with bulk_on(server, token, fields=key) as bulk:
            bulk.send_beside(lines)
            parts.append(bulk.take(1000 * (rounds + 1)))
            server.kill()
        server = start(data_dir=server.data_dir)
    with bulk_on(server, token, fields=key) as bulk:
        bulk.send_beside(lines)
        whole = bulk.rest()
    assert statuses(whole) == [201] * len(lines)
    made = additions_in(server.api(token))
    assert added_in(whole) == made and len(made) == len(lines)
    assert any("replayed" in answer for answer in whole)
    for part in parts:
        assert set(statuses(part)) == {201}
        # The same users, to those whose ids were drawn.
        assert added_in(part).items() <= made.items()
    server.stop()
    verify(server.data_dir)


def test_a_token_that_is_revoked(start):
    server = start(*PATIENT)
    token = server.token(user="robot", roles=["ORG_OWNER"], org="acme")
    row = next(row for row in server.ctl("token", "list").stdout.splitlines() if "robot" in row)
    with bulk_on(server, token) as bulk:
        bulk.send_beside(many(20_000))
        answers = bulk.take(500)
        assert server.ctl("token", "revoke", row.split()[0]).returncode == 0
        answers = ended(answers + bulk.rest(), 401)
        assert bulk.connection.at_end()
    last = max(at for at, answer in enumerate(answers) if answer["status"] == 201)
    assert statuses(answers) == [201] * (last + 1) + [401] * (len(answers) - last - 1)
    assert len(answers) < 20_000
    assert added_in(answers) == additions_in(server.api())


def test_a_drain(start):
    server = start("--drain-timeout", "30s", *PATIENT)
    api = server.api()
    with bulk_on(server, api.token) as bulk:
        bulk.send_beside(many(20_000))
        answers = bulk.take(500)
        api.client.close()
        server.signal()
        answers = ended(answers + bulk.rest(), 503)
        assert bulk.connection.at_end()
    assert server.wait() == 0
    assert set(statuses(answers)) == {201} and len(answers) < 20_000
    again = start(data_dir=server.data_dir)
    assert added_in(answers) == additions_in(again.api())


def test_a_full_queue_is_waited_for(start):
    server = start("--queue-commands", "8")
    api = server.api()
    lines = names(2_000)
    bulks = [bulk_on(server, api.token) for _ in range(4)]
    for at, bulk in enumerate(bulks):
        bulk.send_beside(lines[at::4])
    answers = []
    for bulk in bulks:
        answers += bulk.rest()
        bulk.connection.close()
    assert set(statuses(answers)) == {201}
    assert added_in(answers) == additions_in(api) and len(answers) == len(lines)


def test_who_does_not_read_is_not_read(start):
    server = start("--max-output-bytes", "4KiB")
    api = server.api()
    lines = many(50)
    with bulk_on(server, api.token) as bulk:
        bulk.connection.sock.settimeout(2)
        sent = 0
        with pytest.raises(TimeoutError):
            for sent in range(1_000_000):
                bulk.send(*lines)
        made = len(additions_in(api))
        time.sleep(0.5)
        assert made == len(lines) and sent < 100_000
        # Who reads on misses nothing.
        bulk.connection.sock.settimeout(60)
        answers = bulk.take(1_000)
    assert statuses(answers) == [201] * 50 + [400] * 950


def test_half_closed_in_the_middle(server, api):
    with bulk_on(server, api.token) as bulk:
        answers = bulk.send(new_user(fresh()), new_user(fresh())).take(2)
        bulk.connection.send(chunk(b'{"userId":"')).half_close()
        answers = ended(answers + bulk.rest(), 400)
        assert bulk.connection.at_end()
    assert statuses(answers) == [201, 201]


def test_refused_before_a_byte_of_the_body(server):
    with Connection.tcp(server.port) as connection:
        connection.send(request("POST", ADD, "nonsense", headers=[
            f"Content-Type: {NDJSON}", "Transfer-Encoding: chunked", "Expect: 100-continue"]))
        answer = connection.read()
        assert (answer.status, answer.header("Connection")) == (401, "close")
        assert connection.at_end()


# There the organization of the caller is looked up for each line, by another thread.

def test_on_a_database(store, tmp_path):
    with Node(tmp_path / "data", store) as server:
        api = server.api(user="owner", roles=["ORG_OWNER"], org="acme")
        lines = names(300)
        for line in lines[::2]:
            del line["organization"]
        for _ in range(2):
            with bulk_on(server, api.token, fields=["Idempotency-Key: k"]) as bulk:
                bulk.send_beside(lines)
                answers = bulk.rest()
            assert statuses(answers) == [201] * 300
            assert [answer["line"] for answer in answers] == list(range(1, 301))
        made = additions_in(server.api())
        assert added_in(answers) == made and list(made) == [one["userId"] for one in answers]
        assert api.get_user(answers[0]["userId"]).json["details"]["resourceOwner"] == "acme"
