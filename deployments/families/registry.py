"""Which families there are. Modules are imported on use, so that asking for names costs no torch."""

from __future__ import annotations

import importlib
from typing import Any, cast

from configs.errors import ConfigError
from deployments.families.family import Load


class Registry:
    """Family id → module with a `load`."""

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}

    def add(self, family: str, module: str) -> None:
        """Make a family known. Raises ConfigError if the id is taken."""
        if family in self._modules:
            raise ConfigError(f"family '{family}' is registered twice: {self._modules[family]} and {module}", "family")
        self._modules[family] = module

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._modules))

    def find(self, family: str) -> Load:
        """The loader of a family. Raises ConfigError, listing the known ones, if there is none of that id."""
        if family not in self._modules:
            raise ConfigError(f"unknown family '{family}'; known: {', '.join(self.names())}", "family")
        module: Any = importlib.import_module(self._modules[family])
        return cast(Load, module.load)


FAMILIES = Registry()
FAMILIES.add("flux", "deployments.families.flux")
