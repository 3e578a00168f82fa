"""`python -m deployments.checkpoints fetch flux-1-schnell`: mirror weights before anything needs them; `pin` writes
into a YAML the commit that its repositories are at now."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from configs.catalog import Catalog
from configs.document import shown
from configs.errors import ConfigError
from configs.load import ROOT, load_catalog
from configs.pins import Pinnable, find_moving, refusal
from configs.schema import LoraConfig, ModelConfig, UpscalerConfig
from deployments.checkpoints import progress
from deployments.checkpoints.inventory import Source, sources
from deployments.checkpoints.pinning import pin
from deployments.checkpoints.source import display, locate, locate_config
from deployments.terminal import headed, plain_console

_FOLDERS = {ModelConfig: "models", UpscalerConfig: "upscalers", LoraConfig: "loras"}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when all is done, 2 when something is unknown, or cannot be fetched or pinned."""
    options = _parser().parse_args(arguments)
    console = plain_console()
    command, undone = (_fetch_all, "fetched") if options.command == "fetch" else (_pin_all, "pinned")
    try:
        catalog = load_catalog(ROOT)
        command([_find(catalog, id) for id in options.ids], console)
    except ConfigError as error:
        console.print(headed(f"not {undone}:", "bold red", error), soft_wrap=True)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.checkpoints", description=__doc__)
    parser.add_argument("command", choices=["fetch", "pin"])
    parser.add_argument("ids", nargs="+", metavar="ID", help="of a model, an upscaler or a LoRA in configs/")
    return parser


def _pin_all(wanted: Sequence[Pinnable], console: Console) -> None:
    for config in wanted:
        file = ROOT / "configs" / _FOLDERS[type(config)] / f"{config.id}.yaml"
        pinned = pin(file, config)
        for one in pinned:
            place = ".".join(map(str, one.place))
            console.print(
                f"{shown(file)}: {place}: {one.weights} stays at {one.commit}, where '{one.weights.revision}' is now",
                soft_wrap=True,
            )
        if not pinned:
            console.print(f"{shown(file)}: nothing to pin, each of its repositories has a commit", soft_wrap=True)


def _fetch_all(wanted: Sequence[Pinnable], console: Console) -> None:
    for config in wanted:
        for _, weights in find_moving(config):
            raise ConfigError(f"{config.id}: {refusal(weights, config.id)}.", "weights.revision")
    for source in (source for config in wanted for source in sources(config)):
        _fetch(source, console)


def _find(catalog: Catalog, id: str) -> Pinnable:
    known: dict[str, Pinnable] = {**catalog.models, **catalog.upscalers, **catalog.loras}
    if id not in known:
        raise ConfigError(f"'{id}' is not known; known: {', '.join(sorted(known))}")
    return known[id]


def _fetch(source: Source, console: Console) -> None:
    if source.weights.unpinned is not None:
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
    console.print(f"{source.owner}: {source.weights} is in {display(place)}", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
