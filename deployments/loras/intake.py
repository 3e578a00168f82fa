"""A LoRA taken in: its file into the weights folder, named by its content, and its YAML beside the others."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import save_file

from configs.catalog import Catalog
from configs.errors import ConfigError
from configs.fitness import TRAINING_DATA
from configs.load import load_catalog
from configs.schema import LoraConfig
from configs.text import one_line
from configs.weights import Weights
from deployments.checkpoints.cache import weights_folder
from deployments.checkpoints.source import display, from_root
from deployments.loras.files import Contents, has_settings_beside

ADAPTER = "adapter"
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def describe(
    fields: Mapping[str, object], licences: Mapping[str, str], catalog: Catalog, replacing: bool
) -> LoraConfig:
    """The YAML to be, checked before anything is loaded. `licences`: part → licence.

    Raises ConfigError for a field, for an id that is taken unless it is `replacing`, and for licence parts that are
    missing or unknown.
    """
    _check_licences(licences, catalog)
    parts = [{"part": part, "licence": licence} for part, licence in licences.items()]
    try:
        config = LoraConfig.model_validate({**fields, "licence_parts": parts})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{field}: {first['msg'].removeprefix('Value error, ')}", field) from None
    if config.id in catalog.loras and not replacing:
        raise ConfigError(f"there is a LoRA '{config.id}' already: choose another id, or --replace it", "id")
    return config


def take_in(config: LoraConfig, file: Path, contents: Contents, root: Path) -> LoraConfig:
    """Write the file and `configs/loras/<id>.yaml`, so that both are there or neither; returns what was written.
    Raises ConfigError if they cannot be written, or the configs as a whole would then not load."""
    target = root / "configs" / "loras" / f"{config.id}.yaml"
    try:
        with ExitStack() as undo:
            stored = _store(file, contents, undo)
            config = config.model_copy(update={"weights": Weights(path=str(from_root(stored)))})
            _put_back(target, undo)
            _write(target, to_yaml(config, f"Taken in from {file.name}").encode())
            if load_catalog(root).loras.get(config.id) != config:
                raise ConfigError(f"{display(target)} does not say what was to be taken in: nothing was.")
            undo.pop_all()
    except (OSError, SafetensorError) as error:
        raise ConfigError(f"it cannot be taken in, and nothing was changed: {error}") from None
    return config


def to_yaml(config: LoraConfig, comment: str) -> str:
    """As YAML in the order of the fields, defaults left out. JSON's values are YAML's."""
    lines = [f"# {one_line(comment)}"]
    for name, value in config.model_dump(mode="json", exclude_defaults=True).items():
        if name == "licence_parts":
            parts = [f"  - {{part: {_flow(part['part'])}, licence: {_flow(part['licence'])}}}" for part in value]
            lines += [f"{name}:", *parts]
        elif name == "weights":
            lines.append(f"{name}: {{path: {_flow(value['path'])}}}")
        else:
            lines.append(f"{name}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _check_licences(licences: Mapping[str, str], catalog: Catalog) -> None:
    known = ", ".join(sorted(catalog.licences))
    missing = [part for part in (ADAPTER, TRAINING_DATA) if part not in licences]
    if missing:
        arguments = " ".join(f'--licence "{part}=ID"' for part in missing)
        raise ConfigError(
            f"the licence of {' and of '.join(missing)} is missing, and nobody but you knows it: give {arguments}; "
            f"ids are {known}",
            "licence_parts",
        )
    unknown = next((licence for licence in licences.values() if licence not in catalog.licences), None)
    if unknown is not None:
        raise ConfigError(f"licence '{unknown}' is not known; known: {known}", "licence_parts")


def _flow(value: object) -> str:
    # YAML takes more characters for line breaks than JSON.
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _store(file: Path, contents: Contents, undo: ExitStack) -> Path:
    """The file's copy in the weights folder. What PEFT wrote beside it goes into it, so that it needs no neighbour."""
    folder = weights_folder().absolute() / "loras"
    folder.mkdir(parents=True, exist_ok=True)
    incoming = folder / f".incoming.{os.getpid()}"
    undo.callback(incoming.unlink, missing_ok=True)
    if has_settings_beside(file):
        save_file(contents.tensors, incoming, contents.metadata)
    else:
        shutil.copyfile(file, incoming)
    with incoming.open("rb") as copied:
        stored = folder / f"{hashlib.file_digest(copied, 'sha256').hexdigest()}.safetensors"
    if not stored.exists():
        undo.callback(stored.unlink, missing_ok=True)
    os.replace(incoming, stored)
    return stored


def _put_back(target: Path, undo: ExitStack) -> None:
    if target.exists():
        undo.callback(_write, target, target.read_bytes())
    else:
        undo.callback(target.unlink, missing_ok=True)


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        incoming.write_bytes(data)
        os.replace(incoming, target)
    finally:
        incoming.unlink(missing_ok=True)
