"""The noise that a picture is drawn from, where that is near the noise of another picture."""

from __future__ import annotations

from pydantic import Field

from configs.frozen import Frozen

MOST_VARIATIONS = 16
"""Of one noise: each generation of neighbours adds one."""


class SeedVariation(Frozen):
    """Noise turned towards that of another `seed`: not at all at a strength of 0, all the way at 1."""

    seed: int = Field(ge=0, lt=2**32)
    strength: float = Field(ge=0, le=1, allow_inf_nan=False)


class Neighbourhood(Frozen):
    """Noise around that of another picture, which began with `seed` and had the `variations`. Each new picture turns it
    by `strength` towards the noise of its own seed."""

    seed: int = Field(ge=0, lt=2**32, description="Of the picture in the middle")
    strength: float = Field(
        ge=0, le=1, allow_inf_nan=False, description="0 draws that picture again, 1 another one; 0.2 is near"
    )
    variations: tuple[SeedVariation, ...] = Field(
        default=(), max_length=MOST_VARIATIONS - 1, description="That the picture in the middle had itself"
    )

    def lead_to(self, seed: int) -> tuple[SeedVariation, ...]:
        """All variations of the noise of the neighbour with this seed of its own."""
        return (*self.variations, SeedVariation(seed=seed, strength=self.strength))
