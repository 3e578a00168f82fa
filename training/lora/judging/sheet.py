"""A judgement to look at: steps down, prompts across, the same seed in every column, the chosen row marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps

from configs.judgement import JudgedAdapter, Judgement
from training.lora.judging.grid import Shot

_CELL, _GAP, _LEFT, _TOP, _TITLE = 128, 6, 190, 40, 30
_PAPER, _INK, _QUIET = "#f4f4f6", "#1b1a19", "#605e5c"
_MARK, _BAD, _WARY = "#0f6cbd", "#b10e1c", "#8a5a00"

Drawn = Mapping[tuple[int, float], Sequence[Image.Image]]
"""(step, strength) -> the pictures of the grid; (0, 0) is the base."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sheet."""

    pictures: Sequence[Image.Image]
    title: str
    lines: Sequence[str] = ()
    marked: bool = False
    bad: bool = False
    wary: bool = False


def draw_sheet(judgement: Judgement, shots: Sequence[Shot], drawn: Drawn) -> Image.Image:
    """One row for each adapter that draws, below the base."""
    first = judgement.seeds[0]
    columns = [place for place, shot in enumerate(shots) if shot.seed == first]
    heads = [f"{shots[place].prompt.kind.replace('_', ' ')}: {shots[place].prompt.subject}" for place in columns]
    rows = [Row([drawn[0, 0.0][place] for place in columns], "base")]
    for one in judgement.judged:
        if (one.step, one.strength) in drawn:
            pictures = drawn[one.step, one.strength]
            rows.append(_row(judgement, one, [pictures[place] for place in columns]))
    return _lay_out(rows, heads, f"{judgement.trigger or 'no trigger'} on {judgement.model}")


def beside(
    first: tuple[Judgement, Sequence[Shot], Drawn], second: tuple[Judgement, Sequence[Shot], Drawn]
) -> Image.Image:
    """Two models that learned from one set, each as it was picked, prompt by prompt. Raises ValueError where they have
    not been asked one thing, or have learned from two."""
    judgements = (first[0], second[0])
    if judgements[0].prompts != judgements[1].prompts or judgements[0].dataset != judgements[1].dataset:
        raise ValueError("these judgements are of two sets, or of two grids: train and judge both on one dataset")
    rows, heads = [], []
    for judgement, shots, drawn in (first, second):
        columns = [place for place, shot in enumerate(shots) if shot.seed == judgement.seeds[0]]
        heads = [f"{shots[place].prompt.kind.replace('_', ' ')}: {shots[place].prompt.subject}" for place in columns]
        pick = judgement.pick
        rows.append(Row([drawn[0, 0.0][place] for place in columns], judgement.model, ("without",)))
        pictures = [drawn[pick.step, pick.strength][place] for place in columns]
        rows.append(_row(judgement, judgement.picked, pictures))
    return _lay_out(rows, heads, f"{judgements[0].trigger}: {judgements[0].model} beside {judgements[1].model}")


def _row(judgement: Judgement, one: JudgedAdapter, pictures: Sequence[Image.Image]) -> Row:
    pick = judgement.pick
    marked = (one.step, one.strength) == (pick.step, pick.strength)
    lines = [f"{name.replace('_', ' ')} {mark.value:.2f} ± {mark.error:.2f}" for name, mark in one.marks.items()]
    chosen = ("recommended" if pick.recommended else "least bad") if marked else ""
    title = f"step {one.step} at {one.strength:g}"
    return Row(
        pictures, title, [*([chosen] if chosen else []), *lines][:7], marked, bool(one.failed), bool(one.cautions)
    )


def _lay_out(rows: Sequence[Row], heads: Sequence[str], title: str) -> Image.Image:
    width = _LEFT + len(heads) * (_CELL + _GAP) + _GAP
    sheet = Image.new("RGB", (width, _TITLE + _TOP + len(rows) * (_CELL + _GAP) + _GAP), _PAPER)
    pen = ImageDraw.Draw(sheet)
    _write(pen, (_GAP, 8), title, 17, _INK, width - 2 * _GAP)
    for column, head in enumerate(heads):
        kind, _, subject = head.partition(": ")
        x = _LEFT + column * (_CELL + _GAP)
        _write(pen, (x, _TITLE), kind, 12, _QUIET, _CELL)
        _write(pen, (x, _TITLE + 16), subject, 12, _INK, _CELL)
    for number, row in enumerate(rows):
        _draw_row(sheet, pen, row, _TITLE + _TOP + number * (_CELL + _GAP))
    return sheet


def _draw_row(sheet: Image.Image, pen: ImageDraw.ImageDraw, row: Row, y: int) -> None:
    _write(
        pen,
        (_GAP * 2, y),
        row.title,
        15,
        _MARK if row.marked else _BAD if row.bad else _WARY if row.wary else _INK,
        _LEFT - 3 * _GAP,
    )
    for number, line in enumerate(row.lines):
        _write(pen, (_GAP * 2, y + 20 + number * 15), line, 11, _QUIET, _LEFT - 3 * _GAP)
    for column, picture in enumerate(row.pictures):
        fitted = ImageOps.contain(picture, (_CELL, _CELL), Image.Resampling.LANCZOS)
        x = _LEFT + column * (_CELL + _GAP) + (_CELL - fitted.width) // 2
        sheet.paste(fitted, (x, y + (_CELL - fitted.height) // 2))
    if row.marked:
        pen.rectangle((2, y - 3, sheet.width - 3, y + _CELL + 2), outline=_MARK, width=3)


def _write(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, colour: str, width: int) -> None:
    """One line, cut where it would be too long."""
    font = ImageFont.load_default(size)
    line = " ".join(text.split())
    if pen.textlength(line, font) > width:
        while line and pen.textlength(f"{line}…", font) > width:
            line = line[:-1]
        line = f"{line.rstrip()}…"
    pen.text(at, line, colour, font)
