"""A file with one bit other than it was stored is never handed out as good, by any route; it is told and counted."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from router.api.app import create_app
from router.api.handing import HANDED_OUT
from router.metrics import DAMAGED_FILES
from tests.router.calls import submit, wait
from tests.studio import PaintedGenerator, painted_studio, serving

pytestmark = pytest.mark.slow

ELSEWHERE = {
    "GET /compare/{comparison_id}/sheet": "tests/router/experiments: draws as a batch's sheet does",
    "GET /compare/{comparison_id}/pictures/{prompt}/{letter}/{place}": "reads through BlobStore.get",
    "GET /ballots/{ballot_id}/{place}": "reads through BlobStore.get",
    "GET /trainings/{training_id}/pictures/{sha256}": "reads through BlobStore.get",
    "GET /events": "nothing of it is stored",
    "GET /jobs/{job_id}/events": "nothing of it is stored",
    **{
        f"POST {prefix}/images/{call}": "reads the files of a job that has just ended, through BlobStore.get"
        for prefix in ("/v1", "/openai/v1", "/openai/deployments/{deployment}")
        for call in ("generations", "edits")
    },
}


class Counted:
    """What was reported."""

    def __init__(self) -> None:
        self.counts = Counter[str]()

    def count(self, name: str, n: float = 1, **_: str) -> None:
        self.counts[name] += int(n)

    def observe(self, name: str, value: float, **tags: str) -> None: ...

    def gauge(self, name: str, value: float, **tags: str) -> None: ...


@pytest.fixture
def metrics() -> Counted:
    return Counted()


@pytest.fixture
def api(tmp_path: Path, metrics: Counted) -> Iterator[httpx.Client]:
    app = create_app(painted_studio(tmp_path, PaintedGenerator(), metrics=metrics))
    with serving(app) as url, httpx.Client(base_url=url, timeout=60, follow_redirects=True) as api:
        yield api


def damage_all(folder: Path) -> None:
    """One bit of every stored file, in its middle."""
    for file in (folder / "state/blobs/sha256").glob("*/*"):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)


def answered(api: httpx.Client) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each route that hands out a picture, and how it is asked: one of each is there."""
    level = Image.effect_noise((64, 64), 50)
    with io.BytesIO() as file:
        level.save(file, "PNG")
        upload = api.post("/pictures", files={"file": ("a.png", file.getvalue(), "image/png")}).json()
    job = wait(api, submit(api, num_variations=2, prompt="a boat"), 60)
    image = job["images"][0]
    batch = api.post("/batches", json={"prompts": ["a hut"]}).json()
    assert batch.get("batch_id"), batch
    while api.get(f"/batches/{batch['batch_id']}").json()["status"] not in ("complete", "failed"):
        pass
    shared = api.post(f"/images/{image['asset_id']}/links", json={}).json()
    seen = api.get(f"/shared/{shared['url'].rsplit('/', 1)[-1]}").json()
    (picture,) = seen["pictures"] if "pictures" in seen else seen["images"]
    return {
        "GET /jobs/{job_id}/images/{index}.{format}": (image["files"][0]["url"], {}),
        "GET /jobs/{job_id}/grid": (f"/jobs/{job['job_id']}/grid", {}),
        "GET /pictures/{picture_id}": (upload["url"], {}),
        "GET /images/{asset_id}/thumbnail": (f"/images/{image['asset_id']}/thumbnail", {"size": 256}),
        "GET /batches/{batch_id}/sheet": (f"/batches/{batch['batch_id']}/sheet", {}),
        "GET /batches/{batch_id}/zip": (f"/batches/{batch['batch_id']}/zip", {}),
        "GET /shared/{token}/{asset_id}/{rendition}": (picture["files"][0]["url"], {}),
    }


def test_every_route_that_hands_out_pictures_is_here() -> None:
    asked = {name for name, handing in HANDED_OUT.items() if handing != "no picture"}
    covered = set(ELSEWHERE) | {
        "GET /jobs/{job_id}/images/{index}.{format}",
        "GET /jobs/{job_id}/grid",
        "GET /pictures/{picture_id}",
        "GET /images/{asset_id}/thumbnail",
        "GET /batches/{batch_id}/sheet",
        "GET /batches/{batch_id}/zip",
        "GET /shared/{token}/{asset_id}/{rendition}",
    }
    assert asked == covered


def test_no_route_hands_out_a_damaged_file(
    api: httpx.Client, tmp_path: Path, metrics: Counted, caplog: pytest.LogCaptureFixture
) -> None:
    routes = answered(api)
    damage_all(tmp_path)
    for name, (url, query) in routes.items():
        before = metrics.counts[DAMAGED_FILES]
        with caplog.at_level(logging.ERROR, "atelier.files"):
            answer = api.get(url, params=query)
        if name.endswith("/zip"):
            archive = zipfile.ZipFile(io.BytesIO(answer.content))
            assert not [one for one in archive.namelist() if not one.startswith("manifest")]
            assert "damaged" in json.dumps(json.loads(archive.read("manifest.json")))
        else:
            assert answer.status_code == 404, (name, answer.status_code, answer.text[:200])
            assert answer.json()["error"]["code"] in ("file_damaged", "not_found"), name
            assert "damaged" in answer.json()["error"]["message"], name
        assert metrics.counts[DAMAGED_FILES] > before or name.endswith(("/grid", "/sheet")), name
    assert "is damaged: the file store has other bytes" in caplog.text


def test_a_damaged_thumbnail_is_made_again(api: httpx.Client, tmp_path: Path) -> None:
    job = wait(api, submit(api, num_variations=1), 60)
    url = f"/images/{job['images'][0]['asset_id']}/thumbnail"
    good = api.get(url, params={"size": 256}).content
    (kept,) = (tmp_path / "state/blobs/derived").glob("*/*/256.webp")
    whole = kept.read_bytes()
    for place in (0, len(whole) // 2, len(whole) - 1):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert api.get(url, params={"size": 256}).content == good
        assert kept.read_bytes() == whole, "kept anew"
