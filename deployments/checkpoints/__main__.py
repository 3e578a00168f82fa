"""`python -m deployments.checkpoints fetch flux-1-schnell`: mirror weights before anything needs them."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from configs.catalog import Catalog
from configs.errors import ConfigError
from configs.load import load_catalog
from configs.schema import LoraConfig, ModelConfig, UpscalerConfig
from deployments.checkpoints import progress
from deployments.checkpoints.inventory import Source, sources
from deployments.checkpoints.source import display, locate, locate_config


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when all is here, 2 when something is unknown or cannot be fetched."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False)
    try:
        catalog = load_catalog()
        for wanted in [_find(catalog, id) for id in options.ids]:
            for source in sources(wanted):
                _fetch(source, console)
    except ConfigError as error:
        console.print(f"[bold red]not fetched:[/] {error}", soft_wrap=True)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.checkpoints", description=__doc__)
    parser.add_argument("command", choices=["fetch"])
    parser.add_argument("ids", nargs="+", metavar="ID", help="of a model, an upscaler or a LoRA in configs/")
    return parser


def _find(catalog: Catalog, id: str) -> ModelConfig | UpscalerConfig | LoraConfig:
    known: dict[str, ModelConfig | UpscalerConfig | LoraConfig] = {
        **catalog.models,
        **catalog.upscalers,
        **catalog.loras,
    }
    if id not in known:
        raise ConfigError(f"'{id}' is not known; known: {', '.join(sorted(known))}")
    return known[id]


def _fetch(source: Source, console: Console) -> None:
    if source.weights.unpinned is not None:
        console.print(f"[yellow]{source.weights} is not pinned and may change:[/] {source.weights.unpinned}")
    columns = (
        TextColumn("{task.description}"),
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
