"""The candidates of a job whose pictures are chosen: drawn and scored in rounds, until it is known which go on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from router.choosing import Choice, Scores
from router.jobs.model import EventType, JobEvent
from router.jobs.payloads import CandidatesChosen, CandidateScored
from router.picture_walk import PictureWalk
from router.plan import Plan
from router.progress import Progress


@dataclass(frozen=True, slots=True)
class Candidate:
    """One drawing, by its number from 0; `chosen` is the index of the picture that it became."""

    number: int
    seed: int
    scores: Scores
    chosen: int | None = None


CANDIDATE_EVENTS = (EventType.CANDIDATE, EventType.CHOSEN)


def read_candidates(log: tuple[JobEvent, ...]) -> tuple[Candidate, ...]:
    """What a job's log says of its candidates, in the order of their numbers."""
    chosen: dict[int, int] = {}
    found: dict[int, dict[str, Any]] = {}
    for event in log:
        if event.type is EventType.CANDIDATE:
            found[event.payload["candidate"]] = event.payload
        elif event.type is EventType.CHOSEN:
            chosen = {number: index for index, number in enumerate(event.payload["candidates"])}
    return tuple(
        Candidate(number, told["seed"], told["scores"], chosen.get(number)) for number, told in sorted(found.items())
    )


class Candidates:
    """Of one job under its lease. Their scores are in its log: what was scored before a crash is not drawn again to be
    scored again."""

    def __init__(self, plan: Plan, walk: PictureWalk, progress: Progress) -> None:
        self._walk, self._progress = walk, progress
        self._choice, self._seeds = plan.choice, plan.seeds

    async def settle(self) -> None:
        """Until the walk knows which drawings become pictures: at once where nothing is chosen."""
        if self._choice is None:
            return
        known = read_candidates(await self._walk.log(*CANDIDATE_EVENTS))
        scored = {one.number: one.scores for one in known}
        while numbers := self._choice.next_round(scored):
            self._progress.expect(1 + max(*numbers, *scored, 0), scored)
            scored |= await self._draw(numbers)
        chosen = self._choice.choose(scored)
        if not any(one.chosen is not None for one in known):
            await self._walk.append(chosen[0], EventType.CHOSEN, CandidatesChosen(candidates=chosen))
        self._progress.expect(len(scored), scored)
        self._walk.choose({number: _remarks(self._choice, scored, number) for number in chosen})

    async def _draw(self, numbers: tuple[int, ...]) -> dict[int, Scores]:
        async with asyncio.TaskGroup() as group:
            drawn = {number: group.create_task(self._score(number)) for number in numbers}
        return {number: task.result() for number, task in drawn.items()}

    async def _score(self, number: int) -> Scores:
        scores = await self._walk.draw(number)
        told = CandidateScored(candidate=number, seed=self._seeds[number], scores=dict(scores))
        await self._walk.append(number, EventType.CANDIDATE, told)
        return scores


def _remarks(choice: Choice, scored: dict[int, Scores], number: int) -> tuple[str, ...]:
    """What a person should know of a picture that was chosen though it does not pass."""
    low = [
        f"its {name} of {scored[number].get(name, 0):.2g} is below {least:g}"
        for name, least in choice.retry_below.items()
        if scored[number].get(name, float("-inf")) < least
    ]
    return tuple(f"{said}: the best of {len(scored)} drawings has no more" for said in low)
