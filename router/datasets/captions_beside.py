"""Captions as people keep them: a text file beside each picture, or one table for all of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from configs.errors import InvalidRequest
from configs.text import one_line, quoted

TEXTS = (".txt", ".caption")
TABLES = (".csv", ".tsv", ".jsonl")
_FILE = ("file_name", "filename", "file", "image", "picture", "path", "name")
_CAPTION = ("caption", "text", "prompt", "description")


@dataclass(frozen=True, slots=True)
class Told:
    """What a table says of one picture; None is nothing."""

    caption: str | None = None
    right: str | None = None
    source: str | None = None


def read_text(data: bytes, name: str) -> str:
    """A caption file's one caption. Raises `InvalidRequest` for what is no text."""
    return one_line(_decode(data, name))


def read_table(data: bytes, name: str) -> dict[str, Told]:
    """By the name of the picture's file, as it stands there. Raises `InvalidRequest`, naming the line."""
    text = _decode(data, name)
    rows = _json_lines(text, name) if name.lower().endswith(".jsonl") else _csv_rows(text, name)
    told: dict[str, Told] = {}
    for line, row in rows:
        file = _first(row, _FILE)
        if not file:
            raise InvalidRequest(f"{quoted(name)}, line {line}: names no picture: its column is {_FILE[0]}", "file")
        told[PurePosixPath(file.replace("\\", "/")).as_posix()] = Told(
            _first(row, _CAPTION), _first(row, ("right",)), _first(row, ("source",))
        )
    return told


def find_told(tables: Mapping[str, Told], path: str) -> Told:
    """What is said of the picture at `path`: under its path, else its name, else its name without an ending."""
    place = PurePosixPath(path)
    for name in (place.as_posix(), place.name, place.stem):
        if name in tables:
            return tables[name]
    return Told()


def _decode(data: bytes, name: str) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise InvalidRequest(f"{quoted(name)} is no text in UTF-8: save it as that", "file") from None
    if "\x00" in text:
        raise InvalidRequest(f"{quoted(name)} is no text in UTF-8: it has zero bytes", "file")
    return text


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    header = next(iter(text.splitlines()), "")
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [(field or "").strip().lower() for field in reader.fieldnames or ()]
        if not set(columns) & set(_FILE):
            message = f"{quoted(name)}: its first line names the columns, one of them {_FILE[0]}, and caption"
            raise InvalidRequest(message, "file")
        for row in reader:
            said = {(key or "").strip().lower(): value for key, value in row.items() if isinstance(value, str)}
            if any(value.strip() for value in said.values()):
                yield reader.line_num, said
    except csv.Error as error:
        raise InvalidRequest(f"{quoted(name)}, line {reader.line_num}: {error}", "file") from None


def _json_lines(text: str, name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise InvalidRequest(f"{quoted(name)}, line {number}: is no JSON object", "file")
        yield number, {str(key).lower(): value for key, value in row.items() if isinstance(value, str)}


def _first(row: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((one_line(row[name]) for name in names if row.get(name, "").strip()), None)
