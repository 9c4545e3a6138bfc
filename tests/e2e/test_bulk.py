"""Bulk removals on the real server: over every protocol, and whatever happens in the middle."""

import json
import subprocess
import threading
import time

import grpc
import pytest

from bulk import NDJSON, PATH, Bulk, chunk, done_in, head, removals_in, text_of
from chunks import ChunkedLines
from factord import ctl, verify
from http2 import Http2Connection
from messages import message
from rpc import enveloped, envelopes
from wire import Connection, request

FIRST = 100000000000000001  # of those that `factorctl seed` makes
RPC = "/factord.v1.FactorService/BulkRemoveOTPEmail"
NOT_SET_UP = "COMMAND-b312D"


def seeded(count):
    return [str(FIRST + number) for number in range(count)]


@pytest.fixture
def seed(tmp_path):
    """Makes a store of so many users with the factor; their ids."""
    def make(count):
        done = ctl(tmp_path / "data", "seed", "--users", count, "--org", "acme")
        assert done.returncode == 0, done.stderr
        return seeded(count)
    return make


def ended(answers, status):
    """The answers but for the last, which says why there are no others."""
    assert answers[-1]["status"] == status and "userId" not in answers[-1], answers[-1]
    assert answers[-1]["line"] == len(answers)
    return answers[:-1]


def codes(answers):
    return [(answer["status"], answer.get("error", {}).get("code", 0)) for answer in answers]


# What is answered, over each protocol.

def check(api, users, answers):
    """Of users with the factor, but the last, who is nobody."""
    assert [answer["userId"] for answer in answers] == users
    removed = removals_in(api)
    assert done_in(answers) == {user: removed[user] for user in users[:-1]}
    assert answers[-1]["status"] == 404
    assert answers[-1]["error"]["details"][0]["id"] == NOT_SET_UP


@pytest.fixture
def users(api):
    return [api.make_user_with_factor() for _ in range(5)] + ["nobody"]


def test_http1(server, api, users):
    with Bulk(server.port, api.token) as bulk:
        assert f"Content-Type: {NDJSON}" in bulk.head and "chunked" in bulk.head
        answers = bulk.send(users[0]).take(1)
        answers += bulk.send(*users[1:]).end().rest()
        check(api, users, answers)
        # The connection goes on.
        assert bulk.connection.ask(request("GET", "/healthz")).body == b"ok"


def test_the_error_is_that_of_the_single_call(server, api):
    single = api.remove_otp_email("nobody")
    with Bulk(server.port, api.token) as bulk:
        [answer] = bulk.send("nobody").end().rest()
    assert (answer["status"], answer["error"]) == (single.status, single.json)


@pytest.mark.parametrize("how", [["--data-binary", "@-"], ["-T", "-", "-X", "POST"]])
def test_curl(server, api, users, how):
    done = subprocess.run(
        ["curl", "-sS", "--fail", "-H", f"Content-Type: {NDJSON}",
         "-H", f"Authorization: Bearer {api.token}", *how, f"http://127.0.0.1:{server.port}{PATH}"],
        input=text_of(users), capture_output=True, check=True, timeout=60)
    check(api, users, [json.loads(line) for line in done.stdout.splitlines()])


def test_http2(server, api, users):
    with Http2Connection.tcp(server.port) as connection:
        number = connection.begin("POST", PATH, [("Authorization", f"Bearer {api.token}"),
                                                 ("Content-Type", NDJSON)])
        connection.send(number, text_of(users[:1]), end=False)
        assert connection.read_body(number, 1).endswith(b"\n")
        connection.send(number, text_of(users[1:]))
        answer = connection.read(number)
    assert (answer.status, answer.header("Content-Type")) == (200, NDJSON)
    check(api, users, [json.loads(line) for line in answer.body.splitlines()])


def removal(**said):
    return message("factord.v1.BulkRemoveOTPEmailRequest")(**said)


