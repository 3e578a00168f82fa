"""FLUX.1 and every model of its architecture, mini included: diffusers' FLUX pipelines, taken one step at a time."""

from deployments.families.flux.family import Flux, load
from deployments.families.flux.state import FluxConditioning, FluxDenoising

__all__ = ["Flux", "FluxConditioning", "FluxDenoising", "load"]
