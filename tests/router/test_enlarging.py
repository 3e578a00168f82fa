"""How far a picture is enlarged, and with what: the request's word, then the asset type's, then the quality's wish."""

from __future__ import annotations

from typing import Any

import pytest

from configs.catalog import Installation
from configs.errors import InvalidRequest, UnknownName
from configs.schema import ControlConfig, LicencePart
from configs.weights import Weights
from deployments.messages import Inputs
from deployments.stages.kind import Work
from deployments.stages.tile import TILE, TileRequest, TileStage
from deployments.stages.upscale import UPSCALE, UpscaleStage
from deployments.stages.upscaler import UpscaleRequest
from router.job_request import JobRequest
from router.licences.verdicts import judge_licences
from router.notes import NoteCode
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from tests.catalogue import load_installation
from tests.deployments.pictures import RECIPE

LOCAL = load_installation("local")


def plan(studio: Installation = LOCAL, **said: Any) -> Plan:
    return make_plan(JobRequest.model_validate({"prompt": "a red bicycle", **said}), studio, Rates(), 1)


def enlarged(plan: Plan) -> tuple[str, str, int] | None:
    stage = plan.find(UpscaleStage)
    return None if stage is None else (stage.upscaler, str(stage.size), stage.passes)


@pytest.mark.parametrize(("factor", "size"), [(1, "512x512"), (2, "1024x1024"), (4, "2048x2048")])
def test_a_factor_makes_the_usual_size_so_many_times_as_large(factor: int, size: str) -> None:
    made = plan(stages={"upscale": {"factor": factor}})
    assert str(made.size) == size
    assert enlarged(made) == ("mini-x4", size, 1 if factor == 1 else 2)


def test_a_draft_is_enlarged_from_what_the_model_draws() -> None:
    made = plan(quality="draft", stages={"upscale": {"factor": 2}})
    assert (str(made.base.size), str(made.size)) == ("128x128", "256x256")
    assert enlarged(made) == ("mini-x4", "256x256", 1)
    stage = made.find(UpscaleStage)
    assert stage is not None
    message = UPSCALE.message(stage, Work("job/0", 1, RECIPE, Inputs()))
    assert message == UpscaleRequest(1, 256, 256)


def test_a_request_chooses_what_enlarges() -> None:
    made = plan(size="512x512", stages={"upscale": {"upscaler": "lanczos"}})
    assert enlarged(made) == ("lanczos", "512x512", 1)
    assert made.stages[1].deployment == "upscaler-lanczos"
    assert all("lanczos" not in licence for licence in judge_licences(made, LOCAL.catalog, []).licences)


def test_an_upscaler_that_is_not_placed_is_refused_with_those_that_are() -> None:
    with pytest.raises(
        UnknownName, match=r"'swin2sr-x2' is not an upscaler .*choose one of mini-x4, lanczos"
    ) as caught:
        plan(stages={"upscale": {"upscaler": "swin2sr-x2"}})
    assert caught.value.field == "stages.upscale.upscaler"


def test_an_asset_types_upscaler_that_is_not_placed_is_a_note() -> None:
    icon = LOCAL.catalog.asset_types["icon"].model_copy(update={"stages": {"upscale": {"upscaler": "swin2sr-x2"}}})
    catalog = LOCAL.catalog.model_copy(update={"asset_types": {**LOCAL.catalog.asset_types, "icon": icon}})
    made = plan(LOCAL.model_copy(update={"catalog": catalog}), quality="high")
    assert [note.code for note in made.notes] == [NoteCode.SIZE_CAPPED, NoteCode.STAGE_LEFT_OUT]
    assert (enlarged(made), str(made.size)) == (None, "512x512")


def test_a_size_and_a_factor_are_one_too_many() -> None:
    with pytest.raises(InvalidRequest, match="size says already") as caught:
        plan(size="512x512", stages={"upscale": {"factor": 2}})
    assert caught.value.field == "stages.upscale.factor"


FLUX = load_installation("gpu")
FLUX_SAID: dict[str, Any] = {"model": "flux-1-dev", "asset_type": "product_illustration"}


