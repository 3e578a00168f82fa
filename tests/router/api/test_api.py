"""The REST API over a real HTTP server: jobs from submission to files, and what the studio tells of itself."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.router.calls import follow, submit, until, wait
from tests.studio import PaintedGenerator, running_studio


def test_a_job_goes_from_accepted_to_files(api: httpx.Client) -> None:
    answer = api.post("/generate", json={"prompt": "a red bicycle", "num_variations": 2, "seed": 40})
    accepted = answer.json()
    assert answer.status_code == 202
    assert accepted["status"] == "queued"
    assert accepted["estimated_time_seconds"] > 0
    assert answer.headers["location"] == f"/jobs/{accepted['job_id']}"
    job = wait(api, accepted["job_id"])
    assert (job["status"], job["progress"]) == ("complete", 1.0)
    assert (job["images_completed"], job["images_total"]) == (2, 2)
    assert [image["seed"] for image in job["images"]] == [40, 41]
    assert job["owner"] == "dev"
    assert job["licence"]["product"] == "allowed"
    magic = {"png": b"\x89PNG", "webp": b"RIFF", "svg": b"<"}
    for file in job["images"][0]["files"]:
        content = httpx.get(file["url"])
        assert content.headers["content-type"].split(";")[0] == file["media_type"]
        assert len(content.content) == file["size_bytes"]
        assert content.content.startswith(magic[file["format"]])
    assert {file["format"] for file in job["images"][0]["files"]} >= {"png", "webp"}
    assert api.get(f"/jobs/{job['job_id']}/images").json()["images"] == job["images"]


def test_a_picture_of_a_job_can_be_made_again_alone(api: httpx.Client) -> None:
    first = wait(api, submit(api, num_variations=3, seed=100))["images"][2]
    again = wait(api, submit(api, seed=first["seed"]))["images"][0]
    assert pixels_of(first) == pixels_of(again)


def pixels_of(image: dict[str, Any]) -> bytes:
    return Image.open(BytesIO(httpx.get(image["url"]).content)).convert("RGB").tobytes()


def test_a_download_suggests_a_name_and_is_cached(api: httpx.Client) -> None:
    image = wait(api, submit(api, seed=5, formats=["png"]))["images"][0]
    answer = httpx.get(image["url"], params={"download": "1"})
    assert answer.headers["content-disposition"] == 'attachment; filename="icon-5.png"'
    again = httpx.get(image["url"], headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_dry_run_answers_with_the_plan_and_accepts_nothing(api: httpx.Client) -> None:
    before = len(api.get("/jobs", params={"limit": 200}).json()["jobs"])
    answer = api.post("/generate", json={"prompt": "x", "dry_run": True, "size": "512x512"})
    assert answer.status_code == 200
    plan = answer.json()["plan"]
    assert [(stage["kind"], stage.get("size")) for stage in plan["stages"]] == [
        ("base", "128x128"),
        ("upscale", "512x512"),
        ("finish", "512x512"),
    ]
    assert len(api.get("/jobs", params={"limit": 200}).json()["jobs"]) == before


def test_the_same_key_and_body_is_one_job(api: httpx.Client) -> None:
    def post(_: int) -> httpx.Response:
        return api.post("/generate", json={"prompt": "once"}, headers={"Idempotency-Key": "k1"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    other = api.post("/generate", json={"prompt": "twice"}, headers={"Idempotency-Key": "k1"})
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "idempotency_conflict"


def test_events_are_gapless_replayable_and_end_with_the_job(api: httpx.Client) -> None:
    job_id = submit(api, num_variations=2)
    events = follow(api, job_id)
    durable = [(name, int(id)) for name, id, _ in events if id is not None]
    assert [seq for _, seq in durable] == list(range(1, len(durable) + 1))
    names = [name for name, _ in durable]
    assert names[:2] == ["job.queued", "job.started"]
    assert names.count("job.image") == 2
    assert names[-1] == "job.complete"
    replayed = [(name, int(id)) for name, id, _ in follow(api, job_id, after=2) if id is not None]
    assert replayed == durable[2:]
    assert follow(api, job_id, after=len(durable)) == []


def wait_until_ready(api: httpx.Client) -> None:
    until(lambda: api.get("/readyz").status_code == 200)


def test_step_progress_and_previews_are_sent_live(tmp_path: Path) -> None:
    slow = PaintedGenerator(step_seconds=0.1)
    with running_studio(tmp_path, slow) as url, httpx.Client(base_url=url, timeout=60) as api:
        wait_until_ready(api)  # by then the studio knows that a picture takes two seconds, which is worth a preview
        events = follow(api, submit(api))
    progress = [data for name, _, data in events if name == "progress"]
    steps = [data["step"] for data in progress if data["stage"] == "base"]
    assert steps == sorted(steps)
    assert steps[-1] == 20
    shares = [data["progress"] for data in progress]
    assert shares == sorted(shares)
    assert any(name == "preview" and data["image"].startswith("data:image/webp") for name, _, data in events)
    assert [request.previews for request in slow.drawn] == [1]


def test_a_quick_picture_is_not_held_up_by_previews(api: httpx.Client) -> None:
    assert [name for name, _, _ in follow(api, submit(api, quality="draft")) if name == "preview"] == []


def test_an_image_event_carries_working_links(api: httpx.Client) -> None:
    events = follow(api, submit(api, quality="draft", formats=["png"]))
    image = next(data["payload"]["image"] for name, _, data in events if name == "job.image")
    assert httpx.get(image["url"]).status_code == 200


def test_cancel_stops_a_running_job_in_the_middle(
    api: httpx.Client, generator: PaintedGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within how many steps is the generator's own affair, and tested with it."""
    monkeypatch.setattr(generator, "step_seconds", 0.5)
    before = generator.steps_taken
    job_id = submit(api, num_inference_steps=100)
    until(lambda: generator.steps_taken > before)
    assert api.delete(f"/jobs/{job_id}").status_code == 200
    assert wait(api, job_id)["status"] == "canceled"
    until(lambda: generator.drawing == 0)
    assert generator.steps_taken < before + 100
    assert follow(api, job_id)[-1][0] == "job.canceled"


