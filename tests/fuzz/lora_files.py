"""Random LoRA files: names, shapes, dtypes, values and metadata as trainers write them, each of it sometimes wrong."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from deployments.loras.keys import Anatomy, Place
from deployments.loras.scales import BESIDE

_DTYPES = {
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float64: "F64",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.int64: "I64",
    torch.int8: "I8",
    torch.bool: "BOOL",
    torch.complex64: "C64",
}
# What trainers call the parts of a change, by kind.
_LORA = (
    ("lora_A.weight", "lora_B.weight"),
    ("lora_down.weight", "lora_up.weight"),
    ("lora_A.default.weight", "lora_B.default.weight"),
    ("lora.down.weight", "lora.up.weight"),
)
_MORE = (
    *("alpha", "dora_scale", "lora_magnitude_vector", "lora_magnitude_vector.default.weight", "lora_mid.weight"),
    *("lora_B.bias", "diff", "diff_b", "scalar", "hada_w1_a", "hada_w2_b", "lokr_w1", "lokr_w1_a", "lokr_w2_b"),
    *("lokr_t2", "oft_blocks", "lora_A.style.weight", "lora_down.weight", "w_norm", "bundle_emb"),
)
_PREFIXES = ("transformer.", "unet.", "diffusion_model.", "base_model.model.", "", "lora_unet_", "lycoris_", "odd.")
_FOREIGN = (
    *("", "\x1b[2J", "x" * 5000, "\udc80", "lora_A.weight", "..", "transformer.transformer.x"),
    *("double_blocks.0.img_attn.qkv", "double_blocks.0.img_attn.proj", "single_blocks.0.linear1"),
    *("single_blocks.0.linear2", "double_blocks.0.processor.qkv_lora1", "joint_blocks.0.x_block.attn.qkv"),
    *("input_blocks_4_1_transformer_blocks_0_attn1_to_q", "middle_block_1_proj_in", "text_model.encoder.layers.0"),
)
_NUMBERS: tuple[Any, ...] = (4, 1, 8.0, "4", "16", 0, -2, 1e-30, 1e38, 10**400, math.inf, math.nan, "nan", "1e999")
_ODD: tuple[Any, ...] = (None, True, "", "four", "Dynamic", [4], {"a": 1}, "\u0661", "0x10", " 2 ", "[" * 9)
_PATTERNS = ("attn.to_q", "^transformer", r".*\.0\.attn\.to_[qkv]", "(", "*", "(a+)+$", "(.*)*x", "a{99999}", "[[:x:]]")


@dataclass
class Drawn:
    """A file before it is written, and what lies beside it."""

    tensors: dict[str, torch.Tensor] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    beside: bytes | None = None


def draw(random: random.Random, anatomy: Anatomy) -> Drawn:
    """A file for a model of that anatomy: most of it right, so that what is wrong is reached."""
    drawn = Drawn()
    places = random.sample(list(anatomy.weights), random.randint(1, 3))
    wild = random.choice((0.0, 0.0, 0.1, 0.3))
    for place in places:
        name = _name(random, place, wild)
        for part, shape in _parts(random, tuple(anatomy.shape(place)), wild).items():
            drawn.tensors[f"{name}.{part}"] = _tensor(random, shape, wild)
    if random.random() < 0.5:
        drawn.metadata = _metadata(random)
    if random.random() < 0.06:
        drawn.beside = random.choice((json.dumps(_settings(random)).encode(), b"{", b"\xff\xfe", b"[]", b"[" * 99_999))
    return drawn


def write(drawn: Drawn, file: Path, random: random.Random) -> None:
    """As safetensors; in one of eight files with a header that lies, or bytes that are missing or others."""
    header: dict[str, Any] = {"__metadata__": drawn.metadata} if drawn.metadata else {}
    data = b""
    for name, tensor in drawn.tensors.items():
        raw = tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
        entry = {
            "dtype": _DTYPES[tensor.dtype],
            "shape": [*tensor.shape],
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        header[name] = entry
        data += raw
    lies = random.random() < 0.125
    if lies:
        _lie(random, header)
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    text += b" " * (-len(text) % 8)
    content = bytearray(len(text).to_bytes(8, "little") + text + data)
    if lies and random.random() < 0.5:
        _damage(random, content)
    file.write_bytes(content)
    beside = file.with_name(BESIDE)
    beside.unlink(missing_ok=True)
    if drawn.beside is not None:
        beside.write_bytes(drawn.beside)


def _name(random: random.Random, place: Place, wild: float) -> str:
    if random.random() < 0.15:
        return random.choice(_PREFIXES) + random.choice(_FOREIGN)
    own = "transformer." if place.component == "transformer" else f"{place.component}."
    prefix = random.choice(_PREFIXES) if random.random() < max(wild, 0.2) else own
    module = place.module.replace(".", "_") if prefix.endswith("_") else place.module
    return prefix + module


def _parts(random: random.Random, shape: tuple[int, ...], wild: float) -> dict[str, tuple[int, ...]]:
    """The parts of one layer's change and their shapes."""
    found = random.choice((_lora, _lora, _lokr))(random, shape)
    if random.random() < 0.4:
        found["alpha"] = random.choice(((), (1,), (1, 1), (0,), (2,)) if random.random() < wild else ((), (1,)))
    if random.random() < 0.2:
        kernel = [1] * (len(shape) - 2)
        by_output, by_input = (shape[0], 1, *kernel), (1, shape[1], *kernel)
        found["dora_scale"] = random.choice((by_output, by_input, (shape[0],)))
    if random.random() < wild:
        found[random.choice(_MORE)] = random.choice((shape, (shape[0],), (4, 4), (), (0,)))
    if random.random() < wild:
        found.pop(random.choice(list(found)))
    return {part: _bend(random, one) if random.random() < wild / 2 else one for part, one in found.items()}


