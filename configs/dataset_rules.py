"""What a training set should be like, as data: how many pictures, and what each check warns of, with its source."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from configs.frozen import Frozen
from configs.schema import Identifier
from configs.text import Line

Severity: TypeAlias = Literal["error", "warning", "hint"]
ScorePart: TypeAlias = Literal["count", "pictures", "variety", "captions", "consistency"]
Code: TypeAlias = Literal[
    "too_few",
    "below_minimum",
    "below_good",
    "too_many",
    "unreadable",
    "too_small",
    "small",
    "transparent",
    "blurred",
    "compressed",
    "corner_mark",
    "copies",
    "near_copies",
    "alike",
    "crops",
    "mirrored",
    "aspects",
    "lone_aspect",
    "same_ground",
    "mixed_styles",
    "caption_missing",
    "caption_too_long",
    "caption_short",
    "captions_equal",
    "captions_unread",
    "caption_colour",
    "style_words",
    "vocabulary",
    "synonyms",
    "trigger_unset",
    "trigger_missing",
    "trigger_common",
    "trigger_long",
    "right_unknown",
]


class Counts(Frozen):
    """How many pictures: below `minimum` it shows, from `good` on it is solid, `great` leaves nothing to wish."""

    minimum: int = Field(gt=0)
    good: int = Field(gt=0)
    great: int = Field(gt=0)
    source: Line

    @model_validator(mode="after")
    def _ordered(self) -> Counts:
        if not self.minimum <= self.good <= self.great:
            raise ValueError("minimum, good and great must grow")
        return self


class CheckRule(Frozen):
    """One check: how much its findings weigh, which part of the score they take from, and where it begins.

    `at` is in the check's own unit; a finding of an `error` refuses the training.
    """

    severity: Severity
    part: ScorePart | None = Field(default=None, description="of the score; none where quality does not suffer")
    at: float | None = None
    source: Line


class DatasetRules(Frozen):
    """`configs/dataset_rules.yaml`. Every check has its rule."""

    training_side: int = Field(gt=0, description="pixels of a side that a picture should have")
    any_type: Counts
    asset_types: dict[Identifier, Counts] = {}
    checks: dict[Code, CheckRule]
    weights: dict[ScorePart, float]
    vocabulary: tuple[tuple[Line, ...], ...] = Field(description="words of which captions should use one, or all")
    style_words: tuple[Line, ...] = ()
    synonyms: tuple[tuple[Line, ...], ...] = ()
    common_words: tuple[Line, ...] = ()
    colours: dict[Line, tuple[float, float]] = Field(default={}, description="word → hues, in degrees from and to")

    @model_validator(mode="after")
    def _complete(self) -> DatasetRules:
        missing = [code for code in get_args(Code) if code not in self.checks]
        if missing:
            raise ValueError(f"checks lacks {', '.join(missing)}")
        weightless = [part for part in get_args(ScorePart) if part not in self.weights]
        if weightless:
            raise ValueError(f"weights lacks {', '.join(weightless)}")
        return self

    def counts(self, asset_type: str | None) -> Counts:
        """Those of an asset type, or of any."""
        return self.asset_types.get(asset_type or "", self.any_type)

    def at(self, code: Code) -> float:
        """Where a check begins. Raises `ValueError` for one that has no such place."""
        found = self.checks[code].at
        if found is None:
            raise ValueError(f"checks.{code}.at is missing")
        return found
