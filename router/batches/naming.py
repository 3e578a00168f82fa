"""Names of the files that a batch is handed over as: `0002-red-bicycle-icon.png` is line, prompt and asset type."""

from __future__ import annotations

import re
import unicodedata

from configs.schema import Size
from router.jobs.model import ImageRecord, Job, StoredFile

_LONGEST = 48


def slug(text: str) -> str:
    """The words of a text, joined by hyphens, in any script; no more of them than a name should have."""
    words = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", text).casefold()).strip("-")
    if len(words) <= _LONGEST:
        return words
    return words[:_LONGEST].rpartition("-")[0] or words[:_LONGEST]


class Names:
    """Names for the pictures of a batch, one after the other in the order of its jobs. Each is given once, and is the
    same whether or not the pictures before it are finished."""

    def __init__(self) -> None:
        self._line, self._given = 0, dict[str, int]()

    def stem(self, job: Job) -> str:
        """Of the files of the next picture, which is one of `job`."""
        if job.line != self._line:
            self._line, self._given = job.line, {}
        plan = job.readable_plan
        told = ("", "") if plan is None else (slug(plan.prompt), slug(plan.asset_type))
        stem = "-".join(filter(None, (f"{job.line:04d}", *told)))
        count = self._given[stem] = self._given.get(stem, 0) + 1
        return stem if count == 1 else f"{stem}-{count}"

    def stems(self, job: Job) -> list[str]:
        """Of all pictures of a job, those that there are not yet among them."""
        pictures = len(job.images) if job.readable_plan is None else job.plan.pictures
        return [self.stem(job) for _ in range(pictures)]


def file_name(stem: str, file: StoredFile) -> str:
    """Of one file of a picture."""
    size: Size | None = file.size
    return f"{stem}.{file.format}" if size is None else f"{stem}-{size}.{file.format}"


def stem_of(stems: list[str], image: ImageRecord) -> str:
    """Of a picture, by its index."""
    return stems[image.index] if image.index < len(stems) else f"{stems[0]}-{image.index + 1}"
