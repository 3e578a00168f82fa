"""How lists and descriptions are laid out, in one place for all commands: pure, from texts to lines.

What people type back (ids, states, counts, addresses) is never shortened; prose takes the room that is left. `width`
is the terminal's, or None for a pipe, where everything is whole and on one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from atelier.cli.text import ELLIPSIS, cells, cut, fold, pad, plain

_GAP = 2
_LEAST_PROSE = 16  # columns; with less room than this, prose gets a line of its own


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts: one for each name in `whole`, then one for the name `prose`, if there is one."""

    whole: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    prose: str | None = None
    headed: bool = True

    def lines(self, width: int | None, mark: str = ELLIPSIS) -> list[str]:
        """One line per row where that fits, else one more for its prose, else each value on a line of its own."""
        names = self.whole if self.prose is None else (*self.whole, self.prose)
        rows = [tuple(map(plain, row)) for row in self.rows]
        listed = [tuple(name.upper() for name in names), *rows] if self.headed else rows
        count = len(self.whole)
        widths = [max((cells(row[at]) for row in listed), default=0) for at in range(count)]
        taken = sum(widths) + _GAP * (count - 1)
        if width is not None and taken > width:
            return _stack(names, rows, count, width, mark)
        left = None if width is None else width - taken - _GAP
        lines = []
        for row in listed:
            line = (" " * _GAP).join(map(pad, row[:count], widths))
            lines += [text.rstrip() for text in _with_prose(line, row[count:], left, width, mark)]
        return lines


def _with_prose(line: str, prose: tuple[str, ...], left: int | None, width: int | None, mark: str) -> list[str]:
    if not prose:
        return [line]
    (text,) = prose
    gap = " " * _GAP
    if left is None or width is None:
        return [f"{line}{gap}{text}"]
    if left >= _LEAST_PROSE:
        return [f"{line}{gap}{cut(text, left, mark)}"]
    return [line, gap + cut(text, width - _GAP, mark)]


def _stack(names: tuple[str, ...], rows: list[tuple[str, ...]], count: int, width: int, mark: str) -> list[str]:
    label = max(map(len, names))
    room = width - label - _GAP
    lines: list[str] = []
    for row in rows:
        lines += [""] if lines else []
        for at, (name, value) in enumerate(zip(names, row, strict=True)):
            space = room if room >= _LEAST_PROSE else width
            if at >= count:
                values = [cut(value, space, mark)]
            else:  # of several words (the marks of a version) each stays whole, and not all need one line
                values = [value] if cells(value) <= space else fold(value, space)
            lines += _labelled(name, values, label, width, mark)
    return lines


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a description. Words of `prose` may be broken, those of other values stay whole."""

    label: str
    value: str
    prose: bool = False


def facts(found: Iterable[Fact], width: int | None, mark: str = ELLIPSIS) -> list[str]:
    """Values beside their labels; those that need more than one line stay in their column."""
    known = [Fact(plain(fact.label), plain(fact.value), fact.prose) for fact in found]
    label = max((cells(fact.label) for fact in known), default=0)
    lines: list[str] = []
    for fact in known:
        if width is None:
            lines.append(f"{pad(fact.label, label + _GAP)}{fact.value}".rstrip())
            continue
        room = width - label - _GAP
        folded = fold(fact.value, room if room >= _LEAST_PROSE else width, fact.prose)
        lines += _labelled(fact.label, folded, label, width, mark)
    return lines


def _labelled(label: str, values: list[str], column: int, width: int, mark: str) -> list[str]:
    """The first value beside its label, where all have room; else the label above them."""
    indent = column + _GAP
    if all(indent + cells(value) <= width for value in values):
        first, *rest = values
        return [f"{pad(label, indent)}{first}".rstrip(), *(" " * indent + value for value in rest)]
    return [cut(label, width, mark), *values]


def entry(name: str, lines: Iterable[Fact], width: int | None) -> list[str]:
    """A name that can be typed back, and what there is to say of it in lines below."""
    gap = " " * _GAP
    said = [plain(name)]
    for line in lines:
        value = plain(line.value)
        if width is None:
            said.append(gap + value)
            continue
        folded = fold(value, max(1, width - _GAP), line.prose)
        said += [gap + part if cells(part) + _GAP <= width else part for part in folded]
    return said
