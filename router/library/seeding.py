"""What the YAML under `configs/` adds to the library when the studio starts, and what is said of the rest.

Pure: from the files and the library as it stands to what is to be added, and sentences. A file is only ever taken in;
nothing that is in the library is changed or removed by one, and nothing that is wrong with one keeps the studio from
running with what it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from configs.catalog import Catalog
from configs.entries import body_of, canonical, content_hash
from configs.semver import following, rank
from router.library.diff import describe_difference
from router.library.kinds import KINDS, kind_named
from router.library.model import LIVE, NewEntry, Versions
from router.library.rows import Key

AUTHOR = "configs"
"""Who adds what is in a YAML file."""


@dataclass(frozen=True, slots=True)
class Seed:
    """An entry as a YAML file has it. `path` is the file's, as messages name it."""

    entry: NewEntry
    path: str


@dataclass(frozen=True, slots=True)
class Seeding:
    """What is added, each as the live version; and a sentence for whatever of the files is not used, and for what is
    here without a file."""

    added: tuple[NewEntry, ...]
    sentences: tuple[str, ...]


def seeds_of(catalog: Catalog) -> tuple[Seed, ...]:
    """What the YAML files of a catalogue would add."""
    found = []
    for kind in KINDS:
        for id, config in kind.of(catalog).items():
            body, path = canonical(body_of(config)), kind.yaml(id)
            sha256 = content_hash(body)
            new = NewEntry(kind.name, id, config.version, body, sha256, AUTHOR, f"from {path}", kind.file(config))
            found.append(Seed(new, path))
    return tuple(found)


def settle(seeds: Sequence[Seed], library: Mapping[Key, Versions]) -> Seeding:
    """Versions that go forward are added and become live; all else is told."""
    added: list[NewEntry] = []
    sentences: list[str] = []
    for seed in seeds:
        found = library.get((seed.entry.kind, seed.entry.id))
        if found is None or _goes_forward(seed, found):
            added.append(seed.entry)
        else:
            sentences += _tell(seed, found)
    sentences += _orphans(seeds, library)
    return Seeding(tuple(added), tuple(sentences))


def _goes_forward(seed: Seed, found: Versions) -> bool:
    return rank(seed.entry.version) > rank(found.newest.version)


def _tell(seed: Seed, found: Versions) -> Iterator[str]:
    """What a person should know of a file whose version is not new."""
    new, path = seed.entry, seed.path
    known, after = found.find(new.version), following(found.newest.version)
    if known is None:
        yield (
            f"{path}: version {new.version} goes back behind {found.newest.version}, which the library has, and is not "
            f"taken in: write `version: {after}` in it, and start again"
        )
        return
    difference = describe_difference(kind_named(new.kind), known, new)
    if difference:
        yield (
            f"{path}: version {new.version} is in the library with other content ({difference}), and that is used: "
            f"write `version: {after}` in the file, and start again"
        )
        return
    live = found.marks.get(LIVE)
    if live is None:
        yield f"{path}: no version of {new.id} is live, as somebody wished: it is not offered"
    elif live.version != new.version:
        ahead = "is ahead of the file" if rank(live.version) > rank(new.version) else "was set back"
        yield (
            f"{path}: the library {ahead}: {new.id} {live.version} is live (by {live.by}), the file has {new.version}; "
            f"to use the file's: atelier library mark {new.kind} {new.id} {LIVE} {new.version}"
        )


def _orphans(seeds: Sequence[Seed], library: Mapping[Key, Versions]) -> Iterator[str]:
    """Entries that came from a file which is gone, and are still in use."""
    here = {(seed.entry.kind, seed.entry.id) for seed in seeds}
    for key, found in library.items():
        live = found.find(LIVE) if LIVE in found.marks else None
        if key not in here and live is not None and live.author == AUTHOR:
            path = kind_named(found.kind).yaml(found.id)
            yield (
                f"{path} is gone; {found.id} {live.version} stays live in the library. To take it out of use: atelier "
                f"library mark {found.kind} {found.id} {LIVE} none"
            )
