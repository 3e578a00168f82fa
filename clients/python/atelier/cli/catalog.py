"""`atelier models` and `atelier asset-types`: what there is to choose from."""

from __future__ import annotations

import typer

from atelier.cli import options
from atelier.cli.answers import answering, plain, print_json
from atelier.cli.draw import PATIENCE
from atelier.cli.options import DEFAULT_URL
from atelier.client import Atelier


def models(as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """List the models that the studio runs."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.models()
        if as_json:
            print_json({"models": [model.model_dump(mode="json") for model in found]})
            return
        for model in found:
            default = " (default)" if model.default else ""
            steps = ", ".join(f"{name} {count}" for name, count in model.steps.items())
            _print_entry(
                f"{model.id}{default}",
                model.description,
                f"draws at {', '.join(model.native_sizes)}; steps: {steps}; product use: {model.licence.product}",
            )


def asset_types(as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """List the asset types and the qualities."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.asset_types()
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        for kind in found.asset_types:
            sizes = ", ".join(f"{size} (default)" if size == kind.default_size else size for size in kind.sizes)
            _print_entry(kind.id, kind.description, f"{sizes}; {', '.join(kind.formats)}")
        qualities = (f"{quality.id} ({quality.description})" for quality in found.qualities)
        typer.echo("Qualities: " + plain("; ".join(qualities)))


def _print_entry(name: str, *lines: str) -> None:
    typer.echo(name)
    for line in lines:
        typer.echo("  " + plain(line))
