"""A model's `runtime` settings turned into torch's terms, refused early where this machine cannot honour them."""

from __future__ import annotations

import importlib.util
import shutil

import torch

from configs.errors import ConfigError
from configs.runtime import Runtime

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_LIBRARIES = {"nf4": "bitsandbytes", "gguf": "gguf"}
_GB = 10**9


def choose_device(runtime: Runtime, owner: str) -> torch.device:
    """`cpu` or `cuda`; sets the number of CPU threads and the limit of GPU memory on the way. Raises ConfigError for
    what is not to be had."""
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
    check_libraries(runtime, owner)
    if device.type == "cuda" and runtime.memory_gb is not None:
        limit_memory(runtime.memory_gb)
    return device


def check_libraries(runtime: Runtime, owner: str) -> None:
    """Raises ConfigError, saying what to install, for settings that need what is not here."""
    library = _LIBRARIES.get(runtime.quantisation)
    if library is not None and not _has(library):
        raise ConfigError(
            f"{owner}: 'runtime.quantisation: {runtime.quantisation}' needs {library}, which is not installed: "
            f"`.venv/bin/pip install -c constraints.txt {library}`, or choose another.",
            "runtime.quantisation",
        )
    if runtime.compile == "regional" and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        raise ConfigError(
            f"{owner}: 'runtime.compile: regional' needs a C++ compiler, and there is none: `apt install g++`, or set "
            "it to 'none'.",
            "runtime.compile",
        )


def limit_memory(gigabytes: float) -> None:
    """Let this process have at most so much of its GPU: who wants more runs out of memory alone."""
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, gigabytes * _GB / total))


def _has(library: str) -> bool:
    return importlib.util.find_spec(library) is not None
