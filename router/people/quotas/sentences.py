"""A quota that is reached, in a sentence that says which, by what, and what to do."""

from __future__ import annotations

from configs.quotas import QuotaState

_WHAT = {
    "jobs_in_flight": ("job at a time", "jobs at a time", "under way"),
    "pictures_per_day": ("picture a day", "pictures a day", "taken today"),
    "device_seconds_per_day": ("device second a day", "device seconds a day", "taken today"),
}


def describe_reached(over: QuotaState, asked: float, retry_after: int | None) -> str:
    """`asked` is what would be added by this request."""
    whose = "your quota" if over.subject == "user" else f"the quota of the {over.subject} {over.id}"
    one, many, taken = _WHAT[over.name]
    limit = f"{_plain(over.limit)} {one if over.limit == 1 else many}"
    if over.limit == 0:
        return f"{whose} is {limit}: nothing may be drawn until an operator raises it"
    if retry_after is None:
        return f"this asks for {_plain(asked)}, and {whose} is {limit}: ask for less, or have an operator raise it"
    before = max(0.0, over.used - asked)
    said = f"{whose} of {limit} is reached: {_plain(before)} are {taken}, and this asks for {_plain(asked)} more"
    if over.resets_in is None:
        return f"{said}; there is room when some have ended, in about {in_words(retry_after)}"
    return f"{said}; the next day begins at 00:00 UTC, in {in_words(retry_after)}"


def in_words(seconds: int) -> str:
    """Seconds, minutes or hours and minutes."""
    if seconds < 100:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"


def _plain(amount: float) -> str:
    return f"{amount:,.0f}" if amount == round(amount) else f"{amount:,.1f}"
