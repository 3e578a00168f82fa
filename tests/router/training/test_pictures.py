"""What a training has drawn to be looked at: its samples, and the sheet of its judge."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from deployments.stages.mark import DRAWN, mark_of
from tests.painted_trainer import PaintedTrainer
from tests.studio import running_studio

SETTINGS = {"steps": 10, "checkpoint_every": 5, "rank": 4, "sample_prompts": ["a mug", "a bell"], "sample_every": 5}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        running_studio(tmp_path_factory.mktemp("studio"), trainer=PaintedTrainer()) as url,
        httpx.Client(base_url=url, timeout=60) as api,
    ):
        yield api


def picture(number: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (40 * number, 90, 120)).save(file, "PNG")
    return file.getvalue()


def trained(api: httpx.Client) -> dict[str, Any]:
    files = [("file", (f"{number}.png", picture(number), "image/png")) for number in range(6)]
    ids = [api.post("/pictures", files=[file]).raise_for_status().json()["picture_id"] for file in files]
    picks = [{"picture": id, "caption": f"a mug {number}"} for number, id in enumerate(ids)]
    api.post("/datasets", json={"id": "kestrel", "pictures": picks, "right": "own"}).raise_for_status()
    order = {"dataset": "kestrel", "lora": "kestrel", "settings": SETTINGS}
    (begun,) = api.post("/trainings", json=order).raise_for_status().json()["trainings"]
    deadline = time.monotonic() + 60
    while (found := api.get(f"/trainings/{begun['job_id']}").json())["status"] in ("queued", "processing"):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    assert found["status"] == "complete", found
    return dict(found)


def test_samples_and_sheet_are_handed_out_and_nothing_else(api: httpx.Client) -> None:
    training = trained(api)
    pictures = f"/trainings/{training['job_id']}/pictures"
    samples = [one["samples"] for one in training["checkpoints"]]
    assert [len(one) for one in samples] == [2, 2]
    sheet = training["judgement"]["sheet"]
    for sha256 in [*samples[0], *samples[1], sheet]:
        answer = api.get(f"{pictures}/{sha256}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        assert Image.open(io.BytesIO(answer.content)).format == "WEBP"
        assert mark_of(answer.content) == DRAWN
    adapter = training["checkpoints"][0]["adapter"]
    refused = api.get(f"{pictures}/{adapter}")
    assert refused.status_code == 404
    assert "has drawn no such picture" in refused.json()["error"]["message"]
    assert api.get(f"/trainings/job_nobody/pictures/{sheet}").status_code == 404
