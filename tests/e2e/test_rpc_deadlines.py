"""grpc-timeout and connect-timeout-ms: their forms, and that nothing is written once one passed."""

import pytest

from messages import message
from rpc import PROTOCOLS, Client, is_connect, rpc_outcome, write_message

RPCS = [name for name, (form, _) in PROTOCOLS.items() if form]
GRPC = [name for name in RPCS if not is_connect(PROTOCOLS[name][0])]
CONNECT = [name for name in RPCS if is_connect(PROTOCOLS[name][0])]


@pytest.fixture
def removal(server, api, owner_token, request):
    """Removes a new user's factor with this timeout; the outcome, and how many events it made."""
    client = Client(request.param, server.port)
    field = "Connect-Timeout-Ms" if request.param in CONNECT else "Grpc-Timeout"

    def call(timeout):
        user = api.make_user_with_factor()
        before = api.last_sequence()
        outcome = client.call("RemoveOTPEmail", {"userId": user}, f"Bearer {owner_token}",
                              [(field, timeout)])
        return outcome, api.last_sequence() - before

    yield call
    client.close()


def over(names):
    return pytest.mark.parametrize("removal", names, indirect=True)


@over(GRPC)
@pytest.mark.parametrize("timeout", ["1H", "60M", "30S", "30000m", "30000000u", "99999999n",
                                     "99999999H", "00000030S"])
def test_grpc_forms(removal, timeout):
    outcome, events = removal(timeout)
    # 0.1 s is time enough, and too little for a machine that stands still.
    assert (outcome.code, events) in ([(0, 1), (4, 0)] if timeout.endswith("n") else [(0, 1)])


@over(GRPC)
@pytest.mark.parametrize("timeout", ["", "1", "S", "1s", "1x", "-1S", "+1S", "1 S", "1.5S", "1SS",
                                     "100000000S", "0x1S"])
def test_malformed_grpc_forms(removal, timeout):
    outcome, events = removal(timeout)
    assert (outcome.code, outcome.text, events) == (3, "malformed grpc-timeout", 0)


@over(GRPC)
@pytest.mark.parametrize("timeout", ["0S", "0n", "1n"])
def test_grpc_deadlines_that_have_passed(removal, timeout):
    outcome, events = removal(timeout)
    assert (outcome.code, events) == (4, 0)


@over(CONNECT)
@pytest.mark.parametrize("timeout", ["30000", "9999999999", "0000030000"])
def test_connect_forms(removal, timeout):
    outcome, events = removal(timeout)
    assert (outcome.code, events) == (0, 1)


@over(CONNECT)
@pytest.mark.parametrize("timeout", ["", "1S", "-1", "1.5", " 1 2", "10000000000", "0x10"])
def test_malformed_connect_forms(removal, timeout):
    outcome, events = removal(timeout)
    assert (outcome.code, outcome.text, events) == (3, "malformed connect-timeout-ms", 0)


HEALTH = "/grpc.health.v1.Health/Check"
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"


@pytest.mark.parametrize("timeout, code", [("x", 3), ("", 3), ("-1", 3), ("0", 4), ("9000", 0)])
@pytest.mark.parametrize("protocol", RPCS)
def test_what_needs_no_user_has_them_too(server, protocol, timeout, code):
    """Health and reflection, which is a stream under Connect."""
    client = Client(protocol, server.port)
    form = client.form
    unit = "" if is_connect(form) or not timeout else "m"
    field = "Connect-Timeout-Ms" if is_connect(form) else "Grpc-Timeout"
    fields = [("TE", "trailers"), (field, timeout + unit)]
    asked = message("grpc.health.v1.HealthCheckRequest")()
    answer = client.connection.ask("POST", HEALTH, [("Content-Type", form), *fields],
                                   write_message(form, asked))
    seen = rpc_outcome(form, answer, message("grpc.health.v1.HealthCheckResponse"))
    assert seen.code == code
    if code == 3:
        assert seen.text == f"malformed {field.lower()}"
    if not is_connect(form):
        asked = message("grpc.reflection.v1.ServerReflectionRequest")(list_services="")
        answer = client.connection.ask("POST", REFLECTION, [("Content-Type", form), *fields],
                                       write_message(form, asked))
        seen = rpc_outcome(form, answer, message("grpc.reflection.v1.ServerReflectionResponse"))
        assert seen.code == code
    client.close()


@over(CONNECT)
def test_connect_deadlines_that_have_passed(removal):
    outcome, events = removal("0")
    assert (outcome.code, events) == (4, 0)
