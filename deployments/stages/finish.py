"""Finish: a picture in, files out, each at its final size with its recipe inside."""

from __future__ import annotations

from typing import Literal

from configs.catalog import Installation
from configs.schema import Format, Size
from deployments.messages import Done
from deployments.stages.encode import FinishRequest
from deployments.stages.finisher import Finisher
from deployments.stages.kind import Deployment, Draft, Learned, Stage, StageKind, Work
from deployments.stages.pixels import FINISHER

_GUESSES: dict[Format, float] = {"png": 0.1, "webp": 0.25, "svg": 1.2}
"""Seconds per megapixel, until measured."""
_MEGAPIXEL = 1_000_000


class FinishStage(Stage):
    """Bring to the final size and write the files."""

    kind: Literal["finish"] = "finish"
    size: Size
    formats: tuple[Format, ...]


def _plan(draft: Draft) -> FinishStage:
    guess = sum(_GUESSES[format] for format in draft.formats)
    per_megapixel = draft.speeds.seconds(_work(draft.formats), guess)
    return FinishStage(
        deployment=FINISHER,
        size=draft.final,
        formats=draft.formats,
        estimated_seconds=per_megapixel * draft.final.pixels / _MEGAPIXEL,
    )


def _work(formats: tuple[Format, ...]) -> str:
    return " ".join(["finish", *sorted(formats)])


def _message(stage: FinishStage, work: Work) -> FinishRequest:
    return FinishRequest(stage.size.width, stage.size.height, stage.formats, work.recipe, work.inputs.composite)


def _learned(stage: FinishStage, done: Done) -> tuple[Learned, ...]:
    return (Learned(_work(stage.formats), done.seconds * _MEGAPIXEL / stage.size.pixels),)


def _deployments(installation: Installation) -> tuple[Deployment, ...]:
    return (Deployment(FINISHER, Finisher, (), installation.profile.finisher),)


FINISH = StageKind(
    name="finish",
    label="writing files",
    stage=FinishStage,
    plan=_plan,
    message=_message,
    written=lambda stage: f"{stage.size} as {', '.join(stage.formats)}",
    learned=_learned,
    deployments=_deployments,
)
