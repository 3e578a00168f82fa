"""`python -m training.lora FOLDER --model mini`: train a LoRA on a folder of pictures, without a studio."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from rich.console import Console

from configs.errors import AtelierError, ConfigError
from configs.load import load_catalog
from configs.schema import ModelConfig
from configs.training import TrainingSettings
from configs.training_bases import find_base
from deployments.families.registry import FAMILIES
from deployments.families.training import Trainable
from deployments.stages.mark import DRAWN, save_marked
from deployments.terminal import plain_console, run
from training.lora import before_after
from training.lora.base import load_base
from training.lora.events import Began, Ended, Event, Saved, Stepped, Stopped, Validated
from training.lora.folder import read_folder
from training.lora.model_spec import Lineage
from training.lora.pictures import TrainingPicture
from training.lora.saving import export
from training.lora.start import starting_settings
from training.lora.trainer import Trainer

RUNS = Path(".atelier/training/lora")
_EVERY = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when it was trained, 1 when that is refused or went wrong, 2 for arguments that are not known."""
    options = _parser().parse_args(arguments)
    try:
        _train(options, plain_console())
    except AtelierError as error:
        plain_console(stderr=True).print(f"refused: {error}", soft_wrap=True)
        return 1
    return 0


def _train(options: argparse.Namespace, console: Console) -> None:
    torch.set_num_threads(options.threads)
    config, pictures = _model(options.model), read_folder(options.folder)
    settings = _settings(starting_settings(config, len(pictures)), options.set)
    folder = options.out or RUNS / re.sub(r"[^a-z0-9-]+", "-", options.folder.resolve().name.lower())
    model = load_base(config, settings)
    checkpoint = _follow(Trainer(model, pictures, settings, folder), console)
    lineage = Lineage(
        options.name or folder.name, options.trigger, options.licence, pictures=len(pictures), made_on=date.today()
    )
    file = export(checkpoint, folder / f"{folder.name}.safetensors", model, config, lineage, options.layout)
    sheet = folder / "before-and-after.png"
    rows = _rows(model, checkpoint, options.prompt or _prompts(pictures))
    save_marked(before_after.lay_out(rows), sheet, "PNG", DRAWN)
    console.print(f"adapter: {file} ({file.stat().st_size / 1000:.0f} kB)", soft_wrap=True)
    console.print(f"before and after: {sheet}", soft_wrap=True)


def _model(id: str) -> ModelConfig:
    """Raises AtelierError for one that is not there, or that LoRAs are not trained on: by its licence, or its kind."""
    catalog, table = load_catalog(), FAMILIES.table()
    if id not in catalog.models:
        raise ConfigError(f"there is no model '{id}'; known: {', '.join(sorted(catalog.models))}", "model")
    abilities = {model.id: table.find(model.family, model.variant) for model in catalog.models.values()}
    return find_base(catalog.models[id], catalog, abilities)


def _rows(model: Trainable, checkpoint: Path, prompts: Sequence[str]) -> list[list[Any]]:
    return [before_after.draw(model, prompts), before_after.draw_with(model, checkpoint, prompts)]


def _prompts(pictures: Sequence[TrainingPicture], most: int = 6) -> list[str]:
    """Captions of the set, of pictures spread over it."""
    own = [one.caption for one in pictures if not one.is_prior]
    return own[:: max(1, len(own) // most)][:most]


def _follow(trainer: Trainer, console: Console) -> Path:
    """Print what happens; the last checkpoint. Raises ConfigError where the run went wrong."""
    for event in trainer.run():
        if line := _told(event):
            console.print(line, soft_wrap=True)
        if isinstance(event, Stopped):
            raise ConfigError(event.reason)
        if isinstance(event, Ended):
            return event.checkpoint
    raise AssertionError("a run ends with Ended or Stopped")


def _told(event: Event) -> str:
    if isinstance(event, Began):
        gone = f", from step {event.step}" if event.step else ""
        return (
            f"{event.parameters:,} numbers learn in {event.steps} steps{gone}; encoded in {event.cached_seconds:.0f} s"
        )
    if isinstance(event, Stepped) and (event.step % _EVERY == 0 or event.step == event.steps):
        left = f"{event.eta_seconds:.0f} s left"
        return f"step {event.step}/{event.steps}  loss {event.loss:.3f}  rate {event.rate:.2g}  {left}"
    if isinstance(event, Validated):
        shares = "  ".join(f"{share:g}: {loss:.3f}" for share, loss in event.loss_by_noise.items())
        return f"held-out loss {event.loss:.3f} at step {event.step}  ({shares})"
    return f"checkpoint {event.folder}" if isinstance(event, Saved) else ""


def _settings(start: TrainingSettings, given: Sequence[str]) -> TrainingSettings:
    """`start` with what `--set NAME=VALUE` says. Raises ConfigError."""
    changes: dict[str, str] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or name not in TrainingSettings.model_fields:
            known = ", ".join(TrainingSettings.model_fields)
            raise ConfigError(f"--set {one}: write NAME=VALUE, where NAME is one of {known}", "set")
        changes[name] = value
    try:
        return TrainingSettings.model_validate({**start.model_dump(), **changes})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "settings"
        raise ConfigError(f"{place}: {first['msg']}", place) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.lora", description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures, each with its caption in a .txt beside it")
    parser.add_argument("--model", default="mini", metavar="ID", help="to train for (default %(default)s)")
    parser.add_argument("--out", type=Path, help=f"where the run lies; it goes on from there (default {RUNS}/FOLDER)")
    parser.add_argument("--name", help="what the adapter is called; the folder's name if absent")
    parser.add_argument("--trigger", default="", help="the words of the captions that ask for it")
    parser.add_argument("--licence", action="append", default=[], metavar="ID", help="of base, pictures; repeated")
    parser.add_argument("--layout", choices=("diffusers", "kohya"), default="diffusers")
    parser.add_argument("--prompt", action="append", default=[], help="for the sheet; some captions if absent")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="steps=400, rank=16 …")
    parser.add_argument("--threads", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
