"""The subcommands of `python -m serve capacity`, a row each."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from configs.errors import ConfigError
from serve.capacity import plan, replay, why

if TYPE_CHECKING:
    from rich.console import Console

Command = Callable[[argparse.Namespace, "Console"], None]

_COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], Command, str]] = {
    "plan": (plan.add_options, plan.answer, "how many machines so many people need, and what a month of them costs"),
    "replay": (replay.add_options, replay.answer, "what a trace, or this studio's own past, would have been"),
    "why": (why.add_options, why.answer, "how many replicas the running studio wants, and why"),
}


class _Parser(argparse.ArgumentParser):
    """Refuses in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}; `{self.prog} --help` lists what there is")


def run(arguments: Sequence[str], console: Console) -> None:
    """Raises `AtelierError`s, one sentence each."""
    parser = _Parser(prog="python -m serve capacity", description="Capacity, planned and explained.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (add_options, answer, told) in _COMMANDS.items():
        command = commands.add_parser(name, help=told, description=told)
        add_options(command)
        command.set_defaults(answer=answer)
    options = parser.parse_args(arguments)
    options.answer(options, console)
