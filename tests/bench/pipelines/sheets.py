"""Contact sheets: what came out, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from tests.bench.pipelines.drawn import Drawn
from tests.bench.pipelines.orders import ALL, QUALITIES

_TILE, _GAP, _LINE = 160, 8, 18
_PAPER, _INK, _MISSING = "#ffffff", "#222222", "#d13438"


def types_sheet(drawn: Sequence[Drawn]) -> Image.Image:
    """The four types across, the four qualities down, the first picture of each, as large as its quality makes it."""
    first: dict[tuple[str, str], Drawn] = {}
    for one in drawn:
        first.setdefault((one.order.quality, one.order.asset_type), one)
    tile = 256
    margin = 90
    sheet = Image.new(
        "RGB", (margin + len(ALL) * (tile + _GAP), _LINE + len(QUALITIES) * (tile + _LINE + _GAP)), _PAPER
    )
    draw = ImageDraw.Draw(sheet)
    for column, kind in enumerate(ALL):
        draw.text((margin + column * (tile + _GAP), 2), kind.replace("_", " "), _INK, _font())
    for row, quality in enumerate(QUALITIES):
        top = _LINE + row * (tile + _LINE + _GAP)
        draw.text((4, top + tile // 2), quality, _INK, _font())
        for column, kind in enumerate(ALL):
            if (found := first.get((quality, kind))) is not None:
                place = (margin + column * (tile + _GAP), top)
                sheet.paste(_fitted(found.shown, tile), place)
                said = f"{found.image.width}x{found.image.height}, {found.took:.1f} s"
                draw.text((place[0], top + tile + 2), said, _INK, _font())
    return sheet


def results_sheet(flat: Sequence[Drawn], branded: Sequence[Drawn], across: int = 10) -> Image.Image:
    """Each flat picture as PNG above its SVG, framed where it has none; branded pictures below."""
    tiles = [(one.shown, one.svg_shown) for one in flat] + [(one.shown, one.shown) for one in branded]
    rows = -(-len(tiles) // across)
    sheet = Image.new("RGB", (across * (_TILE + _GAP), rows * (2 * _TILE + _GAP)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (png, svg) in enumerate(tiles):
        left, top = number % across * (_TILE + _GAP), number // across * (2 * _TILE + _GAP)
        sheet.paste(_fitted(png, _TILE), (left, top))
        if svg is None:
            draw.rectangle((left, top, left + _TILE - 1, top + _TILE - 1), outline=_MISSING, width=4)
        else:
            sheet.paste(_fitted(svg, _TILE), (left, top + _TILE))
    return sheet


def _fitted(image: Image.Image, side: int) -> Image.Image:
    fitted = image.copy()
    fitted.thumbnail((side, side), Image.Resampling.LANCZOS)
    return fitted


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(12)
