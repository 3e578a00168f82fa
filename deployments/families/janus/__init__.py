"""Janus and Janus Pro: a language model that writes a picture token by token, called whole."""

from deployments.families.janus.family import Janus, load

__all__ = ["Janus", "load"]
