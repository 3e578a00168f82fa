"""Mini draws fifty pictures again, each the same to the byte but for its signature; with another sampler it does not,
and the receipt says that it is the sampler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.provenance.removing import unsigned
from tests.router.calls import wait
from tests.router.replays.mini import bring, drawing_mini, mini_with_shift, with_pictures
from tests.router.replays.orders import BESIDE, ORDERS

pytestmark = [pytest.mark.studio, pytest.mark.slow]


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, dict[str, str]]]:
    with drawing_mini(tmp_path_factory.mktemp("mini")) as api:
        yield api, bring(api)


def drawn(api: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(path, json=body)
    assert answer.status_code == 202, answer.text
    job = wait(api, answer.json()["job_id"], 120)
    assert job["status"] == "complete", job
    return job


def test_there_are_fifty() -> None:
    assert len(ORDERS) == 50


@pytest.mark.parametrize("order", ORDERS)
def test_a_picture_of_mini_is_drawn_again_to_the_byte(mini: tuple[httpx.Client, dict[str, str]], order: str) -> None:
    api, brought = mini
    image = drawn(api, "/generate", with_pictures(ORDERS[order], brought))["images"][-1]
    again = drawn(api, f"/images/{image['asset_id']}/replay", {})
    receipt = again["replay"]
    assert (receipt["identical"], receipt["same_files"], receipt["differences"]) == (True, True, []), receipt
    for one, other in zip(image["files"], again["images"][0]["files"], strict=True):
        assert unsigned(api.get(one["url"]).content) == unsigned(api.get(other["url"]).content)


@pytest.mark.parametrize("order", BESIDE)
def test_what_was_drawn_beside_others_differs_by_rounding_at_most(
    mini: tuple[httpx.Client, dict[str, str]], order: str
) -> None:
    api, brought = mini
    image = drawn(api, "/generate", with_pictures(BESIDE[order], brought))["images"][-1]
    receipt = drawn(api, f"/images/{image['asset_id']}/replay", {})["replay"]
    assert receipt["differences"] == []
    if not receipt["identical"]:
        assert receipt["pixels"]["psnr"] > 40, receipt
        assert "what was drawn beside it" in receipt["sentence"]


def test_another_sampler_is_the_reason(tmp_path: Path) -> None:
    with drawing_mini(tmp_path) as api:
        image = drawn(api, "/generate", with_pictures({}, {}))["images"][0]
    with drawing_mini(tmp_path, mini_with_shift(tmp_path, 3.0)) as api:
        receipt = drawn(api, f"/images/{image['asset_id']}/replay", {})["replay"]
    assert not receipt["identical"]
    assert receipt["pixels"]["largest"] > 0
    assert [(one["what"], one["name"]) for one in receipt["differences"]] == [
        ("sampler", ""),
        ("weights", "mini with its sampler's settings"),
    ]
