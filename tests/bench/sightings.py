"""What `tests.bench.scaling` has seen, and how it is told to people."""

from __future__ import annotations

import os
import platform

from pydantic import BaseModel
from pydantic.dataclasses import dataclass
from rich.console import Group
from rich.table import Table
from rich.text import Text

_SPAN_SECONDS = 1.0  # of one character of the strips


@dataclass(frozen=True)
class Moment:
    """Replicas by state, so many seconds after the watch began."""

    seconds: float
    running: int
    starting: int
    stopping: int


class Sightings(BaseModel):
    """One life of a generator. Seconds are those of a clock; estimates are what POST /generate has answered.

    `held_seconds` is the most that a replica had in hand while the generator grew, `waited` how many jobs never left
    the database then. `homes` are those of `loras` that each of the two replicas holds. `drained_at` is the progress of
    the picture that was being drawn when its replica had to go, as far as its job had told; `streamed` are how the jobs
    of all of that time ended. `abandoned_seconds` were in hand when a job was canceled, and gone `freed_seconds` later.
    """

    moments: list[Moment] = []
    target_seconds: float
    cold_estimate: float = 0.0
    cold_start: float = 0.0
    warm_start: float = 0.0
    woken: bool = False
    wake_seconds: float = 0.0
    held_seconds: float = 0.0
    waited: int = 0
    grow_seconds: float = 0.0
    loras: list[str] = []
    lora_pictures: int = 0
    homes: list[tuple[str, ...]] = []
    drained_at: float | None = None
    streamed: list[str] = []
    stream_retries: int = 0
    drawn_after: bool = False
    abandoned_seconds: float = 0.0
    freed_seconds: float = 0.0


def describe(seen: Sightings) -> Group:
    """The replicas second by second, and a table."""
    table = Table(title=f"{platform.machine()}, {os.cpu_count()} cores", show_header=False)
    homes = " · ".join(", ".join(sorted(loras)) or "none" for loras in seen.homes)
    cut = "between two pictures" if seen.drained_at is None else f"at {seen.drained_at:.0%} of a picture"
    rows = {
        "from nothing to the first picture": f"{seen.wake_seconds:.1f} s ({seen.cold_estimate:.1f} s were announced)",
        "of that for the start": f"{seen.cold_start:.1f} s, and {seen.warm_start:.1f} s when the model was there",
        "until a second replica ran": f"{seen.grow_seconds:.1f} s",
        "  a replica had in hand at most": f"{seen.held_seconds:.1f} s; {seen.target_seconds:g} s ask for another",
        "  jobs that only waited in the database": f"{seen.waited}",
        f"LoRAs in each replica after {seen.lora_pictures} pictures": homes,
        "the second had to go": f"{cut}; {len(seen.streamed)} jobs meanwhile, "
        f"{seen.streamed.count('complete')} complete, {seen.stream_retries} tried again",
        "a canceled job held the engine for": f"{seen.freed_seconds:.2f} s of {seen.abandoned_seconds:.1f} s",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return Group(_strips(seen.moments), table)


def _strips(moments: list[Moment]) -> Text:
    """A line per state, a digit per second."""
    spans: dict[int, Moment] = {int(moment.seconds / _SPAN_SECONDS): moment for moment in moments}
    text = Text("replicas, second by second\n")
    for state in ("running", "starting", "stopping"):
        digits = "".join(str(getattr(moment, state) or "·") for _, moment in sorted(spans.items()))
        text.append(f"  {state:<9} {digits}\n")
    return text
