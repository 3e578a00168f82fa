"""Uploads over HTTP: listed, limited and deleted; what they leave behind is swept, and jobs that miss them say so."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from configs.service import Limits
from router.api.app import create_app
from tests.router.pictures.test_pictures import draw, encoded, refusal, send, upload
from tests.studio import PaintedGenerator, painted_studio, running_studio, serving


def plain(level: int) -> Image.Image:
    return Image.new("RGB", (32, 32), (level, 0, 0))


def files(folder: Path) -> int:
    """How many are stored: those that are still being written have longer names."""
    return sum(path.is_file() and len(path.name) == 64 for path in (folder / "state/blobs").rglob("*"))


def test_a_deleted_picture_is_gone_for_everybody(tmp_path: Path) -> None:
    with running_studio(tmp_path) as url, httpx.Client(base_url=url) as api:
        names = [upload(api, plain(level)) for level in range(3)]
        listed = api.get("/pictures", params={"limit": 2}).json()
        assert [one["picture_id"] for one in listed["pictures"]] == names[:0:-1]
        rest = api.get("/pictures", params={"before": listed["next"]}).json()
        assert ([one["picture_id"] for one in rest["pictures"]], rest["next"]) == (names[:1], None)
        done = api.delete(f"/pictures/{names[1]}")
        assert (done.status_code, done.content) == (204, b"")
        for answer in (api.get(f"/pictures/{names[1]}"), api.delete(f"/pictures/{names[1]}")):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        assert refusal(api, image=names[1])["code"] == "missing_asset"
        assert [one["picture_id"] for one in api.get("/pictures").json()["pictures"]] == [names[2], names[0]]


def test_who_keeps_too_many_pictures_is_told_to_delete_some(tmp_path: Path) -> None:
    with running_studio(tmp_path, limits=Limits(max_uploaded_pictures=2)) as url, httpx.Client(base_url=url) as api:
        first, _ = (upload(api, plain(level)) for level in range(2))
        answer = send(api, encoded(plain(2)))
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["field"]) == (422, "invalid_request", "file")
        assert "you keep 2 uploaded pictures" in error["message"]
        assert "DELETE /pictures/{picture_id}" in error["message"]
        api.delete(f"/pictures/{first}")
        assert send(api, encoded(plain(2))).status_code == 201
        assert api.get("/asset-types").json()["limits"]["max_uploaded_pictures"] == 2


def test_a_job_whose_picture_is_deleted_before_it_is_drawn_fails_and_says_why(tmp_path: Path) -> None:
    painter = PaintedGenerator(step_seconds=0.05)
    with running_studio(tmp_path, painter, parallel_jobs=1) as url, httpx.Client(base_url=url, timeout=60) as api:
        name = upload(api, plain(1))
        first = api.post("/generate", json={"prompt": "a lamp", "num_inference_steps": 40}).json()["job_id"]
        job_id = api.post("/generate", json={"prompt": "a lamp", "image": name}).json()["job_id"]
        api.delete(f"/pictures/{name}")
        api.delete(f"/jobs/{first}")
        job: dict[str, Any] = {}
        for _ in range(200):
            job = api.get(f"/jobs/{job_id}").json()
            if job["status"] not in ("queued", "processing"):
                break
            time.sleep(0.05)
        assert (job["status"], job["error"]["code"]) == ("failed", "missing_asset")
        assert f"'{name}', which this job begins with, was deleted" in job["error"]["message"]


def test_files_of_deleted_pictures_are_swept_unless_something_names_them(tmp_path: Path) -> None:
    studio = painted_studio(tmp_path)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        twice, alone = [upload(api, plain(1)) for _ in range(2)], upload(api, plain(2))
        drawn = draw(api, image=twice[0])
        before = files(tmp_path)
        for name in (twice[0], alone):
            api.delete(f"/pictures/{name}")
        asyncio.run(studio.uploads.sweep())  # of the last hour: nothing yet
        assert files(tmp_path) == before
        asyncio.run(studio.uploads.sweep(0))
        assert files(tmp_path) == before - 1
        assert httpx.get(f"{url}/pictures/{twice[1]}").status_code == 200
        assert httpx.get(drawn["images"][0]["url"]).status_code == 200
        assert send(api, encoded(plain(2))).status_code == 201
        assert files(tmp_path) == before
