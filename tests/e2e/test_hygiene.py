"""Requests that two readers could read in two ways: 400, close, and nothing in the store."""

import pytest

from wire import request

END = "\r\n\r\n"


def head(*lines, line="POST /v2/users/u/lock HTTP/1.1", host="Host: x"):
    return "\r\n".join([line, *([host] if host else []), *lines]) + END


BAD_HOSTS = ["h:x", "h:-1", "h:65536", "[bad", "a]b", "[]", "[1::2::3]", "::1", "[h]", "u@h",
             "u:p@h", ":80", "h:80:80", "%4", "h\\"]

BAD = {
    "no host": head(host=None),
    "two hosts": head("Host: x"),
    "two different hosts": head("Host: y"),
    "host list": head(host="Host: x, y"),
    "host with a blank": head(host="Host: x y"),
    **{f"host {bad}": head(host=f"Host: {bad}") for bad in BAD_HOSTS},
    **{f"absolute form of {bad}": head(line=f"POST http://{bad}/v2/users/u/lock HTTP/1.1")
       for bad in [*BAD_HOSTS, ""]},
    "folded line": head("X-A: b", " c"),
    "folded with tab": head("X-A: b", "\tc"),
    "folded first line": "GET / HTTP/1.1\r\n Host: x" + END,
    "blank before colon": head("X-A : b"),
    "host blank before colon": head(host="Host : x"),
    "no colon": head("X-A b"),
    "empty name": head(": b"),
    "bad name": head("X@A: b"),
    "nul in value": head("X-A: b\0c"),
    "control in value": head("X-A: b\x01c"),
    "bare cr in value": head("X-A: b\rc"),
    "transfer-encoding gzip": head("Transfer-Encoding: gzip"),
    "transfer-encoding identity": head("Transfer-Encoding: identity"),
    "transfer-encoding gzip, chunked": head("Transfer-Encoding: gzip, chunked"),
    "transfer-encoding chunked, gzip": head("Transfer-Encoding: chunked, gzip"),
    "transfer-encoding chunked twice": head("Transfer-Encoding: chunked, chunked"),
    "transfer-encoding on two lines": head("Transfer-Encoding: chunked",
                                           "Transfer-Encoding: chunked"),
    "transfer-encoding xchunked": head("Transfer-Encoding: xchunked"),
    "transfer-encoding chunked;q=1": head("Transfer-Encoding: chunked;q=1"),
    "transfer-encoding empty": head("Transfer-Encoding:"),
    "both lengths": head("Content-Length: 2", "Transfer-Encoding: chunked"),
    "both lengths, reversed": head("Transfer-Encoding: chunked", "Content-Length: 2"),
    "chunked in 1.0": head("Transfer-Encoding: chunked", line="POST /v2/users/u/lock HTTP/1.0"),
    "content-length plus": head("Content-Length: +2"),
    "content-length minus": head("Content-Length: -2"),
    "content-length hex": head("Content-Length: 0x2"),
    "content-length fraction": head("Content-Length: 2.0"),
    "content-length empty": head("Content-Length:"),
    "content-length words": head("Content-Length: two"),
    "content-length list": head("Content-Length: 2, 2"),
    "content-length twice": head("Content-Length: 2", "Content-Length: 2"),
    "content-length two values": head("Content-Length: 2", "Content-Length: 3"),
    "content-length blank inside": head("Content-Length: 1 2"),
    "content-length beyond 64 bits": head("Content-Length: 18446744073709551617"),
    "no version": "GET /healthz\r\nHost: x" + END,
    "version 2.0": head(line="GET /healthz HTTP/2.0"),
    "version 1.10": head(line="GET /healthz HTTP/1.10"),
    "version in lower case": head(line="GET /healthz http/1.1"),
    "two blanks": head(line="GET  /healthz HTTP/1.1"),
    "two blanks before version": head(line="GET /healthz  HTTP/1.1"),
    "tab for blank": head(line="GET\t/healthz HTTP/1.1"),
    "blank in target": head(line="GET /he althz HTTP/1.1"),
    "control in target": head(line="GET /he\x01lthz HTTP/1.1"),
    "high byte in target": head(line="GET /h\xe4 HTTP/1.1"),
    "no target": head(line="GET HTTP/1.1"),
    "relative target": head(line="GET healthz HTTP/1.1"),
    "bad verb": head(line="G@T /healthz HTTP/1.1"),
    "no verb": head(line=" /healthz HTTP/1.1"),
    "bare lf": "GET /healthz HTTP/1.1\nHost: x\n\n",
    "bare lf in the fields": "GET /healthz HTTP/1.1\r\nHost: x\nX-A: b" + END,
    "binary": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + END,
}

