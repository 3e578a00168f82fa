"""`atelier collections` and `atelier share`: pictures put together, and links that show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.jobs import age
from atelier.cli.layout import Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_json, print_line, print_table, say
from atelier.client import Atelier

CollectionId = Annotated[
    str, typer.Argument(metavar="COLLECTION", parser=options.an_id, help="Its col_ id.", show_default=False)
]
Images = Annotated[
    list[str],
    typer.Argument(metavar="ASSET_ID", parser=options.an_id, help="The pic_ of pictures.", show_default=False),
]
Image = Annotated[
    str, typer.Argument(metavar="ASSET_ID", parser=options.an_id, help="The pic_ of a picture.", show_default=False)
]
Notes = Annotated[str, typer.Option("--notes", parser=options.a_text, metavar="TEXT", help="What it is for.")]


def list_collections(
    limit: options.Limit = 50,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List your collections and those of your spaces, newest first."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.collections.list(min(limit, 200))
        if as_json:
            print_json({"collections": [one.model_dump(mode="json", exclude={"items"}) for one in found]})
        elif not found:
            say('No collections yet. Try: atelier collections create "Spring"')
        else:
            rows = [(one.id, str(one.pictures), age(one.changed_at), one.owner, one.name) for one in found]
            print_table(Table(("collection", "pictures", "changed", "by"), rows, prose="name"))


def show(
    collection: CollectionId,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show the pictures of a collection, in order."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.collections.get(collection)
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        say(f"{found.name}: {found.notes}" if found.notes else found.name)
        rows = [(one.image.asset_id, one.image.prompt or "(uploaded)", one.note) for one in found.items]
        if rows:
            print_table(Table(("picture", "prompt"), rows, prose="note"))


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", parser=options.a_text, show_default=False)],
    notes: Notes = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Begin a collection, and print its id."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        made = studio.collections.create(name, notes)
        if as_json:
            print_json(made.model_dump(mode="json", exclude={"items"}))
        else:
            print_line(made.id)


def add(
    collection: CollectionId,
    images: Images,
    after: Annotated[
        str | None,
        typer.Option("--after", parser=options.a_text, metavar="ID", help="A picture of it to stand behind."),
    ] = None,
    first: Annotated[bool, typer.Option("--first", help="Before all others.")] = False,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Add pictures to a collection, or move those that are in it: to the end, unless told otherwise."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        changed = studio.collections.put(collection, images, after="" if first else after)
        if as_json:
            print_json(changed.model_dump(mode="json", exclude={"items"}))
        else:
            print_line(f"{changed.name} has {changed.pictures} pictures")


def note(
    collection: CollectionId,
    image: Image,
    text: Annotated[str, typer.Argument(metavar="NOTE", parser=options.a_text, show_default=False)],
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say something of a picture in a collection."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        studio.collections.note(collection, image, text)
        _done({"collection": collection, "asset_id": image, "note": text}, f"noted of {image}", as_json)


def remove(
    collection: CollectionId,
    image: Image,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Take a picture out of a collection."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        studio.collections.remove(collection, image)
        _done({"collection": collection, "removed": image}, f"took out {image}", as_json)


def delete(
    collection: CollectionId,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Delete a collection; its pictures stay."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        studio.collections.delete(collection)
        _done({"deleted": collection}, f"deleted {collection}", as_json)


def share(
    what: Annotated[
        str,
        typer.Argument(metavar="ID", parser=options.an_id, help="col_ of a collection, or pic_.", show_default=False),
    ],
    days: Annotated[int, typer.Option("--days", min=1, max=90, metavar="N", help="Until the link expires.")] = 7,
    links: Annotated[bool, typer.Option("--list", help="List its links, instead.")] = False,
    revoke: Annotated[
        str | None,
        typer.Option("--revoke", parser=options.an_id, metavar="LINK", help="Have this link show nothing, instead."),
    ] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Make a link that shows a collection or a picture to whoever has it, and print it."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if revoke is not None:
            studio.collections.revoke(revoke)
            _done({"revoked": revoke}, f"revoked {revoke}", as_json)
        elif links:
            found = studio.collections.links(what)
            if as_json:
                print_json({"links": [one.model_dump(mode="json") for one in found]})
            else:
                rows = [(one.id, one.state, f"{one.expires_at:%Y-%m-%d}", one.url) for one in found]
                print_table(Table(("link", "state", "until", "url"), rows))
        else:
            made = studio.collections.share(what, days)
            if as_json:
                print_json(made.model_dump(mode="json"))
            else:
                print_line(made.url)


def _done(as_object: dict[str, object], sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(as_object)
    else:
        print_line(sentence)


app = Commands(help="Pictures put together, in an order, each with a note.", no_args_is_help=True)
COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_collections,
    "show": show,
    "create": create,
    "add": add,
    "note": note,
    "remove": remove,
    "delete": delete,
}
for _name, _command in COMMANDS.items():
    app.command(_name, epilog=options.EXIT_CODES)(_command)
