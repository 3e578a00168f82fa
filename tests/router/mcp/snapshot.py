"""`python -m tests.router.mcp.snapshot`: write down what clients are told of the tools, so that a change is seen."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from mcp import types

from router.mcp.tools import TOOLS

SNAPSHOT = Path(__file__).with_name("tools.json")


def listing(tools: Iterable[types.Tool]) -> str:
    """As JSON, in a stable order. What tools answer is long, and is held by their answers."""
    told = [tool.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"output_schema"}) for tool in tools]
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(listing(tool.listed() for tool in TOOLS.values()), "utf-8")
