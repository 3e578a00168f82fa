"""What is found of a file that somebody asks about, in a sentence and in fields."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen
from configs.schema import Verdict
from deployments.provenance.reading import Ingredient

Made: TypeAlias = Literal["model", "changed by a model", "enhanced by a program", "captured", "unknown"]
Integrity: TypeAlias = Literal["unchanged", "changed", "unsigned", "signature removed", "unreadable"]


class Issuer(Frozen):
    """Who signed. Trusted is who an authority vouches for that this studio was told of (`credentials.trusted`)."""

    name: str
    authority: str = Field(description="who vouches for the name")
    trusted: bool
    self_made: bool = Field(description="the certificate of a studio that has made it itself")
    expired: bool = False
    signed_at: str | None = Field(default=None, description="as an authority for times says; absent without one")


class OwnPicture(Frozen):
    """A picture of this studio that the file is of."""

    asset_id: str
    picture: str = Field(description="JOB_ID/INDEX")
    format: str
    same_bytes: bool = Field(description="the file is as it was delivered, to the byte")


class AllowedUses(Frozen):
    """What it may be used for, as the file says itself."""

    licences: str = ""
    reference: Verdict | None = None
    internal: Verdict | None = None
    product: Verdict | None = None


class Verification(Frozen):
    """What a file is, whether it was changed, how it was made, and what it may be used for."""

    sentence: str = Field(description="all of it, in plain words")
    format: str | None = Field(description="absent for a file of a kind that carries no credentials")
    sha256: str
    integrity: Integrity
    made: Made
    made_by: str = Field(default="", description="the program that says it made the file")
    issuer: Issuer | None = Field(default=None, description="absent where nobody signed")
    actions: tuple[str, ...] = Field(default=(), description="C2PA's names of what was done")
    ingredients: tuple[Ingredient, ...] = Field(default=(), description="the pictures that it was made of")
    licence: AllowedUses | None = Field(default=None, description="absent where the file says nothing of it")
    recipe: dict[str, Any] | None = Field(default=None, description="how it was drawn, where an Atelier drew it")
    private: bool = Field(default=False, description="its prompt was kept out of it")
    parameters: str | None = Field(default=None, description="what another program says of how it made it, as text")
    picture: OwnPicture | None = Field(default=None, description="of this studio, where you may see it")
    findings: tuple[str, ...] = Field(default=(), description="what does not hold, and what to know of it")
