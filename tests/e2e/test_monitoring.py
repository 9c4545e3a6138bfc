"""--admin-listen: which routes live there, who may connect, and that nothing changes there."""

import json
import os
import socket
import stat

import pytest

from api import NOT_ALLOWED, NOT_FOUND, check_error
from factord import run_factord
from scrape import TEXT, Scrape, Watched
from tls import Pair
from wire import Connection, request

PAGES = ["/metrics", "/livez", "/readyz", "/version", "/config"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Watched(tmp_path_factory.mktemp("store") / "data") as running:
        yield running


def ask(server, verb, path, **options):
    with server.watch() as connection:
        return connection.ask(request(verb, path, **options), head=verb == "HEAD")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_no_token(server, path):
    answer = ask(server, "GET", path)
    assert answer.status == 200
    head = ask(server, "HEAD", path)
    assert (head.status, head.body) == (200, b"")
    assert head.header("Content-Type") == answer.header("Content-Type")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("verb", ["POST", "DELETE", "PUT"])
def test_nothing_can_be_done_to_it(server, verb, path):
    answer = ask(server, verb, path)
    check_error(answer, *NOT_ALLOWED)
    assert answer.header("Allow") == "GET, HEAD"


@pytest.mark.parametrize("path", ["/", "/healthz", "/openapi.json", "/v2/events",
                                  "/v2/users/u/otp_email", "/admin/v1/stats", "/admin/v1/tokens",
                                  "/zitadel.user.v2.UserService/RemoveOTPEmail",
                                  "/grpc.health.v1.Health/Check"])
@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
def test_nothing_else_is_there(server, api, verb, path):
    before = api.last_sequence()
    check_error(ask(server, verb, path, token=api.token), *NOT_FOUND)
    assert api.last_sequence() == before


@pytest.mark.parametrize("path", ["/metrics", "/version", "/config"])
def test_its_pages_are_on_no_other_listener(server, api, path):
    check_error(api.get(path), *NOT_FOUND)
    with Connection.unix(server.data_dir / "admin.sock") as connection:
        check_error(connection.ask(request("GET", path)), *NOT_FOUND)


def test_a_query_is_refused(server):
    assert ask(server, "GET", "/metrics?x=1").status == 400


def test_what_each_page_says(server):
    assert ask(server, "GET", "/metrics").header("Content-Type") == TEXT
    assert ask(server, "GET", "/livez").body == b"ok"
    assert ask(server, "GET", "/readyz").json["status"] == "ready"
    version = ask(server, "GET", "/version").json
    assert version["store"] == "rocksdb"
    shown = run_factord("--version").stdout.split()
    assert shown == ["factord", version["version"]]


def test_the_settings_that_hold(tmp_path, start):
    config = tmp_path / "factord.toml"
    config.write_text('max-connections = 77\nheader-timeout = "1500ms"\nadmin-listen = '
                      f'["unix:{tmp_path}/m.sock"]\n')
    start("--config", config, "--header-timeout", "2s")
    with Connection.unix(tmp_path / "m.sock") as connection:
        settings = connection.ask(request("GET", "/config")).json
    assert settings["header-timeout"] == "2s"
    assert settings["max-connections"] == 77
    assert settings["admin-listen"] == [f"unix:{tmp_path}/m.sock"]
    assert settings["data-dir"] == str(tmp_path / "data")
    assert settings["accept-clock-step"] is False
    assert not {"store", "tls-key", "bootstrap-token-file"} & set(settings)
    # Each that --help names, but those that are no settings, secret, or not set.
    named = {word.removeprefix("--") for line in run_factord("--help").stdout.splitlines()
             for word in line.split()[:1] if word.startswith("--")}
    missing = named - set(settings)
    assert missing <= {"config", "check-config", "print-config", "version", "store", "tls-cert",
                       "tls-key", "tls-client-ca", "bootstrap-token-file", "bootstrap-user",
                       "bootstrap-org", "otlp-endpoint", "seed-users", "jwt-issuer", "jwt-audience",
                       "jwt-jwks-file", "jwt-jwks-url", "jwt-roles-claim", "jwt-ca"}


def test_a_unix_socket_is_the_owners_alone(tmp_path, start):
    start("--admin-listen", f"unix:{tmp_path}/m.sock")
    found = os.stat(tmp_path / "m.sock")
    assert stat.S_ISSOCK(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o600


def test_several_are_announced_after_the_listeners(tmp_path, start):
    server = start("--admin-listen", "127.0.0.1:0", "--admin-listen", f"unix:{tmp_path}/m.sock")
    server.stop()
    first, second = server.rest_of_stdout()
    assert first.startswith("monitoring on 127.0.0.1:")
    assert second == f"monitoring on unix:{tmp_path}/m.sock"


def test_an_address_of_all_is_warned_about_once(tmp_path, start):
    def warnings(server):
        return [json.loads(line) for line in server.log().splitlines()
                if "metrics and settings are told" in line]

    assert warnings(start("--admin-listen", "127.0.0.1:0", data_dir=tmp_path / "a")) == []
    line, = warnings(start("--admin-listen", "0.0.0.0:0", data_dir=tmp_path / "b"))
    assert line["level"] == "warn" and line["listener"].startswith("0.0.0.0:")


def test_one_that_is_taken_is_refused_and_nothing_is_made(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run_factord("--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0",
                           "--admin-listen", address)
    assert (done.returncode, done.stdout) == (1, "")
    assert address in done.stderr
    assert not (tmp_path / "data").exists()


def test_who_watches_keeps_nobody_out(tmp_path):
    """Connections there are of their own number, and so are those of clients and of admin.sock."""
    with Watched(tmp_path / "data", "--max-connections", 1) as server:
        watching = [server.watch() for _ in range(16)]
        for connection in watching:
            assert connection.ask(request("GET", "/livez")).status == 200
        with server.watch() as another:
            assert another.read().status == 503
        with server.connect() as client:
            assert client.ask(request("GET", "/livez")).status == 200
            with server.connect() as one_too_many:
                assert one_too_many.read().status == 503
            assert server.ctl("stats").returncode == 0
            seen = Scrape(watching[0])
        assert seen("factord_connections", listener="admin_listen") == 16
        assert seen("factord_connections_limit", listener="admin_listen") == 16
        assert seen("factord_connections_limit", listener="api") == 1
        assert seen("factord_refusals_total", reason="connections") == 2
        for connection in watching:
            connection.close()


def test_with_certificates_it_is_plain_all_the_same(tmp_path):
    pair = Pair(tmp_path, "server")
    with Watched(tmp_path / "data", *pair.flags) as server:
        seen = server.scrape()
        assert seen("factord_tls_certificate_expiry_timestamp_seconds") > 1e9
        with server.watch() as connection:
            settings = connection.ask(request("GET", "/config"))
        assert settings.json["tls-cert"] == str(pair.cert)
        assert str(pair.key) not in settings.body.decode()


def test_by_default_there_is_none(start):
    server = start()
    server.stop()
    assert server.rest_of_stdout() == []
    assert "monitoring" not in server.log()
