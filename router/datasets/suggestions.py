"""Captions that a program suggests, for a person to read: behind a protocol, since what can see is not everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Protocol

from configs.datasets import DatasetConfig, DatasetPicture

DRAFT = "draft"
_NUMBERS = re.compile(r"\b(v?\d+|final|copy|export|untitled|img|image|dsc|screenshot|artboard|frame)\b", re.IGNORECASE)
_SPLIT = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")


class CaptionWriter(Protocol):
    """Says what pictures show. `name` is what their captions are marked with: `draft`, or `model@revision`."""

    name: str

    async def write(self, dataset: DatasetConfig, pictures: Sequence[DatasetPicture]) -> Mapping[str, str]:
        """Captions by picture; those about which it has nothing to say are left out."""
        ...


class NameReader:
    """Drafts from what files are called: `red-bicycle_02.png` is `a red bicycle`. It sees nothing."""

    name = DRAFT

    async def write(self, dataset: DatasetConfig, pictures: Sequence[DatasetPicture]) -> Mapping[str, str]:
        drafts = {one.picture: draft_of(one.name, dataset.trigger) for one in pictures}
        return {id: caption for id, caption in drafts.items() if caption}


def draft_of(name: str, trigger: str = "") -> str:
    """A caption of what a file is called; empty where that says nothing."""
    words = " ".join(_SPLIT.split(PurePosixPath(name).stem))
    said = " ".join(_NUMBERS.sub(" ", words).split()).lower()
    if len(said) < 3 or not any(character.isalpha() for character in said):
        return ""
    article = "an" if said[0] in "aeiou" else "a"
    return f"{article} {said}, {trigger}" if trigger else f"{article} {said}"