def test_jobs_are_listed_newest_first_in_pages(api: httpx.Client) -> None:
    ids = [submit(api, quality="draft") for _ in range(3)]
    page = api.get("/jobs", params={"limit": 2}).json()
    assert [job["job_id"] for job in page["jobs"]] == ids[:0:-1]
    older = api.get("/jobs", params={"limit": 1, "before": page["next"]}).json()
    assert older["jobs"][0]["job_id"] == ids[0]
    for job_id in ids:
        wait(api, job_id)


def test_models_and_asset_types_say_what_can_be_asked_for(api: httpx.Client) -> None:
    model = api.get("/models").json()["models"][0]
    assert (model["id"], model["default"], model["licence"]["product"]) == ("mini", True, "allowed")
    parts = {part["part"]: part for part in model["licence_parts"]}
    assert parts["autoencoder"]["licence"] == "apache-2.0"
    assert model["licence"]["notice"]["label"] == "Commercial OK"
    can = model["capabilities"]
    assert (can["modes"][0], can["lora"], can["controls"], can["image_prompt"]) == ("txt2img", True, [], False)
    assert (can["guidance"], can["negative_prompt"]) == ("embedded", False)
    assert (can["steps"], can["size_multiple"], can["text_length"]) == ({"fewest": 1, "most": 100}, 16, 64)
    assert 0 < model["vram_gb"] < 2
    assert model["trained_on"] == "mini"
    answer = api.get("/asset-types").json()
    assert {"icon", "product_illustration"} <= {one["id"] for one in answer["asset_types"]}
    assert [one["id"] for one in answer["qualities"]] == ["draft", "standard", "high", "ultra"]


def test_health_and_readiness(api: httpx.Client) -> None:
    assert api.get("/healthz").json()["status"] == "ok"
    wait_until_ready(api)
    assert api.get("/readyz").json()["status"] == "ok"


def test_the_docs_page_needs_no_network(api: httpx.Client) -> None:
    page = api.get("/docs").text
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(files) >= 2
    for file in files:
        assert not file.startswith("http")
        assert api.get(file).status_code == 200


def test_answers_carry_security_headers(api: httpx.Client) -> None:
    headers = api.get("/healthz").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
