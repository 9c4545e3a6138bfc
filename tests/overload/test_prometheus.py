"""A real Prometheus on a server under load for a minute: what the dashboard asks has values."""

import json
import re
import subprocess
import time
import urllib.parse
import urllib.request

import pytest

from factord import BIN_DIR, PATIENCE_S, ROOT, ctl
from scrape import Watched, an_issuer
from test_deploy import free_ports

CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: factord
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""
LOAD_S = 60
USERS = 40_000
# Nothing of these happens here: no value is as it should be.
QUIET = ("Errors of its own a second", "Last backup", "Certificate ends")


class Prometheus:
    def __init__(self, folder, target):
        [port] = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        config = folder / "prometheus.yml"
        config.write_text(CONFIG.format(rules=ROOT / "tools/monitoring/alerts.yml", port=target))
        self.log = open(folder / "prometheus.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}",
             f"--web.listen-address=127.0.0.1:{port}"], stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + PATIENCE_S
        while not self.query("up == 1"):
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.2)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S) as answer:
            return json.load(answer)["data"]

    def query(self, text):
        try:
            return self.get("/api/v1/query?" + urllib.parse.urlencode({"query": text}))["result"]
        except OSError:
            return []  # it does not listen yet

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.log.close()


@pytest.fixture
def server(tmp_path):
    data = tmp_path / "data"
    assert ctl(data, "seed", "--users", USERS, "--org", "acme").returncode == 0
    with Watched(data, *an_issuer(tmp_path)) as running:
        yield running


def queries():
    panels = json.loads((ROOT / "tools/monitoring/dashboard.json").read_text())["panels"]
    for panel in panels:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"].replace('{instance=~"$instance"', '{job="factord"')


def test_every_query_of_the_dashboard_has_a_value_under_load(tmp_path, server):
    prometheus = Prometheus(tmp_path, server.monitoring_port)
    try:
        load = subprocess.Popen(
            [BIN_DIR / "factorload", "--target", f"http://127.0.0.1:{server.port}", "--token",
             server.token(), "--users", str(USERS), "--connections", "16", "--duration",
             str(LOAD_S), "--rate", "500"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(LOAD_S - 15)
        for title, query in queries():
            text = re.sub(r"\$__rate_interval", "30s", query)
            found = prometheus.query(text)
            assert bool(found) != (title in QUIET), (title, text)
            assert all(one["value"][1] != "NaN" for one in found) or "quantile" in text, text
        removed = prometheus.query('sum(rate(factord_requests_total{operation="RemoveOTPEmail",'
                                   'code="OK"}[20s]))')
        assert float(removed[0]["value"][1]) > 100
        firing = [alert["labels"]["alertname"]
                  for alert in prometheus.get("/api/v1/alerts")["alerts"]
                  if alert["state"] == "firing"]
        assert firing == []
        out, _ = load.communicate(timeout=PATIENCE_S)
        assert load.returncode == 0, out
        assert prometheus.query("up") and prometheus.query("up")[0]["value"][1] == "1"
    finally:
        prometheus.close()
