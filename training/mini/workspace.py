"""Where training keeps its work files, checkpoints and figures: one git-ignored folder, one name per artefact."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

DEFAULT = Path(".atelier/training/mini")
SEED = 2026


@dataclass(frozen=True)
class Workspace:
    """Paths below one root; `seed` decides every draw made there."""

    root: Path = DEFAULT
    seed: int = SEED

    def path(self, *parts: str) -> Path:
        """A path below the root, its folder made."""
        target = self.root.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def log(self, stage: str, figures: Mapping[str, float | int]) -> None:
        """Append one line of figures to the stage's JSONL file."""
        with self.path("logs", f"{stage}.jsonl").open("a") as file:
            file.write(json.dumps(dict(figures)) + "\n")

    def save(self, name: str, state: Mapping[str, Any]) -> None:
        """Write a checkpoint whole or not at all, so that a killed run can resume."""
        target = self.path("checkpoints", f"{name}.pt")
        torch.save(dict(state), target.with_suffix(".tmp"))
        os.replace(target.with_suffix(".tmp"), target)

    def load(self, name: str) -> dict[str, Any] | None:
        """A checkpoint, or None where there is none yet."""
        target = self.path("checkpoints", f"{name}.pt")
        if not target.exists():
            return None
        state: dict[str, Any] = torch.load(target, map_location="cpu", weights_only=True)
        return state
