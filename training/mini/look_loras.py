"""The LoRAs that ship for mini, one for each asset type, made anew: `python -m training.mini.look_loras kestrel`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from rich.console import Console

from configs.load import load_catalog
from deployments.families.training import Trainable
from training.lora import before_after
from training.lora.base import load_base
from training.lora.events import Ended, Stepped, Stopped, Validated
from training.lora.folder import read_folder
from training.lora.model_spec import Lineage
from training.lora.saving import export
from training.lora.start import MINI
from training.lora.trainer import Trainer
from training.mini.look_sets import render, samples, unseen_subjects, write
from training.mini.looks import LOOKS, Look

RUNS = Path(".atelier/training/looks")
SHIPPED = Path("deployments/weights/mini-loras")
SETTINGS = MINI.model_copy(update={"rank": 4, "steps": 400, "validate_every": 100, "validation_share": 0.07})
"""Of rank 4: a file of 340 kB. What is held back shows that it still learns; the last step ships."""
SUBJECTS = 36
"""That a set is of: each on the look's own ground, every third once more on one that its caption asks for."""
_COLOURS = ("teal", "red", "blue")
_SHOWN = (16, 8, 10)
"""Places among the subjects that no set has."""


def make(look: Look, model: Trainable, folder: Path, console: Console) -> Path:
    """Draw the set and train on it; the checkpoint that ships. Goes on from what lies in `folder`."""
    write(look, folder / "set", SUBJECTS, templated=True, grounds=True)
    trainer = Trainer(model, read_folder(folder / "set"), SETTINGS, folder / "run")
    for event in trainer.run():
        if isinstance(event, Stepped) and event.step % 10 == 0:
            console.print(f"{look.name} {event.step}/{event.steps} loss {event.loss:.3f}")
        if isinstance(event, Validated):
            console.print(f"{look.name} held-out loss {event.loss:.3f} at step {event.step}")
        if isinstance(event, Stopped):
            raise SystemExit(event.reason)
        if isinstance(event, Ended):
            return event.checkpoint
    raise AssertionError("a run ends with Ended or Stopped")


def compare(look: Look, model: Trainable, checkpoint: Path) -> list[list[Image.Image]]:
    """Subjects that the set has not: drawn by the base, with the LoRA, and by the look itself."""
    unseen = unseen_subjects(SUBJECTS)
    asked = list(zip(_COLOURS, (unseen[place] for place in _SHOWN), strict=True))
    prompts = [f"{look.words}, a {colour} {subject}" for colour, subject in asked]
    return [
        before_after.draw(model, [f"a {colour} {subject}" for colour, subject in asked]),
        before_after.draw_with(model, checkpoint, prompts),
        [render(look, subject, colour) for colour, subject in asked],
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train those that are named, and write what ships."""
    parser = argparse.ArgumentParser(prog="python -m training.mini.look_loras", description=__doc__)
    parser.add_argument("looks", nargs="*", metavar="LOOK", help=f"of {', '.join(LOOKS)}; all if absent")
    parser.add_argument("--root", type=Path, default=RUNS, help="work files (default %(default)s)")
    parser.add_argument("--target", type=Path, default=SHIPPED, help="where the files go (default %(default)s)")
    parser.add_argument(
        "--card", type=Path, help="draw unseen subjects without, with, and as the look does, into a file"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.looks) - set(LOOKS):
        parser.error(f"there is no look {', '.join(sorted(unknown))}: choose of {', '.join(LOOKS)}")
    torch.set_num_threads(1)
    console, config = Console(highlight=False), load_catalog().models["mini"]
    model = load_base(config, SETTINGS)
    shown: list[list[list[Image.Image]]] = []
    for name in options.looks or LOOKS:
        look, folder = LOOKS[name], options.root / name
        checkpoint = make(look, model, folder, console)
        pictures = [*samples(look, SUBJECTS, grounds=True)]
        lineage = Lineage(look.name.capitalize(), look.words, ["apache-2.0"], f"looks/{name}", pictures=len(pictures))
        file = export(checkpoint, options.target / f"{name}.safetensors", model, config, lineage)
        file.chmod(0o644)
        console.print(f"{file}: {file.stat().st_size / 1000:.0f} kB")
        if options.card:
            shown.append(compare(look, model, checkpoint))
    if options.card:
        rows = [[picture for each in row for picture in each] for row in zip(*shown, strict=True)]
        before_after.lay_out(rows).save(options.card)


if __name__ == "__main__":
    main()
