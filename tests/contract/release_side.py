"""One release on a shared database: `python release_side.py door|whole STATE DATABASE_URL`, run on its own tree.

Uses only what every release has had: the whole API over a studio that paints. A `door` accepts and shows jobs, and
works on none. Prints its address once it serves.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvicorn

import router.api.app
from router.conductor import Conductor
from tests.studio import painted_studio


class _Idle(Conductor):
    """Works on nothing."""

    def start(self) -> None:
        """Nothing begins."""

    async def stop(self) -> None:
        """Nothing was begun."""


async def _serve(part: str, folder: Path, url: str) -> None:
    if part == "door":
        router.api.app.Conductor = _Idle  # type: ignore[attr-defined]
    app = router.api.app.create_app(painted_studio(folder, database_url=url))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        if serving.done():
            return await serving
    print(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", flush=True)  # noqa: T201
    return await serving


if __name__ == "__main__":
    part, folder, url = sys.argv[1:]
    asyncio.run(_serve(part, Path(folder), url))
