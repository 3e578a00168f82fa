"""What the front desk reports, as data: jobs, the queue, capacity, experiments, quotas and webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from configs.metrics import OF_REPLICAS, WAITS, Kind, Metric

ASSIGNMENTS = "atelier_assignments_total"
EXPOSURES = "atelier_exposures_total"
GUARDRAIL_TRIPS = "atelier_guardrail_trips_total"
QUOTA_REJECTIONS = "atelier_quota_rejections_total"
VOTES = "atelier_votes_total"
WEBHOOK_ATTEMPTS = "atelier_webhook_attempts_total"
WEBHOOK_LAG = "atelier_webhook_lag_seconds"
WEBHOOKS_DUE = "atelier_webhooks_due_seconds"

JOBS = "atelier_jobs_total"
JOB_WAIT = "atelier_job_wait_seconds"
JOB_SECONDS = "atelier_job_seconds"
FIRST_PREVIEW = "atelier_first_preview_seconds"
LEASES_LOST = "atelier_lease_lost_total"
PICTURES_REDRAWN = "atelier_picture_redrawn_total"
QUEUE_SECONDS = "atelier_queue_seconds"
QUEUE_JOBS = "atelier_queue_jobs"
QUEUE_OLDEST = "atelier_queue_oldest_seconds"
REPLICAS = "atelier_replicas"
CAPACITY_DECISIONS = "atelier_capacity_decisions_total"
CAPACITY_INPUT_AGE = "atelier_capacity_input_age_seconds"
DAMAGED_FILES = "atelier_damaged_files_total"
GPU_PRICE = "atelier_gpu_price_per_hour"

_OF_JOBS = (
    Metric(JOBS, Kind.COUNTER, "Jobs that ended: complete, failed or canceled.", tags=("outcome", "model", "quality")),
    Metric(
        JOB_WAIT,
        Kind.HISTOGRAM,
        "From the acceptance of a job to its first step; cold where its model had to be loaded for it. Not of batches.",
        WAITS,
        ("model", "start"),
    ),
    Metric(
        JOB_SECONDS,
        Kind.HISTOGRAM,
        "From the acceptance of a job that was completed to its end.",
        tuple(bound for bound in WAITS if bound >= 1),
        ("model", "quality"),
    ),
    Metric(
        FIRST_PREVIEW,
        Kind.HISTOGRAM,
        "From the acceptance of a job to its first preview. Not of batches.",
        (0.5, 1.0, 2.0, 5.0, 10.0, 30.0),
        ("model",),
    ),
    Metric(LEASES_LOST, Kind.COUNTER, "Jobs that another conductor took over from a slow one.", tags=("model",)),
    Metric(PICTURES_REDRAWN, Kind.COUNTER, "Pictures begun again, since a replica was lost.", tags=("model",)),
)
_OF_CAPACITY = (
    Metric(QUEUE_SECONDS, Kind.GAUGE, "Predicted seconds of all that nobody works on yet.", tags=("deployment",)),
    Metric(QUEUE_JOBS, Kind.GAUGE, "Jobs that nobody works on yet.", tags=("deployment",)),
    Metric(QUEUE_OLDEST, Kind.GAUGE, "How long the oldest of them has waited.", tags=("deployment",)),
    Metric(REPLICAS, Kind.GAUGE, "Replicas that are wanted, that start, that run.", tags=("deployment", "state")),
    Metric(
        CAPACITY_DECISIONS,
        Kind.COUNTER,
        "Decisions that changed how many replicas are wanted: up or down, and why.",
        tags=("deployment", "reason", "direction"),
    ),
    Metric(CAPACITY_INPUT_AGE, Kind.GAUGE, "How old what a source said last is.", tags=("source",)),
    Metric(GPU_PRICE, Kind.GAUGE, "What an hour of one GPU costs, as the fleet has it.", tags=("kind", "currency")),
)
_OF_PEOPLE = (
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
_OF_WEBHOOKS = (
    Metric(
        WEBHOOK_ATTEMPTS,
        Kind.COUNTER,
        "Attempts to tell a webhook: delivered, later (tried again), failed (for good), gone or failing (disabled).",
        tags=("outcome",),
    ),
    Metric(WEBHOOK_LAG, Kind.HISTOGRAM, "From an event to the attempt that a webhook has answered well.", WAITS),
    Metric(WEBHOOKS_DUE, Kind.GAUGE, "For how long the first of what webhooks are to be told has been due."),
)
_OF_FILES = (
    Metric(
        DAMAGED_FILES,
        Kind.COUNTER,
        "Times that a file was asked for whose bytes are not those that were stored; the log names it.",
    ),
)
METRICS: Mapping[str, Metric] = MappingProxyType(
    {metric.name: metric for metric in (*_OF_JOBS, *_OF_CAPACITY, *_OF_PEOPLE, *_OF_WEBHOOKS, *_OF_FILES, *OF_REPLICAS)}
)
