"""Where OpenAI's API and Azure's form of it lie, so that their paths answer, and refuse, in their words."""

from __future__ import annotations

PREFIXES = ("/v1", "/openai/v1")
"""Of OpenAI's SDK with `base_url`, and of Azure's newer form, which drops deployments."""

DEPLOYMENTS = "/openai/deployments/{deployment}"
"""Of `AzureOpenAI`, whose deployments are models by name."""

_FIRST = ("v1", "openai")


def is_theirs(path: str) -> bool:
    """Whether a path, without the prefix of a proxy, is one of that API, whether or not there is anything at it."""
    return path.split("/", 2)[1:2] in ([one] for one in _FIRST)
