"""`atelier quota`: what you may have drawn, and what operators let users, spaces and keys have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.layout import Table
from atelier.cli.options import DEFAULT_URL, EXIT_CODES
from atelier.cli.printing import print_json, print_table, say
from atelier.client import Atelier
from atelier.quotas import Limit, Quota

_UNLIMITED = "unlimited"
_SUBJECTS = ("user", "space", "key")


def a_subject(text: str) -> str:
    if text not in _SUBJECTS:
        raise typer.BadParameter(f"'{text}' is none of {', '.join(_SUBJECTS)}")
    return text


def a_limit(text: str) -> Limit:
    """A number from 0 on, or `unlimited`."""
    if text == _UNLIMITED:
        return _UNLIMITED  # type: ignore[return-value]
    number = options.a_number(text)
    if number < 0:
        raise typer.BadParameter("a limit is 0, more, or unlimited")
    return int(number) if number.is_integer() else number


Subject = Annotated[str, typer.Argument(metavar="SUBJECT", parser=a_subject, help="user, space or key")]
Id = Annotated[str, typer.Argument(metavar="ID", parser=options.an_id, help="Of the person, space or key.")]

app = Commands(help="Say what you may have drawn, and what of that you have; set quotas, for operators.")


@app.callback(invoke_without_command=True)
def quota(
    context: typer.Context,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say what you may have drawn, and what of that you have."""
    if context.invoked_subcommand is not None:
        return
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.quotas.own()
        if as_json:
            print_json({"quotas": [one.model_dump(mode="json") for one in found]})
        else:
            _print(found, "Nothing limits what you may have drawn.")


@app.command("list", epilog=EXIT_CODES)
def list_quotas(as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """List what operators have set."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.quotas.all()
        if as_json:
            print_json({"quotas": [one.model_dump(mode="json") for one in found]})
        elif not found:
            say("Operators have set no quotas: what the studio's profile says holds for all.")
        else:
            rows = [
                (
                    one.subject,
                    one.id,
                    *(_plain(value) for value in one.set.model_dump().values()),
                    one.set_by,
                )
                for one in found
            ]
            print_table(Table(("subject", "id", "jobs", "pictures/day", "seconds/day", "by"), rows))


@app.command("show", epilog=EXIT_CODES)
def show(
    subject: Subject,
    id: Id,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say what holds for a user, a space or a key, and what was taken today."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer(studio.quotas.get(subject, id), as_json)


@app.command("set", epilog=EXIT_CODES)
def set_quota(
    subject: Subject,
    id: Id,
    jobs: Annotated[
        str | None, typer.Option("--jobs", metavar="N", help="That may be under way at a time; or unlimited.")
    ] = None,
    pictures: Annotated[str | None, typer.Option("--pictures", metavar="N", help="A day of UTC; or unlimited.")] = None,
    seconds: Annotated[
        str | None, typer.Option("--seconds", metavar="N", help="Of a device, a day; or unlimited.")
    ] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Set all limits of a user, a space or a key anew: 0 lets nothing be drawn, and what is left out is as the studio's
    profile says."""
    limits = [None if one is None else a_limit(one) for one in (jobs, pictures, seconds)]
    if limits == [None, None, None]:
        raise typer.BadParameter("name a limit; `atelier quota remove` takes all of them away", param_hint="--pictures")
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        told = studio.quotas.set(
            subject,
            id,
            jobs_in_flight=limits[0],
            pictures_per_day=limits[1],
            device_seconds_per_day=limits[2],
        )
        _answer(told, as_json)


@app.command("remove", epilog=EXIT_CODES)
def remove(
    subject: Subject,
    id: Id,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Let what the studio's profile says hold again."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer(studio.quotas.remove(subject, id), as_json)


def _answer(found: Quota, as_json: bool) -> None:
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _print((found,), f"Nothing limits what the {found.subject} {found.id} may have drawn.")


def _print(found: Sequence[Quota], nothing: str) -> None:
    rows = [row for one in found for row in _rows(one)]
    if not rows:
        say(nothing)
        return
    print_table(Table(("whose", "id", "of", "used", "limit"), rows))
    say(f"Days begin at 00:00 UTC; the next one on {found[0].resets_at:%Y-%m-%d}.")


def _rows(one: Quota) -> list[tuple[str, ...]]:
    limits = (
        ("jobs at a time", one.used.jobs_in_flight, one.quota.jobs_in_flight),
        ("pictures a day", one.used.pictures, one.quota.pictures_per_day),
        ("device seconds a day", one.used.device_seconds, one.quota.device_seconds_per_day),
    )
    held = [(what, _plain(used), _plain(limit)) for what, used, limit in limits if limit is not None]
    return [(one.subject, one.id, *row) for row in held]


def _plain(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:g}" if value < 1e6 else f"{value:.0f}"
