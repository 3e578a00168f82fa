"""Pictures small enough to be looked at within an answer."""

from __future__ import annotations

from collections.abc import Iterable

from router.mcp.asking import RouteRefused
from router.mcp.caller import Caller
from router.pictures.thumbnails import Side

MOST = 4
"""Pictures of one answer: each is some ten thousand characters of it."""
_UNSEEN = (403, 404)  # not to be shown even for reference, or without pixels: the answer has their facts and links


async def look(caller: Caller, asset_ids: Iterable[str], side: Side = Side.LARGE, most: int = MOST) -> list[bytes]:
    """WebP files of the first `most`, at most `side` wide and high; those that cannot be shown are left out."""
    shown = []
    for asset_id in tuple(asset_ids)[:most]:
        try:
            shown.append(await thumbnail(caller, asset_id, side))
        except RouteRefused as error:
            if error.status not in _UNSEEN:
                raise
    return shown


async def thumbnail(caller: Caller, asset_id: str, side: Side) -> bytes:
    """Raises `RouteRefused`."""
    query = [("side", str(side.value)), ("use", "reference")]
    return (await caller.ask("GET", f"/images/{asset_id}/thumbnail", query)).body
