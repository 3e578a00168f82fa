"""A diffusers pipeline from a model's YAML: found, checked, built, LoRAs fused, moved to its device; for any family."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.checkpoints.fingerprint import combine, fingerprint
from deployments.checkpoints.layout import check_layout
from deployments.checkpoints.preflight import Component, inspect
from deployments.checkpoints.shapes import check_shapes
from deployments.checkpoints.source import display, locate
from deployments.families.arrangement import arrange, quantisation_of
from deployments.families.borrowed import borrow
from deployments.families.family import FusedLora
from deployments.families.gguf_file import build_from_gguf
from deployments.families.hardware import DTYPES, choose_device
from deployments.families.offloading import take_turns
from deployments.families.samplers import settings_hash, usual_scheduler
from deployments.families.single_file import build_from_file
from deployments.loras.fused import find_loras, fuse
from deployments.sharing.parts import loan


@dataclass(frozen=True, slots=True)
class Assembled:
    """A pipeline ready to run, and the content hash of all weights in it and of its scheduler's settings."""

    pipeline: Any
    weights: str


Reading = Callable[[Component, str], Any]
"""How a processor is built from its folder, for an owner that its errors name."""


def assemble(
    pipeline: str,
    config: ModelConfig,
    loras: Sequence[FusedLora],
    words: Collection[str] = (),
    readings: Mapping[str, Reading] | None = None,
) -> Assembled:
    """The `pipeline` of that name in diffusers, as `config` describes it.

    `words` are components that only ever read words: where a folder names a processor of words and pictures for one,
    its tokenizer alone is built, without what the library wants for pictures. `readings` build others, by name.
    Everything that can be wrong with weights is a ConfigError of one plain sentence, raised before anything is built.
    """
    owner = f"model '{config.id}'"
    device = choose_device(config.runtime, owner)
    files = find_loras(loras, config.family, owner)
    if loras and config.runtime.quantisation in ("nf4", "gguf"):
        raise ConfigError(
            f"{owner}: {config.runtime.quantisation} weights take no fused LoRAs: choose another "
            "'runtime.quantisation', or let requests name them.",
            "loras",
        )
    quieten()
    built, read = _read(pipeline, config, owner, dict.fromkeys(words, _tokenizer) | dict(readings or {}))
    fuse(built, loras, config.family, owner)
    arrange(built, device, config.runtime, owner)
    take_turns(built, config.runtime)
    return Assembled(built, _sample(built, config, fingerprint([*read, *files]), owner))


def _sample(built: Any, config: ModelConfig, weights: str, owner: str) -> str:
    """Let `built` sample as its YAML says; the name of `weights` and of what their scheduler was set to."""
    own = getattr(built, "scheduler", None)
    if own is None:
        return weights
    built.scheduler = usual_scheduler(own, config, owner)
    settings = settings_hash(own)
    return weights if settings is None else combine([weights, settings])


def _read(pipeline: str, config: ModelConfig, owner: str, readings: Mapping[str, Reading]) -> tuple[Any, list[Path]]:
    """The pipeline, and the files and folders that its weights were read from."""
    weights, dtype = config.weights, DTYPES[config.runtime.dtype]
    found = locate(weights, owner)
    if weights.is_gguf:
        return build_from_gguf(pipeline, weights, found, dtype, owner)
    if weights.file is not None:
        _check_plain(config, owner)
        return build_from_file(pipeline, weights, found, dtype, owner)
    components = inspect(found, pipeline, owner, weights.precision)
    borrowed = borrow(pipeline, config, dtype)
    given = _absent(found) | loan().components() | borrowed.components
    check_layout(pipeline, {*(component.name for component in components), *given}, owner)
    for component in components:
        check_shapes(component, owner)
    given |= {"variant": weights.precision}
    given |= quantisation_of(((each.name, each.class_name) for each in components), config.runtime)
    processors = [each for each in components if each.name in readings and each.class_name.endswith("Processor")]
    # diffusers wants a component to be of the class that is named for it, or absent; it may be another afterwards.
    built = _build(pipeline, found, dtype, owner, given | {each.name: None for each in processors})
    built.register_modules(**{each.name: readings[each.name](each, owner) for each in processors})
    loan().take_in(built.components)
    return built, [found, *borrowed.folders]


def _check_plain(config: ModelConfig, owner: str) -> None:
    if config.runtime.quantisation == "nf4":
        raise ConfigError(
            f"{owner}: a checkpoint in one file is not read in 4 bits: set 'fp8', or take a GGUF.",
            "runtime.quantisation",
        )


def quieten() -> None:
    """Keep both libraries to errors. What they warn of is settled here (a VAE of another class than FLUX.1's, every
    prompt cut to CLIP's 77 tokens), and progress bars of files already on disk are noise in a replica's log."""
    import diffusers.utils.logging
    import transformers.utils.logging

    for library in (diffusers.utils.logging, transformers.utils.logging):
        settings: Any = library
        settings.set_verbosity_error()
        settings.disable_progress_bar()


def _build(pipeline: str, folder: Path, dtype: torch.dtype, owner: str, given: dict[str, Any]) -> Any:
    import diffusers

    cls: Any = getattr(diffusers, pipeline)
    try:
        return cls.from_pretrained(folder, dtype=dtype, use_safetensors=True, local_files_only=True, **given)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(f"{owner}: {display(folder)} passed its checks and still does not load: {first}") from None


def _tokenizer(component: Component, owner: str) -> Any:
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer
    try:
        return tokenizer.from_pretrained(component.folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(f"{owner}: {display(component.folder)} holds no tokenizer: {first}", "weights") from None


def _absent(folder: Path) -> dict[str, Any]:
    """The components that model_index.json leaves out, such as SD3's T5: diffusers wants to be told again."""
    index: dict[str, Any] = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    return {name: None for name, value in index.items() if isinstance(value, list) and value[:1] == [None]}
