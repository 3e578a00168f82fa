"""A built pipeline arranged as its `runtime` says: fewer bits, faster attention, compiled blocks, parts that wait."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from configs.errors import ConfigError
from configs.runtime import Runtime
from deployments.families.compiled import compile_blocks
from deployments.families.hardware import DTYPES

_BACKENDS = {"cudnn": "_native_cudnn"}
_SMALL_ENCODERS = ("CLIP",)  # not worth fewer bits; the others have a billion numbers or more


def arrange(pipeline: Any, device: torch.device, runtime: Runtime, owner: str) -> None:
    """Do all that `runtime` asks of a diffusers pipeline that is still in main memory, and move it to `device`.

    Blocks are compiled at their first call, when adapters and slots are in place. Raises ConfigError for what the model
    has not.
    """
    denoiser = _denoiser(pipeline)
    if runtime.quantisation == "fp8":
        denoiser.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=DTYPES[runtime.dtype])
    _slice(pipeline, runtime, owner)
    if runtime.attention != "native":
        denoiser.set_attention_backend(_BACKENDS[runtime.attention])
    if runtime.compile == "regional":
        compile_blocks(denoiser, owner)
    _place(pipeline, denoiser, device, runtime)


def quantisation_of(classes: Iterable[tuple[str, str]], runtime: Runtime) -> dict[str, Any]:
    """What to tell `from_pretrained` so that components come in 4 bits; `classes` are names with their classes'."""
    if runtime.quantisation != "nf4":
        return {}
    import diffusers

    config: Any = getattr(diffusers, "PipelineQuantizationConfig")  # noqa: B009 - untyped
    chosen = [name for name, cls in classes if _is_large(name, cls)]
    settings = {
        "load_in_4bit": True,
        "bnb_4bit_quant_type": "nf4",
        "bnb_4bit_use_double_quant": True,
        "bnb_4bit_compute_dtype": DTYPES[runtime.dtype],
    }
    return {
        "quantization_config": config(
            quant_backend="bitsandbytes_4bit", quant_kwargs=settings, components_to_quantize=chosen
        )
    }


def _is_large(name: str, cls: str) -> bool:
    if name in ("transformer", "unet"):
        return True
    return name.startswith("text_encoder") and not cls.startswith(_SMALL_ENCODERS)


def _denoiser(pipeline: Any) -> Any:
    found = getattr(pipeline, "transformer", None)
    return pipeline.unet if found is None else found


def _slice(pipeline: Any, runtime: Runtime, owner: str) -> None:
    for wanted, name in ((runtime.vae_slicing, "slicing"), (runtime.vae_tiling, "tiling")):
        if not wanted:
            continue
        switch = getattr(pipeline.vae, f"enable_{name}", None)
        if switch is None:
            cls = type(pipeline.vae).__name__
            raise ConfigError(f"{owner}: {cls} knows no {name}: set it to false.", f"runtime.vae_{name}")
        switch()


def _place(pipeline: Any, denoiser: Any, device: torch.device, runtime: Runtime) -> None:
    """Move it, whole or part by part."""
    if runtime.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    elif runtime.offload == "sequential":
        pipeline.enable_sequential_cpu_offload(device=device)
    elif runtime.offload == "group":
        _group(pipeline, denoiser, device)
    else:
        pipeline.to(device)


def _group(pipeline: Any, denoiser: Any, device: torch.device) -> None:
    """The denoiser's blocks and the encoders' layers come one by one; the autoencoder, which is small, stays."""
    from diffusers import hooks

    offload: Any = hooks
    there: dict[str, Any] = {"onload_device": device, "offload_device": torch.device("cpu")}
    for part in pipeline.components.values():
        if part is denoiser:
            offload.apply_group_offloading(part, **there, offload_type="block_level", num_blocks_per_group=1)
        elif part is pipeline.vae:
            part.to(device)
        elif isinstance(part, nn.Module):
            offload.apply_group_offloading(part, **there, offload_type="leaf_level")
