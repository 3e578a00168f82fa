"""`python -m deployments.checkpoints fetch flux-1-schnell`: mirror weights before anything needs them; `pin` writes
into a YAML the commits of its repositories; `accept` lets what drifted since its first fetch be fetched as it is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from configs.captioners import CaptionerConfig
from configs.catalog import Catalog
from configs.cutters import CutterConfig
from configs.document import shown
from configs.errors import ConfigError
from configs.load import ROOT, load_catalog
from configs.pins import Pinnable, find_moving
from configs.schema import LoraConfig, ModelConfig, UpscalerConfig
from configs.scorers import ScorerConfig
from configs.weights import Weights
from deployments.checkpoints import progress
from deployments.checkpoints.commits import find_locked, forget, lock_path
from deployments.checkpoints.inventory import Source, sources
from deployments.checkpoints.pinning import ask, pin
from deployments.checkpoints.source import display, locate, locate_config
from deployments.terminal import headed, plain_console, run

_FOLDERS = {
    ModelConfig: "models",
    UpscalerConfig: "upscalers",
    ScorerConfig: "scorers",
    CaptionerConfig: "captioners",
    CutterConfig: "cutters",
    LoraConfig: "loras",
}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when all is done, 2 when something is unknown, or cannot be fetched, pinned or accepted."""
    options = _parser().parse_args(arguments)
    console = plain_console()
    command, undone = _COMMANDS[options.command]
    try:
        catalog = load_catalog(ROOT)
        command([_find(catalog, id) for id in options.ids], console)
    except ConfigError as error:
        console.print(headed(f"not {undone}:", "bold red", error), soft_wrap=True)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.checkpoints", description=__doc__)
    parser.add_argument("command", choices=list(_COMMANDS))
    parser.add_argument("ids", nargs="+", metavar="ID", help="of a model, an upscaler or a LoRA in configs/")
    return parser


def _pin_all(wanted: Sequence[Pinnable], console: Console) -> None:
    for config in wanted:
        file = ROOT / "configs" / _FOLDERS[type(config)] / f"{config.id}.yaml"
        pinned = pin(file, config, _commit)
        for one in pinned:
            place = ".".join(map(str, one.place))
            console.print(
                f"{shown(file)}: {place}: {one.weights} stays at {one.commit}",
                soft_wrap=True,
            )
        if not pinned:
            console.print(f"{shown(file)}: nothing to pin, each of its repositories has a commit", soft_wrap=True)


def _fetch_all(wanted: Sequence[Pinnable], console: Console) -> None:
    for source in (source for config in wanted for source in sources(config)):
        _fetch(source, console)


def _accept_all(wanted: Sequence[Pinnable], console: Console) -> None:
    for config in wanted:
        found = [weights for _, weights in find_moving(config) if forget(weights, config.id)]
        for weights in found:
            line = f"{config.id}: {weights} stays at the commit that '{weights.revision}' is at when it is fetched next"
            console.print(line, soft_wrap=True)
        if not found:
            console.print(f"{config.id}: nothing to accept, none of its repositories was fetched at a branch")


def _commit(weights: Weights, owner: str) -> str:
    """That of the first fetch; the hub's of now for what was not fetched."""
    locked = find_locked(weights)
    return ask(weights, owner) if locked is None else locked.commit


def _find(catalog: Catalog, id: str) -> Pinnable:
    known: dict[str, Pinnable] = {**catalog.models, **catalog.upscalers, **catalog.scorers, **catalog.loras}
    known |= {**catalog.captioners, **catalog.cutters}
    if id not in known:
        raise ConfigError(f"'{id}' is not known; known: {', '.join(sorted(known))}")
    return known[id]


def _fetch(source: Source, console: Console) -> None:
    if source.weights.unpinned is not None and not source.weights.moving:
        heading = f"{source.weights} is not pinned and may change:"
        console.print(headed(heading, "yellow", source.weights.unpinned))
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task(str(source.weights), total=None)

        def report(now: progress.Progress) -> None:
            bars.update(bar, completed=now.done, total=now.total)

        place = locate(source.weights, source.owner, source.files, report)
        if source.weights.config is not None:
            locate_config(source.weights, source.owner, report)
    locked = find_locked(source.weights) if source.weights.moving else None
    at = "" if locked is None else f" at {locked.commit}, at which it stays ({lock_path()})"
    console.print(f"{source.owner}: {source.weights}{at} is in {display(place)}", soft_wrap=True)


_COMMANDS = {"fetch": (_fetch_all, "fetched"), "pin": (_pin_all, "pinned"), "accept": (_accept_all, "accepted")}


if __name__ == "__main__":
    sys.exit(run(main))
