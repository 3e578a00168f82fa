"""`atelier backup`: what only the machine of the studio can do, since it needs database and files themselves."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from atelier.cli.options import ExitCode, a_text
from atelier.cli.printing import say

_MODULE = "router.backups"
_ELSEWHERE = (
    "A backup is taken where the studio is installed, since it needs the database and the files themselves: run this"
    " there, with the studio's Python (.venv/bin/atelier backup PLACE)"
)


def backup(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", parser=a_text, help="A folder, or a blob URL: s3://…, az://….")
    ],
    restore: Annotated[bool, typer.Option("--restore", help="Put a backup back, into a fresh studio only.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read a backup, and hold every file against its hash.")
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="Name the backups that are there.")] = False,
    profile: Annotated[str, typer.Option(metavar="ID", parser=a_text, help="The studio's profile.")] = "local",
    state: Annotated[
        str | None, typer.Option(metavar="FOLDER", parser=a_text, help="Its state, instead of the profile's.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", parser=a_text, help="Instead of the profile's.")
    ] = None,
    files: Annotated[
        str | None, typer.Option(metavar="URL", parser=a_text, help="Of its files, instead of the profile's.")
    ] = None,
    which: Annotated[
        str | None, typer.Option("--backup", metavar="NAME", parser=a_text, help="Not the newest one.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Read what is there already, and mend it.")] = False,
) -> None:
    """Back up the studio of this machine while it runs: its database, and the files that are not there yet."""
    actions = [name for name, chosen in (("restore", restore), ("verify", verify), ("list", list_)) if chosen]
    if len(actions) > 1:
        raise typer.BadParameter("--restore, --verify and --list are three things: choose one")
    if find_spec("router") is None or find_spec(_MODULE) is None:
        say(_ELSEWHERE)
        raise typer.Exit(ExitCode.USAGE)
    said = {"--profile": profile, "--state": state, "--database": database, "--files": files, "--backup": which}
    options = [word for name, value in said.items() if value is not None for word in (name, value)]
    command = [sys.executable, "-m", _MODULE, (actions or ["backup"])[0], place, *options, *["--check"] * check]
    raise typer.Exit(subprocess.run(command, check=False).returncode)
