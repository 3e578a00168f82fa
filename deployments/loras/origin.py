"""What a LoRA's file says of itself: the model it was made for, by its keys and its metadata, and its trigger words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from configs.text import one_line

_STATED = ("modelspec.architecture", "ss_base_model_version", "base_model")
_TRIGGERS = ("modelspec.trigger_phrase", "trigger_phrase", "trigger_words", "trigger_word")
_LONGEST = 100
_LONGEST_TEXT = 10_000  # of a text in a header, which can have megabytes
_LIST = re.compile(r"""\[\s*(["']).*\1\s*\]""", re.DOTALL)


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
    """The model that a file says it was made for, in one plain line."""
    return _first(metadata, _STATED, _LONGEST) or None


def trigger_words(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Those that a file names as such, each plain and at most as long as a config allows."""
    phrase = _first(metadata, _TRIGGERS)
    if _LIST.fullmatch(phrase):  # as JSON or Python write a list
        phrase = phrase[1:-1]
    words = (word.strip().strip("\"'").strip() for word in phrase.split(","))
    return tuple(dict.fromkeys(word for word in words if 0 < len(word) <= _LONGEST))


def frequent_tags(metadata: Mapping[str, str], count: int = 5) -> tuple[str, ...]:
    """The tags that most pictures had which it learned from (kohya writes them down): one may be its trigger word."""
    try:
        folders: Any = json.loads(metadata.get("ss_tag_frequency", "{}"))
        tags: Counter[str] = Counter()
        for counted in folders.values():
            tags.update({tag: int(times) for tag, times in counted.items()})
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return ()
    plain = (one_line(tag[:_LONGEST_TEXT], _LONGEST) for tag, _ in tags.most_common(2 * count))
    return tuple(dict.fromkeys(filter(None, plain)))[:count]


def _first(metadata: Mapping[str, str], keys: Iterable[str], longest: int | None = None) -> str:
    """The first of these that says anything, as one plain line."""
    return next(filter(None, (one_line(metadata.get(key, "")[:_LONGEST_TEXT], longest) for key in keys)), "")
