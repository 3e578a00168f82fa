"""A studio with as many pictures as a year of work has, each with a small file of its own: nothing is drawn for it."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from router.api.app import create_app
from router.pictures.thumbnails import Side
from tests.bench.history.filling import fill_sqlite
from tests.studio import begin_with_schema, local_installation, painted_studio, serving

_KINDS = 40  # of pictures that look different; each picture has its own address all the same


@contextmanager
def studio_of(folder: Path, pictures: int) -> Iterator[str]:
    """A painted studio that has them from its start; gives its URL."""
    installation = local_installation(folder)
    begin_with_schema(installation)
    database = Path(installation.profile.state) / "jobs.db"
    fill_sqlite(str(database), pictures)
    studio = painted_studio(folder)
    _keep_small_files(database, Path(installation.profile.state) / "blobs")
    with serving(create_app(studio)) as url:
        yield url


def _keep_small_files(database: Path, blobs: Path) -> None:
    """Their thumbnails as they lie once somebody has looked at them."""
    small = [_picture(number) for number in range(_KINDS)]
    with sqlite3.connect(database) as rows:
        keys = [key for (key,) in rows.execute("SELECT sha256 FROM files WHERE position = 0")]
    for number, key in enumerate(keys):
        folder = blobs / "derived" / key[:2] / key
        folder.mkdir(parents=True)
        (folder / f"{Side.CARD:d}.webp").write_bytes(small[number % _KINDS])


def _picture(number: int) -> bytes:
    """Soft colours with a little grain, as a photograph has it, in 256 x 256."""
    noise = np.random.default_rng(number)
    coarse = Image.fromarray(noise.integers(0, 256, (6, 6, 3), np.uint8)).resize((256, 256), Image.Resampling.BICUBIC)
    grain = np.asarray(coarse, np.float32) + noise.normal(0, 4, (256, 256, 3))
    file = io.BytesIO()
    Image.fromarray(grain.clip(0, 255).astype(np.uint8)).save(file, "WEBP", quality=82)
    return file.getvalue()
