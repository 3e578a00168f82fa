"""`images.edit` of OpenAI's own SDK: pictures and masks as its guide makes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import openai
import pytest

from tests.router.openai.pictures import mask_with_hole, opened, png

SMALL: dict[str, Any] = {"quality": "low", "model": "mini"}


def job_of(url: str, answer: Any) -> dict[str, Any]:
    job: dict[str, Any] = httpx.get(f"{url}/jobs/{answer.job_id}").json()
    return job


def test_a_picture_is_redrawn(sdk: openai.OpenAI, url: str) -> None:
    answer = sdk.images.edit(image=("a.jpg", png(format="JPEG")), prompt="a green tree", **SMALL, size="128x128")
    assert answer.data
    assert opened(answer.data[0].b64_json).size == (128, 128)
    job = job_of(url, answer)
    assert [one["role"] for one in job["inputs"]] == ["image"]
    assert job["strength"] == 0.75


def test_a_mask_keeps_what_is_opaque_to_the_last_bit(sdk: openai.OpenAI, url: str) -> None:
    answer = sdk.images.edit(
        image=png(colour="navy"), mask=mask_with_hole(), prompt="a green tree", n=2, size="128x128", model="mini"
    )
    assert answer.data
    assert len(answer.data) == 2
    for one in answer.data:
        drawn = opened(one.b64_json).convert("RGB")
        assert {drawn.getpixel((x, y)) for x in range(70, 128) for y in range(128)} == {(0, 0, 128)}
        assert drawn.getpixel((40, 40)) != (0, 0, 128), "nothing was redrawn"
    assert [one["role"] for one in job_of(url, answer)["inputs"]] == ["image", "mask"]


def test_a_list_of_one_picture_is_a_picture_and_an_edit_is_streamed(sdk: openai.OpenAI) -> None:
    events = list(sdk.images.edit(image=[png()], prompt="a tree", stream=True, **SMALL))
    assert [event.type for event in events] == ["image_edit.completed"]


def test_how_much_is_redrawn_can_be_said(sdk: openai.OpenAI, url: str) -> None:
    faithful = sdk.images.edit(image=png(), prompt="a tree", input_fidelity="high", **SMALL)
    assert job_of(url, faithful)["strength"] == 0.5
    more: dict[str, Any] = {"strength": 0.3, "seed": 9, "loras": [{"id": "mini-dusk", "strength": 0.4}, "mini-ember"]}
    exact = sdk.images.edit(image=png(), prompt="a tree", **SMALL, extra_body=more)
    job = job_of(url, exact)
    assert (job["strength"], job["seeds"]) == (0.3, [9])
    assert [one["id"] for one in job["loras"]] == ["mini-dusk", "mini-ember"]


def test_whose_a_picture_is_counts_for_what_comes_of_it(sdk: openai.OpenAI, url: str) -> None:
    own = sdk.images.edit(image=png(colour="teal"), prompt="a tree", **SMALL, extra_body={"right": "own"})
    unknown = sdk.images.edit(image=png(colour="pink"), prompt="a tree", **SMALL)
    assert job_of(url, own)["licence"]["product"] == "allowed"
    assert job_of(url, unknown)["licence"]["product"] != "allowed"


def test_an_edit_that_comes_again_is_one_job(sdk: openai.OpenAI, url: str) -> None:
    def edit(colour: str) -> Any:
        headers = {"Idempotency-Key": "edit-once"}
        return sdk.images.edit(image=png(colour=colour), prompt="a tree", **SMALL, extra_headers=headers)

    first, before = edit("red"), len(uploads(url))
    assert edit("red").job_id == first.job_id
    assert len(uploads(url)) == before
    with pytest.raises(openai.ConflictError):
        edit("blue")


def uploads(url: str) -> list[Any]:
    found: list[Any] = httpx.get(f"{url}/pictures", params={"limit": 200}).json()["pictures"]
    return found


@pytest.mark.parametrize(
    ("said", "param", "words"),
    [
        ({"mask": mask_with_hole((64, 64))}, "mask", "the mask is 64x64 and the picture 128x128"),
        ({"mask": png()}, "mask", "the mask has no transparent part"),
        ({"mask": b"no picture"}, "mask", "mask: this file is no picture"),
        ({"image": b""}, "image", "the file is empty"),
        ({"image": b"GIF89a"}, "image", "breaks off"),
        ({"image": [png()] * 2}, "image", "mini takes 1 picture, and 2 came"),
        ({"image": [png()] * 17}, "image", "16 pictures at most; 17 came"),
        ({"size": "123x45"}, "size", "'123x45' is not a size of product_illustration on mini; choose one of"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_of_it_stays(
    sdk: openai.OpenAI, url: str, said: dict[str, Any], param: str, words: str
) -> None:
    before = len(uploads(url)), len(httpx.get(f"{url}/jobs").json()["jobs"])
    with pytest.raises(openai.BadRequestError) as refused:
        sdk.images.edit(**{"image": png(), "prompt": "a tree", **SMALL, **said})
    assert refused.value.param == param
    assert words in refused.value.message
    assert (len(uploads(url)), len(httpx.get(f"{url}/jobs").json()["jobs"])) == before


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"json": {"prompt": "a tree"}}, "send a form (multipart/form-data)"),
        ({"data": {"prompt": "a tree"}}, "send a form (multipart/form-data)"),
        ({"files": {"prompt": (None, "a tree")}}, "'image' is missing"),
        ({"files": {"image": (None, "text"), "prompt": (None, "a tree")}}, "'image' must be a file"),
        ({"files": {"image": png()}}, "'prompt' is missing"),
        ({"files": {"image": png(), "prompt": (None, "x"), "a]b": (None, "x")}}, "'a]b' is no name of a field"),
        ({"files": {"image": png(), "prompt": (None, "x"), "n": (None, "many")}}, "n: must be a whole number"),
    ],
)
def test_a_form_that_is_none_is_refused_in_words(url: str, sent: dict[str, Any], words: str) -> None:
    answer = httpx.post(f"{url}/v1/images/edits", **sent)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert words in error["message"]
    assert error["type"] == "invalid_request_error"


def test_what_came_with_an_edit_is_kept_for_a_while(sdk: openai.OpenAI, url: str) -> None:
    sdk.images.edit(image=png(colour="olive"), mask=mask_with_hole(), prompt="a tree", **SMALL)
    picture, mask = uploads(url)[:2]
    kept = httpx.post(f"{url}/pictures", files={"file": png(colour="black")}).json()
    for one in (picture, mask):
        left = datetime.fromisoformat(one["kept_until"]) - datetime.now(UTC)
        assert timedelta(days=6) < left <= timedelta(days=7)
    assert kept["kept_until"] is None
