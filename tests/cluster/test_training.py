"""A LoRA is trained on a running cluster while others draw, through kill -9 of trainer and conductor, and promoted."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from configs.datasets import DatasetConfig, DatasetPicture
from configs.entries import DATASETS, body_of, canonical, content_hash
from deployments.blobs.store import BlobStore
from router.library.model import NewEntry
from router.library.store import LibraryStore
from router.storage.database import Database
from tests.cluster.conftest import Cluster
from tests.cluster.test_added_loras import draw
from tests.cluster.test_cluster import levels_of, replica_pid, submit, wait

pytestmark = [pytest.mark.cluster, pytest.mark.long]

COLOURS = ("red", "green", "blue", "yellow", "purple", "orange")
SETTINGS = {
    "steps": 40,
    "checkpoint_every": 10,
    "rank": 4,
    "batch": 1,
    "rate": 0.01,
    "size": 128,
    "guidance": "plain",
    "precision": "float32",
    "validation_share": 0,
    "warm_up": 2,
}


async def _add_dataset(cluster: Cluster) -> None:
    """Squares of one colour, of which somebody says that they are theirs."""
    blobs, pictures = BlobStore.open(None, cluster.state / "blobs"), []
    for colour in COLOURS:
        buffer = io.BytesIO()
        Image.new("RGB", (128, 128), colour).save(buffer, "PNG")
        sha256, said = await blobs.put(buffer.getvalue()), f"squares, a {colour} square"
        picture = f"pic_{colour}"
        pictures.append(
            DatasetPicture(picture=picture, sha256=sha256, width=128, height=128, caption=said, right="own")
        )
    config = DatasetConfig(id="squares", name="Squares", trigger="squares", pictures=tuple(pictures))
    text, database = canonical(body_of(config)), Database(f"sqlite:///{cluster.state}/jobs.db")
    await database.open()
    await LibraryStore(database).add(NewEntry(DATASETS, "squares", "1.0.0", text, content_hash(text), "ana"), "live")
    await database.close()


def begin(cluster: Cluster, lora: str) -> str:
    body = {"dataset": "squares", "lora": lora, "settings": SETTINGS, "judged": False, "unchecked": True}
    answer = cluster.api.post("/trainings", json=body)
    assert answer.status_code == 202, answer.text
    (begun,) = answer.json()["trainings"]
    id: str = begun["job_id"]
    return id


def read(cluster: Cluster, id: str) -> dict[str, Any]:
    with contextlib.suppress(httpx.TransportError):
        answer = cluster.api.get(f"/trainings/{id}")
        if answer.status_code == 200:
            found: dict[str, Any] = answer.json()
            return found
    return {}


def until(cluster: Cluster, id: str, seen: Callable[[dict[str, Any]], bool], seconds: float = 300) -> dict[str, Any]:
    deadline, found = time.monotonic() + seconds, dict[str, Any]()
    while not (found and seen(found)):
        found = read(cluster, id)
        assert time.monotonic() < deadline, found
        assert not found or found["status"] not in ("failed", "canceled"), found
        time.sleep(0.1)
    return found


def ended(found: dict[str, Any]) -> bool:
    return bool(found["status"] == "complete")


def test_a_lora_is_trained_beside_drawing_through_two_kills_promoted_and_rolled_back(cluster: Cluster) -> None:
    asyncio.run(_add_dataset(cluster))
    calm = until(cluster, begin(cluster, "calm"), ended)
    torn = begin(cluster, "torn")
    drawings = [submit(cluster, seed=seed, quality="draft", formats=["png"]) for seed in range(4)]
    until(cluster, torn, lambda found: len(found["checkpoints"]) >= 1)
    os.kill(replica_pid(cluster, "trainer-mini"), signal.SIGKILL)
    until(cluster, torn, lambda found: len(found["checkpoints"]) >= 2)
    os.kill(replica_pid(cluster, "conductor"), signal.SIGKILL)
    done = until(cluster, torn, ended)
    assert list(done["losses"]) == [str(step) for step in range(1, 41)]
    assert done["losses"] == calm["losses"], "as if nothing had happened"
    assert [wait(cluster, one)["status"] for one in drawings] == ["complete"] * 4
    assert (done["adapter"]["version"], done["adapter"]["mark"]) == ("1.0.0", "candidate")
    _promote_and_roll_back(cluster, torn)


def _promote_and_roll_back(cluster: Cluster, id: str) -> None:
    plain, candidate = levels_of(draw(cluster)), levels_of(draw(cluster, "torn@1.0.0"))
    assert np.abs(plain - candidate).mean() > 0.5
    mark(cluster, "1.0.0")
    assert (levels_of(draw(cluster, "torn")) == candidate).all()
    earlier = cluster.api.post(f"/trainings/{id}/adopt", json={"step": 20, "mark": "live"}, timeout=180)
    assert earlier.json()["version"] == "1.0.1", earlier.text
    assert np.abs(levels_of(draw(cluster, "torn")) - candidate).mean() > 0.1
    mark(cluster, "1.0.0")
    assert (levels_of(draw(cluster, "torn")) == candidate).all()


def mark(cluster: Cluster, version: str) -> None:
    answer = cluster.api.post("/library/loras/torn/mark", json={"mark": "live", "version": version})
    assert answer.status_code == 200, answer.text