@pytest.mark.parametrize("quality", ["high", "ultra"])
def test_what_a_quality_wishes_and_a_model_cannot_is_a_note(quality: str) -> None:
    made = plan(FLUX, quality=quality, **FLUX_SAID)
    assert str(made.size) == "1024x1024"
    assert enlarged(made) is None
    (note,) = (note for note in made.notes if note.code == NoteCode.SIZE_CAPPED)
    assert "flux-1-dev has no upscaler, so it is 1024x1024" in note.message


def test_what_a_request_insists_on_and_a_model_cannot_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"4096x4096 is too large for flux-1-dev, which has no upscaler") as caught:
        plan(FLUX, **FLUX_SAID, stages={"upscale": {"factor": 4}})
    assert caught.value.field == "stages.upscale.factor"


def test_any_model_is_enlarged_by_what_the_request_names() -> None:
    assert enlarged(plan(FLUX, **FLUX_SAID, quality="high", stages={"upscale": {"upscaler": "mini-x4"}})) == (
        "mini-x4",
        "2048x2048",
        1,
    )


def test_nothing_is_enlarged_where_the_request_wants_none() -> None:
    made = plan(quality="high", stages={"upscale": False})
    assert (enlarged(made), str(made.size)) == (None, "128x128")
    with pytest.raises(InvalidRequest, match="mini draws up to 128x128") as caught:
        plan(size="512x512", stages={"upscale": False})
    assert caught.value.field == "stages.upscale"


def test_tiles_are_redrawn_by_what_drew_them_and_without_its_words() -> None:
    made = plan(size="512x512", stages={"tile": {}}, seed=5)
    assert [stage.kind for stage in made.stages][:3] == ["base", "upscale", "tile"]
    stage = made.find(TileStage)
    assert stage is not None
    assert (stage.deployment, stage.tiles, str(stage.tile), str(stage.size)) == (
        made.base.deployment,
        25,
        "128x128",
        "512x512",
    )
    assert (stage.strength, stage.taken_steps, stage.control_scale) == (0.15, 3, None)
    message = TILE.message(stage, Work("job/0", 5, RECIPE, Inputs(), picture="the picture"))
    assert isinstance(message, TileRequest)
    assert (message.drawing.image, message.drawing.prompt, message.drawing.seed) == ("the picture", "", 5)
    assert stage.estimated_seconds > made.base.estimated_seconds


@pytest.mark.parametrize(
    ("said", "field", "why"),
    [
        ({"quality": "draft"}, "stages.tile", "draws 128x128 as a whole"),
        ({"stages": {"tile": {}, "upscale": {"factor": 4}}}, "stages.tile", "is 441 tiles of 128x128"),
        (
            {"size": "512x512", "stages": {"tile": {"strength": 0.05}}, "num_inference_steps": 10},
            "stages.tile.strength",
            "leaves none of 10 steps: give 0.1",
        ),
    ],
)
def test_tiles_that_cannot_be_are_refused(said: dict[str, Any], field: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why) as caught:
        plan(**{"stages": {"tile": {}}, **said})
    assert caught.value.field == field


def test_a_model_with_a_tile_control_follows_it() -> None:
    model = FLUX.catalog.models["flux-1-dev"]
    part = LicencePart(part="control", licence="mit")
    control = ControlConfig(weights=Weights(path="nowhere"), licence_parts=(part,))
    controlled = model.model_copy(update={"controls": {"tile": control}})
    catalog = FLUX.catalog.model_copy(update={"models": {**FLUX.catalog.models, "flux-1-dev": controlled}})
    studio = FLUX.model_copy(update={"catalog": catalog})
    made = plan(studio, **FLUX_SAID, quality="high", stages={"upscale": {"upscaler": "lanczos"}, "tile": {}})
    stage = made.find(TileStage)
    assert stage is not None
    assert (stage.control_scale, stage.strength, stage.tiles) == (1.0, 0.4, 9)
    assert "along its tile ControlNet" in made.notes[-1].message
    assert [*TILE.licence_parts(stage, catalog)] == [("flux-1-dev, control tile", part)]
