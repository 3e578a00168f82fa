"""Captions that a program suggests, for a person to read: behind a protocol, since what can see is not everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from configs.datasets import LONGEST_CAPTION, DatasetConfig, DatasetPicture
from configs.text import one_line

DRAFT = "draft"
_NUMBERS = re.compile(r"\b(v?\d+|final|copy|export|untitled|img|image|dsc|screenshot|artboard|frame)\b", re.IGNORECASE)
_SPLIT = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class CaptionWish:
    """How captions are to be: `instructions`, and words to choose for what they mean."""

    instructions: str = ""
    glossary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A caption for a picture; `by` is what it is marked with, `draft` or `captioner@revision`. An `unsure` one says
    less than the picture shows."""

    picture: str
    caption: str
    by: str
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What was written in the time that there was: captions, the pictures about which there is nothing to say, and
    those that nobody has looked at yet."""

    captions: tuple[Suggestion, ...]
    nothing_for: tuple[str, ...] = ()
    not_yet: tuple[str, ...] = ()


class CaptionWriter(Protocol):
    """Says what pictures show."""

    async def write(
        self, dataset: DatasetConfig, pictures: Sequence[DatasetPicture], wish: CaptionWish, patience: float, /
    ) -> Suggestions:
        """Captions as far as they come in `patience` seconds, each of `pictures` in one of the three lists. Raises
        `StageError` where none can be had."""
        ...


class NameReader:
    """Drafts from what files are called: `red-bicycle_02.png` is `a red bicycle`. It sees nothing."""

    async def write(self, dataset: DatasetConfig, pictures: Sequence[DatasetPicture], *_: object) -> Suggestions:
        drafts = {one.picture: draft_of(one.name) for one in pictures}
        return Suggestions(
            tuple(Suggestion(id, with_trigger(said, dataset.trigger), DRAFT) for id, said in drafts.items() if said),
            tuple(id for id, said in drafts.items() if not said),
        )


def draft_of(name: str) -> str:
    """A caption of what a file is called; empty where that says nothing."""
    words = " ".join(_SPLIT.split(PurePosixPath(name).stem))
    said = " ".join(_NUMBERS.sub(" ", words).split()).lower()
    if len(said) < 3 or not any(character.isalpha() for character in said):
        return ""
    return f"{'an' if said[0] in 'aeiou' else 'a'} {said}"


def with_trigger(caption: str, trigger: str) -> str:
    """A caption that calls what is learned, which no program can see in a picture."""
    if not trigger or trigger.lower() in caption.lower():
        return one_line(caption, LONGEST_CAPTION)
    return f"{one_line(caption, LONGEST_CAPTION - len(trigger) - 2)}, {trigger}"
