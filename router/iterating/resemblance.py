"""More pictures like one: by its noise, by showing it to the model, or by redrawing some of it, as the model can."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from configs.capabilities import Capabilities
from configs.catalog import Installation
from configs.errors import Unsupported
from configs.noise import MOST_VARIATIONS, Neighbourhood, SeedVariation
from configs.schema import ModelConfig
from router.iterating.orders import NO_CHOICE, Order, order
from router.iterating.parents import Parent
from router.iterating.seeds import choose_seed
from router.iterating.wishes import How, LikeWish
from router.job_request import ImagePromptRequest
from router.notes import Note, NoteCode

WAYS: tuple[How, ...] = ("seed", "image_prompt", "redraw")
"""The best first: a neighbouring noise is a picture of its own in the same style, with the same words."""

_MOST_REDRAWN = 0.95  # beyond, nothing of it would be left


def resemble(parent: Parent, wish: LikeWish, drawn: Collection[int], installation: Installation) -> Order:
    """New pictures near the parent's, in the way that is asked for, or in the first that can be. Raises `Unsupported`
    where it cannot be, with the reasons, and `InvalidRequest` for a seed that was drawn."""
    model = installation.catalog.models[parent.plan.base.model]
    reasons = {way: _why_not(way, parent, model, installation.capabilities[model.id]) for way in WAYS}
    how = _choose(parent, wish, reasons)
    if wish.how == "auto":
        passed = [reasons[way] for way in WAYS[: WAYS.index(how)]]
        because = f", since {' and '.join(passed)}" if passed else ", since the model draws it from noise alone"
    else:
        because = ", as it was asked for"
    changes, done = _CHANGES[how](parent, wish)
    note = Note(code=NoteCode.ITERATED, message=f"like {parent.name} by {how}: {done}{because}")
    seed = choose_seed(drawn, wish.num_variations, wish.seed)
    return order(parent, "like", {**NO_CHOICE, "num_variations": wish.num_variations, "seed": seed, **changes}, note)


def _choose(parent: Parent, wish: LikeWish, reasons: dict[How, str]) -> How:
    able = tuple(way for way in WAYS if not reasons[way])
    if wish.how == "auto":
        if not able:
            raise Unsupported(f"nothing can be drawn like {parent.name}: {'; '.join(reasons.values())}", "how")
        return able[0]
    if reasons[wish.how]:
        choice = f"; choose {' or '.join(able)}, or auto" if able else ""
        raise Unsupported(f"not by {wish.how}: {reasons[wish.how]}{choice}", "how", able)
    return wish.how


def _why_not(way: How, parent: Parent, model: ModelConfig, can: Capabilities) -> str:
    """Why it cannot be done in this way; empty where it can."""
    base, request = parent.plan.base, parent.request
    if way == "seed":
        if request.image is not None:
            return "it was drawn over another picture, and not from noise alone"
        if not can.neighbours:
            return f"{model.id} has no noise that could be turned"
        if base.near is not None and len(base.near.variations) + 1 >= MOST_VARIATIONS:
            return f"it is the {MOST_VARIATIONS}th in a line of neighbours, which is as long as one gets"
        return ""
    if way == "image_prompt":
        return "" if model.image_prompt is not None else f"{model.id} reads no pictures as prompts"
    if "img2img" not in can.modes:
        return f"{model.id} draws over no whole pictures"
    if request.controls and not can.follows("img2img"):
        return f"{model.id} draws over no whole picture along a control"
    return ""


def _by_seed(parent: Parent, wish: LikeWish) -> tuple[dict[str, Any], str]:
    """A neighbour of a neighbour has the noise of that one as its middle."""
    near, strength = parent.plan.base.near, round(1 - wish.closeness, 6)
    if near is None:
        here = Neighbourhood(seed=parent.seed, strength=strength)
    else:
        own = SeedVariation(seed=parent.seed, strength=near.strength)
        here = Neighbourhood(seed=near.seed, strength=strength, variations=(*near.variations, own))
    return {"near": here}, f"its noise is turned {strength:.0%} of the way towards that of each new seed"


def _by_image_prompt(parent: Parent, wish: LikeWish) -> tuple[dict[str, Any], str]:
    shown = ImagePromptRequest(image=parent.name, scale=wish.closeness)
    prompts = (*parent.request.image_prompts, shown)
    return {"near": None, "image_prompts": prompts}, f"the model reads it beside the words, at {wish.closeness:g}"


def _by_redrawing(parent: Parent, wish: LikeWish) -> tuple[dict[str, Any], str]:
    """At least one step is taken."""
    least = math.ceil(1000 / parent.plan.base.num_inference_steps) / 1000
    strength = max(min(round(1 - wish.closeness, 6), _MOST_REDRAWN), least)
    changes = {"near": None, "image": parent.name, "mask": None, "strength": strength}
    return changes, f"{strength:.0%} of it is drawn anew"


_CHANGES = {"seed": _by_seed, "image_prompt": _by_image_prompt, "redraw": _by_redrawing}
