"""Any diffusers pipeline from words to pictures, called whole: equal to its own `__call__` for the same seed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn

from configs.errors import StageError
from configs.sampling import Sampling
from configs.schema import ModelConfig
from deployments.families.family import Work
from deployments.families.pictures import check_pictures, check_unread, opened, to_picture
from deployments.families.pipelines.along import Following, check_following, seeded
from deployments.families.pipelines.editing import SEEN, check_references, in_company
from deployments.families.pipelines.manners import Manner
from deployments.families.samplers import check_own, sampling_of
from deployments.loras.keys import Anatomy
from deployments.loras.slots import Slots
from deployments.messages import GenerateRequest, Picture
from deployments.pipelines.whole import Watch


@dataclass(frozen=True, slots=True)
class Shape:
    """What a step is like: the picture's size in pixels, a second row for guidance, which class draws, along which
    controls, and the sizes of the references that it sees."""

    width: int
    height: int
    guided: bool
    pipeline: str
    controls: tuple[str, ...] = ()
    references: tuple[tuple[int, int], ...] = ()


class WholePipeline:
    """A loaded diffusers pipeline (see `Whole`)."""

    least_steps = 2

    def __init__(
        self, pipeline: Any, weights: str, config: ModelConfig, manner: Manner, following: Following | None = None
    ) -> None:
        self._pipeline, self._manner, self._text_length = pipeline, manner, config.text_length
        self._following = following
        scheduler = getattr(pipeline, "scheduler", None)
        self._sampling = Sampling() if scheduler is None else sampling_of(scheduler)
        self._device = torch.device(pipeline._execution_device)
        self._siblings: dict[Hashable, Any] = {(manner.pipeline, ()): pipeline}
        self._unit = int(pipeline.image_processor.config.vae_scale_factor)
        self.device = str(self._device)
        self.dtype = str(pipeline.dtype).removeprefix("torch.")
        self.weights = weights
        self.proven = manner.proven
        self.anatomy = Anatomy.of(pipeline)
        self.slots = _no_slots(getattr(pipeline, self.anatomy.denoiser))

    def work(self, request: GenerateRequest) -> Work:
        check_unread(request, "latents", "image_prompts", "variations")
        check_own(request, self._sampling)
        check_references(request, self._manner.references)
        check_pictures(request)
        check_following(self._following, request)
        shape = self._shape(request)
        self._check_prompts(request, shape.guided)
        if request.num_inference_steps < 1:
            raise StageError("a picture needs at least one step", "num_inference_steps")
        steps = _steps(request)
        if steps < 1:
            raise StageError("strength and steps leave no step to take: raise one of them", "strength")
        return Work(shape, 1, steps)

    def size(self, bucket: Hashable) -> float:
        shape = cast(Shape, bucket)
        seen = shape.width * shape.height + SEEN * len(shape.references)
        return seen * (2.0 if shape.guided else 1.0)

    def draw(self, requests: Sequence[GenerateRequest], watch: Watch) -> list[Picture]:
        pixels = self.render(requests, watch)
        for picture in pixels:
            if not torch.isfinite(picture).all():
                raise StageError("the model lost the picture (not-a-number): try dtype float32 or another seed")
        return [to_picture(picture * 2 - 1) for picture in pixels]

    @torch.inference_mode()
    def render(self, requests: Sequence[GenerateRequest], watch: Watch) -> torch.Tensor:
        """The pictures before they are 8-bit: [requests, 3, H, W] in 0..1."""

        def tell(pipeline: Any, index: int, _: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            if self._device.type == "cuda":
                # Otherwise the CPU runs ahead of the GPU, and progress and cancellation are about steps not yet taken.
                torch.cuda.synchronize(self._device)
            watch(index + 1, getattr(pipeline, "num_timesteps", None) or requests[0].num_inference_steps)
            return tensors

        pipeline = self._sibling(requests[0])
        try:
            with self._prepared(pipeline, requests) as more:
                arguments = {**self._arguments(requests), **more}
                drawn = pipeline(**arguments, callback_on_step_end=tell, output_type="pt")
        finally:
            self._pipeline.maybe_free_model_hooks()
        pixels = getattr(drawn, "images", None)
        wanted = (len(requests), 3, requests[0].height, requests[0].width)
        if not isinstance(pixels, torch.Tensor) or tuple(pixels.shape) != wanted:
            raise StageError(f"{self._manner.pipeline} returned no pictures of the size that was asked for")
        return pixels

    @contextmanager
    def _prepared(self, pipeline: Any, requests: Sequence[GenerateRequest]) -> Iterator[dict[str, Any]]:
        """`pipeline` ready for all of `requests` at once, and what it is told of their references and controls."""
        if requests[0].references:
            with in_company(pipeline, requests) as told:
                yield told
        elif self._following is not None and requests[0].controls:
            with seeded(pipeline, requests):
                yield self._following.told(requests)
        else:
            yield {}

    def _arguments(self, requests: Sequence[GenerateRequest]) -> dict[str, Any]:
        first, manner = requests[0], self._manner
        arguments: dict[str, Any] = {
            "prompt": [request.prompt for request in requests],
            "width": first.width,
            "height": first.height,
            "num_inference_steps": first.num_inference_steps,
            "generator": [torch.Generator("cpu").manual_seed(request.seed) for request in requests],
            **manner.fixed,
        }
        if manner.guidance:
            arguments[manner.guidance] = first.guidance_scale
        if manner.negative_prompt:
            arguments["negative_prompt"] = [request.negative_prompt for request in requests]
        if manner.text_length:
            arguments["max_sequence_length"] = self._text_length
        if first.controls:
            return arguments
        if first.image is not None:
            arguments |= {"image": _opened(request.image for request in requests), "strength": first.strength}
        if first.mask is not None:
            arguments["mask_image"] = _opened(request.mask for request in requests)
        return arguments

    def _shape(self, request: GenerateRequest) -> Shape:
        unit, width, height = self._unit, request.width, request.height
        if width % unit or height % unit or width <= 0 or height <= 0:
            raise StageError(f"this model draws multiples of {unit} pixels, and {width}x{height} is not one", "size")
        guided = self._manner.guidance is not None and request.guidance_scale > self._manner.unguided
        kinds = tuple(control.kind for control in request.controls)
        sizes = tuple((picture.width, picture.height) for picture in request.references)
        return Shape(width, height, guided, self._class(request), kinds, sizes)

    def _class(self, request: GenerateRequest) -> str:
        """The pipeline that draws it. Raises StageError where there is none."""
        if request.controls and self._following is not None:
            return self._following.pipeline(request)
        if request.image is None:
            return self._manner.pipeline
        field = "image" if request.mask is None else "mask"
        name = self._manner.img2img if field == "image" else self._manner.inpaint
        if name is None:
            raise StageError(f"this model takes no '{field}': leave it out", field)
        return name

    def _sibling(self, request: GenerateRequest) -> Any:
        """The pipeline of the class that draws `request`, with the same components."""
        shape = self._shape(request)
        key = shape.pipeline, shape.controls
        if key not in self._siblings:
            import diffusers

            net = {} if self._following is None or not shape.controls else {"controlnet": self._following.net(request)}
            sibling = getattr(diffusers, shape.pipeline)(**self._pipeline.components, **net)
            sibling.set_progress_bar_config(disable=True)
            self._siblings[key] = sibling
        return self._siblings[key]

    def _check_prompts(self, request: GenerateRequest, guided: bool) -> None:
        if self._manner.tokens is None:
            return
        read = {"prompt": request.prompt, **({"negative_prompt": request.negative_prompt} if guided else {})}
        for field, text in read.items():
            count = self._manner.tokens(self._pipeline, text)
            if count > self._text_length:
                raise StageError(
                    f"this prompt has {count} tokens and the model reads {self._text_length}: shorten it", field
                )


def _opened(pictures: Iterable[Picture | None]) -> list[Any]:
    return [opened(picture) for picture in pictures if picture is not None]


def _steps(request: GenerateRequest) -> int:
    """Steps that are taken: with an image only the last ones, as `strength` says."""
    steps = request.num_inference_steps
    if request.image is None:
        return steps
    return steps - int(max(steps - min(steps * request.strength, steps), 0))


def _no_slots(denoiser: nn.Module) -> Slots:
    """A whole call cannot tell its rows apart, so LoRAs are merged into the weights for it."""
    linears = [name for name, module in denoiser.named_modules() if isinstance(module, nn.Linear)]
    return Slots(denoiser, linears, {})
