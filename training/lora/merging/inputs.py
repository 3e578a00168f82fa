"""What is merged, as somebody writes it: `FILE@STRENGTH,LAYERS=STRENGTH`, or the id of a LoRA of the installation."""

from __future__ import annotations

import fnmatch
import hashlib
import itertools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from configs.catalog import Catalog
from configs.errors import ConfigError
from configs.fitness import TRAINING_DATA
from configs.schema import LicencePart, LoraConfig
from configs.text import one_line
from deployments.loras import files, origin
from deployments.loras.keys import Place
from deployments.loras.settings import read_object

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"
_WRITTEN = re.compile(rf"^(.+)@({_NUMBER})((?:,[^=,@]+={_NUMBER})*)$")
_LARGEST = 10.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A LoRA by file or id, its strength, and further factors for layers whose names match a pattern."""

    source: str
    strength: float = 1.0
    blocks: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A LoRA's file and what was read of it; `config` where it is one of the installation's."""

    wanted: Wanted
    file: Path
    contents: files.Contents
    config: LoraConfig | None

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"LoRA '{self.config.id}'" if self.config else one_line(self.file.name)

    @property
    def sha256(self) -> str:
        with self.file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()

    @property
    def trigger_words(self) -> tuple[str, ...]:
        return self.config.trigger_words if self.config else origin.trigger_words(self.contents.metadata)

    @property
    def licences(self) -> tuple[LicencePart, ...]:
        """What it is under as far as that is known: of files that were made elsewhere, nobody but their owner knows."""
        return self.config.licence_parts if self.config else _stated(self.contents.metadata)


def parse(text: str) -> Wanted:
    """Raises ConfigError for a strength that is no number, or too large."""
    match = _WRITTEN.match(text)
    if match is None:
        if "@" in text and not Path(text).exists():
            raise ConfigError(f"{text}: write FILE@STRENGTH, or FILE@STRENGTH,LAYERS=STRENGTH", "file")
        return Wanted(text)
    pairs = [pair.rpartition("=") for pair in match[3].split(",") if pair]
    wanted = Wanted(match[1], float(match[2]), tuple((name, float(number)) for name, _, number in pairs))
    largest = max(abs(wanted.strength), *(abs(number) for _, number in wanted.blocks), 0)
    if largest > _LARGEST:
        raise ConfigError(f"{text}: a strength of {largest:g} is no strength; they lie between -2 and 2", "strength")
    return wanted


def read(wanted: Wanted, catalog: Catalog) -> Source:
    """Find and read it. Raises ConfigError."""
    path = Path(wanted.source)
    config = None if path.is_file() else catalog.loras.get(wanted.source)
    if config is not None:
        path = files.find(config, f"LoRA '{config.id}'")
    elif not path.is_file():
        known = ", ".join(sorted(catalog.loras)) or "there are none"
        raise ConfigError(
            f"{one_line(wanted.source)} is neither a file nor a LoRA of the installation ({known})", "file"
        )
    return Source(wanted, path, files.read(path, one_line(path.name)), config)


def strengths(wanted: Wanted, places: Collection[Place]) -> dict[Place, float]:
    """That of each layer: its own times those of all patterns that it matches (`single_transformer_blocks.*`, shell's
    wildcards, the whole name). Raises ConfigError for a pattern that matches none."""
    found = dict.fromkeys(places, wanted.strength)
    for pattern, factor in wanted.blocks:
        matching = [place for place in places if fnmatch.fnmatchcase(place.module, pattern)]
        if not matching:
            kinds = dict.fromkeys(re.sub(r"\.\d+\..*", ".*", place.module) for place in places)
            raise ConfigError(
                f"{one_line(wanted.source)}: no layer of it matches {pattern}; its layers are {', '.join(kinds)}",
                "strength",
            )
        for place in matching:
            found[place] *= factor
    return found


def union(sources: Mapping[str, tuple[LicencePart, ...]], given: Mapping[str, str]) -> tuple[LicencePart, ...]:
    """All licences that count for what is made of `sources` (by name): those `given`, and those of each. A part that is
    under several gets a name for each, so that none is lost."""
    parts = dict(given)
    known = set(given.items())
    for name, its in sources.items():
        for one in its:
            if (one.part, one.licence) not in known:
                known.add((one.part, one.licence))
                parts[_free(one.part, name, parts)] = one.licence
    return tuple(LicencePart(part=part, licence=licence) for part, licence in parts.items())


def _free(part: str, name: str, taken: Collection[str]) -> str:
    """What a part of the LoRA `name` is called beside those that are `taken`."""
    more = (f"{part} of {name}, {number}" for number in itertools.count(2))
    return next(one for one in itertools.chain((part, f"{part} of {name}"), more) if one not in taken)


def _stated(metadata: Mapping[str, str]) -> tuple[LicencePart, ...]:
    """What a file that was trained or merged here says: by part, or all that it learned from as one."""
    if (parts := read_object(metadata.get("atelier.licences", ""))) is not None:
        return tuple(LicencePart(part=one_line(part), licence=one_line(str(id))) for part, id in parts.items())
    if "atelier.version" not in metadata:
        return ()
    ids = filter(None, (one_line(id) for id in metadata.get("modelspec.license", "").split(",")))
    return tuple(LicencePart(part=TRAINING_DATA, licence=id) for id in ids)
