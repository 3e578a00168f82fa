"""What answers can do beside holding what was answered: each is a part of a type in `answers.py`, and names the fields
that it counts on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, model_validator

from atelier.models.body import Body

if TYPE_CHECKING:
    from atelier.models.answers import BaseStage, File

ENDED = frozenset({"complete", "failed", "canceled"})


def signed(image: Any, job_id: Any) -> Any:
    """A picture as the API sends it, with the job that it is of."""
    return {"job_id": job_id, **image} if isinstance(image, dict) else image


class WithEnd(Body):
    """What is over at some time."""

    status: str

    @property
    def ended(self) -> bool:
        return self.status in ENDED


class WithRendition(Body):
    """A file among others of its picture."""

    format: str
    size: str | None = None

    @property
    def rendition(self) -> str:
        """Its name among the files of its picture: `png`, or `png@256x256` for a further size."""
        return self.format if self.size is None else f"{self.format}@{self.size}"


class WithFiles(Body):
    """A finished picture of the job `job_id`. `seed` draws it again; `generate` takes it wherever it takes one."""

    job_id: str = ""
    index: int
    files: tuple[Any, ...]

    @property
    def name(self) -> str:
        """What the API calls this picture where it takes one."""
        return f"{self.job_id}/{self.index}"

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of its files."""
        return tuple(dict.fromkeys(file.format for file in self.files))

    @property
    def renditions(self) -> tuple[str, ...]:
        """All its files: `png`, and `png@256x256` for a further size."""
        return tuple(file.rendition for file in self.files)

    def file(self, format: str) -> File:
        """The file in this format, or of this rendition (`png@256x256`); ValueError names those that there are."""
        for file in self.files:
            if file.rendition == format:
                found: File = file
                return found
        raise ValueError(f"picture {self.index} has no {format} file, only {', '.join(self.renditions)}")


class WithPictures(WithEnd):
    """A job and its pictures, each of which knows the job that it is of."""

    images: tuple[Any, ...]

    @model_validator(mode="before")
    @classmethod
    def _sign_images(cls, data: Any) -> Any:
        images = data.get("images") if isinstance(data, dict) else None
        return (
            {**data, "images": [signed(one, data.get("job_id")) for one in images]}
            if isinstance(images, list)
            else data
        )

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the pictures that are finished, in order."""
        return tuple(image.seed for image in self.images)


class WithPicture(Body):
    """An event that brings a finished picture, which knows the job that it is of."""

    image: Any

    @model_validator(mode="before")
    @classmethod
    def _sign_image(cls, data: Any) -> Any:
        return {**data, "image": signed(data.get("image"), data.get("job_id"))} if isinstance(data, dict) else data


class Stage(Body):
    """A step that each picture takes; `estimated_seconds` per picture. Kinds that this version does not know are just
    that."""

    kind: str
    deployment: str
    estimated_seconds: float


class Message(Body):
    """What a webhook is told. Types that this version does not know are just that, their `data` as they came."""

    type: str
    timestamp: datetime
    data: Any


class WithDrawing(Body):
    """The stages of a job, of which one draws."""

    stages: tuple[Any, ...]

    @property
    def base(self) -> BaseStage:
        """The drawing itself. Raises `ValueError` where the studio draws in a way that is not known here."""
        for stage in self.stages:
            if stage.kind == "base" and type(stage) is not Stage:
                found: BaseStage = stage
                return found
        raise ValueError("this plan has no stage that this version knows as a drawing")


class WithIntegrity(Body):
    """What was found of a file."""

    integrity: str

    @property
    def holds(self) -> bool:
        """Whether nothing of what it says of itself is refuted; one that nobody signed says nothing."""
        return self.integrity not in ("changed", "unreadable")


class WithLine(Body):
    """What is wrong with a row, by the line that its user counts."""

    line: int
    field: str | None = None
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.field is None else f"line {self.line}, {self.field}"
        return f"{where}: {self.message}"


class WithChanges(Body):
    """What leaves most open. Fields that a newer studio adds are kept, so that it can be sent back."""

    model_config = ConfigDict(extra="allow")

    @property
    def changes(self) -> dict[str, Any]:
        """What it says, by field, without what it leaves open."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value not in (None, [], {})}


class WithMarks(Body):
    """An entry of the library, whose versions have marks."""

    marks: tuple[Any, ...]

    def marked(self, mark: str) -> str | None:
        """The version that a mark names."""
        return next((one.version for one in self.marks if one.mark == mark), None)
