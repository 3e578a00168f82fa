"""The replica that looks at LoRAs' files."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from configs.errors import BadLora
from deployments.loras.examiner import Examiner
from deployments.messages import LoraFile, LoraReport
from tests.deployments.stored_loras import store_at
from tests.studio import local_installation


def test_a_caller_who_leaves_lets_no_second_file_be_tried_beside_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each loads models: two at a time may be more than the memory of a node."""
    begun: list[str] = []
    go_on = threading.Event()
    running = threading.Semaphore(1)

    def look(_: Examiner, lora: LoraFile) -> LoraReport:
        assert running.acquire(blocking=False), "one at a time"
        begun.append(lora.owner)
        assert go_on.wait(30)
        running.release()
        raise BadLora(lora.owner, "file")

    monkeypatch.setattr(Examiner, "_examine", look)
    examiner = Examiner(local_installation(tmp_path).catalog, store_at(tmp_path / "blobs"))

    async def leave_and_ask_again() -> None:
        first = asyncio.create_task(examiner.examine(LoraFile("a" * 64, "first")))
        while not begun:
            await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        second = asyncio.create_task(examiner.examine(LoraFile("b" * 64, "second")))
        await asyncio.sleep(0.1)
        assert begun == ["first"]
        go_on.set()
        with pytest.raises(BadLora, match="second"):
            await second

    asyncio.run(leave_and_ask_again())
    examiner.close()
