"""A plan settles everything: stages, sizes, seeds, estimates; what cannot be is refused by name."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from configs.errors import InvalidRequest, UnknownName
from configs.noise import Neighbourhood, SeedVariation
from configs.schema import Size
from deployments.stages.base import step_work
from deployments.stages.upscale import UpscaleStage
from router.job_request import JobRequest
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from tests.catalogue import load_installation

INSTALLATION = load_installation("local")


def _plan(**job_request: object) -> Plan:
    values = {"prompt": "a red bicycle", **job_request}
    return make_plan(JobRequest.model_validate(values), INSTALLATION, Rates(), first_seed=7)


def test_the_template_of_the_asset_type_surrounds_the_prompt() -> None:
    plan = _plan(asset_type="product_illustration")
    assert plan.base.full_prompt.startswith("a red bicycle, product illustration style")
    assert plan.prompt == "a red bicycle"


def test_braces_in_a_prompt_are_just_characters() -> None:
    assert _plan(prompt="a {curly} {0} {prompt} cat").base.full_prompt.startswith("a {curly} {0} {prompt} cat, ")


def test_each_variation_has_its_own_seed_and_a_given_seed_counts_up() -> None:
    assert _plan(num_variations=3).seeds == (7, 8, 9)
    assert _plan(num_variations=2, seed=2**32 - 1).seeds == (2**32 - 1, 0)


def test_a_size_beyond_native_comes_from_the_upscaler_and_the_plan_says_so() -> None:
    plan = _plan(size="512x512")
    assert plan.base.size == Size(width=128, height=128)
    upscale = plan.find(UpscaleStage)
    assert upscale is not None
    assert (upscale.passes, str(upscale.size)) == (1, "512x512")
    assert "mini draws 128x128; mini-x4 enlarges it 4 times" in plan.notes[0].message


def test_a_size_between_two_enlargements_is_made_by_two_and_exact() -> None:
    plan = _plan(size="1024x1024")
    upscale = plan.find(UpscaleStage)
    assert upscale is not None
    assert (upscale.passes, str(upscale.size), str(plan.size)) == (2, "1024x1024", "1024x1024")


def test_a_draft_is_drawn_as_the_model_draws_it() -> None:
    plan = _plan(quality="draft")
    assert plan.find(UpscaleStage) is None
    assert str(plan.size) == "128x128"
    assert plan.base.num_inference_steps == INSTALLATION.catalog.models["mini"].steps["draft"]


def test_the_native_size_of_the_same_shape_is_chosen() -> None:
    assert str(_plan(asset_type="product_illustration", size="640x384").base.size) == "160x96"
    assert str(_plan(asset_type="product_illustration", size="384x640").base.size) == "96x160"


@pytest.mark.parametrize("quality", sorted(INSTALLATION.catalog.qualities))
@pytest.mark.parametrize("asset_type", sorted(INSTALLATION.catalog.asset_types))
def test_every_asset_type_can_be_had_in_every_quality_and_size(asset_type: str, quality: str) -> None:
    for size in INSTALLATION.catalog.asset_types[asset_type].sizes:
        if size.width > 2048:  # mini and its upscaler get no further
            with pytest.raises(InvalidRequest, match="more than 16 times"):
                _plan(asset_type=asset_type, quality=quality, size=str(size))
            continue
        plan = _plan(asset_type=asset_type, quality=quality, size=str(size))
        assert plan.size == size
        assert plan.estimated_seconds > 0


@pytest.mark.parametrize(
    ("job_request", "field", "named"),
    [
        ({"model": "flux"}, "model", "mini"),
        ({"asset_type": "iconn"}, "asset_type", "icon"),
        ({"quality": "best"}, "quality", "draft"),
        ({"size": "0x0"}, "size", "512x512"),
        ({"size": "1000000x1000000"}, "size", "512x512"),
        ({"size": "banana"}, "size", "512x512"),
    ],
)
def test_an_unknown_name_lists_what_there_is(job_request: dict[str, object], field: str, named: str) -> None:
    with pytest.raises(UnknownName) as caught:
        _plan(**job_request)
    assert caught.value.field == field
    assert named in caught.value.allowed
    assert named in caught.value.message


def test_limits_of_the_installation_are_named() -> None:
    with pytest.raises(InvalidRequest, match="at most 2000 are allowed"):
        _plan(prompt="x" * 2001)
    with pytest.raises(InvalidRequest, match="num_variations may be 1 to 8"):
        _plan(num_variations=1000)
    with pytest.raises(InvalidRequest, match="product_illustration comes as png, webp, jpeg, avif, not as svg"):
        _plan(asset_type="product_illustration", formats=["svg"])


def test_estimates_follow_what_was_measured() -> None:
    rates = Rates()
    job_request = JobRequest(prompt="x", size="512x512")
    before = make_plan(job_request, INSTALLATION, rates, 1).base.estimated_seconds
    rates.observe(step_work("mini", Size(width=128, height=128)), 10 * before / 20)
    after = make_plan(job_request, INSTALLATION, rates, 1)
    assert math.isclose(after.base.estimated_seconds, 10 * before)


def test_further_pictures_cost_the_slowest_stage_each() -> None:
    one, four = _plan(), _plan(num_variations=4)
    stages = [stage.estimated_seconds for stage in four.stages]
    assert len(stages) == 5
    assert math.isclose(four.estimated_seconds - one.estimated_seconds, 3 * max(stages))


def test_a_model_without_an_upscaler_says_what_it_draws(tmp_path: Path) -> None:
    flux = load_installation("gpu")
    job_request = JobRequest(prompt="x", model="flux-1-dev", asset_type="product_illustration", size="2048x2048")
    with pytest.raises(InvalidRequest, match="flux-1-dev draws up to 1024x1024 and has no upscaler"):
        make_plan(job_request, flux, Rates(), 1)


def test_pictures_near_another_begin_with_its_noise_and_turn_it_towards_their_own() -> None:
    before = SeedVariation(seed=9, strength=0.4)
    near = {"seed": 1, "strength": 0.2, "variations": [before.model_dump()]}
    plan = _plan(num_variations=2, seed=50, near=near)
    assert plan.seeds == (50, 51)
    turned = (before, SeedVariation(seed=51, strength=0.2))
    assert plan.noise(1) == (1, turned)
    assert _plan(num_variations=2, seed=50).noise(1) == (51, ())
    assert plan.base.near == Neighbourhood.model_validate(near)


def test_what_is_drawn_over_a_picture_is_near_none() -> None:
    with pytest.raises(InvalidRequest) as refused:
        _plan(image="pic_1", near={"seed": 1, "strength": 0.2})
    assert refused.value.field == "near"
