"""A batch on one sheet: which pictures, in which order, and what is written under each."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import httpx
import pytest
from PIL import Image

from deployments.stages.mark import DRAWN, mark_of
from router.batches.sheet import lay_out_batch
from router.grids import GridRequest
from router.people.viewer import Viewer
from tests.router.batches.test_orders import TYPES, ended
from tests.studio import PaintedGenerator, painted_studio, running_studio

DRAFT = {"qualities": ["draft"]}


async def laid_out(folder: Path, batch_id: str, page: int = 1) -> GridRequest:
    """As a second front door over the same state would."""
    studio = painted_studio(folder)
    await studio.store.open()
    try:
        batch = await studio.batches.batch(Viewer("dev"), batch_id)
        return (await lay_out_batch(studio.batches, batch, "png", page))[0]
    finally:
        await studio.store.close()


@pytest.mark.slow
def test_one_prompt_in_all_asset_types_is_one_sheet(tmp_path: Path) -> None:
    with running_studio(tmp_path, PaintedGenerator()) as url, httpx.Client(base_url=url, timeout=60) as api:
        order = {
            "prompts": ["cloud computing", "a cup"],
            "asset_types": ["all"],
            "seeds": [7],
            "name": "clouds",
            **DRAFT,
        }
        path = api.post("/batches", json=order).headers["location"]
        ended(api, path)
        answer = api.get(f"{path}/sheet")
        assert answer.status_code == 200, answer.text
        sheet = Image.open(io.BytesIO(answer.content))
        assert mark_of(answer.content) == DRAWN
        assert (sheet.format, sheet.width > 4 * 320, sheet.height > 2 * 320) == ("PNG", True, True)
        assert sheet.width > sheet.height  # four asset types beside each other, two prompts below each other
        assert len({sheet.getpixel((16 + column * 336 + 160, 52 + 160)) for column in range(4)}) == 4
        again = api.get(f"{path}/sheet", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert api.get(f"{path}/sheet", params={"format": "webp"}).headers["content-type"] == "image/webp"
        missing = api.get(f"{path}/sheet", params={"page": 2})
        id = path.rpartition("/")[2]
        assert (missing.status_code, missing.json()["error"]["message"]) == (
            404,
            f"{id} has no picture as png or webp yet for sheet 2 that could be laid out",
        )
        request = asyncio.run(laid_out(tmp_path, id))
    assert (request.title, request.columns) == ("clouds", 4)
    assert [cell.lines for cell in request.cells] == [
        *(("1  cloud computing", asset_type) for asset_type in TYPES),
        *(("2  a cup", asset_type) for asset_type in TYPES),
    ]
