"""`images.generate` of OpenAI's own SDK, which takes this studio for OpenAI."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai.types import ImageGenCompletedEvent, ImageGenPartialImageEvent

from router import submission
from router.planning.making import make_plan
from tests.router.calls import until
from tests.router.openai.pictures import PreviewingGenerator, opened
from tests.studio import running_studio

SMALL: dict[str, Any] = {"quality": "low", "model": "mini"}


def test_pictures_come_in_the_answer_as_they_were_asked_for(sdk: openai.OpenAI, url: str) -> None:
    answer: Any = sdk.images.generate(
        prompt="a red fox", n=2, size="512x512", output_format="webp", extra_body={"seed": 7}
    )
    assert answer.data is not None
    pictures = [opened(one.b64_json) for one in answer.data]
    assert [(one.format, one.size) for one in pictures] == [("WEBP", (512, 512))] * 2
    assert [one.seed for one in answer.data] == [7, 8]
    assert (answer.size, answer.output_format, answer.quality) == ("512x512", "webp", "medium")
    assert (answer.background, answer.model) == ("opaque", "mini")
    assert answer.usage is not None
    assert answer.usage.input_tokens == answer.usage.input_tokens_details.text_tokens == answer.usage.total_tokens > 2
    assert answer.data[0].revised_prompt is not None
    assert answer.data[0].revised_prompt.startswith("a red fox, product illustration")
    assert answer._request_id
    job = httpx.get(f"{url}/jobs/{answer.job_id}").json()
    assert (job["status"], job["prompt"], job["seeds"]) == ("complete", "a red fox", [7, 8])
    assert [image["asset_id"] for image in job["images"]] == [one.asset_id for one in answer.data]


def test_a_seed_draws_the_same_picture_again_alone(sdk: openai.OpenAI) -> None:
    first = sdk.images.generate(prompt="a fox", n=2, **SMALL, extra_body={"seed": 40})
    again = sdk.images.generate(prompt="a fox", **SMALL, extra_body={"seed": 41})
    assert first.data
    assert again.data
    assert opened(first.data[1].b64_json).tobytes() == opened(again.data[0].b64_json).tobytes()


def test_a_link_shows_the_picture_to_anybody_for_an_hour(sdk: openai.OpenAI, url: str) -> None:
    answer = sdk.images.generate(prompt="a fox", response_format="url", **SMALL)
    assert answer.data
    assert answer.data[0].url
    assert answer.data[0].b64_json is None
    shown = httpx.get(answer.data[0].url)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    (link,) = httpx.get(f"{url}/images/{answer.data[0].asset_id}/links").json()["links"]
    lasts = datetime.fromisoformat(link["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=58) < lasts <= timedelta(minutes=60)
    (line,) = httpx.get(f"{url}/audit", params={"limit": 1}).json()["lines"]
    assert (line["action"], line["request_id"]) == ("share.create", answer._request_id)


@pytest.mark.parametrize(
    ("quality", "ours", "told"),
    [
        ("low", "draft", "low"),
        ("auto", "standard", "medium"),
        ("standard", "standard", "medium"),
        ("high", "high", "high"),
    ],
)
def test_qualities_are_theirs(sdk: openai.OpenAI, url: str, quality: Any, ours: str, told: str) -> None:
    answer: Any = sdk.images.generate(prompt="a fox", quality=quality, size="128x128", model="mini")
    assert answer.quality == told
    assert httpx.get(f"{url}/jobs/{answer.job_id}").json()["quality"] == ours


def test_the_background_is_cut_away_where_it_is_to_be_transparent(sdk: openai.OpenAI) -> None:
    answer = sdk.images.generate(prompt="a fox", background="transparent", size="128x128", model="mini")
    assert answer.data
    assert answer.background == "transparent"
    cut = opened(answer.data[0].b64_json)
    assert cut.mode == "RGBA"
    assert cut.getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_what_is_ours_is_said_by_its_name(sdk: openai.OpenAI, url: str, painter: PreviewingGenerator) -> None:
    more = {
        "asset_type": "icon",
        "style": "filled",
        "seed": 3,
        "num_inference_steps": 9,
        "guidance_scale": 2.5,
        "loras": [{"id": "mini-kestrel", "strength": 0.5}],
        "slots": {"mood": "calm"},
    }
    answer = sdk.images.generate(prompt="a fox", **SMALL, user="someone", extra_body=more)
    job = httpx.get(f"{url}/jobs/{answer.job_id}").json()
    assert (job["asset_type"], job["seeds"]) == ("icon", [3])
    assert [(one["id"], one["strength"]) for one in job["loras"]] == [("mini-kestrel", 0.5)]
    drawn = painter.drawn[-1]
    assert (drawn.num_inference_steps, drawn.guidance_scale) == (9, 2.5)
    assert "solid filled shapes" in drawn.prompt
    assert "calm mood" in drawn.prompt
    assert answer.safety_identifier == "someone"


def test_an_asset_type_is_said_once_for_all_requests(sdk: openai.OpenAI, url: str) -> None:
    icons = sdk.with_options(default_headers={"X-Atelier-Asset-Type": "icon"})
    answer = icons.images.generate(prompt="a fox", **SMALL)
    assert httpx.get(f"{url}/jobs/{answer.job_id}").json()["asset_type"] == "icon"
    other = icons.images.generate(prompt="a fox", **SMALL, extra_body={"asset_type": "logo_illustration"})
    assert httpx.get(f"{url}/jobs/{other.job_id}").json()["asset_type"] == "logo_illustration"


def test_flat_art_comes_as_outlines(sdk: openai.OpenAI) -> None:
    logo = {"asset_type": "logo_illustration"}
    answer = sdk.images.generate(prompt="a fox", output_format="svg", size="512x512", extra_body=logo)
    assert answer.data
    assert answer.output_format == "svg"
    assert base64.b64decode(answer.data[0].b64_json or "").lstrip().startswith(b"<")


def test_programs_that_name_models_of_openai_draw_with_the_usual_one(sdk: openai.OpenAI) -> None:
    answers: list[Any] = [
        sdk.images.generate(prompt="a fox", model=name, quality="low") for name in ("gpt-image-1", "dall-e-3")
    ]
    assert {answer.model for answer in answers} == {"mini"}


def test_models_are_listed_and_found(sdk: openai.OpenAI) -> None:
    assert [model.id for model in sdk.models.list()] == ["mini"]
    assert sdk.models.retrieve("mini").owned_by == "atelier"
    assert sdk.models.retrieve("gpt-image-1").id == "gpt-image-1"
    with pytest.raises(openai.NotFoundError) as refused:
        sdk.models.retrieve("gpt-5")
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")


def test_the_asynchronous_sdk_has_several_drawn_at_once(url: str) -> None:
    async def draw() -> list[Any]:
        async with openai.AsyncOpenAI(
            base_url=f"{url}/v1", api_key="any", max_retries=0, _strict_response_validation=True
        ) as sdk:
            return await asyncio.gather(*(sdk.images.generate(prompt=f"fox {i}", **SMALL) for i in range(4)))

    answers = asyncio.run(draw())
    assert len({answer.job_id for answer in answers}) == 4
    assert {opened(answer.data[0].b64_json).size for answer in answers} == {(128, 128)}


def test_the_same_key_and_body_is_one_job(sdk: openai.OpenAI) -> None:
    def draw(prompt: str) -> Any:
        return sdk.images.generate(prompt=prompt, **SMALL, extra_headers={"Idempotency-Key": "once"})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(draw, ["a fox"] * 6))
    assert len({answer.job_id for answer in answers}) == 1
    assert len({answer.data[0].b64_json for answer in answers}) == 1
    with pytest.raises(openai.ConflictError) as refused:
        draw("a bear")
    assert refused.value.code == "idempotency_conflict"
    assert refused.value.response.headers["x-should-retry"] == "false"


def test_a_stream_shows_previews_and_ends_with_the_picture(tmp_path: Path) -> None:
    slow = PreviewingGenerator(step_seconds=0.1)
    with running_studio(tmp_path, slow) as url:
        until(lambda: httpx.get(f"{url}/readyz").status_code == 200)  # by then it is known that previews are worth it
        sdk = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, _strict_response_validation=True)
        said: dict[str, Any] = {"prompt": "a fox", "size": "128x128", "output_format": "jpeg", "stream": True}
        with sdk, sdk.images.generate(**said, partial_images=2) as stream:
            events = list(stream)
    *shown, done = events
    assert shown, "no preview came"
    assert all(isinstance(event, ImageGenPartialImageEvent) for event in shown)
    assert [event.partial_image_index for event in shown] == list(range(len(shown)))[:2]
    assert {opened(event.b64_json).format for event in events} == {"JPEG"}
    assert isinstance(done, ImageGenCompletedEvent)
    assert (done.size, done.quality, opened(done.b64_json).size) == ("128x128", "medium", (128, 128))
    assert done.usage.total_tokens > 0


def test_a_stream_of_several_ends_with_all_of_them(sdk: openai.OpenAI) -> None:
    stream = sdk.images.generate(prompt="a fox", n=3, stream=True, **SMALL, extra_body={"seed": 5})
    events = list(stream)
    assert {event.type for event in events} == {"image_generation.completed"}
    assert sorted((event.index, event.seed) for event in events) == [(0, 5), (1, 6), (2, 7)]


def test_a_stream_of_what_cannot_be_drawn_ends_with_the_reason(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.APIError, match="this prompt cannot be drawn"):
        list(sdk.images.generate(prompt="poison", stream=True, **SMALL))


def test_compression_is_the_quality_of_the_file(sdk: openai.OpenAI, url: str) -> None:
    def answered(compression: int) -> tuple[Any, Any]:
        answer: Any = sdk.images.generate(
            prompt="a fox", **SMALL, output_format="jpeg", output_compression=compression, extra_body={"seed": 3}
        )
        return opened(answer.data[0].b64_json), answer

    rough, answer = answered(0)
    fine, _ = answered(100)
    assert set(fine.quantization[0]) == {1}, "every level of a frequency is kept"
    assert min(rough.quantization[0]) > 100
    plan = httpx.get(f"{url}/images/{answer.data[0].asset_id}/recipe").json()
    assert plan["request"]["stages"]["finish"] == {"file_quality": 0}
    assert {"kind": "finish", "file_quality": 0} in plan["stages"]


def test_what_loses_nothing_is_not_compressed(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="not supported for PNG output format") as caught:
        sdk.images.generate(prompt="a fox", **SMALL, output_compression=50)
    assert caught.value.param == "output_compression"
    assert sdk.images.generate(prompt="a fox", **SMALL, output_compression=100).data


def test_another_compression_is_another_request_for_a_key(sdk: openai.OpenAI) -> None:
    def asked(compression: int) -> Any:
        headers = {"Idempotency-Key": "compress-once"}
        more: dict[str, Any] = {"output_format": "jpeg", "output_compression": compression, "extra_headers": headers}
        return sdk.images.generate(prompt="a fox", **SMALL, **more)

    assert asked(40).job_id == asked(40).job_id
    with pytest.raises(openai.ConflictError):
        asked(60)


def test_a_private_picture_keeps_its_prompt_in_the_studio(sdk: openai.OpenAI) -> None:
    def file(**more: Any) -> bytes:
        answer = sdk.images.generate(prompt="a vermilion fox", **SMALL, extra_body=more)
        assert answer.data
        return base64.b64decode(answer.data[0].b64_json or "")

    assert b"vermilion" in file()
    assert b"vermilion" not in file(private=True)


def test_an_order_is_planned_once(sdk: openai.OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[str] = []

    def plan(request: Any, *more: Any) -> Any:
        planned.append(request.prompt)
        return make_plan(request, *more)

    monkeypatch.setattr(submission, "make_plan", plan)
    sdk.images.generate(prompt="a fox that is planned once", **SMALL)
    assert planned == ["a fox that is planned once"]
