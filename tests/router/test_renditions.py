"""Which files a picture comes as: sizes and formats that are asked for, and what cannot be."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from configs.errors import InvalidRequest
from deployments.stages.finish import FinishStage
from router.job_request import JobRequest
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from tests.catalogue import load_installation
from tests.router.calls import submit, wait

WHOLE_ICONS = True

INSTALLATION = load_installation("local")


def _plan(**asked: object) -> Plan:
    request = JobRequest.model_validate({"prompt": "a red bicycle", **asked})
    return make_plan(request, INSTALLATION, Rates(), first_seed=7)


def _finish(**request: Any) -> FinishStage:
    stage = _plan(**request).find(FinishStage)
    assert stage is not None
    return stage


def test_the_largest_of_several_sizes_is_the_picture_and_the_others_are_further_ones() -> None:
    finish = _finish(sizes=["256x256", "1024x1024", "512x512", "64x64"])
    assert (str(finish.size), [str(size) for size in finish.sizes]) == ("1024x1024", ["256x256", "512x512", "64x64"])
    small = _finish(sizes=["16x16", "32x32"])
    assert (str(small.size), [str(size) for size in small.sizes]) == ("512x512", ["16x16", "32x32"])
    own = _finish(size="512x512", sizes=["512x512", "512x256"])
    assert [str(size) for size in own.sizes] == ["512x256"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"size": "256x256", "sizes": ["512x512"]}, "512x512 is larger than the picture, which is 256x256"),
        ({"sizes": ["4x4"]}, "4x4 is too small to be seen"),
        ({"sizes": ["9000x9000"]}, "9000x9000 is too large"),
        ({"sizes": ["64x64"], "formats": ["svg"]}, "svg are of any size: ask for png, too"),
    ],
)
def test_sizes_that_cannot_be_written_are_refused(asked: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidRequest, match=why) as caught:
        _plan(**asked)
    assert caught.value.field == "sizes"


def test_any_format_of_pixels_can_be_asked_for_and_outlines_of_flat_art() -> None:
    assert _finish(formats=["avif", "pdf", "jpeg"]).formats == ("avif", "pdf", "jpeg")
    assert _finish(asset_type="product_illustration", formats=["jpeg"]).formats == ("jpeg",)
    with pytest.raises(InvalidRequest, match="it is no flat art"):
        _plan(asset_type="product_illustration", formats=["pdf"])


def test_one_job_gives_every_size_under_names_of_their_own(api: httpx.Client) -> None:
    asked = {"size": "256x256", "sizes": ["64x64", "32x48"], "formats": ["png", "jpeg", "pdf"]}
    (image,) = wait(api, submit(api, **asked))["images"]
    files = [(file["format"], file.get("size")) for file in image["files"]]
    assert files[:2] == [("png", None), ("jpeg", None)]
    assert files[-4:] == [(kind, size) for size in ("64x64", "32x48") for kind in ("png", "jpeg")]
    assert image["url"] == image["files"][0]["url"]
    for file in image["files"]:
        answer = httpx.get(file["url"])
        assert (answer.headers["content-type"], len(answer.content)) == (file["media_type"], file["size_bytes"])
        if file["format"] in ("png", "jpeg"):
            shown = Image.open(io.BytesIO(answer.content)).size
            assert "x".join(map(str, shown)) == (file.get("size") or "256x256")
    named = httpx.get(f"{image['files'][-1]['url']}&download=1").headers["content-disposition"]
    assert named == f'attachment; filename="icon-{image["seed"]}-32x48.jpeg"'
    missing = httpx.get(image["url"], params={"size": "65x65"})
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
