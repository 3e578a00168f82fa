"""How fast the stages are, learned from every finished one: the source of each time estimate."""

from __future__ import annotations

from collections.abc import Mapping

from configs.catalog import Catalog
from configs.schema import Format, ModelConfig, Size
from deployments.messages import ModelState

_WEIGHT = 0.25  # of the newest observation in the moving average
_MEGAPIXEL = 1_000_000
_FINISH_SECONDS = {"png": 0.1, "webp": 0.25, "svg": 1.2}  # per megapixel, until measured


class Rates:
    """Moving averages of the seconds of each kind of work; a config's guess stands until something is measured."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._measured: dict[str, float] = {}

    @property
    def measured(self) -> dict[str, float]:
        """All that was measured, by kind of work: to be kept, and to be recalled by whoever starts next."""
        return dict(self._measured)

    def recall(self, seconds: Mapping[str, float]) -> None:
        """What was measured before this process, or by another; what was measured here counts more."""
        self._measured = {**seconds, **self._measured}

    def step_seconds(self, model: str, size: Size, beside: int = 0) -> float:
        """One denoising step of one picture of `size` (pixels), with `beside` other pictures that it looks at."""
        if beside:
            seen = self._measured.get(_work("step", model, size, beside))
            return self.step_seconds(model, size) if seen is None else seen
        known = self._measured.get(_work("step", model, size))
        if known is not None:
            return known
        config = self._catalog.models[model]
        native = self._measured.get(_work("step", model, config.native_sizes[0]), config.seconds_per_step)
        return native * size.pixels / config.native_sizes[0].pixels

    def upscale_seconds(self, upscaler: str, output: Size) -> float:
        """One enlargement to `output`."""
        guess = self._catalog.upscalers[upscaler].seconds_per_megapixel
        return self._measured.get(_work("upscale", upscaler), guess) * output.pixels / _MEGAPIXEL

    def finish_seconds(self, size: Size, formats: tuple[Format, ...]) -> float:
        """Resizing to `size` and writing `formats`."""
        key = _work("finish", *sorted(formats))
        guess = sum(_FINISH_SECONDS[name] for name in formats)
        return self._measured.get(key, guess) * size.pixels / _MEGAPIXEL

    def observe_state(self, model: ModelConfig, state: ModelState) -> None:
        """What a replica measured of itself: today one figure, at the first native size.

        The one place to read a replica's whole cost curve, once `ModelState` carries it.
        """
        self.observe_steps(model.id, model.native_sizes[0], state.seconds_per_step)

    def observe_steps(self, model: str, size: Size, seconds: float, beside: int = 0) -> None:
        """`seconds` per step, measured."""
        self._learn(_work("step", model, size, *([beside] if beside else [])), seconds)

    def observe_upscale(self, upscaler: str, output: Size, seconds: float) -> None:
        self._learn(_work("upscale", upscaler), seconds * _MEGAPIXEL / output.pixels)

    def observe_finish(self, size: Size, formats: tuple[Format, ...], seconds: float) -> None:
        self._learn(_work("finish", *sorted(formats)), seconds * _MEGAPIXEL / size.pixels)

    def _learn(self, work: str, seconds: float) -> None:
        known = self._measured.get(work)
        self._measured[work] = seconds if known is None else known + _WEIGHT * (seconds - known)


def _work(*words: object) -> str:
    """The name of a kind of work, such as `step mini 128x128`."""
    return " ".join(str(word) for word in words)
