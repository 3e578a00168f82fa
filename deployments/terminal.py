"""A terminal that shows what it is given as it is: names, words and messages come from files that strangers wrote."""

from __future__ import annotations

import io
import sys

from rich.console import Console
from rich.text import Text

from configs.text import lines


def plain_console(stderr: bool = False) -> Console:
    """One to which text is text: `[red]`, `:smile:` and numbers mean nothing to it. A character that its encoding
    lacks is printed as an escape: nothing fails halfway for a letter."""
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def headed(heading: str, style: str, text: object) -> Text:
    """A line whose heading alone has a style, and whose text is plain."""
    return Text.assemble((heading, style), f" {lines(str(text))}")
