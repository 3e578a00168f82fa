"""Prompts as people keep them: a CSV file from a spreadsheet or an editor, whatever it separates cells with.

How it is written is decided by its first line alone, which names the columns: a guess from the rows (`csv.Sniffer`)
takes the commas of a prompt for those of the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from configs.errors import InvalidRequest, InvalidRows
from configs.rows import RowError
from configs.text import quoted
from router.batches.columns import COLUMNS, SLOT, read_cells
from router.batches.model import Line

_DELIMITERS = (",", ";", "\t")
_NONE = "\x1f"  # of a file with one column: its commas belong to the prompts
_SAID = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)  # a line that Excel writes and reads
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True)
class CsvFile:
    """Its lines that can be read, and what is wrong with the others."""

    lines: tuple[Line, ...]
    errors: tuple[RowError, ...]


def read_csv(data: bytes) -> CsvFile:
    """The rows of a file, by the line that each begins at (the header is line 1). Raises `InvalidRequest` for what is
    no such file, and `InvalidRows` for a header that names no prompts, or what is no column."""
    text = _decode(data)
    said = _SAID.match(text)
    skipped = said.end() if said else 0
    records = _Records(text[skipped:], said[1] if said else None, 1 if said else 0)
    lines, errors = [], list[RowError]()
    for number, cells in records:
        read = read_cells(records.columns, cells, number)
        if isinstance(read, RowError):
            errors.append(read)
        else:
            lines.append(read)
    if records.broken is not None:
        errors.append(records.broken)
    if not lines and not errors:
        raise InvalidRequest("the file has a header and no rows below it: write a prompt in each", "file")
    return CsvFile(tuple(lines), tuple(errors))


class _Records:
    """The rows of a text, which says in its first line how it is written. What comes after a quote that is never
    closed cannot be told apart: `broken` says so then."""

    def __init__(self, text: str, delimiter: str | None, before: int) -> None:
        self._text, self._before = text, before
        first = next(iter(text.splitlines()), "")
        self._delimiter = delimiter or _find_delimiter(first)
        self.broken: RowError | None = None
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True)
        self.columns = _read_header(self._header(), before + 1)

    def __iter__(self) -> Iterator[tuple[int, Sequence[str]]]:
        while True:
            number = self._before + self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.broken = RowError(line=number, message=_why(error))
                return
            if any(cell.strip() for cell in cells):
                yield number, cells

    def _header(self) -> Sequence[str]:
        try:
            return next(self._reader, [])
        except csv.Error as error:
            raise InvalidRows(f"line 1: {_why(error)}", "file") from None


def _decode(data: bytes) -> str:
    """UTF-8, or UTF-16 that says so, with or without a mark at its beginning. Raises `InvalidRequest` for others."""
    if not data.strip():
        raise InvalidRequest(
            "the file is empty: its first line names the columns, the others have a prompt each", "file"
        )
    encoding = _UTF16.get(data[:2], "utf-8-sig")
    try:
        text = data.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        how = "save it as `CSV UTF-8` (Excel has that under Save as)"
        of = "UTF-16" if data[:2] in _UTF16 else "UTF-8"
        raise InvalidRequest(f"line {line} of the file is no text in {of}: {how}", "file") from None
    if "\x00" in text:
        how = "save it as `CSV UTF-8`, or as UTF-16 with a byte order mark"
        raise InvalidRequest(f"the file is no text in UTF-8, since it has zero bytes: {how}", "file")
    return text


def _find_delimiter(header: str) -> str:
    """What separates most known columns in a header; nothing, where it has one column."""

    def known(delimiter: str) -> tuple[int, int]:
        names = [_plain(name) for name in next(csv.reader([header], delimiter=delimiter), [])]
        return sum(name in COLUMNS or name.startswith(SLOT) for name in names), len(names)

    best = max(_DELIMITERS, key=known)
    return best if known(best)[1] > 1 else _NONE


def _read_header(cells: Sequence[str], number: int) -> tuple[str, ...]:
    """The names of the columns; spreadsheets add empty ones at the end."""
    names = [_plain(name) for name in cells]
    while names and not names[-1]:
        names.pop()
    columns = f"the columns are {', '.join(COLUMNS)} and {SLOT}NAME"
    for name, written in zip(names, cells, strict=False):
        if name in COLUMNS or (name.startswith(SLOT) and name != SLOT):
            if names.count(name) > 1:
                raise _bad_header(f"the column '{name}' is there twice", number, name)
            continue
        known = f"it names no column 'prompt'; {columns}" if "prompt" not in names else columns
        raise _bad_header(f"{quoted(written.strip())} is no column: {known}", number, written.strip()[:64] or None)
    if "prompt" not in names:
        raise _bad_header(f"there is no column 'prompt': {columns}", number, "prompt")
    return tuple(names)


def _bad_header(message: str, number: int, field: str | None) -> InvalidRows:
    row = RowError(line=number, field=field, message=message)
    return InvalidRows(f"line {number}, which names the columns: {message}", "file", rows=(row,))


def _plain(name: str) -> str:
    """`Asset Type` is `asset_type`; the name of a slot stays as it is."""
    name = name.strip()
    head, dot, slot = name.partition(".")
    return f"{re.sub(r'[ -]+', '_', head.casefold())}{dot}{slot.strip()}"


def _why(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end" in said:
        return 'a quote (") is opened here and never closed: write "" for a quote inside of a cell'
    if "expected after" in said:
        return 'a quote (") stands inside of a quoted cell: write it twice, as in "a ""red"" bicycle"'
    if "field larger" in said:
        return 'a cell has more than 131,072 characters: is a quote (") opened here and never closed?'
    return f"it cannot be read as CSV ({said})"
