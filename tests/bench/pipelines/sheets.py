"""Contact sheets: what came out, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from tests.bench.pipelines.drawn import Drawn
from tests.bench.pipelines.orders import ALL, QUALITIES

_TILE, _GAP, _LINE = 160, 8, 20
_CELL, _LENS, _MARGIN = 240, 72, 84
_PAPER, _INK, _MISSING = "#ffffff", "#222222", "#d13438"


def types_sheet(drawn: Sequence[Drawn]) -> Image.Image:
    """The four types across, the four qualities down, the first picture of each, all as wide as the others; in a corner
    of each, an eighth of its width where its type has most to see, so that the qualities can be told apart."""
    first: dict[tuple[str, str], Drawn] = {}
    for one in drawn:
        first.setdefault((one.order.quality, one.order.asset_type), one)
    size = _MARGIN + len(ALL) * (_CELL + _GAP), _LINE + len(QUALITIES) * (_CELL + _LINE + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(sheet)
    for column, kind in enumerate(ALL):
        left = _MARGIN + column * (_CELL + _GAP)
        pen.text((left, 2), kind.replace("_", " "), _INK, _font())
        shown = {quality: found for quality in QUALITIES if (found := first.get((quality, kind))) is not None}
        detail = _detail(shown[max(shown, key=QUALITIES.index)].shown) if shown else (0, 0)
        for quality, one in shown.items():
            top = _LINE + QUALITIES.index(quality) * (_CELL + _LINE + _GAP)
            sheet.paste(_cell(one.shown, detail), (left, top))
            said = f"{one.image.width}x{one.image.height}, {one.took:.1f} s"
            pen.text((left, top + _CELL + 2), said, _INK, _font())
    for row, quality in enumerate(QUALITIES):
        pen.text((4, _LINE + row * (_CELL + _LINE + _GAP) + _CELL // 2), quality, _INK, _font())
    return sheet


def _detail(image: Image.Image) -> tuple[int, int]:
    """The eighth across and down that has most to see, away from the corner that is covered."""
    levels = np.asarray(image.convert("L").resize((64, 64), Image.Resampling.BOX), np.float32)
    spread = levels.reshape(8, 8, 8, 8).std(axis=(1, 3))
    spread[4:, 4:] = 0
    down, across = divmod(int(spread.argmax()), 8)
    return across, down


def _cell(image: Image.Image, detail: tuple[int, int]) -> Image.Image:
    """The whole picture, and a part of it as a lens shows it."""
    cell = image.resize((_CELL, _CELL), Image.Resampling.LANCZOS)
    part = image.width / 8
    box = (detail[0] * part, detail[1] * part, (detail[0] + 1) * part, (detail[1] + 1) * part)
    lens = image.resize((_LENS, _LENS), Image.Resampling.BOX if part > _LENS else Image.Resampling.NEAREST, box)
    cell.paste(ImageOps.expand(lens, 2, _INK), (_CELL - _LENS - 4, _CELL - _LENS - 4))
    return cell


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
    return ImageFont.load_default(14)
