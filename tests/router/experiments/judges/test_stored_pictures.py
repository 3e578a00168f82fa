"""Stored pictures as numbers, each looked at once."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deployments.blobs.store import BlobStore
from router.experiments.judges.pixel_statistics import measure_pixels
from router.experiments.judges.stored_pictures import PictureStatistics, pixels_of
from tests.router.experiments.judges.icons import draw_icon


def as_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_pictures_are_measured_once_and_those_that_are_gone_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    icon = draw_icon(np.random.default_rng(0)).pixels
    blobs = BlobStore.open(None, tmp_path)

    async def look() -> None:
        key = await blobs.put(as_png(Image.fromarray(icon)))
        statistics = PictureStatistics(blobs)
        found = await statistics.measure([key, key, "0" * 64])
        assert found.keys() == {key}
        assert found[key] == pytest.approx(measure_pixels(icon))
        monkeypatch.setattr(BlobStore, "get", None)  # would be called in vain
        assert (await statistics.measure([key])).keys() == {key}

    asyncio.run(look())


def test_what_is_transparent_is_seen_as_white() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert (pixels_of(as_png(clear)) == 255).all()
