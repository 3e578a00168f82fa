"""Why a replay may differ: what two recipes of one picture say differently, and what each was drawn in. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, get_args

from configs.environment import Environment
from deployments.messages import Recipe
from router.replays.receipt import Difference, What

_ORDER = {what: place for place, what in enumerate(get_args(What))}
_TOLD_APART = frozenset({"atelier", "weights", "loras", "stages", "entries", "inputs", "scores", "environment"})
_OF_ENVIRONMENTS: Mapping[str, What] = {"settings": "setting", "libraries": "library", "code": "code", "loras": "lora"}
"""Fields that have several things by name."""
_WITH_SAMPLER = " with its sampler's settings"  # which the name of weights is of, too


def tell_apart(then: Recipe, now: Recipe) -> tuple[Difference, ...]:
    """What is not the same, that first which changes a picture the most. What was measured of it counts for nothing."""
    found = [*_of_models(then, now), *_of_environments(then.environment, now.environment), *_of_settings(then, now)]
    return tuple(sorted(found, key=lambda one: (_ORDER[one.what], one.name)))


def _of_models(then: Recipe, now: Recipe) -> Iterator[Difference]:
    if then.weights != now.weights:
        name = f"{now.model}{_WITH_SAMPLER if _samplers(then) != _samplers(now) else ''}"
        yield Difference(what="weights", name=name, then=then.weights[:12], now=now.weights[:12])
    if then.atelier != now.atelier:
        yield Difference(what="release", name="Atelier", then=then.atelier, now=now.atelier)
    loras = ({one.lora: one for one in recipe.loras} for recipe in (then, now))
    yield from _by_name(
        "lora", *({id: _written(one.model_dump(exclude={"lora"})) for id, one in all.items()} for all in loras)
    )


def _samplers(recipe: Recipe) -> str:
    return "" if recipe.environment is None else recipe.environment.sampler


def _of_environments(then: Environment | None, now: Environment | None) -> Iterator[Difference]:
    """Where neither is known, nothing is told; of one that was written down by no release before, only that."""
    if now is None:
        return
    if then is None:
        yield Difference(what="environment")
        return
    for what in ("sampler", "device", "precision", "attention"):
        before, after = getattr(then, what), getattr(now, what)
        if before != after:
            yield Difference(what=what, then=before, now=after)
    for field, what in _OF_ENVIRONMENTS.items():
        yield from _by_name(what, getattr(then, field), getattr(now, field))


def _of_settings(then: Recipe, now: Recipe) -> Iterator[Difference]:
    """Of the drawing and of each stage, the entries of the library, and the pictures that it began with."""
    names = [field.name for field in fields(Recipe) if field.name not in _TOLD_APART]
    yield from _by_name("recipe", *({name: _written(getattr(one, name)) for name in names} for one in (then, now)))
    yield from _by_name("stage", *(dict(_stages(one)) for one in (then, now)))
    yield from _by_name("entry", *({pin.key: f"{pin} {pin.sha256[:12]}" for pin in one.entries} for one in (then, now)))
    given = (
        {
            f"{one.role} {place}": f"{one.image.sha256[:12]} {_written(one.told())}"
            for place, one in enumerate(all.inputs)
        }
        for all in (then, now)
    )
    yield from _by_name("input", *given)


def _stages(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Each setting, by its stage."""
    for stage in recipe.stages:
        yield from ((f"{stage['kind']}.{name}", _written(value)) for name, value in stage.items() if name != "kind")


def _by_name(what: What, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Difference]:
    for name in dict.fromkeys((*then, *now)):
        before, after = then.get(name, ""), now.get(name, "")
        if before != after:
            yield Difference(what=what, name=name, then=before, now=after)


def _written(value: Any) -> str:
    """As text that is equal for equal values."""
    return value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
