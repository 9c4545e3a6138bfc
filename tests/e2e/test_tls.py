"""TLS: what it speaks, whom it lets in, and how a connection ends."""

import os
import random
import ssl
import subprocess
import time

import pytest

from factord import Factord, ctl, run_factord, verify
from tls import EC, RSA, Pair, connect, trusting
from wire import PATIENCE_S, Closed, Connection, request

HEALTHZ = request("GET", "/healthz")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def pair(folder):
    return Pair(folder, "server")


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory, pair):
    """One TLS listener, and a plain one for what is only around a test."""
    data_dir = tmp_path_factory.mktemp("tls-store") / "data"
    with Factord(data_dir, *pair.flags, listen=("plain:127.0.0.1:0", "127.0.0.1:0")) as running:
        running.tls_port = int(running.stdout[1].rpartition(":")[2])
        yield running
    verify(data_dir)


@pytest.fixture(scope="module")
def plain_api(tls_server):
    """A client of the plain listener."""
    return tls_server.api()


def check_serves(server, context):
    with connect(server.tls_port, context) as connection:
        assert connection.ask(HEALTHZ).status == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("key_type", [EC, RSA], ids=["ec", "rsa"])
def test_versions_and_keys(start, folder, version, key_type):
    own = Pair(folder, f"{key_type[0]}-{version}", key_type)
    server = start(*own.flags)
    with connect(server.port, trusting(own, version=version)) as connection:
        assert connection.ask(HEALTHZ).status == 200
        assert connection.ask(HEALTHZ).status == 200
        expected = {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}
        assert connection.sock.version() == expected[version]
        assert connection.sock.getpeercert(True) == own.der


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Python, of what must be refused
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_are_refused(tls_server, pair, version):
    with pytest.raises(ssl.SSLError, match="(?i)protocol.version"):
        connect(tls_server.tls_port, trusting(pair, version=version))
    check_serves(tls_server, trusting(pair))


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256",
                                    "ECDHE-ECDSA-AES256-GCM-SHA384",
                                    "ECDHE-ECDSA-CHACHA20-POLY1305"])
def test_modern_ciphers_of_tls_1_2(tls_server, pair, cipher):
    context = trusting(pair, version=ssl.TLSVersion.TLSv1_2, ciphers=cipher)
    with connect(tls_server.tls_port, context) as connection:
        assert connection.sock.cipher()[0] == cipher
        assert connection.ask(HEALTHZ).status == 200


@pytest.mark.parametrize("cipher", [
    "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-CCM", "AES128-SHA",
    "AES256-GCM-SHA384", "DHE-RSA-AES256-GCM-SHA384", "aNULL", "PSK"])
def test_other_ciphers_are_refused(tls_server, pair, cipher):
    context = trusting(pair, version=ssl.TLSVersion.TLSv1_2, ciphers=cipher)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connect(tls_server.tls_port, context)


@pytest.mark.parametrize("offered, agreed", [
    (("h2", "http/1.1"), "h2"), (("http/1.1", "h2"), "h2"), (("http/1.1",), "http/1.1"),
    (("spdy/3", "http/1.1"), "http/1.1"), ((), None)])
def test_alpn(tls_server, pair, offered, agreed):
    context = trusting(pair, protocols=offered)
    with connect(tls_server.tls_port, context) as connection:
        assert connection.sock.selected_alpn_protocol() == agreed
        if agreed != "h2":
            assert connection.ask(HEALTHZ).status == 200


def test_no_protocol_in_common(tls_server, pair):
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        connect(tls_server.tls_port, trusting(pair, protocols=("spdy/3",)))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_resumed(tls_server, pair, version):
    context = trusting(pair, version=version)
    with connect(tls_server.tls_port, context) as first:
        assert first.ask(HEALTHZ).status == 200  # tickets of TLS 1.3 come with the first bytes
        assert not first.sock.session_reused
        session = first.sock.session
    for _ in range(2):
        with connect(tls_server.tls_port, context, session) as again:
            assert again.ask(HEALTHZ).status == 200
            assert again.sock.session_reused


# curl, which nobody here wrote.
def curl(pair, url, *arguments):
    done = subprocess.run(
        ["curl", "-sS", "--cacert", str(pair.cert), "--max-time", str(PATIENCE_S), *arguments,
         "-w", "\n%{http_code} %{http_version}", url],
        capture_output=True, text=True, timeout=PATIENCE_S + 5, check=False)
    assert done.returncode == 0, done.stderr
    body, _, tail = done.stdout.rpartition("\n")
    return (*tail.split(), body)


