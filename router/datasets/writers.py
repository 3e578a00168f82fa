"""Who can suggest captions here: the captioners that are placed, and the reader of file names, which is everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from configs.captioners import CaptionerConfig
from configs.catalog import Installation
from configs.errors import UnknownName, Unsupported
from router.datasets.captioning import ReplicaWriter
from router.datasets.suggestions import DRAFT, CaptionWish, CaptionWriter, NameReader
from router.replicas import Replicas


@dataclass(frozen=True, slots=True)
class Placed:
    """A writer, and its config, None for the reader of file names."""

    writer: CaptionWriter
    config: CaptionerConfig | None = None


class CaptionWriters:
    """By name: a captioner's id, or `draft`."""

    def __init__(self, installation: Installation, replicas: Replicas) -> None:
        """A door has none but the reader of file names: what sees runs where a worker is."""
        profile, captioners = installation.profile, installation.catalog.captioners
        placed = () if profile.role == "door" else profile.captioners
        self._known = {
            one.captioner: Placed(ReplicaWriter(replicas, one.name), captioners[one.captioner]) for one in placed
        } | {DRAFT: Placed(NameReader())}

    def find(self, name: str | None, wish: CaptionWish) -> Placed:
        """The one `name`d, or the first. Raises `UnknownName`, and `Unsupported` for instructions that it would not
        follow."""
        known = tuple(self._known)
        if name is not None and name not in known:
            message = f"no captioner '{name[:64]}' is placed here; there are {', '.join(known)}"
            raise UnknownName(message, "by", known)
        placed = self._known[name or known[0]]
        if (wish.instructions or wish.glossary) and not (placed.config and placed.config.takes_instructions):
            field = "instructions" if wish.instructions else "glossary"
            raise Unsupported(f"{name or known[0]} follows no words: leave {field} out", field)
        return placed
