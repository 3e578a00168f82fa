"""What a published model is made of, as data: configs of its components, and what was counted from them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from configs.frozen import Frozen

Role = Literal["denoiser", "encoder", "autoencoder", "model", "control", "reader"]
_ROLES: dict[str, Role] = {
    "transformer": "denoiser",
    "unet": "denoiser",
    "vae": "autoencoder",
    "model": "model",
    "controlnet": "control",
    "image_encoder": "reader",
    "image_embedder": "reader",
    "image_projection": "reader",
    "image_resampler": "control",
}


def role_of(name: str) -> Role:
    """What a component of that name in a pipeline, or beside one, does; what is not known encodes words."""
    return _ROLES.get(name, "encoder")


class Component(Frozen):
    """One network (`configs/components/<id>.yaml`): its class and config, and the numbers in its files as published.

    `source` is where the config is from, `confirmed` a second source, independent of that. `published` counts what
    the files hold, parameters and buffers; a card's round figure where nobody has published more.
    """

    id: str
    cls: str = Field(alias="class")
    library: Literal["diffusers", "transformers"]
    config: dict[str, Any]
    source: str
    confirmed: str = ""
    published: int | None = Field(default=None, gt=0)


class Architecture(Frozen):
    """A model, or what stands beside one (`configs/architectures/<id>.yaml`): its components by name, or the folder
    that has their configs: a pipeline's or a single ControlNet's."""

    id: str
    source: str
    components: dict[str, str] = {}
    folder: str | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Architecture:
        if bool(self.components) == (self.folder is not None):
            raise ValueError("give either 'components' or 'folder'")
        return self


class Figures(Frozen):
    """What was counted of a component, built without weights.

    `numbers`: parameters and buffers. `linear`: those in the weights of linears,
    `cast`: of these, those that may be kept in 8 bits. `loose`: those outside of repeated
    blocks; `block` and `layer`: those of the largest block and layer. `lines`: inputs and outputs of the linears that
    take LoRAs, summed. `width` and `inner` are the numbers that a token (in an autoencoder: a pixel) has between and
    inside blocks; `cache`, those that a token leaves for later ones. `patch`: pixels that one side of a token covers,
    `tile` those of a part that an autoencoder decodes at a time when it is tiled. `added`: numbers that a ControlNet
    adds to the denoiser for each token; `crossed`: those that an IP-Adapter adds inside the denoiser (in a UNet: keys
    and values of words once more), and `timed`, those besides for each number of the time step that it reads; `tokens`:
    those that a picture becomes in an image encoder.
    """

    cls: str
    numbers: int
    linear: int
    cast: int = 0
    loose: int
    block: int
    layer: int
    lines: int = 0
    width: int
    inner: int = 0
    cache: int = 0
    patch: int = 1
    tile: int = 0
    added: int = 0
    crossed: int = 0
    timed: int = 0
    tokens: int = 0


FigureTable = dict[str, dict[str, Figures]]
"""Architecture -> component by name -> figures (`configs/figures.json`, written by `python -m deployments.memory`)."""