def rpc_line(answer):
    """An answer message as the line that says the same."""
    if not answer.HasField("error"):
        return {"userId": answer.user_id, "status": 200, "sequence": str(answer.sequence)}
    details = []
    for held in answer.error.details:
        detail = message("zitadel.v1.ErrorDetail")()
        assert held.Unpack(detail)
        details.append({"id": detail.id})
    return {"userId": answer.user_id, "status": 404 if answer.error.code == 5 else None,
            "error": {"code": answer.error.code, "details": details}}


def grpc_call(server, token, sent, **options):
    channel = grpc.insecure_channel(f"127.0.0.1:{server.port}")
    method = channel.stream_stream(
        RPC, request_serializer=lambda said: said.SerializeToString(),
        response_deserializer=message("factord.v1.BulkRemoveOTPEmailResponse").FromString)
    metadata = [("authorization", f"Bearer {token}"), *options.pop("metadata", [])]
    return channel, method(iter(sent), metadata=metadata, timeout=60)


def test_grpc(server, api, users):
    channel, call = grpc_call(server, api.token, [removal(user_id=user) for user in users])
    check(api, users, [rpc_line(answer) for answer in call])
    assert call.code() == grpc.StatusCode.OK
    channel.close()


def test_grpc_answers_each_before_the_next(server, api, users):
    answered = threading.Semaphore()

    def sent():
        for user in users:
            assert answered.acquire(timeout=60)
            yield removal(user_id=user)

    channel, call = grpc_call(server, api.token, sent())
    answers = []
    for answer in call:
        answers.append(rpc_line(answer))
        answered.release()
    check(api, users, answers)
    channel.close()


def test_grpc_refuses_as_a_whole(server, api):
    for token, metadata, code in [
            ("nonsense", [], grpc.StatusCode.UNAUTHENTICATED),
            (api.token, [("if-match", "*")], grpc.StatusCode.INVALID_ARGUMENT),
            (api.token, [("idempotency-key", "k" * 235)], grpc.StatusCode.INVALID_ARGUMENT)]:
        channel, call = grpc_call(server, token, [removal(user_id="u")], metadata=metadata)
        with pytest.raises(grpc.RpcError) as fault:
            list(call)
        assert fault.value.code() == code
        channel.close()


def test_grpc_says_what_the_fields_say(server, api):
    user = api.make_user_with_factor()
    last = api.last_sequence()
    channel, call = grpc_call(server, api.token, [
        removal(user_id=user, if_sequence=1), removal(user_id=user, dry_run=True),
        removal(user_id=user, if_sequence=last)], metadata=[("idempotency-key", "fields")])
    answers = list(call)
    assert answers[0].error.code == 9 and "FACTORD-Match" in answers[0].error.message
    assert (answers[1].HasField("error"), answers[1].sequence) == (False, 0)
    assert answers[2].sequence == last + 1
    channel.close()


@pytest.mark.parametrize("form", ["application/connect+proto", "application/connect+json",
                                  "application/grpc-web", "application/grpc-web+proto"])
@pytest.mark.parametrize("version", [1, 2])
def test_other_rpcs(server, api, users, form, version):
    is_json = form.endswith("json")
    body = b"".join(enveloped(json.dumps({"userId": user}).encode() if is_json
                              else removal(user_id=user).SerializeToString()) for user in users)
    fields = [("Authorization", f"Bearer {api.token}"), ("Content-Type", form)]
    if version == 2:
        with Http2Connection.tcp(server.port) as connection:
            answer = connection.ask("POST", RPC, fields, body).body
    else:
        with Connection.tcp(server.port) as connection:
            connection.send(request("POST", RPC, body=body,
                                    headers=[f"{name}: {value}" for name, value in fields]))
            lines = ChunkedLines(connection)
            assert lines.status == 200
            while lines._read_chunk():
                pass
            answer = lines.text
    *found, (flags, last) = envelopes(answer)
    assert (flags, last) == ((2, b"{}") if "connect" in form else (0x80, b"grpc-status: 0\r\n"))
    kind = message("factord.v1.BulkRemoveOTPEmailResponse")
    if not is_json:
        return check(api, users, [rpc_line(kind.FromString(payload)) for _, payload in found])
    said = [json.loads(payload) for _, payload in found]
    check(api, users, [{**answer, "status": 404 if "error" in answer else 200} for answer in said])


