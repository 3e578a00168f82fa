"""Experiments as data: which ways of drawing are compared, on what, by whom, and when that has told enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, model_validator

from configs.contracts import Pinned, PinnedLora
from configs.frozen import Frozen
from configs.schema import Identifier
from configs.semver import FIRST, Semver
from configs.text import Line, Paragraphs

CHAMPION = "champion"
"""The arm that changes nothing: what is drawn with today."""
LAYER_SLOTS = 10_000

Mode: TypeAlias = Literal["replay", "shadow", "paired", "split"]
"""replay: a set of prompts is drawn by every arm. shadow: what people ask for is drawn again by every arm, unseen.
paired: replay and shadow, with people who vote. split: each unit's own pictures are drawn by one arm."""
Unit: TypeAlias = Literal["user", "team", "session", "job"]
GuardrailMetric: TypeAlias = Literal["failure", "gpu_seconds"]


class Overlay(Frozen):
    """What an arm changes of how a request is drawn; what it leaves open stays as it is.

    `steps` are per quality. `loras` come beside those that the asset type brings, each as it is live or as ID@VERSION;
    strength 0 takes one away. `stages` are settings by kind in the words of a request.
    """

    model: Identifier | None = None
    loras: tuple[PinnedLora, ...] = ()
    asset_type: Pinned | None = None
    brand_kit: Pinned | None = None
    steps: dict[Identifier, Annotated[int, Field(gt=0, le=200)]] = {}
    guidance_scale: float | None = Field(default=None, ge=0, le=30)
    sampler: Identifier | None = None
    schedule: Identifier | None = None
    stages: dict[Identifier, bool | dict[str, Any]] = {}
    best_of: int | None = Field(default=None, ge=2, le=16)

    @property
    def is_empty(self) -> bool:
        """It changes nothing."""
        return self == Overlay()


class ArmConfig(Frozen):
    """One way of drawing, and its share of the units. The arm `champion` is what is live when a phase starts."""

    id: Identifier
    weight: float = Field(default=1.0, ge=0, le=1000, allow_inf_nan=False)
    overlay: Overlay = Overlay()


class ScopeConfig(Frozen):
    """Which requests take part; empty means all."""

    asset_types: tuple[Identifier, ...] = ()
    qualities: tuple[Identifier, ...] = ()


class LayerConfig(Frozen):
    """A part of the units, of which no other experiment of the layer may have any: slots of 10,000, the last one not
    included."""

    name: Identifier
    slots: tuple[Annotated[int, Field(ge=0, le=LAYER_SLOTS)], Annotated[int, Field(ge=0, le=LAYER_SLOTS)]]

    @model_validator(mode="after")
    def _in_order(self) -> LayerConfig:
        if self.slots[0] >= self.slots[1]:
            raise ValueError(f"slots go from a lower number to a higher one, within 0 to {LAYER_SLOTS}")
        return self

    def overlaps(self, other: LayerConfig) -> bool:
        """Some unit would be in both."""
        return self.name == other.name and self.slots[0] < other.slots[1] and other.slots[0] < self.slots[1]


class GuardrailConfig(Frozen):
    """What an arm may not do: fail more often than `max`, or take more than `max_ratio` times the champion's seconds of
    a device. It is paused as soon as that is certain enough."""

    metric: GuardrailMetric
    max: float | None = Field(default=None, gt=0, lt=1)
    max_ratio: float | None = Field(default=None, gt=1, le=100)

    @model_validator(mode="after")
    def _one_bound(self) -> GuardrailConfig:
        wanted = "max" if self.metric == "failure" else "max_ratio"
        if (self.max is None) == (self.metric == "failure") or (self.max_ratio is None) != (self.metric == "failure"):
            raise ValueError(f"{self.metric} is bounded by '{wanted}' alone")
        return self


class PrimaryConfig(Frozen):
    """What decides: blind preference by a criterion."""

    metric: Literal["preference"] = "preference"
    criterion: Identifier = "overall"


