"""`atelier library`: what people make, in versions; which version is in use; and who moved it there."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.jobs import age
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_entry, print_facts, print_json, print_line, print_table, say
from atelier.client import Atelier
from atelier.library import Change, Entry

NONE = "none"
_MARKS = ("live", "candidate")
Kind = Annotated[
    str,
    typer.Argument(metavar="KIND", parser=options.an_id, help="A kind: asset-types, loras, experiments …"),
]
Id = Annotated[str, typer.Argument(metavar="ID", parser=options.an_id, help="As `atelier library list` shows it.")]
Note = Annotated[str, typer.Option("--note", parser=options.a_text, metavar="TEXT", help="Why, for the history.")]


def list_entries(
    kind: Kind, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """List the entries of a kind with the versions that are marked."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.library.entries(kind)
        if as_json:
            print_json({"entries": [one.model_dump(mode="json") for one in found]})
        elif not found:
            say(f"There are no {kind} in the library yet.")
        else:
            rows = [(one.id, *(one.marked(mark) or "-" for mark in _MARKS), one.newest, one.name) for one in found]
            print_table(Table(("id", *_MARKS, "newest"), rows, prose="name"))
            for one in found:
                if one.problem:
                    say(f"{one.id} is not offered: {one.problem}")


def show(
    kind: Kind,
    id: Id,
    version: Annotated[
        str | None,
        typer.Argument(metavar="VERSION", parser=options.a_text, help="Or a mark; what is live if absent."),
    ] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show one version with its content."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.library.entry(kind, id, version)
        if as_json:
            print_json(found.model_dump(mode="json"))
        else:
            print_facts(_facts(found))


def versions(
    kind: Kind, id: Id, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """List the versions of an entry, newest first."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.library.versions(kind, id)
        if as_json:
            print_json({"versions": [one.model_dump(mode="json") for one in found]})
            return
        rows = [(one.version, ", ".join(one.marks) or "-", one.author, age(one.created_at), one.notes) for one in found]
        print_table(Table(("version", "marks", "by", "age"), rows, prose="notes"))


def diff(
    kind: Kind,
    id: Id,
    before: Annotated[str, typer.Argument(metavar="FROM", parser=options.a_text, help="A version or a mark.")],
    after: Annotated[str, typer.Argument(metavar="TO", parser=options.a_text, help="A version or a mark.")],
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say what differs between two versions, field by field."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.library.diff(kind, id, before, after)
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        if not found.changes:
            say(f"{found.from_version} and {found.to_version} say the same.")
        for change in found.changes:
            print_entry(change.field, *_sides(change))


def mark(
    kind: Kind,
    id: Id,
    name: Annotated[str, typer.Argument(metavar="MARK", parser=options.a_text, help="live or candidate.")],
    version: Annotated[
        str,
        typer.Argument(metavar="VERSION", parser=options.a_text, help="Or the other mark; `none` takes the mark away."),
    ],
    note: Note = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Move a mark: what is live is drawn with from then on."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        marks = studio.library.mark(kind, id, name, None if version == NONE else version, note)
        if as_json:
            print_json({"marks": [one.model_dump(mode="json") for one in marks]})
        else:
            standing = ", ".join(f"{one.mark} is {one.version}" for one in marks)
            print_line(f"{id}: {standing or 'no version is marked'}")


def history(
    kind: Kind, id: Id, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """Say who moved which mark from where to where, newest first."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        moves = studio.library.history(kind, id)
        if as_json:
            print_json({"moves": [one.model_dump(mode="json") for one in moves]})
            return
        rows = [
            (one.mark, one.from_version or "-", one.to_version or "-", one.by, age(one.at), one.note) for one in moves
        ]
        print_table(Table(("mark", "from", "to", "by", "age"), rows, prose="note"))


def add(
    kind: Kind,
    id: Id,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", parser=options.a_text, help="Higher than all, as 1.2.0.")
    ],
    file: Annotated[
        str | None,
        typer.Option("--file", "-f", metavar="FILE", help="JSON with the fields; - for stdin. What is live if absent."),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", parser=options.a_text, metavar="FIELD=VALUE", help="Change a field; repeat it."),
    ] = None,
    move: Annotated[
        str | None,
        typer.Option(
            "--mark", parser=options.a_text, metavar="MARK", help="live or candidate, to be set to it at once."
        ),
    ] = None,
    note: Note = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Add a version: of a file's content, or of what is live, with changes."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        body = dict(studio.library.entry(kind, id).body if file is None else _read(file))
        body |= dict(map(_change, changes or ()))
        added = studio.library.add(kind, id, version, body, note, move)
        if as_json:
            print_json(added.model_dump(mode="json"))
        else:
            marked = f", {' and '.join(added.marks)}" if added.marks else ""
            print_line(f"{added.id} {added.version} is in the library{marked}")


def _facts(found: Entry) -> list[Fact]:
    marked = f" ({', '.join(found.marks)})" if found.marks else ""
    facts = [
        Fact("id", found.id),
        Fact("version", f"{found.version}{marked}"),
        Fact("by", f"{found.author}, {age(found.created_at)} ago"),
    ]
    facts += [Fact("notes", found.notes, prose=True)] if found.notes else []
    facts.append(Fact("hash", found.sha256))
    shown: Mapping[str, Any] = {name: value for name, value in found.body.items() if name != "id"}
    return facts + [
        Fact(name.replace("_", " "), _written(value), isinstance(value, str)) for name, value in shown.items()
    ]


def _sides(change: Change) -> list[Fact]:
    sides = (("-", change.before, change.change != "added"), ("+", change.after, change.change != "removed"))
    return [Fact("", f"{sign} {_written(value)}", prose=True) for sign, value, there in sides if there]


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read(file: str) -> Mapping[str, Any]:
    """The JSON object in a file. Raises OSError and typer's `BadParameter`."""
    try:
        body = json.loads(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except (ValueError, RecursionError):
        raise typer.BadParameter(f"{file} holds no JSON", param_hint="--file") from None
    if isinstance(body, dict) and {"kind", "version", "body"} <= body.keys():
        body = body["body"]  # as `show --json` has it
    if not isinstance(body, dict):
        raise typer.BadParameter(f"{file} holds no JSON object with the fields of an entry", param_hint="--file")
    return body


def _change(given: str) -> tuple[str, Any]:
    """`name=Icon`, `formats=["png"]`: the value is JSON where it can be read as that, else text."""
    name, equals, value = given.partition("=")
    if not (name and equals):
        hint = f"'{given}' is not FIELD=VALUE, for example name=Icon or formats='[\"png\"]'"
        raise typer.BadParameter(hint, param_hint="--set")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value


app = Commands(help="What people make, in versions: asset types and LoRAs.", no_args_is_help=True)
COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_entries,
    "show": show,
    "versions": versions,
    "diff": diff,
    "mark": mark,
    "history": history,
    "add": add,
}
for _name, _command in COMMANDS.items():
    app.command(_name, epilog=options.EXIT_CODES)(_command)
