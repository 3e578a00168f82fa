"""A comparison grid: pictures of a job or a batch side by side, each with what tells it from the others."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from PIL import Image, ImageDraw, ImageFont, ImageOps

from configs.errors import StageError
from deployments.stages.mark import mark_of_sheet, save_marked

GridFormat = Literal["png", "webp"]
MEDIA_TYPES: dict[GridFormat, str] = {"png": "image/png", "webp": "image/webp"}

_CELL = 320  # pixels of a picture's longer side
_GAP, _LINE, _TEXT, _TITLE = 16, 20, 14, 18
_PAPER, _INK, _QUIET = "#f4f4f6", "#1b1a19", "#605e5c"
_LARGEST = 64_000_000  # pixels of a picture that is read


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture, by its file's hash, and the lines under it."""

    sha256: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GridRequest:
    """Lay out pictures that are in the file store, in this order, under a title: about as many `columns` as rows where
    they are 0."""

    method: ClassVar[str] = "grid"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = False

    title: str
    cells: tuple[Cell, ...]
    format: GridFormat = "png"
    columns: int = 0


def draw_grid(request: GridRequest, files: Sequence[bytes]) -> tuple[bytes, float]:
    """The sheet as a file, and the seconds that it took. `files` are those of the request's cells. Raises `StageError`
    for one that is no picture."""
    started = time.perf_counter()
    try:
        sheet = _draw(request, [_open(file) for file in files], mark_of_sheet(files))
    except (OSError, ValueError, SyntaxError) as error:
        raise StageError(f"a file of this job cannot be read as a picture ({type(error).__name__})") from None
    return sheet, time.perf_counter() - started


def _draw(request: GridRequest, pictures: Sequence[Image.Image], mark: str) -> bytes:
    columns = request.columns or math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    text = _LINE * max(len(cell.lines) for cell in request.cells)
    height = max(picture.height for picture in pictures)
    top = 2 * _GAP + _LINE
    size = (_GAP + columns * (_CELL + _GAP), top + rows * (height + text + 2 * _GAP))
    sheet = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(sheet)
    _write(pen, (_GAP, _GAP), request.title, _TITLE, _INK, size[0] - 2 * _GAP)
    for place, (picture, cell) in enumerate(zip(pictures, request.cells, strict=True)):
        x = _GAP + place % columns * (_CELL + _GAP)
        y = top + place // columns * (height + text + 2 * _GAP)
        sheet.paste(picture, (x + (_CELL - picture.width) // 2, y + (height - picture.height) // 2))
        for number, line in enumerate(cell.lines):
            colour = _QUIET if number else _INK
            _write(pen, (x, y + height + _GAP // 2 + number * _LINE), line, _TEXT, colour, _CELL)
    written = io.BytesIO()
    if request.format == "webp":
        save_marked(sheet, written, "WEBP", mark, quality=90)
    else:
        save_marked(sheet, written, "PNG", mark, optimize=True)
    return written.getvalue()


def _open(file: bytes) -> Image.Image:
    """Small enough for a cell, over a chequered ground where it is transparent."""
    with Image.open(io.BytesIO(file), formats=("PNG", "WEBP", "JPEG", "AVIF")) as image:
        if image.width * image.height > _LARGEST:
            raise ValueError("too large")
        picture = ImageOps.contain(image.convert("RGBA"), (_CELL, _CELL), Image.Resampling.LANCZOS)
    ground = _chequered(picture.size)
    ground.paste(picture, (0, 0), picture)
    return ground


def _chequered(size: tuple[int, int]) -> Image.Image:
    tile = Image.new("RGB", (16, 16), "#ffffff")
    for corner in ((0, 0), (8, 8)):
        tile.paste("#e4e4e8", (*corner, corner[0] + 8, corner[1] + 8))
    ground = Image.new("RGB", size)
    for x in range(0, size[0], 16):
        for y in range(0, size[1], 16):
            ground.paste(tile, (x, y))
    return ground


def _write(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, colour: str, width: int) -> None:
    """One line, cut where it would be too long."""
    font = ImageFont.load_default(size)
    line = " ".join(text.split())
    if pen.textlength(line, font) > width:
        while line and pen.textlength(f"{line}…", font) > width:
            line = line[:-1]
        line = f"{line.rstrip()}…"
    pen.text(at, line, colour, font)
