"""The model that is measured: FLUX.1-dev's shape with random weights, in the engine's own denoiser.

Time does not depend on weights; nothing is downloaded, and neither text encoders nor a VAE are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import diffusers
import torch

from deployments.families.flux.canvas import Bucket
from deployments.families.flux.denoiser import FluxDenoiser
from deployments.families.flux.passes import blocks
from deployments.families.flux.state import FluxConditioning, FluxDenoising, Prompt
from deployments.families.schedule import flow_schedule
from deployments.loras.slots import Selection
from deployments.messages import StepCache
from tests.bench.gpu.sizes import Size
from tests.bench.gpu.timing import medians

parts: Any = diffusers  # not typed
PIXELS_PER_TOKEN = 16
GUIDANCE = 3.5
RANK, SLOTS = 16, 8


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it is measured, what compiles for it, its fastest attention, and its peak in TFLOP/s."""

    device: torch.device
    compiler: str
    attention: str
    peak_tflops: float

    @property
    def name(self) -> str:
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else "CPU"


H100_PEAK = 989.0
"""TFLOP/s of dense bf16 arithmetic, by the maker's data sheet."""
CPU = Machine(torch.device("cpu"), "eager", "native", H100_PEAK)
"""Only a toy can be run here, and nothing is really compiled: graphs are traced and run as they are."""


def this_machine(attention: str = "_native_cudnn", peak_tflops: float = H100_PEAK) -> Machine:
    """The GPU, with that attention for the fast way; without a GPU the CPU."""
    return Machine(torch.device("cuda", 0), "inductor", attention, peak_tflops) if torch.cuda.is_available() else CPU


class Bench:
    """One transformer of random weights, and requests to it. `transformer` runs eagerly but inside `compiled`."""

    def __init__(self, machine: Machine, size: Size) -> None:
        self.machine, self.size, self.device = machine, size, machine.device
        self.transformer = _random_transformer(size, machine.device)
        self.denoiser = FluxDenoiser(self.transformer, machine.device, {RANK: SLOTS})
        self._scheduler = parts.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0)
        like: Any = {"device": machine.device, "dtype": size.dtype}
        self.conditioning = FluxConditioning(
            Prompt(
                tokens=torch.randn(1, size.text, size.transformer["joint_attention_dim"], **like),
                pooled=torch.randn(1, size.transformer["pooled_projection_dim"], **like),
            )
        )

    def request(self, side: int, adapters: Selection = (), steps: int = 0, skip: Sequence[int] = ()) -> FluxDenoising:
        """A request before its first step, for what the table calls `side`²; `steps` 0 is the size's own number."""
        pixels, channels = self.size.sides[side], self.size.transformer["in_channels"]
        bucket = Bucket(pixels // PIXELS_PER_TOKEN, pixels // PIXELS_PER_TOKEN, self.size.text)
        return FluxDenoising(
            width=pixels,
            height=pixels,
            bucket=bucket,
            guidance_scale=GUIDANCE,
            conditioning=self.conditioning,
            schedule=flow_schedule(self._scheduler, steps or self.size.steps, bucket.area, self.device),
            generator=torch.Generator("cpu").manual_seed(0),
            latents=torch.randn(1, bucket.area, channels, device=self.device, dtype=self.size.dtype),
            adapters=adapters,
            step_cache=StepCache(skip=tuple(skip)) if skip else None,
        )

    @torch.inference_mode()
    def step(self, requests: Sequence[FluxDenoising]) -> None:
        """The first step of each in one call; the requests stay as they are, so that it can be taken again."""
        self.denoiser.step([replace(request) for request in requests])

    @torch.inference_mode()
    def draw(self, request: FluxDenoising) -> None:
        """All steps of it, likewise."""
        state = replace(request)
        while state.step < state.steps:
            self.denoiser.step([state])

    def medians(self, *sides: Callable[[], object], rounds: int = 0) -> list[float]:
        return medians(sides, self.device, rounds or self.size.rounds)

    @contextmanager
    def attending(self, backend: str) -> Iterator[None]:
        """Attention by one of diffusers' backends."""
        self.transformer.set_attention_backend(backend)
        try:
            yield
        finally:
            self.transformer.set_attention_backend("native")

    @contextmanager
    def compiled(self, whole: bool = False) -> Iterator[None]:
        """The fast way: the machine's best attention, and each kind of block compiled once, or all of the model."""
        modules = [self.transformer] if whole else blocks(self.transformer)
        with self.attending(self.machine.attention):
            for module in modules:
                module.compile(backend=self.machine.compiler, fullgraph=True, dynamic=False)
            try:
                yield
            finally:
                for module in modules:
                    module._compiled_call_impl = None

    def way(self, compiled: bool) -> Any:
        """`compiled()`, or as diffusers comes."""
        return self.compiled() if compiled else nullcontext()

    def step_tflop(self, side: int) -> float:
        """Arithmetic of a row's step: in each block 12 weights per width² and token, and attention (74.3 at 1024²)."""
        shape, width = self.size.transformer, self.transformer.inner_dim
        tokens = (self.size.sides[side] // PIXELS_PER_TOKEN) ** 2 + self.size.text
        layers = shape["num_layers"] + shape["num_single_layers"]
        return float(layers * tokens * (24 * width**2 + 4 * tokens * width)) / 1e12


def _random_transformer(size: Size, device: torch.device) -> Any:
    """Built where it will run and in its dtype: a copy in float32 would not fit beside it."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(size.dtype)
    try:
        with device:
            transformer = parts.FluxTransformer2DModel(**size.transformer)
    finally:
        torch.set_default_dtype(before)
    with torch.no_grad():
        for weight in transformer.parameters():
            weight.normal_(0, 0.02)
    return transformer.eval().requires_grad_(False)
