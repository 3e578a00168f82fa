"""The plan of a training: all that decides what is learned, settled before anything runs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from configs.entries import EntryPin
from configs.frozen import Frozen
from configs.schema import Identifier, LicencePart
from configs.training import TrainingSettings
from configs.windows import Window
from deployments.trainings import LearnedPicture
from router.notes import Note


class TrainingEstimate(Frozen):
    """What a training will probably take. `gpu_hours` are 0 where it runs without a GPU; `cost` is absent where nobody
    knows a price. `measured` says whether its model has been trained here before."""

    steps: int
    seconds: float = Field(ge=0, description="caching, learning and judging, waiting excluded")
    gpu_hours: float = Field(ge=0)
    memory_gb: float | None = None
    cost: float | None = None
    currency: str | None = None
    measured: bool = False


class TrainingPlan(Frozen):
    """What will be learned, complete: nothing later guesses a default. `notes` say what a person should know."""

    dataset: EntryPin
    model: Identifier
    deployment: str
    lora: Identifier
    name: str = ""
    asset_type: Identifier | None = None
    trigger: str = ""
    pictures: tuple[LearnedPicture, ...] = Field(min_length=1)
    settings: TrainingSettings
    licence_parts: Annotated[tuple[LicencePart, ...], Field(min_length=1)]
    unknown_rights: tuple[str, ...] = Field(default=(), description="pictures of which nobody says whose they are")
    is_judged: bool = Field(default=True, description="whether its checkpoints are compared at the end")
    window: Window | None = Field(default=None, description="of the day in which it runs; at any time if absent")
    estimate: TrainingEstimate
    sweep: str = Field(default="", description="trainings with the same one were asked for together")
    notes: tuple[Note, ...] = ()

    @property
    def estimated_seconds(self) -> float:
        """Waiting excluded."""
        return self.estimate.seconds
