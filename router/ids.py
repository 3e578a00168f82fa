"""Ids of jobs and pictures, which sort by time of creation."""

from __future__ import annotations

import secrets
import time


def new_job_id() -> str:
    """24 hex digits: milliseconds since 1970, then 48 random bits."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"


def new_picture_id() -> str:
    """Of an upload: `pic_` and 24 hex digits, as in a job's id."""
    return f"pic_{new_job_id()}"
