"""`atelier spaces`: teams, who is in them, what is drawn with for them, and how their files are."""

from __future__ import annotations

from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL, EXIT_CODES
from atelier.cli.printing import print_facts, print_json, print_line, print_table, say
from atelier.cli.space_fields import DEFAULTS, read_defaults, read_files, tell_files, tell_retention
from atelier.client import Atelier
from atelier.spaces import Space

app = Commands(help="List the spaces that you are in, and change those that you lead. ATELIER_SPACE names yours.")

Id = Annotated[str, typer.Argument(metavar="SPACE", parser=options.an_id, help="Of `atelier spaces`.")]
Somebody = Annotated[str, typer.Argument(metavar="PRINCIPAL", parser=options.an_id, help="Who.")]
Name = Annotated[str | None, typer.Option("--name", parser=options.a_text, metavar="TEXT", help="For people.")]
Default = Annotated[
    list[str] | None,
    typer.Option("--default", metavar="FIELD=ID", help=f"What is drawn with: {', '.join(DEFAULTS)}. Repeat it."),
]
Files = Annotated[
    list[str] | None,
    typer.Option(
        "--files",
        metavar="FIELD=VALUE",
        help="How files are, such as formats=png,webp, private=true, "
        "credentials=false or retention_days=90. Repeat it.",
    ),
]


@app.callback(invoke_without_command=True)
def spaces(
    context: typer.Context,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List the spaces that you are in; of an admin, all."""
    if context.invoked_subcommand is not None:
        return
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.spaces.list()
        if as_json:
            print_json({"spaces": [one.model_dump(mode="json") for one in found]})
        elif not found:
            say("You are in no space.")
        else:
            rows = [(one.id, str(len(one.members)), _state(one), one.name) for one in found]
            print_table(Table(("space", "members", "state"), rows, prose="name"))


@app.command("show", epilog=EXIT_CODES)
def show(id: Id, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """Show who is in a space, what is drawn with for it, and how its files are."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer(studio.spaces.get(id), as_json)


@app.command("create", epilog=EXIT_CODES)
def create(
    id: Annotated[str, typer.Argument(metavar="SPACE", parser=options.an_id, help="Small letters, digits, - and _.")],
    name: Name = None,
    default: Default = None,
    files: Files = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Make a space; for admins."""
    said = {"defaults": read_defaults(default), "files": read_files(files)}
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer(studio.spaces.create(id, name or "", **said), as_json)


@app.command("change", epilog=EXIT_CODES)
def change(
    id: Id,
    name: Name = None,
    default: Default = None,
    files: Files = None,
    archive: Annotated[
        bool | None, typer.Option("--archive/--restore", help="Let nothing new be made in it, or again.")
    ] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Change a space that you lead; `--default none` takes its defaults away, `--files none` has its files as usual."""
    said = {"defaults": read_defaults(default), "files": read_files(files)}
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer(studio.spaces.change(id, name=name, archived=archive, **said), as_json)


@app.command("delete", epilog=EXIT_CODES)
def delete(
    id: Id, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """Delete a space; one in which something was made is archived in place. For admins."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        deleted = studio.spaces.delete(id)
        if as_json:
            print_json({"id": id, "deleted": deleted})
        else:
            print_line(f"{id} is gone." if deleted else f"{id} is archived: pictures were made in it, and stay.")


@app.command("find", epilog=EXIT_CODES)
def find(
    id: Id,
    name: Annotated[
        str, typer.Argument(metavar="NAME", parser=options.a_text, help="How their name begins; anybody if absent.")
    ] = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Find whom to let into a space that you lead."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.spaces.find(id, name)
        if as_json:
            print_json({"people": [one.model_dump(mode="json") for one in found]})
        elif found:
            print_table(Table(("principal",), [(one.id, one.name) for one in found], prose="name"))
        else:
            say("Nobody is called so, or they are in it already.")


@app.command("let-in", epilog=EXIT_CODES)
def let_in(
    id: Id,
    principal: Somebody,
    lead: Annotated[bool, typer.Option("--lead", help="As its lead, who says who else is in it.")] = False,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Let somebody into a space that you lead."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer(studio.spaces.let_in(id, principal, "lead" if lead else "member"), as_json)


@app.command("take-out", epilog=EXIT_CODES)
def take_out(
    id: Id,
    principal: Somebody,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Let somebody see a space no more; what they made in it stays there."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer(studio.spaces.take_out(id, principal), as_json)


def _state(space: Space) -> str:
    return "in use" if space.archived_at is None else "archived"


def _answer(space: Space, as_json: bool) -> None:
    if as_json:
        print_json(space.model_dump(mode="json"))
        return
    defaults = space.defaults.model_dump(exclude_none=True)
    facts = [Fact("space", space.id), Fact("name", space.name), Fact("state", _state(space))]
    facts += [Fact(name.replace("_", " "), value) for name, value in defaults.items()]
    facts += [Fact("files", tell_files(space)), Fact("pictures", tell_retention(space))]
    facts += [Fact(one.role, f"{one.name} ({one.principal})") for one in space.members]
    print_facts(facts)
