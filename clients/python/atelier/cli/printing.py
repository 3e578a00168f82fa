"""What the commands print: results on stdout, the rest on stderr. Nothing that is printed is interpreted."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from atelier.cli import layout
from atelier.cli.layout import Fact, Table
from atelier.cli.text import ELLIPSIS, cut, fold, plain

stderr = Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_table(table: Table) -> None:
    _write(table.lines(_width(sys.stdout), _mark(sys.stdout)))


def print_facts(facts: Sequence[Fact]) -> None:
    _write(layout.facts(facts, _width(sys.stdout), _mark(sys.stdout)))


def print_entry(name: str, *lines: Fact) -> None:
    _write(layout.entry(name, lines, _width(sys.stdout)))


def print_line(text: str) -> None:
    _write(_folded(text, sys.stdout))


def print_path(path: Path) -> None:
    """A path as it is for programs, whatever its bytes are; as plain text for people."""
    _write([plain(str(path)) if sys.stdout.isatty() else str(path)])


def print_tree(root: str, branches: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """A line, and below it what `branches` has for `root`: the name of the next one, and the line that is shown."""
    width = _width(sys.stdout)
    _write(line if width is None else cut(line, width, _mark(sys.stdout)) for line in _grown(root, root, branches))


def _grown(shown: str, name: str, branches: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[str]:
    yield plain(shown)
    below = branches.get(name, ())
    for place, (next_name, next_shown) in enumerate(below):
        last = place == len(below) - 1
        for number, line in enumerate(_grown(next_shown, next_name, branches)):
            joint = ("`- " if last else "|- ") if number == 0 else ("   " if last else "|  ")
            yield f"{joint}{line}"


def print_json(value: dict[str, Any]) -> None:
    """One JSON document, which is UTF-8 on any terminal: what that must not see or does not have is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    _write([re.sub(r"[^\n -~]", lambda found: _escaped(found[0], sys.stdout.encoding), text)])


def say(message: str, style: str = "") -> None:
    """A line for people, on stderr, so that stdout stays clean for programs."""
    for line in _folded(message, sys.stderr):
        stderr.print(Text(line, style=style), soft_wrap=True)


def _write(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _folded(text: str, stream: TextIO) -> list[str]:
    width = _width(stream)
    return [plain(text)] if width is None else fold(plain(text), width)


def _width(stream: TextIO) -> int | None:
    """Columns of the terminal; None for a pipe or a file."""
    return terminal_width() if stream.isatty() else None


def terminal_width() -> int:
    """Columns, as COLUMNS or the terminal says."""
    return max(1, shutil.get_terminal_size().columns)


def _mark(stream: TextIO) -> str:
    return ELLIPSIS if _can_show(ELLIPSIS, stream.encoding) else "..."


def _can_show(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _escaped(character: str, encoding: str | None) -> str:
    if character.isprintable() and (encoding or "").lower() in ("utf-8", "utf8"):
        return character
    return json.dumps(character)[1:-1]
