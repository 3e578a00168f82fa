"""What this replica draws in: looked at once as it starts, told with every picture, and kept in the recipe of each."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from configs.environment import Environment
from configs.runtime import SETTINGS, Runtime
from configs.schema import ModelConfig
from deployments.checkpoints.hashes import content_hash
from deployments.checkpoints.here import find_here
from deployments.checkpoints.source import ROOT

LIBRARIES = ("torch", "diffusers", "transformers", "numpy", "pillow")
"""Those whose release can change a pixel, or the bytes of a file."""

_HERE = Path(__file__).resolve().parent
CODE: Mapping[str, tuple[str, ...]] = {
    "samplers": ("families/sampl*.py", "families/schedule.py", "families/straight_path.py", "families/neighbours.py"),
    "models": ("families/**/*.py", "networks/**/*.py", "pipelines/**/*.py"),
    "loras": ("loras/**/*.py",),
    "engine": ("engine/**/*.py", "generator.py", "redrawing.py"),
    "stages": ("stages/**/*.py",),
}
"""Parts of our own code by what they do to a picture: each file counts in the first that names it."""

_SCHEDULER = "scheduler/scheduler_config.json"
_TOLD_APART = ("dtype", "attention")  # fields of their own
_DIGITS = 12


def look_around(config: ModelConfig, device: str, precision: str) -> Environment:
    """What a model of `config`, on torch's `device` and in `precision`, draws in on this machine."""
    return Environment(
        device=_device(device),
        precision=precision,
        attention=config.runtime.attention,
        sampler=_sampler(config),
        settings=_settings(config.runtime),
        libraries={name: release for name in LIBRARIES if (release := _release(name))}
        | {"python": platform.python_version()},
        code=dict(code_hashes(_HERE)),
    )


def file_hash(file: Path) -> str:
    """Of one file, as short as an environment has it."""
    return content_hash(file)[:_DIGITS]


@cache
def code_hashes(folder: Path) -> tuple[tuple[str, str], ...]:
    """Of the code under `folder`, a copy of this one, by what it does. Comments count: a hash may differ where no
    picture does, and is never equal where the code is not."""
    seen = set[Path]()
    hashes = list[tuple[str, str]]()
    for part, patterns in CODE.items():
        files = sorted({file for pattern in patterns for file in folder.glob(pattern)} - seen)
        seen.update(files)
        found = hashlib.sha256()
        for file in files:
            found.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
        hashes.append((part, found.hexdigest()[:_DIGITS]))
    return tuple(hashes)


def _device(device: str) -> str:
    """With what decides how it rounds: the GPU and CUDA's release, or the processor's vectors and torch's threads."""
    import torch

    if not device.startswith("cuda"):
        return f"cpu {torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads"
    name = torch.cuda.get_device_name(torch.device(device))
    cudnn: Any = torch.backends.cudnn  # which has no types
    return f"cuda {name}, CUDA {torch.version.cuda}, cuDNN {cudnn.version()}"


def _sampler(config: ModelConfig) -> str:
    """What the checkpoint's scheduler says of itself, and what the model's YAML says in its place."""
    said = " ".join(filter(None, (config.sampler, config.schedule)))
    file = find_here(config.weights, _SCHEDULER, ROOT)
    return " ".join(filter(None, (said, "" if file is None else file_hash(file))))


def _settings(runtime: Runtime) -> dict[str, str]:
    default = Runtime()
    names = (name for name in SETTINGS if name not in _TOLD_APART)
    return {name: str(value) for name in names if (value := getattr(runtime, name)) != getattr(default, name)}


def _release(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""
