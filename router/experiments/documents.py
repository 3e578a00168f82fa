"""The documents that the tables of experiments hold."""

from __future__ import annotations

from typing import Any

from configs.experiments import ExperimentConfig, Overlay
from router.experiments.model import Canary, FrozenArm
from router.storage.documents import Document

DEFINITION: Document[ExperimentConfig] = Document("experiment", ExperimentConfig, repeats=True)
ARMS: Document[tuple[FrozenArm, ...]] = Document("arms", tuple[FrozenArm, ...], repeats=True)
OVERLAY: Document[Overlay] = Document("overlay", Overlay, repeats=True)
CANARY: Document[Canary] = Document("canary", Canary, repeats=True)
PAYLOAD: Document[dict[str, Any]] = Document("event", dict[str, Any])
