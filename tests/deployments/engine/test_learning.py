"""What the engine learns from its own calls."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from deployments.engine.curve import CostCurve
from deployments.engine.flight import Ticket
from deployments.engine.metrics import SILENT
from deployments.engine.turns import Limits, Turns
from deployments.families.registry import FAMILIES
from deployments.loras.wardrobe import wardrobe
from deployments.messages import GenerateRequest, StepCache
from tests.deployments.tiny import request, save_tiny, tiny_config


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"))


def learned_from(folder: Path, asked: GenerateRequest) -> bool:
    config = tiny_config(folder)
    family = FAMILIES.find("flux")(config)
    ticks, curve = itertools.count(), CostCurve(family.size)
    turns = Turns(family, wardrobe(family, config, ()), curve, Limits(), SILENT, lambda: float(next(ticks)), request())
    turns.join(Ticket(asked, lambda event: None, 0.0), lambda: None)
    while not turns.empty:
        turns.take()
    return curve.known(family.work(asked).bucket)


@pytest.mark.slow
def test_full_steps_teach_the_curve(folder: Path) -> None:
    assert learned_from(folder, request())


@pytest.mark.slow
def test_steps_of_a_step_cache_do_not(folder: Path) -> None:
    assert not learned_from(folder, request(step_cache=StepCache(skip=(1, 2))))
