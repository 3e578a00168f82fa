"""The command `atelier`, over the same client that programs use."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any

import typer

from atelier.cli import (
    agents,
    audit,
    backing_up,
    batches,
    catalog,
    champions,
    collecting,
    comparing,
    datasets,
    draw,
    experiments,
    gallery,
    iterating,
    jobs,
    library,
    licences,
    loras,
    people,
    quota,
    recipes,
    spaces,
    training,
    uploads,
    verify,
    webhooks,
)
from atelier.cli.help import Commands
from atelier.cli.options import EXIT_CODES, ExitCode
from atelier.cli.printing import print_json, print_line, say, terminal_width
from atelier.cli.signals import heed_signals, interrupted
from atelier.cli.streams import OutputClosed, OutputFailed, abandon_output, guarded
from atelier.version import VERSION

app = Commands(
    name="atelier",
    help="Draw pictures with an Atelier studio.",
    epilog=EXIT_CODES,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_COMMANDS: dict[str, Callable[..., None]] = {
    "generate": draw.generate,
    "batch": batches.batch,
    "batches": batches.batches,
    "compare": comparing.compare,
    "pick": comparing.pick,
    "again": iterating.again,
    "like": iterating.like,
    "tweak": iterating.tweak,
    "finish": iterating.finish,
    "replay": iterating.replay,
    "lineage": iterating.lineage,
    "jobs": jobs.jobs,
    "job": jobs.job,
    "cancel": jobs.cancel,
    "grid": jobs.grid,
    "pictures": uploads.pictures,
    "history": gallery.history,
    "favourite": gallery.favourite,
    "tag": gallery.tag,
    "delete": gallery.delete,
    "restore": gallery.restore,
    "recipe": recipes.recipe,
    "verify": verify.verify,
    "share": collecting.share,
    "analytics": gallery.analytics,
    "train": training.train,
    "trainings": training.trainings,
    "models": catalog.models,
    "brand": catalog.brand,
    "open": jobs.open_page,
    "login": people.login,
    "logout": people.logout,
    "whoami": people.whoami,
    "audit": audit.audit,
    "mcp": agents.mcp,
    "backup": backing_up.backup,
}
for _name, _command in _COMMANDS.items():
    app.command(_name, epilog=EXIT_CODES)(_command)
app.add_typer(catalog.asset_types_app, name="asset-types", epilog=EXIT_CODES)
app.add_typer(licences.app, name="licences", epilog=EXIT_CODES)
app.add_typer(loras.app, name="loras", epilog=EXIT_CODES)
app.add_typer(datasets.app, name="datasets", epilog=EXIT_CODES)
app.add_typer(gallery.app, name="images", epilog=EXIT_CODES)
app.add_typer(collecting.app, name="collections", epilog=EXIT_CODES)
app.add_typer(library.app, name="library", epilog=EXIT_CODES)
app.add_typer(people.keys_app, name="keys", epilog=EXIT_CODES)
app.add_typer(experiments.app, name="experiments", epilog=EXIT_CODES)
app.add_typer(champions.app, name="champions", epilog=EXIT_CODES)
app.add_typer(quota.app, name="quota", epilog=EXIT_CODES)
app.add_typer(spaces.app, name="spaces", epilog=EXIT_CODES)
app.add_typer(webhooks.app, name="webhooks", epilog=EXIT_CODES)


@app.callback()
def _global(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False,
) -> None:
    if version:
        print_line(f"atelier {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


def run(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the process; the last place where an error can be caught."""
    with guarded():
        sys.exit(_main(sys.argv[1:] if arguments is None else arguments))


def _main(arguments: Sequence[str]) -> int:
    """The exit code of a command line."""
    heed_signals()
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
        return code
    except OutputClosed:
        abandon_output()
        return ExitCode.CLOSED
    except OutputFailed as error:
        abandon_output()
        say(f"Cannot write the output: {error}")
        return ExitCode.FAILED
    except KeyboardInterrupt as stop:
        return interrupted(stop)
    except Exception:  # noqa: BLE001 - process boundary: never a stack trace
        return _report()


@cache
def _command_line() -> Any:
    """All commands, made once in a process: that takes longer than most of them run."""
    return typer.main.get_command(app)


def _invoke(arguments: Sequence[str]) -> int:
    width = min(terminal_width(), 100)
    try:
        done = _command_line()(arguments, prog_name="atelier", standalone_mode=False, terminal_width=width)
        return int(done or ExitCode.OK)
    except typer.TyperException as error:
        return _refuse_usage(error, "--json" in arguments)


def _refuse_usage(error: typer.TyperException, as_json: bool) -> int:
    message = error.format_message().strip()
    if as_json:
        print_json({"error": {"code": "usage", "message": message}})
    context = getattr(error, "ctx", None)
    say(message)
    say(f"See: {context.command_path if context else 'atelier'} --help")
    return ExitCode.USAGE


def _report() -> int:
    if os.environ.get("ATELIER_TRACEBACK"):
        traceback.print_exc()
    else:
        say(
            "This is a fault of the command itself, not of what you asked for. Please report it, with what it prints "
            "when ATELIER_TRACEBACK=1 is set."
        )
    return ExitCode.FAILED
