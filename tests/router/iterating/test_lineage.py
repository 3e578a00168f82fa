"""The lineage of a job: what made it and what came of it, deleted uploads and the jobs of other owners included."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.router.calls import submit, wait
from tests.router.iterating.test_calls import order


def lineage(api: httpx.Client, job_id: str, **params: Any) -> dict[str, Any]:
    answer = api.get(f"/jobs/{job_id}/lineage", params=params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def told(lines: list[dict[str, Any]]) -> list[tuple[int, str, str, str]]:
    return [(line["depth"], line["call"], line["job_id"], line["parent"]) for line in lines]


@pytest.mark.slow
def test_every_call_is_a_line_both_ways(api: httpx.Client) -> None:
    root = wait(api, submit(api, formats=["png"]))["job_id"]
    more = order(api, "regenerate", job_id=root, num_variations=1)["job_id"]
    like = order(api, "like", asset_id=f"{more}/0", num_variations=1)["job_id"]
    blue = order(api, "tweak", asset_id=f"{like}/0", prompt="a blue bicycle")["job_id"]
    done = order(api, "finish", asset_id=f"{blue}/0")["job_id"]
    edit = wait(api, submit(api, image=f"{blue}/0", formats=["png"]))["job_id"]
    found = lineage(api, blue)
    assert told(found["ancestors"]) == [
        (1, "tweak", blue, f"{like}/0"),
        (2, "like", like, f"{more}/0"),
        (3, "regenerate", more, root),
    ]
    assert sorted(told(found["descendants"])) == sorted(
        [(1, "finish", done, f"{blue}/0"), (1, "image", edit, f"{blue}/0")]
    )
    assert found["is_whole"]
    assert found["ancestors"][2]["prompt"] == "a red bicycle"
    assert found["ancestors"][0]["url"].endswith(f"/jobs/{like}")
    short = lineage(api, blue, depth=2)
    assert (len(short["ancestors"]), short["is_whole"]) == (2, False)
    assert [line["call"] for line in lineage(api, root)["descendants"]][:3] == ["regenerate", "like", "tweak"]
    picture = wait(api, blue)["images"][0]["asset_id"]
    assert api.get(f"/assets/{picture}/lineage").json() == found


def test_an_upload_that_was_deleted_stays_as_a_line(api: httpx.Client) -> None:
    file = BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")
    upload = api.post("/pictures", files={"file": file.getvalue()}).json()["picture_id"]
    made = wait(api, submit(api, image=upload, formats=["png"]))["job_id"]
    (line,) = lineage(api, made)["ancestors"]
    assert (line["call"], line["parent"], line["deleted"]) == ("image", upload, False)
    assert told(api.get(f"/assets/{upload}/lineage").json()["descendants"]) == [(1, "image", made, upload)]
    assert api.delete(f"/pictures/{upload}").status_code == 204
    (line,) = lineage(api, made)["ancestors"]
    assert (line["parent"], line["deleted"], line["status"]) == (upload, True, None)
    refused = api.post("/tweak", json={"asset_id": f"{made}/0", "prompt": "a blue bicycle"}).json()["error"]
    assert (refused["code"], refused["field"]) == ("missing_asset", "asset_id")
    assert upload in refused["message"]
