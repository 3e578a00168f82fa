"""What one of several processes of a studio does: accept orders, draw them, or both.

A door and its workers know nothing of each other but the database and the file store that they share.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen

Role: TypeAlias = Literal["all", "door", "worker"]


class WorkerTerms(Frozen):
    """Workers that come when a job waits, and leave by themselves."""

    keep_alive_seconds: float = Field(
        default=60.0,
        ge=0,
        allow_inf_nan=False,
        description="that a worker stays when no job is queued or processing",
    )
    start_seconds: float = Field(
        default=60.0,
        ge=0,
        allow_inf_nan=False,
        description="from a job that waits to a worker that draws, as a door with none tells people",
    )
