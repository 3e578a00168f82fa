"""What a pipeline is made of, as its class in diffusers says, compared with what a checkpoint's folder lists."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any

from configs.errors import ConfigError


def required_components(pipeline: str) -> frozenset[str]:
    """The components without which diffusers' `pipeline` cannot be built, by name."""
    import diffusers

    cls: Any = getattr(diffusers, pipeline)
    parameters = inspect.signature(cls.__init__).parameters.values()
    needed = {each.name for each in parameters if each.default is each.empty and each.name != "self"}
    return frozenset(needed) - frozenset(cls._optional_components)


def check_layout(pipeline: str, listed: Collection[str], owner: str) -> None:
    """Raise ConfigError, naming them, if `pipeline` needs components that are not `listed`."""
    missing = sorted(required_components(pipeline) - set(listed))
    if missing:
        raise ConfigError(
            f"{owner}: its model_index.json lists no {', '.join(missing)}, and {pipeline} needs it: "
            "copy or export the weights whole, or say under 'borrowed' in its YAML where it lies.",
            "weights",
        )
