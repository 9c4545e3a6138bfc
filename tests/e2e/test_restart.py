"""What a restart must keep, after a drain and after a crash."""

import pytest

from api import INVALID_TOKEN, NO_FACTOR, check_error
from factord import verify


def end(server, how):
    if how == "drain":
        server.stop()
    else:
        server.kill()


@pytest.mark.parametrize("mode", ["disk", "process"])
@pytest.mark.parametrize("how", ["drain", "kill -9"])
def test_everything_is_there_again(start, mode, how):
    first = start("--durability", mode)
    client = first.api(user="operator")
    users = [client.make_user_with_factor() for _ in range(10)]
    for user in users[:5]:
        assert client.remove_otp_email(user).status == 200
    assert client.lock(users[9]).status == 200
    log = client.events()
    end(first, how)

    second = start("--durability", mode)
    client = second.api(client.token)
    assert client.events() == log
    for user in users[:5]:
        check_error(client.remove_otp_email(user), *NO_FACTOR)
    for user in users[5:]:
        assert "authMethodTypes" in client.methods(user).json
    assert client.get_user(users[9]).json["user"]["state"] == "USER_STATE_LOCKED"
    # The sequence goes on where it was.
    details = client.remove_otp_email(users[5]).json["details"]
    assert int(details["sequence"]) == int(log["lastSequence"]) + 1
    second.stop()
    verify(second.data_dir)


def test_generated_ids_are_unique_across_restarts(start):
    seen = set()
    for how in ("kill -9", "drain", "drain"):
        server = start()
        client = server.api()
        for _ in range(30):
            answer = client.add_human_user({
                "profile": {"givenName": "A", "familyName": "B"},
                "organization": {"orgId": "acme"},
                "email": {"email": f"mail{len(seen)}@b.ch"}})
            assert answer.status == 201
            seen.add(answer.json["userId"])
        end(server, how)
    assert len(seen) == 90


def test_revoked_and_expiring_tokens_stay_so(start):
    first = start()
    gone, kept = first.token(user="gone"), first.token(user="kept", expires="1h")
    listed = first.ctl("token", "list").stdout
    token_id = next(line.split()[0] for line in listed.splitlines() if "gone" in line)
    assert first.ctl("token", "revoke", token_id).returncode == 0
    first.stop()
    second = start()
    check_error(second.api(gone).methods("u"), *INVALID_TOKEN)
    assert second.api(kept).methods("u").status == 200
    assert second.ctl("token", "list").stdout.count("kept") == 1


def test_a_removed_users_tokens_never_come_back(start):
    first = start()
    client = first.api()
    user = client.make_user()
    token = first.token(user=user)
    assert client.delete_user(user).status == 200
    first.stop()
    check_error(start().api(token).methods("u"), *INVALID_TOKEN)


def test_verification_codes_outlive_a_restart(start):
    first = start()
    client = first.api()
    answer = client.add_human_user({
        "profile": {"givenName": "A", "familyName": "B"}, "organization": {"orgId": "acme"},
        "email": {"email": "a@b.ch", "returnCode": {}}}).json
    first.kill()
    client = start().api(client.token)
    assert client.verify_email(answer["userId"], answer["emailCode"]).status == 200


def test_the_durability_mode_may_change(start):
    for mode in ("disk", "process", "disk"):
        server = start("--durability", mode)
        client = server.api()
        assert mode.encode() in client.get("/readyz").body
        assert client.make_user_with_factor()
        assert f'"durability":"{mode}"' in server.log().replace('": "', '":"')
        server.stop()
    verify(server.data_dir)
