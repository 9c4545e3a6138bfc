"""The keys of a provider: asked for off the way of requests, whatever it answers, and nobody but
it."""

import functools
import json
import ssl
import time

import pytest

from api import INVALID_TOKEN, check_error
from factord import PATIENCE_S
from provider import DISCOVERY, KEYS, Provider
from scrape import Watched
from tls import Pair
from tokens import AUDIENCE, ISSUER, Key, key_set, token

ONE = Key("ES256", "one")
TWO = Key("EdDSA", "two")
FLAGS = ("--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE)
STAY = "the keys of an issuer stay as they were"
FIRST = "the keys of an issuer are in use"
CHANGED = "the keys of an issuer have changed"
SAME = "the keys of an issuer are as they were"


@pytest.fixture
def provide():
    """Starts providers that end with the test."""
    made = []

    def provide_one(*keys, **options):
        made.append(Provider(*keys, **options))
        return made[-1]

    yield provide_one
    for one in made:
        one.close()


@pytest.fixture
def watch(tmp_path):
    """Starts servers, which end with the test, that say what they count."""
    made = []

    def watch_one(*flags, **options):
        made.append(Watched(tmp_path / "data", *FLAGS, *flags, **options).start())
        return made[-1]

    yield watch_one
    for one in made:
        if not one.ended:
            one.stop()


def status(server, text):
    return server.api(text).methods("another").status


def await_status(server, text, wanted):
    """A good token without a role has 403, one that is none 401, and 503 while nobody can tell."""
    deadline = time.monotonic() + PATIENCE_S
    while (seen := status(server, text)) != wanted:
        assert time.monotonic() < deadline, (seen, server.log())
        time.sleep(0.02)


def fetches(server, result):
    return server.scrape()("factord_jwt_key_fetches_total", issuer=ISSUER, result=result)


def cause(server):
    """Why the keys stayed as they were, the last time."""
    lines = [json.loads(line) for line in server.await_log(STAY).splitlines() if STAY in line]
    return lines[-1]["cause"]


def test_they_are_there_once_it_serves(watch, provide):
    provider = provide(ONE)
    server = watch(*provider.flags)
    await_status(server, token(ONE), 403)
    assert provider.asked == [KEYS]
    assert fetches(server, "ok") == 1


def test_discovery(tmp_path, provide, start):
    provider = provide(ONE)
    server = start("--jwt-issuer", provider.url, "--jwt-audience", AUDIENCE)
    await_status(server, token(ONE, iss=provider.url), 403)
    assert provider.asked == [DISCOVERY, KEYS]


@pytest.mark.parametrize("changed, why", [
    ({"issuer": "https://evil.example"}, "of another issuer"),
    ({"issuer": None}, "names no issuer"),
    ({"jwks_uri": None}, "names no jwks_uri"),
    ({"jwks_uri": "http://192.0.2.1/keys"}, "https is needed"),
    ({"jwks_uri": "file:///etc/passwd"}, "a URL is needed"),
    ({"jwks_uri": "/keys"}, "a URL is needed"),
])
def test_what_discovery_may_not_say(provide, start, changed, why):
    provider = provide(ONE)
    provider.answers[DISCOVERY] = functools.partial(provider.send_discovery, **changed)
    server = start("--jwt-issuer", provider.url, "--jwt-audience", AUDIENCE)
    assert why in cause(server)
    assert status(server, token(ONE, iss=provider.url)) == 503
    assert KEYS not in provider.asked


def test_a_new_key_is_found_by_its_name(watch, provide):
    provider = provide(ONE)
    server = watch(*provider.flags)
    await_status(server, token(ONE), 403)
    provider.keys.append(TWO)
    assert status(server, token(TWO)) == 401
    await_status(server, token(TWO), 403)
    assert status(server, token(ONE)) == 403
    assert len(provider.asked) == 2


def test_names_of_nobody_make_it_ask_once(watch, provide):
    """Whatever strangers send, and however much: the keys, and 30 s later again."""
    provider = provide(ONE)
    server = watch(*provider.flags)
    await_status(server, token(ONE), 403)
    begun = time.monotonic()
    api = server.api()
    for number in range(300):
        api.token = token(ONE, head={"kid": f"k{number}"})
        assert api.methods("another").status == 401
    provider.await_asked(2)
    for head in ({"jku": provider.url + "/jku"}, {"x5u": provider.url + "/x5u"},
                 {"kid": provider.url + "/kid"}):
        api.token = token(ONE, head=head)
        assert api.methods("another").status == 401
    api.token = token(ONE, iss=provider.url)
    assert api.methods("another").status == 401
    # What else it asks it would have asked by now.
    server.reload(SAME)
    assert set(provider.asked) == {KEYS}
    assert len(provider.asked) <= 3 + (time.monotonic() - begun) // 30


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_a_key_that_goes_takes_its_tokens_with_it(watch, provide, change):
    provider = provide(ONE, TWO)
    server = watch(*provider.flags)
    await_status(server, token(ONE), 403)
    clients = [server.api(token(ONE)) for _ in range(8)]
    assert all(client.methods("another").status == 403 for client in clients)
    provider.keys[0:1] = [] if change == "removed" else [Key("ES256", "one")]
    server.reload(CHANGED)
    for client in clients:
        check_error(client.methods("another"), *INVALID_TOKEN)
    assert status(server, token(TWO)) == 403


def test_down_at_start_and_back(watch, provide):
    provider = provide(ONE)
    provider.down()
    server = watch(*provider.flags)  # it serves
    assert server.api().make_user()
    answer = server.api(token(ONE)).methods("another")
    assert answer.status == 503
    assert "connecting: Connection refused" in cause(server)
    assert fetches(server, "unreachable") >= 1
    assert server.scrape()("factord_jwt_keys", issuer=ISSUER) == 0
    provider.up()
    await_status(server, token(ONE), 403)
    server.await_log(FIRST)


def test_down_later_and_back(watch, provide):
    provider = provide(ONE)
    server = watch(*provider.flags)
    await_status(server, token(ONE), 403)
    provider.down()
    server.reload(STAY)
    assert status(server, token(ONE)) == 403
    provider.keys = [ONE, TWO]
    provider.up()
    await_status(server, token(TWO), 403)
    assert status(server, token(ONE)) == 403


def good_until_it_is_not(server, provider, answer):
    """What a provider answers after it was good once."""
    await_status(server, token(ONE), 403)
    provider.answers[KEYS] = answer
    server.reload(STAY)
    assert status(server, token(ONE)) == 403
    return cause(server)


WRONG = {
    "no JSON": (b"<html>", 200, (), None),
    "nothing": (b"", 200, (), None),
    "another object": (b"{}", 200, (), None),
    "no keys": (b'{"keys":[]}', 200, (), None),
    "a set behind something": (b"x" + key_set(ONE).encode(), 200, (), None),
    "a set twice": (key_set(ONE).encode() * 2, 200, (), None),
    "a private key": (json.dumps({"keys": [{**ONE.jwk, "d": "AAAA"}]}).encode(), 200, (), None),
    "one kid twice": (key_set(TWO, {**ONE.jwk, "kid": "two"}).encode(), 200, (), None),
    "500": (key_set(TWO).encode(), 500, (), "the answer was 500"),
    "404": (key_set(TWO).encode(), 404, (), "the answer was 404"),
    "206": (key_set(TWO).encode(), 206, (), "the answer was 206"),
    "a redirect": (b"", 302, (("Location", "/elsewhere"),), "the answer was 302"),
    "another redirect": (b"", 308, (("Location", "/elsewhere"),), "the answer was 308"),
    "257 KiB": (b" " * (257 << 10), 200, (), "body limit exceeded"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_changes_nothing(watch, provide, name):
    body, code, fields, why = WRONG[name]
    provider = provide(ONE)
    provider.answers["/elsewhere"] = provider.send_text(key_set(TWO).encode())
    server = watch(*provider.flags)
    said = good_until_it_is_not(server, provider, provider.send_text(body, code, fields))
    assert why is None or why in said
    assert set(provider.asked) == {KEYS}
    assert fetches(server, "refused" if why is None else "unreachable") >= 1


@pytest.mark.parametrize("how, why", [("send_much", "body limit exceeded"),
                                      ("send_much_in_chunks", "body limit exceeded"),
                                      ("send_long_extension", "buffer overflow"),
                                      ("send_long_trailer", "buffer overflow"),
                                      ("send_slowly", "timed out"), ("send_nothing", "timed out")])
def test_much_or_late_is_left(watch, provide, how, why):
    provider = provide(ONE)
    server = watch(*provider.flags)
    before = server.scrape()("process_resident_memory_bytes")
    said = good_until_it_is_not(server, provider, getattr(provider, how))
    assert why in said or "timeout" in said
    assert server.scrape()("process_resident_memory_bytes") - before < 32 << 20


@pytest.mark.parametrize("how", ["send_slowly", "send_nothing"])
def test_who_does_not_answer_holds_up_no_start_and_no_end(watch, provide, how):
    provider = provide(ONE)
    provider.answers[KEYS] = getattr(provider, how)
    server = watch(*provider.flags)
    assert server.api().get("/readyz").status == 200
    assert status(server, token(ONE)) == 503
    # This question has five seconds, which an end does not wait for.
    provider.await_asked(len(provider.asked) + 1)
    asked = time.monotonic()
    server.stop()
    assert time.monotonic() - asked < 4


def test_a_file_is_read_again(start, tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(key_set(ONE))
    server = start(*FLAGS, "--jwt-jwks-file", file)
    assert status(server, token(ONE)) == 403
    server.reload(SAME)
    file.write_text(key_set(TWO))
    server.reload(CHANGED)
    check_error(server.api(token(ONE)).methods("another"), *INVALID_TOKEN)
    assert status(server, token(TWO)) == 403
    file.write_text("{")
    server.reload(STAY)
    file.unlink()
    server.reload(STAY)
    assert status(server, token(TWO)) == 403


def test_it_is_asked_again_when_it_says(watch, provide):
    """At its earliest after 30 s."""
    provider = provide(ONE, cache_control="public, max-age=1")
    server = watch(*provider.flags)
    await_status(server, token(ONE), 403)
    provider.keys = [TWO]
    provider.await_asked(2)
    await_status(server, token(TWO), 403)
    check_error(server.api(token(ONE)).methods("another"), *INVALID_TOKEN)


@pytest.fixture
def ca(tmp_path):
    return Pair(tmp_path, "ca", common_name="an authority")


def over_tls(provide, tmp_path, ca, host="localhost", names="DNS:localhost,IP:127.0.0.1", **more):
    return provide(ONE, pair=Pair(tmp_path, "idp", signer=ca, names=names), host=host, **more)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_tls(watch, provide, tmp_path, ca, host):
    provider = over_tls(provide, tmp_path, ca, host)
    server = watch(*provider.flags, "--jwt-ca", ca.cert)
    await_status(server, token(ONE), 403)


def test_tls_by_whom_this_machine_does_not_trust(watch, provide, tmp_path, ca):
    provider = over_tls(provide, tmp_path, ca)
    server = watch(*provider.flags)
    assert "the certificate is not trusted" in cause(server)
    assert status(server, token(ONE)) == 503
    assert provider.asked == []


@pytest.mark.parametrize("host, names, why", [
    ("localhost", "DNS:idp.example", "hostname mismatch"),
    ("localhost", "DNS:localhost.idp.example,DNS:*.localhost", "hostname mismatch"),
    ("localhost", "IP:127.0.0.1", "hostname mismatch"),
    ("127.0.0.1", "DNS:localhost,DNS:127.0.0.1", "IP address mismatch"),
    ("127.0.0.1", "IP:127.0.0.2", "IP address mismatch")])
def test_tls_of_another_name(watch, provide, tmp_path, ca, host, names, why):
    provider = over_tls(provide, tmp_path, ca, host, names)
    server = watch(*provider.flags, "--jwt-ca", ca.cert)
    assert why.lower() in cause(server).lower()
    assert status(server, token(ONE)) == 503
    assert provider.asked == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", ["TLSv1_1", "TLSv1"])
def test_tls_that_is_old(watch, provide, tmp_path, ca, version):
    provider = over_tls(provide, tmp_path, ca, tls_version=ssl.TLSVersion[version])
    server = watch(*provider.flags, "--jwt-ca", ca.cert)
    assert "beginning TLS" in cause(server)
    assert provider.asked == []


def test_tls_where_there_is_none(watch, provide, ca):
    provider = provide(ONE)
    server = watch("--jwt-jwks-url", provider.url.replace("http:", "https:") + KEYS,
                   "--jwt-ca", ca.cert)
    assert "beginning TLS" in cause(server)
    assert status(server, token(ONE)) == 503


def test_a_provider_over_tls_leads_to_nothing_on_this_machine(provide, start, tmp_path, ca):
    """Whoever is far away could ask what this machine has for itself."""
    other = provide(ONE)
    provider = over_tls(provide, tmp_path, ca)
    provider.answers[DISCOVERY] = functools.partial(provider.send_discovery,
                                                    jwks_uri=other.url + KEYS)
    server = start("--jwt-issuer", provider.url, "--jwt-audience", AUDIENCE, "--jwt-ca", ca.cert)
    assert "https is needed" in cause(server)
    assert other.asked == []


def test_no_text_of_a_provider_fills_the_log(provide, start):
    provider = provide(ONE)
    for changed in ({"issuer": "x" * 100_000}, {"jwks_uri": "http://" + "x" * 1000}):
        provider.answers[DISCOVERY] = functools.partial(provider.send_discovery, **changed)
        server = start("--jwt-issuer", provider.url, "--jwt-audience", AUDIENCE)
        assert len(cause(server)) < 500
        server.stop()
