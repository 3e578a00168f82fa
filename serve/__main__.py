"""`python -m serve`: run an installation in the foreground, print its Serve config for a cluster, or plan its capacity
(`capacity --help`)."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from configs.catalog import Installation
    from serve.terminal import Terminal

_PORTS = range(1, 65536)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 after Ctrl-C, 2 when it cannot start, 130 after a second Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until something runs there is nothing to end: not even imports
    from configs.errors import ConfigError
    from configs.text import one_line
    from deployments.terminal import headed
    from serve.terminal import Terminal

    words = sys.argv[1:] if arguments is None else arguments
    terminal = Terminal(sys.stderr if "config" in words else sys.stdout)
    if words[:1] == ["capacity"]:
        return _answer(words[1:], terminal)
    try:
        _do(_parser().parse_args(arguments), terminal)
    except ConfigError as error:
        terminal.console.print(headed("cannot start:", "bold red", one_line(str(error))), soft_wrap=True)
        return 2
    return 0


def _answer(words: list[str], terminal: Terminal) -> int:
    """What is asked of the capacity, answered or refused in a sentence."""
    from configs.errors import AtelierError
    from configs.text import one_line
    from deployments.terminal import headed
    from serve.capacity.command import run

    try:
        run(words, terminal.console)
    except AtelierError as error:
        terminal.console.print(headed("no answer:", "bold red", one_line(str(error))), soft_wrap=True)
        return 2
    return 0


def _do(options: argparse.Namespace, terminal: Terminal) -> None:
    from configs.load import load_installation
    from deployments.families.registry import FAMILIES

    if options.wake_query:
        from router.operations.wake import WAKE_QUERY

        sys.stdout.write(WAKE_QUERY + "\n")
        return
    installation = _with_addresses(load_installation(options.profile, FAMILIES.table()), options)
    if options.command == "config":
        from serve.preflight import check_reach
        from serve.serve_config import serve_config

        check_reach(installation.profile)
        sys.stdout.write(serve_config(options.profile, installation))
        return
    from serve.launch import Launch

    Launch(installation, terminal, options.verbose).run()


class _Parser(argparse.ArgumentParser):
    """Refuses as everything else here does: in one sentence."""

    def error(self, message: str) -> NoReturn:
        from configs.errors import ConfigError

        raise ConfigError(f"{message}; `python -m serve --help` lists what there is")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m serve", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["run", "config"], default="run")
    parser.add_argument("--profile", default="local", help="an id in configs/profiles, or a YAML file (default: local)")
    parser.add_argument("--http-host", metavar="ADDRESS", help="to listen on, instead of the profile's")
    parser.add_argument("--http-port", type=_port, help="instead of the profile's")
    parser.add_argument("--dashboard-port", type=_port, help="instead of the profile's")
    parser.add_argument(
        "--wake-query", action="store_true", help="with config: print the SQL by which whoever starts workers sees need"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="print the phases of the start and replica logs")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) not in _PORTS:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: write a number from 1 to {_PORTS[-1]}")
    return int(text)


def _with_addresses(installation: Installation, options: argparse.Namespace) -> Installation:
    from configs.service import Address

    profile = installation.profile
    host, port = options.http_host or profile.http.host, options.http_port or profile.http.port
    profile = profile.model_copy(update={"http": Address(host=host, port=port)})
    if options.dashboard_port is not None and profile.dashboard is not None:
        address = Address(host=profile.dashboard.host, port=options.dashboard_port)
        profile = profile.model_copy(update={"dashboard": address})
    return installation.model_copy(update={"profile": profile})


if __name__ == "__main__":
    sys.exit(main())
