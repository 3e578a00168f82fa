"""The engine of models that are taken step by step: requests share steps, and join and leave between them."""

from __future__ import annotations

import time
from collections.abc import Callable

from deployments.engine.core import Loaded
from deployments.engine.curve import CostCurve
from deployments.engine.engine import Engine
from deployments.engine.metrics import SILENT, Metrics
from deployments.engine.turns import Limits, Turns
from deployments.engine.warm_up import learn_curve
from deployments.families.family import AnyFamily
from deployments.messages import GenerateRequest


def step_engine(
    load: Callable[[], Loaded[AnyFamily]],
    warm_up: GenerateRequest,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    metrics: Metrics = SILENT,
    clock: Callable[[], float] = time.perf_counter,
) -> Engine:
    """Returns when the model is loaded and has learned what its steps cost. Raises what `load` raises."""

    def start(loaded: Loaded[AnyFamily]) -> Turns:
        curve = CostCurve(loaded.family.size)
        learn_curve(loaded.family, warm_up, curve, limits.rows, clock)
        return Turns(loaded.family, loaded.adapters, curve, limits, metrics, clock, warm_up)

    return Engine(load, start, f"engine {warm_up.request_id}", metrics, clock)
