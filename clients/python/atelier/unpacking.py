"""Files that are larger than memory, written whole or not at all; and the files of a batch out of its zip file."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from atelier.errors import UnexpectedAnswer
from atelier.naming import storable, write_beside


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which is there under its name once all of it is. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def room_in(folder: Path) -> Iterator[Path]:
    """A place for a zip file beside where its files go, so that there is room for both or for neither."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".batch-", dir=folder) as place:
        yield Path(place) / "batch.zip"


def unpack(archive: Path, folder: Path) -> list[Path]:
    """Write the files of an archive into a folder, in which nothing is overwritten. Raises UnexpectedAnswer for what is
    no whole zip file, and OSError where something cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(archive) as packed:
            return [
                write_beside(folder, _name(entry), packed.read(entry))
                for entry in packed.infolist()
                if not entry.is_dir()
            ]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnexpectedAnswer(f"the batch did not come as a whole zip file: {error}") from error


def _name(entry: zipfile.ZipInfo) -> str:
    """In no case a way out of the folder."""
    return storable(PurePosixPath(entry.filename.replace("\\", "/")).name.lstrip(".") or "file")