def _lora(random: random.Random, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    rank = random.choice((0, 1, 2, 4, 4, 4, 16, 300))
    down, up = random.choice(_LORA)
    return {down: (rank, *shape[1:]), up: (shape[0], rank, *[1] * (len(shape) - 2))}


def _lokr(random: random.Random, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    p, q = (random.choice([n for n in (1, 2, 4) if size % n == 0]) for size in shape[:2])
    rank = random.choice((0, 1, 2, 3))
    first: dict[str, tuple[int, ...]] = {"lokr_w1": (p, q)}
    second: dict[str, tuple[int, ...]] = {"lokr_w2": (shape[0] // p, shape[1] // q, *shape[2:])}
    if random.random() < 0.4:
        first = {"lokr_w1_a": (p, rank), "lokr_w1_b": (rank, q)}
    if random.random() < 0.4:
        flat = shape[1] // q * math.prod(shape[2:])
        second = {"lokr_w2_a": (shape[0] // p, rank), "lokr_w2_b": (rank, flat)}
    return first | second


def _bend(random: random.Random, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Another shape: fewer or more dimensions, transposed, none of something, or a great many of nothing."""
    return random.choice(
        (
            (),
            (1,),
            (0,),
            shape[::-1],
            shape[1:],
            (*shape, 1),
            tuple(size + 1 for size in shape),
            tuple(0 for _ in shape),
            (0, 2**40),
            (2**31, 0),
            (7, 5, 3),
        )
    )


def _tensor(random: random.Random, shape: tuple[int, ...], wild: float) -> torch.Tensor:
    dtype = random.choice(list(_DTYPES)) if random.random() < wild / 3 else random.choice(list(_DTYPES)[:3])
    if random.random() < wild / 4:
        value = random.choice((0.0, math.nan, math.inf, 1e30, 65504.0, 1e-38))
        return (
            torch.full(shape, value).nan_to_num().to(dtype)
            if not dtype.is_floating_point
            else _full(shape, value, dtype)
        )
    generator = torch.Generator().manual_seed(random.getrandbits(32))
    return (torch.randn(shape, generator=generator) * random.choice((0.1, 1.0, 10.0))).to(dtype)


def _full(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> torch.Tensor:
    return torch.full(shape, value, dtype=torch.float64).to(dtype)


def _metadata(random: random.Random) -> dict[str, str]:
    """What trainers note in the header; and what nobody does."""
    entries: Sequence[Callable[[], tuple[str, str]]] = (
        lambda: ("lora_adapter_metadata", json.dumps(_settings(random))),
        lambda: ("lora_adapter_metadata", random.choice(("", "{", "null", "[]", "3", "[" * 99_999, '{"r": 1e999}'))),
        lambda: (random.choice(("lora_alpha", "alpha", "network_alpha", "x_alpha")), str(_number(random))),
        lambda: (random.choice(("rank", "r", "lora_rank", "network_dim")), str(_number(random))),
        lambda: ("ss_network_alpha", str(_number(random))),
        lambda: ("ss_network_dim", str(_number(random))),
        lambda: ("ss_network_args", random.choice(('{"conv_alpha": "1", "conv_dim": 4}', "[", '{"rs_lora": "True"}'))),
        lambda: ("use_rslora", random.choice(("true", "False", "perhaps"))),
        lambda: ("ss_tag_frequency", random.choice(("{", '{"a": {"b": 1e999}}', "[" * 99_999, '{"a": {"b": "c"}}'))),
        lambda: ("modelspec.trigger_phrase", random.choice(("[x]", "\x1b[2J", "a, b", "\u202e"))),
    )
    return dict(random.choice(entries)() for _ in range(random.randint(1, 3)))


def _settings(random: random.Random) -> dict[str, Any]:
    """Of PEFT, with or without a component in front."""
    found: dict[str, Any] = {}
    for name in random.sample(("r", "lora_alpha", "alpha"), random.randint(0, 3)):
        found[name] = _number(random)
    for name in random.sample(("alpha_pattern", "rank_pattern"), random.randint(0, 2)):
        found[name] = random.choice(({random.choice(_PATTERNS): _number(random)}, {}, _number(random)))
    if random.random() < 0.3:
        name = random.choice(("use_rslora", "use_dora", "peft_type", "init_lora_weights", "arrow_config", "new_one"))
        found[name] = random.choice((True, False, None, "LORA", "LOKR", "pissa", {}, 3))
    prefix = random.choice(("", "", "transformer.", "unet.", "text_encoder.", "odd."))
    return {prefix + name: value for name, value in found.items()}


def _number(random: random.Random) -> Any:
    return random.choice(_ODD if random.random() < 0.2 else _NUMBERS if random.random() < 0.3 else (4, "4", 2.0))


def _lie(random: random.Random, header: dict[str, Any]) -> None:
    """Say something else of a tensor than is true."""
    names = [name for name in header if name != "__metadata__"]
    if not names:
        return
    name = random.choice(names)
    entry = header[name]
    lies: Sequence[tuple[str, Any]] = (
        ("shape", [2**40, 2**20]),
        ("shape", [-1, 4]),
        ("shape", [10**30]),
        ("shape", None),
        ("shape", [[4]]),
        ("dtype", "F128"),
        ("dtype", 3),
        ("dtype", ["F32"]),
        ("data_offsets", []),
        ("data_offsets", [0, 2**62]),
        ("data_offsets", ["0", "4"]),
        ("data_offsets", [8, 0]),
    )
    key, value = random.choice(lies)
    header[name] = (
        random.choice(({**entry, key: value}, {}, [], None)) if random.random() < 0.2 else {**entry, key: value}
    )
    if random.random() < 0.1:
        header["__metadata__"] = random.choice(({"a": 3}, [], {"a": None}, {"a": {"b": "c"}}))


def _damage(random: random.Random, content: bytearray) -> None:
    """Cut it, lengthen it, or change bytes of its beginning."""
    kind = random.randrange(3)
    if kind == 0:
        del content[random.randrange(len(content)) :]
    elif kind == 1:
        content += bytes(random.randrange(1, 99))
    else:
        for _ in range(random.randint(1, 4)):
            content[random.randrange(min(len(content), 400))] = random.randrange(256)
