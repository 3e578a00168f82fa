"""Check: what can be said of a finished picture in numbers, before its files are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from configs.catalog import Catalog
from configs.errors import InvalidRequest
from configs.schema import Identifier, LicencePart
from configs.scorers import ScorerConfig
from deployments.messages import Done
from deployments.stages.checker import CheckRequest
from deployments.stages.kind import Draft, Learned, Settings, Stage, StageKind, Work
from deployments.stages.measures import BY_SCORER, Measure
from deployments.stages.pace import expected_seconds, learned_seconds
from deployments.stages.pixels import FINISHER
from deployments.stages.score import placed_scorer, scorer_licences, scoring_seconds

_GUESS_SECONDS = 0.3  # per megapixel, until measured
_MEGAPIXEL = 1_000_000


class CheckSettings(Settings):
    """What is measured of every picture; `fidelity` takes a scorer for the model, `preference` a `scorer` by name."""

    measures: tuple[Measure, ...] = Field(default=("sharpness", "stray_text"), min_length=1)
    scorer: Identifier | None = Field(default=None, description="whose number it is; the model's own, if left out")


class CheckStage(Stage):
    """Measure the picture as it is now."""

    measures_only: ClassVar[bool] = True

    kind: Literal["check"] = "check"
    measures: tuple[Measure, ...]
    scorer: Identifier | None = None
    megapixels: float = Field(gt=0)


def _plan(draft: Draft) -> CheckStage | None:
    if not isinstance(draft.settings, CheckSettings):
        return None
    measures, megapixels = tuple(dict.fromkeys(draft.settings.measures)), draft.size.pixels / _MEGAPIXEL
    seconds = expected_seconds(draft.speeds, _work(measures), megapixels, _GUESS_SECONDS * megapixels)
    asked = [name for name in measures if name in BY_SCORER]
    if draft.settings.scorer and not asked:
        message = f"{draft.settings.scorer} has nothing to say: {' and '.join(BY_SCORER)} are not among the measures"
        raise InvalidRequest(message, "stages.check.scorer")
    if not asked:
        return CheckStage(deployment=FINISHER, measures=measures, megapixels=megapixels, estimated_seconds=seconds)
    scorer, deployment = _find_scorer(draft, draft.settings.scorer, asked)
    return CheckStage(
        deployment=deployment,
        measures=measures,
        scorer=scorer.id,
        megapixels=megapixels,
        estimated_seconds=seconds + scoring_seconds(draft, scorer),
    )


def _find_scorer(draft: Draft, name: str | None, asked: Sequence[Measure]) -> tuple[ScorerConfig, str]:
    """The scorer and its deployment. Raises `InvalidRequest` where it is not here, or says something else."""
    scorer, deployment = placed_scorer(draft, "stages.check.scorer" if name else "stages.check.measures", name)
    wrong = next((measure for measure in asked if measure != scorer.says), None)
    if wrong is not None:
        says = sorted(one.id for one in draft.installation.catalog.scorers.values() if one.says == wrong)
        others = f"choose {' or '.join(says)}" if says else f"no scorer in the configs says {wrong}"
        message = f"the scorer {scorer.id} tells the {scorer.says} of a picture, not its {wrong}: {others}"
        raise InvalidRequest(message, "stages.check.scorer")
    return scorer, deployment


def _work(measures: tuple[Measure, ...]) -> str:
    return " ".join(["check", *sorted(measures)])


def _message(stage: CheckStage, work: Work) -> CheckRequest:
    return CheckRequest(stage.measures, work.recipe.full_prompt)


def _learned(stage: CheckStage, done: Done) -> tuple[Learned, ...]:
    """Nothing where a scorer took its part of the time, which does not grow with the picture."""
    if stage.scorer:
        return ()
    return learned_seconds(_work(stage.measures), stage.megapixels, _GUESS_SECONDS * stage.megapixels, done.seconds)


def _licence_parts(stage: CheckStage, catalog: Catalog) -> Iterable[tuple[str, LicencePart]]:
    """Of the scorer, where one is asked."""
    return () if stage.scorer is None else scorer_licences(stage.scorer, catalog)


CHECK = StageKind(
    name="check",
    label="checking",
    stage=CheckStage,
    plan=_plan,
    message=_message,
    written=lambda stage: ", ".join(stage.measures) + (f" with {stage.scorer}" if stage.scorer else ""),
    settings=CheckSettings,
    learned=_learned,
    licence_parts=_licence_parts,
)
