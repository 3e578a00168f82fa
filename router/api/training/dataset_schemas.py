"""Bodies of the datasets' routes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from configs.dataset_rules import Code, ScorePart, Severity
from configs.datasets import HUMAN, Caption, PictureRight, Trigger
from configs.frozen import Frozen
from configs.text import Line, Paragraphs
from router.api.library.licence_schemas import LicenceBody


class PickedPictureBody(Frozen):
    """A picture of the studio that is to be in a dataset, and what is said of it."""

    picture: str = Field(min_length=1, max_length=128, description="its asset_id or picture_id, or JOB_ID/INDEX")
    caption: Caption = ""
    caption_by: Line = Field(default=HUMAN, max_length=200, description="human, draft, or model@revision")
    name: Line = Field(default="", max_length=200, description="what its file was called")
    right: PictureRight | None = Field(default=None, description="as was said when it was uploaded, if absent")
    source: Line = Field(default="", max_length=500, description="where it comes from; the model's id if generated")


class NewDatasetBody(Frozen):
    """A dataset of pictures that are in the studio."""

    id: str = Field(max_length=200)
    name: Line = Field(default="", max_length=200, description="for people; the id if absent")
    description: Paragraphs = Field(default="", max_length=5000)
    asset_type: str | None = Field(default=None, max_length=64, description="that it shows")
    trigger: Trigger = Field(default="", description="what captions call the look or subject")
    pictures: tuple[PickedPictureBody, ...] = Field(min_length=1, max_length=5000)
    right: PictureRight | None = Field(default=None, description="of uploads of which nothing was said")
    source: Line = Field(default="", max_length=500)
    notes: Paragraphs = Field(default="", max_length=2000, description="what is new in this version")


class CaptionBody(Frozen):
    """A caption of a picture of a dataset, and who wrote it."""

    picture: str = Field(min_length=1, max_length=64)
    caption: Caption
    by: Line = Field(default=HUMAN, max_length=200, description="human, draft, or captioner@revision")
    unsure: bool = Field(default=False, description="its writer was not sure, and said less than the picture shows")


class RightWord(Frozen):
    """A word on whose pictures are: of all if none is named."""

    right: PictureRight
    source: Line = Field(default="", max_length=500)
    pictures: tuple[str, ...] = Field(default=(), max_length=5000)


class DatasetChanges(Frozen):
    """What is to be different in the next version; what is absent stays."""

    version: str | None = Field(
        default=None, max_length=64, description="that you have looked at: 409 if there is a newer"
    )
    name: Line | None = Field(default=None, max_length=200)
    description: Paragraphs | None = Field(default=None, max_length=5000)
    asset_type: str | None = Field(default=None, max_length=64, description="empty: of no type")
    trigger: Trigger | None = None
    captions: tuple[CaptionBody, ...] = Field(default=(), max_length=5000)
    find: str = Field(default="", max_length=200, description="in all captions, to be replaced")
    replacement: str = Field(default="", max_length=200)
    rights: tuple[RightWord, ...] = Field(default=(), max_length=100)
    remove: tuple[str, ...] = Field(default=(), max_length=5000)
    add: tuple[PickedPictureBody, ...] = Field(default=(), max_length=5000)
    notes: Paragraphs = Field(default="", max_length=2000)


class DatasetPictureBody(Frozen):
    """A picture of a dataset. `url` has its pixels, for whoever may see the picture."""

    picture: str
    url: str
    name: str
    width: int
    height: int
    caption: str
    caption_by: str
    unsure: bool
    right: PictureRight
    source: str
    licences: tuple[str, ...] = Field(description="of what drew it, or what it is a copy of")


class LeftOutBody(Frozen):
    """A file that is not in the dataset, and why."""

    file: str
    reason: str


class DatasetSummary(Frozen):
    """A dataset in a list: the version that is in use, else the newest."""

    id: str
    name: str
    version: str
    asset_type: str | None
    trigger: str
    pictures: int
    captioned: int
    licences: tuple[str, ...]
    created_at: datetime


class DatasetsBody(Frozen):
    """The datasets, by id."""

    datasets: tuple[DatasetSummary, ...]


class DatasetBody(Frozen):
    """One version, which never changes: `sha256` is the hash of pictures, captions and rights. `licence` is what may be
    done with what learns from it, as far as its pictures decide."""

    id: str
    version: str
    sha256: str
    name: str
    description: str
    asset_type: str | None
    trigger: str
    author: str
    notes: str
    created_at: datetime
    marks: tuple[str, ...]
    pictures: tuple[DatasetPictureBody, ...]
    licence: LicenceBody
    left_out: tuple[LeftOutBody, ...] = ()


class FindingBody(Frozen):
    """One thing that is wrong, or worth a look. With an `error` the set is refused for training."""

    code: Code
    severity: Severity
    reason: str
    remedy: str
    pictures: tuple[str, ...] = Field(description="ids, those that belong together; none: it is about the whole set")


class ScoreBody(Frozen):
    """0 to 100, and what it is made of."""

    total: int
    parts: dict[ScorePart, int]


class TrainingCostBody(Frozen):
    """What learning from it will take, on what it was counted for."""

    model: str
    steps: int
    batch: int
    seconds: float
    gpu_hours: float
    amount: float | None = Field(default=None, description="absent where nobody knows a price")
    currency: str | None = None


class PreflightBody(Frozen):
    """How far a preflight is; findings, the worst first, and the rest once it is done."""

    id: str
    version: str
    done: bool
    looked_at: int
    total: int
    refused: bool | None = None
    score: ScoreBody | None = None
    findings: tuple[FindingBody, ...] = ()
    cost: TrainingCostBody | None = None


class SuggestionsBody(Frozen):
    """Captions for a person to read; nothing is changed by them. Ask again for what is `not_yet` there."""

    captions: tuple[CaptionBody, ...]
    nothing_for: tuple[str, ...] = Field(default=(), description="pictures about which there is nothing to say")
    not_yet: tuple[str, ...] = Field(default=(), description="pictures that nobody has looked at yet: ask again")
    kept: tuple[str, ...] = Field(default=(), description="pictures named whose caption a person wrote: it stays")
    licences: tuple[str, ...] = Field(default=(), description="of the captioner; they do not reach what is learned")


class SuggestionsWish(Frozen):
    """Which pictures need a caption: those without one if none is named. What a person wrote stays."""

    pictures: tuple[str, ...] = Field(default=(), max_length=5000)
    by: str | None = Field(
        default=None, max_length=64, description="a captioner that is placed here, or draft: from what files are called"
    )
    instructions: Line = Field(default="", max_length=1000, description="for a captioner that follows them")
    glossary: tuple[Annotated[Line, StringConstraints(max_length=100)], ...] = Field(
        default=(), max_length=100, description="words to choose for what they mean, as other captions have them"
    )
