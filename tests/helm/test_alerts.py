"""Each alert fires on what it is for, and is quiet on what is near it: tried by Prometheus's own tool."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from configs.load import ROOT
from helm.observe.__main__ import CHART, files
from helm.observe.alerts import ALERTS, Alert
from helm.observe.boards import BOARDS
from tests.prometheus import program

RULES = sorted((CHART / "rules").glob("*.yaml"))


@dataclass(frozen=True, slots=True)
class Case:
    """Series as promtool writes them, one value a minute; `at` is when the alert is looked for, `labels` those that it
    has beside its severity."""

    fires: dict[str, str]
    quiet: dict[str, str]
    at: str
    labels: tuple[tuple[str, str], ...] = ()


def jobs(outcome: str) -> str:
    return f'atelier_jobs_total{{outcome="{outcome}",model="m",quality="draft"}}'


def waits(le: str) -> str:
    return f'atelier_job_wait_seconds_bucket{{model="m",start="warm",le="{le}"}}'


WAITS = 'atelier_job_wait_seconds_count{model="m",start="warm"}'
OF_MINI = 'deployment="generator-mini"'
MINI = (("deployment", "generator-mini"),)
OLDEST, SECONDS = f"atelier_queue_oldest_seconds{{{OF_MINI}}}", f"atelier_queue_seconds{{{OF_MINI}}}"
STARTING = f'atelier_replicas{{{OF_MINI},state="starting"}}'
WANTED = f'atelier_replicas{{{OF_MINI},state="wanted"}}'
AGE = 'atelier_capacity_input_age_seconds{source="prometheus"}'
USED, LIMIT = (f'atelier_gpu_memory_bytes{{{OF_MINI},what="{what}"}}' for what in ("used", "limit"))
IDLE, DRAW = (f'atelier_gpu_seconds_total{{model="m",kind="t4",use="{use}"}}' for use in ("idle", "draw"))

CASES = {
    "JobsFailing": Case(
        {jobs("complete"): "0+2x120", jobs("failed"): "0+1x120"},
        {jobs("complete"): "0+200x120", jobs("failed"): "0+1x120"},
        "2h",
    ),
    "WaitSlo": Case(
        {waits("30.0"): "0+1x120", WAITS: "0+10x120"}, {waits("30.0"): "0+98x120", WAITS: "0+100x120"}, "2h"
    ),
    "BacklogStuck": Case(
        {OLDEST: "0+60x40", SECONDS: "100+10x40"}, {OLDEST: "0+60x40", SECONDS: "1000-20x40"}, "40m", MINI
    ),
    "StartTooLong": Case({STARTING: "1x40"}, {STARTING: "0x10 1x12 0x18"}, "40m", (*MINI, ("state", "starting"))),
    "CapacityInputStale": Case({AGE: "0+60x10"}, {AGE: "15x10"}, "10m", (("source", "prometheus"),)),
    "LeasesLost": Case(
        {'atelier_lease_lost_total{model="m"}': "0+1x30"}, {'atelier_lease_lost_total{model="m"}': "0x20 1x10"}, "30m"
    ),
    "WebhooksLate": Case(
        {"atelier_webhooks_due_seconds": "0+60x30"}, {"atelier_webhooks_due_seconds": "0 60 120 180 240 0x20"}, "15m"
    ),
    "DamagedFiles": Case({"atelier_damaged_files_total": "_x100 1x20"}, {"atelier_damaged_files_total": "3x120"}, "2h"),
    "MemoryOverPrediction": Case(
        {USED: "12000000000x20", LIMIT: "10000000000x20"},
        {USED: "10200000000x20", LIMIT: "10000000000x20"},
        "20m",
        (*MINI, ("what", "used")),
    ),
    "GpuIdlePaid": Case({IDLE: "0+55x300", DRAW: "0+5x300"}, {IDLE: "0+40x300", DRAW: "0+20x300"}, "5h"),
    "MetricsAbsent": Case({WANTED: "1x20 _x40"}, {WANTED: "0x20 _x40"}, "40m", (*MINI, ("state", "wanted"))),
}


def try_rules(folder: Path, alert: Alert, series: dict[str, str], case: Case, fires: bool) -> None:
    """Fails unless the alert is as it is said to be when it is looked for."""
    labels = dict(case.labels)
    told = next(
        one
        for one in yaml.safe_load(files()[CHART / "rules/alerts.yaml"])["groups"][0]["rules"]
        if one["alert"] == alert.name
    )
    said = {
        name: re.sub(r"{{ \$labels\.(\w+) }}", lambda found: labels[found[1]], text)
        for name, text in told["annotations"].items()
    }
    expected = [{"exp_labels": {"severity": alert.severity} | labels, "exp_annotations": said}] if fires else []
    document: dict[str, Any] = {
        "rule_files": [str(path) for path in RULES],
        "evaluation_interval": "1m",
        "group_eval_order": ["atelier-recording", "atelier-alerts"],
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "alert_rule_test": [{"eval_time": case.at, "alertname": alert.name, "exp_alerts": expected}],
            }
        ],
    }
    file = folder / "test.yaml"
    file.write_text(yaml.safe_dump(document))
    run = subprocess.run([program("promtool"), "test", "rules", file], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_it_fires_on_what_it_is_for(tmp_path: Path, alert: Alert) -> None:
    case = CASES[alert.name]
    try_rules(tmp_path, alert, case.fires, case, fires=True)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_it_is_quiet_on_what_is_near(tmp_path: Path, alert: Alert) -> None:
    case = CASES[alert.name]
    try_rules(tmp_path, alert, case.quiet, case, fires=False)


def test_two_first_failures_of_a_quiet_day_are_told(tmp_path: Path) -> None:
    alert = next(one for one in ALERTS if one.name == "JobsFailing")
    series = {jobs("complete"): "1x60", jobs("failed"): "_x20 1x10 2x30"}
    try_rules(tmp_path, alert, series, Case({}, {}, "40m"), fires=True)


def test_prometheus_takes_the_rules() -> None:
    run = subprocess.run([program("promtool"), "check", "rules", *RULES], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_it_has_a_page_of_the_runbook_and_a_panel(alert: Alert) -> None:
    runbook = (ROOT / "helm/RUNBOOK.md").read_text()
    headings = re.findall(r"^## (.+)$", runbook, re.MULTILINE)
    assert alert.name in headings
    uid, title = alert.panel
    assert title in [panel.title for board in BOARDS if board.uid == uid for panel in board.panels]


def test_the_runbook_has_no_alert_that_is_gone() -> None:
    runbook = (ROOT / "helm/RUNBOOK.md").read_text()
    assert set(re.findall(r"^## (\w+)$", runbook, re.MULTILINE)) == {alert.name for alert in ALERTS}
