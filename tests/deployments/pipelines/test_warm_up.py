"""The first calls teach what calls cost, and how many pictures may share one."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from deployments.messages import GenerateRequest
from deployments.pipelines.costs import Costs
from deployments.pipelines.warm_up import draw_a_step, learn
from tests.deployments.pipelines.fake import SIDE, Clock, Fake
from tests.deployments.tiny import request as tiny_request

BUCKET = (SIDE, SIDE)


@dataclass
class Learned:
    """A fake pipeline that was warmed up, and what was learned of it."""

    together: int
    costs: Costs


def warm(fake: Fake, most: int = 8) -> Learned:
    costs = Costs(fake.size)
    return Learned(learn(fake, asked(), costs, most, fake.clock), costs)


def asked() -> GenerateRequest:
    return tiny_request(width=SIDE, height=SIDE)


def test_steps_are_told_apart_from_what_a_call_does_beside_them() -> None:
    fake = Fake(Clock(), step_seconds=0.5, beside=3.0)
    learned = warm(fake)
    assert learned.costs.curve.seconds(BUCKET, 1) == pytest.approx(0.5)
    assert learned.costs.curve.seconds(BUCKET, 8) == pytest.approx(0.5 * 1.7)
    assert learned.costs.beside(BUCKET) == 6
    assert learned.costs.alone(fake.work(asked())) == pytest.approx(4 * 0.5 + 3.0)


@pytest.mark.parametrize(("most", "together"), [(1, 1), (2, 2), (8, 8), (7, 4)])
def test_as_many_share_a_call_as_were_tried(most: int, together: int) -> None:
    assert warm(Fake(Clock()), most).together == together


def test_memory_ends_the_curve() -> None:
    assert warm(Fake(Clock(), most=4)).together == 4


def test_a_pipeline_that_cannot_even_draw_one_does_not_start() -> None:
    with pytest.raises(MemoryError):
        warm(Fake(Clock(), most=0))


def test_a_pipeline_that_blends_its_company_draws_one_at_a_time() -> None:
    assert warm(Fake(Clock(), proven=False, blends=True)).together == 1
    assert warm(Fake(Clock(), proven=False, blends=False)).together == 8


def test_what_is_only_measured_is_not_drawn_out() -> None:
    fake = Fake(Clock(), least_steps=24)
    warm(fake)
    assert fake.steps_taken == [24, 3, 3, 3]


def test_a_probe_takes_one_step() -> None:
    fake = Fake(Clock(), least_steps=24)
    draw_a_step(fake, asked())
    assert fake.steps_taken == [1]
