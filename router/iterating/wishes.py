"""What is asked for when a person goes on from a finished picture, or from a job."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen
from router.job_request import PictureName, Prompt

How: TypeAlias = Literal["seed", "image_prompt", "redraw"]
_COUNT = "How many pictures, each with a seed of its own"
_SEED = "Of the first picture; the others count up. One that was not drawn yet, if absent"


class RegenerateWish(Frozen):
    """More pictures of the same request, with seeds that were not drawn yet."""

    job_id: str = Field(min_length=1, max_length=64, description="Whose request is repeated; it need not have ended")
    num_variations: int = Field(default=4, ge=1, description=_COUNT)
    seed: int | None = Field(default=None, ge=0, lt=2**32, description=_SEED)


class PictureWish(Frozen):
    """What goes on from one finished picture."""

    asset_id: PictureName = Field(description="The `asset_id` of a finished picture, or JOB_ID/INDEX (from 0)")


class LikeWish(PictureWish):
    """More pictures like one."""

    num_variations: int = Field(default=4, ge=1, description=_COUNT)
    how: Literal["auto", "seed", "image_prompt", "redraw"] = Field(
        default="auto",
        description="`seed` turns its noise a little, `image_prompt` shows it to the model beside the words, `redraw`"
        " draws some of it anew; `auto` takes the first of these that the model can, and a note says which and why",
    )
    closeness: float = Field(
        default=0.5, ge=0, le=1, allow_inf_nan=False, description="1: as near as can be; 0: as free as can be"
    )
    seed: int | None = Field(default=None, ge=0, lt=2**32, description=_SEED)


class TweakWish(PictureWish):
    """The same picture with other words: all else is kept, the seed too."""

    prompt: Prompt = Field(description="In place of the picture's", examples=["a blue bicycle"])
    negative_prompt: str | None = Field(default=None, max_length=2000, description="The picture's if absent")
    num_variations: int = Field(default=1, ge=1, description="How many pictures: the first with the picture's seed")


class FinishWish(PictureWish):
    """A draft, carried to a better quality with the composition that it has."""

    quality: str = Field(default="high", description="A quality of GET /asset-types, better than the draft's")
    strength: float = Field(
        default=0.35,
        ge=0.05,
        le=0.6,
        allow_inf_nan=False,
        description="How much of the draft is drawn anew: less keeps it, more mends it",
    )
    size: str | None = Field(default=None, description="WIDTHxHEIGHT; what the quality makes of it if absent")
    num_variations: int = Field(default=1, ge=1, description=_COUNT)