@pytest.mark.parametrize("flag, version", [("--http1.1", "1.1"), ("--http2", "2")])
def test_a_removal_by_curl(tls_server, pair, plain_api, flag, version):
    user = plain_api.make_user_with_factor()
    url = f"https://localhost:{tls_server.tls_port}/v2/users/{user}/otp_email"
    auth = ("-H", f"Authorization: Bearer {plain_api.token}")
    status, spoken, _ = curl(pair, url, flag, "-X", "DELETE", *auth)
    assert (status, spoken) == ("200", version)
    status, _, body = curl(pair, url, flag, "-X", "DELETE", *auth)
    assert status == "404" and "COMMAND-b312D" in body
    assert plain_api.event_types(user)[-1] == "user.human.mfa.otp.email.removed"


def test_curl_does_not_trust_a_stranger(tls_server, folder):
    stranger = Pair(folder, "stranger")
    done = subprocess.run(["curl", "-sS", "--cacert", str(stranger.cert),
                           f"https://localhost:{tls_server.tls_port}/healthz"],
                          capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 60, done.stderr


# Bytes in both directions.
def test_pipelining_and_large_answers(tls_server, pair, plain_api):
    while plain_api.last_sequence() < 300:
        plain_api.make_user()
    ask = request("GET", "/v2/events?limit=300", plain_api.token)
    with connect(tls_server.tls_port, trusting(pair)) as connection:
        connection.send(ask * 60)
        assert all(len(connection.read().json["events"]) == 300 for _ in range(60))


def test_a_body_at_the_limit_and_one_past(tls_server, pair, plain_api):
    target = "/v2/users/u/otp_email"
    with connect(tls_server.tls_port, trusting(pair)) as connection:
        at_limit = request("DELETE", target, plain_api.token, "x" * 65536)
        assert connection.ask(at_limit).status == 404
        answer = connection.ask(request("DELETE", target, plain_api.token, "x" * 65537))
        assert (answer.status, answer.header("Connection")) == (413, "close")
        assert connection.at_end()


def test_a_client_that_does_not_read_is_cut_off(start, pair, tmp_path):
    assert ctl(tmp_path / "data", "seed", "--users", 400, "--org", "acme").returncode == 0
    server = start("--write-timeout", "600ms", *pair.flags,
                   listen=("plain:127.0.0.1:0", "127.0.0.1:0"))
    client = server.api()
    tls_port = int(server.stdout[1].rpartition(":")[2])
    with connect(tls_port, trusting(pair)) as connection:
        connection.send(request("GET", "/v2/events?limit=1000", client.token) * 300)
        time.sleep(3)
        got = 0
        with pytest.raises((Closed, ssl.SSLError)):
            for got in range(300):
                connection.read()
        assert got < 299
    assert client.methods("u").status == 200


# What is no TLS, or too slow.
def ends_without_an_answer(connection):
    """Reads to the end; True if not a byte of HTTP was in it."""
    data = b""
    try:
        while more := connection.sock.recv(65536):
            data += more
    except ConnectionResetError:
        pass
    return b"HTTP" not in data and b"{" not in data


GARBAGE = {"plain HTTP": HEALTHZ, "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
           "zeros": bytes(4096), "random": random.Random(4).randbytes(70000),
           "SSL 2": b"\x80\x2e\x01\x00\x02" + bytes(60),
           "a record too long": b"\x16\x03\x01\xff\xff" + bytes(70000),
           "an alert": b"\x15\x03\x01\x00\x02\x02\x28",
           "data before the handshake": b"\x17\x03\x03\x00\x05hello",
           "an endless hello": b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + bytes(300000)}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
def test_what_is_no_tls_is_closed(tls_server, pair, plain_api, data):
    before = plain_api.last_sequence()
    with Connection.tcp(tls_server.tls_port) as connection:
        try:
            connection.send(data)
        except ConnectionError:
            pass
        assert ends_without_an_answer(connection)
    check_serves(tls_server, trusting(pair))
    assert plain_api.last_sequence() == before


def test_garbage_after_the_handshake(tls_server, pair):
    context = trusting(pair)
    connection = connect(tls_server.tls_port, context)
    raw = os.dup(connection.sock.fileno())
    os.write(raw, b"\x17\x03\x03\x00\x20" + bytes(32))
    os.close(raw)
    with pytest.raises((ssl.SSLError, ConnectionError)):  # an alert: bad record MAC
        connection.sock.recv(1)
    connection.close()
    check_serves(tls_server, context)


@pytest.mark.parametrize("data", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
def test_a_slow_handshake_is_closed(start, pair, data):
    server = start("--tls-handshake-timeout", "600ms", *pair.flags)
    with Connection.tcp(server.port) as connection:
        began = time.monotonic()
        connection.send(data)
        assert ends_without_an_answer(connection)
        assert time.monotonic() - began >= 0.6
    with connect(server.port, trusting(pair)) as connection:
        time.sleep(1)  # past it, the deadline is no more
        assert connection.ask(HEALTHZ).status == 200


def test_a_handshake_in_drips_is_closed(start, pair):
    server = start("--tls-handshake-timeout", "600ms", *pair.flags)
    with Connection.tcp(server.port) as connection:
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
        began = time.monotonic()
        try:
            for at in range(200):
                connection.send(hello[at:at + 1])
                time.sleep(0.05)
        except ConnectionError:
            pass
        assert ends_without_an_answer(connection)
        assert time.monotonic() - began < 9


def test_records_in_drips_do_not_keep_an_idle_connection(start, pair):
    server = start("--idle-timeout", "600ms", *pair.flags)
    with connect(server.port, trusting(pair)) as connection:
        raw = os.dup(connection.sock.fileno())
        ended = False
        try:
            os.write(raw, b"\x17\x03\x03\x40\x00")
            for _ in range(200):
                os.write(raw, b"x")
                time.sleep(0.05)
        except ConnectionError:
            ended = True
        os.close(raw)
        assert ended


# The end.
def test_drain_ends_tls_as_well(start, pair):
    server = start(*pair.flags)
    context = trusting(pair)
    data = request("DELETE", "/v2/users/u/otp_email", "t", body="0123456789")
    with connect(server.port, context) as idle, connect(server.port, context) as busy:
        assert idle.ask(HEALTHZ).status == 200
        assert busy.ask(HEALTHZ).status == 200
        busy.send(data[:-5])
        time.sleep(0.3)
        server.signal()
        assert idle.at_end()  # by close_notify, else it raises
        answer = busy.ask(data[-5:])
        assert (answer.status, answer.header("Connection")) == (401, "close")
        assert busy.at_end()
    assert server.wait() == 0


def test_an_idle_connection_ends_with_close_notify(start, pair):
    server = start("--idle-timeout", "600ms", *pair.flags)
    with connect(server.port, trusting(pair)) as connection:
        assert connection.ask(HEALTHZ).status == 200
        assert connection.at_end()


def test_connections_over_the_limit_end(start, pair):
    server = start("--max-connections", 1, *pair.flags)
    context = trusting(pair)
    with connect(server.port, context) as held:
        assert held.ask(HEALTHZ).status == 200
        with pytest.raises((ssl.SSLError, ConnectionError)):
            connect(server.port, context)
        assert held.ask(HEALTHZ).status == 200


# Listeners and files.
def test_unix_and_plain_listeners_stay_plain(start, pair, tmp_path):
    server = start(*pair.flags, listen=(f"unix:{tmp_path}/socket", "plain:127.0.0.1:0",
                                        "plain:localhost:0", "127.0.0.1:0"))
    ports = [int(place.rpartition(":")[2]) for place in server.stdout[1:]]
    assert all(place.startswith("127.0.0.1:") for place in server.stdout[1:])
    with Connection.unix(tmp_path / "socket") as connection:
        assert connection.ask(HEALTHZ).status == 200
    for port in ports[:2]:
        with Connection.tcp(port) as connection:
            assert connection.ask(HEALTHZ).status == 200
    with connect(ports[2], trusting(pair)) as connection:
        assert connection.ask(HEALTHZ).status == 200
    assert server.ctl("stats").returncode == 0


def test_bad_files_stop_the_start(tmp_path, folder, pair):
    other, rsa = Pair(folder, "other"), Pair(folder, "other-rsa", RSA)
    garbage, cut, locked = tmp_path / "garbage", tmp_path / "cut", tmp_path / "locked"
    garbage.write_text("garbage")
    cut.write_text(pair.key.read_text()[:100])
    subprocess.run(["openssl", "ec", "-in", pair.key, "-aes128", "-passout", "pass:secret", "-out",
                    locked], check=True, capture_output=True)
    missing = tmp_path / "missing"
    cases = [("tls-cert", bad, pair.key, None) for bad in (missing, garbage, tmp_path, pair.key)]
    cases += [("tls-key", pair.cert, bad, None)
              for bad in (missing, garbage, cut, locked, tmp_path, pair.cert, other.key, rsa.key)]
    cases += [("tls-client-ca", pair.cert, pair.key, bad) for bad in (missing, garbage, pair.key)]
    for setting, cert, key, authority in cases:
        flags = ["--tls-cert", cert, "--tls-key", key]
        flags += ["--tls-client-ca", authority] if authority else []
        done = run_factord("--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0", *flags)
        bad = {"tls-cert": cert, "tls-key": key, "tls-client-ca": authority}[setting]
        assert (done.returncode, done.stdout) == (1, ""), done
        assert f"{setting} '{bad}'" in done.stderr, done.stderr
        assert "PRIVATE" not in done.stderr
        assert not (tmp_path / "data").exists()




@pytest.mark.parametrize("flags, named", [
    (["--tls-cert", "c"], "--tls-key"), (["--tls-key", "k"], "--tls-cert"),
    (["--tls-client-ca", "a"], "--tls-cert"), (["--listen", "plain:unix:/s"], "--listen"),
    (["--tls-handshake-timeout", "1"], "--tls-handshake-timeout")])
def test_bad_usage(tmp_path, flags, named):
    done = run_factord("--data-dir", tmp_path / "data", *flags)
    assert done.returncode == 2 and named in done.stderr
