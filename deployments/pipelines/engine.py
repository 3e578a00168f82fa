"""The engine of models that are called whole: requests share calls, each of which ends before the next begins."""

from __future__ import annotations

import time
from collections.abc import Callable

from deployments.engine.core import Loaded
from deployments.engine.engine import Engine
from deployments.engine.metrics import SILENT, Metrics
from deployments.messages import GenerateRequest
from deployments.pipelines.calls import Calls
from deployments.pipelines.costs import Costs
from deployments.pipelines.forecast import Forecast
from deployments.pipelines.warm_up import learn
from deployments.pipelines.whole import Whole


def pipeline_engine(
    load: Callable[[], Loaded[Whole]],
    warm_up: GenerateRequest,
    pictures: int = 8,
    metrics: Metrics = SILENT,
    clock: Callable[[], float] = time.perf_counter,
) -> Engine:
    """Returns when the model is loaded and has learned what its calls cost. Raises what `load` raises.

    At most `pictures` are drawn in one call.
    """

    def start(loaded: Loaded[Whole]) -> Calls:
        costs = Costs(loaded.family.size)
        together = learn(loaded.family, warm_up, costs, pictures, clock)
        forecast = Forecast(costs, together, clock)
        return Calls(loaded.family, loaded.adapters, forecast, metrics, clock, warm_up)

    return Engine(load, start, f"pipeline {warm_up.request_id}", metrics, clock)
