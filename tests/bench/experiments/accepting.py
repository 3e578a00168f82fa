"""What an experiment adds to accepting a job: orders to two studios of this process, one of which splits them."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from router.api.app import create_app
from tests.studio import local_installation, painted_studio

LIMIT_MS = 1.0
_ORDERS = 40
_SPLIT = {
    "name": "Fewer steps",
    "mode": "split",
    "unit": "job",
    "arms": [{"id": "champion"}, {"id": "half", "overlay": {"steps": {"standard": 10}}}],
}


def measure(rounds: int) -> tuple[float, float]:
    """Milliseconds of a processor for one POST /generate, plan, licence and commit included: plain, and as an arm of an
    experiment, in turn. The pictures are not drawn."""
    return asyncio.run(_measure(rounds))


async def _measure(rounds: int) -> tuple[float, float]:
    taken: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory() as folder:
        async with _studio(Path(folder) / "plain") as plain, _studio(Path(folder) / "split") as split:
            entry = {"id": "bench", "body": _SPLIT, "mark": "live"}
            (await split.post("/library/experiments", json=entry)).raise_for_status()
            (await split.post("/experiments/bench/start")).raise_for_status()
            for _ in range(rounds + 1):
                for client, seconds in ((plain, taken[0]), (split, taken[1])):
                    begun = time.process_time()
                    await _order(client)
                    seconds.append(time.process_time() - begun)
    first, second = [statistics.median(seconds[1:]) * 1000 / _ORDERS for seconds in taken]
    return first, second


@asynccontextmanager
async def _studio(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    limits = local_installation(folder).profile.limits.model_copy(update={"max_queued_jobs_per_owner": 1_000_000})
    app = create_app(painted_studio(folder, limits=limits), _Nobody())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://studio") as client:
            yield client


async def _order(client: httpx.AsyncClient) -> None:
    for number in range(_ORDERS):
        answer = await client.post("/generate", json={"prompt": f"a red bicycle, number {number}"})
        assert answer.status_code == 202, answer.text


class _Nobody:
    """A conductor that leases nothing."""

    @property
    def ready(self) -> bool:
        """Always."""
        return True

    @property
    def found(self) -> bool:
        """There is none to wait for."""
        return True

    def start(self) -> None: ...

    async def stop(self) -> None: ...

    def check(self) -> None: ...

    def wake(self) -> None: ...

    def cancel(self, job_id: str) -> None: ...
