"""FLUX.2: diffusers' pipelines of dev and klein, taken one step at a time."""

from deployments.families.flux2.family import Flux2Conditioning, load

__all__ = ["Flux2Conditioning", "load"]
