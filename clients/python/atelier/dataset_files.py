"""Pictures that lie on this machine and are to be a dataset: a folder, or a table that names them, with captions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from atelier.errors import BadInput

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif")
_TEXTS = (".txt", ".caption")
_FILE_COLUMNS = ("file_name", "filename", "file", "image", "picture", "path", "name")
_CAPTION_COLUMNS = ("caption", "text", "prompt", "description")


def local_pictures(place: str | Path) -> list[LocalPicture] | None:
    """Those of a folder, or that a table names; None for a zip file. Raises BadInput and OSError."""
    path = Path(place)
    if path.is_dir():
        return read_folder(path)
    if path.suffix.lower() in (".csv", ".jsonl"):
        return read_list(path)
    if path.suffix.lower() == ".zip":
        return None
    raise BadInput(f"file: {path.name} is neither a folder, nor a zip file, nor a CSV or JSONL that names pictures")


@dataclass(frozen=True, slots=True)
class LocalPicture:
    """A file that is to be in a dataset, and what is said of it."""

    path: Path
    caption: str = ""
    right: str | None = None
    source: str = ""


def read_folder(folder: Path) -> list[LocalPicture]:
    """The pictures below a folder, with captions from text files beside them, and from tables (CSV, JSONL) in it.
    Raises BadInput and OSError."""
    told: dict[str, Mapping[str, str]] = {}
    for table in sorted(folder.iterdir()):
        if table.suffix.lower() in (".csv", ".jsonl"):
            told |= _read_table(table)
    files = sorted(
        file for file in folder.rglob("*") if file.suffix.lower() in _PICTURES and not _is_hidden(file, folder)
    )
    if not files:
        raise BadInput(f"file: there is no picture in {folder}: they end in {', '.join(_PICTURES)}")
    return [_local(file, _told_of(told, file, folder)) for file in files]


def read_list(table: Path) -> list[LocalPicture]:
    """The pictures that a CSV or JSONL file names, by paths that begin where it lies. Raises BadInput and OSError."""
    pictures = []
    for name, row in _read_table(table).items():
        file = table.parent / name
        if not file.is_file():
            raise BadInput(f"file: {table.name} names {name}, and there is no such file beside it")
        pictures.append(_local(file, row))
    return pictures


def read_captions(table: Path) -> dict[str, str]:
    """Captions by picture id or file name, from a CSV file as `captions` writes it. Raises BadInput and OSError."""
    return {name: _first(row, _CAPTION_COLUMNS) for name, row in _read_table(table).items()}


def _local(file: Path, row: Mapping[str, str]) -> LocalPicture:
    beside = next((file.with_suffix(suffix) for suffix in _TEXTS if file.with_suffix(suffix).is_file()), None)
    caption = _first(row, _CAPTION_COLUMNS) if beside is None else " ".join(_text(beside).split())
    return LocalPicture(file, caption, row.get("right", "").strip().lower() or None, row.get("source", "").strip())


def _told_of(told: Mapping[str, Mapping[str, str]], file: Path, folder: Path) -> Mapping[str, str]:
    names = (file.relative_to(folder).as_posix(), file.name, file.stem)
    return next((told[name] for name in names if name in told), {})


def _read_table(table: Path) -> dict[str, Mapping[str, str]]:
    text = _text(table)
    if table.suffix.lower() == ".jsonl":
        rows = list(_json_rows(text, table.name))
    else:
        header = next(iter(text.splitlines()), "")
        lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
        rows = [{str(name or "").strip().lower(): str(value or "") for name, value in row.items()} for row in lines]
    told: dict[str, Mapping[str, str]] = {_first(row, _FILE_COLUMNS): row for row in rows}
    if "" in told or not told:
        raise BadInput(f"file: {table.name} names its pictures in a column {_FILE_COLUMNS[0]}, and has a row for each")
    return told


def _json_rows(text: str, name: str) -> Iterator[dict[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise BadInput(f"file: {name}, line {number}: is no JSON object")
            yield {str(key).lower(): str(value) for key, value in row.items()}


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"file: {file.name} is no text in UTF-8: save it as that") from None


def _first(row: Mapping[str, str], names: Sequence[str]) -> str:
    return next((row[name].strip() for name in names if row.get(name, "").strip()), "")


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in file.relative_to(folder).parts)
