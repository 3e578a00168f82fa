"""Ids of jobs and pictures, which sort by time of creation."""

from __future__ import annotations

import secrets
import time


def new_job_id() -> str:
    """24 hex digits: milliseconds since 1970, then 48 random bits."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"


def new_batch_id() -> str:
    """`batch_` and 24 hex digits, as in a job's id."""
    return f"batch_{new_job_id()}"


def new_job_ids(count: int) -> tuple[str, ...]:
    """Ids of jobs that are made together, which sort in this order."""
    now = time.time_ns() // 1_000_000
    return tuple(f"{now:012x}{number:04x}{secrets.token_hex(4)}" for number in range(count))


def new_picture_id() -> str:
    """Of an upload: `pic_` and 24 hex digits, as in a job's id."""
    return f"pic_{new_job_id()}"