def test_unknown_rpc_forms(server, api):
    with Http2Connection.tcp(server.port) as connection:
        for form, status in [("application/json", 415), ("application/grpc-web-text", 200)]:
            answer = connection.ask("POST", RPC, [("Authorization", f"Bearer {api.token}"),
                                                  ("Content-Type", form)], b"")
            assert answer.status == status
        assert connection.ask("GET", RPC).status == 405


# What happens in the middle.

def test_many_lines(start, seed):
    users = seed(20_000)
    server = start()
    api = server.api()
    with Bulk(server.port, api.token) as bulk:
        sender = bulk.send_beside(users + users[:1000])
        answers = bulk.rest()
        sender.join()
    assert codes(answers) == [(200, 0)] * 20_000 + [(404, 5)] * 1000
    assert done_in(answers) == removals_in(api)
    server.stop()
    verify(server.data_dir)


def test_two_bulks_and_single_removals_have_one_winner(start, seed):
    users = seed(3_000)
    server = start()
    api, single = server.api(), server.api()
    found = [[], []]
    bulks = [Bulk(server.port, api.token) for _ in found]
    for bulk in bulks:
        bulk.send_beside(users)
    readers = [threading.Thread(target=lambda at=at: found[at].extend(bulks[at].rest()))
               for at in range(2)]
    for reader in readers:
        reader.start()
    mine = {}
    for user in reversed(users[-300:]):
        answer = single.remove_otp_email(user)
        if answer.status == 200:
            mine[user] = int(answer.json["details"]["sequence"])
        else:
            assert answer.status == 404
    for reader in readers:
        reader.join()
    parts = [mine, done_in(found[0]), done_in(found[1])]
    assert sum(map(len, parts)) == len(users)
    assert {**parts[0], **parts[1], **parts[2]} == removals_in(api)
    for bulk in bulks:
        bulk.connection.close()


def test_a_token_that_is_revoked(start, seed):
    users = seed(20_000)
    server = start()
    token = server.token(user="robot", roles=["IAM_USER_MANAGER"])
    row = next(row for row in server.ctl("token", "list").stdout.splitlines() if "robot" in row)
    with Bulk(server.port, token) as bulk:
        bulk.send_beside(users)
        answers = bulk.take(500)
        assert server.ctl("token", "revoke", row.split()[0]).returncode == 0
        answers = ended(answers + bulk.rest(), 401)
        assert bulk.connection.at_end()
    last = max(at for at, answer in enumerate(answers) if answer["status"] == 200)
    assert codes(answers) == [(200, 0)] * (last + 1) + [(401, 16)] * (len(answers) - last - 1)
    assert len(answers) < len(users)
    assert done_in(answers) == removals_in(server.api())


def test_a_drain(start, seed):
    users = seed(20_000)
    server = start("--drain-timeout", "30s")
    api = server.api()
    with Bulk(server.port, api.token) as bulk:
        bulk.send_beside(users)
        answers = bulk.take(500)
        api.client.close()
        server.signal()
        answers = ended(answers + bulk.rest(), 503)
        assert bulk.connection.at_end()
    assert server.wait() == 0
    assert set(codes(answers)) == {(200, 0)} and len(answers) < len(users)
    again = start(data_dir=server.data_dir)
    assert done_in(answers) == removals_in(again.api())


