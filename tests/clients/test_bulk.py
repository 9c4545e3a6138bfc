"""Removals in bulk by other people's clients, in both directions at once: every line is answered,
in order, and every removal is an event, once."""

import asyncio
import json
import os
import subprocess

import aiohttp
import httpx
import pytest

from bulk import NDJSON, PATH, removals_in, text_of
from clients import BUF, CONNECT_NODE, HERE, PATIENCE_S
from factord import Factord, ctl

RPC = "/factord.v1.FactorService/BulkRemoveOTPEmail"
FIRST = 100000000000000001  # of those that `factorctl seed` makes
LINES = 20_000
LONG_ID = "x" * 201


def run(command, sent, **options):
    done = subprocess.run(command, input=sent, capture_output=True, timeout=PATIENCE_S * 5,
                          check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines_in(text):
    return [json.loads(line) for line in text.splitlines()]


def url_of(server, path=PATH):
    return f"http://127.0.0.1:{server.port}{path}"


def fields_of(token):
    return {"Authorization": f"Bearer {token}", "Content-Type": NDJSON}


def by_curl(*how):
    def remove(server, token, lines):
        fields = [text for name, value in fields_of(token).items()
                  for text in ("-H", f"{name}: {value}")]
        return lines_in(run(["curl", "-sS", "--fail", *fields, *how, url_of(server)],
                            text_of(lines)))
    return remove


def parts_of(lines):
    """As a body that is made as it is sent."""
    async def make():
        for at in range(0, len(lines), 100):
            yield text_of(lines[at:at + 100])
    return make()


def by_aiohttp(server, token, lines):
    async def remove():
        found = []
        async with aiohttp.ClientSession() as session:
            async with session.post(url_of(server), data=parts_of(lines),
                                    headers=fields_of(token)) as answer:
                assert answer.status == 200
                async for line in answer.content:
                    found.append(json.loads(line))
                    if len(found) == 1:
                        await asyncio.sleep(1)
        return found

    return asyncio.run(remove())


# It sends all of a body before it reads: no more at once than may wait on the way.
HTTPX_LINES = 1_000


def by_httpx(server, token, lines):
    found = []
    with httpx.Client(timeout=PATIENCE_S, headers=fields_of(token)) as client:
        for at in range(0, len(lines), HTTPX_LINES):
            part = (text_of([line]) for line in lines[at:at + HTTPX_LINES])
            with client.stream("POST", url_of(server), content=part) as answer:
                assert answer.status_code == 200
                found += map(json.loads, answer.iter_lines())
    return found


def by_npm(name):
    def remove(server, token, lines):
        return lines_in(run(["node", HERE / "bulk.mjs", name, f"127.0.0.1:{server.port}"],
                            text_of(lines), env={**os.environ, "TOKEN": token}))
    return remove


def by_buf(protocol):
    def remove(server, token, lines):
        text = run([BUF, "curl", "--protocol", protocol, "--http2-prior-knowledge", "-H",
                    f"authorization: Bearer {token}", "-d", "@-", url_of(server, RPC)],
                   text_of(lines)).decode()
        found, decoder = [], json.JSONDecoder()
        at = 0
        while at < len(text):
            said, at = decoder.raw_decode(text, at)
            found.append(said)
            while text[at:at + 1].isspace():
                at += 1
        return found
    return remove


BY_LINES = {"curl --data-binary @-": by_curl("--data-binary", "@-"),
            "curl -T -": by_curl("-T", "-", "-X", "POST"),
            "curl -T - --http2": by_curl("-T", "-", "-X", "POST", "--http2-prior-knowledge"),
            "aiohttp": by_aiohttp, "httpx": by_httpx}
CLIENTS = {**BY_LINES, **{name: by_npm(name) for name in ("grpc-js", *CONNECT_NODE)},
           **{f"buf {protocol}": by_buf(protocol) for protocol in ("grpc", "grpcweb", "connect")}}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """With users for each client, who have the factor."""
    folder = tmp_path_factory.mktemp("store") / "data"
    done = ctl(folder, "seed", "--users", LINES * len(CLIENTS), "--org", "acme")
    assert done.returncode == 0, done.stderr
    with Factord(folder) as running:
        yield running


@pytest.fixture(scope="module")
def token(server):
    return server.token()


def code_of(answer):
    """Of a line, of a message, and as the scripts here have it."""
    return answer.get("error", {}).get("code", answer.get("code", 0))


@pytest.mark.parametrize("client", CLIENTS)
def test_every_line_is_answered_in_order_and_done_once(server, token, client):
    first = FIRST + LINES * list(CLIENTS).index(client)
    users = [str(first + number) for number in range(LINES)]
    middle = LINES // 2
    sent = [*users[:middle], "nobody", LONG_ID, users[0], *users[middle:]]
    wanted = [*[0] * middle, 5, 3, 5, *[0] * (LINES - middle)]
    if client in BY_LINES:
        sent.insert(middle, b'{"userId": \n')
        wanted.insert(middle, 3)
    api = server.api(token)
    after = api.last_sequence()
    answers = CLIENTS[client](server, token, sent)
    assert [code_of(answer) for answer in answers] == wanted
    assert [answer.get("userId") for answer in answers] == [
        None if isinstance(line, bytes) else line for line in sent]
    done = {answer["userId"]: int(answer["sequence"]) for answer in answers
            if code_of(answer) == 0}
    assert done == removals_in(api, after)
    assert api.last_sequence() == after + LINES
