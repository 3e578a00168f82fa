"""The documents that the tables of jobs and pictures hold, and what stands for one that cannot be read."""

from __future__ import annotations

import logging
from typing import Any, TypeVar

from configs.environment import Environment
from router.jobs.model import UNREADABLE, JobFailure, JobKind, LicenceVerdict, LicensedPart
from router.plan import Plan
from router.storage.documents import Body, Document, UnreadableDocument
from router.training.plan import TrainingPlan

T = TypeVar("T")

_log = logging.getLogger("atelier.jobs")


def _give_notes_codes(plan: Body) -> Body:
    """Notes were sentences alone."""
    return plan | {"notes": [{"code": "note", "message": sentence} for sentence in plan.get("notes", ())]}


def _list_stages(plan: Body) -> Body:
    """Stages were three fields of the plan."""
    stages = [{"kind": kind, **plan[kind]} for kind in ("base", "upscale", "finish") if plan.get(kind) is not None]
    return {key: value for key, value in plan.items() if key not in ("base", "upscale", "finish")} | {"stages": stages}


def _name_samplers(plan: Body) -> Body:
    """Every model drew with its checkpoint's own sampler, which nobody named."""
    own = {"sampler": "default", "schedule": None}
    stages = [own | stage if "num_inference_steps" in stage else stage for stage in plan["stages"]]
    return plan | {"stages": stages}


def _nest_images(plan: Body) -> Body:
    """What stands for a picture lay beside what it is to the drawing, with None for what it is not."""
    for stage in plan["stages"]:
        if stage["kind"] == "base":
            stage["inputs"] = [_nest_image(picture) for picture in stage.pop("pictures", ())]
    return plan


def _nest_image(picture: Body) -> Body:
    apart = ("role", "kind", "scale", "start", "end")
    image = {key: value for key, value in picture.items() if key not in apart}
    return {"image": image} | {key: picture[key] for key in apart if picture.get(key) is not None}


PLAN: Document[Plan] = Document(
    "plan", Plan, {1: _give_notes_codes, 2: _list_stages, 3: _name_samplers, 4: _nest_images}
)
TRAINING: Document[TrainingPlan] = Document("training plan", TrainingPlan)
TRAININGS_FROM = 1000
"""Versions of trainings' plans count from here, so that a release that knows no trainings leaves them to others."""
_PLANS: dict[JobKind, tuple[Document[Any], int]] = {"generate": (PLAN, 0), "train": (TRAINING, TRAININGS_FROM)}


def document_of(kind: str) -> Document[Any]:
    """How plans of a kind of jobs are written. Raises `UnreadableDocument` for one that this release does not know."""
    if kind not in _PLANS:
        raise UnreadableDocument(f"this release knows no jobs of the kind '{kind}'")
    return _PLANS[kind][0]


def plan_versions(kind: JobKind) -> range:
    """The versions of plans, as the database counts them, that this release can read."""
    document, before = _PLANS[kind]
    return range(before + 1, before + document.version + 1)


LICENCE: Document[LicenceVerdict] = Document("licence verdict", LicenceVerdict, repeats=True)
FAILURE: Document[JobFailure] = Document("failure", JobFailure)
REQUEST: Document[dict[str, Any]] = Document("request", dict[str, Any])
PAYLOAD: Document[dict[str, Any]] = Document("event", dict[str, Any])
NOTES: Document[tuple[str, ...]] = Document("notes", tuple[str, ...])
SECONDS: Document[dict[str, float]] = Document("seconds", dict[str, float])
SCORES: Document[dict[str, float]] = Document("scores", dict[str, float])
ENVIRONMENT: Document[Environment] = Document("environment", Environment, repeats=True)

NO_VERDICT = LicenceVerdict(
    reference="refused",
    internal="refused",
    product="refused",
    licences=(),
    reasons=("the verdict on this picture is stored in a form that this release cannot read",),
    parts=(LicensedPart(component="", part="", licence=UNREADABLE),),
)
"""What nobody can read allows nothing."""

UNREADABLE_FAILURE = JobFailure(
    code="unreadable", message="why it failed is stored in a form that this release cannot read"
)


def read_or(document: Document[T], text: str, instead: T, of: str) -> T:
    """The document in `text`, or `instead` with a line in the log that names the row it is `of`."""
    try:
        return document.read(text)
    except UnreadableDocument as error:
        _log.warning("%s: %s", of, error)
        return instead
