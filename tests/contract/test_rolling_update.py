"""A rolling update: for a while, processes of the release before and of this one work on one database.

The release before is a commit of this repository, whose tree is unpacked for the test.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from configs.load import ROOT
from tests.contract.job_samples import JobDatabase

pytestmark = [
    pytest.mark.slow,
    # On PostgreSQL, what differs is the database's own part, which the other suites of this folder hold to the same.
    pytest.mark.parametrize(
        "empty_database",
        ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.long])],
        indirect=True,
    ),
]

BEFORE = "e803e80"
"""The last commit of schema 0005, one version's distance away."""
SIDE = Path(__file__).with_name("release_side.py")
ROOMS = ("configs", "deployments", "router", "training", "clients", "tests/__init__.py", "tests/studio.py",
         "tests/catalogue.py", "pyproject.toml")  # fmt: skip


@pytest.fixture
def database(empty_database: JobDatabase) -> JobDatabase:
    return empty_database


@pytest.fixture(scope="module")
def release_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its tree."""
    tree = tmp_path_factory.mktemp("before")
    packed = subprocess.run(["git", "-C", str(ROOT), "archive", BEFORE, *ROOMS], capture_output=True, check=False)
    if packed.returncode:
        pytest.skip(f"this clone has no commit {BEFORE}: fetch its history")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(tree, filter="data")
    return tree


@contextmanager
def running(tree: Path, part: str, state: Path, url: str) -> Iterator[httpx.Client]:
    """A door, or a whole studio, of the release in `tree`; its API."""
    command = [sys.executable, str(SIDE), part, str(state), url]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    with subprocess.Popen(command, cwd=tree, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, "it did not start"
            with httpx.Client(base_url=address, timeout=60, trust_env=False) as api:
                yield api
        finally:
            process.terminate()


def order(api: httpx.Client, **fields: Any) -> str:
    answer = api.post("/generate", json={"prompt": "a red bicycle", "quality": "draft", "seed": 7} | fields)
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def ended(api: httpx.Client, job_id: str, seconds: float = 60) -> dict[str, Any]:
    """The job once it has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job: dict[str, Any] = api.get(f"/jobs/{job_id}").raise_for_status().json()
        if job["status"] in ("complete", "failed", "canceled"):
            return job
        time.sleep(0.1)
    raise AssertionError(f"{job_id} is still {job['status']}")


def a_photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (128, 128), "teal").save(file, "PNG")
    return file.getvalue()


def test_an_old_door_and_a_new_conductor(database: JobDatabase, release_before: Path, tmp_path: Path) -> None:
    with (
        running(ROOT, "whole", tmp_path, database.url) as new,  # brings the database to its schema
        running(release_before, "door", tmp_path, database.url) as old,
    ):
        picture = old.post("/pictures", files={"file": ("photo.png", a_photo(), "image/png")}).raise_for_status().json()
        jobs = [order(old, num_variations=3), order(old, image=picture["picture_id"], strength=0.5)]
        jobs += [order(old, asset_type="product_illustration")]
        for job_id in jobs:
            seen = [ended(api, job_id) for api in (new, old)]
            assert [job["status"] for job in seen] == ["complete"] * 2, seen
            assert files_of(old, seen[1]) == files_of(new, seen[0]) != []
        log = old.get(f"/jobs/{jobs[0]}/events", headers={"Accept": "text/event-stream"}).text
        assert log.count("event: job.image") == 3
        assert log.count("event: job.started") == 1


def test_a_new_door_and_an_old_conductor_that_leaves_what_it_cannot_read(
    database: JobDatabase, release_before: Path, tmp_path: Path
) -> None:
    with running(ROOT, "door", tmp_path, database.url) as new:
        jobs = [order(new, num_variations=2), order(new, stages={"palette": {"colours": ["#ff0000", "#ffffff"]}})]
        with running(release_before, "whole", tmp_path, database.url) as old:
            theirs = ended(old, order(old))
            assert theirs["status"] == "complete", "its own work goes on"
            time.sleep(2)  # in which it looks at the queue more than once
            assert {new.get(f"/jobs/{job_id}").json()["status"] for job_id in jobs} <= {"queued", "complete"}
        with running(ROOT, "whole", tmp_path, database.url):
            assert [ended(new, job_id)["status"] for job_id in jobs] == ["complete"] * 2


def files_of(api: httpx.Client, job: dict[str, Any]) -> list[bytes]:
    """Every file of a job, read through one door."""
    urls = [file["url"] for image in job["images"] for file in image["files"]]
    return [api.get(httpx.URL(url).raw_path.decode()).raise_for_status().content for url in urls]
