"""Votes as rows of a file: one for each ballot that was shown, raters as pseudonyms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from configs.errors import InvalidRequest
from router.experiments.ballots.model import SIDES, Ballot
from router.experiments.model import Phase

COLUMNS = (
    "ballot",
    "experiment",
    "phase",
    "mode",
    "prompt",
    "asset_type",
    "asset_type_versions",
    "quality",
    "arms",
    "left",
    "right",
    "pictures",
    "seed",
    "probability",
    "repeat",
    "gold",
    "rater",
    "choice",
    "criteria",
    "dwell_ms",
    "client",
    "scores",
    "vote",
    "supersedes",
    "created",
    "answered",
)
"""`prompt` is a hash; `arms` and `pictures` (hashes of files) are from left to right; `seed` is what all were drawn
with; `criteria` and `scores` are JSON; `vote` is the answer's number, and `supersedes` that of the one before it."""


def rows_of(phase: Phase, ballots: Iterable[Ballot]) -> Iterator[dict[str, Any]]:
    """A row each, with None where there is nothing to say."""
    for ballot in ballots:
        cast, pictures = ballot.cast, ballot.shown.pictures
        pair = len(ballot.arms) == 2
        yield {
            "ballot": ballot.id,
            "experiment": ballot.experiment,
            "phase": ballot.phase,
            "mode": phase.config.mode,
            "prompt": ballot.prompt_hash,
            "asset_type": ballot.asset_type,
            "asset_type_versions": " ".join(picture.asset_type for picture in pictures) or None,
            "quality": ballot.quality,
            "arms": " ".join(ballot.arms),
            "left": ballot.arms[0] if pair else None,
            "right": ballot.arms[1] if pair else None,
            "pictures": " ".join(picture.sha256 for picture in pictures) or None,
            "seed": pictures[0].seed if pictures else None,
            "probability": ballot.probability,
            "repeat": ballot.repeats,
            "gold": None if ballot.gold is None else SIDES[ballot.gold],
            "rater": ballot.rater,
            "choice": None if cast is None else cast.choice,
            "criteria": None if cast is None or not cast.criteria else json.dumps(dict(cast.criteria), sort_keys=True),
            "dwell_ms": None if cast is None else cast.dwell_ms,
            "client": None if cast is None else cast.client or None,
            "scores": json.dumps([picture.scores for picture in pictures]) if pictures else None,
            "vote": None if cast is None else cast.number,
            "supersedes": None if cast is None or cast.number == 1 else cast.number - 1,
            "created": ballot.created_at.isoformat(),
            "answered": None if cast is None else cast.created_at.isoformat(),
        }


def write_csv(phase: Phase, ballots: Sequence[Ballot]) -> bytes:
    """UTF-8, a header and a line each. Takes a second of many: not for an event loop."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _plain(value) for name, value in row.items()} for row in rows_of(phase, ballots))
    return text.getvalue().encode()


def _plain(value: Any) -> Any:
    """What a spreadsheet would take for a formula is only what people wrote: the name of a client."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def write_parquet(phase: Phase, ballots: Sequence[Ballot]) -> bytes:
    """With the same columns. Raises `InvalidRequest` where pyarrow is not installed."""
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise InvalidRequest(
            "votes.parquet needs pyarrow, which is not installed here: pip install 'atelier-studio[parquet]', or take "
            "votes.csv"
        ) from None
    whole, number = {"phase", "seed", "dwell_ms", "vote", "supersedes"}, {"probability"}
    kinds = [
        (name, arrow.int64() if name in whole else arrow.float64() if name in number else arrow.string())
        for name in COLUMNS
    ]
    table = arrow.Table.from_pylist(list(rows_of(phase, ballots)), arrow.schema(kinds))
    file = io.BytesIO()
    parquet.write_table(table, file, compression="zstd")
    return file.getvalue()
