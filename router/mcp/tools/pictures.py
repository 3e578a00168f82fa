"""search_images and get_image: pictures found again."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from configs.frozen import Frozen
from configs.schema import Purpose
from router.api.pictures.image_schemas import FoundImage, ImagesPage
from router.mcp.answers import Picture, found
from router.mcp.caller import Caller
from router.mcp.looking import MOST, look, thumbnail
from router.mcp.tool import Arguments, Told, Tool
from router.pictures.thumbnails import Side

_FIELDS = {"query": "q", "since": "from", "until": "to"}
"""Where a parameter of the route is called otherwise."""


class SearchArguments(Arguments):
    """All that is said must hold; with nothing said, the newest pictures."""

    query: str | None = Field(
        default=None, description="Words of the prompt, asset type, tags and notes; `fox*` finds what begins so"
    )
    asset_type: str | None = None
    model: str | None = None
    quality: str | None = None
    lora: str | None = None
    tag: tuple[str, ...] = Field(default=(), description="All of these tags")
    favourite: bool = Field(default=False, description="Only your favourites")
    colour: str | None = Field(default=None, description="Near this colour, such as e01b24")
    kind: Literal["drawn", "uploaded"] | None = None
    usable_for: Purpose | None = Field(default=None, description="Only what its licences allowed for this purpose")
    since: date | None = Field(default=None, description="The first day, in UTC")
    until: date | None = Field(default=None, description="The last day, in UTC, included")
    limit: int = Field(default=10, ge=1, le=50)
    show: int = Field(default=MOST, ge=0, le=MOST, description="How many of them to show as small pictures")
    before: str | None = Field(default=None, description="`next` of the page before, of the same search")

    def parameters(self) -> list[tuple[str, str]]:
        """As GET /images takes them."""
        said = self.model_dump(mode="json", exclude_defaults=True, exclude={"show", "usable_for", "limit"})
        pairs = [(_FIELDS.get(name, name), value) for name, value in said.items()]
        pairs += [] if self.usable_for is None else [(self.usable_for, "allowed")]
        many = [(name, one) for name, value in pairs for one in (value if isinstance(value, list) else [value])]
        return [*((name, "true" if one is True else str(one)) for name, one in many), ("limit", str(self.limit))]


class Found(Frozen):
    """Pictures in order, newest first."""

    pictures: tuple[Picture, ...]
    next: str | None = Field(default=None, description="`before` of the next page; absent on the last")


class ImageArguments(Arguments):
    """Which picture, and how large."""

    asset_id: str = Field(pattern="^[A-Za-z0-9_-]{1,64}$", description="As generate and search_images answer it")
    side: Literal[128, 256, 512, 1024] = Field(
        default=512, description="How wide and high the shown picture is at most; its files have all of it"
    )


async def search_images(caller: Caller, asked: SearchArguments) -> Told:
    """Find pictures that were drawn or uploaded in this studio and that you may see, newest first, by words, asset
    type, model, tag, colour, day or what they may be used for. Shows the first ones."""
    page = ImagesPage.model_validate_json((await caller.ask("GET", "/images", asked.parameters())).body)
    pictures = tuple(found(one) for one in page.images)
    more = "; call search_images again with `before` for more" if page.next else ""
    sentence = f"Found {len(pictures)} pictures{more}." if pictures else "No picture is like this."
    shown = await look(caller, [one.asset_id for one in pictures], Side.CARD, asked.show)
    return Told(sentence, Found(pictures=pictures, next=page.next), tuple(shown))


async def get_image(caller: Caller, asked: ImageArguments) -> Told:
    """One picture to look at, with how it was made, what it may be used for now, and the links of its files."""
    answer = await caller.ask("GET", f"/images/{asked.asset_id}")
    picture = found(FoundImage.model_validate_json(answer.body))
    shown = await thumbnail(caller, asked.asset_id, Side(asked.side))
    return Told(f"Picture {picture.asset_id}, {picture.width}x{picture.height} pixels.", picture, (shown,))


TOOLS = (
    Tool("search_images", "Find pictures", SearchArguments, Found, search_images),
    Tool("get_image", "Look at a picture", ImageArguments, Picture, get_image),
)
