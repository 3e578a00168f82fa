"""Along ControlNets: which of a pipeline's classes follows what a request brings, and what that class is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from configs.errors import ConfigError, StageError
from configs.schema import ModelConfig
from deployments.families.control import ControlNet, ControlNets, load_controls
from deployments.families.offloading import place_nets
from deployments.families.pictures import check_unread, opened
from deployments.families.pipelines.manners import Along
from deployments.messages import GenerateRequest


class Following:
    """The ControlNets of a pipeline. The requests of one call are alike in what they follow and how much, not in what
    that shows."""

    def __init__(self, nets: ControlNets, along: Along, transformer: Any) -> None:
        self._nets, self._along = nets, along
        self._masks = {net.kind: along.masks(net.module.config, transformer.config) for net in nets.nets}

    def check(self, request: GenerateRequest) -> None:
        """Raises StageError, naming the field, for controls that cannot be followed as they are asked for."""
        self._nets.check(request)
        kinds = [control.kind for control in request.controls]
        if len({id(self._net(kind).module) for kind in kinds}) > 1 or (len(kinds) > 1 and not self._several(request)):
            raise StageError(f"this model follows {' and '.join(kinds)} in pictures of their own only", "controls")
        for control in request.controls:
            if not self._along.spans and (control.start, control.end) != (0.0, 1.0):
                raise StageError("this model follows a control in all steps: leave 'start' and 'end' out", "controls")
            self._check_mask(control.kind, request)
        if request.image is not None and request.strength < 1:
            raise StageError("along a control this model begins with noise alone: leave 'strength' at 1", "strength")

    def pipeline(self, request: GenerateRequest) -> str:
        """The class that draws along the request's controls."""
        return self._along.words if request.mask is None else self._along.masked

    def net(self, request: GenerateRequest) -> Any:
        """What that class is built with."""
        module = self._net(request.controls[0].kind).module
        if len(request.controls) == 1:
            return module
        import diffusers

        several: Any = diffusers.QwenImageMultiControlNetModel  # one net for all, which is told of each in turn
        return several([module])

    def told(self, requests: Sequence[GenerateRequest]) -> dict[str, Any]:
        """The arguments of that class beside those of every call."""
        counted = requests[0].controls
        shown = [[opened(request.controls[place].image) for request in requests] for place in range(len(counted))]
        told: dict[str, Any] = {
            "control_image": _one_or_all(shown),
            "controlnet_conditioning_scale": _one_or_all([control.scale for control in counted]),
        }
        if self._along.spans:
            told["control_guidance_start"] = _one_or_all([control.start for control in counted])
            told["control_guidance_end"] = _one_or_all([control.end for control in counted])
        if requests[0].mask is not None:
            masks = [opened(request.mask) for request in requests if request.mask is not None]
            images = [opened(request.image) for request in requests if request.image is not None]
            told |= {"control_mask": masks} if self._along.only else {"mask_image": masks, "image": images}
        return told

    def _net(self, kind: str) -> ControlNet:
        return self._nets.find(kind)

    def _several(self, request: GenerateRequest) -> bool:
        return self._along.spans and request.mask is None

    def _check_mask(self, kind: str, request: GenerateRequest) -> None:
        masks, only = self._masks[kind], self._along.only
        if request.image is not None and request.mask is None:
            raise StageError("this model draws over a whole picture along no control: leave 'image' out", "controls")
        if request.mask is not None and not masks:
            raise StageError(f"control '{kind}' knows nothing of masks: leave it or the mask out", "controls")
        if only and masks and request.mask is None:
            raise StageError(f"control '{kind}' fills what a mask marks: give an image and a mask, too", "controls")
        if only and masks and request.image != request.controls[0].image:
            raise StageError(f"control '{kind}' sees what is filled: give it the same picture as 'image'", "controls")


def follow(config: ModelConfig, along: Along | None, pipeline: Any) -> tuple[Following | None, ControlNets]:
    """The ControlNets that `config` names, loaded beside `pipeline`. Raises ConfigError with one plain sentence."""
    if along is None or not config.controls:
        return None, ControlNets({})
    if along.shares and config.runtime.offload in ("group", "sequential"):
        raise ConfigError(
            f"model '{config.id}': its ControlNets run with parts of its transformer, which "
            f"'runtime.offload: {config.runtime.offload}' moves in pieces: set 'model' or 'none'.",
            "runtime.offload",
        )
    nets = load_controls(config, (along.net,), pipeline)
    place_nets(nets.nets, pipeline, config.runtime)
    return Following(nets, along, pipeline.transformer), nets


def check_following(following: Following | None, request: GenerateRequest) -> None:
    """Raises as `Following.check` does, or for any control where there is nothing to follow one with."""
    if following is None:
        check_unread(request, "controls")
    elif request.controls:
        following.check(request)


@contextmanager
def seeded(pipeline: Any, requests: Sequence[GenerateRequest]) -> Iterator[None]:
    """Qwen-Image's inpainting net reads a picture around which diffusers draws with torch's own numbers, which no seed
    decides, and others for each row. Here they are those of each request's seed."""
    stock: Callable[..., torch.Tensor] | None = getattr(pipeline, "prepare_image_with_mask", None)
    if stock is None:
        yield
        return

    def prepare(image: Sequence[Any], mask: Sequence[Any], batch_size: int, **rest: Any) -> torch.Tensor:  # noqa: ARG001
        rows = []
        for shown, marked, request in zip(image, mask, requests, strict=True):
            with torch.random.fork_rng():
                torch.manual_seed(request.seed)
                rows.append(stock(image=[shown], mask=[marked], batch_size=1, **rest))
        return torch.cat(rows)

    pipeline.prepare_image_with_mask = prepare
    try:
        yield
    finally:
        del pipeline.prepare_image_with_mask


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
