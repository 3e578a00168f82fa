"""The requests that go on from others: more of the same, the same in other words, and a draft finished. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from configs.catalog import Installation
from configs.errors import InvalidRequest, UnknownName
from deployments.messages import Call
from router.iterating.parents import Parent
from router.iterating.seeds import choose_seed
from router.iterating.wishes import FinishWish, RegenerateWish, TweakWish
from router.job_request import JobRequest
from router.notes import Note, NoteCode
from router.submission import GoingOn


@dataclass(frozen=True, slots=True)
class Order:
    """A request, and what it goes on from."""

    request: JobRequest
    going_on: GoingOn


def order(parent: Parent, call: Call, changes: Mapping[str, Any], *notes: Note) -> Order:
    """The parent's request with `changes`, on the model that drew it."""
    request = parent.request.model_copy(update={"model": parent.plan.base.model, **changes})
    licence = None if parent.picture is None else parent.picture.licence
    return Order(request, GoingOn(parent.begin(call), parent.plan.entries, notes, parent.plan.routed, licence))


NO_CHOICE: dict[str, Any] = {"best_of": None, "keep": None, "retry_below": {}, "max_tries": None}
"""Of what goes on from one picture, which was chosen before."""


def check_model(parent: Parent, installation: Installation) -> None:
    """Raises `UnknownName` where the model that drew it is not here any more."""
    model, known = parent.plan.base.model, dict.fromkeys(one.model for one in installation.profile.generators)
    if model not in known:
        others = ", ".join(known)
        message = (
            f"{parent.name} was drawn with {model}, which this installation runs no more: order it anew with POST "
            f"/generate, on one of {others}"
        )
        raise UnknownName(message, parent.field, tuple(known))


def regenerate(parent: Parent, wish: RegenerateWish, drawn: Collection[int], most: int) -> Order:
    """More pictures of the same request, chosen from as many for each, up to `most` in all; `drawn` are seeds that its
    pictures had. Raises `InvalidRequest`."""
    request, count = parent.request, wish.num_variations
    changes: dict[str, Any] = {"num_variations": count}
    if request.best_of is not None:
        per_picture = math.ceil(request.best_of / (request.keep or 1))
        count = max(count, min(most, count * per_picture))
        changes = {"num_variations": 1, "keep": wish.num_variations, "best_of": count}
    seed = choose_seed(drawn, count, wish.seed)
    return order(parent, "regenerate", {**changes, "seed": seed})


def tweak(parent: Parent, wish: TweakWish) -> Order:
    """Other words for the same picture."""
    changes: dict[str, Any] = {
        **NO_CHOICE,
        "prompt": wish.prompt,
        "num_variations": wish.num_variations,
        "seed": parent.seed,
    }
    if wish.negative_prompt is not None:
        changes["negative_prompt"] = wish.negative_prompt
    return order(parent, "tweak", changes)


def finish(parent: Parent, wish: FinishWish) -> Order:
    """The picture drawn over at a better quality. Raises `InvalidRequest` for one that it has already, and for pictures
    of which only a part is drawn."""
    if parent.plan.quality == wish.quality:
        message = f"{parent.name} is {wish.quality} already: name another quality, or ask for more like it (POST /like)"
        raise InvalidRequest(message, "quality")
    if parent.request.mask is not None:
        message = (
            f"{parent.name} was drawn where a mask marks, and finishing draws over the whole picture: order it anew "
            f"with quality {wish.quality}, its image and its mask (POST /generate)"
        )
        raise InvalidRequest(message, parent.field)
    share = f"{wish.strength:.0%}"
    message = f"{parent.name} is drawn over at {wish.quality}: {share} of it anew, so that its composition stays"
    changes: dict[str, Any] = {
        **NO_CHOICE,
        "quality": wish.quality,
        "image": parent.name,
        "strength": wish.strength,
        "num_inference_steps": None,
        "num_variations": wish.num_variations,
        "seed": parent.seed,
        "near": None,
    }
    if wish.size is not None:
        changes["size"] = wish.size
    return order(parent, "finish", changes, Note(code=NoteCode.ITERATED, message=message))
