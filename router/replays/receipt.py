"""The receipt of a replay: whether the picture came out the same, by how much it did not, and what was different."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen
from router.jobs.payloads import Payload

What: TypeAlias = Literal[
    "sampler",
    "weights",
    "lora",
    "device",
    "precision",
    "attention",
    "setting",
    "library",
    "code",
    "release",
    "recipe",
    "stage",
    "entry",
    "input",
    "environment",
]
"""What a difference is of, those first that change the most. `environment`: nobody has written down what it was."""

_UNTOLD = "nothing that the recipes say is different: they do not say everything, such as what was drawn beside it"


class Difference(Frozen):
    """One thing that was not as before. Empty: there was none, or it was not written down."""

    what: What
    name: str = Field(default="", description="which library, LoRA, stage …")
    then: str = ""
    now: str = ""

    def __str__(self) -> str:
        if self.what == "environment":
            return "what it was drawn in is not written down in its recipe, which is older than that"
        named = f"{self.what} {self.name}".rstrip()
        return f"{named} was {self.then or 'not there'} and is {self.now or 'not there'}"


class PixelDifference(Frozen):
    """Of two pictures of one size: all channels, of 8 bits each."""

    psnr: float = Field(description="dB, over all channels")
    largest: int = Field(ge=1, le=255, description="difference of one channel of one pixel")
    share: float = Field(gt=0, le=1, description="of the pixels, that differ at all")


class Receipt(Payload):
    """Of one replay. `identical`: every pixel is, as far as its best file has them. `differences` are told of one that
    is identical, too: then they changed nothing."""

    asset_id: str = Field(description="of the picture that was drawn again")
    picture: str = Field(description="the same as JOB_ID/INDEX")
    identical: bool
    same_files: bool = Field(description="the bytes of every file are the same, but for signatures")
    format: str = Field(default="", description="of the files whose pixels were compared; empty: none was there")
    pixels: PixelDifference | None = Field(default=None, description="absent where they are identical, or of two sizes")
    differences: tuple[Difference, ...] = ()
    sentence: str = Field(default="", description="all of it, for people")

    def in_words(self) -> str:
        """What `sentence` says."""
        told = "; ".join(map(str, self.differences))
        if self.identical:
            files = "and so are its files" if self.same_files else "though its files are not the same bytes"
            return f"identical: every pixel is the same, {files}" + (
                f". Different, without effect: {told}" if told else ""
            )
        if not self.format:
            return f"not compared: the file of {self.picture} is gone" + (f". Different: {told}" if told else "")
        return f"not identical: {self._by_how_much()}. {f'Different: {told}' if told else _UNTOLD}"

    def _by_how_much(self) -> str:
        if self.pixels is None:
            return "it has another size"
        one = self.pixels
        return f"PSNR {one.psnr:.1f} dB, at most {one.largest} of 255, in {one.share:.2%} of the pixels"
