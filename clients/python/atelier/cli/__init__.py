"""The command `atelier`, over the same client that programs use."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from atelier.cli import catalog, draw, jobs, uploads
from atelier.cli.answers import say
from atelier.cli.options import EXIT_CODES, ExitCode
from atelier.version import VERSION

app = typer.Typer(
    name="atelier",
    help="Draw pictures with an Atelier studio.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_COMMANDS: dict[str, Callable[..., None]] = {
    "generate": draw.generate,
    "jobs": jobs.jobs,
    "job": jobs.job,
    "cancel": jobs.cancel,
    "pictures": uploads.pictures,
    "models": catalog.models,
    "loras": catalog.loras,
    "asset-types": catalog.asset_types,
    "open": jobs.open_page,
}
for _name, _command in _COMMANDS.items():
    app.command(_name, epilog=EXIT_CODES)(_command)


@app.callback()
def _global(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"atelier {VERSION}")
        raise typer.Exit


def run() -> None:
    """Entry point of the process; the last place where an error can be caught."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - process boundary: never a stack trace
        say(f"Something went wrong in this program itself: {type(error).__name__}: {error}")
        sys.exit(ExitCode.FAILED)
