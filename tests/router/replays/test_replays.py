"""A picture that is drawn again: the same to the byte, told by a receipt, and in nobody's way."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from configs.environment import Environment
from deployments.messages import Done, GenerateRequest, Told
from deployments.provenance.removing import unsigned
from tests.router.calls import follow, submit, wait
from tests.studio import SIGNED, PaintedGenerator, running_studio

BEFORE = Environment(
    device="cpu AVX2, 2 threads",
    precision="float32",
    attention="native",
    sampler="9aad95f17a47",
    libraries={"torch": "2.12.0", "diffusers": "0.42.1"},
    code={"samplers": "5f91e64cac35", "engine": "7a01b75d2662"},
)


@dataclasses.dataclass
class TellingGenerator(PaintedGenerator):
    """Says what it draws in; `shade` is added to what it draws, as another release would."""

    environment: Environment | None = BEFORE
    weights: str = "a" * 64
    shade: int = 0

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Told]:
        async for told in super().generate(request):
            if not isinstance(told, Done):
                yield told
                continue
            rgb = bytes(min(255, value + self.shade) for value in told.picture.rgb) if self.shade else told.picture.rgb
            picture = dataclasses.replace(told.picture, rgb=rgb)
            yield dataclasses.replace(told, picture=picture, environment=self.environment, weights=self.weights)


@pytest.fixture
def generator() -> TellingGenerator:
    return TellingGenerator()


@pytest.fixture
def api(tmp_path: Path, generator: TellingGenerator) -> Iterator[httpx.Client]:
    with (
        running_studio(tmp_path, generator, credentials=SIGNED) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def drawn(api: httpx.Client, index: int = 0, **wishes: Any) -> dict[str, Any]:
    job = wait(api, submit(api, **{"quality": "draft", "seed": 7, **wishes}))
    assert job["status"] == "complete", job
    image: dict[str, Any] = job["images"][index]
    return image


def replayed(api: httpx.Client, image: dict[str, Any]) -> dict[str, Any]:
    """The job that has drawn it again."""
    answer = api.post(f"/images/{image['asset_id']}/replay", json={})
    assert answer.status_code == 202, answer.text
    job = wait(api, answer.json()["job_id"])
    assert job["status"] == "complete", job
    return job


def refused(api: httpx.Client, asset_id: str, status: int = 422) -> str:
    answer = api.post(f"/images/{asset_id}/replay", json={})
    assert answer.status_code == status, answer.text
    return str(answer.json()["error"]["message"])


def files(api: httpx.Client, image: dict[str, Any]) -> list[bytes]:
    """Without their signatures, which are others each time."""
    return [unsigned(api.get(one["url"]).content) for one in image["files"]]


def upload(api: httpx.Client) -> str:
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, "PNG")
    return str(api.post("/pictures", files={"file": ("a.png", file.getvalue())}).json()["picture_id"])


def test_an_equal_picture_is_an_equal_file(api: httpx.Client) -> None:
    image = drawn(api, index=1, best_of=3, keep=2, formats=["png", "webp"], sizes=["64x64"])
    job = replayed(api, image)
    (again,), receipt = job["images"], job["replay"]
    assert files(api, again) == files(api, image)
    assert (again["seed"], receipt["identical"], receipt["same_files"]) == (image["seed"], True, True)
    assert (receipt["asset_id"], receipt["format"], receipt["differences"]) == (image["asset_id"], "png", [])
    assert receipt["sentence"] == "identical: every pixel is the same, and so are its files"


def test_a_replay_of_a_replay_is_of_the_first(api: httpx.Client) -> None:
    image = drawn(api)
    again = replayed(api, image)["images"][0]
    job = replayed(api, again)
    assert files(api, job["images"][0]) == files(api, image)
    assert job["replay"]["asset_id"] == again["asset_id"]


@pytest.mark.parametrize(
    ("change", "what", "name"),
    [
        ({"sampler": "000000000000"}, "sampler", ""),
        ({"device": "cuda NVIDIA H200, CUDA 13.0, cuDNN 91400"}, "device", ""),
        ({"precision": "bfloat16"}, "precision", ""),
        ({"attention": "cudnn"}, "attention", ""),
        ({"settings": {"compile": "regional"}}, "setting", "compile"),
        ({"libraries": {"torch": "2.13.0", "diffusers": "0.42.1"}}, "library", "torch"),
        ({"code": {"samplers": "000000000000", "engine": "7a01b75d2662"}}, "code", "samplers"),
        ({"loras": {"mini-dusk": "7de35872218a"}}, "lora", "mini-dusk"),
    ],
)
def test_what_differs_has_the_reason_that_is_true(
    api: httpx.Client, generator: TellingGenerator, change: dict[str, Any], what: str, name: str
) -> None:
    image = drawn(api)
    generator.environment, generator.shade = BEFORE.model_copy(update=change), 3
    receipt = replayed(api, image)["replay"]
    assert [(one["what"], one["name"]) for one in receipt["differences"]] == [(what, name)]
    assert not receipt["identical"]
    assert not receipt["same_files"]
    assert receipt["pixels"]["largest"] == 3
    assert 38 < receipt["pixels"]["psnr"] < 60
    assert what in receipt["sentence"]
    assert f"PSNR {receipt['pixels']['psnr']:.1f} dB" in receipt["sentence"]


def test_other_weights_are_told_first(api: httpx.Client, generator: TellingGenerator) -> None:
    image = drawn(api)
    generator.environment = BEFORE.model_copy(update={"precision": "bfloat16"})
    generator.weights, generator.shade = "b" * 64, 1
    differences = replayed(api, image)["replay"]["differences"]
    assert [one["what"] for one in differences] == ["weights", "precision"]
    assert (differences[0]["then"], differences[0]["now"]) == ("a" * 12, "b" * 12)


def test_what_differs_without_effect_is_told_as_that(api: httpx.Client, generator: TellingGenerator) -> None:
    image = drawn(api)
    generator.environment = BEFORE.model_copy(update={"device": "cpu AVX512, 8 threads"})
    receipt = replayed(api, image)["replay"]
    assert receipt["identical"]
    assert not receipt["same_files"]  # which say what they were drawn in
    assert "without effect: device" in receipt["sentence"]


def test_an_older_recipe_says_nothing_of_that(api: httpx.Client, generator: TellingGenerator) -> None:
    generator.environment = None
    image = drawn(api)
    assert api.get(f"/images/{image['asset_id']}/recipe").json()["environment"] is None
    generator.environment, generator.shade = BEFORE, 1
    receipt = replayed(api, image)["replay"]
    assert [one["what"] for one in receipt["differences"]] == ["environment"]
    assert "older" in receipt["sentence"]


def test_a_difference_that_nobody_knows_the_reason_of_is_told_as_that(
    api: httpx.Client, generator: TellingGenerator
) -> None:
    image = drawn(api)
    generator.shade = 1
    receipt = replayed(api, image)["replay"]
    assert (receipt["identical"], receipt["differences"]) == (False, [])
    assert "nothing that the recipes say is different" in receipt["sentence"]


def test_replays_are_in_nobodys_way_and_found_by_their_picture(api: httpx.Client) -> None:
    image = drawn(api)
    jobs = [replayed(api, image)["job_id"] for _ in range(2)]
    assert [one["job_id"] for one in api.get("/jobs").json()["jobs"]] == [image["url"].split("/")[-3]]
    for path in ("/images", "/history"):
        assert [one["asset_id"] for one in api.get(path).json()["images"]] == [image["asset_id"]]
    found = api.get(f"/images/{image['asset_id']}/replays").json()["replays"]
    assert [one["job_id"] for one in found] == jobs[::-1]
    assert all(one["receipt"]["identical"] for one in found)
    lineage = api.get(f"/assets/{image['asset_id']}/lineage").json()["descendants"]
    assert [one["call"] for one in lineage] == ["replay", "replay"]


def test_the_log_tells_the_receipt_before_the_picture(api: httpx.Client) -> None:
    job = replayed(api, drawn(api))
    events = follow(api, job["job_id"])
    names = [name for name, _, _ in events if name.startswith("job.")]
    assert names[-3:] == ["job.replayed", "job.image", "job.complete"]
    told = next(data["payload"] for name, _, data in events if name == "job.replayed")
    assert told == {**job["replay"], **told}


def test_a_replay_is_shown_before_it_is_ordered_and_is_ordered_once(api: httpx.Client) -> None:
    image = drawn(api, num_variations=2)
    path = f"/images/{image['asset_id']}/replay"
    plan = api.post(path, json={"dry_run": True}).json()["plan"]
    assert (plan["seeds"], plan["origin"]["call"]) == ([image["seed"]], "replay")
    key = {"Idempotency-Key": "once"}
    one, again = (api.post(path, json={}, headers=key).json()["job_id"] for _ in range(2))
    assert one == again


def test_what_cannot_be_drawn_again_is_refused_by_name(api: httpx.Client) -> None:
    given = upload(api)
    assert "uploaded" in refused(api, given)
    refused(api, "asset_that_is_not_there", 404)
    over = drawn(api, image=given, strength=0.5)
    assert replayed(api, over)["replay"]["identical"]
    assert api.delete(f"/pictures/{given}").is_success
    assert given in refused(api, over["asset_id"])
    image = drawn(api)
    assert api.delete(f"/images/{image['asset_id']}").is_success
    refused(api, image["asset_id"], 404)
