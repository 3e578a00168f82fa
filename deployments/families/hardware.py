"""A model's `runtime` settings turned into torch's terms, refused early where this machine cannot honour them."""

from __future__ import annotations

from typing import Any

import torch

from configs.errors import ConfigError
from configs.schema import Runtime

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_device(runtime: Runtime, owner: str) -> torch.device:
    """`cpu` or `cuda`; sets the number of CPU threads on the way. Raises ConfigError for what is not to be had."""
    if runtime.threads is not None:
        torch.set_num_threads(runtime.threads)
    has_cuda = torch.cuda.is_available()
    if runtime.device == "cuda" and not has_cuda:
        raise ConfigError(
            f"{owner}: asks for a CUDA device and torch finds none. Set 'runtime.device' to 'auto' or 'cpu', "
            "or install the driver and a CUDA build of torch.",
            "runtime.device",
        )
    device = torch.device("cuda" if has_cuda and runtime.device != "cpu" else "cpu")
    if runtime.offload != "none" and device.type == "cpu":
        raise ConfigError(
            f"{owner}: 'runtime.offload: {runtime.offload}' moves parts between CPU and GPU, and there is no GPU here.",
            "runtime.offload",
        )
    return device


def place(pipeline: Any, device: torch.device, offload: str) -> None:
    """Move a diffusers pipeline to its device, whole or part by part."""
    if offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    elif offload == "sequential":
        pipeline.enable_sequential_cpu_offload(device=device)
    else:
        pipeline.to(device)
