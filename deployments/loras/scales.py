"""How strongly a file's layers count: alpha over rank, looked for wherever trainers write it, in order of authority.

1. the layer's own `alpha` tensor;
2. PEFT's settings in the header, those in `adapter_config.json` beside the file, and plain entries of the header
   (`lora_alpha`, `network_alpha`, `alpha`): where more than one speaks, they have to agree;
3. what kohya notes of the training (`ss_network_alpha`), which later steps may have outdated, and so only if alone.

Where none says anything it is 1: such files have alpha in their factors.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from configs.text import one_line, quoted
from deployments.loras.faults import Unusable
from deployments.loras.settings import COMPONENT, DEFAULT_ALPHA, Settings, read_number, read_object, read_settings

BESIDE = "adapter_config.json"
_IN_JSON = ("lora_adapter_metadata", "adapter_config", "peft_config", "lora_config", BESIDE)
_ALPHAS = ("lora_alpha", "network_alpha", "alpha")
_RANKS = ("r", "rank", "lora_rank", "lora_dim", "network_dim")
_PATTERNS = ("alpha_pattern", "rank_pattern", "use_rslora")
_OF_KOHYA = "ss_network_alpha"
_ALPHA_WITHIN = re.compile(r'"(lora_|network_)?alpha"\s*:')
_UNSTATED = ("", "None", "null")


class Scale(NamedTuple):
    """What a layer's product is multiplied with, and where that is said."""

    value: float
    source: str


STATED_NOWHERE = Scale(1.0, "stated nowhere")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A layer that a scale is wanted for: its name in the file without component, its rank (None for a LoKr of whole
    factors), its own alpha (None if it has none), whether it has magnitudes, and whether it is a convolution with a
    kernel, which kohya's trainers give an alpha of its own."""

    layer: str
    rank: int | None
    alpha: float | None
    dora: bool = False
    kernel: bool = False


@dataclass(frozen=True, slots=True)
class Scales:
    """The scales of one component's layers, as a file and what lies beside it state them."""

    settings: tuple[Settings, ...] = ()
    kohya: Mapping[str, str] | None = None

    @classmethod
    def read(cls, metadata: Mapping[str, str], component: str) -> Scales:
        """Those of `component`. What cannot be understood is refused when a layer asks."""
        places = [place for key in _IN_JSON if key in metadata for place in _in_json(key, metadata[key], component)]
        plain = _plain(metadata, component)
        kohya = metadata if metadata.get(_OF_KOHYA, "") not in _UNSTATED else None
        return cls((*places, *([plain] if plain else [])), kohya)

    def find(self, wanted: Wanted) -> Scale:
        """The scale of a layer. Raises Unusable, naming the setting that cannot be followed."""
        if wanted.alpha is not None:
            return _own(wanted.alpha, wanted.rank)
        found = [_follow(settings, wanted) for settings in self.settings]
        for other in found[1:]:
            if not math.isclose(other.value, found[0].value, rel_tol=1e-6):
                raise Unusable(
                    f"has the scale {found[0].value:g} by {found[0].source}, and {other.value:g} by {other.source}: "
                    "remove what is not true"
                )
        if found:
            return found[0]
        return _follow_kohya(self.kohya, wanted) if self.kohya is not None else STATED_NOWHERE


def _own(alpha: float, rank: int | None) -> Scale:
    """LyCORIS's rule for a LoKr of whole factors: its alpha says nothing."""
    return Scale(1.0, "whole factors") if rank is None else Scale(alpha / rank, "its own alpha")


def _in_json(key: str, text: str, component: str) -> list[Settings]:
    place = key if key == BESIDE else f"'{key}' in its header"
    found = read_object(text)
    if found is None:
        return [Settings(place, objection=f"{place} is no JSON object")]
    settings = read_settings(found, component, place)
    return [settings] if settings else []


