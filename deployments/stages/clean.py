"""Clean: flat art made exact before its files are written, so that they agree; what is no flat art stays as it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from PIL import Image
from pydantic import Field

from deployments.messages import Done, Picture
from deployments.stages.kind import Draft, Learned, Settings, Stage, StageKind, Work
from deployments.stages.pace import expected_seconds, learned_seconds
from deployments.stages.pixels import FINISHER

_WORK = "clean"
_GUESS_FINDING, _GUESS_RENDERING = 1.5, 1.5  # seconds per megapixel, until measured
_LEAST_FOUND, _MOST_FOUND = 0.26, 1.05  # megapixels that are looked at, however large the picture is
_MEGAPIXEL = 1_000_000


class CleanSettings(Settings):
    """Few exact colours and smooth outlines, for flat art: asking for it is all there is to say."""


class CleanStage(Stage):
    """Make flat art exact; the finisher does it, which is there anyway."""

    kind: Literal["clean"] = "clean"
    megapixels: float = Field(gt=0)


@dataclass(frozen=True, slots=True)
class CleanRequest:
    """Make a picture exact if it is flat art."""

    method: ClassVar[str] = "retouch"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = True

    def apply(self, picture: Picture) -> Done:
        """The picture as the flat art that it is meant to be; untouched where it is none, with a note why."""
        from deployments.stages.flat_art import find_flat_art, render  # scipy, which only a replica needs

        started = time.perf_counter()
        art = find_flat_art(Image.frombytes("RGB", (picture.width, picture.height), picture.rgb))
        if isinstance(art, str):
            note = f"not cleaned: the picture is no flat art, {art}"
            return Done(time.perf_counter() - started, picture, notes=(note,))
        exact = replace(picture, rgb=render(art, picture.width, picture.height).tobytes())
        return Done(time.perf_counter() - started, exact)


def _plan(draft: Draft) -> CleanStage | None:
    if not isinstance(draft.settings, CleanSettings):
        return None
    megapixels = draft.size.pixels / _MEGAPIXEL
    return CleanStage(
        deployment=FINISHER,
        megapixels=megapixels,
        estimated_seconds=expected_seconds(draft.speeds, _WORK, megapixels, _guess(megapixels)),
    )


def _message(_: CleanStage, __: Work) -> CleanRequest:
    return CleanRequest()


def _learned(stage: CleanStage, done: Done) -> tuple[Learned, ...]:
    return learned_seconds(_WORK, stage.megapixels, _guess(stage.megapixels), done.seconds)


def _guess(megapixels: float) -> float:
    return _GUESS_FINDING * min(max(megapixels, _LEAST_FOUND), _MOST_FOUND) + _GUESS_RENDERING * megapixels


CLEAN = StageKind(
    name="clean",
    label="cleaning",
    stage=CleanStage,
    plan=_plan,
    message=_message,
    written=lambda stage: "to few exact colours and smooth outlines, if it is flat art",  # noqa: ARG005
    settings=CleanSettings,
    learned=_learned,
)
