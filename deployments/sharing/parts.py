"""Components that several models of one process have in common, such as FLUX's text encoders: held once.

What is held is known by the content of its files, its config and its runtime, and goes with the last model that has
it: here there are weak references only.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from configs.errors import ConfigError
from configs.schema import LoraConfig, ModelConfig
from deployments.checkpoints.cache import digest
from deployments.checkpoints.hashes import content_hash
from deployments.checkpoints.headers import Entry, read_header
from deployments.checkpoints.preflight import Component, inspect, inspect_borrowed
from deployments.checkpoints.source import locate

_ENCODER_WORDS = ("text_encoder", "text_model", "lora_te", "clip_", "t5")
"""What tensors' names say in LoRAs that change text encoders, in whatever layout."""
_APART = {"threads", "memory_gb", "preset"}  # settings of a runtime that change no module
_ORIGIN = {"transformers_version", "torch_dtype", "dtype"}
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """A component as others may have it: its name in the pipeline, what identifies it, and its bytes in memory."""

    name: str
    key: str
    nbytes: int


class Loan:
    """What is there of a model's parts while it is loaded, and where new ones are noted for the next."""

    def __init__(self, modules: WeakValueDictionary[str, Any], parts: Iterable[Part]) -> None:
        self._modules, self._keys = modules, {part.name: part.key for part in parts}

    @property
    def names(self) -> frozenset[str]:
        """The components that others have, or may get."""
        return frozenset(self._keys)

    def components(self) -> dict[str, Any]:
        """Those that another model has already, by name."""
        found = {name: self._modules.get(key) for name, key in self._keys.items()}
        return {name: module for name, module in found.items() if module is not None}

    def take_in(self, components: Mapping[str, Any]) -> None:
        """Note those of a pipeline that others may have."""
        for name, key in self._keys.items():
            if components.get(name) is not None:
                self._modules[key] = components[name]


_NOTHING = Loan(WeakValueDictionary(), ())
_LOAN: ContextVar[Loan] = ContextVar("loan", default=_NOTHING)


def loan() -> Loan:
    """That of the model which this thread is loading: an empty one where models do not share."""
    return _LOAN.get()


class Parts:
    """The components that models of one process share. Models are loaded one at a time."""

    def __init__(self) -> None:
        self._modules: WeakValueDictionary[str, Any] = WeakValueDictionary()

    @contextmanager
    def lending(self, config: ModelConfig, loras: Collection[LoraConfig]) -> Iterator[None]:
        """While the context is open, this thread loads `config`, which may wear `loras`, with what is there of it."""
        token = _LOAN.set(Loan(self._modules, find_parts(config, loras)))
        try:
            yield
        finally:
            _LOAN.reset(token)


def find_parts(config: ModelConfig, loras: Collection[LoraConfig]) -> tuple[Part, ...]:
    """What `config` may share: autoencoder and encoders; no text encoder that one of `loras` may change, since changes
    are made in place. Nothing of a model whose parts move between devices, or that lies in one file.

    Fetches the weights. Raises ConfigError.
    """
    weights = config.weights
    if config.runtime.offload != "none" or weights.file is not None or weights.layout != "diffusers":
        return ()
    owner = f"model '{config.id}'"
    found = [one for one in inspect(locate(weights, owner), None, owner, weights.precision) if one.tensors]
    for name, source in config.borrowed.items():
        folder = locate(source, f"{name} of {owner}")
        if (folder / "config.json").exists() and any(folder.glob("*.safetensors")):
            found.append(inspect_borrowed(folder, name, "borrowed", owner))
    changed = any(map(_changes_encoders, loras))
    wanted = (one for one in found if _is_shared(one.name) and not (changed and one.name.startswith("text_encoder")))
    # Of a part in fewer bits nobody knows the bytes here: it is held once, and counted as if it were not.
    plain = config.runtime.quantisation == "none"
    return tuple(Part(one.name, _key(one, config), _nbytes(one.tensors, config) * plain) for one in wanted)


def count_bytes(config: ModelConfig) -> int:
    """What all of a model's weights take in memory: a guess for models whose memory nobody has predicted.

    Fetches them. Raises ConfigError.
    """
    owner = f"model '{config.id}'"
    place = locate(config.weights, owner)
    if config.weights.layout == "diffusers" and config.weights.file is None:
        return sum(_nbytes(one.tensors, config) for one in inspect(place, None, owner, config.weights.precision))
    if config.weights.is_gguf:
        return place.stat().st_size
    files = [place] if place.is_file() else place.rglob("*.safetensors")
    return sum(_nbytes(read_header(file, owner), config) for file in files)


def _is_shared(name: str) -> bool:
    return name == "vae" or name.startswith(("text_encoder", "image_encoder"))


def _changes_encoders(lora: LoraConfig) -> bool:
    """Whether it may. Of one that cannot be read, who knows."""
    from deployments.loras.files import find  # torch

    try:
        names = read_header(find(lora, f"LoRA '{lora.id}'"), f"LoRA '{lora.id}'")
    except ConfigError as error:
        _log.warning("text encoders are not shared, since LoRA '%s' cannot be read: %s", lora.id, error)
        return True
    return any(word in name for name in names for word in _ENCODER_WORDS)


def _key(component: Component, config: ModelConfig) -> str:
    """Two models have the same component if this is the same: files, config, class, and the way it is held."""
    files = sorted(content_hash(file) for file in component.folder.glob("*.safetensors"))
    held = config.runtime.model_dump_json(exclude=_APART)
    settings = _settings(component.folder / "config.json")
    return digest(component.class_name, settings, held, str(config.weights.precision), *files)


def _settings(file: Path) -> str:
    """What a config says of the component, without who wrote it, where from and in which dtype the file is."""
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    kept = {name: value for name, value in said.items() if not name.startswith("_") and name not in _ORIGIN}
    return json.dumps(kept, sort_keys=True)


def _nbytes(tensors: Mapping[str, Entry], config: ModelConfig) -> int:
    return sum(math.prod(entry.shape) for entry in tensors.values()) * _BYTES[config.runtime.dtype]
