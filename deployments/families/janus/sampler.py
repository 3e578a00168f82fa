"""The one place where a picture's tokens are chosen: guidance, a random generator for each picture, progress, and the
way out of a call that nobody waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from configs.errors import StageError
from deployments.messages import GenerateRequest
from deployments.pipelines.whole import Watch


class Sampler(LogitsProcessor):
    """Makes of the scores for each token one that only the chosen token can win.

    Janus's own loop draws from torch's global generator, which cannot give each picture of a batch its own seed.
    Choosing here, and letting the loop take the best score, gives every picture what it would draw alone.
    """

    def __init__(self, requests: Sequence[GenerateRequest], config: GenerationConfig, side: int, watch: Watch) -> None:
        """`side` tokens are a line of the picture, which counts as a step; there are as many lines."""
        self._scales = [request.guidance_scale for request in requests]
        self._generators = [torch.Generator("cpu").manual_seed(request.seed) for request in requests]
        self._narrowing = _narrowing(config)
        self._side, self._watch = side, watch
        self._chosen = 0

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.Tensor:
        """`scores` [2 * pictures, tokens], with the prompt and without, in two halves → [pictures, tokens]."""
        guided = self._guide(scores.float())
        if not torch.isfinite(guided).all():
            raise StageError("the model lost the picture (not-a-number): try dtype float32 or another seed")
        chances = torch.softmax(self._narrowing(input_ids, guided), dim=-1).cpu()
        chosen = [
            torch.multinomial(row, 1, generator=generator)
            for row, generator in zip(chances, self._generators, strict=True)
        ]
        self._tell()
        only = torch.full_like(guided, -torch.inf)
        return only.scatter_(1, torch.stack(chosen).to(only.device), 0.0)

    def _guide(self, scores: torch.Tensor) -> torch.Tensor:
        """Classifier-free guidance where a picture's scale is above 1."""
        prompted, unprompted = scores.chunk(2)
        scales = torch.tensor([max(scale, 1.0) for scale in self._scales], device=scores.device)[:, None]
        return unprompted + (prompted - unprompted) * scales

    def _tell(self) -> None:
        """A whole line is a step. What the watch raises ends the call."""
        self._chosen += 1
        line, rest = divmod(self._chosen, self._side)
        if rest == 0:
            self._watch(line, self._side)


def _narrowing(config: GenerationConfig) -> Any:
    """How the checkpoint's generation config leaves out tokens, in the library's order, with its defaults."""
    unset = config._get_default_generation_params()
    temperature, top_k, top_p, min_p = (
        unset.get(name) if getattr(config, name) is None else getattr(config, name)
        for name in ("temperature", "top_k", "top_p", "min_p")
    )
    steps = LogitsProcessorList()
    if temperature not in (None, 1.0):
        steps.append(TemperatureLogitsWarper(temperature))
    if top_k:
        steps.append(TopKLogitsWarper(top_k))
    if top_p is not None and top_p < 1:
        steps.append(TopPLogitsWarper(top_p))
    if min_p is not None:
        steps.append(MinPLogitsWarper(min_p))
    return steps
