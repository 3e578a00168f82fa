"""Text from elsewhere (a server, a file, an argument) as a terminal may be given it: plain, measured, cut, folded.

Nothing here interprets markup, emoji codes or escape sequences, so nothing can be steered with them.
"""

from __future__ import annotations

import unicodedata

ELLIPSIS = "\u2026"
_JOINERS = "\u200c\u200d"  # ordinary text in Persian, in Indic scripts and in emoji, and without width
_EMOJI_STYLE = "\ufe0f"
_UNKNOWN = "\ufffd"
# More marks than any script sets on one letter are there to paint over the lines around it.
_MOST_MARKS = 8


def plain(text: str) -> str:
    """Text on one line, without characters that steer a terminal, turn the direction of writing or cannot be shown."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            kept.append(_shown(character, category))
    return "".join(kept)


def _shown(character: str, category: str) -> str:
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if category == "Cf":
        return character if character in _JOINERS else ""
    return _UNKNOWN if category in ("Cs", "Co", "Cn") else character


def cells(text: str) -> int:
    """Columns that plain text takes, at most: terminals disagree about joined emoji and emoji styles."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if character == _EMOJI_STYLE:
        return 1  # it makes a narrow character wide
    if character in _JOINERS or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    flag = "\U0001f1e6" <= character <= "\U0001f1ff"
    return 2 if flag or unicodedata.east_asian_width(character) in ("W", "F") else 1


def pad(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def cut(text: str, width: int, mark: str = ELLIPSIS) -> str:
    """The beginning that fits into `width` columns, with `mark` where something is left out."""
    if cells(text) <= width:
        return text
    mark = mark if cells(mark) <= width else ""
    return text[: _fitting(text, width - cells(mark))].rstrip(" " + _JOINERS) + mark


def _fitting(text: str, width: int) -> int:
    """How many characters fit into `width` columns; marks stay with their letter."""
    taken = 0
    for count, character in enumerate(text):
        taken += _cells(character)
        if taken > width:
            return count
    return len(text)


def fold(text: str, width: int, breakable: bool = False) -> list[str]:
    """Lines of at most `width` columns, broken between words.

    A word that is longer than a line is broken where `breakable` says so. Else it stays whole on a line of its own,
    so that an address or an id can be copied.
    """
    lines: list[str] = []
    for word in text.split():
        for piece in _pieces(word, width) if breakable else [word]:
            if lines and cells(lines[-1]) + 1 + cells(piece) <= width:
                lines[-1] += f" {piece}"
            else:
                lines.append(piece)
    return lines or [""]


def _pieces(word: str, width: int) -> list[str]:
    pieces = []
    while word:
        count = max(1, _fitting(word, width))
        pieces.append(word[:count])
        word = word[count:]
    return pieces
