"""What a LoRA's file says of itself: the model it was made for, by its keys and its metadata, and its trigger words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_STATED = ("modelspec.architecture", "ss_base_model_version", "base_model")
_TRIGGERS = ("modelspec.trigger_phrase", "trigger_phrase", "trigger_words", "trigger_word")
_LONGEST = 100


class Origin(NamedTuple):
    """A family's id (None for what no family here is) and how messages call it."""

    family: str | None
    name: str


# Parts of tensor names that give a model away, the more telling first.
_TELLTALES = {
    "to_qkv_mlp_proj": Origin("flux2", "FLUX.2"),
    "stream_modulation": Origin("flux2", "FLUX.2"),
    "joint_blocks": Origin("sd3", "Stable Diffusion 3"),
    "double_stream_blocks": Origin("hidream", "HiDream"),
    "single_stream_blocks": Origin("hidream", "HiDream"),
    "input_blocks": Origin("sdxl", "Stable Diffusion or SDXL"),
    "output_blocks": Origin("sdxl", "Stable Diffusion or SDXL"),
    "down_blocks": Origin("sdxl", "Stable Diffusion or SDXL"),
    "up_blocks": Origin("sdxl", "Stable Diffusion or SDXL"),
    "lora_te_text_model": Origin(None, "Stable Diffusion"),
    "single_transformer_blocks": Origin("flux", "FLUX"),
    "double_blocks": Origin("flux", "FLUX"),
    "single_blocks": Origin("flux", "FLUX"),
    "transformer_blocks": Origin("sd3", "Stable Diffusion 3 or another transformer"),
    "self_attn.q_proj": Origin(None, "a language model"),
}


def guess(names: Iterable[str]) -> Origin | None:
    """Who has layers of such names; None if nobody that is known."""
    joined = " ".join(names)
    return next((origin for part, origin in _TELLTALES.items() if part in joined), None)


def stated(metadata: Mapping[str, str]) -> str | None:
    """The model that a file says it was made for."""
    return next((metadata[key] for key in _STATED if metadata.get(key)), None)


def trigger_words(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Those that a file names as such, each at most as long as a config allows."""
    phrase = next((metadata[key] for key in _TRIGGERS if metadata.get(key)), "")
    words = (word.strip().strip('"') for word in phrase.strip("[]").split(","))
    return tuple(dict.fromkeys(word for word in words if 0 < len(word) <= _LONGEST))


def frequent_tags(metadata: Mapping[str, str], count: int = 5) -> tuple[str, ...]:
    """The tags that most pictures had which it learned from (kohya writes them down): one may be its trigger word."""
    try:
        folders: Any = json.loads(metadata.get("ss_tag_frequency", "{}"))
        tags: Counter[str] = Counter()
        for counted in folders.values():
            tags.update({str(tag).strip(): int(times) for tag, times in counted.items()})
    except (ValueError, TypeError, AttributeError):
        return ()
    return tuple(tag for tag, _ in tags.most_common(count))
