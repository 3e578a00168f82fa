"""What a picture was drawn in: device, precision, libraries and code, so that a replay can say why it differs."""

from __future__ import annotations

from pydantic import Field

from configs.frozen import Frozen


class Environment(Frozen):
    """Of one picture, as the replica that drew it says. Hashes are the first 12 hex digits of a SHA-256.

    What is empty is not known, or, of `settings`, as it is by default.
    """

    device: str = Field(default="", description="cuda with the GPU and the release of CUDA; cpu with what it can")
    precision: str = Field(default="", description="of the model's numbers: float32, bfloat16 …")
    attention: str = Field(default="", description="what computes attention: native, cudnn")
    sampler: str = Field(default="", description="of the checkpoint: its class and the hash of its settings")
    settings: dict[str, str] = Field(default={}, description="of its runtime: offload, quantisation, compile …")
    libraries: dict[str, str] = Field(default={}, description="releases, by name: torch, diffusers …")
    code: dict[str, str] = Field(default={}, description="hashes of ours, by what it does: samplers, engine, stages")
    loras: dict[str, str] = Field(default={}, description="hashes of their files, by id, where no entry names them")
