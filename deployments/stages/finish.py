"""Finish: a picture in, files out, each at its final size with its recipe inside."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictBool

from configs.catalog import Installation
from configs.formats import VECTORS, Format
from configs.schema import Size
from deployments.messages import Done
from deployments.provenance.signing import Signing
from deployments.stages.encode import FinishRequest
from deployments.stages.finisher import Finisher
from deployments.stages.kind import Deployment, Draft, Learned, Settings, Stage, StageKind, Work
from deployments.stages.pace import expected_seconds, learned_seconds
from deployments.stages.pixels import FINISHER

_GUESSES: dict[Format, float] = {"png": 0.1, "webp": 0.25, "svg": 0, "jpeg": 0.05, "avif": 0.9, "pdf": 0}
"""Seconds per megapixel, until measured."""
_TRACING = 0.4  # seconds for SVG and PDF, however large the picture is: outlines are followed at a size of their own
_LEAST = 0.01  # seconds
_MEGAPIXEL = 1_000_000
_WHITE = "#ffffff"


class FinishSettings(Settings):
    """How files are written."""

    sharpen: float = Field(
        default=0.0, ge=0, le=2, description="How much finer details become, without halos: 0.5 is usual"
    )
    file_quality: int | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Of JPEG, WebP and AVIF files, 100 is the best; 90 if absent, and 60 of AVIF. PNG loses nothing",
    )
    credentials: StrictBool = Field(
        default=True, description="False: files are not signed, where the profile says `credentials: {optional: true}`"
    )


class FinishStage(Stage):
    """Bring to the final size and write the files; and, in each of the further `sizes`, those formats that have one.
    What is cut out keeps `clear_space` of its size around it, and lies on `ground` where a format is opaque.
    `file_quality` is that of lossy formats; each has a usual one. Files are signed with `credentials`, if this
    installation signs."""

    kind: Literal["finish"] = "finish"
    size: Size
    formats: tuple[Format, ...]
    sizes: tuple[Size, ...] = ()
    sharpen: float = 0.0
    clear_space: float = 0.0
    ground: str = _WHITE
    file_quality: int | None = None
    credentials: bool = True

    @property
    def megapixels(self) -> float:
        """Of all sizes together."""
        return sum(size.pixels for size in (self.size, *self.sizes)) / _MEGAPIXEL


def _plan(draft: Draft) -> FinishStage:
    settings = draft.settings if isinstance(draft.settings, FinishSettings) else FinishSettings()
    kit = draft.kit
    grounds = () if kit is None else tuple(entry.colour for entry in kit.palette if entry.role == "ground")
    stage = FinishStage(
        deployment=FINISHER,
        size=draft.final,
        formats=draft.formats,
        sizes=draft.sizes,
        sharpen=settings.sharpen,
        clear_space=0.0 if kit is None else kit.clear_space,
        ground=grounds[0].lower() if grounds else _WHITE,
        file_quality=settings.file_quality,
        credentials=settings.credentials or not draft.installation.profile.credentials.optional,
        estimated_seconds=0,
    )
    seconds = expected_seconds(draft.speeds, _work(stage), stage.megapixels, _guess(stage))
    return stage.model_copy(update={"estimated_seconds": seconds})


def _guess(stage: FinishStage) -> float:
    seconds = _LEAST + sum(_GUESSES[format] for format in stage.formats) * stage.megapixels
    return seconds if set(VECTORS).isdisjoint(stage.formats) else seconds + _TRACING


def _work(stage: FinishStage) -> str:
    several = ["sizes"] if stage.sizes and not set(stage.formats) <= set(VECTORS) else []
    return " ".join(["finish", *sorted(stage.formats), *several])


def _message(stage: FinishStage, work: Work) -> FinishRequest:
    return FinishRequest(
        stage.size.width,
        stage.size.height,
        stage.formats,
        work.recipe,
        work.inputs.composite,
        sizes=tuple((size.width, size.height) for size in stage.sizes),
        sharpen=stage.sharpen,
        clear_space=stage.clear_space,
        ground=stage.ground,
        file_quality=stage.file_quality,
        credentials=stage.credentials,
        like=work.inputs.like,
        terms=work.terms,
    )


def _written(stage: FinishStage) -> str:
    sizes = ", ".join(str(size) for size in (stage.size, *stage.sizes))
    sharpened = f", sharpened by {stage.sharpen:g}" if stage.sharpen else ""
    lossy = "" if stage.file_quality is None else f" at quality {stage.file_quality}"
    unsigned = "" if stage.credentials else ", not signed"
    return f"{sizes} as {', '.join(stage.formats)}{lossy}{sharpened}{unsigned}"


def _notes(stage: FinishStage, draft: Draft) -> tuple[tuple[str, str], ...]:
    """What somebody asked for in vain."""
    settings = draft.settings
    if not isinstance(settings, FinishSettings) or settings.credentials == stage.credentials:
        return ()
    return (("files_signed", "files are signed all the same: this studio lets none leave unsigned"),)


def _learned(stage: FinishStage, done: Done) -> tuple[Learned, ...]:
    return learned_seconds(_work(stage), stage.megapixels, _guess(stage), done.seconds)


def _deployments(installation: Installation) -> tuple[Deployment, ...]:
    profile = installation.profile
    signing = Signing(profile.credentials, installation.root, profile.state)
    return (Deployment(FINISHER, Finisher, (), profile.finisher, {"signing": signing}),)


FINISH = StageKind(
    name="finish",
    label="writing files",
    stage=FinishStage,
    plan=_plan,
    message=_message,
    written=_written,
    settings=FinishSettings,
    notes=_notes,
    learned=_learned,
    deployments=_deployments,
)
