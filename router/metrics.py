"""What the front desk reports of experiments and quotas, as data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from configs.metrics import Kind, Metric

ASSIGNMENTS = "atelier_assignments_total"
EXPOSURES = "atelier_exposures_total"
GUARDRAIL_TRIPS = "atelier_guardrail_trips_total"
QUOTA_REJECTIONS = "atelier_quota_rejections_total"
VOTES = "atelier_votes_total"

_TABLE = (
    Metric(
        ASSIGNMENTS,
        Kind.COUNTER,
        "Jobs by the arm of an experiment that they were assigned to, and the arm that draws them.",
        tags=("experiment", "assigned", "served"),
    ),
    Metric(
        EXPOSURES, Kind.COUNTER, "Jobs of an experiment whose pictures somebody has looked at.", tags=("experiment",)
    ),
    Metric(GUARDRAIL_TRIPS, Kind.COUNTER, "Pauses by a guardrail.", tags=("experiment", "arm", "metric")),
    Metric(
        QUOTA_REJECTIONS,
        Kind.COUNTER,
        "Orders that were refused since a quota is reached, by whose and which.",
        tags=("subject", "quota"),
    ),
    Metric(VOTES, Kind.COUNTER, "Blind votes by what was chosen.", tags=("experiment", "choice")),
)
METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _TABLE})
