"""--tls-client-ca: only clients with a certificate of one of these authorities get in."""

import ssl

import pytest

from factord import Factord, verify
from tls import Pair, connect, trusting
from wire import Connection, request

HEALTHZ = request("GET", "/healthz")
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def pair(folder):
    return Pair(folder, "server")


@pytest.fixture(scope="module")
def authority(folder):
    return Pair(folder, "authority", common_name="authority")


@pytest.fixture(scope="module")
def known(folder, authority):
    return Pair(folder, "known", signer=authority, common_name="client")


@pytest.fixture(scope="module")
def closed_server(tmp_path_factory, pair, authority):
    data_dir = tmp_path_factory.mktemp("store") / "data"
    with Factord(data_dir, *pair.flags, "--tls-client-ca", authority.cert) as running:
        yield running
    verify(data_dir)


def check_refused(server, context):
    # In TLS 1.3 the client learns of it after its own side of the handshake.
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with connect(server.port, context) as connection:
            connection.ask(HEALTHZ)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_known_client_gets_in(closed_server, pair, known, version):
    with connect(closed_server.port, trusting(pair, mine=known, version=version)) as connection:
        assert connection.ask(HEALTHZ).status == 200


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_without_a_certificate_does_not(closed_server, pair, version):
    check_refused(closed_server, trusting(pair, version=version))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stranger_does_not(closed_server, folder, pair, version):
    stranger_authority = Pair(folder, f"other-{version}", common_name="authority")
    stranger = Pair(folder, f"stranger-{version}", signer=stranger_authority)
    check_refused(closed_server, trusting(pair, mine=stranger, version=version))
    check_refused(closed_server, trusting(pair, mine=stranger_authority, version=version))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_known_client_resumes(closed_server, pair, known, version):
    context = trusting(pair, mine=known, version=version)
    with connect(closed_server.port, context) as first:
        assert first.ask(HEALTHZ).status == 200
        session = first.sock.session
    with connect(closed_server.port, context, session) as again:
        assert again.ask(HEALTHZ).status == 200
        assert again.sock.session_reused


def test_a_token_is_needed_as_well(closed_server, pair, known):
    with connect(closed_server.port, trusting(pair, mine=known)) as connection:
        assert connection.ask(request("DELETE", "/v2/users/u/otp_email")).status == 401
    assert closed_server.token()


def test_plain_listeners_ask_for_none(start, pair, authority):
    server = start(*pair.flags, "--tls-client-ca", authority.cert, listen=("plain:127.0.0.1:0",))
    with Connection.tcp(server.port) as connection:
        assert connection.ask(HEALTHZ).status == 200


def test_an_old_session_does_not_open_a_server_that_has_begun_to_ask(start, pair, authority,
                                                                     tmp_path):
    """Sessions end with a reload: what they were checked against may have changed."""
    authorities = tmp_path / "authorities.pem"
    authorities.write_text(authority.cert.read_text())
    server = start(*pair.flags, "--tls-client-ca", authorities)
    member = Pair(tmp_path, "member", signer=authority)
    context = trusting(pair, mine=member)
    with connect(server.port, context) as first:
        assert first.ask(HEALTHZ).status == 200
        session = first.sock.session
        other = Pair(tmp_path, "other", common_name="other")
        authorities.write_text(other.cert.read_text())
        server.reload()
        assert first.ask(HEALTHZ).status == 200  # it is open already
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with connect(server.port, context, session) as again:
            again.ask(HEALTHZ)
