"""From what a designer asks to compare to a batch: ways, prompts and seeds."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from configs.catalog import Installation
from configs.contracts import Pinned
from configs.errors import InvalidRequest, UnknownName
from configs.experiments import Overlay
from configs.fitness import find_overlay_misfits
from configs.frozen import Frozen
from router.batches.model import Line
from router.batches.order import BatchSweep
from router.batches.submission import Order
from router.experiments.comparisons.model import Compared, ComparedPrompt, ComparedWay, told
from router.experiments.routing import find_down
from router.experiments.runs.beginning import find_prompts, seed_of
from router.stage_settings import find_stage_misfits
from router.studio import Studio

MOST_WAYS = 8
_SEEDS = 2  # of one prompt; each of a set is drawn once


class CompareOrder(Frozen):
    """One prompt or a set of them, drawn with several models or in several ways, the same seeds for each."""

    prompt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)] | None = None
    prompt_set: str | None = Field(
        default=None, max_length=100, description="ID or ID@VERSION of a prompt set, in place of `prompt`"
    )
    models: tuple[Annotated[str, Field(max_length=64)], ...] = Field(
        default=(), max_length=MOST_WAYS, description="Ids of GET /models", examples=[["flux-1-dev", "hidream-i1-full"]]
    )
    arms: tuple[ComparedWay, ...] = Field(
        default=(),
        max_length=MOST_WAYS,
        description="In place of `models`: what each changes. One that changes nothing is drawn as today",
    )
    asset_type: Pinned | None = Field(
        default=None, description="ID or ID@VERSION; icon if absent; those of a set are its own"
    )
    quality: str = Field(default="standard", max_length=64)
    seeds: int | None = Field(default=None, ge=1, le=16, description="Of each prompt; 2 if absent, 1 with a set")
    seed: int | None = Field(default=None, ge=0, lt=2**32, description="The first one of `prompt`")
    blind: bool = Field(default=False, description="Letters in place of names, until every prompt is judged")
    name: str = Field(default="", max_length=100, description="to know the comparison by")
    dry_run: bool = Field(default=False, description="Answer 200 with what would be drawn, and draw nothing")


async def read_order(studio: Studio, order: CompareOrder) -> Order:
    """The batch that it is. Raises `InvalidRequest` naming the field."""
    ways = tuple(_ways(order, studio.installation))
    if (order.prompt is None) == (order.prompt_set is None):
        raise InvalidRequest("give one of prompt and prompt_set", "prompt")
    prompts = await _prompts(studio, order)
    seeds = order.seeds or (_SEEDS if order.prompt_set is None else 1)
    lines = tuple(
        Line(number * seeds + more + 1, one | {"seed": (first + more) % 2**32})
        for number, (one, first) in enumerate(prompts)
        for more in range(seeds)
    )
    compared = Compared(
        ways=ways,
        prompts=tuple(ComparedPrompt(prompt=one["prompt"], asset_type=one["asset_type"]) for one, _ in prompts),
        seeds=seeds,
        blind=order.blind,
    )
    said = order.model_dump(mode="json", exclude={"dry_run"})
    return Order(
        sweep=BatchSweep(name=order.name, dry_run=order.dry_run),
        lines=lines,
        errors=(),
        fingerprint=hashlib.sha256(json.dumps(["compare", said], sort_keys=True).encode()).hexdigest(),
        ways=tuple(way.as_way(order.blind) for way in ways),
        told=told(compared),
    )


async def _prompts(studio: Studio, order: CompareOrder) -> Sequence[tuple[dict[str, str], int]]:
    """The fields of each prompt, and its first seed."""
    if order.prompt is not None:
        said = {"prompt": order.prompt, "asset_type": order.asset_type or "icon", "quality": order.quality}
        return [(said, secrets.randbits(32) if order.seed is None else order.seed)]
    for field in ("asset_type", "seed"):
        if getattr(order, field) is not None:
            raise InvalidRequest(f"the prompts of a set have {field}s of their own: leave it out", field)
    found = await find_prompts(studio, order.prompt_set or "")
    return [
        ({"prompt": one.prompt, "asset_type": one.asset_type, "quality": order.quality}, seed_of(found, number))
        for number, one in enumerate(found.prompts)
    ]


def _ways(order: CompareOrder, installation: Installation) -> Iterator[ComparedWay]:
    """Raises `InvalidRequest` for one that cannot be drawn, naming it."""
    field = "arms" if order.arms else "models"
    if order.arms and order.models:
        raise InvalidRequest("give models or arms, not both", "arms")
    placed = tuple(dict.fromkeys(one.model for one in installation.profile.generators))
    for i, model in enumerate(order.models):
        if model not in placed:
            message = f"'{model}' does not run here; choose one of {', '.join(placed)}"
            raise UnknownName(message, f"models.{i}", placed)
    ways = order.arms or tuple(ComparedWay(id=model, overlay=Overlay(model=model)) for model in order.models)
    ids = [way.id for way in ways]
    if len(set(ids)) < len(ids):
        raise InvalidRequest(f"'{next(id for id in ids if ids.count(id) > 1)}' is there twice", field)
    if len(ways) < 2:
        raise InvalidRequest(f"a comparison needs two at least, and {MOST_WAYS} at most", field)
    for i, way in enumerate(order.arms):
        _check(way, f"arms.{i}.overlay", installation)
    yield from ways


def _check(way: ComparedWay, field: str, installation: Installation) -> None:
    misfits = (*find_overlay_misfits(way.overlay, installation.catalog), *find_stage_misfits(way.overlay.stages))
    for misfit in misfits:
        place = ".".join(map(str, misfit.place))
        raise InvalidRequest(f"{way.id}: {misfit.message}", f"{field}.{place}")
    down = find_down(way.overlay, {}, installation)
    if down is not None:
        raise InvalidRequest(f"{way.id} cannot draw: {down}", field)
