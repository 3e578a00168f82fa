"""A zip file of pictures and captions that somebody sent: opened with suspicion, never unpacked to a disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import IO

from configs.errors import InvalidRequest, TooLarge
from configs.text import one_line, quoted
from router.datasets.captions_beside import TABLES, TEXTS, Told, find_told, read_table, read_text

_PER_PICTURE = 4  # files beside each picture that are borne: captions, what systems leave
_JUNK = ("thumbs.db", "desktop.ini")
_LONGEST_TEXT = 64 * 2**10
_LONGEST_TABLE = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """`pictures` of `picture_bytes` at most each, all files together `total_bytes`."""

    pictures: int
    picture_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not in the dataset, and why."""

    file: str
    reason: str


class Archive:
    """What is in it, judged by its table of contents before anything is unpacked. Blocking: for a thread."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        """Raises `InvalidRequest` for what is no zip file, and `TooLarge` for one that would unpack to too much."""
        self._limits = limits
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            message = "the file is no zip file, or broke off on its way: pack the folder of pictures anew"
            raise InvalidRequest(message, "file") from None
        entries = [one for one in self._zip.infolist() if not one.is_dir() and not _is_junk(one.filename)]
        texts = sorted((one for one in entries if _suffix(one) in TEXTS), key=lambda one: TEXTS.index(_suffix(one)))
        self._captions = {_stem(one): one for one in reversed(texts)}
        self._tables = [one for one in entries if _suffix(one) in TABLES]
        self.pictures = [one for one in entries if _suffix(one) not in (*TEXTS, *TABLES)]
        self._judge(entries)

    def _judge(self, entries: list[zipfile.ZipInfo]) -> None:
        most = self._limits
        if len(self.pictures) > most.pictures or len(entries) > _PER_PICTURE * most.pictures:
            message = f"a dataset may have {most.pictures:,} pictures; this file holds {len(self.pictures):,}"
            raise TooLarge(f"{message}: pick the best (30 to 100 do most)", "file")
        if sum(one.file_size for one in entries) > most.total_bytes:
            message = (
                f"the file unpacks to more than {most.total_bytes / 2**20:,.0f} MiB: is it what you meant to send?"
            )
            raise TooLarge(message, "file")
        if any(one.flag_bits & 1 for one in entries):
            raise InvalidRequest("the file is encrypted: pack it without a password", "file")
        if not self.pictures:
            raise InvalidRequest("there is no picture in the file: pack the pictures, each with its caption", "file")

    def told(self) -> tuple[dict[str, Told], list[LeftOut]]:
        """What its tables say, and caption files that are of no picture. Raises `InvalidRequest`."""
        tables: dict[str, Told] = {}
        for one in self._tables:
            tables |= read_table(self._read(one, _LONGEST_TABLE), one.filename)
        stems = {_stem(one) for one in self.pictures}
        lost = [one for stem, one in self._captions.items() if stem not in stems]
        return tables, [LeftOut(shown(one), "there is no picture of this name beside it") for one in lost]

    def caption_of(self, picture: zipfile.ZipInfo, tables: dict[str, Told]) -> Told:
        """From the file beside it, else from a table. Raises `InvalidRequest`."""
        told = find_told(tables, picture.filename)
        beside = self._captions.get(_stem(picture))
        if beside is None:
            return told
        return replace(told, caption=read_text(self._read(beside, _LONGEST_TEXT), beside.filename))

    def read(self, picture: zipfile.ZipInfo) -> bytes:
        """Its bytes, whatever its header claims. Raises `InvalidRequest` and `TooLarge`."""
        return self._read(picture, self._limits.picture_bytes)

    def _read(self, one: zipfile.ZipInfo, most: int) -> bytes:
        if one.file_size > most:
            raise TooLarge(f"it has more than {most / 2**20:g} MiB", "file")
        try:
            with self._zip.open(one) as stream:
                data = stream.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
            raise InvalidRequest("it is damaged within the zip file: pack it anew", "file") from None
        if len(data) > most:
            raise TooLarge(f"it has more than {most / 2**20:g} MiB", "file")
        return data

    def named(self) -> Iterator[tuple[zipfile.ZipInfo, str]]:
        """The pictures in the order of their names, as people know them."""
        return ((one, shown(one)) for one in sorted(self.pictures, key=lambda one: one.filename))


def shown(one: zipfile.ZipInfo) -> str:
    """The name of a file within, as a message and a dataset have it: without folders."""
    return one_line(PurePosixPath(one.filename.replace("\\", "/")).name, 200) or quoted(one.filename)


def _is_junk(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or parts[-1].lower() in _JUNK


def _suffix(one: zipfile.ZipInfo) -> str:
    return PurePosixPath(one.filename).suffix.lower()


def _stem(one: zipfile.ZipInfo) -> str:
    return PurePosixPath(one.filename).with_suffix("").as_posix()
