"""`atelier mcp`: the studio for agents that start their servers as processes."""

from __future__ import annotations

import asyncio
import importlib.util

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.options import DEFAULT_URL, ExitCode
from atelier.cli.printing import say
from atelier.cli.signals import end_at_signals
from atelier.retry import Retry
from atelier.session import Session


def mcp(url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """Serve the studio's tools to an agent, by the Model Context Protocol over stdin and stdout, as whoever has signed
    in (`atelier login`) or the key says. An agent starts it: add `atelier mcp` to its settings as a server."""
    if importlib.util.find_spec("mcp") is None:
        say("This needs one more library: pip install 'atelier[mcp]'")
        raise typer.Exit(ExitCode.USAGE)
    from atelier.mcp_bridge import serve_stdio

    end_at_signals()
    with answering(as_json=False):
        asyncio.run(serve_stdio(Session.open(url, api_key, Retry())))
