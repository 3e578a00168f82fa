"""The edge of the command line: results on stdout, the rest on stderr, every error a sentence and an exit code."""

from __future__ import annotations

import json
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from atelier.cli.options import ExitCode
from atelier.errors import (
    APIError,
    AtelierError,
    BadAddress,
    InvalidRequest,
    JobFailed,
    NotFound,
    TooLarge,
    Unavailable,
    Unreachable,
)

stderr = Console(stderr=True, highlight=False)

_INVALID = (InvalidRequest, NotFound, TooLarge, BadAddress)


@contextmanager
def answering(as_json: bool) -> Iterator[None]:
    """Turn what goes wrong inside into a message and an exit code; with `as_json`, into the one JSON object as well."""
    try:
        yield
    except AtelierError as error:
        _refuse(_sentence(error), exit_code(error), as_json, describe(error))
    except OSError as error:
        place = f" {error.filename}:" if error.filename else ""
        message = f"Cannot use{place} {error.strerror or error}"
        _refuse(message, ExitCode.USAGE, as_json, {"code": "file_error", "message": message})
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def exit_code(error: AtelierError) -> ExitCode:
    if isinstance(error, _INVALID):
        return ExitCode.USAGE
    return ExitCode.UNREACHABLE if isinstance(error, Unreachable | Unavailable) else ExitCode.FAILED


def describe(error: AtelierError) -> dict[str, Any]:
    """The error as JSON, in the form that the API uses."""
    if isinstance(error, APIError):
        fields = {"field": error.field, "allowed": error.allowed}
        return {"code": error.code or "error", "message": error.message} | {k: v for k, v in fields.items() if v}
    if isinstance(error, JobFailed) and error.job.error is not None:
        return error.job.error.model_dump()
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(error).__name__).lstrip("_")
    return {"code": name, "message": str(error)}


def _sentence(error: AtelierError) -> str:
    if isinstance(error, Unreachable):
        return (
            f"{error}. Start the studio with `make run` in Atelier's folder, "
            "or name a running one with --url or ATELIER_URL."
        )
    if isinstance(error, Unavailable):
        return f"The studio is not ready: {error}"
    return str(error)


def _refuse(message: str, code: ExitCode, as_json: bool, detail: dict[str, Any]) -> None:
    if as_json:
        print_json({"error": detail})
    say(message, style="bold red" if sys.stderr.isatty() else "")
    raise typer.Exit(code)


def say(message: str, style: str = "") -> None:
    """A line for people, on stderr, so that stdout stays clean for programs."""
    stderr.print(Text(plain(message), style=style), soft_wrap=True)


def print_json(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def plain(text: str) -> str:
    """Text from elsewhere on one line, without characters that would steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def show(url: str) -> None:
    """Open an address in the browser, and say which, for machines without one."""
    say(url)
    webbrowser.open(url)
