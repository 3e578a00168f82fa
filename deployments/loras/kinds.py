"""What a file is that is no LoRA, DoRA or LoKr, or holds more than one, in words: by the names of what is not used, and
by what PEFT says of itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from configs.text import one_line, quoted
from deployments.loras.keys import is_bias
from deployments.loras.scales import BESIDE
from deployments.loras.settings import read_object

_KINDS: tuple[tuple[str, str], ...] = (
    (r"\.lora_mid\b", "a LoCon with a middle matrix"),
    (r"\.lokr_t", "a LoKr in Tucker form"),
    (r"\.hada_", "a LoHa"),
    (r"\.boft_", "a BOFT"),
    (r"\.oft_", "an OFT"),
    (r"\.glora|\.[ab][12]\.weight$|\.bm\.weight$", "a GLoRA"),
    (r"\.on_input$|\.ia3_l\b", "an IA3"),
    (r"\.(q_layer|p_layer)\.weight$|\.lambda_layer$", "a T-LoRA"),
    (r"\.vera_lambda", "a VeRA"),
    (r"\.(w|b)_norm$", "an adapter with norms"),
    (r"\.diff(_b)?$", "an adapter with whole differences of weights"),
)
_OF_PEFT = ("LORA", "LOKR")
_WHOLE = (".weight", ".bias", ".scale")


def name_kind(unknown: Collection[str], total: int, metadata: Mapping[str, str]) -> str | None:
    """What a file of `total` tensors is, of which those named `unknown` cannot be used; None if nobody knows it."""
    for part, kind in _KINDS:
        name = next((name for name in unknown if re.search(part, name)), None)
        if name is not None:
            return f"{kind} ({quoted(name)})"
    biased = next(filter(is_bias, unknown), None)
    if biased is not None:
        return f"a LoRA with biases ({quoted(biased)})"
    whole = len(unknown) == total and all(name.endswith(_WHOLE) and "lora" not in name for name in unknown)
    return _said_by_peft(metadata) or ("a model, or a part of one" if whole else None)


def _said_by_peft(metadata: Mapping[str, str]) -> str | None:
    settings = read_object(metadata.get(BESIDE, "")) or {}
    kind = str(settings.get("peft_type") or "").upper().rpartition(".")[2]
    return None if not kind or kind in _OF_PEFT else f"of PEFT's kind {one_line(kind, 40)}"
