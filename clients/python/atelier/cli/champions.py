"""`atelier champions`: what each asset type and quality is drawn with; promoted, let in, and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

from atelier.champions import Champion
from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.jobs import age
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.overlays import in_words, percent
from atelier.cli.printing import print_facts, print_json, print_line, print_table, say
from atelier.client import Atelier

Type = Annotated[str, typer.Argument(metavar="TYPE", parser=options.an_id, help="Of `atelier asset-types`.")]
Quality = Annotated[
    str, typer.Argument(metavar="QUALITY", parser=options.an_id, help="draft, standard, high or ultra.")
]
Reason = Annotated[str, typer.Option("--reason", parser=options.a_text, metavar="TEXT", help="Why, for the history.")]
Expected = Annotated[
    int | None,
    typer.Option("--expected", min=0, metavar="REVISION", help="Refuse where the champion is at another revision."),
]


def list_champions(
    as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """List what was promoted; everything else is drawn as asset types, qualities and models say."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.champions.list()
        if as_json:
            print_json({"champions": [one.model_dump(mode="json") for one in found]})
        elif not found:
            say("Nothing was promoted yet: all is drawn as asset types, qualities and models say.")
        else:
            names = ("asset type", "quality", "revision", "canary", "by", "age")
            rows = [(one.asset_type, one.quality, *_row(one), in_words(one.overlay)) for one in found]
            print_table(Table(names, rows, prose="champion"))


def show(
    asset_type: Type,
    quality: Quality,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show what one asset type is drawn with in a quality, and its canary."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.champions.get(asset_type, quality)
        if as_json:
            print_json(found.model_dump(mode="json"))
        else:
            print_facts(_facts(found))


def history(
    asset_type: Type,
    quality: Quality,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say all that it has been, the last first: who changed it, when and why."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.champions.history(asset_type, quality)
        if as_json:
            print_json({"champions": [one.model_dump(mode="json") for one in found]})
            return
        rows = [(one.kind, *_row(one), _why(one)) for one in found]
        print_table(Table(("change", "revision", "canary", "by", "age"), rows, prose="why"))


def promote(
    asset_type: Type,
    quality: Quality,
    reason: Annotated[
        str, typer.Option("--reason", parser=options.a_text, metavar="TEXT", help="Why, for the history.")
    ],
    experiment: Annotated[
        str | None,
        typer.Option("--experiment", parser=options.an_id, metavar="ID", help="That has compared what is promoted."),
    ] = None,
    arm: Annotated[
        str | None, typer.Option("--arm", parser=options.a_text, metavar="ARM", help="Of the experiment.")
    ] = None,
    overlay: Annotated[
        str | None,
        typer.Option(
            "--overlay",
            parser=options.a_text,
            metavar="JSON",
            help='In place of an arm, as \'{"steps": {"draft": 4}}\'.',
        ),
    ] = None,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="For everybody now; else for 10 % of the people, and then for more.")
    ] = False,
    expected: Expected = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Make an arm of an experiment the champion: for 10 % of the people first, then for more, while it does well."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        changes = None if overlay is None else _read(overlay)
        promoted = studio.champions.promote(
            asset_type,
            quality,
            reason=reason,
            experiment=experiment,
            arm=arm,
            overlay=changes,
            at_once=at_once,
            expected=expected,
        )
        for warning in () if as_json else promoted.warnings:
            say(f"Note: {warning}")
        _tell(promoted, as_json)


def ramp(
    asset_type: Type,
    quality: Quality,
    reason: Reason = "",
    expected: Expected = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Let the canary draw for the next share of the people now; after all of them it is the champion."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.champions.ramp(asset_type, quality, reason, expected), as_json)


def pause(
    asset_type: Type,
    quality: Quality,
    reason: Reason = "",
    expected: Expected = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Keep the canary from drawing."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.champions.pause(asset_type, quality, reason, expected), as_json)


def resume(
    asset_type: Type,
    quality: Quality,
    reason: Reason = "",
    expected: Expected = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Let a paused canary go on where it was."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.champions.resume(asset_type, quality, reason, expected), as_json)


def rollback(
    asset_type: Type,
    quality: Quality,
    reason: Reason = "",
    expected: Expected = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Take a canary back; without one, go back to the champion before."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.champions.rollback(asset_type, quality, reason, expected), as_json)


def _tell(champion: Champion, as_json: bool) -> None:
    if as_json:
        print_json(champion.model_dump(mode="json"))
        return
    canary = champion.canary
    if canary is None:
        said = in_words(champion.overlay)
        print_line(f"{champion.asset_type}, {champion.quality}: the champion {said} (revision {champion.revision})")
        return
    stands = "is paused" if canary.paused else f"draws for {percent(canary.share)} of the people"
    said = f"a canary ({in_words(canary.overlay)}) {stands}"
    print_line(f"{champion.asset_type}, {champion.quality}: {said} (revision {champion.revision})")


def _row(champion: Champion) -> tuple[str, ...]:
    canary = champion.canary
    share = "-" if canary is None else f"{percent(canary.share)}{', paused' if canary.paused else ''}"
    return str(champion.revision), share, champion.by or "-", "-" if champion.at is None else age(champion.at)


def _facts(champion: Champion) -> list[Fact]:
    facts = [
        Fact("asset type", champion.asset_type),
        Fact("quality", champion.quality),
        Fact("revision", str(champion.revision)),
        Fact("champion", in_words(champion.overlay) if champion.overlay.changes else "as the configs say"),
    ]
    if champion.canary is not None:
        stands = "paused at" if champion.canary.paused else "draws for"
        said = f"{stands} {percent(champion.canary.share)} of the people: {in_words(champion.canary.overlay)}"
        facts.append(Fact("canary", said))
    if champion.at is not None:
        facts.append(Fact("last change", f"{champion.kind} by {champion.by}, {age(champion.at)} ago"))
    facts += [Fact("experiment", champion.experiment)] if champion.experiment else []
    return facts + ([Fact("why", champion.reason, prose=True)] if champion.reason else [])


def _why(champion: Champion) -> str:
    overlay = champion.overlay if champion.canary is None else champion.canary.overlay
    of = f" (experiment {champion.experiment})" if champion.experiment else ""
    return "; ".join(filter(None, (f"{champion.reason}{of}".strip(), in_words(overlay))))


def _read(overlay: str) -> dict[str, Any]:
    """Raises typer's `BadParameter`."""
    try:
        changes = json.loads(overlay)
    except (ValueError, RecursionError):
        changes = None
    if not isinstance(changes, dict):
        hint = f"'{overlay}' is no JSON object, as {json.dumps({'steps': {'draft': 4}})}"
        raise typer.BadParameter(hint, param_hint="--overlay")
    return changes


app = Commands(help="What each asset type and quality is drawn with; promote, ramp, roll back.", no_args_is_help=True)
COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_champions,
    "show": show,
    "promote": promote,
    "ramp": ramp,
    "pause": pause,
    "resume": resume,
    "rollback": rollback,
    "history": history,
}
for _name, _command in COMMANDS.items():
    app.command(_name, epilog=options.EXIT_CODES)(_command)
