"""Why a layer of a LoRA's file is not used, raised where it is found and noted with its tensors in `Converted`."""

from __future__ import annotations


class Unusable(Exception):
    """The tensors of a layer are none that can be used, in words that end a sentence."""


class Misfit(Unusable):
    """They are of a layer of another size."""


class Empty(Unusable):
    """They are of rank 0, so they change nothing."""
