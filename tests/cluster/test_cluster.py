"""The real thing: Ray Serve, mini, every stage over HTTP, and processes that die under way."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import time
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from deployments.stages.recipe import read_recipe
from tests.cluster.conftest import REPORT_SECONDS, Cluster
from tests.router.api.test_leaving import leave_in_every_way
from tests.router.calls import until

pytestmark = pytest.mark.cluster


def submit(cluster: Cluster, **body: object) -> str:
    answer = cluster.api.post("/generate", json={"prompt": "a red bicycle icon", **body})
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def poll(cluster: Cluster, job_id: str) -> dict[str, Any]:
    """The job, however long the ingress needs to come back."""
    for _ in range(600):
        try:
            answer = cluster.api.get(f"/jobs/{job_id}")
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code == 200:
            job: dict[str, Any] = answer.json()
            return job
        time.sleep(0.2)
    raise AssertionError("the ingress did not come back")


def wait(cluster: Cluster, job_id: str, seconds: float = 180) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job = poll(cluster, job_id)
        if job["status"] in ("complete", "failed", "canceled"):
            return job
        time.sleep(0.1)
    raise AssertionError(f"the job did not end: {job}")


def replica_pid(cluster: Cluster, deployment: str) -> int:
    """The process of a deployment's replica: Ray names it after what it is, and while it is called after the call."""
    title = re.compile(rf"ray::ServeReplica:atelier:{re.escape(deployment)}(\.|$)")
    found = []
    for process in cluster.process.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [process.pid for words in process.cmdline()[:1] if title.match(words)]
    assert len(found) == 1, f"replicas of {deployment}: {found}"
    return found[0]


def fetch(image: dict[str, Any], format: str) -> bytes:
    url = next(file["url"] for file in image["files"] if file["format"] == format)
    return httpx.get(url, timeout=30).raise_for_status().content


def test_a_prompt_becomes_png_webp_and_svg_with_its_recipe(cluster: Cluster) -> None:
    job = wait(cluster, submit(cluster, num_variations=2, seed=3))
    assert (job["status"], job["images_completed"]) == ("complete", 2), job.get("error", job)
    image = job["images"][0]
    png = Image.open(BytesIO(fetch(image, "png")))
    assert png.size == (512, 512)
    assert Image.open(BytesIO(fetch(image, "webp"))).size == (512, 512)
    recipe = read_recipe(fetch(image, "png"))
    assert (recipe.prompt, recipe.seed, recipe.model) == ("a red bicycle icon", 3, "mini")
    assert len(recipe.weights) >= 16


def test_a_recipe_makes_the_same_picture_again(cluster: Cluster) -> None:
    first = wait(cluster, submit(cluster, num_variations=2, seed=11, formats=["png"]))["images"][1]
    recipe = read_recipe(fetch(first, "png"))
    again = wait(
        cluster,
        submit(
            cluster,
            prompt=recipe.prompt,
            asset_type=recipe.asset_type,
            model=recipe.model,
            quality=recipe.quality,
            seed=recipe.seed,
            size=recipe.size,
            num_inference_steps=recipe.num_inference_steps,
            guidance_scale=recipe.guidance_scale,
            formats=["png"],
        ),
    )["images"][0]
    # Alone or beside others in a batch, a row is added up in another order: a level of 255 may round the other way, and
    # the upscaler passes that on.
    levels = [np.asarray(Image.open(BytesIO(fetch(image, "png"))), dtype=float) for image in (first, again)]
    apart = np.abs(levels[0] - levels[1])
    assert apart.max() <= 8
    assert apart.mean() < 0.02


def upload(cluster: Cluster, image: Image.Image) -> str:
    file = BytesIO()
    image.save(file, "PNG")
    answer = cluster.api.post("/pictures", files={"file": ("a.png", file.getvalue())})
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["picture_id"]
    return name


