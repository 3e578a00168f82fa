"""What the LoRA trainer asks of a model: the protocol that differs from family to family, and who has it."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from configs.errors import ConfigError
from configs.schema import ModelConfig, Size

if TYPE_CHECKING:
    import torch
    from PIL import Image

Conditions: TypeAlias = "Mapping[str, torch.Tensor]"
"""A caption as the denoiser reads it, by names of the family's own; each tensor has one row. Kept on disk as it is."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model draws where nobody says otherwise."""

    size: Size
    steps: int
    guidance: float

    @classmethod
    def of(cls, model: ModelConfig) -> Manner:
        """As its YAML says for the usual quality."""
        steps = model.steps.get("standard") or max(model.steps.values())
        return cls(model.native_sizes[0], steps, model.guidance_scale)

    @property
    def side(self) -> int:
        """That of a square with as many pixels."""
        return round(math.sqrt(self.size.pixels))


class Trainable(Protocol):
    """A loaded model that an adapter of its denoiser can be trained for.

    Latents are [B, C, h, w] of mean 0 and deviation 1, whichever way the denoiser packs them; `s` [B] is the share of
    noise, 0 (none) to 1. All is called from one thread, `encode_*` and `draw` without gradients.
    """

    pipeline: Any
    """diffusers' own, of which `denoiser` is a part."""
    denoiser: Any
    """The transformer or UNet. The trainer freezes it and adds an adapter to it (peft's, by `add_adapter`)."""
    device: torch.device
    weights: str
    """Content hash of the base."""
    encoder: str
    """What names the text encoders and the autoencoder, for what is cached of them."""
    manner: Manner
    """How it draws; pictures are trained in as many pixels unless the settings say otherwise."""
    unit: int
    """Sides of pictures are multiples of so many pixels."""
    embeds_guidance: bool
    """Whether `predict` has a use for a guidance scale."""
    targets: Mapping[str, str]
    """Preset of `TrainingSettings.targets` -> regular expression that matches whole names of the denoiser's linears."""

    def encode_text(self, captions: Sequence[str]) -> Sequence[Conditions]:
        """Each caption alone; '' is the empty prompt."""
        ...

    def encode_picture(self, pixels: torch.Tensor) -> torch.Tensor:
        """`pixels` [1, 3, H, W] in -1..1 as latents [1, C, h, w], float32. The same picture gives the same latents."""
        ...

    def release_encoders(self) -> None:
        """What only `encode_*` needs may leave the device: all is cached. `draw` still works."""
        ...

    def shift(self, latents: torch.Tensor) -> float:
        """How far the model leans towards noise when it draws pictures of that size: 1 not at all."""
        ...

    def noisy(self, clean: torch.Tensor, noise: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        """`clean` with a share `s` of `noise`, as the model meets it on its way."""
        ...

    def target(self, clean: torch.Tensor, noise: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        """What `predict` should say of it: noise - clean for a flow."""
        ...

    def weight(self, s: torch.Tensor, min_snr: float | None) -> torch.Tensor:
        """How much each row counts in the loss [B]; 1 for a flow."""
        ...

    def predict(
        self,
        noisy: torch.Tensor,
        s: torch.Tensor,
        conditions: Sequence[Conditions],
        guidance: torch.Tensor | None,
    ) -> torch.Tensor:
        """One call of the denoiser, in float32 and in the shape of `noisy`; sign, scale and packing are hidden here.

        `guidance` [B] is for models that embed it.
        """
        ...

    def draw(self, conditions: Conditions, negative: Conditions, manner: Manner, seed: int) -> Image.Image:
        """A picture by diffusers' pipeline, with the adapter as it now is. `negative` is for models whose
        guidance takes a second row. Touches no random state but its own."""
        ...


class LoadTrainable(Protocol):
    """The `load_trainable` of a family's module."""

    def __call__(self, config: ModelConfig) -> Trainable:
        """Check the weights, then build the model. Raises ConfigError with one plain sentence."""
        ...


MODULES: Mapping[str, str] = {
    "flux": "deployments.families.flux.training",
    "flux2": "deployments.families.flux2.training",
    "sd3": "deployments.families.sd3_training",
    "sdxl": "deployments.families.sdxl_training",
    "hidream": "deployments.families.hidream_training",
    "qwen-image": "deployments.families.pipelines.training.qwen_image",
    "z-image": "deployments.families.pipelines.training.z_image",
}
"""Family -> module with its `load_trainable`."""


def load_trainable(config: ModelConfig) -> Trainable:
    """A model, ready to be trained on. Raises ConfigError where its family has no training, or for its weights."""
    if config.family not in MODULES:
        known = ", ".join(sorted(MODULES))
        raise ConfigError(f"model '{config.id}': LoRAs of {config.family} cannot be trained here; of {known} they can")
    module: Any = importlib.import_module(MODULES[config.family])
    return cast(LoadTrainable, module.load_trainable)(config)
