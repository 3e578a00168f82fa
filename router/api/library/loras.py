"""/loras: which adapters can be asked for, and one more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from configs.catalog import Installation
from configs.entries import LORAS
from configs.errors import InvalidRequest, UnknownName
from configs.schema import LoraConfig
from configs.semver import FIRST
from configs.text import lines, one_line
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.library.library import entry_body, entry_path
from router.api.library.library_schemas import LoraAdded, LoraReportBody
from router.api.library.licence_schemas import licence_body
from router.api.schemas import LoraBody, LorasBody
from router.library.lora_intake import BroughtLora
from router.library.model import LIVE
from router.licences.verdicts import judge_parts
from router.placement import models_for

routes = APIRouter(tags=["catalog"])

_NO_MARK = "none"  # an empty field of a form counts as one that is absent
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


@routes.post(
    "/loras",
    status_code=201,
    responses={200: {"model": LoraAdded, "description": "It was there"}, **error_responses(409, 413, 422, 503)},
)
async def add_lora(
    request: Request,
    response: Response,
    studio: StudioDep,
    principal: PrincipalDep,
    file: Annotated[UploadFile, File(description="A .safetensors file")],
    id: Annotated[str, Form(max_length=200, description="Of small letters, digits, '.', '_' and '-'")],
    licence: Annotated[
        list[str] | None,
        Form(max_length=20, description="PART=ID, one for `adapter` and one for `training data`; repeat it"),
    ] = None,
    version: Annotated[str, Form(max_length=200, description="Higher than those that are there")] = FIRST,
    name: Annotated[str, Form(max_length=200, description="For people; the id if absent")] = "",
    description: Annotated[str, Form(max_length=5000)] = "",
    trigger_words: Annotated[
        list[str] | None,
        Form(max_length=50, description="Repeat it for several; empty for none; as the file says if absent"),
    ] = None,
    strength: Annotated[float, Form(description="The usual one, -2 to 2")] = 1.0,
    family: Annotated[str | None, Form(max_length=64, description="As its layers tell if absent")] = None,
    model: Annotated[
        list[str] | None,
        Form(max_length=50, description="To try it with, and that it is for; its family if absent"),
    ] = None,
    notes: Annotated[str, Form(max_length=2000, description="What is new in this version")] = "",
    mark: Annotated[str, Form(max_length=64, description="`live`, `candidate` or `none`")] = LIVE,
) -> LoraAdded:
    """Bring a LoRA: it is looked at as `python -m deployments.loras import` does, and can be drawn with at once. The
    same again is 200; other content under a version that is there is 409."""
    await _refuse_others(request)
    lora = BroughtLora(
        id=id,
        version=version,
        name=name,
        description=description,
        licences=_licences(licence or ()),
        trigger_words=None if trigger_words is None else tuple(filter(None, trigger_words)),
        strength=strength,
        family=family or None,
        models=tuple(model or ()),
        notes=lines(notes),
    )
    signature = studio.audit.sign(principal)
    taken = await studio.loras.take(lora, file.file, principal.id, None if mark == _NO_MARK else mark, signature)
    response.status_code = 201 if taken.is_new else 200
    response.headers["Location"] = entry_path(request, taken.entry)
    found = await studio.library.store.versions(LORAS, taken.entry.id)
    report = None if taken.report is None else LoraReportBody.model_validate(asdict(taken.report))
    return LoraAdded(entry=entry_body(found, taken.entry), report=report, notes=taken.notes)


async def _refuse_others(request: Request) -> None:
    """Raises `InvalidRequest` for a field of the form that there is not: a misspelt one would say nothing."""
    known = tuple(field.alias for field in request.scope["route"].dependant.body_params)
    other = next((name for name in (await request.form()) if name not in known), None)
    if other is not None:
        message = f"'{one_line(other, 100)}' is not a field; the fields are {', '.join(known)}"
        raise InvalidRequest(message, one_line(other, 100), known)


def _licences(given: Sequence[str]) -> dict[str, str]:
    """By part. Raises `InvalidRequest`, also for a part that is given twice."""
    read = list(map(_licence, given))
    parts = [part for part, _ in read]
    twice = next((part for part in parts if parts.count(part) > 1), None)
    if twice is not None:
        raise InvalidRequest(f"the licence of '{one_line(twice, 100)}' is given twice: name one", "licence")
    return dict(read)


def _licence(given: str) -> tuple[str, str]:
    part, _, licence = given.rpartition("=")
    if not one_line(part):
        raise InvalidRequest(f"licence '{given[:100]}': write PART=ID, for example adapter=apache-2.0", "licence")
    return part.strip(), licence.strip()


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
        licence=licence_body(judge_parts(parts, installation.catalog), installation.catalog),
    )