def levels_of(image: dict[str, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(BytesIO(fetch(image, "png"))).convert("RGB"), dtype=float)


def test_a_picture_is_redrawn_and_a_mask_says_where(cluster: Cluster) -> None:
    first = wait(cluster, submit(cluster, prompt="a red bicycle", seed=3, formats=["png"]))
    given, name = levels_of(first["images"][0]), f"{first['job_id']}/0"
    weak, strong = (
        levels_of(wait(cluster, submit(cluster, prompt="a green tree", image=name, strength=strength))["images"][0])
        for strength in (0.2, 0.9)
    )
    assert 0 < np.abs(weak - given).mean() < np.abs(strong - given).mean()
    mask = Image.new("L", (512, 512), 0)
    mask.paste(255, (0, 0, 256, 512))
    body = {"prompt": "a green tree", "image": name, "mask": upload(cluster, mask), "formats": ["png"]}
    masked = wait(cluster, submit(cluster, **body))
    assert masked["status"] == "complete", masked
    assert [one["role"] for one in masked["inputs"]] == ["image", "mask"]
    drawn = levels_of(masked["images"][0])
    assert (drawn[:, 256:] == given[:, 256:]).all()
    assert np.abs(drawn[:, :256] - given[:, :256]).mean() > 5


def test_a_second_pass_is_what_redrawing_the_finished_picture_gives(cluster: Cluster) -> None:
    body = {"prompt": "a red bicycle", "seed": 3, "quality": "draft", "formats": ["png"]}
    plain = {"clean": False}  # what is cleaned in the end is another picture to redraw
    drawn = wait(cluster, submit(cluster, **body, stages=plain))
    again = wait(cluster, submit(cluster, **body, stages=plain, image=f"{drawn['job_id']}/0", strength=0.3))
    refined = wait(cluster, submit(cluster, **body, stages={**plain, "refine": {"strength": 0.3}}))
    assert (levels_of(refined["images"][0]) == levels_of(again["images"][0])).all()
    assert 0 < np.abs(levels_of(refined["images"][0]) - levels_of(drawn["images"][0])).mean() < 20


def test_a_stage_that_no_replica_runs_for_comes_when_it_is_asked_for(cluster: Cluster) -> None:
    asked = {"palette": {"colours": ["#0078d4"]}}
    job = wait(cluster, submit(cluster, seed=3, quality="draft", formats=["png"], stages=asked))
    assert job["status"] == "complete", job
    pixels = levels_of(job["images"][0]).reshape(-1, 3)
    bluish = np.abs(pixels - [0x00, 0x78, 0xD4]).max(axis=1) < 12
    assert bluish.mean() > 0.02


def held_objects(cluster: Cluster) -> float:
    """Objects that Ray's store holds, as its exporter said last."""
    lines = [line for line in exported(cluster) if line.startswith("ray_object_store_num_local_objects")]
    return sum(float(line.split()[-1]) for line in lines)


def settled_objects(cluster: Cluster) -> float:
    """As `held_objects`, once it has been the same for longer than the exporter takes from word to word."""
    deadline, seen = time.monotonic() + 60, [held_objects(cluster)]
    while len(seen) < 7 or len(set(seen[-7:])) > 1:
        assert time.monotonic() < deadline, f"the store does not come to rest: {seen}"
        time.sleep(REPORT_SECONDS / 4)
        seen.append(held_objects(cluster))
    return seen[-1]


def test_what_a_job_begins_with_leaves_the_object_store_with_it(cluster: Cluster) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8))
    left = Image.new("L", (512, 512), 0)
    left.paste(255, (0, 0, 256, 512))
    name, mask = upload(cluster, noise), upload(cluster, left)
    body = {"image": name, "mask": mask, "num_inference_steps": 40, "formats": ["png"]}
    before = settled_objects(cluster)  # what earlier jobs held leaves the exporter's word a while after them
    job_id, most = submit(cluster, num_variations=4, **body), 0.0
    while poll(cluster, job_id)["status"] not in ("complete", "failed"):
        most = max(most, held_objects(cluster) - before)
        time.sleep(0.5)
    assert wait(cluster, job_id)["status"] == "complete"
    assert 4 <= most <= 4 + 2 * 4  # its four inputs, and what goes from stage to stage
    deadline = time.monotonic() + 60
    while held_objects(cluster) > before:
        assert time.monotonic() < deadline, "the store still holds pictures"
        time.sleep(1)


def test_wide_and_tall_pictures_come_in_their_shape(cluster: Cluster) -> None:
    for size in ("640x384", "384x640"):
        body = {"asset_type": "product_illustration", "size": size, "formats": ["webp"]}
        job = wait(cluster, submit(cluster, **body))
        width, height = Image.open(BytesIO(fetch(job["images"][0], "webp"))).size
        assert f"{width}x{height}" == size


def test_cancel_reaches_the_replica(cluster: Cluster) -> None:
    job_id = submit(cluster, num_variations=8, num_inference_steps=100)
    while poll(cluster, job_id)["progress"] == 0:
        time.sleep(0.05)
    cluster.api.delete(f"/jobs/{job_id}")
    assert wait(cluster, job_id, 20)["status"] == "canceled"
    # The generator is free again: a new job does not wait for the 800 canceled steps.
    assert wait(cluster, submit(cluster, quality="draft"), 60)["status"] == "complete"