def test_kill_9_and_the_same_upload_again(start, seed):
    users = seed(20_000)
    server = start()
    token = server.token()
    answers, key = [], ["Idempotency-Key: nightly"]
    for rounds in range(3):
        with Bulk(server.port, token, fields=key) as bulk:
            bulk.send_beside(users)
            answers.append(bulk.take(1500 * (rounds + 1)))
            server.kill()
        server = start(data_dir=server.data_dir)
    with Bulk(server.port, token, fields=key) as bulk:
        bulk.send_beside(users)
        whole = bulk.rest()
    removed = removals_in(server.api(token))
    assert codes(whole) == [(200, 0)] * len(users)
    assert done_in(whole) == removed and len(removed) == len(users)
    assert any("replayed" in answer for answer in whole)
    for part in answers:
        assert all(removed[user] == sequence for user, sequence in done_in(part).items())
        assert set(codes(part)) == {(200, 0)}
    server.stop()
    verify(server.data_dir)


def test_a_full_queue_is_waited_for(start, seed):
    users = seed(3_000)
    server = start("--queue-commands", "8")
    api = server.api()
    bulks = [Bulk(server.port, api.token) for _ in range(4)]
    for at, bulk in enumerate(bulks):
        bulk.send_beside(users[at::4])
    answers = []
    for bulk in bulks:
        answers += bulk.rest()
        bulk.connection.close()
    assert set(codes(answers)) == {(200, 0)}
    assert done_in(answers) == removals_in(api) and len(answers) == len(users)


def test_who_does_not_read_is_not_read(start, seed):
    users = seed(50)
    server = start("--max-output-bytes", "4KiB")
    api = server.api()
    with Bulk(server.port, api.token) as bulk:
        bulk.connection.sock.settimeout(2)
        sent = 0
        with pytest.raises(TimeoutError):
            for sent in range(1_000_000):
                bulk.send(*users)
        begun = len(removals_in(api))
        time.sleep(0.5)
        assert begun == len(users) and sent < 100_000
        # Who reads on misses nothing.
        bulk.connection.sock.settimeout(60)
        answers = bulk.take(1_000)
    assert codes(answers) == [(200, 0)] * 50 + [(404, 5)] * 950


def test_who_leaves_leaves_what_was_begun(start, seed):
    users = seed(5_000)
    server = start()
    api = server.api()
    with Bulk(server.port, api.token) as bulk:
        bulk.send(*users[:2_000])
        answers = bulk.take(10)
    last = -1
    while (now := api.last_sequence()) != last:
        last = now
        time.sleep(0.2)
    removed = removals_in(api)
    # A prefix of the lines, in their order.
    assert list(removed) == users[:len(removed)]
    assert done_in(answers).items() <= removed.items()


def test_half_closed_in_the_middle(server, api, users):
    with Bulk(server.port, api.token) as bulk:
        answers = bulk.send(*users[:2]).take(2)
        bulk.connection.send(chunk(b'{"userId":"')).half_close()
        answers = ended(answers + bulk.rest(), 400)
        assert bulk.connection.at_end()
    assert done_in(answers) == removals_in(api, after=int(answers[0]["sequence"]) - 1)


def test_lines_that_cannot_be_read(server, api, users):
    lines = [users[0], b"\n", b"{\n", users[1], b'{"userId": 1}\r\n']
    with Bulk(server.port, api.token) as bulk:
        answers = bulk.send(*lines).end().rest()
    assert codes(answers) == [(200, 0), (400, 3), (200, 0), (400, 3)]
    assert [answer.get("line") for answer in answers] == [None, 3, None, 5]


def test_a_line_that_is_too_long(server, api, users):
    with Bulk(server.port, api.token) as bulk:
        bulk.send(users[0], b" " * 5_000)
        answers = ended(bulk.rest(), 400)
        assert bulk.connection.at_end()
    assert codes(answers) == [(200, 0)]


def test_refused_before_a_byte_of_the_body(server):
    with Connection.tcp(server.port) as connection:
        connection.send(head("nonsense", fields=["Expect: 100-continue"]))
        answer = connection.read()
        assert (answer.status, answer.header("Connection")) == (401, "close")
        assert connection.at_end()
