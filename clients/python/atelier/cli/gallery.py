"""`atelier history`, `images`, `favourite`, `tag`, `delete`, `restore`, `analytics`: pictures found again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.jobs import age
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_facts, print_json, print_line, print_table, say
from atelier.client import Atelier
from atelier.gallery import FoundImage, Search

AssetId = Annotated[
    str, typer.Argument(metavar="ASSET_ID", parser=options.an_id, help="The pic_ of a picture.", show_default=False)
]
Words = Annotated[
    str | None,
    typer.Argument(metavar="WORDS", parser=options.a_text, help="All of them; fox* and the last find what begins so."),
]
Lora = Annotated[str | None, typer.Option("--lora", parser=options.a_text, metavar="ID", help="Drawn with this LoRA.")]
Favourite = Annotated[bool, typer.Option("--favourite", help="Only your favourites.")]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", parser=options.a_text, metavar="TAG", help="With this tag; repeat it.")
]
Colour = Annotated[
    str | None, typer.Option("--colour", parser=options.a_text, metavar="RRGGBB", help="Near this colour: e01b24.")
]
Product = Annotated[
    str | None,
    typer.Option("--product", parser=options.a_text, metavar="VERDICT", help="allowed, conditional or refused."),
]
Since = Annotated[str | None, typer.Option("--from", parser=options.a_text, metavar="DAY", help="2026-11-30, in UTC.")]
Until = Annotated[str | None, typer.Option("--to", parser=options.a_text, metavar="DAY", help="The last day.")]
Collection = Annotated[
    str | None, typer.Option("--collection", parser=options.a_text, metavar="ID", help="In this collection.")
]


def history(
    words: Words = None,
    asset_type: options.AssetType = None,
    model: options.Model = None,
    quality: options.Quality = None,
    lora: Lora = None,
    favourite: Favourite = False,
    tag: Tags = None,
    colour: Colour = None,
    product: Product = None,
    since: Since = None,
    until: Until = None,
    limit: options.Limit = 20,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List what you have drawn, newest first, or search it."""
    wish = _wish(asset_type, model, quality, lora, favourite, tag, colour, product, since, until)
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _show(studio.gallery.history(words or "", page_size=min(limit, 200), **wish), limit, as_json)


def search(
    words: Words = None,
    asset_type: options.AssetType = None,
    model: options.Model = None,
    quality: options.Quality = None,
    lora: Lora = None,
    favourite: Favourite = False,
    tag: Tags = None,
    colour: Colour = None,
    product: Product = None,
    since: Since = None,
    until: Until = None,
    collection: Collection = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="What you have deleted, instead.")] = False,
    limit: options.Limit = 20,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Search all pictures that you may see, drawn and uploaded, newest first."""
    wish = _wish(asset_type, model, quality, lora, favourite, tag, colour, product, since, until)
    if collection is not None:
        wish["collection"] = collection
    if deleted and (words or wish):
        raise typer.BadParameter("deleted pictures are listed all together: leave the rest out", param_hint="--deleted")
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        size = min(limit, 200)
        found = studio.gallery.search(words or "", page_size=size, **wish)
        _show(studio.gallery.deleted(size) if deleted else found, limit, as_json)


def facets(
    words: Words = None, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """Count pictures by asset type, model, LoRA, licence, tag and month."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        counted = studio.gallery.facets(words or "")
        if as_json:
            print_json(counted.model_dump(mode="json"))
            return
        facts = [Fact("pictures", f"{counted.pictures}{'' if counted.is_whole else '+'}")]
        for facet, values in counted.facets.items():
            if values:
                said = ", ".join(f"{one.value} {one.pictures}" for one in values)
                facts.append(Fact(facet.replace("_", " "), said, prose=True))
        print_facts(facts)


