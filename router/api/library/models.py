"""GET /models: what this installation draws with."""

from __future__ import annotations

from fastapi import APIRouter

from configs.catalog import Installation
from configs.sampling import LABELS
from configs.schema import ModelConfig
from configs.training_bases import trainable
from deployments.checkpoints.sampling import usual_sampling
from router.api.deps import StudioDep
from router.api.library.licence_schemas import licence_body, part_body
from router.api.schemas import CapabilitiesBody, ModelBody, ModelsBody, SamplerBody, StepRange
from router.licences.verdicts import judge_parts

routes = APIRouter(tags=["catalog"])


@routes.get("/models")
async def list_models(studio: StudioDep) -> ModelsBody:
    """The models of this installation with what each can do, the default first."""
    installation = studio.installation
    profile = installation.profile
    ids = dict.fromkeys([profile.default_model, *(generator.model for generator in profile.generators)])
    return ModelsBody(models=tuple(_model_body(installation.catalog.models[id], installation) for id in ids))


def _model_body(model: ModelConfig, installation: Installation) -> ModelBody:
    catalog = installation.catalog
    prediction, usual = installation.memory.get(model.id), usual_sampling(model, installation)
    return ModelBody(
        id=model.id,
        name=model.name,
        description=model.description,
        family=model.family,
        variant=model.variant,
        default=model.id == installation.profile.default_model,
        native_sizes=model.native_sizes,
        steps=model.steps,
        guidance_scale=model.guidance_scale,
        sampler=usual.sampler,
        schedule=usual.schedule,
        upscaler=model.upscaler,
        scorer=model.scorer,
        vram_gb=None if prediction is None else prediction.gb,
        trained_on=_trained_on(model, installation),
        capabilities=_capabilities_body(model, installation),
        licence=licence_body(judge_parts([(model.id, part) for part in model.licence_parts], catalog), catalog),
        licence_parts=tuple(part_body(model.id, part, catalog) for part in model.licence_parts),
    )


def _trained_on(model: ModelConfig, installation: Installation) -> str | None:
    bases = trainable(installation.catalog, installation.capabilities)
    return model.train_on if model.train_on in bases else None


def _capabilities_body(model: ModelConfig, installation: Installation) -> CapabilitiesBody:
    """What the family can do, as far as the model's YAML has the parts for it."""
    can = installation.capabilities[model.id]
    fewest, most = can.steps
    return CapabilitiesBody(
        modes=can.modes,
        controls=tuple(model.controls),
        image_prompt=model.image_prompt is not None,
        references=can.references,
        lora=can.lora,
        negative_prompt=can.negative_prompt,
        guidance=can.guidance,
        steps=StepRange(fewest=fewest, most=most),
        size_multiple=can.size_multiple,
        text_length=model.text_length,
        samplers=tuple(_sampler_body(id, schedules) for id, schedules in can.samplers.items()),
    )


def _sampler_body(id: str, schedules: tuple[str, ...]) -> SamplerBody:
    return SamplerBody(id=id, name=LABELS.get(id, id), schedules=schedules)
