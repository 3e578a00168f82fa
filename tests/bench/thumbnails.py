"""What thumbnails take: `python -m tests.bench.thumbnails` prints ms, made and kept, and bytes beside the full file.

Over HTTP, of uploads, so that nothing has to be drawn: one like a photograph, with soft colours and a little grain, and
flat art with sharp edges. Each side of each is made once, and fetched `--rounds` times then: these are medians.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table

from router.pictures.thumbnails import Side
from tests.studio import running_studio

SIZES = (512, 1024, 2048)


def photo(side: int) -> Image.Image:
    """Soft colours with grain, such as a camera or a model leaves."""
    noise = np.random.default_rng(0)
    coarse = Image.fromarray(noise.integers(0, 256, (12, 12, 3), np.uint8)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    grain = np.asarray(coarse, np.float32) + noise.normal(0, 3, (side, side, 3))
    return Image.fromarray(grain.clip(0, 255).astype(np.uint8))


def flat(side: int) -> Image.Image:
    """A disc and a bar on a transparent ground."""
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse([side * 0.1, side * 0.1, side * 0.7, side * 0.7], fill=(200, 30, 40, 255))
    pen.rectangle([side * 0.4, side * 0.5, side * 0.95, side * 0.8], fill=(30, 90, 200, 255))
    return image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="fetches of each from the file store")
    rounds = parser.parse_args().rounds
    table = Table("picture", "file, kB", "side", "kB", "made, ms", "kept, ms", "304, ms")
    with (
        tempfile.TemporaryDirectory() as folder,
        running_studio(Path(folder)) as url,
        httpx.Client(base_url=url, timeout=120) as api,
    ):
        for paint in (photo, flat):
            for size in SIZES:
                for row in _measure(api, paint(size), rounds):
                    table.add_row(f"{paint.__name__} {size}", *row)
    table.title = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}, {datetime.now(UTC):%Y-%m-%d}"
    Console().print(table)


def _measure(api: httpx.Client, image: Image.Image, rounds: int) -> list[tuple[str, ...]]:
    file = io.BytesIO()
    image.save(file, "PNG")
    told = api.post("/pictures", files={"file": ("a.png", file.getvalue())}).raise_for_status().json()
    rows: list[tuple[str, ...]] = []
    for side in Side:
        path = f"/images/{told['picture_id']}/thumbnail?side={side:d}"
        made, first = _timed(api, path)
        kept = statistics.median(_timed(api, path)[0] for _ in range(rounds))
        known = {"If-None-Match": first.headers["etag"]}
        unchanged = statistics.median(_timed(api, path, known)[0] for _ in range(rounds))
        sizes = (f"{told['size_bytes'] / 1000:.0f}", f"{side:d}", f"{len(first.content) / 1000:.1f}")
        rows.append((*sizes, f"{made:.0f}", f"{kept:.1f}", f"{unchanged:.1f}"))
    return rows


def _timed(api: httpx.Client, path: str, headers: dict[str, str] | None = None) -> tuple[float, httpx.Response]:
    """Milliseconds, and the answer."""
    began = time.perf_counter()
    answer = api.get(path, headers=headers)
    if answer.status_code != 304:
        answer.raise_for_status()
    return (time.perf_counter() - began) * 1000, answer


if __name__ == "__main__":
    main()
