"""The LoRAs that ship for mini, one for each asset type, made anew: `python -m training.mini.look_loras kestrel`."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from rich.console import Console

from configs.load import load_catalog
from configs.training import TrainingSettings
from deployments.families.training import Trainable
from training.lora import before_after
from training.lora.base import load_base
from training.lora.events import Ended, Stepped, Stopped, Validated
from training.lora.folder import read_folder
from training.lora.model_spec import Lineage
from training.lora.saving import export
from training.lora.start import MINI
from training.lora.trainer import Trainer
from training.mini.look_sets import render, unseen_subjects, write
from training.mini.looks import LOOKS, Look
from training.mini.templates import TEMPLATES

RUNS = Path(".atelier/training/looks")
SHIPPED = Path("deployments/weights/mini-loras")
SETTINGS = MINI.model_copy(update={"rank": 4, "validate_every": 100, "validation_share": 0.13})
"""Of rank 4: a file of 330 kB."""
_COLOURS = ("red", "green", "blue", "purple", "orange", "teal")


def make(look: Look, model: Trainable, settings: TrainingSettings, folder: Path, console: Console) -> Path:
    """Draw the set, train on it, and leave a sheet: the base, the LoRA, and what the look itself draws."""
    write(look, folder / "set", templated=True)
    run = folder / "run"
    pictures = read_folder(folder / "set")
    for event in Trainer(model, pictures, settings, run).run():
        if isinstance(event, Stepped) and event.step % 20 == 0:
            console.print(f"{look.name} {event.step}/{event.steps} loss {event.loss:.3f}, {event.eta_seconds:.0f} s")
        if isinstance(event, Validated):
            console.print(f"{look.name} held-out loss {event.loss:.3f}")
        if isinstance(event, Stopped):
            raise SystemExit(event.reason)
        if isinstance(event, Ended):
            _sheet(look, model, event.checkpoint).save(folder / "sheet.png")
            return event.checkpoint
    raise AssertionError("a run ends with Ended or Stopped")


def _sheet(look: Look, model: Trainable, checkpoint: Path) -> Image.Image:
    """Subjects that the set has not: as asked in plain words, and in those of the asset type."""
    asked = list(zip(_COLOURS, unseen_subjects()[:: len(unseen_subjects()) // len(_COLOURS)], strict=False))
    plain = [f"{look.words}, a {colour} {subject}" for colour, subject in asked]
    worded = [TEMPLATES[look.style].replace("{prompt}", one) for one in plain]
    bare = [TEMPLATES[look.style].replace("{prompt}", f"a {colour} {subject}") for colour, subject in asked]
    return before_after.lay_out(
        [
            before_after.draw(model, bare),
            before_after.draw_with(model, checkpoint, plain),
            before_after.draw_with(model, checkpoint, worded),
            before_after.draw_with(model, checkpoint, bare),
            [render(look, subject, colour) for colour, subject in asked],
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Train those that are named, and write what ships."""
    parser = argparse.ArgumentParser(prog="python -m training.mini.look_loras", description=__doc__)
    parser.add_argument("looks", nargs="*", choices=[*sorted(LOOKS), []], help="all if absent")
    parser.add_argument("--steps", type=int, default=SETTINGS.steps)
    parser.add_argument("--root", type=Path, default=RUNS, help="work files (default %(default)s)")
    parser.add_argument("--anew", action="store_true", help="throw away what was begun")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    console, config = Console(highlight=False), load_catalog().models["mini"]
    settings = SETTINGS.model_copy(update={"steps": options.steps})
    model = load_base(config, settings)
    for name in options.looks or LOOKS:
        look, folder = LOOKS[name], options.root / name
        if options.anew:
            shutil.rmtree(folder, ignore_errors=True)
        checkpoint = make(look, model, settings, folder, console)
        lineage = Lineage(look.name.capitalize(), look.words, ["apache-2.0"], f"looks/{name}", pictures=24)
        file = export(checkpoint, SHIPPED / f"{name}.safetensors", model, config, lineage)
        file.chmod(0o644)
        console.print(f"{file}: {file.stat().st_size / 1000:.0f} kB; sheet: {folder / 'sheet.png'}")


if __name__ == "__main__":
    main()
