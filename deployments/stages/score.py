"""Score: a drawing is measured as soon as it is drawn, so that the best is chosen before anything dear is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from configs.catalog import Catalog, Installation
from configs.errors import InvalidRequest
from configs.schema import Identifier, LicencePart
from configs.scorers import ScorerConfig
from deployments.messages import Done
from deployments.stages.checker import Checker, CheckRequest
from deployments.stages.kind import Deployment, Draft, Learned, Settings, Stage, StageKind, Work
from deployments.stages.measures import Measure

SCORED: tuple[Measure, ...] = ("fidelity", "sharpness")
"""What is measured of a drawing."""


class ScoreSettings(Settings):
    """The drawing is scored; it is whenever a request has pictures chosen by their scores."""


class ScoreStage(Stage):
    """Measure the drawing, with a scorer."""

    measures_only: ClassVar[bool] = True

    kind: Literal["score"] = "score"
    scorer: Identifier
    measures: tuple[Measure, ...] = SCORED


def placed_scorer(draft: Draft, field: str, named: str | None = None) -> tuple[ScorerConfig, str]:
    """The scorer `named`, or that of the draft's model, and its deployment. Raises `InvalidRequest`, naming `field`,
    for want of one."""
    name, profile = named or draft.model.scorer, draft.installation.profile
    placement = next((one for one in profile.scorers if one.scorer == name), None)
    if named and placement is None:
        here = ", ".join(sorted(one.scorer for one in profile.scorers)) or "none"
        raise InvalidRequest(f"the scorer {named} is not placed here; those that are: {here}", field)
    if name is None or placement is None:
        message = (
            f"nothing here can tell how well a picture of {draft.model.id} fits its prompt: {field} needs a scorer"
        )
        raise InvalidRequest(message, field)
    return draft.installation.catalog.scorers[name], placement.name


def scoring_seconds(draft: Draft, scorer: ScorerConfig) -> float:
    """Of one picture."""
    return draft.speeds.seconds(_work(scorer.id), scorer.seconds_per_picture)


def scorer_licences(scorer: str, catalog: Catalog) -> Iterable[tuple[str, LicencePart]]:
    """What may be used for nothing, may not choose what is used, either."""
    return ((scorer, part) for part in catalog.scorers[scorer].licence_parts)


def _plan(draft: Draft) -> ScoreStage | None:
    if not isinstance(draft.settings, ScoreSettings):
        return None
    scorer, deployment = placed_scorer(draft, "best_of")
    if scorer.says != "fidelity":
        message = f"the scorer {scorer.id} tells the {scorer.says} of a picture: best_of chooses by fidelity"
        raise InvalidRequest(message, "best_of")
    return ScoreStage(deployment=deployment, scorer=scorer.id, estimated_seconds=scoring_seconds(draft, scorer))


def _work(scorer: str) -> str:
    return f"score {scorer}"


def _message(stage: ScoreStage, work: Work) -> CheckRequest:
    return CheckRequest(stage.measures, work.recipe.full_prompt)


def _learned(stage: ScoreStage, done: Done) -> tuple[Learned, ...]:
    return (Learned(_work(stage.scorer), done.seconds),)


def _deployments(installation: Installation) -> tuple[Deployment, ...]:
    scorers = installation.catalog.scorers
    return tuple(
        Deployment(placement.name, Checker, (scorers[placement.scorer],), placement.replicas)
        for placement in installation.profile.scorers
    )


SCORE = StageKind(
    name="score",
    label="scoring",
    stage=ScoreStage,
    plan=_plan,
    message=_message,
    written=lambda stage: f"{', '.join(stage.measures)} with {stage.scorer}",
    settings=ScoreSettings,
    learned=_learned,
    licence_parts=lambda stage, catalog: scorer_licences(stage.scorer, catalog),
    deployments=_deployments,
)
