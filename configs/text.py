"""Text that strangers wrote (in a file, on a hub) made plain: what a terminal or a reader could take for more than
characters is gone. The one place that does it, for whatever stores or prints such text."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator

LONGEST_QUOTE = 120

# ECMA-48: whole control sequences, whose parameters would otherwise be left as `[31m`, and strings to a terminal
# (titles, links, clipboard), each begun with ESC or with its single character of C1.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]?[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b(?:[()#%].|[78=>DEHMNOZc\\])"
)
_BREAK = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode: controls, formats (directions, zero widths, tags), lone surrogates, separators of lines."""
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that are drawn as nothing."""


def one_line(text: str, longest: int | None = None) -> str:
    """`text` as one line without anything hidden, blanks of any kind and number as one space; an ellipsis for what is
    beyond `longest` characters."""
    if text.isascii() and text.isprintable():  # most are, and there is nothing to look for
        return _shortened(" ".join(text.split()), longest)
    kept = (character for character in _SEQUENCE.sub("", text) if character.isspace() or _is_shown(character))
    return _shortened(" ".join("".join(kept).split()), longest)


def lines(text: str) -> str:
    """`text` without anything hidden, its line breaks as `\\n`, its tabs as spaces."""
    if text.isascii() and text.isprintable():  # most are, and there is nothing to look for
        return text
    broken = _BREAK.sub("\n", _SEQUENCE.sub("", text)).expandtabs(4)
    return "".join(character for character in broken if character == "\n" or _is_shown(character))


def quoted(name: str) -> str:
    """A name from a file as a message quotes it: one line, of a length that leaves room for the message."""
    return f"'{one_line(name, LONGEST_QUOTE)}'"


def _shortened(line: str, longest: int | None) -> str:
    return line if longest is None or len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _is_shown(character: str) -> bool:
    code = ord(character)
    is_none = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # Unicode's noncharacters
    return not is_none and unicodedata.category(character) not in _HIDDEN and character not in _INVISIBLE


PLAIN = BeforeValidator(lambda given: one_line(given) if isinstance(given, str) else given)
"""On a field: it is made one plain line before it is judged."""
Line: TypeAlias = Annotated[str, PLAIN]
Paragraphs: TypeAlias = Annotated[str, BeforeValidator(lambda given: lines(given) if isinstance(given, str) else given)]
