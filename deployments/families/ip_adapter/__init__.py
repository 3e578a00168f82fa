"""IP-Adapters: pictures that a denoiser reads beside the words, each row of a batch its own, at its own scales."""

from deployments.families.ip_adapter.unet import ImagePrompts, Read

__all__ = ["ImagePrompts", "Read"]