def _plain(metadata: Mapping[str, str], component: str) -> Settings | None:
    """Entries of the header that are no JSON, with or without the component in front."""
    own = {key.removeprefix(f"{component}."): value for key, value in metadata.items() if value not in _UNSTATED}
    alphas = {name: own[name] for name in _ALPHAS if name in own}
    strange = sorted(key for key, value in own.items() if _is_strange(key, value))
    if not alphas and not strange and "alpha_pattern" not in own:
        return None
    place = f"{quoted(next(iter([*alphas, *strange, 'alpha_pattern'])))} in its header"
    ranks = {name: own[name] for name in _RANKS if name in own}
    for named in (alphas, ranks):
        if len({read_number(value) for value in named.values()}) > 1:
            said = ", ".join(f"{name} {one_line(value, 40)}" for name, value in named.items())
            return Settings(place, objection=f"its header says {said}: remove what is not true")
    if strange:
        why = f"its header speaks of an alpha in {quoted(strange[0])}, which is not known here"
        return Settings(place, objection=why)
    found: dict[str, Any] = {name: own[name] for name in _PATTERNS if name in own}
    found |= {"lora_alpha": next(iter(alphas.values()), None), "r": next(iter(ranks.values()), None)}
    return read_settings(found, component, place)


def _is_strange(key: str, value: str) -> bool:
    """Whether an entry is about an alpha, by its name or within its JSON, that nobody here knows of."""
    name = COMPONENT.sub(r"\4", key)
    if name in (*_ALPHAS, *_PATTERNS, *_IN_JSON, _OF_KOHYA):
        return False
    return name.lower().endswith("alpha") or _ALPHA_WITHIN.search(value) is not None


def _follow(settings: Settings, wanted: Wanted) -> Scale:
    if settings.objection is not None:
        raise Unusable(f"cannot be scaled: {settings.objection}")
    if settings.dora is not None and settings.dora != wanted.dora and not settings.lokr:
        raise Unusable(f"{'has' if wanted.dora else 'lacks'} magnitudes, against 'use_dora' in {settings.place}")
    if wanted.rank is None and not settings.lokr:
        return _own(1.0, None)
    stated = settings.find_rank(wanted.layer)
    if stated is not None and wanted.rank is not None and stated != wanted.rank:
        raise Unusable(f"has rank {wanted.rank}, and {stated} by {settings.place}: these settings are another file's")
    rank = wanted.rank or stated
    if rank is None:
        raise Unusable(f"cannot be scaled: {settings.place} does not say its rank")
    alpha = settings.find_alpha(wanted.layer)
    said = f"alpha {DEFAULT_ALPHA:g}, PEFT's default, since none is stated," if alpha is None else f"alpha {alpha:g}"
    scale = (DEFAULT_ALPHA if alpha is None else alpha) / (math.sqrt(rank) if settings.root else rank)
    return Scale(scale, f"{settings.place}: {said} of rank {rank}{' by its root' if settings.root else ''}")


def _follow_kohya(metadata: Mapping[str, str], wanted: Wanted) -> Scale:
    if wanted.rank is None:
        return Scale(1.0, "whole factors")
    arguments = read_object(metadata.get("ss_network_args", "{}")) or {}
    alpha: Any = metadata[_OF_KOHYA]
    stated: Any = metadata.get("ss_network_dim")
    if wanted.kernel and "conv_alpha" in arguments:
        alpha, stated = arguments["conv_alpha"], arguments.get("conv_dim")
    number, dim = read_number(alpha), read_number(stated)
    if number is None or (dim is None and stated not in (None, *_UNSTATED)):
        said = f"{_OF_KOHYA} {one_line(repr(alpha), 40)} and ss_network_dim {one_line(repr(stated), 40)}"
        raise Unusable(f"cannot be scaled: its header has {said}")
    if dim is not None and dim != wanted.rank:
        raise Unusable(
            f"has rank {wanted.rank}, and {dim:g} by 'ss_network_dim' in its header, and no alpha of its own"
        )
    root = str(arguments.get("rs_lora", "")).lower() in ("true", "1")
    scale = (number or wanted.rank) / (math.sqrt(wanted.rank) if root else wanted.rank)
    return Scale(scale, f"'{_OF_KOHYA}' in its header: alpha {number or wanted.rank:g}, rank {wanted.rank}")
