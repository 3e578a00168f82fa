"""`atelier audit`: who changed what, for operators and admins."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from atelier.audit import AuditFilter, AuditLine
from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.layout import Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_json, print_path, print_table, say
from atelier.client import Atelier

_MOST_AT_ONCE = 500


def audit(
    who: Annotated[
        str | None, typer.Option("--who", parser=options.a_text, metavar="ID", help="Only what this person did.")
    ] = None,
    action: Annotated[
        str | None,
        typer.Option(
            "--action",
            parser=options.a_text,
            metavar="ACTION",
            help="Only this, as library.mark, or library.",
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", parser=options.a_text, metavar="KIND[/ID]", help="Only what was done to it, as loras/a."),
    ] = None,
    since: Annotated[datetime | None, typer.Option("--from", metavar="TIME", help="From this time on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", metavar="TIME", help="Before this time, UTC.")] = None,
    limit: options.Limit = 50,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write all to a file instead, as JSON lines, oldest first."),
    ] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say who changed rights, licences, the library, experiments and limits, newest first."""
    chosen: AuditFilter = {"who": who, "action": action, "on": on, "since": since, "until": until}
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if export is not None:
            written = studio.audit.export(export, **chosen)
            if as_json:
                print_json({"file": str(written)})
            else:
                print_path(written)
            return
        found = list(islice(studio.audit.lines(min(limit, _MOST_AT_ONCE), **chosen), limit))
        if as_json:
            print_json({"lines": [one.model_dump(mode="json") for one in found]})
        elif not found:
            say("The audit has no such lines.")
        else:
            names = ("seq", "at", "who", "action", "on")
            print_table(Table(names, [(*_row(one), _told(one)) for one in found], prose="told"))


def _row(line: AuditLine) -> tuple[str, ...]:
    who = line.who if line.key is None else f"{line.who} ({line.key})"
    return str(line.seq), f"{line.at:%Y-%m-%d %H:%M:%S}", who, line.action, f"{line.on.kind}/{line.on.id}"


def _told(line: AuditLine) -> str:
    shown = ((name, value if isinstance(value, str) else json.dumps(value)) for name, value in line.told.items())
    return ", ".join(f"{name} {value}" for name, value in shown)
