"""Every kind of stage in one job, on the real cluster: those that are always there, and those that come when asked."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from router.stage_table import STAGES
from tests.cluster.conftest import Cluster
from tests.cluster.test_cluster import wait
from tests.deployments.stages.test_conformance import EXAMPLES

pytestmark = pytest.mark.cluster


def test_one_job_goes_through_every_kind_of_stage(cluster: Cluster) -> None:
    stages = {kind.name: EXAMPLES.get(kind.name, {}) for kind in STAGES if kind.settings is not None}
    body = {"prompt": "a red bicycle", "asset_type": "icon", "seed": 3, "size": "512x512", "stages": stages}
    planned = cluster.api.post("/generate", json=body | {"dry_run": True}).raise_for_status().json()
    assert {line["kind"] for line in planned["pipeline"]} == {kind.name for kind in STAGES}
    job = wait(cluster, cluster.api.post("/generate", json=body).raise_for_status().json()["job_id"])
    assert job["status"] == "complete", job["error"]
    (image,) = job["images"]
    assert {file["format"] for file in image["files"]} >= {"png", "webp"}
    assert {"palette_adherence", "palette_adherence_before"} <= image["scores"].keys()
    png = next(file for file in image["files"] if file["format"] == "png")
    shown = Image.open(BytesIO(cluster.api.get(png["url"]).raise_for_status().content))
    assert shown.size == (512, 512)
