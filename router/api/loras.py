"""GET /loras: which adapters can be asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from configs.catalog import Installation
from configs.errors import UnknownName
from configs.schema import LoraConfig
from router.api.deps import StudioDep
from router.api.errors import error_responses
from router.api.schemas import LoraBody, LorasBody
from router.licences import judge_parts
from router.placement import models_for

routes = APIRouter(tags=["catalog"])

Model = Annotated[str | None, Query(max_length=64, description="Only those that fit this model of the installation")]


@routes.get("/loras", responses=error_responses(422))
async def list_loras(studio: StudioDep, model: Model = None) -> LorasBody:
    """The LoRAs that are live in the library, by family and name, each with the models of this studio that it fits."""
    installation = studio.installation
    known = tuple(dict.fromkeys(one.model for one in installation.profile.generators))
    if model is not None and model not in known:
        message = f"'{model}' is not a model of this installation; choose one of {', '.join(known)}"
        raise UnknownName(message, "model", known)
    bodies = [_body(lora, installation) for lora in installation.catalog.loras.values()]
    shown = [one for one in bodies if model is None or model in one.models]
    return LorasBody(loras=tuple(sorted(shown, key=lambda one: (one.family, one.name, one.id))))


def _body(lora: LoraConfig, installation: Installation) -> LoraBody:
    parts = [(lora.id, part) for part in lora.licence_parts]
    return LoraBody(
        id=lora.id,
        version=lora.version,
        name=lora.name,
        description=lora.description,
        family=lora.family,
        models=models_for(lora, installation),
        trigger_words=lora.trigger_words,
        default_strength=lora.default_strength,
        licence=judge_parts(parts, installation.catalog),
    )
