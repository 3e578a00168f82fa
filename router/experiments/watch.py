"""Guardrails: looked at after every job, and whoever breaks one is paused; a canary that keeps them goes on by itself.

Several processes may watch: what one has done, the others find done.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from configs.errors import NotFound, StateConflict, StoreUnavailable
from configs.experiments import CHAMPION, GuardrailConfig
from router.experiments import promotion
from router.experiments.model import SYSTEM, Champion, EventType, Experiment, Status
from router.experiments.outcomes import Outcome, read_outcomes
from router.experiments.routing import CANARY
from router.experiments.statistics.guardrails import GuardrailReading, read_ratio, read_share
from router.experiments.statistics.sample_ratio import sample_ratio_e
from router.metrics import GUARDRAIL_TRIPS
from router.people.audit.model import SYSTEM as STUDIO
from router.studio import Studio

_log = logging.getLogger("atelier.experiments")
_LOOK_SECONDS = 1.0
SRM_ALARM = 1000.0
CANARY_GUARDRAILS = (
    GuardrailConfig(metric="failure", max=0.05),
    GuardrailConfig(metric="gpu_seconds", max_ratio=3.0),
)
"""What a canary may not do, whatever it is."""
JOBS_PER_STEP = 20
"""Jobs that a canary ends in each of its steps before more people get it."""


@dataclass(frozen=True, slots=True)
class Lights:
    """What the guardrails of a phase say, by arm; and the e-value against "shared out by the weights"."""

    readings: tuple[GuardrailReading, ...]
    srm_e: float | None
    units_in_two_arms: int = 0

    @property
    def tripped(self) -> GuardrailReading | None:
        """The first that is broken."""
        return next((reading for reading in self.readings if reading.tripped), None)


class Watch:
    """Looks once a second while anything runs."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self.look()
            except StoreUnavailable:
                continue
            except Exception:  # noqa: BLE001 - the watch must outlive whatever this was
                _log.exception("could not look at the guardrails; trying again")

    async def look(self) -> None:
        """Once, at all that runs. Raises `StoreUnavailable`."""
        standing = self._studio.experiments
        await standing.refresh()
        for experiment in standing.held.experiments:
            if experiment.status == Status.RUNNING:
                await self._look_at(experiment)
        for champion in standing.held.champions.values():
            if champion.canary is not None and not champion.canary.paused:
                await self._look_at_canary(champion)

    async def _look_at(self, experiment: Experiment) -> None:
        lights = await read_lights(self._studio, experiment)
        store, broken = self._studio.experiments.store, lights.tripped
        with suppress(StateConflict):
            if broken is not None:
                told: dict[str, Any] = {"guardrail": broken.model_dump(mode="json")}
                why = describe(broken)
                await store.pause(experiment.id, SYSTEM, why, EventType.GUARDRAIL_TRIPPED, told, STUDIO)
                self._count(experiment.id, broken)
                _log.warning("experiment %s is paused: %s", experiment.id, describe(broken))
            elif lights.srm_e is not None and lights.srm_e > SRM_ALARM:
                reason = "the arms do not have the shares of jobs that their weights say: results do not count"
                told = {"srm_e": lights.srm_e}
                await store.pause(experiment.id, SYSTEM, reason, EventType.SRM_TRIPPED, told, STUDIO)
                _log.warning("experiment %s is paused: %s", experiment.id, reason)
        await self._studio.experiments.refresh()

    async def _look_at_canary(self, champion: Champion) -> None:
        canary = champion.canary
        assert canary is not None
        store = self._studio.experiments.store
        outcomes = await read_outcomes(store.database, champion.name, canary.since)
        broken = next((one for one in _readings(CANARY_GUARDRAILS, outcomes, (CANARY,)) if one.tripped), None)
        with suppress(StateConflict, NotFound):
            if broken is not None:
                why, at = describe(broken), champion.revision
                await promotion.pause(
                    self._studio, *champion.key, SYSTEM, why, paused=True, expected=at, signature=STUDIO
                )
                self._count(champion.name, broken)
                _log.warning("the canary of %s, %s is paused: %s", *champion.key, describe(broken))
            elif sum(one.at >= champion.at for one in outcomes.get(CANARY, ())) >= JOBS_PER_STEP:
                reason = f"{JOBS_PER_STEP} more jobs within its guardrails"
                await promotion.ramp(self._studio, *champion.key, SYSTEM, reason, champion.revision, STUDIO)

    def _count(self, experiment: str, broken: GuardrailReading) -> None:
        self._studio.metrics.count(GUARDRAIL_TRIPS, experiment=experiment, arm=broken.arm, metric=broken.metric)


async def read_lights(studio: Studio, experiment: Experiment) -> Lights:
    """What the guardrails of an experiment's phase say now. Raises `StoreUnavailable`."""
    phase = experiment.phase
    outcomes = await read_outcomes(studio.experiments.store.database, experiment.id, phase.number)
    arms = tuple(arm.id for arm in phase.arms if arm.id != CHAMPION)
    readings = tuple(_readings(phase.config.guardrails, outcomes, arms))
    if phase.config.mode != "split":
        return Lights(readings, None)
    units: dict[str, set[str]] = defaultdict(set)
    for arm, ended in outcomes.items():
        for one in ended:
            units[one.unit].add(arm)
    counts = [sum(arm.id in seen for seen in units.values()) for arm in phase.arms]
    twice = sum(len(seen) > 1 for seen in units.values())
    return Lights(readings, sample_ratio_e(counts, [arm.weight for arm in phase.arms]), twice)


def describe(reading: GuardrailReading) -> str:
    """A broken guardrail in a sentence."""
    if reading.metric == "failure":
        return f"{reading.arm} fails in {reading.value:.0%} of {reading.count} jobs, {reading.limit:.0%} are allowed"
    return (
        f"{reading.arm} takes {reading.value:.1f} times the champion's seconds in {reading.count} jobs, "
        f"{reading.limit:.1f} times are allowed"
    )


def _readings(
    guardrails: Sequence[GuardrailConfig], outcomes: Mapping[str, Sequence[Outcome]], arms: Sequence[str]
) -> Iterator[GuardrailReading]:
    for arm in arms:
        ended = outcomes.get(arm, ())
        for guardrail in guardrails:
            if guardrail.max is not None:
                yield read_share(arm, "failure", sum(one.failed for one in ended), len(ended), guardrail.max)
            elif guardrail.max_ratio is not None:
                pairs = list(_pair(ended, outcomes.get(CHAMPION, ())))
                yield read_ratio(arm, "gpu_seconds", pairs, guardrail.max_ratio)


def _pair(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> Iterator[tuple[float, float]]:
    """Seconds of jobs beside each other: of the same pair where both drew it, else the n-th of each kind."""
    beside: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for one in theirs:
        if not one.failed:
            beside[one.like].append(one.seconds)
    taken: dict[tuple[str, ...], int] = defaultdict(int)
    for one in ours:
        place = taken[one.like]
        if not one.failed and place < len(beside[one.like]):
            taken[one.like] = place + 1
            yield one.seconds, beside[one.like][place]
