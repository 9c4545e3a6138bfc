"""Traces, as OpenTelemetry's own definitions read what a collector is sent (collector.mjs)."""

import json
import queue
import subprocess
import threading

import pytest

from clients import HERE, PATIENCE_S
from factord import Factord
from wire import request

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


class Collector:
    def __init__(self):
        self.process = subprocess.Popen(["node", HERE / "collector.mjs"], text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def call(self, operation):
        """The span of the next call of this operation, and those of its stages."""
        while (whole := self.next())["attributes"].get("factord.operation") != operation:
            pass
        return whole, [self.next() for _ in range(3)]

    def next(self):
        return self.lines.get(timeout=PATIENCE_S)

    def close(self):
        self.process.kill()
        self.process.wait(PATIENCE_S)


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.close()


def ask(server, text):
    with server.connect() as connection:
        return connection.ask(text)


def removal(api, user, *fields):
    return request("DELETE", f"/v2/users/{user}/otp_email", api.token, headers=fields)


def test_a_removal_is_a_span_with_its_stages(tmp_path, collector):
    with Factord(tmp_path / "data", "--otlp-endpoint", collector.url, "--trace-sample", 1,
                 "--trace-trust-remote") as server:
        api = server.api()
        user = api.make_user_with_factor()
        answer = ask(server, removal(api, user, f"traceparent: 00-{TRACE}-{PARENT}-01",
                                     "tracestate: a=1", "X-Request-Id: mine"))
        assert answer.status == 200
        whole, stages = collector.call("RemoveOTPEmail")

    assert (whole["traceId"], whole["parentSpanId"], whole["traceState"]) == (TRACE, PARENT, "a=1")
    assert (whole["name"], whole["kind"]) == ("request", "SPAN_KIND_SERVER")
    assert whole["attributes"] == {
        "factord.operation": "RemoveOTPEmail", "factord.protocol": "json", "factord.code": "OK",
        "factord.request_id": "mine", "factord.sequence": answer.json["details"]["sequence"]}
    assert whole["resource"]["service.name"] == "factord" and whole["resource"]["service.version"]
    assert whole["scope"]["name"] == "factord"
    assert [stage["name"] for stage in stages] == ["authenticate", "queue", "commit"]
    assert {stage["parentSpanId"] for stage in stages} == {whole["spanId"]}
    assert {stage["traceId"] for stage in stages} == {TRACE}
    assert len({span["spanId"] for span in [whole, *stages]}) == 4

    def times(span):
        return int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    edges = [edge for stage in stages for edge in times(stage)]
    assert edges == sorted(edges)
    assert times(whole)[0] == edges[0] and edges[-1] <= times(whole)[1]


def test_what_clients_say_of_sampling_counts_where_it_is_trusted(tmp_path, collector):
    with Factord(tmp_path / "data", "--otlp-endpoint", collector.url + "/", "--trace-sample", "0",
                 "--trace-trust-remote") as server:
        api = server.api()
        user = api.make_user()
        ask(server, removal(api, user, f"traceparent: 00-{TRACE}-{PARENT}-00"))
        ask(server, removal(api, user, f"traceparent: 00-{TRACE}-{PARENT}-01"))
        whole = collector.next()
    assert whole["traceId"] == TRACE and whole["attributes"]["factord.code"] == "NOT_FOUND"
    assert whole["status"] is None, "whoever asks for what is not there is no fault of the server"


def test_where_it_is_not_trusted_it_does_not(tmp_path, collector):
    with Factord(tmp_path / "data", "--otlp-endpoint", collector.url, "--trace-sample",
                 "1") as server:
        api = server.api()
        ask(server, removal(api, api.make_user(), f"traceparent: 00-{TRACE}-{PARENT}-00"))
        whole, _ = collector.call("RemoveOTPEmail")
    assert (whole["traceId"], whole["parentSpanId"]) == (TRACE, PARENT)


def test_what_waits_at_the_end_is_sent(tmp_path, collector):
    with Factord(tmp_path / "data", "--otlp-endpoint", collector.url, "--trace-sample",
                 "1") as server:
        server.api().make_user()
    assert collector.call("AddHumanUser")
