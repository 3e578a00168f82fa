"""What somebody asks a training to be, before the plan settles what they left open."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, StringConstraints

from configs.datasets import Caption, PictureRight, Trigger
from configs.frozen import Frozen
from configs.schema import Identifier
from configs.text import Line
from configs.training import TrainingSweep

ScheduleName: TypeAlias = Literal["now", "overnight"]
EntryName = Annotated[str, StringConstraints(min_length=1, max_length=130)]


class TrainingRequest(Frozen):
    """One training, or several that differ in what is swept."""

    dataset: EntryName = Field(description="An id of GET /datasets, or ID@VERSION", examples=["kestrel@1.0.0"])
    model: str | None = Field(default=None, max_length=64, description="It learns on; the studio's own if absent")
    lora: Identifier = Field(description="The id of what comes out: a new one, or one that was trained here before")
    name: Annotated[Line, Field(description="For people; the id if absent")] | Literal[""] = ""
    prior: EntryName | None = Field(
        default=None, description="A dataset of other subjects of the same class, which it is not to forget"
    )
    settings: dict[str, Any] = Field(
        default={}, max_length=64, description="In place of the usual ones of model and asset type: rank, steps, rate …"
    )
    sweep: TrainingSweep = TrainingSweep()
    unchecked: bool = Field(default=False, description="Learn even from what the dataset's preflight refuses")
    judged: bool = Field(default=True, description="Compare its checkpoints at the end, to say which to take")
    schedule: ScheduleName = Field(default="now", description="overnight: in the hours that the profile calls night")


class SketchedPicture(Frozen):
    """A picture that somebody has, and has not sent."""

    caption: Caption = ""
    right: PictureRight = "unknown"
    source: Line | Literal[""] = Field(default="", description="Of a generated one: the id of the model")


class DatasetSketch(Frozen):
    """What a dataset would be that is not here yet."""

    pictures: tuple[SketchedPicture, ...] = Field(min_length=1, max_length=5000)
    trigger: Trigger = ""
    asset_type: Identifier | None = None
