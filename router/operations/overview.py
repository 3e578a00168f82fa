"""All that an operator sees at once, each part asked for beside the others: one that does not answer hides none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from configs.errors import AtelierError
from configs.placements import GeneratorPlacement
from configs.sharing import split_name
from deployments.messages import ModelState
from router.capacity.report import Report
from router.operations.survey import Survey
from router.operations.workload import Load
from router.studio import Studio

T = TypeVar("T")

_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Start:
    """Of a model: seconds until it can draw (0: it is in memory, None: nobody says), and what loading it took last."""

    ahead: float | None
    last: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """`survey` and `load` are None where nobody answers, `capacity` where nothing was decided yet."""

    survey: Survey | None
    load: dict[str, Load] | None
    starts: dict[str, Start]
    capacity: Report | None = None


async def look(studio: Studio) -> Overview:
    """What there is to see now, within a few seconds."""
    survey, load, capacity, _ = await asyncio.gather(
        _answer(studio.replicas.survey()),
        _answer(studio.workload.by_deployment()),
        _answer(studio.replicas.capacity()),
        studio.blobs.check(),
    )
    generators = studio.installation.profile.generators
    starts = await asyncio.gather(*(_start(studio, one, survey) for one in generators))
    named = dict(zip((one.name for one in generators), starts, strict=True))
    return Overview(survey, load, named, capacity)


async def _start(studio: Studio, placement: GeneratorPlacement, survey: Survey | None) -> Start:
    """A replica is asked only where one runs: the question would start one."""
    ahead = await studio.cold_starts.seconds(placement.name)
    if survey is None or not survey.running(split_name(placement.name)[0]):
        return Start(ahead or None, None)
    state: ModelState | None = await _answer(studio.replicas.model_state(placement.name))
    if state is None:
        return Start(ahead or None, None)
    return Start(ahead, state.load_seconds or None) if state.loaded else Start(state.load_seconds, None)


async def _answer(asked: Awaitable[T]) -> T | None:
    """None where none comes in time."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await asked
    except (AtelierError, TimeoutError):
        return None


def dashboard_of(studio: Studio, survey: Survey | None) -> str | None:
    """Where Ray's own dashboard is; None where there is none."""
    address = studio.installation.profile.dashboard
    return None if address is None or survey is None or not survey.on_ray else f"http://{address.host}:{address.port}"
