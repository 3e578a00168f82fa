"""A LoRA that somebody brings draws at once, on the studio that runs: no process is another one afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deployments.stages.recipe import read_recipe
from tests.bench.mini_loras import mini_lora
from tests.cluster.conftest import Cluster
from tests.cluster.test_cluster import fetch, levels_of, replica_pid, submit, wait

pytestmark = [pytest.mark.cluster, pytest.mark.long]
DEPLOYMENTS = ("front-door", "generator-mini")


def bring(cluster: Cluster, file: Path, version: str, id: str = "brought") -> dict[str, Any]:
    """POST /loras as a brand engineer's client does."""
    licences = ["adapter=apache-2.0", "training data=apache-2.0"]
    data = {"id": id, "version": version, "licence": licences, "model": ["mini"]}
    with file.open("rb") as opened:
        answer = cluster.api.post("/loras", files={"file": (file.name, opened)}, data=data, timeout=180)
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    return added


def draw(cluster: Cluster, *loras: str) -> dict[str, Any]:
    """The same picture each time, but for its LoRAs."""
    body = {"seed": 3, "quality": "draft", "formats": ["png"], "loras": [{"id": one} for one in loras]}
    job = wait(cluster, submit(cluster, **body))
    assert job["status"] == "complete", job
    image: dict[str, Any] = job["images"][0]
    return image


def test_it_draws_as_soon_as_it_is_there_and_each_version_draws_its_own_picture(
    cluster: Cluster, tmp_path: Path
) -> None:
    before = [replica_pid(cluster, name) for name in DEPLOYMENTS]
    pictures = {"none": levels_of(draw(cluster))}
    for seed, version in enumerate(("1.0.0", "1.1.0"), 1):
        path = mini_lora(tmp_path, f"brought-{seed}", seed).weights.path
        bring(cluster, Path(str(path)), version)
        image = draw(cluster, "brought")
        pictures[version] = levels_of(image)
        assert [(one.lora, one.version) for one in read_recipe(fetch(image, "png")).loras] == [("brought", version)]
    names = [*pictures]
    for number, name in enumerate(names):
        for other in names[:number]:
            assert np.abs(pictures[name] - pictures[other]).mean() > 0.1, f"{name} is as {other}"
    back = cluster.api.post("/library/loras/brought/mark", json={"mark": "live", "version": "1.0.0"})
    assert back.status_code == 200, back.text
    assert (levels_of(draw(cluster, "brought")) == pictures["1.0.0"]).all()
    assert (levels_of(draw(cluster)) == pictures["none"]).all()
    assert [replica_pid(cluster, name) for name in DEPLOYMENTS] == before
