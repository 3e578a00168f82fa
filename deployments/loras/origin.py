"""What a LoRA's file says of itself: the model it was made for, by its keys and its metadata, and its trigger words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from configs.text import one_line
from deployments.loras.counting import FILE, Layers, pattern_of
from deployments.loras.keys import take_apart
from deployments.loras.models import MODELS

_STATED = ("modelspec.architecture", "ss_base_model_version", "base_model")
_TRIGGERS = ("modelspec.trigger_phrase", "trigger_phrase", "trigger_words", "trigger_word")
_LONGEST = 100
_LONGEST_TEXT = 10_000  # of a text in a header, which can have megabytes
_PART = re.compile(
    r"[._](?:lora(?:\d+|_[AB]|_down|_up|_mid|_linear_layer|_magnitude_vector|_embedding_[AB])?|lokr_.*|hada_.*|oft_.*|boft_.*"
    r"|glora.*|dora_scale|diff|diff_b|[ab][12]|alpha|scale|on_input)(?:\.[A-Za-z0-9_.-]*)?$"
)
_PREFIX = re.compile(
    r"^(?:base_model\.model\.|model\.diffusion_model\.|diffusion_model\.|transformer\.|transformer_2\.|unet\.|prior\."
    r"|lora_unet_|lora_transformer_|lora_prior_unet_|lycoris_|model\.)"
)
_ENCODER = re.compile(
    r"^(?:lora_te\d?_|text_encoder(?:_\d)?\.|text_encoders\.\w+\.|te\d?\.)(?:transformer[._])?(?:text_model[._])?"
)
_KNOWN: dict[str, Layers] = json.loads(FILE.read_text(encoding="utf-8"))
_LIST = re.compile(r"""\[\s*(["']).*\1\s*\]""", re.DOTALL)


class Shaped(Protocol):
    """A tensor, or its entry in a header."""

    @property
    def shape(self) -> tuple[int, ...]: ...


class Origin(NamedTuple):
    """What a file was made for: how messages call it, and the families here that it may be of, none for a stranger."""

    name: str
    families: tuple[str, ...]


class Seen(NamedTuple):
    """A layer of a file: its name without numbers, the first of these, and its outputs and inputs where known."""

    pattern: str
    block: int
    outputs: int | None
    inputs: int | None


def guess(tensors: Mapping[str, Shaped], metadata: Mapping[str, str] | None = None) -> Origin | None:
    """Whose layers these are; None if nobody's that is known.

    By the names of the layers; where several models call theirs so, by sizes, by the number of blocks, by what the
    header says, by whose last block is there, and by whose blocks all kinds are there. What is left in common stays in
    common.
    """
    layers = _layers(tensors)
    said = stated(metadata or {}) or ""
    likely = _best({model.name: _share(layers, _KNOWN[model.name], _is_named) for model in MODELS}, 0.5)
    if not likely:
        likely = [model.name for model in MODELS if re.search(model.stated, said, re.IGNORECASE)]
    sized = _best({name: _share(layers, _KNOWN[name], _is_sized) for name in likely}, 0.0)
    narrower = (
        sized,
        _best({name: _share(layers, _KNOWN[name], _is_counted) for name in sized or likely}, 0.0),
        [model.name for model in MODELS if re.search(model.stated, said, re.IGNORECASE)],
        _best({name: _share(layers, _KNOWN[name], _is_last) for name in sized}, 0.0),
        _best({name: _covered(layers, _KNOWN[name]) for name in sized}, 0.0),
    )
    for names in narrower:
        likely = [name for name in likely if name in names] or likely
    found = [model for model in MODELS if model.name in likely]
    families = tuple(dict.fromkeys(model.family for model in found if model.family))
    return Origin(_listed([model.name for model in found]), families) if found else None


def _layers(tensors: Mapping[str, Shaped]) -> list[Seen]:
    sides: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, tensor in tensors.items():
        bare = _PART.sub("", name).replace(".processor", "")
        while (shorter := _PREFIX.sub("", bare)) != bare:
            bare = shorter
        numbered = _ENCODER.sub(lambda found: "te#." if re.search(r"te\d|text_encoder", found[0]) else "te.", bare)
        sides.setdefault(numbered, {})[take_apart(name).part] = tuple(tensor.shape)
    return [Seen(*pattern_of(name), *_size(parts)) for name, parts in sides.items()]


def _size(parts: Mapping[str, tuple[int, ...]]) -> tuple[int | None, int | None]:
    """Outputs and inputs, of a LoRA's or a LoKr's parts."""
    if "a" in parts and "b" in parts and len(parts["a"]) > 1 and parts["b"]:
        return parts["b"][0], parts["a"][1]
    factors = [parts.get(one) or _product(parts.get(f"{one}_a"), parts.get(f"{one}_b")) for one in ("w1", "w2")]
    (first, second) = factors
    if first and second and len(first) > 1 and len(second) > 1:
        return first[0] * second[0], first[1] * second[1]
    return None, None


def _product(left: tuple[int, ...] | None, right: tuple[int, ...] | None) -> tuple[int, ...] | None:
    return (left[0], *right[1:]) if left and right else None


def _is_named(layer: Seen, known: Layers) -> bool:
    return layer.pattern in known


def _is_sized(layer: Seen, known: Layers) -> bool:
    return (layer.outputs, layer.inputs) in {tuple(shape) for shape in known.get(layer.pattern, (0, []))[1]}


def _is_counted(layer: Seen, known: Layers) -> bool:
    blocks = known.get(layer.pattern, (0, []))[0]
    return not blocks or layer.block < blocks


def _is_last(layer: Seen, known: Layers) -> bool:
    """Whether it is in the last of its blocks, as some layer is of a file that changes them all."""
    return layer.block + 1 == known.get(layer.pattern, (0, []))[0]


def _share(layers: Collection[Seen], known: Layers, fits: Callable[[Seen, Layers], bool]) -> float:
    return sum(fits(layer, known) for layer in layers) / len(layers) if layers else 0.0


def _covered(layers: Collection[Seen], known: Layers) -> float:
    """The share of the kinds of blocks that a model has in which the file has layers, all in diffusers' names or all
    in published ones."""
    kinds = {_kind(layer.pattern) for layer in layers}
    of_model = {_kind(pattern) for pattern in known if _kind(pattern).endswith("blocks_#") and "_" in pattern}
    published = {kind for kind in of_model if not kind.endswith("transformer_blocks_#")}
    mine = published if kinds & published else of_model - published
    return len(kinds & mine) / len(mine) if mine else 0.0


def _kind(pattern: str) -> str:
    return pattern.partition("#")[0] + "#"


def _best(scores: Mapping[str, float], least: float) -> list[str]:
    highest = max(scores.values(), default=0.0)
    return [name for name, score in scores.items() if score == highest > least]


def _listed(names: Sequence[str]) -> str:
    *first, last = names[:3]
    return f"{', '.join(first)} or {last}" if first else last


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
