"""The stage that keeps a picture to a brand: which way it takes, what it measures, and what its kit says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deployments.messages import Done, Picture
from deployments.stages.brand_colours import Palette, PaletteRequest, PaletteStage
from tests.deployments.pictures import icon
from tests.deployments.stages.test_brand_pull import BLUE, GOLD, INK, PAPER, RED, ROLES, ball

pytestmark = pytest.mark.anyio
COLOURS = (RED, BLUE, INK, PAPER, GOLD)
REQUEST = PaletteRequest(COLOURS, 1.0, "auto", ROLES, (0.05,) * 5)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def shaded() -> Picture:
    return Picture(256, 256, ball().tobytes())


async def pulled(picture: Picture, request: PaletteRequest = REQUEST) -> Done:
    replica = Palette()
    done = await replica.pull(picture, request)
    replica.close()
    assert done.seconds > 0
    return done


async def test_a_flat_picture_comes_in_exactly_the_colours_of_its_brand() -> None:
    done = await pulled(icon())
    assert done.scores["palette_adherence_before"] < 0.94 < 0.985 < done.scores["palette_adherence"]
    assert done.scores["palette_de_p95"] == 0.0
    assert done.notes == ()


async def test_a_shaded_picture_keeps_its_shading_unless_it_is_to_be_flat() -> None:
    soft, flat = await pulled(shaded()), await pulled(shaded(), replace(REQUEST, mode="snap"))
    few, many = (len(np.unique(np.frombuffer(one.picture.rgb, np.uint8))) for one in (flat, soft))
    assert few < 60 < many
    assert soft.notes == ()
    assert flat.notes == ("palette: this picture is shaded; mode snap has made it flat",)
    assert flat.scores["palette_adherence"] > 0.9


async def test_transparency_and_size_stay() -> None:
    alpha = bytes(range(256)) * 16
    done = await pulled(replace(icon(64), alpha=alpha))
    assert (done.picture.width, done.picture.height, done.picture.alpha) == (64, 64, alpha)


async def test_a_plan_of_before_there_was_a_choice_is_understood_as_then() -> None:
    stage = PaletteStage.model_validate(
        {"deployment": "palette", "colours": ["#d13438"], "strength": 1, "megapixels": 1, "estimated_seconds": 1}
    )
    assert (stage.mode, stage.entries) == ("snap", ())
