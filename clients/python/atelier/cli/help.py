"""Help that says by its name alone what an argument is: typer adds its Python type, as in `FILE <list[str]>`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperArgument, TyperCommand

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Command(TyperCommand):
    def format_options(self, ctx: Any, formatter: Any) -> None:
        parameters = [(one, record) for one in self.get_params(ctx) if (record := one.get_help_record(ctx))]
        arguments = [(one.display_name_raw, told) for one, (_, told) in parameters if isinstance(one, TyperArgument)]
        options = [record for one, record in parameters if not isinstance(one, TyperArgument)]
        for title, rows in (("Arguments", arguments), ("Options", options)):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class Commands(typer.Typer):
    """Commands with such help."""

    def command(self, name: str | None = None, **settings: Any) -> Callable[[_Function], _Function]:
        return super().command(name, **{"cls": Command, **settings})
