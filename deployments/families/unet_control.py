"""ControlNets of a UNet, union ControlNets included: how they are called, and where the UNet adds what they find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from configs.errors import ConfigError
from deployments.families.control import ControlNet, ControlNets

CLASSES = ("ControlNetModel", "ControlNetUnionModel")


def ask(
    net: ControlNet, latents: torch.Tensor, told: Mapping[str, Any], pictures: torch.Tensor
) -> Sequence[torch.Tensor]:
    """What `net` adds to a UNet that reads `latents` [B, C, H, W] and is `told` the rest: after each block on the way
    down, and last in the middle; [B, …] each."""
    controls: dict[str, Any] = {"controlnet_cond": pictures}
    if net.mode is not None:
        kinds = torch.zeros(len(latents), net.module.config.num_control_type)
        kinds[:, net.mode] = 1
        controls = {
            "controlnet_cond": [pictures],
            "control_type": kinds.to(latents),
            "control_type_idx": [net.mode],
            "conditioning_scale": [1.0],
        }
    down, middle = net.module(latents, **told, **controls, return_dict=False)
    return [*down, middle]


def places(added: Sequence[torch.Tensor] | None) -> dict[str, Any]:
    """The UNet's arguments for what `ask` found; none for nothing."""
    if added is None:
        return {}
    return {"down_block_additional_residuals": added[:-1], "mid_block_additional_residual": added[-1]}


def check_modes(controls: ControlNets, owner: str) -> None:
    """Raises ConfigError where a union ControlNet and the mode in the YAML do not agree."""
    for net in controls.nets:
        name = f"{owner}, control '{net.kind}': its {type(net.module).__name__}"
        modes = net.module.config.get("num_control_type", 0)
        if modes and net.mode is None:
            raise ConfigError(f"{name} is a union of {modes}, and 'mode' must say which of them is meant.", "controls")
        if net.mode is not None and net.mode >= modes:
            raise ConfigError(f"{name} has no mode {net.mode}: it has {modes}, counted from 0.", "controls")
