"""The two models of the bench, of random weights: one whose step is all overhead, one whose step is all arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from configs.schema import ModelConfig, Runtime, Size
from deployments.engine.core import Loaded
from deployments.engine.engine import Engine
from deployments.engine.metrics import Metrics
from deployments.engine.steps import step_engine
from deployments.families.family import AnyFamily
from deployments.families.registry import FAMILIES
from deployments.loras.wardrobe import wardrobe
from deployments.messages import GenerateRequest
from tests.deployments.tiny import Shape, request, save_tiny, tiny_config

SMALL = Shape(width=4, layers=2, vae="light")
"""0.3 M parameters, 64 image tokens and 32 of text, the proportions of FLUX.1 at 512 px: launch-bound, as large models
are at small sizes on a GPU. Its autoencoder is as small as there is: to decode FLUX.1's pictures takes a part of a
step."""
LARGE = Shape(width=16, layers=4, vae="tiny")
"""9 M parameters, 1,024 image tokens and 64 of text: saturated, as they are at 1024 px."""
TEXT_LENGTHS = {SMALL: 32, LARGE: 64}


def ask(side: int) -> GenerateRequest:
    return request(width=side, height=side, guidance_scale=3.5)


@contextmanager
def family(shape: Shape, side: int, threads: int) -> Iterator[tuple[AnyFamily, ModelConfig]]:
    """The model loaded, for pictures of `side` pixels."""
    with TemporaryDirectory() as folder:
        config = tiny_config(
            save_tiny(Path(folder), shape),
            text_length=TEXT_LENGTHS[shape],
            native_sizes=(Size(width=side, height=side),),
            runtime=Runtime(device="cpu", threads=threads),
        )
        loaded = FAMILIES.find("flux")(config)
        torch.set_num_threads(threads)
        yield loaded, config


@contextmanager
def engine(loaded: AnyFamily, config: ModelConfig, metrics: Metrics) -> Iterator[Engine]:
    """An engine over a model that is there already. Nothing else may use the model while a request is in it."""
    side = config.native_sizes[0].width
    made = step_engine(lambda: Loaded(loaded, wardrobe(loaded, config, ())), ask(side), metrics=metrics)
    try:
        yield made
    finally:
        made.close()
