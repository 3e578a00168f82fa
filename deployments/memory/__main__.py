"""`python -m deployments.memory`: what each model is predicted to take of a GPU, plainly and with each preset.
`--write` counts all architectures anew into configs/figures.json, from which everybody else predicts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from configs.architecture import FigureTable
from configs.catalog import Catalog
from configs.errors import ConfigError
from configs.load import ROOT, load_architectures, load_catalog, load_tested
from configs.memory import GB
from configs.plans import FIGURES, find_additions, predict_one, predict_presets
from configs.runtime import find_untested
from configs.schema import ModelConfig
from deployments.families.registry import FAMILIES
from deployments.terminal import headed, plain_console, run


def count_all(root: Path = ROOT) -> FigureTable:
    """The figures of every architecture under `root`. Raises ConfigError."""
    from deployments.families.assembly import quieten
    from deployments.memory.counting import count_architecture

    quieten()
    architectures, components = load_architectures(root)
    return {id: count_architecture(each, components, root) for id, each in architectures.items()}


def to_json(table: FigureTable) -> str:
    """As it is written: one line for each component, so that a change is seen."""
    lines = [
        f'  "{id}": {{\n'
        + ",\n".join(f'    "{name}": {json.dumps(part.model_dump())}' for name, part in sorted(parts.items()))
        + "\n  }"
        for id, parts in sorted(table.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def tabulate(catalog: Catalog, chosen: str | None) -> Table:
    """Gigabytes (10^9 bytes) at the first native size, in all and by part; with each preset that its family has. Below
    a model stands what each of its ControlNets, and reading image prompts, adds."""
    table = Table("model", "size", "dtype", "weights", "activations", "LoRA slots", "in all", *catalog.presets)
    for heading in table.columns[3:]:
        heading.justify = "right"
    for model in catalog.models.values():
        if chosen in (None, model.id):
            for line in _lines(model, catalog):
                table.add_row(*line)
    return table


def _lines(model: ModelConfig, catalog: Catalog) -> Iterator[list[str]]:
    can = FAMILIES.table().find(model.family, model.variant)
    plain = predict_one(model, catalog.figures, can)
    named = predict_presets(model, catalog, can, catalog.presets)
    size = [model.id, str(model.native_sizes[0]), model.runtime.dtype]
    if plain is None:
        yield [*size, "", "", "", "?", *("?" for _ in catalog.presets)]
        return
    presets = [
        "–" if find_untested(preset.runtime, model.family, load_tested()) else f"{named[name].gb:.1f}"
        for name, preset in catalog.presets.items()
    ]
    own = [f"{part / GB:.1f}" for part in (plain.weights, plain.activations, plain.adapters)]
    yield [*size, *own, f"{plain.gb:.1f}", *presets]
    for name, added in find_additions(model, catalog.figures, can).items():
        yield [f"  {name}", "", "", "", "", "", f"+{added / GB:.1f}"]


def main(arguments: list[str] | None = None) -> int:
    """Exit code 2 when a config is wrong."""
    parser = argparse.ArgumentParser(prog="python -m deployments.memory", description=__doc__)
    parser.add_argument("model", nargs="?", help="only this one")
    parser.add_argument("--write", action="store_true", help="count all architectures anew")
    options = parser.parse_args(arguments)
    console = plain_console(width=None if sys.stdout is not None and sys.stdout.isatty() else 150)
    try:
        if options.write:
            (ROOT / "configs" / FIGURES).write_text(to_json(count_all()), encoding="utf-8")
        catalog = load_catalog()
    except ConfigError as error:
        console.print(headed("cannot count:", "bold red", error), soft_wrap=True)
        return 2
    console.print(tabulate(catalog, options.model))
    console.print(
        "GB (10^9 bytes) on the device at the first native size, with a full batch; – : not tested; ? : not counted"
    )
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
