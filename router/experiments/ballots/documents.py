"""The documents that the tables of ballots hold."""

from __future__ import annotations

from router.experiments.ballots.model import Shown
from router.storage.documents import Document

SHOWN: Document[Shown] = Document("ballot", Shown)
CRITERIA: Document[dict[str, str]] = Document("criteria", dict[str, str])
