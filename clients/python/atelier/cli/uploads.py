"""`atelier pictures`: what you have uploaded to start from."""

from __future__ import annotations

import itertools
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.layout import Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_json, print_table, say
from atelier.client import Atelier
from atelier.models import Picture


def pictures(
    delete: Annotated[
        list[str] | None,
        typer.Option("--delete", parser=options.an_id, metavar="ID", help="Delete this one instead; may be repeated."),
    ] = None,
    limit: options.Limit = 50,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List your uploaded pictures, or delete some."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if delete:
            _delete(studio, delete, as_json)
            return
        found = list(itertools.islice(studio.pictures(min(limit, 200)), limit))
        if as_json:
            print_json({"pictures": [picture.model_dump(mode="json") for picture in found]})
        elif found:
            print_table(Table(("picture", "size", "file"), [_row(one) for one in found], headed=False))
        else:
            say('No pictures yet. Try: atelier generate "a red bicycle icon" --image photo.jpg')


def _row(one: Picture) -> tuple[str, str, str]:
    return one.picture_id, f"{one.width}x{one.height}", f"{(one.size_bytes + 500) // 1000} kB"


def _delete(studio: Atelier, picture_ids: list[str], as_json: bool) -> None:
    for picture_id in picture_ids:
        studio.delete(picture_id)
        say(f"deleted {picture_id}")
    if as_json:
        print_json({"deleted": picture_ids})
