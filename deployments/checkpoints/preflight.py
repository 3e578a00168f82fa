"""The check of a diffusers folder before anything is built from it, so that a wrong file is a sentence, not a trace."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.errors import ConfigError
from deployments.checkpoints.headers import Entry, read_header
from deployments.checkpoints.source import display

# Code named by a checkpoint is imported from these two libraries and from nowhere else. diffusers writes the name of a
# pipeline's folder for what is defined beside it.
LIBRARIES = {"diffusers": "diffusers", "transformers": "transformers", "flux": "diffusers.pipelines.flux"}
_FLOATS = {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"}
_VOCABULARIES = ("tokenizer.json", "vocab.json", "spiece.model")
_INDICES = {"I64", "I32"}  # position ids, which old exporters wrote as tensors


@dataclass(frozen=True, slots=True)
class Component:
    """One entry of `model_index.json` that is present: `text_encoder` from `transformers`, class `CLIPTextModel`.

    `library` is the module that has the class.
    """

    name: str
    library: str
    class_name: str
    folder: Path
    tensors: dict[str, Entry]


def inspect(folder: Path, pipeline: str | None, owner: str, precision: str | None = None) -> tuple[Component, ...]:
    """Every component of a folder that holds a `pipeline` (None: any), with the header of its weights, if it has some.

    With `precision` those weights are in files such as `model.fp16.safetensors`, which diffusers calls a variant.
    Raises ConfigError, naming the file and the remedy, for whatever is missing, of another kind, or not whole.
    """
    index = _read_json(folder / "model_index.json", owner)
    if pipeline is not None and index.get("_class_name") != pipeline:
        raise ConfigError(
            f"{owner}: {display(folder)} holds a {index.get('_class_name')}, but this family loads {pipeline}: "
            "correct 'family' or 'weights' in its YAML.",
            "family",
        )
    return tuple(_components(index, folder, owner, precision))


def inspect_component(folder: Path, name: str, owner: str, precision: str | None = None) -> Component:
    """One of the components that `inspect` finds. Raises ConfigError as that does."""
    index = _read_json(folder / "model_index.json", owner)
    found = next(_components({name: index.get(name)}, folder, owner, precision), None)
    if found is None:
        raise _missing(folder / name, owner)
    return found


def inspect_borrowed(folder: Path, name: str, class_name: str, owner: str) -> Component:
    """A model of transformers that a pipeline takes from elsewhere, such as HiDream's Llama. Raises ConfigError."""
    return Component(name, "transformers", class_name, folder, _inspect_model(folder, owner))


def inspect_model(folder: Path, classes: Collection[str], owner: str) -> Component:
    """A model of its own, such as a ControlNet: its weights and config.json, which names one of the `classes` of
    diffusers or transformers.

    Raises ConfigError as `inspect` does.
    """
    config = _read_json(folder / "config.json", owner)
    library = "diffusers" if "_class_name" in config else "transformers"
    class_name = str(config.get("_class_name") or next(iter(config.get("architectures") or ()), None))
    if class_name not in classes:
        raise ConfigError(
            f"{owner}: {display(folder)} holds a {class_name} where {' or '.join(sorted(classes))} is needed: "
            "correct its 'weights' in the YAML.",
            "weights",
        )
    return Component(folder.name, library, class_name, folder, _inspect_model(folder, owner))


def _components(index: dict[str, Any], folder: Path, owner: str, precision: str | None) -> Iterator[Component]:
    for name, value in index.items():
        if name.startswith("_") or not isinstance(value, list) or len(value) != 2 or value[0] is None:
            continue
        library, class_name = map(str, value)
        if library not in LIBRARIES:
            raise ConfigError(f"{owner}: model_index.json takes '{name}' from '{library}', which is not allowed.")
        tensors = _inspect_component(folder / name, owner, precision)
        yield Component(name, LIBRARIES[library], class_name, folder / name, tensors)


def _inspect_component(folder: Path, owner: str, precision: str | None) -> dict[str, Entry]:
    if not folder.is_dir():
        raise _missing(folder, owner)
    if (folder / "scheduler_config.json").exists():
        return {}
    if (folder / "tokenizer_config.json").exists():
        if not any((folder / name).exists() for name in _VOCABULARIES):
            raise _missing(folder / _VOCABULARIES[0], owner)
        return {}
    if (folder / "preprocessor_config.json").exists() and not (folder / "config.json").exists():
        return {}
    return _inspect_model(folder, owner, precision)


def _inspect_model(folder: Path, owner: str, precision: str | None = None) -> dict[str, Entry]:
    _read_json(folder / "config.json", owner)
    tensors: dict[str, Entry] = {}
    for file in _weight_files(folder, owner, precision):
        tensors.update(read_header(file, owner))
    for name, entry in tensors.items():
        if entry.dtype not in _FLOATS | _INDICES:
            raise ConfigError(
                f"{owner}: tensor '{name}' in {display(folder)} has dtype {entry.dtype}; "
                "export the weights as float32, float16 or bfloat16.",
                "weights",
            )
    return tensors


def _weight_files(folder: Path, owner: str, precision: str | None) -> list[Path]:
    for index in folder.glob(f"*.safetensors.index.{precision}.json" if precision else "*.safetensors.index.json"):
        shards = sorted({folder / str(shard) for shard in _read_json(index, owner).get("weight_map", {}).values()})
        for shard in shards:
            if not shard.exists():
                raise _missing(shard, owner)
        return shards
    files = [file for file in sorted(folder.glob("*.safetensors")) if _precision(file) == precision]
    if not files and (any(folder.glob("*.bin")) or any(folder.glob("*.pt*"))):
        raise ConfigError(
            f"{owner}: {display(folder)} holds pickled weights, which can run code when they are read. "
            "Convert them to safetensors.",
            "weights",
        )
    if not files:
        raise _missing(folder / (f"*.{precision}.safetensors" if precision else "*.safetensors"), owner)
    return files


def _precision(file: Path) -> str | None:
    """`fp16` of model.fp16.safetensors and of model.fp16-00001-of-00002.safetensors."""
    _, dot, precision = file.stem.partition(".")
    return precision.partition("-")[0] if dot else None


def _read_json(path: Path, owner: str) -> dict[str, Any]:
    if not path.is_file():
        raise _missing(path, owner)
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ConfigError(f"{owner}: {display(path)} is not a JSON object. Copy or export it again.", "weights")
    return value


def _missing(path: Path, owner: str) -> ConfigError:
    return ConfigError(
        f"{owner}: {display(path)} is missing. Copy or export the weights again, or correct 'weights' in its YAML.",
        "weights",
    )