class StopConfig(Frozen):
    """When enough is known: never before `min_votes` of `min_raters`, and never after `max_votes`, with which no more
    ballots are lent."""

    alpha: float = Field(default=0.05, gt=0, le=0.2)
    min_votes: int = Field(default=30, ge=2)
    max_votes: int = Field(default=400, ge=2, le=100_000)
    min_raters: int = Field(default=5, ge=1, le=1000)

    @model_validator(mode="after")
    def _in_order(self) -> StopConfig:
        if self.min_votes > self.max_votes:
            raise ValueError(f"min_votes {self.min_votes} is more than max_votes {self.max_votes}")
        return self


class BallotsConfig(Frozen):
    """How people are asked. `choice` is by what the arms of a ballot are chosen: evenly, where a vote tells most of all
    arms, or where it tells most of which is best. `screen` is how many pictures one shows."""

    choice: Literal["uniform", "information", "top_two"] = "uniform"
    screen: Literal[2, 4] = 2
    sitting: int = Field(default=40, ge=1, le=200, description="ballots after which a rater is told what was what")
    overlap: float = Field(default=0.15, ge=0, le=1, description="share of what others have seen, too")
    checks: float = Field(default=0.1, ge=0, le=0.5, description="share of hidden checks: repeats, and known answers")


class BudgetConfig(Frozen):
    """What drawings that nobody asked for may take, in all."""

    gpu_seconds: float = Field(gt=0, allow_inf_nan=False)


class ExperimentConfig(Frozen):
    """An experiment (`configs/experiments/<id>.yaml`). What it is stays as it was when a phase started: its exposure
    and its state are in the database."""

    id: Identifier
    version: Semver = FIRST
    name: Line
    description: Paragraphs = ""
    mode: Mode
    unit: Unit = Field(default="user", description="of a split: what is in one arm as a whole")
    scope: ScopeConfig = ScopeConfig()
    layer: LayerConfig | None = None
    arms: tuple[ArmConfig, ...] = Field(min_length=2, max_length=32)
    primary: PrimaryConfig = PrimaryConfig()
    criteria: tuple[Identifier, ...] = Field(default=(), max_length=3, description="asked beside the overall choice")
    guardrails: tuple[GuardrailConfig, ...] = ()
    stop: StopConfig = StopConfig()
    ballots: BallotsConfig = BallotsConfig()
    budget: BudgetConfig | None = None
    exposure: float = Field(default=1.0, ge=0, le=1, description="share of the units, when a phase starts")
    prompt_set: Pinned | None = Field(default=None, description="whose prompts a replay draws")

    @model_validator(mode="after")
    def _consistent(self) -> ExperimentConfig:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        ids = [arm.id for arm in self.arms]
        twice = next((id for id in ids if ids.count(id) > 1), None)
        if twice is not None:
            yield f"arms has '{twice}' twice"
        if sum(arm.weight for arm in self.arms) <= 0:
            yield "arms: their weights sum to 0: give at least one a weight"
        if self.ballots.screen > len(self.arms):
            yield f"ballots.screen: {self.ballots.screen} pictures need as many arms; there are {len(self.arms)}"
        for arm in self.arms:
            if arm.id == CHAMPION and not arm.overlay.is_empty:
                yield f"arms: '{CHAMPION}' is what is live, and has no overlay: give the arm another id"
            if arm.id != CHAMPION and arm.overlay.is_empty:
                yield f"arms: '{arm.id}' changes nothing: give it an overlay, or call it '{CHAMPION}'"
        if self.mode == "replay" and self.prompt_set is None:
            yield "a replay needs a prompt_set: a library entry whose prompts every arm draws"

    def arm(self, id: str) -> ArmConfig | None:
        """None where it has no such arm."""
        return next((arm for arm in self.arms if arm.id == id), None)

    def includes(self, asset_type: str, quality: str) -> bool:
        """Whether requests of this kind take part."""
        scope = self.scope
        return (not scope.asset_types or asset_type in scope.asset_types) and (
            not scope.qualities or quality in scope.qualities
        )
