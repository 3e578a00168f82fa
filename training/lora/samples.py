"""Pictures drawn on the way, from equal seeds each time, by the model that is being trained."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from deployments.families.training import Conditions, Trainable


class Samples:
    """Of the sample prompts of one run; each has a seed of its own, its place."""

    def __init__(self, trainable: Trainable, prompts: Sequence[Conditions], negative: Conditions) -> None:
        self._trainable, self._prompts, self._negative = trainable, prompts, negative

    def __bool__(self) -> bool:
        return bool(self._prompts)

    def draw(self) -> tuple[Image.Image, ...]:
        """One of each prompt, as the adapter now is."""
        model = self._trainable
        return tuple(
            model.draw(prompt, self._negative, model.manner, seed) for seed, prompt in enumerate(self._prompts)
        )
