"""Where a run is kept: adapter, optimiser and step, so that it goes on as if it had never stopped.

A checkpoint is a folder `step-000200`; it has its name only when it is whole.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from configs.errors import ConfigError, StageError
from training.lora.files import sync, write

ADAPTER, OPTIMISER, STATE = "adapter.safetensors", "optimizer.safetensors", "state.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `step` steps, the `losses` of the last of them, and what names the run."""

    step: int
    losses: Sequence[float]
    run: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`adapter` draws (the average, where one is kept); `optimiser` goes on: `weights.…` are what learns where that is
    another thing, `average.…` and `<parameter>.…` the rest. `rest` is the optimiser's JSON."""

    progress: Progress
    adapter: Mapping[str, torch.Tensor]
    optimiser: Mapping[str, torch.Tensor]
    rest: str


def save_checkpoint(
    folder: Path, checkpoint: Checkpoint, metadata: Mapping[str, str], settings: Mapping[str, Any]
) -> Path:
    """Write it under `folder`, whole or not at all. Raises StageError where the disk is full or not to be written."""
    target = folder / f"step-{checkpoint.progress.step:06d}"
    partial = folder / f".{target.name}.partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write(partial / ADAPTER, save(dict(checkpoint.adapter), dict(metadata)))
        write(partial / OPTIMISER, save(dict(checkpoint.optimiser), {"rest": checkpoint.rest}))
        write(partial / STATE, _state(checkpoint.progress, settings))
        sync(partial)
        if target.exists():
            shutil.rmtree(target)
        partial.rename(target)
        sync(folder)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise StageError(_cannot(error, folder, checkpoint.progress.step)) from None
    return target


def newest(folder: Path) -> Path | None:
    """The last whole checkpoint of a run; None if it has none."""
    return max(whole(folder), default=None)


def whole(folder: Path) -> list[Path]:
    """All checkpoints of a run, in the order of their steps."""
    return sorted(each for each in folder.glob("step-*") if (each / STATE).is_file())


def read_progress(checkpoint: Path) -> Progress:
    """Raises ConfigError for what is not a checkpoint of this code."""
    try:
        state = json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
        if state["format"] != _FORMAT:
            raise ConfigError(f"the checkpoint {checkpoint.name} is of another release: begin a new run")
        return Progress(int(state["step"]), tuple(state["losses"]), str(state["run"]), float(state["seconds"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"the checkpoint {checkpoint.name} cannot be read ({error}): remove it") from None


def read_checkpoint(checkpoint: Path) -> Checkpoint:
    """Raises ConfigError for what is not a whole checkpoint of this code."""
    from safetensors import safe_open

    progress = read_progress(checkpoint)
    try:
        with safe_open(checkpoint / OPTIMISER, framework="pt") as opened:
            rest = (opened.metadata() or {})["rest"]
        adapter, optimiser = load_file(checkpoint / ADAPTER), load_file(checkpoint / OPTIMISER)
    except (OSError, SafetensorError, KeyError) as error:
        raise ConfigError(f"the checkpoint {checkpoint.name} cannot be read ({error}): remove it") from None
    return Checkpoint(progress, adapter, optimiser, rest)


def _state(progress: Progress, settings: Mapping[str, Any]) -> bytes:
    state = {
        "format": _FORMAT,
        "step": progress.step,
        "run": progress.run,
        "seconds": progress.seconds,
        "losses": list(progress.losses),
        "settings": settings,
    }
    return json.dumps(state, indent=1).encode()


def _cannot(error: OSError, folder: Path, step: int) -> str:
    why = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or type(error).__name__
    last = newest(folder)
    kept = "there is none yet" if last is None else f"{last.name} is the last whole one, and training goes on from it"
    return f"the checkpoint of step {step} could not be written: {why}. Make room and start again; {kept}."
