"""The edge of the command line: every error is a sentence and an exit code, whether it is said or answered as JSON."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from atelier.cli.options import ExitCode
from atelier.cli.printing import print_json, say
from atelier.cli.signals import interrupted
from atelier.cli.text import cut, plain
from atelier.errors import (
    APIError,
    AtelierError,
    BadAddress,
    BadInput,
    InvalidRequest,
    InvalidRows,
    JobFailed,
    NotFound,
    TooLarge,
    Unavailable,
    Unreachable,
)

_INVALID = (InvalidRequest, NotFound, TooLarge, BadAddress, BadInput)


@contextmanager
def answering(as_json: bool) -> Iterator[None]:
    """Turn what goes wrong inside into a message and an exit code; with `as_json`, into the one JSON object as well."""
    try:
        yield
    except AtelierError as error:
        refuse(sentence(error), exit_code(error), as_json, describe(error))
    except OSError as error:
        refuse(f"Cannot use {file_problem(error)}", ExitCode.USAGE, as_json, describe(error))
    except KeyboardInterrupt as stop:
        raise typer.Exit(interrupted(stop)) from None


def exit_code(error: AtelierError) -> ExitCode:
    if isinstance(error, _INVALID):
        return ExitCode.USAGE
    return ExitCode.UNREACHABLE if isinstance(error, Unreachable | Unavailable) else ExitCode.FAILED


def describe(error: AtelierError | OSError) -> dict[str, Any]:
    """The error as JSON, in the form that the API uses."""
    if isinstance(error, OSError):
        return {"code": "file_error", "message": f"Cannot use {file_problem(error)}"}
    if isinstance(error, APIError):
        fields = {"field": error.field, "allowed": error.allowed}
        return {"code": error.code or "error", "message": error.message} | {k: v for k, v in fields.items() if v}
    if isinstance(error, JobFailed) and error.job.error is not None:
        return error.job.error.model_dump()
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(error).__name__).lstrip("_")
    return {"code": name, "message": str(error)}


def sentence(error: AtelierError) -> str:
    if isinstance(error, Unreachable):
        return (
            f"{error}. Start the studio with `make run` in Atelier's folder, "
            "or name a running one with --url or ATELIER_URL."
        )
    if isinstance(error, Unavailable):
        return f"The studio is not ready: {error}"
    return str(error)


def file_problem(error: OSError, place: Path | None = None) -> str:
    """`out/lamp.png: No space left on device`; `place` where the system names none."""
    name = error.filename or place or "a file"
    return f"{cut(plain(str(name)), 200)}: {error.strerror or 'it cannot be used'}"


def refuse(message: str, code: ExitCode, as_json: bool, detail: dict[str, Any]) -> None:
    """End the command with a message; never returns."""
    if as_json:
        print_json({"error": detail})
    say(message, style="bold red" if sys.stderr.isatty() else "")
    raise typer.Exit(code)


def refuse_rows(error: InvalidRows, as_json: bool) -> None:
    """What is wrong with each row on a line of its own, then all of it in a sentence; never returns."""
    for row in error.rows:
        say(str(row))
    rows = [row.model_dump(exclude_none=True) for row in error.rows]
    told = {"code": error.code, "message": error.message, "rows": rows}
    refuse(sentence(error), exit_code(error), as_json, told)


def show(url: str) -> None:
    """Open an address in the browser, and say which, for machines without one."""
    say(url)
    webbrowser.open(url)
