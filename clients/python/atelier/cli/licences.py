"""`atelier licences`: what may be used for what, and, for operators, what was bought."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL, EXIT_CODES
from atelier.cli.printing import print_entry, print_json, print_line, print_table, say
from atelier.client import Atelier
from atelier.licences import Grant, LicenceText
from atelier.pictures import Use

app = Commands(help="Say what may be used for what; record licences that were bought.", invoke_without_command=True)

_USES: tuple[Use, ...] = ("reference", "internal", "product")
GrantId = Annotated[str, typer.Argument(metavar="ID", parser=options.an_id, help="Of `atelier licences grants`.")]
Name = Annotated[str | None, typer.Option(parser=options.a_text, metavar="ID")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="As 2027-01-31, in UTC.")]


@app.callback()
def licences(
    context: typer.Context,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List the licences with what they allow, and who is under them."""
    if context.invoked_subcommand is not None:
        return
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.licences.all()
        if as_json:
            print_json({"licences": [one.model_dump(mode="json") for one in found]})
            return
        for one in found:
            print_entry(one.id, *_facts(one))


@app.command("grants", epilog=EXIT_CODES)
def grants(as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """List the licences that were recorded as bought, those that have ended included."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.licences.grants()
        if as_json:
            print_json({"grants": [one.model_dump(mode="json") for one in found]})
        elif found:
            print_table(Table(("grant", "state", "of", "for", "until", "contract"), [_row(one) for one in found]))
        else:
            say("No licence was recorded as bought.")


@app.command("grant", epilog=EXIT_CODES)
def grant(
    reference: Annotated[str, typer.Argument(metavar="CONTRACT", parser=options.a_text, help="To find it again.")],
    licence: Name = None,
    component: Name = None,
    space: Name = None,
    purpose: Annotated[
        list[str] | None,
        typer.Option(
            "--for", parser=options.a_text, metavar="PURPOSE", help="Repeat it; internal and product if absent."
        ),
    ] = None,
    since: Day = None,
    until: Day = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Record a licence that was bought: of a --licence, of a --component such as a model, or of both."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        made = studio.licences.grant(
            reference,
            licence=licence,
            component=component,
            space=space,
            purposes=[_use(one) for one in purpose or ("internal", "product")],
            since=_utc(since),
            until=_utc(until),
        )
        _answer(made, as_json)


@app.command("revoke", epilog=EXIT_CODES)
def revoke(
    grant_id: GrantId,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Revoke a grant: it holds no longer."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer(studio.licences.revoke(grant_id), as_json)


def _answer(one: Grant, as_json: bool) -> None:
    if as_json:
        print_json(one.model_dump(mode="json"))
    else:
        print_line(f"{one.grant_id} {one.state}: {_of(one)}, for {', '.join(one.purposes)}")


def _row(one: Grant) -> tuple[str, str, str, str, str, str]:
    until = "" if one.until is None else one.until.date().isoformat()
    return one.grant_id, one.state, _of(one), ", ".join(one.purposes), until, one.reference


def _of(one: Grant) -> str:
    return " of ".join(filter(None, [one.licence, one.component]))


def _facts(one: LicenceText) -> list[Fact]:
    names = sorted({used.component for used in one.used_by})
    uses = f"{one.notice}; reference {one.reference}, internal {one.internal}, product {one.product}"
    facts = [Fact("", f"{one.name}: {uses}", prose=True), Fact("", f"{one.source}, read on {one.read_on}")]
    facts += [Fact("", one.note, prose=True)] * bool(one.note)
    return facts + [Fact("", f"used by {', '.join(names)}", prose=True)] * bool(names)


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


def _use(text: str) -> Use:
    known = next((use for use in _USES if use == text), None)
    if known is None:
        raise typer.BadParameter(f"'{text}' is none of {', '.join(_USES)}", param_hint="--for")
    return known
