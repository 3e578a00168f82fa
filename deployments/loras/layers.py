"""What a file says of one layer, judged before anything is computed of it, and then read as a change."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

import torch

from configs.text import quoted
from deployments.loras.changes import Change, Dora, LoKr, LowRank
from deployments.loras.faults import Empty, Misfit, Unusable
from deployments.loras.keys import take_apart
from deployments.loras.scales import Scale, Scales, Wanted

_LORA = {"a", "b"}
_MAGNITUDES = {"magnitude", "dora_scale"}
_FACTORS = {"w1": ("w1", "w1_a", "w1_b"), "w2": ("w2", "w2_a", "w2_b")}
_WORDS = {"a": "lora_A", "b": "lora_B", "magnitude": "lora_magnitude_vector", "": "a part that is not known"}


@dataclass(slots=True)
class Layer:
    """The names of a layer's tensors, by part; `twice` are those whose part another one is already."""

    parts: dict[str, str] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.parts.values(), *self.twice)

    def pick(self, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Its tensors by part. Raises Unusable if one part is there twice."""
        if self.twice:
            raise Unusable(f"has one part twice, the second time as {quoted(self.twice[0])}")
        return {part: tensors[name] for part, name in self.parts.items()}


@dataclass(frozen=True, slots=True)
class Judged:
    """The tensors of a layer that is whole: their shapes multiply, and alpha is one number. `output` is the shape of
    the weight that they change."""

    parts: Mapping[str, torch.Tensor]
    output: tuple[int, ...]
    rank: int | None
    alpha: float | None

    def wanted(self, layer: str) -> Wanted:
        """What its scale depends on; `layer` is its name in the file."""
        kernel = math.prod(self.output[2:]) > 1
        return Wanted(layer, self.rank, self.alpha, bool(self.parts.keys() & _MAGNITUDES), kernel)


def gather(names: Iterable[str]) -> dict[str, Layer]:
    """The layers of a file. A name without a known part is a layer of its own."""
    layers: dict[str, Layer] = {}
    for name in names:
        key = take_apart(name)
        layer = layers.setdefault(key.layer, Layer())
        if key.part in layer.parts:
            layer.twice.append(name)
        else:
            layer.parts[key.part] = name
    return layers


def judge(parts: Mapping[str, torch.Tensor], shape: torch.Size | None = None) -> Judged:
    """A layer's tensors by part, of a weight of `shape` if that is known. Raises Unusable, Misfit and Empty among it,
    for whatever could not be computed with, before any of it is."""
    parts = _in_dimensions_of(shape, parts)
    kind = parts.keys() - _MAGNITUDES - {"alpha"}
    if not kind:
        raise Unusable(f"has {' and '.join(sorted(map(_word, parts)))} and nothing that it belongs to")
    rank: int | None
    if kind == _LORA:
        output, rank = _judge_lora(parts["a"].shape, parts["b"].shape)
    else:
        output, rank = _judge_lokr(parts, kind, shape)
    alpha = _judge_alpha(parts["alpha"], rank) if "alpha" in parts else None
    if shape is not None and output != tuple(shape):
        raise Misfit(f"is of a layer of another size, {_times(output)}, where this model has {_times(shape)}")
    _judge_magnitudes(parts, output)
    if rank == 0:
        if parts.keys() & _MAGNITUDES:
            raise Unusable("has rank 0 and magnitudes nevertheless")
        raise Empty("of rank 0")
    return Judged(parts, output, rank, alpha)


def read_change(judged: Judged, scale: float) -> Change:
    """The change that a layer's tensors describe, with its scale within."""
    parts = judged.parts
    change: LowRank | LoKr
    if "a" in parts:
        change = LowRank(parts["a"], parts["b"] if scale == 1 else parts["b"].float() * scale)
    else:
        right = _factor(parts, "w2")
        change = LoKr(_factor(parts, "w1") * scale, right.reshape(*right.shape[:1], -1, *judged.output[2:]))
    for name in parts.keys() & _MAGNITUDES:
        return Dora(change, parts[name], _is_by_input(name, parts[name].shape, judged.output))
    return change


def read(
    tensors: Mapping[str, torch.Tensor], layer: Layer, name: str, scales: Scales, shape: torch.Size
) -> tuple[Change, Scale]:
    """The change of a weight of `shape` that a layer describes, which the file calls `name`, and its scale. Raises
    Unusable."""
    judged = judge(layer.pick(tensors), shape)
    scale = scales.find(judged.wanted(name))
    return read_change(judged, scale.value), scale


def _in_dimensions_of(shape: torch.Size | None, parts: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    """A convolution of 1×1 is a linear: the factors of one, of a model that has it as the other."""
    if shape is None or not {"a", "b"} <= parts.keys():
        return parts
    sides = {side: parts[side] for side in ("a", "b")}
    single = all(size == 1 for size in (*shape[2:], *(size for one in sides.values() for size in one.shape[2:])))
    if not single or any(one.ndim < 2 or one.ndim == len(shape) for one in sides.values()):
        return parts
    return {**parts, **{side: one.reshape(*one.shape[:2], *shape[2:]) for side, one in sides.items()}}


def _judge_lora(a: torch.Size, b: torch.Size) -> tuple[tuple[int, ...], int]:
    """The shape of the weight, and the rank."""
    whole = len(a) == len(b) >= 2 and all(size == 1 for size in b[2:])
    if not whole or a[0] != b[1]:
        raise Unusable(f"has factors that do not multiply: lora_A has {_times(a)}, lora_B {_times(b)}")
    return (b[0], *a[1:]), a[0]


def _judge_lokr(
    parts: Mapping[str, torch.Tensor], kind: Set[str], shape: torch.Size | None
) -> tuple[tuple[int, ...], int | None]:
    """The shape of the weight, and the rank of the factors that are products; None if none is."""
    forms = [_form(kind, factor) for factor in _FACTORS]
    if None in forms or kind != {part for form in forms for part in form or ()}:
        raise Unusable(_why_of_no_kind(kind))
    left, ranks = _judge_factor("w1", [parts[part].shape for part in forms[0] or ()], ())
    kernel = tuple(shape[2:]) if shape is not None else ()
    right, more = _judge_factor("w2", [parts[part].shape for part in forms[1] or ()], kernel)
    if len(left) != 2:
        raise Unusable(f"has a LoKr's first factor of {_times(left)}, which is no matrix")
    rank = next(iter(sorted(ranks + more)[:1] if 0 in ranks + more else more + ranks), None)
    return (left[0] * right[0], left[1] * right[1], *right[2:]), rank


def _judge_factor(
    name: str, shapes: list[torch.Size], kernel: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shape of a factor, and its rank if it is a product. Of a convolution, the second one of a product may have
    its kernel flattened."""
    if len(shapes) == 1:
        if len(shapes[0]) < 2:
            raise Unusable(f"has a LoKr's {name} of {_times(shapes[0])}, which is no matrix")
        return tuple(shapes[0]), ()
    a, b = shapes
    if len(a) != 2 or len(b) < 2 or a[1] != b[0] or len(b) > 2 and tuple(b[2:]) != kernel:
        raise Unusable(f"has factors that do not multiply: {name}_a has {_times(a)}, {name}_b {_times(b)}")
    size = math.prod(kernel)
    if len(b) == 2 and name == "w2" and kernel:
        if size == 0 or b[1] % size:
            raise Misfit(f"is of a layer of another size: its {name}_b has {_times(b)}")
        return (a[0], b[1] // size, *kernel), (a[1],)
    return (a[0], *b[1:]), (a[1],)


def _form(kind: Set[str], factor: str) -> tuple[str, ...] | None:
    """The parts of `kind` that make up a factor: the whole, or two; None if they do neither."""
    whole, a, b = _FACTORS[factor]
    present = kind & {whole, a, b}
    return (whole,) if present == {whole} else (a, b) if present == {a, b} else None


def _why_of_no_kind(kind: Set[str]) -> str:
    lokr = {part for parts in _FACTORS.values() for part in parts}
    has = " and ".join(sorted(map(_word, kind)))
    if kind & _LORA and kind & lokr:
        return f"is a LoRA and a LoKr at once: it has {has}"
    if kind <= _LORA:
        return f"is half a LoRA: it has {has} alone"
    if kind <= lokr:
        return f"is no whole LoKr, or has one of its factors in two forms: it has {has}"
    return f"is of no kind that can be used here: it has {has}"


def _judge_alpha(alpha: torch.Tensor, rank: int | None) -> float:
    """Of a LoKr of whole factors (rank None) it says nothing: there LyCORIS writes the rank that was asked for, 100000
    as a rule, which is beyond 16 bits."""
    if alpha.numel() != 1 or alpha.is_complex():
        raise Unusable(f"has an alpha of {alpha.numel()} numbers, where one is meant")
    number = float(alpha.item())
    if rank is not None and not math.isfinite(number):
        raise Unusable("has an alpha that is no number")
    return number


def _judge_magnitudes(parts: Mapping[str, torch.Tensor], output: tuple[int, ...]) -> None:
    names = sorted(parts.keys() & _MAGNITUDES)
    if len(names) == 2:
        raise Unusable("has magnitudes twice, as PEFT's and as LyCORIS's")
    for name in names:
        shape = parts[name].shape
        count = output[1 if _is_by_input(name, shape, output) else 0]
        if shape.numel() != count or sum(size != 1 for size in shape) > 1:
            raise Misfit(f"is of a layer of another size: it has magnitudes of {_times(shape)} for {_times(output)}")


def _is_by_input(name: str, shape: torch.Size, output: tuple[int, ...]) -> bool:
    """Whether magnitudes are one per input: LyCORIS's [1, inputs], where those by output are [outputs, 1]. PEFT's are
    by output always, with a 1 in front for convolutions."""
    return name == "dora_scale" and len(shape) >= 2 and shape[0] == 1 and (output[0] != 1 or shape[1] != 1)


def _factor(parts: Mapping[str, torch.Tensor], name: str) -> torch.Tensor:
    if name in parts:
        return parts[name].float()
    return parts[f"{name}_a"].float() @ parts[f"{name}_b"].float().flatten(1)


def _word(part: str) -> str:
    return _WORDS.get(part, f"lokr_{part}" if part.startswith("w") else part)


def _times(shape: Iterable[int]) -> str:
    return "×".join(map(str, shape)) or "no dimensions"
