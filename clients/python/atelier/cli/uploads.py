"""`atelier pictures`: what you bring to start from, and whose it is."""

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
from atelier.pictures import Right, name_of


def pictures(
    brought: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE|ID",
            parser=options.a_text,
            help="Upload these, or say by --right whose an uploaded one is.",
            show_default=False,
        ),
    ] = None,
    right: options.Right = None,
    source: options.Source = "",
    delete: Annotated[
        list[str] | None,
        typer.Option("--delete", parser=options.an_id, metavar="ID", help="Delete this one instead; may be repeated."),
    ] = None,
    limit: options.Limit = 50,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List your uploaded pictures; upload some, say whose they are, or delete some."""
    _check(brought or [], right, source, bool(delete))
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if delete:
            _delete(studio, delete, as_json)
            return
        if brought:
            _print([_bring(studio, one, right, source) for one in brought], as_json)
            return
        found = list(itertools.islice(studio.pictures(min(limit, 200)), limit))
        if found or as_json:
            _print(found, as_json)
        else:
            say('No pictures yet. Try: atelier generate "a red bicycle icon" --image photo.jpg')


def _check(brought: list[str], right: Right | None, source: str, delete: bool) -> None:
    """Raises BadParameter for words that would be said of nothing."""
    if brought and delete:
        raise typer.BadParameter("upload pictures, or delete some: not both in one call", param_hint="--delete")
    if (right or source) and not brought:
        raise typer.BadParameter("say of which: a file to upload, or the ID of an uploaded one", param_hint="--right")
    if right is None and (source or any(name_of(one) for one in brought)):
        raise typer.BadParameter("say whose it is, too: own, bought or unknown", param_hint="--right")


def _bring(studio: Atelier, picture: str, right: Right | None, source: str) -> Picture:
    """One that was uploaded now, or that the word was said of."""
    if right is not None and name_of(picture):
        return studio.licences.state(picture, right, source)
    found = studio.upload(picture, right=right, source=source)
    for note in found.notes:
        say(f"Note: {note.message}")
    return found


def _print(found: list[Picture], as_json: bool) -> None:
    if as_json:
        print_json({"pictures": [picture.model_dump(mode="json") for picture in found]})
        return
    print_table(Table(("picture", "size", "file", "right"), [_row(one) for one in found], headed=False))


def _row(one: Picture) -> tuple[str, str, str, str]:
    return one.picture_id, f"{one.width}x{one.height}", f"{(one.size_bytes + 500) // 1000} kB", one.right


def _delete(studio: Atelier, picture_ids: list[str], as_json: bool) -> None:
    for picture_id in picture_ids:
        studio.delete(picture_id)
        say(f"deleted {picture_id}")
    if as_json:
        print_json({"deleted": picture_ids})
