"""Rows to ballots and votes, and back."""

from __future__ import annotations

from typing import Any

from router.experiments.ballots.documents import CRITERIA, SHOWN
from router.experiments.ballots.model import NOTHING_SHOWN, Answered, Ballot, Cast
from router.jobs.documents import read_or
from router.storage.database import AnyRow


def ballot_row(ballot: Ballot) -> dict[str, Any]:
    """Parameters that insert a ballot."""
    return {
        "id": ballot.id,
        "experiment_id": ballot.experiment,
        "phase": ballot.phase,
        "rater": ballot.rater,
        "sitting": ballot.sitting,
        "place": ballot.place,
        "pair": ballot.pair,
        "once": ballot.once,
        "arms": " ".join(ballot.arms),
        "prompt": ballot.prompt_hash,
        "asset_type": ballot.asset_type,
        "quality": ballot.quality,
        "shown": SHOWN.write(ballot.shown),
        "probability": ballot.probability,
        "repeats": ballot.repeats,
        "gold": ballot.gold,
        "leased_until": ballot.leased_until,
        "created_at": ballot.created_at,
    }


def read_ballot(row: AnyRow) -> Ballot:
    """With its last answer, if it has one. What this release cannot read of it shows nothing, and counts as it did."""
    return Ballot(
        id=row.id,
        experiment=row.experiment_id,
        phase=row.phase,
        rater=row.rater,
        sitting=row.sitting,
        place=row.place,
        pair=row.pair,
        once=row.once,
        arms=tuple(row.arms.split(" ")),
        prompt_hash=row.prompt,
        asset_type=row.asset_type,
        quality=row.quality,
        shown=read_or(SHOWN, row.shown, NOTHING_SHOWN, f"ballot {row.id}"),
        probability=row.probability,
        leased_until=row.leased_until,
        created_at=row.created_at,
        repeats=row.repeats,
        gold=row.gold,
        cast=None if row.number is None else _read_cast(row),
    )


def _read_cast(row: AnyRow) -> Cast:
    criteria = read_or(CRITERIA, row.criteria, {}, f"the vote on ballot {row.id}")
    return Cast(row.number, row.choice, criteria, row.dwell_ms, row.client, row.revealed, row.voted_at)


def vote_row(ballot_id: str, cast: Cast) -> dict[str, Any]:
    """Parameters that insert an answer."""
    return {
        "ballot_id": ballot_id,
        "number": cast.number,
        "choice": cast.choice,
        "criteria": CRITERIA.write(dict(cast.criteria)),
        "dwell_ms": cast.dwell_ms,
        "client": cast.client,
        "revealed": cast.revealed,
        "created_at": cast.created_at,
    }


def read_answered(row: AnyRow) -> Answered:
    return Answered(
        id=row.id,
        rater=row.rater,
        pair=row.pair,
        arms=tuple(row.arms.split(" ")),
        prompt_hash=row.prompt,
        asset_type=row.asset_type,
        quality=row.quality,
        choice=row.choice,
        dwell_ms=row.dwell_ms,
        probability=row.probability,
        repeats=row.repeats is not None,
        gold=row.gold,
    )
