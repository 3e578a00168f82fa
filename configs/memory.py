"""What a model takes of a GPU, predicted from figures of its architecture: pure arithmetic, so anybody may ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from configs.architecture import Figures, Role, role_of
from configs.capabilities import Capabilities
from configs.frozen import Frozen
from configs.gguf import bits
from configs.runtime import Runtime
from configs.schema import ModelConfig, Size

GB = 10**9
ROWS = 8
"""Lines of a batch that an engine steps at once (its `Limits`); a pipeline called whole is counted with one picture."""
CONTEXT = 600_000_000
"""Bytes that CUDA, cuBLAS and the allocator's rounding take of a GPU for one process: a round figure, not counted."""
PROMPTS = 256 * 2**20
"""Bytes of encoded prompts that an engine keeps (its `Limits`)."""

_BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0}
# 4 bits and a scale per 64 numbers, itself in 8 bits with a scale per 256 (double quantisation); or 8 bits.
_QUANTISED = {"nf4": 0.5 + 1 / 64 + 4 / (64 * 256), "fp8": 1.0}
_LARGE = 10**9  # a text encoder of more numbers than this is quantised by nf4


class Prediction(Frozen):
    """Bytes on the device, at the model's first native size: weights, the largest activations, LoRA slots, the rest."""

    weights: int
    activations: int
    adapters: int
    overhead: int

    @property
    def total(self) -> int:
        return self.weights + self.activations + self.adapters + self.overhead

    @property
    def gb(self) -> float:
        """In units of 10^9 bytes, as GPUs are sold by, rounded up to a tenth."""
        return -(-self.total // (GB // 10)) / 10


class Beside(Frozen):
    """What stands beside a model's own parts: its ControlNets, each once, and what reads its image prompts, by name."""

    controls: tuple[Figures, ...] = ()
    readers: dict[str, Figures] = {}


NOTHING = Beside()


def predict(
    model: ModelConfig, parts: Mapping[str, Figures], can: Capabilities, beside: Beside = NOTHING
) -> Prediction:
    """For `model` under its runtime. An engine is counted with a full batch, whose rows follow every ControlNet, read
    an image prompt and show a reference each, where the model takes such; or with one row and all references it may
    have, if that is more.

    Weights: numbers x bytes, of those that are on the device together. Activations: the largest of what an encoder, the
    denoiser and the autoencoder need, as they run one after another. Slots: lines x ranks, and one copy beside them
    for a batch whose rows all wear a LoRA of the smallest rank.
    """
    runtime, element = model.runtime, _BYTES[model.runtime.dtype]
    rows = ROWS if can.engine == "steps" else 2
    turns = [*_turns(model, parts, beside, _Batch.of(model, can, beside, rows))]
    if runtime.offload == "none":
        on_device, working = sum(turn.held for turn in turns), max(turn.active for turn in turns)
    else:
        largest = max(turns, key=lambda turn: turn.held + turn.active)
        on_device, working = largest.held, largest.active
        if runtime.offload == "group" and largest.role != "autoencoder":
            on_device += sum(turn.held for turn in turns if turn.role == "autoencoder")
    lines = sum(part.lines for name, part in parts.items() if role_of(name) == "denoiser")
    ranks = sum(rank * count for rank, count in model.lora_slots.items())
    copies = rows * min((rank for rank, count in model.lora_slots.items() if count), default=0)
    overhead = CONTEXT + (PROMPTS if can.engine == "steps" else 0) if runtime.device != "cpu" else 0
    return Prediction(
        weights=on_device, activations=working, adapters=int(lines * (ranks + copies) * element), overhead=overhead
    )


class _Batch(Frozen):
    """What the denoiser is given at most: `rows`, tokens of `pictures` in all of them, references included, and of
    image prompts beside the words of a row (`shown`)."""

    rows: int
    pictures: float
    shown: int = 0

    @classmethod
    def of(cls, model: ModelConfig, can: Capabilities, beside: Beside, rows: int) -> _Batch:
        lone = 2 if can.guidance == "classifier-free" else 1
        pictures = max(rows * (1 + min(1, can.references)), lone * (1 + can.references))
        prompt = model.image_prompt
        shown = max((part.tokens for part in beside.readers.values()), default=0)
        return cls(rows=rows, pictures=pictures, shown=shown if prompt is not None and prompt.kind == "redux" else 0)


class _Turn(Frozen):
    """What runs at a time: bytes that it holds, and that it needs beside them."""

    role: Role
    held: int
    active: int


def _turns(model: ModelConfig, parts: Mapping[str, Figures], beside: Beside, batch: _Batch) -> Iterator[_Turn]:
    """Of a model with what stands beside it. Where whole components wait, ControlNets come and go with the denoiser."""
    runtime = model.runtime
    kept = residuals(beside, model, batch.rows)
    nets = [
        _Turn(
            role="control",
            held=weights("controlnet", net, runtime),
            active=activations("controlnet", net, model, batch.rows) + kept,
        )
        for net in beside.controls
    ]
    # What makes tokens anew at each step has few of them: next to nothing beside what the denoiser needs.
    nets += [
        _Turn(role="control", held=weights(name, part, runtime), active=0)
        for name, part in beside.readers.items()
        if role_of(name) == "control"
    ]
    for name, part in parts.items():
        role, held = role_of(name), weights(name, part, runtime, model.weights.file)
        if role != "denoiser":
            yield _Turn(role=role, held=held, active=activations(name, part, model, batch.rows))
            continue
        held += int(_read_by(model, part, beside) * _BYTES[runtime.dtype])
        active = activations(name, part, model, batch.rows, batch.pictures, batch.shown) + kept
        if runtime.offload == "model":
            held, active = held + sum(net.held for net in nets), max(active, *(net.active for net in nets), 0)
            nets = []
        yield _Turn(role=role, held=held, active=active)
    yield from nets
    for name, part in beside.readers.items():
        if role_of(name) == "reader":
            yield _Turn(role="reader", held=weights(name, part, runtime), active=activations(name, part, model, 1))


def residuals(beside: Beside, model: ModelConfig, rows: int) -> int:
    """Bytes of what ControlNets add for `rows`, which stay until the denoiser has run: sums over the nets, except for
    FLUX, which keeps each net's own."""
    added = [net.added * model.native_sizes[0].pixels // net.patch**2 for net in beside.controls]
    numbers = sum(added) if model.family == "flux" else max(added, default=0)
    return int(rows * numbers * _BYTES[model.runtime.dtype])


def _read_by(model: ModelConfig, denoiser: Figures, beside: Beside) -> float:
    """Numbers that a denoiser has more on the device to read the tokens of an IP-Adapter."""
    if model.image_prompt is None or model.image_prompt.kind != "ip-adapter":
        return 0
    steps = sum(part.width for name, part in beside.readers.items() if role_of(name) == "control")
    more = denoiser.crossed + denoiser.timed * steps
    return more * denoiser.block / denoiser.numbers if model.runtime.offload == "group" else more


def weights(name: str, part: Figures, runtime: Runtime, file: str | None = None) -> int:
    """Bytes of a component that are on the device while it runs; `file` is the GGUF that has the denoiser's."""
    element = _BYTES[runtime.dtype]
    if runtime.offload == "sequential":
        return int(part.layer * element)
    whole = part.numbers * element
    if _is_quantised(name, part, runtime):
        fewer = part.cast if runtime.quantisation == "fp8" else part.linear
        whole -= fewer * (element - _kept(runtime.quantisation, file))
    if runtime.offload == "group" and role_of(name) in ("denoiser", "control"):
        # The block that runs, and what belongs to no block.
        return int(whole * (part.loose + part.block) / part.numbers)
    if runtime.offload == "group" and role_of(name) in ("encoder", "reader"):
        return int(whole * part.layer / part.numbers)
    return int(whole)


def activations(
    name: str, part: Figures, model: ModelConfig, rows: int, pictures: float | None = None, shown: int = 0
) -> int:
    """Bytes that a component needs beside its weights at the model's first native size: tokens x numbers of a token.

    A batch of `rows` has so many `pictures` in all, references included, and `shown` tokens of image prompts in each.
    8 x width: what goes in, what is kept to be added, normed and scaled, queries, keys and values, and what attention
    made of them. 2 x inner: before and after the activation. 5 x width of a pixel, where the decoder has come to the
    full size: the upsampled, its norm, the convolved, and copies. Attention is one that keeps no table of all pairs.
    """
    role, size, element = role_of(name), model.native_sizes[0], _BYTES[model.runtime.dtype]
    if role == "autoencoder":
        return int(_decoded(size, part, model.runtime) * 5 * part.width * element)
    per_token = 8 * part.width + 2 * part.inner
    if role in ("encoder", "reader"):
        return int((part.tokens if role == "reader" else model.text_length) * per_token * element)
    tokens = (rows if pictures is None else pictures) * size.pixels // part.patch**2
    if part.patch > 8:  # a UNet reads words without a line of its own for them
        tokens += rows * (model.text_length + shown)
    return int(tokens * (per_token + part.cache) * element)


def _decoded(size: Size, part: Figures, runtime: Runtime) -> int:
    """Pixels that an autoencoder has in hand at a time."""
    if runtime.vae_tiling and part.tile:
        return min(size.width, part.tile) * min(size.height, part.tile)
    return size.pixels


def _kept(quantisation: str, file: str | None) -> float:
    """Bytes of a number in fewer bits."""
    return bits(file) / 8 if quantisation == "gguf" else _QUANTISED[quantisation]


def _is_quantised(name: str, part: Figures, runtime: Runtime) -> bool:
    if runtime.quantisation == "none":
        return False
    role = role_of(name)
    return role == "denoiser" or (runtime.quantisation == "nf4" and role == "encoder" and part.numbers > _LARGE)
