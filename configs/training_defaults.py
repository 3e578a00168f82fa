"""What a training is set to where nobody says otherwise, by family, model and asset type, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from configs.frozen import Frozen
from configs.schema import Identifier, ModelConfig
from configs.training import TrainingSettings

_CHECKPOINTS = 10
"""That a run leaves, where it takes more than a few hundred steps: enough to pick one of, few enough to judge each."""
_ROUND = 50


class TrainingTerms(Frozen):
    """Some of `TrainingSettings`, and how long to train: `looks` at each picture, in `fewest` steps at least and `most`
    at most."""

    settings: dict[str, Any] = {}
    looks: float | None = Field(default=None, gt=0)
    fewest: int | None = Field(default=None, ge=1)
    most: int | None = Field(default=None, ge=1)
    source: Annotated[str, StringConstraints(min_length=1)] = Field(description="who says so, or what was measured")

    @model_validator(mode="after")
    def _known(self) -> TrainingTerms:
        unknown = next((name for name in self.settings if name not in TrainingSettings.model_fields), None)
        if unknown is not None:
            known = ", ".join(sorted(TrainingSettings.model_fields))
            raise ValueError(f"'{unknown}' is no setting of a training; they are {known}")
        if "steps" in self.settings:
            raise ValueError("how many steps follows from 'looks', 'fewest' and 'most': say it there")
        return self


class LearningTerms(TrainingTerms):
    """Of a family or a model; `subjects` is what differs where one subject is learned, beside pictures of its class,
    and not a style."""

    subjects: TrainingTerms | None = None

    def parts(self, subject: bool) -> Iterator[TrainingTerms]:
        """In the order in which they count."""
        yield self
        if subject and self.subjects is not None:
            yield self.subjects


class TrainingDefaults(LearningTerms):
    """Of a family (`configs/training/<family>.yaml`): its own, then an asset type's, then a model's. What is said of a
    model or an asset type that is not here waits for it."""

    id: Identifier
    looks: float = Field(gt=0)
    fewest: int = Field(ge=1)
    most: int = Field(ge=1)
    asset_types: dict[Identifier, TrainingTerms] = {}
    models: dict[Identifier, LearningTerms] = {}

    @model_validator(mode="after")
    def _together(self) -> TrainingDefaults:
        """All that they make together is valid. Raises pydantic's ValidationError."""
        for model in (None, *self.models):
            for asset_type in (None, *self.asset_types):
                for subject in (False, True):
                    parts = [*self._parts(model, asset_type, subject)]
                    TrainingSettings.model_validate(_merged(parts))
                    if _last(parts, "fewest") > _last(parts, "most"):
                        raise ValueError(f"'fewest' is above 'most' for {model or self.id}")
        return self

    def usual(self, model: ModelConfig, asset_type: str | None, pictures: int, subject: bool = False) -> dict[str, Any]:
        """The settings of a training of `model` on so many pictures, which a request's own go before."""
        parts = [*self._parts(model.id, asset_type, subject)]
        merged = _merged(parts)
        if model.training_guidance is not None:
            merged = {"guidance_scale": model.training_guidance} | merged
        steps = _steps(parts, TrainingSettings.model_validate(merged), pictures)
        often = max(_ROUND, round(steps / _CHECKPOINTS / _ROUND) * _ROUND)
        return {"steps": steps, "checkpoint_every": often, "validate_every": often} | merged

    def _parts(self, model: str | None, asset_type: str | None, subject: bool) -> Iterator[TrainingTerms]:
        yield from self.parts(subject)
        if asset_type in self.asset_types:
            yield self.asset_types[asset_type]
        if model in self.models:
            yield from self.models[model].parts(subject)


def settings_of(
    defaults: TrainingDefaults | None,
    model: ModelConfig,
    asset_type: str | None,
    pictures: int,
    subject: bool = False,
) -> TrainingSettings:
    """The settings of a training where nobody says otherwise; the plain ones for a family of which nothing is said."""
    usual = {} if defaults is None else defaults.usual(model, asset_type, pictures, subject)
    return TrainingSettings.model_validate(usual)


def _merged(parts: list[TrainingTerms]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        merged |= part.settings
    return merged


def _last(parts: list[TrainingTerms], name: str) -> Any:
    """What the last of `parts` says that says anything."""
    return next(getattr(part, name) for part in reversed(parts) if getattr(part, name) is not None)


def _steps(parts: list[TrainingTerms], settings: TrainingSettings, pictures: int) -> int:
    looked = _last(parts, "looks") * pictures / (settings.batch * settings.accumulation)
    return int(min(max(round(looked / 10) * 10, _last(parts, "fewest")), _last(parts, "most")))
