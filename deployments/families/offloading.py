"""Parts that wait in main memory take turns on the device: the rule for a pipeline's own, and the places of those that
stand beside it (ControlNets, what reads image prompts), which diffusers' offloading does not know."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterable
from typing import Any, Protocol

import torch
from torch import nn

from configs.architecture import role_of
from configs.runtime import Runtime


class Net(Protocol):
    """What runs beside the denoiser at each step: a ControlNet, or what an IP-Adapter of SD 3.5 makes tokens with."""

    @property
    def module(self) -> Any: ...


_HOME = torch.device("cpu")


def take_turns(pipeline: Any, runtime: Runtime) -> None:
    """Send the denoiser home before a text encoder comes. An engine encodes for one request in the middle of another,
    where diffusers' own order, of a pipeline called whole, would have both on the device."""
    if runtime.offload != "model":
        return
    denoiser = denoiser_of(pipeline)
    for name, part in pipeline.components.items():
        if isinstance(part, nn.Module) and role_of(name) == "encoder":
            part.register_forward_pre_hook(lambda *_: _send_home(denoiser))


def place_nets(nets: Collection[Net], pipeline: Any, runtime: Runtime) -> None:
    """Nets where `runtime` wants them: whole ones come and go with the denoiser, which they run beside."""
    modules = list({id(net.module): net.module for net in nets}.values())
    if runtime.offload != "model":
        _place(modules, pipeline, runtime, "block_level")
    elif modules:
        denoiser = denoiser_of(pipeline)
        denoiser.add_module("beside", _Beside(modules))
        for module in modules:
            module.register_forward_pre_hook(_bringing(denoiser))


def place_readers(modules: Iterable[nn.Module], pipeline: Any, runtime: Runtime) -> None:
    """What reads image prompts, once for a request: whole parts are on the device for their calls alone."""
    if runtime.offload != "model":
        _place(modules, pipeline, runtime, "leaf_level")
        return
    device, denoiser = torch.device(pipeline._execution_device), denoiser_of(pipeline)
    for module in modules:
        module.register_forward_pre_hook(_coming(denoiser, device))
        module.register_forward_hook(lambda called, *_: _send_home(called))


def denoiser_of(pipeline: Any) -> Any:
    """Its transformer, or its UNet."""
    found = getattr(pipeline, "transformer", None)
    return pipeline.unet if found is None else found


class _Beside(nn.Module):
    """Inside a denoiser: what moves that moves `others` too. They are no part of it, so that neither LoRA slots nor
    hooks find them there."""

    def __init__(self, others: Iterable[nn.Module]) -> None:
        super().__init__()
        self._others: tuple[Any, ...] = tuple(others)

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> _Beside:
        for each in self._others:
            each._apply(fn, recurse)
        return self


def _place(modules: Iterable[nn.Module], pipeline: Any, runtime: Runtime, group: str) -> None:
    from diffusers import hooks

    accelerate: Any = importlib.import_module("accelerate")  # which is not typed
    offload: Any = hooks
    device = torch.device(pipeline._execution_device)
    for module in modules:
        if runtime.offload == "group":
            blocks = {"num_blocks_per_group": 1} if group == "block_level" else {}
            offload.apply_group_offloading(
                module, onload_device=device, offload_device=_HOME, offload_type=group, **blocks
            )
        elif runtime.offload == "sequential":
            accelerate.cpu_offload(module, device, offload_buffers=len(module._parameters) > 0)
        else:
            module.to(device)


def _bringing(denoiser: Any) -> Callable[..., None]:
    def bring(_module: nn.Module, _given: object) -> None:
        denoiser._hf_hook.pre_forward(denoiser)  # as if it were called itself; a new hook after each picture

    return bring


def _coming(denoiser: Any, device: torch.device) -> Callable[..., None]:
    def come(module: nn.Module, _given: object) -> None:
        _send_home(denoiser)
        module.to(device)

    return come


def _send_home(module: nn.Module) -> None:
    if next(module.parameters()).device != _HOME:
        module.to(_HOME)
        torch.cuda.empty_cache()
