"""Which families there are, and what each can do. Modules are imported on use, so that asking costs no torch."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from configs.capabilities import Capabilities, CapabilityTable
from configs.errors import ConfigError
from deployments.families.family import Load

Variants = Mapping[str, Capabilities]


@dataclass(frozen=True, slots=True)
class Row:
    """A family: the module with its `load`, and what each variant of it can do."""

    module: str
    variants: Variants


class Registry:
    """Family id → row."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def add(self, family: str, module: str, variants: Variants) -> None:
        """Make a family known. Raises ConfigError if the id is taken."""
        if family in self._rows:
            taken = self._rows[family].module
            raise ConfigError(f"family '{family}' is registered twice: {taken} and {module}", "family")
        self._rows[family] = Row(module, variants)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._rows))

    def find(self, family: str) -> Load:
        """The loader of a family. Raises ConfigError, listing the known ones, if there is none of that id."""
        if family not in self._rows:
            raise ConfigError(f"unknown family '{family}'; known: {', '.join(self.names())}", "family")
        module: Any = importlib.import_module(self._rows[family].module)
        return cast(Load, module.load)

    def table(self) -> CapabilityTable:
        """What all of them can do, in the order in which they were added."""
        return CapabilityTable(families={family: dict(row.variants) for family, row in self._rows.items()})


FAMILIES = Registry()

_FLUX_PARTS = ("transformer", "T5 text encoder", "CLIP text encoder", "autoencoder")
_FLUX_DEV = Capabilities(
    modes=("txt2img", "img2img", "inpaint"),
    lora=True,
    guidance="embedded",
    size_multiple=16,
    text_length=512,
    licence_parts=_FLUX_PARTS,
    step_cache=True,
)
FAMILIES.add(
    "flux",
    "deployments.families.flux",
    {
        "base": _FLUX_DEV,
        "schnell": _FLUX_DEV.model_copy(update={"guidance": "none", "steps": (1, 12), "text_length": 256}),
    },
)

_SD3 = Capabilities(
    modes=("txt2img", "img2img", "inpaint"),
    controls=True,
    lora=True,
    negative_prompt=True,
    guidance="classifier-free",
    size_multiple=16,
    text_length=512,
    licence_parts=("transformer", "T5 text encoder", "CLIP text encoders", "autoencoder"),
)
FAMILIES.add(
    "sd3",
    "deployments.families.sd3",
    {
        "base": _SD3,
        "turbo": _SD3.model_copy(update={"negative_prompt": False, "guidance": "none", "steps": (1, 12)}),
    },
)
