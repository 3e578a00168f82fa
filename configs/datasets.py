"""Datasets: the pictures that an adapter learns from, with what each shows and whose it is."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from configs.frozen import Frozen
from configs.schema import Identifier, LicencePart
from configs.semver import FIRST, Semver
from configs.text import PLAIN, Line, Paragraphs

TRAINING_PART = "training data"
LONGEST_CAPTION = 2000
LONGEST_TRIGGER = 100
HUMAN = "human"
"""Who wrote a caption: a person. `draft` is a guess from a file's name; else the writer, as `model@revision`."""

PictureRight: TypeAlias = Literal["own", "bought", "generated", "unknown"]
Caption: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_CAPTION), PLAIN]
Trigger: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TRIGGER), PLAIN]
Sha256: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class DatasetPicture(Frozen):
    """One picture: an asset, and the file that its pixels are read from, which stays as long as a version names it.

    `right` is what was said of it; `generated` ones, and copies of what was drawn here, bring `licences`, those of what
    drew them. `name` is what its file was called.
    """

    picture: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    sha256: Sha256
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    name: Annotated[str, StringConstraints(max_length=200), PLAIN] = ""
    caption: Caption = ""
    caption_by: Annotated[str, StringConstraints(max_length=200), PLAIN] = HUMAN
    unsure: bool = Field(default=False, description="its writer was not sure, and said less than the picture shows")
    right: PictureRight = "unknown"
    source: Annotated[str, StringConstraints(max_length=500), PLAIN] = ""
    licences: tuple[Identifier, ...] = Field(default=(), max_length=64)

    @property
    def is_written(self) -> bool:
        """Whether a person wrote its caption, or has read it: no program writes over that."""
        return self.caption != "" and self.caption_by == HUMAN

    @property
    def all_licences(self) -> tuple[str, ...]:
        """What holds for it: the word that was given, and what it brings along. A generated one that brings nothing is
        as unknown as any."""
        word = () if self.right == "generated" and self.licences else (self.right,)
        return tuple("unknown" if one == "generated" else one for one in (*word, *self.licences))


class DatasetConfig(Frozen):
    """A dataset. A version never changes: its content hash covers pictures, captions and rights."""

    id: Identifier
    version: Semver = FIRST
    name: Line
    description: Paragraphs = ""
    asset_type: Identifier | None = Field(default=None, description="that it shows; its counts are held against that")
    trigger: Trigger = Field(default="", description="what captions call the look or subject that is learned")
    pictures: tuple[DatasetPicture, ...] = Field(min_length=1, max_length=5000)

    @model_validator(mode="after")
    def _each_once(self) -> DatasetConfig:
        ids = [one.picture for one in self.pictures]
        if len(ids) != len(set(ids)):
            twice = next(id for id in ids if ids.count(id) > 1)
            raise ValueError(f"the picture {twice} is named twice")
        return self

    @property
    def licences(self) -> tuple[str, ...]:
        """Every licence that holds for one of its pictures."""
        return tuple(sorted({id for one in self.pictures for id in one.all_licences}))

    @property
    def licence_parts(self) -> tuple[LicencePart, ...]:
        """What whoever learns from it inherits, as parts of an adapter."""
        return tuple(LicencePart(part=TRAINING_PART, licence=id) for id in self.licences)