BAD_CHUNKS = {
    "no size": "\r\n",
    "size not hex": "zz\r\n",
    "negative size": "-1\r\n",
    "size with a blank": " 2\r\n",
    "size beyond 64 bits": "10000000000000002\r\n",
    "size in 0x": "0x2\r\nab\r\n0\r\n\r\n",
    "data longer than its size": "2\r\nabc\r\n0\r\n\r\n",
    "data without line end": "2\r\nabX0\r\n\r\n",
    "bare lf": "2\nab\n0\n\n\r\n",
    "bare lf after the size": "2\nab\r\n0\r\n\r\n",
    "folded trailer": "2\r\n{}\r\n0\r\nX: a\r\n b\r\n\r\n",
    "trailer folded with a tab": "2\r\n{}\r\n0\r\nX: a\r\n\tb\r\n\r\n",
    "blank before the colon of a trailer": "2\r\n{}\r\n0\r\nX : a\r\n\r\n",
    "control byte in a trailer": "2\r\n{}\r\n0\r\nX: a\x01\r\n\r\n",
}


@pytest.fixture(scope="module", autouse=True)
def the_store_stays_as_it_was(server, owner_token):
    client = server.api(owner_token)
    client.make_user("u")
    before = client.last_sequence()
    yield
    client.client.close()
    assert client.last_sequence() == before


def refused(server, data):
    with server.connect() as connection:
        connection.send(data)
        answer = connection.read()
        assert (answer.status, answer.json["code"]) == (400, 3)
        assert "details" not in answer.json
        assert answer.header("Connection") == "close"
        assert connection.at_end()


@pytest.mark.parametrize("name", BAD)
def test_bad_heads(server, name):
    refused(server, BAD[name].encode("latin-1"))


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_bad_chunks(server, name):
    refused(server, head("Transfer-Encoding: chunked") + BAD_CHUNKS[name])


@pytest.mark.parametrize("name", ["two hosts", "both lengths", "folded line"])
def test_what_came_before_is_answered_and_what_comes_after_is_not(server, name):
    with server.connect() as connection:
        connection.send(request("GET", "/healthz") + BAD[name].encode() + request("GET", "/livez"))
        assert connection.read().status == 200
        assert connection.read().status == 400
        assert connection.at_end()


def test_a_smuggled_request_does_not_run(server, owner_token):
    inner = request("POST", "/v2/users/u/lock", owner_token).decode()
    refused(server, head("Content-Length: 4", "Transfer-Encoding: chunked") + "0\r\n\r\n" + inner)


def test_the_rest_of_a_long_body_is_discarded_so_that_the_answer_arrives(server):
    with server.connect() as connection:
        connection.send(head("Content-Length: 500000", "Host: again"))
        connection.send(b"x" * 500_000)
        assert connection.read().status == 400
        connection.half_close()
        assert connection.at_end()


GOOD_HOSTS = ["h:0", "h:65535", "h:", "[::1]", "[::ffff:127.0.0.1]:1", "[v1.x]", "a_b", "%41"]

GOOD = {
    "field names in any case": head(host="hOST: x"),
    "empty host": head(host="Host:"),
    **{f"host {good}": head(host=f"Host: {good}") for good in GOOD_HOSTS},
    **{f"absolute form of {good}": head(line=f"POST http://{good}/v2/users/u/lock HTTP/1.1")
       for good in GOOD_HOSTS},
    "blanks around a value": head("X-A:   b \t "),
    "empty value": head("X-A:"),
    "high bytes in a value": head("X-A: \xe4\xff"),
    "no blank after the colon": head(host="Host:x"),
    "unknown fields": head("X-A: b", "X-A: c", "Forwarded: for=1"),
    "leading empty line": "\r\n" + head(),
}


@pytest.mark.parametrize("name", GOOD)
def test_requests_that_only_look_odd(server, name):
    with server.connect() as connection:
        answer = connection.ask(GOOD[name].encode("latin-1"))
        assert answer.status == 401
        assert connection.ask(request("GET", "/healthz")).status == 200
