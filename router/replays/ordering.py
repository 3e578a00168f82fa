"""From a finished picture to a plan that draws it again: all as it was settled then, on the replicas of today."""

from __future__ import annotations

from collections.abc import Iterable

from configs.catalog import Installation
from configs.entries import LORAS as LORA_ENTRIES
from configs.errors import IncompatibleLora, NotFound, UnknownName
from configs.schema import AppliedLora
from configs.semver import FIRST
from deployments.stages.base import BaseStage
from deployments.stages.kind import Stage
from router.iterating.orders import Order, check_model
from router.iterating.parents import Parent
from router.iterating.replay import replay
from router.job_request import LoraRequest
from router.library.kinds import LORAS
from router.library.library import Library
from router.library.pinning import pin_versions
from router.plan import Plan
from router.recipes import named_by
from router.stage_table import STAGES, label_of
from router.submission import GoingOn, PlannedBefore

_FIELD = "asset_id"


async def order_replay(parent: Parent, library: Library) -> Order:
    """One picture of `parent`, whose picture is known. Raises `UnknownName` for a model, a LoRA's version or a stage's
    deployment that is not here any more, naming it."""
    assert parent.picture is not None, "a picture is replayed, and not a job"
    installation = library.installation
    check_model(parent, installation)
    request = replay(parent.job, parent.seed, installation)
    assert request is not None, "the parent's request and plan were read"
    base = parent.plan.base
    await _check_loras(parent, library)
    versions = {one.lora: parent.plan.version_of(one) for one in base.all_loras}
    named = tuple(LoraRequest(id=f"{one.lora}@{versions[one.lora]}", strength=one.strength) for one in base.all_loras)
    _, pinned = await pin_versions(library, request.model_copy(update={"loras": named}))
    drawn = _place(parent, pinned)
    stages = tuple(_move(stage, base.deployment, drawn.deployment) for stage in parent.plan.stages[1:])
    _check_stages(parent, stages, pinned)
    plan = Plan(
        prompt=parent.plan.prompt,
        asset_type=parent.plan.asset_type,
        quality=parent.plan.quality,
        seeds=(parent.seed,),
        stages=(drawn, *stages),
        estimated_seconds=sum(stage.estimated_seconds for stage in (drawn, *stages)),
        entries=parent.plan.entries,
        replayed=named_by(parent.job, parent.picture.index),
    )
    planned = PlannedBefore(plan, pinned)
    going_on = GoingOn(parent.begin("replay"), licence=parent.picture.licence, planned=planned)
    return Order(request, going_on)


async def _check_loras(parent: Parent, library: Library) -> None:
    for one in parent.plan.base.all_loras:
        version = parent.plan.version_of(one)
        try:
            there = await library.store.versions(LORA_ENTRIES, one.lora)
        except NotFound:
            message = (
                f"{parent.name} was drawn with the LoRA {one.lora} {version}, which is not in the library any more"
            )
            raise UnknownName(message, _FIELD) from None
        if there.find(version) is None:
            versions = ", ".join(entry.version for entry in there.entries)
            message = f"{parent.name} was drawn with the LoRA {one.lora} {version}, which is gone: there is {versions}"
            raise UnknownName(message, _FIELD, tuple(entry.version for entry in there.entries))


def _place(parent: Parent, installation: Installation) -> BaseStage:
    """The drawing, where it is done today: with the same LoRAs fused in, or with all of them beside the weights."""
    base = parent.plan.base
    _check_sight(parent, installation)
    placements = [one for one in installation.profile.generators if one.model == base.model]
    same = next((one for one in placements if _combination(one.loras) == _combination(base.fused)), None)
    if same is not None:
        loras = tuple(_settle(one, installation) for one in base.loras)
        return base.model_copy(update={"deployment": same.name, "fused": same.loras, "loras": loras})
    plain = next((one for one in placements if not one.loras), None)
    if plain is None:
        there = tuple(one.variant_id for one in placements)
        message = f"{parent.name} was drawn without what this installation fuses into {base.model}: {', '.join(there)}"
        raise IncompatibleLora(message, _FIELD, there)
    loras = tuple(_settle(one, installation) for one in base.all_loras)
    return base.model_copy(update={"deployment": plain.name, "fused": (), "loras": loras})


def _settle(lora: AppliedLora, installation: Installation) -> AppliedLora:
    """As replicas of today find that version: those that they began with by id, others by their entry."""
    if lora.entry:
        return lora
    configured = installation.catalog.configured_loras.get(lora.lora) or installation.catalog.loras.get(lora.lora)
    if configured is not None and configured.version == (lora.version or FIRST):
        return lora
    pin = installation.catalog.pin(LORAS.name, installation.catalog.loras[lora.lora])
    return lora.model_copy(update={"entry": pin.sha256 if pin.stored else ""})


def _check_sight(parent: Parent, installation: Installation) -> None:
    """What reads pictures beside the model. Raises `UnknownName`."""
    model = installation.catalog.models[parent.plan.base.model]
    for one in parent.plan.base.inputs:
        gone = one.role == "control" and one.kind not in model.controls
        if gone or (one.role == "image_prompt" and model.image_prompt is None):
            what = f"control {one.kind}" if gone else "image prompt"
            raise UnknownName(
                f"{parent.name} was drawn with the {what} of {model.id}, which is not here any more", _FIELD
            )


def _move(stage: Stage, before: str, now: str) -> Stage:
    """A stage that the drawing's replicas did is theirs today, too."""
    return stage.model_copy(update={"deployment": now}) if stage.deployment == before else stage


def _check_stages(parent: Parent, stages: Iterable[Stage], installation: Installation) -> None:
    known = {one.name for one in installation.profile.generators}
    known |= {placed.name for kind in STAGES for placed in kind.deployments(installation)}
    for stage in stages:
        if stage.deployment not in known:
            message = (
                f"{parent.name} was made with {stage.deployment} ({label_of(stage.kind)}), which is not here any more"
            )
            raise UnknownName(message, _FIELD)


def _combination(loras: Iterable[AppliedLora]) -> frozenset[tuple[str, float]]:
    return frozenset((one.lora, one.strength) for one in loras)
