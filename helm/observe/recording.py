"""Recording rules: what dashboards and alerts ask, once, without the labels that change at each restart.

Conductors all report the same of queues and replicas: `max by` takes it once. Counts, of one process each, are summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WAIT_SECONDS = 30
"""The objective of warm waits; a bucket of `atelier_job_wait_seconds` ends there."""
WAIT_SHARE, JOB_SHARE = 0.95, 0.99
"""Of all waits and of all jobs, that are to be good."""
WINDOWS = ("5m", "30m", "1h", "6h", "3d")


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that is recorded."""

    record: str
    expr: str

    def document(self) -> dict[str, Any]:
        return {"record": self.record, "expr": self.expr}


def _once(record: str, metric: str, by: str = "deployment") -> Recording:
    return Recording(record, f"max by ({by}) ({metric})")


def _wait_good(window: str) -> Recording:
    good = f'atelier_job_wait_seconds_bucket{{start="warm",le="{WAIT_SECONDS}.0"}}'
    every = 'atelier_job_wait_seconds_count{start="warm"}'
    return Recording(
        f"atelier:wait_good:ratio_rate{window}", f"sum(rate({good}[{window}])) / sum(rate({every}[{window}]))"
    )


def _jobs_failed(window: str) -> Recording:
    failed = f'(sum(rate(atelier_jobs_total{{outcome="failed"}}[{window}])) or vector(0))'
    every = f'sum(rate(atelier_jobs_total{{outcome=~"complete|failed"}}[{window}]))'
    return Recording(f"atelier:jobs_failed:ratio_rate{window}", f"{failed} / {every}")


_PRICE = "on (kind) group_left max by (kind) (atelier_gpu_price_per_hour)"
_HELD = 'sum by (model, kind, use) (rate(atelier_gpu_seconds_total{kind!="cpu"}[1h]))'
_IDLE = 'sum(rate(atelier_gpu_seconds_total{kind!="cpu",use="idle"}[2h]))'
_PAID = 'sum(rate(atelier_gpu_seconds_total{kind!="cpu"}[2h]))'

RECORDINGS = (
    _once("atelier:queue_jobs:by_deployment", "atelier_queue_jobs"),
    _once("atelier:queue_seconds:by_deployment", "atelier_queue_seconds"),
    _once("atelier:queue_oldest_seconds:by_deployment", "atelier_queue_oldest_seconds"),
    _once("atelier:replicas:by_state", "atelier_replicas", "deployment, state"),
    _once("atelier:gpu_memory_bytes:by_what", "atelier_gpu_memory_bytes", "deployment, what"),
    _once("atelier:capacity_input_age_seconds:by_source", "atelier_capacity_input_age_seconds", "source"),
    Recording("atelier:backlog_seconds:sum", "sum(atelier:queue_seconds:by_deployment)"),
    *(_wait_good(window) for window in WINDOWS),
    *(_jobs_failed(window) for window in WINDOWS),
    Recording(
        "atelier:start_seconds:p90",
        "histogram_quantile(0.9, sum by (model, phase, le) (rate(atelier_start_seconds_bucket[6h])))",
    ),
    Recording("atelier:gpu_idle:ratio", f"{_IDLE} / {_PAID}"),
    Recording("atelier:cost_per_hour:rate1h", f"{_HELD} * {_PRICE}"),
)
