"""`atelier pictures`: what you have uploaded to start from."""

from __future__ import annotations

import itertools
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering, print_json, say
from atelier.cli.draw import PATIENCE
from atelier.cli.options import DEFAULT_URL
from atelier.client import Atelier


def pictures(
    delete: Annotated[
        list[str] | None, typer.Option("--delete", metavar="ID", help="Delete this one instead; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="How many, newest first.")] = 50,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List the pictures that you have uploaded, or delete some of them."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if delete:
            for picture_id in delete:
                studio.delete(picture_id)
                say(f"deleted {picture_id}")
            return
        found = list(itertools.islice(studio.pictures(min(limit, 200)), limit))
        if as_json:
            print_json({"pictures": [picture.model_dump(mode="json") for picture in found]})
        elif not found:
            say('No pictures yet. Try: atelier generate "a red bicycle icon" --image photo.jpg')
        for picture in () if as_json else found:
            typer.echo(f"{picture.picture_id}  {picture.width}x{picture.height}  {picture.size_bytes / 1000:.0f} kB")
