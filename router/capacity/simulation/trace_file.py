"""A trace as a CSV file: `at,model,seconds` and, if known, `pictures`; in seconds, or as times of day."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from configs.errors import InvalidRequest
from router.capacity.simulation.trace import MONDAY, Arrival, Trace

_COLUMNS = ("at", "model", "seconds")


def read_trace(text: str, models: Collection[str] | None = None) -> Trace:
    """Raises `InvalidRequest`, one sentence with the line, for what is no trace. `models` are those that are known; any
    is where it is None."""
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise InvalidRequest(f"the trace has no column {missing[0]}: its first line names at, model and seconds")
    rows = list(_rows(reader, models))
    if not rows:
        raise InvalidRequest("the trace has no jobs")
    began, first = MONDAY, min(at for at, _, _, _ in rows)
    if first > 1e9:  # seconds since 1970, as times are read
        midnight = datetime.fromtimestamp(first, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        began, first = midnight, midnight.timestamp()
    else:
        first = 0.0
    return Trace.of(
        (Arrival(at - first, model, seconds, pictures) for at, model, seconds, pictures in rows), began=began
    )


def _rows(reader: csv.DictReader[str], models: Collection[str] | None) -> Iterator[tuple[float, str, float, int]]:
    for row in reader:
        line, model = reader.line_num, (row["model"] or "").strip()
        if not model or (models is not None and model not in models):
            known = "" if models is None else f"; known: {', '.join(sorted(models))}"
            raise InvalidRequest(f"line {line}: '{model}' is not a model of this installation{known}")
        seconds = _number(row["seconds"], line, "seconds")
        pictures = _number(row.get("pictures") or "1", line, "pictures")
        yield _time(row["at"], line), model, seconds, max(int(pictures), 1)


def _time(text: str | None, line: int) -> float:
    """Seconds, or a date and time; UTC where it says no zone."""
    try:
        when = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return _number(text, line, "at")
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _number(text: str | None, line: int, column: str) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise InvalidRequest(f"line {line}: {column} is '{text}': write a number of seconds from 0 on, such as 12.5")
    return number
