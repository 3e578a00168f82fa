"""For each variant of each family in the registry: tiny random weights, their YAML, the smallest request for them, and
the family's own pipeline in diffusers or transformers to compare with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeAlias

import torch

from configs.schema import ModelConfig
from deployments.messages import GenerateRequest
from tests.deployments import (
    flux_alone,
    sdxl_alone,
    tiny,
    tiny_flux2,
    tiny_hidream,
    tiny_janus,
    tiny_sd3,
    tiny_sdxl,
    tiny_wholes,
)
from tests.deployments.diffusers_alone import painting
from tests.deployments.dressed import Worn, dressed
from tests.deployments.samplers_alone import sampling_as
from tests.deployments.tiny import parts

Stock: TypeAlias = Callable[[Path, GenerateRequest, Worn], torch.Tensor]


@dataclass(frozen=True)
class Tiny:
    """A row of the registry, tiny.

    `build` writes its weights to a folder, `config` is the YAML of what was written; rows with equal `build` share a
    folder. `ask` makes a request of words alone, which modes and controls are added to. `stock` is what the family's
    own pipeline draws for a request, wearing LoRAs: latents as the family's states hold them, or, of a family that is
    called whole, what its `render` returns.
    """

    build: Callable[[Path], object]
    config: Callable[..., ModelConfig]
    ask: Callable[..., GenerateRequest]
    stock: Stock


def find(family: str, variant: str) -> Tiny:
    """Raises KeyError for a row that nobody has made a tiny model of."""
    return TINIES[family, variant]


def _worn(read: Callable[[Path], Any], draw: Callable[[Any, Path, GenerateRequest], torch.Tensor]) -> Stock:
    """`draw` with the pipeline of a folder, which is read once."""
    kept = lru_cache(read)

    def stock(folder: Path, asked: GenerateRequest, loras: Worn) -> torch.Tensor:
        pipeline = kept(folder)
        with dressed(pipeline, loras), sampling_as(pipeline, asked):
            return draw(pipeline, folder, asked)

    return stock


def _tiny(module: Any, variant: str, stock: Stock, scale: float, ask: Callable[..., GenerateRequest]) -> Tiny:
    """Of a module with `build` and `config` by variant. `scale` of guidance, 0 where a variant takes none."""
    return Tiny(
        partial(module.build, variant=variant),
        partial(module.config, variant=variant, guidance_scale=scale),
        partial(ask, guidance_scale=scale),
        stock,
    )


def _flux(variant: str) -> Tiny:
    stock = _worn(flux_alone.read, lambda _, folder, asked: flux_alone.stock(folder, asked))
    return _tiny(flux_alone, variant, stock, 0.0 if variant == "schnell" else 3.5, tiny.request)


def _flux2(variant: str) -> Tiny:
    read = partial(tiny_flux2.read, variant=variant)
    stock = _worn(read, lambda pipeline, _, asked: tiny_flux2.latents_alone(pipeline, asked))
    return _tiny(tiny_flux2, variant, stock, 0.0 if variant == "klein" else 4.0, tiny.request)


_SD3_STOCK = _worn(tiny_sd3.read, lambda pipeline, folder, asked: tiny_sd3.call(pipeline, folder, asked))


def _sd3(variant: str) -> Tiny:
    """All variants have the same weights."""
    own = _tiny(tiny_sd3, variant, _SD3_STOCK, 0.0 if variant == "turbo" else 4.5, tiny.request)
    return replace(own, build=tiny_sd3.build)


def _sdxl(variant: str) -> Tiny:
    def stock(folder: Path, asked: GenerateRequest, loras: Worn) -> torch.Tensor:
        drawn: torch.Tensor = sdxl_alone.stock(folder, asked, loras=loras)
        return drawn

    return _tiny(tiny_sdxl, variant, stock, 0.0 if variant == "turbo" else 5.0, sdxl_alone.ask)


def _hidream(variant: str) -> Tiny:
    stock = _worn(tiny_hidream.read, lambda pipeline, _, asked: tiny_hidream.call(pipeline, asked))
    return _tiny(tiny_hidream, variant, stock, 5.0 if variant == "base" else 0.0, tiny.request)


def _read(folder: Path) -> Any:
    pipeline = parts.DiffusionPipeline.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


_WHOLE_STOCK = _worn(_read, lambda pipeline, folder, asked: tiny_wholes.stock_pixels(pipeline, asked, folder))


def _whole(family: str, save: Callable[[Path], Path], scale: float, **settings: Any) -> Tiny:
    config = partial(tiny_wholes.whole_config, family=family, guidance_scale=scale, **settings)
    return Tiny(save, config, partial(tiny_wholes.whole_request, guidance_scale=scale), _WHOLE_STOCK)


def _named(variant: str, pipeline: str, save: Callable[[Path], Path], scale: float) -> Tiny:
    return _whole("diffusers", save, scale, variant=variant, pipeline=pipeline)


def _undistilled(folder: Path) -> Path:
    return tiny.save_tiny(folder, tiny.Shape(guidance_embeds=False))


TINIES = {
    **{("flux", variant): _flux(variant) for variant in ("base", "schnell", "fill", "kontext")},
    **{("flux2", variant): _flux2(variant) for variant in ("base", "klein", "klein-base")},
    **{("sd3", variant): _sd3(variant) for variant in ("base", "turbo")},
    **{("sdxl", variant): _sdxl(variant) for variant in ("base", "edm", "turbo", "inpaint", "refiner")},
    **{("hidream", variant): _hidream(variant) for variant in ("base", "dev", "fast")},
    ("qwen-image", "base"): _whole("qwen-image", tiny_wholes.save_qwen, 4.0),
    ("qwen-image", "edit"): replace(
        _whole("qwen-image", tiny_wholes.save_qwen_edit, 4.0, variant="edit"),
        ask=partial(tiny_wholes.whole_request, guidance_scale=4.0, references=(painting(64, 64),)),
        stock=_worn(tiny_wholes.read_edit, lambda pipeline, _, asked: tiny_wholes.stock_edited(pipeline, asked)),
    ),
    ("z-image", "base"): _whole("z-image", tiny_wholes.save_z, 4.0),
    ("z-image", "turbo"): _whole("z-image", tiny_wholes.save_z, 0.0, variant="turbo"),
    ("janus", "base"): Tiny(
        tiny_janus.save_janus,
        tiny_janus.janus_config,
        tiny_janus.janus_request,
        _worn(tiny_janus.read, tiny_janus.alone),
    ),
    ("diffusers", "base"): _named("base", "SanaPipeline", tiny_wholes.save_sana, 4.0),
    ("diffusers", "embedded"): _named("embedded", "FluxPipeline", tiny.save_tiny, 3.5),
    ("diffusers", "unguided"): _named("unguided", "FluxPipeline", _undistilled, 0.0),
}
