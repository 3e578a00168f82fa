"""Upscale: a picture in, the same picture larger out. How it is planned; what does it is in `upscaler.py`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from pydantic import Field

from configs.catalog import Catalog, Installation
from configs.errors import InvalidRequest, UnknownName
from configs.replicas import Replicas
from configs.schema import Identifier, LicencePart, ModelConfig, Size
from deployments.messages import Done
from deployments.stages.kind import Deployment, Draft, Learned, Settings, Stage, StageKind, Work
from deployments.stages.upscaler import Lanczos, Upscaler, UpscaleRequest, pass_sizes

LANCZOS = "lanczos"
"""The upscaler that needs no network, and no place in a profile."""
_LANCZOS_DEPLOYMENT, _LANCZOS_GUESS = f"upscaler-{LANCZOS}", 0.1  # seconds per megapixel
_MAX_PASSES = 2
_MEGAPIXEL = 1_000_000


class UpscaleSettings(Settings):
    """How what the model draws is enlarged."""

    upscaler: Identifier | None = Field(
        default=None,
        description="One of the installation's, or `lanczos`, which is always there and puts nothing in; the model's"
        " own if absent",
    )
    factor: Literal[1, 2, 4] | None = Field(
        default=None, description="Times the usual size of the asset type; the quality's if absent"
    )


class UpscaleStage(Stage):
    """Enlarge by `scale`, `passes` times, and bring to `size` what is larger then. `pixels` are what the network makes,
    over all passes; 0 in older plans, whose size is that of the last one."""

    kind: Literal["upscale"] = "upscale"
    upscaler: Identifier
    scale: int = Field(gt=1)
    passes: int = Field(gt=0)
    size: Size
    pixels: int = Field(default=0, ge=0)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What enlarges: an upscaler, where its replicas are, and how many times one pass enlarges; None as much as is
    wanted."""

    upscaler: str
    deployment: str
    scale: int | None

    @property
    def most(self) -> int | None:
        """Times that a picture can be enlarged; None for as often as there is room."""
        return None if self.scale is None else self.scale**_MAX_PASSES


def choose_upscaler(installation: Installation, model: ModelConfig, wanted: str | None) -> Chosen | None:
    """The upscaler `wanted`, else the model's own; None where it has none. Raises `UnknownName` for one that is not
    placed here."""
    name = wanted or model.upscaler
    if name is None:
        return None
    if name == LANCZOS:
        return Chosen(LANCZOS, _LANCZOS_DEPLOYMENT, None)
    placed = {one.upscaler: one.name for one in installation.profile.upscalers}
    if name not in placed:
        there = (*placed, LANCZOS)
        message = f"'{name}' is not an upscaler of this installation; choose one of {', '.join(there)}"
        raise UnknownName(message, "stages.upscale.upscaler", there)
    return Chosen(name, placed[name], installation.catalog.upscalers[name].scale)


def _plan(draft: Draft) -> UpscaleStage | None:
    """To `final` where the picture is smaller. Raises `UnknownName` and `InvalidRequest` where nothing enlarges it, or
    not as far."""
    base, final, model = draft.size, draft.final, draft.model
    if final.width <= base.width:
        return None
    said = draft.settings if isinstance(draft.settings, UpscaleSettings) else UpscaleSettings()
    chosen = choose_upscaler(draft.installation, model, said.upscaler)
    if chosen is None:
        message = f"{model.id} draws up to {base} and has no upscaler for {final}; name one in stages.upscale.upscaler"
        raise InvalidRequest(message, "size")
    if chosen.scale is None:
        return _planned(draft, chosen, 1, _target(base, final))
    passes = math.ceil(math.log(final.width / base.width, chosen.scale) - 1e-9)
    if passes > _MAX_PASSES:
        raise InvalidRequest(f"{final} is more than {chosen.most} times what {model.id} draws", "size")
    return _planned(draft, chosen, passes, _target(base, final, chosen.scale**passes))


def _planned(draft: Draft, chosen: Chosen, passes: int, target: Size) -> UpscaleStage:
    if chosen.scale is None:
        scale, pixels, guess = math.ceil(target.width / draft.size.width), target.pixels, _LANCZOS_GUESS
    else:
        scale, asked = chosen.scale, UpscaleRequest(passes, target.width, target.height)
        given = pass_sizes(draft.size.width, draft.size.height, scale, asked)
        pixels = sum(width * height for width, height in given) * scale**2
        guess = draft.installation.catalog.upscalers[chosen.upscaler].seconds_per_megapixel
    per_megapixel = draft.speeds.seconds(_work(chosen.upscaler), guess)
    return UpscaleStage(
        deployment=chosen.deployment,
        upscaler=chosen.upscaler,
        scale=scale,
        passes=passes,
        size=target,
        pixels=pixels,
        estimated_seconds=per_megapixel * pixels / _MEGAPIXEL,
    )


def _target(base: Size, final: Size, most: int | None = None) -> Size:
    """The final size; or, where that has another shape and is cropped when it is finished, the smallest that covers
    it in the shape of `base`."""
    times = max(Fraction(final.width, base.width), Fraction(final.height, base.height))
    times = times if most is None else min(times, Fraction(most))
    return Size(width=math.ceil(base.width * times), height=math.ceil(base.height * times))


def _work(upscaler: str) -> str:
    return f"upscale {upscaler}"


def _message(stage: UpscaleStage, _: Work) -> UpscaleRequest:
    return UpscaleRequest(stage.passes, stage.size.width, stage.size.height)


def _learned(stage: UpscaleStage, done: Done) -> tuple[Learned, ...]:
    return (Learned(_work(stage.upscaler), done.seconds * _MEGAPIXEL / (stage.pixels or stage.size.pixels)),)


def _licence_parts(stage: UpscaleStage, catalog: Catalog) -> Iterable[tuple[str, LicencePart]]:
    """Of the network, where there is one."""
    known = catalog.upscalers.get(stage.upscaler)
    return () if known is None else ((stage.upscaler, part) for part in known.licence_parts)


def _deployments(installation: Installation) -> tuple[Deployment, ...]:
    """Those of the profile, and the one without a network, which comes when it is asked for."""
    upscalers = installation.catalog.upscalers
    placed = (
        Deployment(placement.name, Upscaler, (upscalers[placement.upscaler],), placement.replicas)
        for placement in installation.profile.upscalers
    )
    return (*placed, Deployment(_LANCZOS_DEPLOYMENT, Lanczos, (), Replicas(min_replicas=0)))


def _notes(stage: UpscaleStage, draft: Draft) -> tuple[tuple[str, str], ...]:
    times = stage.scale**stage.passes
    exact = stage.size.width == draft.size.width * times
    how = f"enlarges it {times} times to {stage.size}" if exact else f"enlarges it to {stage.size}"
    resized = "" if stage.size == draft.final else f", then cropped to {draft.final}"
    said = f"{draft.model.id} draws {draft.size}; {stage.upscaler} {how}{resized}"
    return (("enlarged", said),)


UPSCALE = StageKind(
    name="upscale",
    label="enlarging",
    stage=UpscaleStage,
    plan=_plan,
    message=_message,
    written=lambda stage: f"to {stage.size} with {stage.upscaler}",
    settings=UpscaleSettings,
    learned=_learned,
    licence_parts=_licence_parts,
    deployments=_deployments,
    notes=_notes,
)
