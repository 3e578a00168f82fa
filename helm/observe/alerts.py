"""Alerts: each says what is wrong for people, links the panel that shows it and the page that says what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helm.observe.recording import JOB_SHARE, WAIT_SHARE

RUNBOOK = "helm/RUNBOOK.md"


@dataclass(frozen=True, slots=True)
class Alert:
    """`panel` is the dashboard's uid and the title of a panel of it; `held` how long it must be so."""

    name: str
    expr: str
    held: str
    severity: str
    summary: str
    panel: tuple[str, str]

    @property
    def anchor(self) -> str:
        """Its heading in the runbook."""
        return self.name.lower()

    def document(self, panel_id: int) -> dict[str, Any]:
        uid, _ = self.panel
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.held,
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.summary,
                "runbook": f"{RUNBOOK}#{self.anchor}",
                "__dashboardUid__": uid,
                "__panelId__": str(panel_id),
            },
        }


def _burns(ratio: str, target: float, rate: float, long: str, short: str, good: bool) -> str:
    """Whether the error budget burns `rate` times too fast over both windows: two, so that it comes and goes soon.
    Source: Site Reliability Workbook, ch. 5."""
    bound = f"{rate * (1 - target):.4g}"
    errors = [f"(1 - {ratio}{window})" if good else f"{ratio}{window}" for window in (long, short)]
    return " and ".join(f"{one} > {bound}" for one in errors)


def _burning(ratio: str, target: float, good: bool) -> str:
    """Fast, and slow for long. What burns 14 times too fast spends the budget of a month in two days."""
    windows = ((14.4, "1h", "5m"), (6, "6h", "30m"))
    reachable = [each for each in windows if each[0] * (1 - target) < 1]
    burns = [_burns(ratio, target, rate, long, short, good) for rate, long, short in reachable]
    return " or ".join(f"({one})" for one in burns)


_RATE_OF_JOBS = 'sum(increase(atelier_jobs_total{outcome=~"complete|failed"}[1h]))'
_OF_FAILED = 'atelier_jobs_total{outcome="failed"}'
_FAILED = f"sum(({_OF_FAILED} unless {_OF_FAILED} offset 1h) or increase({_OF_FAILED}[1h]))"
"""With what a counter began with: one that appears at 1 has not grown, and the first failure would be none."""
_MEMORY = "atelier:gpu_memory_bytes:by_what"
_REPLICAS = "atelier:replicas:by_state"

ALERTS = (
    Alert(
        "JobsFailing",
        f"(({_burning('atelier:jobs_failed:ratio_rate', JOB_SHARE, good=False)}) and {_RATE_OF_JOBS} >= 20)"
        f" or ({_FAILED} >= 1.5 and {_RATE_OF_JOBS} < 20)",
        "2m",
        "page",
        "More jobs fail than the studio promises",
        ("atelier-studio", "Jobs by outcome"),
    ),
    Alert(
        "WaitSlo",
        _burning("atelier:wait_good:ratio_rate", WAIT_SHARE, good=True),
        "2m",
        "page",
        "People wait longer than 30 s for models that are loaded",
        ("atelier-studio", "Warm waits within 30 s"),
    ),
    Alert(
        "BacklogStuck",
        "(atelier:queue_oldest_seconds:by_deployment > 300) and (delta(atelier:queue_seconds:by_deployment[10m]) >= 0)",
        "10m",
        "page",
        "{{ $labels.deployment }} has work that waits for more than five minutes, and it does not become less",
        ("atelier-capacity", "Work that waits"),
    ),
    Alert(
        "StartTooLong",
        f'{_REPLICAS}{{state="starting"}} > 0',
        "20m",
        "ticket",
        "Replicas of {{ $labels.deployment }} have been starting for twenty minutes",
        ("atelier-capacity", "Replicas"),
    ),
    Alert(
        "CapacityInputStale",
        "atelier:capacity_input_age_seconds:by_source > 60",
        "2m",
        "ticket",
        "What {{ $labels.source }} says is a minute old: capacity is held, and does not grow",
        ("atelier-capacity", "Age of what decisions are made from"),
    ),
    Alert(
        "LeasesLost",
        "sum(increase(atelier_lease_lost_total[30m])) >= 3",
        "0m",
        "ticket",
        "Conductors take jobs from each other: they, or the database, are too slow",
        ("atelier-studio", "Begun again"),
    ),
    Alert(
        "WebhooksLate",
        "max(atelier_webhooks_due_seconds) > 300",
        "5m",
        "ticket",
        "What webhooks are to be told has been due for five minutes, and nobody sends it",
        ("atelier-studio", "Webhooks due"),
    ),
    Alert(
        "DamagedFiles",
        "(sum(increase(atelier_damaged_files_total[1h])) > 0)"
        " or (sum(atelier_damaged_files_total) unless sum(atelier_damaged_files_total offset 1h))",
        "0m",
        "ticket",
        "The file store has other bytes than were stored",
        ("atelier-studio", "Damaged files"),
    ),
    Alert(
        "MemoryOverPrediction",
        f'{_MEMORY}{{what="used"}} > on (deployment) group_left 1.05 * max by (deployment)'
        f' ({_MEMORY}{{what="limit"}} or {_MEMORY}{{what="predicted"}})',
        "5m",
        "ticket",
        "{{ $labels.deployment }} takes more of its GPU than it was given",
        ("atelier-engine", "GPU memory"),
    ),
    Alert(
        "GpuIdlePaid",
        "atelier:gpu_idle:ratio > 0.8",
        "2h",
        "ticket",
        "GPUs that are paid for have been idle for four fifths of two hours",
        ("atelier-cost", "Share of paid time that is idle"),
    ),
    Alert(
        "MetricsAbsent",
        f'(max_over_time({_REPLICAS}{{state="wanted"}}[1h]) > 0) unless on (deployment) {_REPLICAS}{{state="wanted"}}',
        "5m",
        "page",
        "Nobody reports {{ $labels.deployment }} any more, and an hour ago it was wanted",
        ("atelier-capacity", "Replicas"),
    ),
)
