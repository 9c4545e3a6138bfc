"""SIGHUP reads certificate and key again: no connection ends, and a bad pair changes nothing."""

import os
import threading

import pytest

from tls import Pair, connect, trusting
from wall_clock import WallClock
from wire import request

HEALTHZ = request("GET", "/healthz")


class Shown:
    """The files that the server reads."""

    def __init__(self, folder):
        self.cert, self.key = folder / "cert.pem", folder / "key.pem"

    def put(self, pair):
        for path in (self.cert, self.key):
            path.unlink(missing_ok=True)
        self.cert.write_text(pair.cert.read_text())
        self.key.write_text(pair.key.read_text())

    @property
    def flags(self):
        return ("--tls-cert", self.cert, "--tls-key", self.key)


@pytest.fixture
def pairs(tmp_path):
    return [Pair(tmp_path, name) for name in ("first", "second")]


@pytest.fixture
def shown(tmp_path, pairs):
    files = Shown(tmp_path)
    files.put(pairs[0])
    return files


def seen(server, context):
    with connect(server.port, context) as connection:
        assert connection.ask(HEALTHZ).status == 200
        return connection.sock.getpeercert(True)


def test_new_connections_see_the_new_certificate(start, pairs, shown):
    server = start(*shown.flags)
    context = trusting(*pairs)
    with connect(server.port, context) as old:
        assert old.ask(HEALTHZ).status == 200
        shown.put(pairs[1])
        assert seen(server, context) == pairs[0].der  # not before it is told
        server.reload()
        assert seen(server, context) == pairs[1].der
        assert old.ask(HEALTHZ).status == 200
    shown.put(pairs[0])
    server.reload()
    assert seen(server, context) == pairs[0].der


def become_a_pipe(path):
    """One that nobody writes into: whoever opens it waits."""
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("spoil", [
    lambda shown, other: shown.key.write_text(other.key.read_text()),
    lambda shown, other: shown.cert.write_text(other.cert.read_text()),
    lambda shown, other: shown.key.write_text("garbage"),
    lambda shown, other: shown.cert.write_text(""),
    lambda shown, other: shown.key.unlink(),
    lambda shown, other: shown.cert.unlink(),
    lambda shown, other: become_a_pipe(shown.key),
    lambda shown, other: become_a_pipe(shown.cert)],
    ids=["another's key", "another's certificate", "no key", "an empty certificate",
         "a missing key", "a missing certificate", "a key that is a pipe",
         "a certificate that is a pipe"])
def test_a_bad_pair_keeps_the_old_one(start, pairs, shown, spoil):
    server = start(*shown.flags)
    context = trusting(*pairs)
    with connect(server.port, context) as old:
        spoil(shown, pairs[1])
        server.reload(expect="the certificate stays as it was")
        assert seen(server, context) == pairs[0].der
        assert old.ask(HEALTHZ).status == 200
        shown.put(pairs[1])
        server.reload()
        assert seen(server, context) == pairs[1].der


def test_without_tls_it_is_harmless(start):
    server = start()
    server.reload(expect="there is no certificate")
    with server.connect() as connection:
        assert connection.ask(HEALTHZ).status == 200


def test_under_load_nothing_is_lost(start, pairs, shown):
    server = start(*shown.flags)
    context = trusting(*pairs)
    stop = threading.Event()
    faults, answered = [], [0, 0]

    def keep_alive():
        with connect(server.port, context) as connection:
            while not stop.is_set():
                assert connection.ask(HEALTHZ).status == 200
                answered[0] += 1

    def anew():
        while not stop.is_set():
            assert seen(server, context) in (pairs[0].der, pairs[1].der)
            answered[1] += 1

    def noting(work):
        try:
            work()
        except BaseException as fault:  # noqa: BLE001 whatever it was, the test must not pass
            faults.append(fault)

    threads = [threading.Thread(target=noting, args=(work,)) for work in (keep_alive, anew) * 2]
    for one in threads:
        one.start()
    for round_number in range(6):
        if round_number % 3 == 2:
            shown.key.write_text("garbage")
            server.reload(expect="the certificate stays as it was")
        else:
            shown.put(pairs[round_number % 2])
            server.reload()
    stop.set()
    for one in threads:
        one.join()
    assert not faults
    assert all(count > 0 for count in answered), answered


def test_a_certificate_out_of_its_dates_is_warned_of(start, tmp_path, shown):
    """At the start and at a reload: clients refuse it, and nobody else would say why."""
    warning = "the certificate is not valid at this time"
    assert warning not in start(*shown.flags).log()
    clock = WallClock(tmp_path)
    for days in (3, -3):
        clock.set(days * 86_400)
        server = start(*shown.flags, data_dir=tmp_path / f"data{days}", env=clock.environment())
        assert warning in server.log()
        clock.set(0)
        server.reload()
        assert server.log().count(warning) == 1
        clock.set(days * 86_400)
        server.reload()
        assert server.log().count(warning) == 2
