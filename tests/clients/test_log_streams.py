"""What other people's clients make of the log as it grows, and of a retry: every event is there
once, in order, and the second answer is the first."""

import asyncio
import json
import os
import subprocess
import threading

import aiohttp
import httpx
import pytest

from clients import BUF, CONNECT_NODE, HERE, PATIENCE_S

EVENTS = 20


def url_of(server, after):
    return f"http://127.0.0.1:{server.port}/v2/events?after={after}"


def lines_of(command, count, **options):
    """The first lines of a program that goes on for ever."""
    command = ["timeout", str(PATIENCE_S), *command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as process:
        found = [process.stdout.readline() for _ in range(count)]
        process.terminate()
    return found


def by_curl(server, token, after):
    lines = lines_of(["curl", "-sSN", "--max-time", str(PATIENCE_S), "-H",
                      f"Authorization: Bearer {token}", "-H", "Accept: application/x-ndjson",
                      url_of(server, after)], EVENTS)
    return [json.loads(line)["sequence"] for line in lines]


def by_httpx(server, token, after):
    fields = {"Authorization": f"Bearer {token}", "Accept": "application/x-ndjson"}
    found = []
    with httpx.stream("GET", url_of(server, after), headers=fields, timeout=PATIENCE_S) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            if line.strip():
                found.append(json.loads(line)["sequence"])
            if len(found) == EVENTS:
                return found
    raise AssertionError(f"it ended behind {found}")


def by_aiohttp(server, token, after):
    fields = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}

    async def read():
        found = []
        async with aiohttp.ClientSession() as session:
            async with session.get(url_of(server, after), headers=fields) as answer:
                assert answer.status == 200
                async for line in answer.content:
                    if line.startswith(b"data: "):
                        found.append(json.loads(line[6:])["sequence"])
                    if len(found) == EVENTS:
                        return found
        raise AssertionError(f"it ended behind {found}")

    return asyncio.run(read())


def by_npm(name):
    def follow(server, token, after):
        lines = lines_of(["node", HERE / "follow.mjs", name, f"127.0.0.1:{server.port}",
                          str(after), str(EVENTS)], EVENTS, env={**os.environ, "TOKEN": token})
        return [line.strip() for line in lines]
    return follow


def by_buf(protocol):
    def follow(server, token, after):
        command = ["timeout", str(PATIENCE_S), BUF, "curl", "--protocol", protocol,
                   "--http2-prior-knowledge", "-H", f"authorization: Bearer {token}",
                   "-d", json.dumps({"after": str(after)}),
                   f"http://127.0.0.1:{server.port}/factord.v1.EventService/Watch"]
        found, text = [], ""
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            while len(found) < EVENTS:
                line = process.stdout.readline()
                assert line, f"it ended behind {found}: {text}"
                text += line
                try:
                    said, end = json.JSONDecoder().raw_decode(text)
                except json.JSONDecodeError:
                    continue
                text = text[end:].lstrip()
                found += [event["sequence"] for event in said.get("events", [])]
            process.terminate()
        return found[:EVENTS]
    return follow


READERS = {"curl -N": by_curl, "httpx": by_httpx, "aiohttp": by_aiohttp,
           **{name: by_npm(name) for name in ("eventsource", "grpc-js", *CONNECT_NODE)},
           **{f"buf {protocol}": by_buf(protocol) for protocol in ("grpc", "grpcweb", "connect")}}


@pytest.mark.parametrize("reader", READERS)
def test_every_event_is_read_once_while_others_write(server, tokens, reader):
    api = server.api(tokens["owner"])
    user = api.make_user()
    after = api.last_sequence()
    ended = threading.Event()

    def write():
        writer = server.api(tokens["owner"])
        while not ended.wait(0.01):
            writer.lock(user)
            writer.unlock(user)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        found = READERS[reader](server, tokens["owner"], after)
    finally:
        ended.set()
        writing.join()
    assert found == [str(after + 1 + number) for number in range(EVENTS)]


@pytest.mark.parametrize("client", ["httpx", "aiohttp"])
def test_a_retry_with_a_key_is_answered_the_same(server, tokens, client):
    api = server.api(tokens["owner"])
    user = api.make_user_with_factor()
    place = f"http://127.0.0.1:{server.port}/v2/users/{user}/otp_email"
    fields = {"Authorization": f"Bearer {tokens['owner']}", "Idempotency-Key": f"{client}-{user}"}

    async def by_session():
        async with aiohttp.ClientSession() as session:
            async with session.delete(place, headers=fields) as answer:
                return answer.status, await answer.read(), answer.headers

    def ask():
        if client == "aiohttp":
            return asyncio.run(by_session())
        answer = httpx.delete(place, headers=fields)
        return answer.status_code, answer.content, answer.headers

    first, again = ask(), ask()
    assert (first[0], again[0], again[1]) == (200, 200, first[1])
    assert "Idempotency-Replayed" not in first[2]
    assert again[2]["Idempotency-Replayed"] == "true"
