"""diffusers' AutoencoderKL between pixels and latents of mean 0 and deviation 1, which is where a denoiser works."""

from __future__ import annotations

from typing import Any

import torch

from configs.errors import ConfigError


class Autoencoder:
    """One of a pipeline. `vae` is diffusers' own.

    Playground's has a mean and a deviation for each channel. diffusers' inpainting pipeline for SDXL leaves these out
    where it encodes and not where it decodes, so that what it keeps of a picture changes colour; here it does not.
    """

    def __init__(self, pipeline: Any, owner: str) -> None:
        """Raises ConfigError for an autoencoder of another class."""
        vae = pipeline.vae
        if (name := type(vae).__name__) != "AutoencoderKL":
            raise ConfigError(f"{owner}: its autoencoder is {name}; this family draws with AutoencoderKL.", "weights")
        if vae.config.force_upcast and vae.dtype == torch.float16:
            vae.to(torch.float32)  # it overflows otherwise, says its config
        self.vae = vae
        self._device = pipeline._execution_device

    @property
    def channels(self) -> int:
        return int(self.vae.config.latent_channels)

    def encode(self, pixels: torch.Tensor, generator: torch.Generator, like: torch.Tensor) -> torch.Tensor:
        """`pixels` [1, 3, H, W] in -1..1 as latents, in the dtype and on the device of `like`."""
        seen = self.vae.encode(pixels.to(self._device, self.vae.dtype)).latent_dist.sample(generator).to(like)
        mean, deviation = self._moments(seen)
        latents: torch.Tensor = (seen - mean) / deviation
        return latents

    def encode_middle(self, pixels: torch.Tensor) -> torch.Tensor:
        """`pixels` [1, 3, H, W] in -1..1 as the latents that the encoder thinks the likeliest: no seed decides."""
        seen = self.vae.encode(pixels.to(self._device, self.vae.dtype)).latent_dist.mode()
        mean, deviation = self._moments(seen)
        latents: torch.Tensor = (seen - mean) / deviation
        return latents

    def decode(self, latents: torch.Tensor, shrink: float = 1.0) -> torch.Tensor:
        """`latents` [1, C, h, w] as pixels [3, H, W] in -1..1, made smaller by `shrink` before where it is below 1."""
        if shrink < 1:
            latents = torch.nn.functional.interpolate(latents, scale_factor=shrink, mode="area")
        mean, deviation = self._moments(latents)
        pixels: torch.Tensor = self.vae.decode((latents * deviation + mean).to(self.vae.dtype), return_dict=False)[0][0]
        return pixels

    def _moments(self, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and deviation of what it makes of pictures, [1, C, 1, 1] or [1, 1, 1, 1]."""
        config = self.vae.config
        mean, deviation = config.get("latents_mean"), config.get("latents_std")
        if mean is None or deviation is None:
            mean, deviation = [0.0], [1.0]
        channels = [torch.tensor(each).to(like).view(1, -1, 1, 1) for each in (mean, deviation)]
        return channels[0], channels[1] / config.scaling_factor
