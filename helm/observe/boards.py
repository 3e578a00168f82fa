"""The four dashboards: what people feel, what capacity does, what engines do, and what it costs."""

from __future__ import annotations

from helm.observe.panels import Board, Panel, Query

_RATE = "$__rate_interval"
_WAITS = f"sum by (start, le) (rate(atelier_job_wait_seconds_bucket[{_RATE}]))"
_PREVIEWS = f"sum by (model, le) (rate(atelier_first_preview_seconds_bucket[{_RATE}]))"
_STARTS = "sum by (phase, le) (rate(atelier_start_seconds_bucket[6h]))"
_TICKS = f"sum by (model, le) (rate(atelier_engine_tick_seconds_bucket[{_RATE}]))"
_ROWS = (
    f"sum by (model) (rate(atelier_engine_batch_rows_sum[{_RATE}]))"
    f" / sum by (model) (rate(atelier_engine_batch_rows_count[{_RATE}]))"
)
_ETA = f"sum by (model, le) (rate(atelier_engine_eta_error_ratio_bucket[{_RATE}]))"
_PICTURES = 'sum(rate(atelier_jobs_total{outcome="complete"}[1h])) * 3600'
_COST = "atelier:cost_per_hour:rate1h"

STUDIO = Board(
    "atelier-studio",
    "Atelier: studio",
    "What people feel: waits, previews, outcomes",
    (
        Panel(
            "Warm waits within 30 s",
            "Share of jobs whose model was loaded that began within 30 s. Promised: 95 %.",
            "percentunit",
            (Query("atelier:wait_good:ratio_rate1h"),),
            now=True,
        ),
        Panel(
            "Failed jobs",
            "Share of jobs that failed within an hour. Promised: at most 1 %.",
            "percentunit",
            (Query("atelier:jobs_failed:ratio_rate1h"),),
            now=True,
        ),
        Panel(
            "Waiting jobs",
            "That nobody works on yet.",
            "short",
            (Query("sum(atelier:queue_jobs:by_deployment)"),),
            True,
        ),
        Panel(
            "Oldest waits",
            "How long the oldest job has been waiting.",
            "s",
            (Query("max(atelier:queue_oldest_seconds:by_deployment)"),),
            now=True,
        ),
        Panel(
            "Wait for the first step",
            "From acceptance to the first step; cold: the model had to be loaded for it.",
            "s",
            (
                Query(f"histogram_quantile(0.5, {_WAITS})", "p50 {{start}}"),
                Query(f"histogram_quantile(0.95, {_WAITS})", "p95 {{start}}"),
            ),
        ),
        Panel(
            "Jobs by outcome",
            "An hour, as they end: complete, failed, canceled.",
            "short",
            (Query(f"sum by (outcome) (rate(atelier_jobs_total[{_RATE}])) * 3600", "{{outcome}}"),),
        ),
        Panel(
            "Whole jobs",
            "From acceptance to the end of what was completed, nine of ten.",
            "s",
            (
                Query(
                    f"histogram_quantile(0.9, sum by (quality, le) (rate(atelier_job_seconds_bucket[{_RATE}])))",
                    "{{quality}}",
                ),
            ),
        ),
        Panel(
            "First preview",
            "From acceptance to the first picture that somebody sees, nineteen of twenty.",
            "s",
            (
                Query(
                    f"histogram_quantile(0.95, {_PREVIEWS})",
                    "{{model}}",
                ),
            ),
        ),
        Panel(
            "Begun again",
            "Leases that conductors lost to each other, and pictures that lost replicas left; an hour.",
            "short",
            (
                Query(f"sum(rate(atelier_lease_lost_total[{_RATE}])) * 3600", "leases"),
                Query(f"sum(rate(atelier_picture_redrawn_total[{_RATE}])) * 3600", "pictures"),
            ),
        ),
        Panel(
            "Refused for a quota",
            "Orders, an hour.",
            "short",
            (Query(f"sum by (quota) (rate(atelier_quota_rejections_total[{_RATE}])) * 3600", "{{quota}}"),),
        ),
        Panel(
            "Webhooks",
            "Attempts to tell one, an hour, by what became of them.",
            "short",
            (Query(f"sum by (outcome) (rate(atelier_webhook_attempts_total[{_RATE}])) * 3600", "{{outcome}}"),),
        ),
        Panel(
            "Webhooks due",
            "For how long the first of what they are to be told has been due: what waits for its next attempt is not.",
            "s",
            (Query("max(atelier_webhooks_due_seconds)", "oldest"),),
        ),
        Panel(
            "Damaged files",
            "Asked for and not handed out, an hour; the log names them, and a backup has them.",
            "short",
            (Query(f"sum(rate(atelier_damaged_files_total[{_RATE}])) * 3600", "files"),),
        ),
    ),
)