def test_a_generator_that_is_killed_mid_job_loses_nothing(cluster: Cluster) -> None:
    job_id = submit(cluster, num_variations=4, num_inference_steps=60)
    while poll(cluster, job_id)["images_completed"] < 1:
        time.sleep(0.05)
    before = {image["index"]: image["url"] for image in poll(cluster, job_id)["images"]}
    os.kill(replica_pid(cluster, "generator-mini"), signal.SIGKILL)
    job = wait(cluster, job_id)
    assert (job["status"], job["images_completed"]) == ("complete", 4), job.get("error", job)
    assert len({image["seed"] for image in job["images"]}) == 4
    assert before.items() <= {image["index"]: image["url"] for image in job["images"]}.items()


def test_an_ingress_that_is_killed_between_submit_and_result_holds_nobody_up(cluster: Cluster) -> None:
    job_id = submit(cluster, num_variations=3, num_inference_steps=60)
    while poll(cluster, job_id)["progress"] == 0:
        time.sleep(0.05)
    os.kill(replica_pid(cluster, "front-door"), signal.SIGKILL)
    job = wait(cluster, job_id)
    assert (job["status"], job["images_completed"]) == ("complete", 3), job.get("error", job)
    events = cluster.api.get(f"/jobs/{job_id}/events").text
    assert "event: job.retried" not in events, "the conductor is another process"


def kept_and_committed(cluster: Cluster, job_id: str) -> tuple[set[int], set[int]]:
    """Pictures of which a finished stage is kept, and those that are done."""
    with contextlib.closing(sqlite3.connect(cluster.state / "jobs.db")) as connection:
        kept = connection.execute("SELECT idx FROM stage_outputs WHERE job_id = ?", (job_id,)).fetchall()
        done = connection.execute("SELECT idx FROM assets WHERE job_id = ?", (job_id,)).fetchall()
    return {row[0] for row in kept}, {row[0] for row in done}


def test_a_conductor_that_is_killed_mid_job_has_no_finished_stage_drawn_again(cluster: Cluster) -> None:
    job_id = submit(cluster, num_variations=3, num_inference_steps=100, formats=["png"])
    pid, waiting = replica_pid(cluster, "conductor"), set[int]()
    while not waiting:
        assert poll(cluster, job_id)["status"] in ("queued", "processing")
        kept, done = kept_and_committed(cluster, job_id)
        waiting = kept - done
    os.kill(pid, signal.SIGKILL)
    waiting = set.difference(*kept_and_committed(cluster, job_id))
    assert cluster.api.get("/healthz").status_code == 200, "the front door goes on"
    submitted = submit(cluster, quality="draft")  # the database is all that this needs
    job = wait(cluster, job_id)
    assert (job["status"], job["images_completed"]) == ("complete", 3), job.get("error", job)
    log = [json.loads(line[6:]) for line in lines_of(cluster, job_id) if line.startswith("data: ")]
    told = [event["payload"] for event in log if event.get("type") == "job.stage"]
    resumed = {one["index"] for one in told if one.get("detail") == "goes on after drawing, which was kept"}
    assert waiting <= resumed
    assert [event["type"] for event in log if event.get("type") == "job.retried"] == ["job.retried"]
    assert kept_and_committed(cluster, job_id) == (set(), {0, 1, 2})
    assert wait(cluster, submitted)["status"] == "complete"


def lines_of(cluster: Cluster, job_id: str) -> list[str]:
    return cluster.api.get(f"/jobs/{job_id}/events").text.splitlines()


