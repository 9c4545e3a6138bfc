"""What /metrics says is what clients have seen, over every protocol, and what Prometheus reads."""

import collections
import re
import threading

import pytest

from api import fresh
from bulk import Bulk
from factord import ROOT
from outcome import CONNECT_CODES
from rpc import OPERATIONS, PROTOCOLS, Client
from scrape import Watched, await_metric, label_of, promtool
from wire import Connection, request

CODES = {0: "OK", **{number: {"canceled": "CANCELLED"}.get(name, name.upper())
                     for name, number in CONNECT_CODES.items()}}
DURATION_BOUNDS = ["0.00025", "0.0005", "0.001", "0.002", "0.004", "0.008", "0.016", "0.032",
                   "0.064", "0.128", "0.256", "0.512", "1", "2.5", "10", "+Inf"]


def test_the_table_of_metrics_says_all_of_them(watched):
    """METRICS.md, by its rows: name, kind, labels, help."""
    rows = {}
    for line in (ROOT / "METRICS.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].startswith("`"):
            name, kind, labels, told = cells
            labels = set(re.findall(r"`(\w+)`", labels))
            rows[name.strip("`")] = (kind, labels, told)
    seen, helps = {}, {}
    for line in watched.scrape().text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, told = line.split(" ", 3)
            helps[name] = told
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            seen[name] = (kind, set(), helps[name])
        else:
            labels = set(re.findall(r'[{,](\w+)="', line)) - {"le"}
            seen[name][1].update(labels)
    assert rows == seen


def test_promtool_finds_nothing_wrong(watched):
    watched.token()
    assert promtool("check", "metrics", text=watched.scrape().text) == ""


def test_every_series_is_there_from_the_start(watched):
    before = watched.scrape()
    api = watched.api()
    user = api.make_user_with_factor()
    assert api.remove_otp_email(user).status == 200
    assert api.remove_otp_email(user).status == 404
    assert api.get_user("nobody").status == 404
    after = watched.scrape()
    assert set(before.samples) == set(after.samples)
    api.client.close()
    # All that counts begins at zero, but that the keys of an issuer were read; making the token is
    # the first that is asked.
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", before.text, re.M):
        if kind != "gauge" and not name.startswith(("process_", "factord_jwt_key_fetches")):
            for suffix in ("", "_count", "_sum"):
                assert not before.nonzero(name + suffix), name
    assert before("factord_last_sequence") == 0


def test_no_label_names_anybody(watched):
    token = watched.token(user="somebody-special", org="org-special", roles=("ORG_OWNER",))
    api = watched.api(token)
    api.get_user("user-special")
    api.client.close()
    text = watched.scrape().text
    assert "special" not in text and token not in text
    # The URL of an issuer is a setting.
    named = set(re.findall(r'(\w+)="[^"]*/[^"]*"', text))
    assert named <= {"issuer"}, "a path"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_call_counts_once_for_what_it_was_answered(watched, protocol):
    owner = watched.api()
    users = [owner.make_user_with_factor() for _ in range(3)]
    before = watched.scrape()
    wanted = collections.Counter()
    client = Client(protocol, watched.port)

    def call(method, said, authorization=f"Bearer {owner.token}"):
        outcome = client.call(method, said, authorization)
        wanted[method, CODES[outcome.code], label_of(protocol)] += 1
        return outcome.code

    for user in users:
        assert call("RemoveOTPEmail", {"userId": user}) == 0
        assert call("RemoveOTPEmail", {"userId": user}) == 5
        assert call("GetUserByID", {"userId": user}) == 0
    assert call("RemoveOTPEmail", {"userId": "x" * 201}) == 3
    assert call("RemoveOTPEmail", {"userId": users[0]}, None) == 16
    assert call("RemoveOTPEmail", {"userId": users[0]}, "Basic eDp5") == 16
    assert call("LockUser", {"userId": users[0]}, "Bearer nobody's") == 16
    assert call("VerifyEmail", {"userId": users[0], "verificationCode": "x"}) == 3
    assert call("UnlockUser", {"userId": users[1]}) == 9
    assert call("AddOTPEmail", {"userId": users[1]}) == 0
    assert call("AddOTPEmail", {"userId": users[1]}) == 6
    client.close()
    after = watched.scrape()

    counted = collections.Counter(after.requests())
    counted.subtract(before.requests())
    assert +counted == wanted
    # Each took its time, and is in one bucket.
    for method in OPERATIONS:
        taken = [seen("factord_request_duration_seconds_count", operation=method)
                 for seen in (before, after)]
        assert taken[1] - taken[0] == sum(count for (name, _, _), count in wanted.items()
                                          if name == method)
    failures = {reason: after("factord_auth_failures_total", reason=reason) for reason in
                ("missing", "malformed", "unknown", "expired", "inactive_subject", "revoked")}
    assert failures == {"missing": 1, "malformed": 1, "unknown": 1, "expired": 0,
                        "inactive_subject": 0, "revoked": 0}
    owner.client.close()


def test_the_statistics_are_the_same_numbers(watched):
    api = watched.api()
    user = api.make_user_with_factor()
    for wanted in (200, 404, 404):
        assert api.remove_otp_email(user).status == wanted
    with Connection.unix(watched.data_dir / "admin.sock") as connection:
        stats = connection.ask(request("GET", "/admin/v1/stats")).json
    seen = collections.Counter()
    for (operation, code, _), count in watched.scrape().requests().items():
        seen[operation, code] += count
    told = {(operation, code): int(count) for operation, codes in stats["answers"].items()
            for code, count in codes.items()}
    assert told == seen
    assert int(stats["removalsAnswered"]) == 1
    api.client.close()


def test_batches_syncs_and_events(watched):
    api = watched.api()
    users = [api.make_user_with_factor() for _ in range(10)]
    seen = watched.scrape()
    events = {labels[0][1]: count for labels, count in seen.nonzero("factord_events_total").items()}
    assert events == {"user.pat.added": 1, "user.human.added": 10, "user.human.email.verified": 10,
                      "user.human.mfa.otp.email.added": 10}
    assert seen("factord_last_sequence") == api.last_sequence() == 31
    # One after the other, each was a batch of its own.
    assert seen("factord_commit_batch_commands_count") == 21
    assert seen("factord_commit_batch_commands_sum") == 21
    assert seen("factord_commit_batch_commands_bucket", le="1") == 21
    for stage in ("queue", "load", "decide", "write"):
        assert seen("factord_commit_stage_duration_seconds_count", stage=stage) == 21
        assert seen("factord_commit_stage_duration_seconds_sum", stage=stage) > 0
    assert seen("factord_sync_duration_seconds_count") == 21
    assert 0 < seen("factord_sync_duration_seconds_sum") \
        < seen("factord_commit_stage_duration_seconds_sum", stage="write")
    assert seen("factord_commit_queue_commands") == 0
    assert seen("factord_commit_queue_limit") == 65536
    # What is refused is synced for nobody.
    assert api.remove_otp_email("nobody").status == 404
    assert api.remove_otp_email(users[0]).status == 200
    after = watched.scrape()
    assert after("factord_commit_batch_commands_count") == 23
    assert after("factord_sync_duration_seconds_count") == 22
    api.client.close()


def test_histograms_add_up_and_have_the_bounds_that_were_promised(watched):
    api = watched.api()
    for _ in range(50):
        api.get_user("nobody")
    seen = watched.scrape()
    for name in ("factord_request_duration_seconds", "factord_commit_stage_duration_seconds",
                 "factord_sync_duration_seconds", "factord_commit_batch_commands"):
        series = collections.defaultdict(list)
        for labels, value in seen.all(name + "_bucket").items():
            labels = dict(labels)
            series[labels.pop("le"), frozenset(labels.items())] = value
        rest = {labels for _, labels in series}
        for labels in rest:
            values = {bound: value for (bound, of), value in series.items() if of == labels}
            assert list(values.values()) == sorted(values.values())
            assert values["+Inf"] == seen.samples[name + "_count", labels]
            if "seconds" in name:
                assert list(values) == DURATION_BOUNDS
            else:
                assert list(values) == [str(2 ** i) for i in range(13)] + ["+Inf"]
    assert seen("factord_request_duration_seconds_count", operation="GetUserByID") == 50
    api.client.close()


def test_durability_process_is_synced_now_and_then(tmp_path):
    with Watched(tmp_path / "data", "--durability", "process") as server:
        api = server.api()
        api.make_user()
        seen = await_metric(server, "factord_sync_duration_seconds_count", 1)
        assert seen("factord_commit_stage_duration_seconds_count", stage="write") == 2
        api.client.close()


def test_each_line_of_a_bulk_is_a_removal(watched):
    api = watched.api()
    users = [api.make_user_with_factor() for _ in range(20)]
    before = watched.scrape()
    bulk = Bulk(watched.port, api.token)
    bulk.send(*users, "nobody", b"{\n").end()
    assert [line["status"] for line in bulk.rest()] == [200] * 20 + [404, 400]
    after = watched.scrape()
    counted = collections.Counter(after.requests())
    counted.subtract(before.requests())
    assert +counted == {("RemoveOTPEmail", "OK", "json"): 20,
                        ("RemoveOTPEmail", "NOT_FOUND", "json"): 1,
                        ("RemoveOTPEmail", "INVALID_ARGUMENT", "json"): 1,
                        ("BulkRemoveOTPEmail", "OK", "json"): 1}
    taken = [seen("factord_request_duration_seconds_count", operation="RemoveOTPEmail")
             for seen in (before, after)]
    assert taken[1] - taken[0] == 22
    assert after("factord_request_duration_seconds_count", operation="BulkRemoveOTPEmail") == 0
    api.client.close()


def test_why_credentials_were_refused(watched):
    api = watched.api()
    user = api.make_user()
    inactive = watched.token(user=user)
    assert api.lock(user).status == 200
    for token, times in ((inactive, 2), ("nobody's", 3)):
        other = watched.api(token)
        for _ in range(times):
            assert other.get_user(user).status == 401
        other.client.close()
    seen = watched.scrape()
    assert seen("factord_auth_failures_total", reason="inactive_subject") == 2
    assert seen("factord_auth_failures_total", reason="unknown") == 3
    api.client.close()


def test_refusals(tmp_path):
    with Watched(tmp_path / "data", "--queue-commands", 1, "--threads", 1) as server:
        api = server.api()
        user = api.make_user_with_factor()
        late = request("DELETE", f"/v2/users/{user}/otp_email", api.token,
                       headers=["Grpc-Timeout: 1n"])
        with server.connect() as connection:
            assert connection.ask(late).status == 504
            # More in one write than the queue has room for.
            connection.send(request("DELETE", "/v2/users/nobody/otp_email", api.token) * 60)
            answers = collections.Counter(connection.read().status for _ in range(60))
        seen = server.scrape()
        assert seen("factord_refusals_total", reason="deadline") == 1
        assert seen("factord_refusals_total", reason="queue_full") == answers[503]
        assert answers[503] > 0 and answers[404] + answers[503] == 60
        api.client.close()


def test_scrapes_under_load_see_each_counter_go_up_only(watched):
    api = watched.api()
    stop = threading.Event()
    sent = collections.Counter()

    def load():
        with watched.connect() as connection:
            while not stop.is_set():
                asked = request("DELETE", f"/v2/users/{fresh()}/otp_email", api.token)
                connection.send(asked * 20)
                for _ in range(20):
                    sent[connection.read().status] += 1

    workers = [threading.Thread(target=load) for _ in range(3)]
    for worker in workers:
        worker.start()
    before = watched.scrape()
    try:
        for _ in range(30):
            now = watched.scrape()
            for sample, value in now.samples.items():
                if sample[0].endswith(("_total", "_bucket", "_count", "_sum")):
                    assert value >= before.samples[sample], sample
            before = now
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert set(sent) == {404}
    done = watched.scrape()
    assert done("factord_requests_total", operation="RemoveOTPEmail", code="NOT_FOUND",
                protocol="json") == sent[404]
    assert done("factord_request_duration_seconds_count", operation="RemoveOTPEmail") == sent[404]
    assert done("factord_commit_batch_commands_sum") == sent[404] + 1
    api.client.close()
