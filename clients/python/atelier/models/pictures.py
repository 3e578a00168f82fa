"""Pictures as the studio answers them: drawn or uploaded, with their files."""

from __future__ import annotations

from typing import Any

from atelier.models.body import Body, Licence, Note


class File(Body):
    """One file of a picture; `size` (`256x256`) is that of a further size, and None for the picture's own."""

    format: str
    media_type: str
    url: str
    size_bytes: int
    size: str | None = None

    @property
    def rendition(self) -> str:
        """Its name among the files of its picture: `png`, or `png@256x256` for a further size."""
        return self.format if self.size is None else f"{self.format}@{self.size}"


class Picture(Body):
    """A picture that was uploaded; `generate` takes it wherever it takes one. `url` is its PNG, for its owner only."""

    picture_id: str
    width: int
    height: int
    size_bytes: int
    url: str
    right: str = "unknown"
    source: str = ""
    notes: tuple[Note, ...] = ()


class PicturesPage(Body):
    """Pictures, newest first; `next` is where the next page starts, absent on the last."""

    pictures: tuple[Picture, ...]
    next: str | None = None


class Image(Body):
    """A finished picture of the job `job_id`. `seed` draws it again; `generate` takes it wherever it takes one."""

    job_id: str = ""
    asset_id: str = ""

    index: int
    url: str
    seed: int
    width: int
    height: int
    files: tuple[File, ...]
    licence: Licence
    notes: tuple[str, ...] = ()
    scores: dict[str, float] = {}

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
                return file
        raise ValueError(f"picture {self.index} has no {format} file, only {', '.join(self.renditions)}")


def signed(image: Any, job_id: Any) -> Any:
    """A picture as the API sends it, with the job that it is of."""
    return {"job_id": job_id, **image} if isinstance(image, dict) else image