def favourite(
    asset_id: AssetId,
    remove: Annotated[bool, typer.Option("--remove", help="It is no favourite any more.")] = False,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Keep a picture among your favourites."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        studio.gallery.favourite(asset_id, not remove)
        _said({"asset_id": asset_id, "favourite": not remove}, f"{'removed' if remove else 'kept'} {asset_id}", as_json)


def tag(
    asset_id: AssetId,
    tags: Annotated[
        list[str] | None,
        typer.Argument(metavar="TAG", parser=options.a_text, help="In place of those that it has."),
    ] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Give a picture of yours these tags."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        kept = studio.gallery.tag(asset_id, tags or [])
        _said({"asset_id": asset_id, "tags": list(kept)}, ", ".join(kept) or "no tags", as_json)


def delete(
    asset_ids: Annotated[
        list[str],
        typer.Argument(metavar="ASSET_ID", parser=options.an_id, help="The pic_ of pictures.", show_default=False),
    ],
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Delete pictures of yours; for 7 days `atelier restore` takes that back."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        for asset_id in asset_ids:
            studio.gallery.delete(asset_id)
            say(f"deleted {asset_id}; to take that back: atelier restore {asset_id}")
        if as_json:
            print_json({"deleted": asset_ids})


def restore(
    asset_id: AssetId,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Take back the deletion of a picture."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        restored = studio.gallery.restore(asset_id)
        _said(restored.model_dump(mode="json"), f"restored {asset_id}", as_json)


def analytics(
    since: Since = None,
    until: Until = None,
    of: Annotated[str, typer.Option("--of", parser=options.a_text, metavar="WHOSE", help="me, space or all.")] = "me",
    space: Annotated[
        str | None, typer.Option("--space", parser=options.a_text, metavar="ID", help="Which, with --of space.")
    ] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say how much was drawn in some days (the last 30), with what, and how much of it was kept."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.gallery.analytics(since, until, of=of, space=space)
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        facts = [Fact("days", f"{found.first} to {found.last}"), Fact("pictures", str(found.pictures))]
        facts += [Fact("uploads", str(found.uploads)), Fact("jobs", str(found.jobs)), Fact("kept", str(found.kept))]
        facts += [Fact("picks", str(found.picks))]
        saved = found.time_saved
        facts.append(Fact("time saved", f"{saved.minutes / 60:.1f} hours ({saved.how})", prose=True))
        for name, values in (("asset types", found.asset_types), ("models", found.models), ("loras", found.loras)):
            if values:
                facts.append(Fact(name, ", ".join(f"{one.value} {one.pictures}" for one in values), prose=True))
        print_facts(facts)


def _wish(
    asset_type: str | None,
    model: str | None,
    quality: str | None,
    lora: str | None,
    favourite: bool,
    tag: list[str] | None,
    colour: str | None,
    product: str | None,
    since: str | None,
    until: str | None,
) -> Search:
    wish: Search = {"asset_type": asset_type, "model": model, "quality": quality, "lora": lora, "colour": colour}
    wish |= {"favourite": favourite, "tag": tag, "product": product, "since": since, "until": until}
    return {name: value for name, value in wish.items() if value}  # type: ignore[return-value]  # of the same names


def _show(found: Iterator[FoundImage], limit: int, as_json: bool) -> None:
    images = list(islice(found, limit))
    if as_json:
        print_json({"images": [one.model_dump(mode="json") for one in images]})
    elif not images:
        say("No pictures are like that.")
    else:
        names = ("picture", "age", "type", "model", "")
        print_table(Table(names, [_row(one) for one in images], prose="prompt"))


def _row(one: FoundImage) -> tuple[str, ...]:
    what = one.prompt or "(uploaded)"
    return one.asset_id, age(one.created_at), one.asset_type or "-", one.model or "-", "★" * one.favourite, what


def _said(as_object: dict[str, object], sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(as_object)
    else:
        print_line(sentence)


app = Commands(help="All pictures that you may see: search and count them.", no_args_is_help=True)
for _name, _command in (("search", search), ("facets", facets)):
    app.command(_name, epilog=options.EXIT_CODES)(_command)
