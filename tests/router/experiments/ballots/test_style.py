"""Results with style taken out: what is chosen for its colours alone is no better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.router.experiments.ballots.conftest import PROMPTS, Booth
from tests.router.experiments.ballots.samples import colourfulness
from tests.router.experiments.ballots.test_ballots import refused

RATERS = 10


@pytest.fixture(scope="module")
def coloured(booth: Booth) -> Booth:
    """Ten people who prefer what has more colour, whoever drew it; and three votes on what is not here."""
    rng = np.random.default_rng(11)
    rows = ["left,right,choice,rater,prompt"]
    for number in range(len(PROMPTS)):
        more = colourfulness("klein", number) - colourfulness("champion", number)
        for rater in range(RATERS):
            klein = rng.random() < 1 / (1 + np.exp(-5 * more))
            left, right = ("klein", "champion") if rng.random() < 0.5 else ("champion", "klein")
            choice = "left" if klein == (left == "klein") else "right"
            rows.append(f"{left},{right},{choice},rater-{rater},pair-{number}")
    rows += [f"klein,champion,left,rater-{rater},elsewhere" for rater in range(3)]
    headers = {"Content-Type": "text/csv"}
    taken = booth.api.post("/experiments/colourful/votes", content="\n".join(rows).encode(), headers=headers)
    assert taken.status_code == 201, taken.text
    return booth


def results(booth: Booth, **params: Any) -> dict[str, Any]:
    answer = booth.api.get("/experiments/colourful/results", params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_an_arm_that_wins_by_its_colours_alone_is_no_stronger_without_them(coloured: Booth) -> None:
    found = results(coloured, style=True)
    klein = found["arms"][1]
    assert klein["diff"]["low"] > 0.3, "people prefer what klein draws"
    assert klein["diff_styled"]["low"] < 0 < klein["diff_styled"]["high"]
    assert abs(klein["diff_styled"]["value"]) < klein["diff"]["value"] / 3
    effects = {one["name"]: one["effect"] for one in found["style"]["effects"]}
    assert list(effects) == ["brightness", "contrast", "saturation", "sharpness"]
    assert effects["saturation"]["low"] > 0.3
    assert max(effects, key=lambda name: abs(effects[name]["value"])) == "saturation"
    (note,) = (note for note in found["notes"] if "taken out" in note)
    assert note.startswith("klein: with brightness, contrast, saturation, sharpness taken out the difference is ")


def test_it_says_of_how_many_pictures_and_votes(coloured: Booth) -> None:
    found = results(coloured, style=True)
    style = found["style"]
    assert (style["votes"], style["missing"], style["pictures"]) == (RATERS * len(PROMPTS), 3, 2 * len(PROMPTS))
    assert found["votes"] == style["votes"] + style["missing"]


def test_nothing_is_looked_at_unless_it_is_asked_for(coloured: Booth) -> None:
    found, styled = results(coloured), results(coloured, style=True)
    assert found["style"] is None
    assert [arm["diff_styled"] for arm in found["arms"]] == [None, None]
    counted = ("verdict", "decision", "e_value", "side", "votes")
    assert {name: found[name] for name in counted} == {name: styled[name] for name in counted}
    assert [arm["diff"] for arm in found["arms"]] == [arm["diff"] for arm in styled["arms"]]


def test_without_votes_there_is_no_style_to_take_out(booth: Booth) -> None:
    found = booth.api.get("/experiments/empty/results", params={"style": True}).json()
    assert found["style"] == {"votes": 0, "effects": [], "pictures": 0, "missing": 0}
    assert "style: " in refused(booth.api.get("/experiments/empty/results", params={"style": "much"}), 422)
