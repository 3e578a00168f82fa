"""What waits in the job database is written where the autoscaler reads it, by deployment."""

from __future__ import annotations

import pytest

from router.jobs.model import WaitingJobs
from serve.autoscaling import Waiting, decode_depths
from serve.queue_depth import QueueDepth

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Board:
    """Stands in for Ray's key-value store."""

    def __init__(self) -> None:
        self.notices: list[bytes] = []

    def put(self, application: str, notice: bytes) -> None:
        assert application == "atelier"
        self.notices.append(notice)


async def test_placements_that_share_replicas_are_one_deployment() -> None:
    board = Board()
    large, small = WaitingJobs("shared-box/large", 2, 8, 40.0), WaitingJobs("shared-box/small", 1, 1, 0.5)
    await QueueDepth("atelier", 3, board.put).write([large, small, WaitingJobs("generator-mini", 4, 6, 6.0)])
    (notice,) = board.notices
    assert decode_depths(notice) == {
        "shared-box": Waiting(40.5, 9, at_once=12),
        "generator-mini": Waiting(6.0, 6, at_once=5),
    }


async def test_an_empty_queue_is_told_of_once_and_a_full_one_each_time() -> None:
    board = Board()
    notices, jobs = QueueDepth("atelier", 3, board.put), [WaitingJobs("generator-mini", 1, 1, 1.0)]
    await notices.write([])
    assert board.notices == []
    for _ in range(2):
        await notices.write(jobs)
    for _ in range(3):
        await notices.write([])
    assert [len(decode_depths(one)) for one in board.notices] == [1, 1, 0]
    assert board.notices[0] != board.notices[1]


async def test_trouble_with_the_store_is_nobodys_trouble(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_application: str, _notice: bytes) -> None:
        raise ConnectionError("away")

    await QueueDepth("atelier", 3, fail).write([WaitingJobs("generator-mini", 1, 1, 1.0)])
    assert "cannot be told" in caplog.text
