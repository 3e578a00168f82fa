"""How quotas stand, as headers: `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers, and the
three that many clients read, for the limit that is closest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from configs.quotas import QuotaState

_DAY = 86_400
_WORDS = {
    "jobs_in_flight": ("jobs", "concurrent-requests"),
    "pictures_per_day": ("pictures", "pictures"),
    "device_seconds_per_day": ("device-seconds", "device-seconds"),
}

RATE_LIMIT_HEADERS: dict[str, Any] = {
    "RateLimit-Policy": {
        "schema": {"type": "string"},
        "description": "Each quota that holds: q how much of the unit qu, w in how many seconds; absent without any",
    },
    "RateLimit": {"schema": {"type": "string"}, "description": "Of each: r what remains, t seconds until it is whole"},
    "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "Of the quota of which least remains"},
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "Of the same"},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Of the same; absent where jobs have to end"},
}
"""As OpenAPI has them."""


def rate_limit_headers(states: Sequence[QuotaState]) -> dict[str, str]:
    """Empty where nothing is limited."""
    if not states:
        return {}
    closest = min(states, key=lambda one: one.remaining / one.limit if one.limit else 0.0)
    headers = {
        "RateLimit-Policy": ", ".join(map(_policy, states)),
        "RateLimit": ", ".join(map(_limit, states)),
        "RateLimit-Limit": str(int(closest.limit)),
        "RateLimit-Remaining": str(int(closest.remaining)),
    }
    return headers if closest.resets_in is None else headers | {"RateLimit-Reset": str(closest.resets_in)}


def _policy(state: QuotaState) -> str:
    window = "" if state.resets_in is None else f";w={_DAY}"
    return f'"{_name(state)}";q={int(state.limit)};qu="{_WORDS[state.name][1]}"{window}'


def _limit(state: QuotaState) -> str:
    whole = "" if state.resets_in is None else f";t={state.resets_in}"
    return f'"{_name(state)}";r={int(state.remaining)}{whole}'


def _name(state: QuotaState) -> str:
    return f"{state.subject}-{_WORDS[state.name][0]}"
