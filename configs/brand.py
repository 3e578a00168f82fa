"""A brand as data: which colours, how they may vary, which words, how much room."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from configs.frozen import Frozen
from configs.schema import Identifier
from configs.semver import FIRST, Semver
from configs.text import PLAIN, Line, Paragraphs

Colour = Annotated[
    str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), Field(description="#RRGGBB, sRGB", examples=["#d13438"])
]
ColourRole = Literal["primary", "secondary", "accent", "neutral", "ground"]


class PaletteEntry(Frozen):
    """One colour of a brand. `tolerance` is how far from it, in OKLab, a pixel still counts as that colour."""

    name: Line
    colour: Colour
    role: ColourRole = "primary"
    tolerance: float = Field(default=0.05, gt=0, le=0.3, description="ΔE in OKLab")


class BrandKitConfig(Frozen):
    """A brand kit (`configs/brand_kits/<id>.yaml`): pictures of an asset type that names it are kept to it.

    `tone` are words for the `{tone}` of templates. `clear_space` is the room around a subject that is cut out, as a
    share of its larger side.
    """

    id: Identifier
    version: Semver = FIRST
    name: Line
    description: Paragraphs = ""
    palette: tuple[PaletteEntry, ...] = Field(min_length=1, max_length=64)
    clear_space: float = Field(default=0.0, ge=0, le=1)
    banned_words: tuple[Annotated[str, StringConstraints(min_length=2, max_length=100), PLAIN], ...] = ()
    tone: Line = ""

    @model_validator(mode="after")
    def _each_once(self) -> BrandKitConfig:
        colours = [entry.colour.lower() for entry in self.palette]
        twice = next((colour for colour in colours if colours.count(colour) > 1), None)
        if twice is not None:
            raise ValueError(f"palette has {twice} twice")
        return self