CAPACITY = Board(
    "atelier-capacity",
    "Atelier: capacity",
    "How much is wanted, how much there is, and why",
    (
        Panel(
            "Work that waits",
            "Predicted seconds of drawing that nobody works on yet.",
            "s",
            (Query("atelier:queue_seconds:by_deployment", "{{deployment}}"),),
        ),
        Panel(
            "Replicas",
            "Wanted, starting and running.",
            "short",
            (Query("sum by (state) (atelier:replicas:by_state)", "{{state}}"),),
        ),
        Panel(
            "Replicas that run",
            "By deployment.",
            "short",
            (Query('atelier:replicas:by_state{state="running"}', "{{deployment}}"),),
        ),
        Panel(
            "Decisions by reason",
            "Changes of what is wanted, an hour: backlog, wake, slo, schedule, keep-alive, budget …",
            "short",
            (
                Query(
                    f"sum by (direction, reason) (rate(atelier_capacity_decisions_total[{_RATE}])) * 3600",
                    "{{direction}}: {{reason}}",
                ),
            ),
        ),
        Panel(
            "Starts by phase",
            "Nine of ten of six hours: a node, its process, the weights, warming up.",
            "s",
            (Query(f"histogram_quantile(0.9, {_STARTS})", "{{phase}}"),),
        ),
        Panel(
            "Age of what decisions are made from",
            "Past 30 s, what runs is held; nothing shrinks.",
            "s",
            (Query("atelier:capacity_input_age_seconds:by_source", "{{source}}"),),
        ),
    ),
)

ENGINE = Board(
    "atelier-engine",
    "Atelier: engine",
    "What replicas do: calls of the model, rows, LoRAs, memory beside its prediction",
    (
        Panel(
            "Ticks",
            "One call of the model, half of them and nineteen of twenty.",
            "s",
            (
                Query(f"histogram_quantile(0.5, {_TICKS})", "p50 {{model}}"),
                Query(f"histogram_quantile(0.95, {_TICKS})", "p95 {{model}}"),
            ),
        ),
        Panel("Rows a tick", "Requests that share a call, on average.", "short", (Query(_ROWS, "{{model}}"),)),
        Panel(
            "Busy",
            "Share of the time that is held in which the device draws.",
            "percentunit",
            (
                Query(
                    f'sum by (model) (rate(atelier_gpu_seconds_total{{use="draw"}}[{_RATE}]))'
                    f" / sum by (model) (rate(atelier_gpu_seconds_total[{_RATE}]))",
                    "{{model}}",
                ),
            ),
        ),
        Panel(
            "GPU memory",
            "Of a replica: predicted, its limit, the most that was used.",
            "bytes",
            (Query("atelier:gpu_memory_bytes:by_what", "{{deployment}} {{what}}"),),
        ),
        Panel(
            "LoRAs in slots",
            "Held by all replicas, and loaded an hour.",
            "short",
            (
                Query("sum by (model) (atelier_engine_resident_loras)", "{{model}} held"),
                Query(f"sum by (model) (rate(atelier_engine_lora_loads_total[{_RATE}])) * 3600", "{{model}} loaded"),
            ),
        ),
        Panel(
            "Predicted over taken",
            "The median of the seconds predicted on arrival over those taken: 1 is right.",
            "short",
            (Query(f"histogram_quantile(0.5, {_ETA})", "{{model}}"),),
        ),
    ),
)

COST = Board(
    "atelier-cost",
    "Atelier: cost",
    "What the GPUs cost, and what for; prices are the fleet's",
    (
        Panel("An hour", "What is held now, at the fleet's prices.", "currencyUSD", (Query(f"sum({_COST})"),), True),
        Panel("A day", "If it went on so.", "currencyUSD", (Query(f"sum({_COST}) * 24"),), True),
        Panel(
            "A job",
            "What an hour cost over the jobs that were completed in it.",
            "currencyUSD",
            (Query(f"sum({_COST}) / ({_PICTURES} > 0)"),),
            now=True,
        ),
        Panel(
            "Share of paid time that is idle",
            "Of two hours. Keeping a model ready is idle, too.",
            "percentunit",
            (Query("atelier:gpu_idle:ratio"),),
            now=True,
        ),
        Panel(
            "GPU seconds by use",
            "A second: drawing, loading, idle.",
            "short",
            (Query(f"sum by (use) (rate(atelier_gpu_seconds_total[{_RATE}]))", "{{use}}"),),
        ),
        Panel("Cost by model", "An hour.", "currencyUSD", (Query(f"sum by (model) ({_COST})", "{{model}}"),)),
        Panel("Cost by kind of GPU", "An hour.", "currencyUSD", (Query(f"sum by (kind) ({_COST})", "{{kind}}"),)),
    ),
)

BOARDS = (STUDIO, CAPACITY, ENGINE, COST)
