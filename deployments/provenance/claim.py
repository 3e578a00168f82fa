"""What a file claims of itself in C2PA's words: what made it, of what, with which parts, for which uses."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from configs.formats import MEDIA_TYPES, Format
from configs.inputs import InputImage, Role
from deployments.messages import NamedImage, Recipe, Terms
from deployments.stages.recipe import to_json
from deployments.stages.xmp import MACHINE_CHANGED, MACHINE_MADE

ASSERTION = "atelier.picture"
"""The label of what only we say: model, LoRAs, licence, inputs, recipe."""
_CHANGED: tuple[Role, ...] = ("image", "reference")  # roles whose picture goes on, changed, in this one


@dataclass(frozen=True, slots=True)
class Claim:
    """The definition of a manifest for c2pa-rs, without the ingredient `parent`, a JSON of its own: the picture that
    this one is a change of. That is read from its file, where somebody has it."""

    definition: str
    parent: str | None = None

    @property
    def whole(self) -> str:
        """The definition with the parent in it, as it is told where nobody has its file."""
        if self.parent is None:
            return self.definition
        told = json.loads(self.definition)
        return json.dumps(told | {"ingredients": [json.loads(self.parent), *told["ingredients"]]})


def write_claim(recipe: Recipe, terms: Terms | None, kind: Format) -> Claim:
    """What a file of `recipe` claims. It names no prompt and no picture: the file beside it does that, or does not;
    what that has is bound to the claim by the hash of the file."""
    inputs = [one for one in recipe.inputs if one.role != "mask"]
    parent = next((one for one in inputs if one.role in _CHANGED), None)
    definition = {
        "claim_generator_info": [{"name": "Atelier", "version": recipe.atelier}],
        "title": f"{recipe.job_id}/{recipe.index}",
        "format": MEDIA_TYPES[kind],
        "ingredients": [_ingredient(one, number, False) for number, one in enumerate(inputs) if one is not parent],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": _actions(recipe, inputs, parent)}},
            {"label": ASSERTION, "data": _picture(recipe, terms)},
        ],
    }
    told = None if parent is None else json.dumps(_ingredient(parent, inputs.index(parent), True))
    return Claim(json.dumps(definition), told)


def parent_of(recipe: Recipe) -> NamedImage | None:
    """The picture that this one is a change of, if it is one."""
    return next((one.image for one in recipe.inputs if one.role in _CHANGED), None)


def _ingredient(one: InputImage[NamedImage], number: int, is_parent: bool) -> dict[str, Any]:
    relationship = "parentOf" if is_parent else "componentOf" if one.role in _CHANGED else "inputTo"
    return {
        "title": one.role,
        "relationship": relationship,
        "label": _label(number),
        "instance_id": f"sha256:{one.image.sha256}",
    }


def _actions(
    recipe: Recipe, inputs: list[InputImage[NamedImage]], parent: InputImage[NamedImage] | None
) -> list[dict[str, Any]]:
    if parent is None:
        return [{"action": "c2pa.created", "digitalSourceType": MACHINE_MADE, "when": recipe.created_at}]
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_label(inputs.index(parent))]}}
    placed = [
        {"action": "c2pa.placed", "parameters": {"ingredientIds": [_label(number)]}}
        for number, one in enumerate(inputs)
        if one.role in _CHANGED and one is not parent
    ]
    edited = {"action": "c2pa.edited", "digitalSourceType": MACHINE_CHANGED, "when": recipe.created_at}
    return [opened, *placed, edited]


def _picture(recipe: Recipe, terms: Terms | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "picture": f"{recipe.job_id}/{recipe.index}",
        "model": recipe.model,
        "weights": recipe.weights,
        "loras": [_lora(use.lora, use.version, use.strength) for use in recipe.loras],
        "licences": recipe.licence,
        "inputs": [{"role": one.role, "sha256": one.image.sha256} for one in recipe.inputs],
    }
    if terms is not None:
        told["use"] = terms.model_dump()
    if recipe.private:
        told["private"] = True  # without a hash, by which a prompt could be guessed
    else:
        told["recipe_sha256"] = hashlib.sha256(to_json(recipe).encode()).hexdigest()
    return told


def _lora(id: str, version: str, strength: float) -> dict[str, Any]:
    return {"id": id, "strength": strength} | ({"version": version} if version else {})


def _label(number: int) -> str:
    return f"input-{number + 1}"
