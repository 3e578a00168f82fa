"""The adapter that learns: peft's layers in a frozen denoiser, in float32, begun from the run's seed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from configs.errors import ConfigError
from configs.training import TrainingSettings
from deployments.families.training import Trainable
from training.lora.noise import generator

NAME = "default"


class Adapter:
    """One of a run. `parameters` are in a fixed order, which checkpoints rely on."""

    def __init__(self, trainable: Trainable, settings: TrainingSettings) -> None:
        """Freezes the denoiser and adds an adapter to it that changes nothing yet. Raises ConfigError."""
        from peft import LoraConfig

        self._denoiser = trainable.denoiser
        self._denoiser.requires_grad_(False)
        configuration: Any = LoraConfig
        self.config = configuration(
            r=settings.rank,
            lora_alpha=settings.rank if settings.alpha is None else settings.alpha,
            target_modules=find_targets(trainable, settings),
            init_lora_weights="gaussian",
            use_dora=settings.kind == "dora",
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(generator(settings.seed, "adapter").initial_seed())
            self._denoiser.add_adapter(self.config, NAME)
        named = [(name, one) for name, one in self._denoiser.named_parameters() if one.requires_grad]
        for _, parameter in named:
            parameter.data = parameter.data.float()
        self.names = [name for name, _ in named]
        self.parameters: list[nn.Parameter] = [parameter for _, parameter in named]

    @property
    def size(self) -> int:
        """Numbers that learn."""
        return sum(parameter.numel() for parameter in self.parameters)

    def state(self) -> dict[str, torch.Tensor]:
        """Its tensors by peft's names, such as `transformer_blocks.0.attn.to_q.lora_A.weight`."""
        from peft import get_peft_model_state_dict

        found: dict[str, torch.Tensor] = get_peft_model_state_dict(self._denoiser, adapter_name=NAME)
        return {name: value.detach().cpu().contiguous() for name, value in found.items()}

    def load(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """What `state` gave. Raises ConfigError for tensors of another adapter."""
        from peft import set_peft_model_state_dict

        ours = self.state()
        if {name: value.shape for name, value in ours.items()} != {name: each.shape for name, each in tensors.items()}:
            raise ConfigError("the checkpoint is of an adapter with other layers or another rank: begin a new run")
        set_peft_model_state_dict(self._denoiser, dict(tensors), adapter_name=NAME)

    def described(self, component: str) -> str:
        """Its configuration as diffusers writes it into a file: with it, alpha is known to every loader."""
        plain: dict[str, Any] = self.config.to_dict()
        plain["target_modules"] = sorted(plain["target_modules"])
        kept = {f"{component}.{name}": value for name, value in plain.items() if isinstance(value, _PLAIN)}
        return json.dumps(kept, indent=2, sort_keys=True)

    def remove(self) -> None:
        """The denoiser as it was before."""
        self._denoiser.unload_lora()


_PLAIN = (str, int, float, bool, list, dict)


def find_targets(trainable: Trainable, settings: TrainingSettings) -> list[str]:
    """The names of the linears that learn. Raises ConfigError where the model has none of that preset."""
    pattern = re.compile(trainable.targets[settings.targets])
    names = [
        name
        for name, module in trainable.denoiser.named_modules()
        if isinstance(module, nn.Linear) and pattern.fullmatch(name)
    ]
    if not names:
        raise ConfigError(f"this model has no layers of the preset '{settings.targets}'", "targets")
    return names
