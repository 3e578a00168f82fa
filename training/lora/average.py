"""An exponential moving average of what learns: smoother than the last step, and drawn with where it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch


class Average:
    """Of `parameters`, in their order."""

    def __init__(self, parameters: Sequence[torch.nn.Parameter], decay: float) -> None:
        self._parameters, self._decay, self._steps = parameters, decay, 0
        self._kept = [parameter.detach().clone() for parameter in parameters]

    @torch.no_grad()
    def add(self) -> None:
        """Take in what a step made of them. The first steps count for more, or the beginning would never leave."""
        self._steps += 1
        decay = min(self._decay, self._steps / (self._steps + 9))
        torch._foreach_lerp_(self._kept, [parameter.data for parameter in self._parameters], 1 - decay)

    @contextmanager
    def worn(self) -> Iterator[None]:
        """While the average is in the place of the parameters."""
        own = [parameter.data for parameter in self._parameters]
        for parameter, kept in zip(self._parameters, self._kept, strict=True):
            parameter.data = kept
        try:
            yield
        finally:
            for parameter, data in zip(self._parameters, own, strict=True):
                parameter.data = data

    def state(self) -> dict[str, torch.Tensor]:
        return {"steps": torch.tensor(self._steps)} | {
            str(place): kept.cpu().clone() for place, kept in enumerate(self._kept)
        }

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """What `state` gave."""
        self._steps = int(state["steps"])
        for place, kept in enumerate(self._kept):
            kept.copy_(state[str(place)])
