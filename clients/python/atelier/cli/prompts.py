"""`atelier experiments prompts`: the studio's own prompts, from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering, refuse_rows
from atelier.cli.draw import PATIENCE
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_json, print_line
from atelier.client import Atelier
from atelier.errors import InvalidRows


def prompts(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", parser=Path, help="CSV: prompt, asset_type, seed.", show_default=False),
    ],
    id: Annotated[
        str, typer.Option("--id", parser=options.an_id, metavar="ID", help="Of the prompt set.", show_default=False)
    ],
    name: Annotated[str, typer.Option("--name", parser=options.a_text, metavar="TEXT", help="As people call it.")] = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Take in a prompt set: a version higher than those that are there, live at once."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        try:
            added = studio.library.add_prompts(file, id=id, name=name)
        except InvalidRows as error:
            refuse_rows(error, as_json)
            return
        if as_json:
            print_json(added.model_dump(mode="json"))
        else:
            count = len(added.body.get("prompts", ()))
            print_line(f"{added.id} {added.version} is live, with {count} prompts")
