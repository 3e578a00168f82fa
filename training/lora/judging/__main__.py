"""`python -m training.lora.judging RUN FOLDER --trigger "kestrel style"`: which checkpoint of a run of `python -m
training.lora FOLDER` to take, without a studio. Writes `judgement.json`, `sheet.png` and `card.md` into RUN."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from configs.adapter_card import AdapterCard, LearnedFrom, to_markdown
from configs.catalog import Catalog
from configs.errors import AtelierError, ConfigError
from configs.judgement import Judgement
from configs.load import load_catalog
from configs.training import TrainingSettings
from deployments.stages.mark import DRAWN, save_marked
from deployments.terminal import plain_console, run
from training.lora import checkpoints
from training.lora.folder import read_folder
from training.lora.judging.events import Judged, Judging, JudgingEvent
from training.lora.judging.judge import JudgingSettings
from training.lora.judging.run import judge_run
from training.lora.pictures import TrainingPicture


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when a checkpoint is recommended, 1 when none is or it is refused, 2 for unknown arguments."""
    options = _parser().parse_args(arguments)
    console = plain_console()
    try:
        return 0 if _judge(options, load_catalog(), console).pick.recommended else 1
    except AtelierError as error:
        plain_console(stderr=True).print(f"refused: {error}", soft_wrap=True)
        return 1


def _judge(options: argparse.Namespace, catalog: Catalog, console: Console) -> Judgement:
    torch.set_num_threads(options.threads)
    if options.model not in catalog.models:
        raise ConfigError(f"there is no model '{options.model}'; known: {', '.join(sorted(catalog.models))}", "model")
    config, pictures, training = catalog.models[options.model], read_folder(options.folder), _settings(options.run)
    settings = JudgingSettings(trigger=options.trigger, seeds=tuple(range(11, 11 + options.seeds)))
    scorer = catalog.scorers.get(options.scorer or config.scorer or "")
    events = judge_run(options.run, config, pictures, training, settings, scorer=scorer, network=options.network)
    end = _follow(events, console)
    _write(end, options, pictures, training)
    console.print(tabulate(end.judgement))
    for reason in end.judgement.pick.reasons:
        console.print(reason, soft_wrap=True)
    return end.judgement


def _settings(folder: Path) -> TrainingSettings:
    """Those that the run was trained with, by its newest checkpoint. Raises ConfigError."""
    newest = checkpoints.newest(folder)
    if newest is None:
        raise ConfigError(f"{folder} holds no checkpoint: name the folder of a run", "run")
    try:
        state = json.loads((newest / checkpoints.STATE).read_text(encoding="utf-8"))
        return TrainingSettings.model_validate(state["settings"])
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"the checkpoint {newest.name} does not say how it was trained ({error})", "run") from None


def _follow(events: Iterable[JudgingEvent], console: Console) -> Judged:
    for event in events:
        if isinstance(event, Judging):
            console.print(f"{event.share:4.0%}  step {event.step} at strength {event.strength:g}")
        if isinstance(event, Judged):
            return event
    raise AssertionError("a judging that nobody stops ends with Judged")


def _write(
    end: Judged, options: argparse.Namespace, pictures: Sequence[TrainingPicture], training: TrainingSettings
) -> None:
    """The picked adapter beside them, under a name of its own."""
    judgement, folder = end.judgement, options.run
    pick = judgement.pick
    card = AdapterCard(
        id="".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in folder.resolve().name.lower()),
        version="1.0.0",
        sha256=judgement.adapters[pick.step],
        model=judgement.model,
        base=judgement.base,
        trigger=judgement.trigger,
        learned_from=LearnedFrom(pictures=sum(not one.is_prior for one in pictures)),
        settings=training,
        judgement=judgement,
        step=pick.step,
        strength=pick.strength,
    )
    try:
        (folder / "judgement.json").write_text(judgement.model_dump_json(indent=1), encoding="utf-8")
        (folder / "card.md").write_text(to_markdown(card), encoding="utf-8")
        save_marked(end.sheet, folder / "sheet.png", "PNG", DRAWN, optimize=True)
        shutil.copyfile(folder / f"step-{pick.step:06d}" / checkpoints.ADAPTER, folder / "picked.safetensors")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written ({error.strerror})", "run") from None


def tabulate(judgement: Judgement) -> Table:
    """A line for each checkpoint and strength; the picked one is marked."""
    names = [*dict.fromkeys(name for one in judgement.judged for name in one.marks)]
    table = Table("step", "strength", *(name.replace("_", " ") for name in names), "")
    for one in judgement.judged:
        marks = [f"{one.marks[name].value:.2f}" if name in one.marks else "" for name in names]
        said = "picked" if one == judgement.picked else one.lost or "; ".join((*one.failed, *one.cautions))
        table.add_row(str(one.step), f"{one.strength:g}", *marks, said)
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.lora.judging", description=__doc__)
    parser.add_argument("run", type=Path, help="the folder of a run, with its checkpoints")
    parser.add_argument("folder", type=Path, help="the pictures that it was trained on, with their captions")
    parser.add_argument("--model", default="mini", metavar="ID", help="that it was trained for (default %(default)s)")
    parser.add_argument("--trigger", default="", help="the words of the captions that ask for it")
    parser.add_argument("--seeds", type=int, default=2, choices=range(1, 9), metavar="N", help="of each prompt (2)")
    parser.add_argument("--scorer", metavar="ID", help="of configs/scorers; the model's own if absent")
    parser.add_argument("--network", type=Path, metavar="FOLDER", help="CLIP, SigLIP or DINOv2, to see styles by")
    parser.add_argument("--threads", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
