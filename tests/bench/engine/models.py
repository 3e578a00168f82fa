"""The two models of the bench, of random weights: one whose step is all overhead, one whose step is all arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from configs.runtime import Runtime
from configs.schema import ModelConfig, Size
from deployments.engine.core import Loaded
from deployments.engine.engine import Engine
from deployments.engine.metrics import SILENT, Metrics, OfModel
from deployments.engine.steps import step_engine
from deployments.families.family import AnyFamily
from deployments.families.registry import FAMILIES
from deployments.loras.wardrobe import wardrobe
from deployments.messages import GenerateRequest
from tests.bench.sides import THREADS
from tests.deployments.tiny import Shape, request, save_tiny, tiny_config

SMALL = Shape(width=4, layers=2, vae="light")
"""0.3 M parameters, 64 image tokens and 32 of text, the proportions of FLUX.1 at 512 px: launch-bound, as large models
are at small sizes on a GPU. Its autoencoder is as small as there is: to decode FLUX.1's pictures takes a part of a
step."""
LARGE = Shape(width=16, layers=4, vae="tiny")
"""9 M parameters, 1,024 image tokens and 64 of text: saturated, as they are at 1024 px."""
TEXT_LENGTHS = {SMALL: 32, LARGE: 64}


@dataclass(frozen=True, slots=True)
class Subject:
    """A loaded model. Only one thread may step it at a time."""

    family: AnyFamily
    config: ModelConfig

    @property
    def ask(self) -> GenerateRequest:
        """A request at the model's size."""
        size = self.config.native_sizes[0]
        return request(width=size.width, height=size.height, guidance_scale=3.5)

    @contextmanager
    def engine(self, metrics: Metrics = SILENT) -> Iterator[Engine]:
        """An engine that draws with it, until the context ends."""
        adapters = wardrobe(self.family, self.config, ())
        made = step_engine(lambda: Loaded(self.family, adapters), self.ask, metrics=OfModel(metrics, self.config.id))
        try:
            yield made
        finally:
            made.close()


@contextmanager
def subject(shape: Shape, side: int) -> Iterator[Subject]:
    """The model, loaded for pictures of `side` pixels."""
    with TemporaryDirectory() as folder:
        config = tiny_config(
            save_tiny(Path(folder), shape),
            text_length=TEXT_LENGTHS[shape],
            native_sizes=(Size(width=side, height=side),),
            runtime=Runtime(device="cpu", threads=THREADS),
        )
        torch.set_num_threads(THREADS)
        yield Subject(FAMILIES.find("flux")(config), config)
