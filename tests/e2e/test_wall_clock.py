"""The wall clock is set while a server runs, or was wrong before it started."""

import json
import time

import pytest

from api import INVALID_TOKEN, check_error, fresh
from factord import PATIENCE_S, run_factord, verify
from wall_clock import WallClock

HOUR_S = 3600
DAY_S = 24 * HOUR_S
REFUSAL = "start with --accept-clock-step"


@pytest.fixture
def clock(tmp_path):
    return WallClock(tmp_path)


def user_with_code(api):
    user = fresh()
    answer = api.add_human_user({
        "userId": user, "organization": {"orgId": "acme"},
        "profile": {"givenName": "A", "familyName": "B"},
        "email": {"email": f"{fresh('mail')}@b.ch", "returnCode": {}}})
    assert answer.status == 201
    return user, answer.json["emailCode"]


def await_steps(api, count):
    """What /readyz says once it tells of so many steps."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        answer = api.get("/readyz")
        assert answer.status == 200
        if answer.json.get("clockSteps") == str(count):
            return answer.json
        assert time.monotonic() < deadline, answer.body
        time.sleep(0.05)


def seconds(duration):
    return float(duration.removesuffix("s"))


def test_what_expires_does_so_by_the_clock_that_is_right_again(start, clock):
    clock.set(DAY_S)
    server = start(env=clock.environment())
    api = server.api()
    early, early_code = user_with_code(api)
    last = api.events()["events"][-1]["creationDate"]

    clock.set(0)
    token = server.token(user="guest", expires="1m")
    user, code = user_with_code(api)
    other, other_code = user_with_code(api)
    check_error(api.verify_email(early, early_code), 400, 3, "Code is invalid", "COMMAND-eis9R")
    assert api.verify_email(other, other_code).status == 200

    guest = server.api(token)
    assert guest.methods("guest").status == 200
    clock.set(60)
    check_error(guest.methods("guest"), *INVALID_TOKEN)
    clock.set(HOUR_S)
    check_error(api.verify_email(user, code), 400, 3, "Code is invalid", "COMMAND-eis9R")
    # What happened is told in order all the same.
    assert {event["creationDate"] for event in api.events()["events"][3:]} == {last}
    server.stop()
    verify(server.data_dir)


def test_a_step_is_logged_and_shown(start, clock):
    server = start(env=clock.environment())
    api = server.api()
    assert "clockSteps" not in api.get("/readyz").json
    clock.set(DAY_S)
    shown = await_steps(api, 1)
    assert shown["status"] == "ready"
    assert seconds(shown["lastClockStep"]) == pytest.approx(DAY_S, abs=1)
    clock.set(0)
    shown = await_steps(api, 2)
    assert seconds(shown["lastClockStep"]) == pytest.approx(-DAY_S, abs=1)
    log = server.await_log("step_ms", 2)
    told = [line for line in map(json.loads, log.splitlines()) if "step_ms" in line]
    assert [line["level"] for line in told] == ["warn", "warn"]
    for key, wanted in ("step_ms", (DAY_S, -DAY_S)), ("old_offset_ms", (0, DAY_S)), (
            "new_offset_ms", (DAY_S, 0)):
        assert [line[key] for line in told] == pytest.approx([s * 1000 for s in wanted], abs=1000)


@pytest.fixture
def ahead(start, clock):
    """The data directory of a server whose clock was a day ahead to its end."""
    clock.set(DAY_S)
    server = start(env=clock.environment())
    server.token()
    server.stop()
    return server.data_dir


def test_a_start_with_the_log_ahead_of_the_clock_is_refused(start, clock, ahead):
    for shift in (0, DAY_S - HOUR_S):
        clock.set(shift)
        done = run_factord("--data-dir", ahead, "--listen", "127.0.0.1:0",
                           env=clock.environment())
        assert done.returncode == 1
        assert done.stdout == ""
        assert REFUSAL in done.stderr and "cannot start" in done.stderr
    # Within the tolerance of five minutes nothing is asked.
    clock.set(DAY_S - 200)
    start(env=clock.environment()).stop()


@pytest.mark.parametrize("how", ["flag", "environment", "file"])
def test_a_start_with_the_log_ahead_is_possible_when_told(start, clock, ahead, tmp_path, how):
    clock.set(0)
    file = tmp_path / "factord.toml"
    file.write_text(f"accept-clock-step = {'true' if how == 'file' else 'false'}\n")
    arguments = ["--config", file] + (["--accept-clock-step"] if how == "flag" else [])
    more = {"FACTORD_ACCEPT_CLOCK_STEP": "true"} if how == "environment" else {}
    server = start(*arguments, env=clock.environment(**more))
    assert "the log is ahead of the clock" in server.log()
    token = server.token(user="guest", expires="1m")
    guest = server.api(token)
    assert guest.methods("guest").status == 200
    clock.set(60)
    check_error(guest.methods("guest"), *INVALID_TOKEN)
    server.stop()
    verify(server.data_dir)