def test_progress_crosses_from_the_conductor_to_who_watches(cluster: Cluster) -> None:
    job_id = submit(cluster, num_inference_steps=60)
    with cluster.api.stream("GET", f"/jobs/{job_id}/events") as stream:
        names = [line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: ")]
    assert names.count("progress") >= 5
    assert names[-1] == "job.complete"


def test_bad_input_is_answered_and_the_cluster_lives_on(cluster: Cluster) -> None:
    answer = cluster.api.post("/generate", json={"prompt": "x", "model": "dalle"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "model")
    assert cluster.api.post("/generate", json={"prompt": "x" * 100_000}).status_code == 413
    assert cluster.api.get("/healthz").json()["status"] == "ok"


def test_operators_see_what_runs_on_which_node(cluster: Cluster) -> None:
    seen = cluster.api.get("/operations").json()
    running = {
        one["name"]: [each["node"] for each in one["replicas"] if each["state"] == "running"]
        for one in seen["deployments"]
    }
    assert len(running["front-door"]) == len(running["conductor"]) == len(running["generator-mini"]) == 1
    assert all(node for nodes in running.values() for node in nodes)
    assert seen["dashboard"] == cluster.dashboard
    assert seen["ready"]
    (mini,) = (one for one in seen["models"] if one["deployment"] == "generator-mini")
    assert mini["cold_start_seconds"] == 0
    assert mini["last_load_seconds"] > 0


def test_all_jobs_are_told_by_one_stream_until_its_client_leaves(cluster: Cluster) -> None:
    with cluster.api.stream("GET", "/events") as stream:
        names: list[str] = []
        for line in stream.iter_lines():
            if line == "event: hello":
                job_id = submit(cluster, num_inference_steps=60)
            if line.startswith("event: "):
                names.append(line.removeprefix("event: "))
            if names[-1:] == ["job.complete"]:
                break
    assert names[0] == "hello"
    assert names.count("progress") >= 2
    assert [name for name in names if name.startswith("job.")][:2] == ["job.queued", "job.started"]
    assert cluster.api.get(f"/jobs/{job_id}").json()["status"] == "complete"


def test_the_page_and_the_docs_are_served(cluster: Cluster) -> None:
    assert "Atelier" in cluster.api.get("/").text
    assert cluster.api.get("/openapi.json").json()["info"]["title"] == "Atelier"


def test_the_dashboard_answers_to_the_token_and_to_nobody_else(cluster: Cluster) -> None:
    url = f"{cluster.dashboard}/api/serve/applications/"
    assert httpx.get(url, timeout=60).status_code == 401
    token = (cluster.state / "ray-token").read_text()
    answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert set(answer.json()["applications"]["atelier"]["deployments"]) == {
        "front-door",
        "conductor",
        "generator-mini",
        "trainer-mini",
        "upscaler-mini-x4",
        "upscaler-lanczos",
        "scorer-mini-scorer",
        "captioner-mini-captioner",
        "palette",
        "cut-out",
        "finisher",
        "lora-examiner",
    }


def exported(cluster: Cluster) -> list[str]:
    """What Ray's exporters on all nodes say now."""
    token = (cluster.state / "ray-token").read_text()
    url = f"{cluster.dashboard}/api/prometheus/sd"
    groups = httpx.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60).raise_for_status().json()
    lines = []
    for to in (to for group in groups for to in group["targets"]):
        # Ray's own dashboard and autoscaler export at one port of the machine, which another cluster may have had.
        with contextlib.suppress(httpx.ConnectError):
            lines += httpx.get(f"http://{to}/metrics", timeout=60).text.splitlines()
    return lines


def test_the_engines_metrics_leave_through_rays_exporter_also_while_it_idles(cluster: Cluster) -> None:
    wait(cluster, submit(cluster, quality="draft"))
    time.sleep(4 * REPORT_SECONDS)  # twice what Ray's exporter remembers of a gauge that nobody sets
    engine = [line for line in exported(cluster) if line.startswith("ray_atelier_engine_")]
    lines = [line for line in engine if 'deployment="generator-mini"' in line]
    names = {line.partition("{")[0] for line in lines}
    assert {"ray_atelier_engine_tick_seconds_count", "ray_atelier_engine_backlog_seconds"} <= names
    assert [float(line.split()[-1]) for line in lines if "backlog_seconds" in line] == [0.0]


def test_the_conductor_s_metrics_leave_there_too_with_the_deployments_that_they_tell_of(cluster: Cluster) -> None:
    wait(cluster, submit(cluster, quality="draft"))
    wanted = {
        "ray_atelier_jobs_total": 'outcome="complete"',
        "ray_atelier_job_wait_seconds_bucket": 'le="30.0"',  # as the recording rules ask for it
        "ray_atelier_replicas": 'deployment="generator-mini"',
        "ray_atelier_queue_jobs": 'deployment="generator-mini"',
        "ray_atelier_gpu_seconds_total": 'use="draw"',
        "ray_atelier_start_seconds_count": 'phase="load"',
    }
    until(lambda: all(any(_tells(line, *one) for line in exported(cluster)) for one in wanted.items()))


def _tells(line: str, name: str, label: str) -> bool:
    return line.startswith(name + "{") and label in line


def test_the_log_says_nothing_of_clients_who_leave_event_streams(cluster: Cluster) -> None:
    job_id = submit(cluster, num_variations=8, quality="high")
    leave_in_every_way(cluster.api, job_id)
    cluster.api.delete(f"/jobs/{job_id}")
    wait(cluster, job_id)
    time.sleep(3)  # Ray brings the lines of the replicas a little later
    said = [line for line in cluster.log.read_text().splitlines() if f"/jobs/{job_id}/events [" in line]
    assert said == []
    assert "Exception Group" not in cluster.log.read_text()
