"""`python -m serve`: run an installation in the foreground, or print its Serve config for a cluster."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from configs.catalog import Installation
from configs.errors import ConfigError
from configs.load import load_installation
from configs.schema import Address
from deployments.families.registry import FAMILIES
from deployments.terminal import headed


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 after Ctrl-C, 1 when the start failed, 2 when a config is wrong."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=options.command == "config", highlight=False)
    try:
        installation = _with_ports(load_installation(options.profile, FAMILIES.table()), options)
        if options.command == "config":
            from serve.serve_config import serve_config

            sys.stdout.write(serve_config(options.profile, installation))
            return 0
        from serve.launch import Launch

        Launch(installation, console, options.verbose).run()
    except ConfigError as error:
        console.print(headed("cannot start:", "bold red", error), soft_wrap=True)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m serve", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["run", "config"], default="run")
    parser.add_argument("--profile", default="local", help="an id in configs/profiles, or a YAML file (default: local)")
    parser.add_argument("--http-port", type=int, help="instead of the profile's")
    parser.add_argument("--dashboard-port", type=int, help="instead of the profile's")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the phases of the start and replica logs")
    return parser


def _with_ports(installation: Installation, options: argparse.Namespace) -> Installation:
    profile = installation.profile
    if options.http_port is not None:
        address = Address(host=profile.http.host, port=options.http_port)
        profile = profile.model_copy(update={"http": address})
    if options.dashboard_port is not None and profile.dashboard is not None:
        address = Address(host=profile.dashboard.host, port=options.dashboard_port)
        profile = profile.model_copy(update={"dashboard": address})
    return installation.model_copy(update={"profile": profile})


if __name__ == "__main__":
    sys.exit(main())
