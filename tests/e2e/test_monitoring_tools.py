"""tools/monitoring: alerts that do what they are for, and queries of metrics that there are."""

import json
import re

import pytest

from factord import ROOT
from scrape import Watched, an_issuer, promtool

FOLDER = ROOT / "tools/monitoring"
# What of a query is a metric: Prometheus' own `up` is the one that is not ours.
METRIC = re.compile(r"\b(?:factord|process)_\w+")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with Watched(folder / "data", *an_issuer(folder)) as server:
        yield server.scrape()


def queries_of_dashboard():
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def queries_of_alerts():
    text = (FOLDER / "alerts.yml").read_text()
    return [query for query in re.split(r"(?m)^ +expr:", text)[1:]
            for query in [re.split(r"(?m)^ +(?:for|labels):", query)[0]]]


def labels_of(seen, name):
    return {label for (found, labels) in seen.samples if found == name for label, _ in labels}


@pytest.mark.parametrize("queries", [queries_of_dashboard, queries_of_alerts])
def test_every_query_is_of_metrics_and_labels_that_there_are(seen, queries):
    found = queries()
    assert len(found) >= 12
    names = {name for name, _ in seen.samples}
    for query in found:
        metrics = set(METRIC.findall(query))
        assert metrics <= names, query
        known = set().union(*(labels_of(seen, name) for name in metrics)) | {"instance", "job"}
        grouped = re.findall(r"\b(?:by|on) \(([^)]*)\)", query)
        asked = set(LABEL.findall(query)) | {name.strip() for group in grouped
                                             for name in group.split(",")}
        assert asked <= known, query


def test_the_dashboard_shows_all_that_there_is(seen):
    shown = set(METRIC.findall(" ".join(queries_of_dashboard())))
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}
    told = set(re.findall(r"(?m)^# TYPE (\S+) ", seen.text))
    assert told == shown


def test_a_value_that_an_alert_waits_for_is_one_that_there_is(seen):
    for label, value in re.findall(r"(\w+)=~?\"([^\"]+)\"", " ".join(queries_of_alerts())):
        if label not in ("job", "code"):
            assert any((label, value) in labels for _, labels in seen.samples), (label, value)


def test_the_rules_are_rules():
    assert "SUCCESS" in promtool("check", "rules", FOLDER / "alerts.yml")


def test_each_alert_does_what_it_is_for():
    files = [FOLDER / "alerts_test.yml", FOLDER / "alerts_slow_test.yml"]
    promtool("test", "rules", *files)
    rules = set(re.findall(r"- alert: (\w+)", (FOLDER / "alerts.yml").read_text()))
    cases = "".join(file.read_text() for file in files)
    for rule in rules:
        of_rule = re.findall(rf"alertname: {rule}\b[}}\n](?:\s+(exp_alerts))?", cases)
        assert set(of_rule) == {"exp_alerts", ""}, f"{rule}: one that fires, one that does not"
