"""Pictures that a model has no use for are refused with field, reason and the models that have; others are planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from configs.catalog import Installation
from configs.errors import InvalidRequest, Unsupported
from configs.schema import ControlConfig, ImagePromptConfig, LicencePart, Size
from configs.weights import Weights
from deployments.stages.base import step_seconds, step_work
from router.job_request import JobRequest
from router.jobs.model import LicenceVerdict
from router.licences.verdicts import judge_licences
from router.pictures.names import FoundPicture
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from tests.router.test_abilities import installation, variant

FOUND = {name: FoundPicture("0" * 64, "png", 64, 48) for name in ("a", "b", "c")}
WEIGHTS = Weights(path="none")
STRICT = (LicencePart(part="transformer", licence="flux-1-dev-non-commercial"),)


def plan(where: Installation, rates: Rates | None = None, **job_request: Any) -> Plan:
    asked = JobRequest.model_validate({"prompt": "a red bicycle", **job_request})
    return make_plan(asked, where, rates or Rates(), 7, FOUND)


def refusal(where: Installation, **job_request: Any) -> Unsupported:
    with pytest.raises(Unsupported) as caught:
        plan(where, **job_request)
    return caught.value


def equipped(where: Installation, model: str = "mini", **changes: Any) -> Installation:
    """`where`, with parts for `model` that its YAML does not name."""
    models = dict(where.catalog.models)
    models[model] = models[model].model_copy(update=changes)
    return where.model_copy(update={"catalog": where.catalog.model_copy(update={"models": models})})


MASKED = {"image": "a", "mask": "b"}


@pytest.mark.parametrize(
    ("modes", "job_request", "field", "sentence"),
    [
        (["txt2img"], {"image": "a"}, "image", "mini draws over no pictures: leave image out"),
        (["txt2img"], MASKED, "image", "mini draws over no pictures: leave image out"),
        (["inpaint"], {"image": "a"}, "mask", "mini redraws only what a mask marks: give a mask, too"),
        (["img2img"], MASKED, "mask", "mini redraws whole pictures: leave the mask out"),
        (["img2img"], {"references": ["a"]}, "references", "give the one to draw over in image"),
    ],
)
def test_a_way_of_drawing_that_a_model_lacks_is_refused_and_the_one_that_has_it_named(
    tmp_path: Path, modes: list[str], job_request: dict[str, Any], field: str, sentence: str
) -> None:
    able = variant(modes=("txt2img", "img2img", "inpaint", "edit"), references=2)
    where = installation(tmp_path, variant(modes=tuple(modes)), able)
    error = refusal(where, **job_request)
    assert error.field == field
    assert sentence in error.message
    assert error.message.endswith(", or choose other as model")
    assert plan(where, model="other", **job_request).base.inputs


def test_a_picture_to_draw_over_along_a_control_is_refused_where_none_is_followed_so(tmp_path: Path) -> None:
    can = variant(modes=("txt2img", "img2img", "inpaint"), controls=True, control_modes=("txt2img", "inpaint"))
    net = ControlConfig(weights=WEIGHTS, licence_parts=STRICT)
    where = equipped(installation(tmp_path, can, can), controls={"canny": net})
    controls = [{"kind": "canny", "image": "c"}]
    assert refusal(where, image="a", controls=controls).field == "controls"
    assert plan(where, controls=controls).base.inputs
    assert plan(where, image="a", mask="b", controls=controls).base.inputs


def test_an_editing_model_says_where_pictures_go_and_how_many(tmp_path: Path) -> None:
    where = installation(tmp_path, variant(modes=("edit",), references=1))
    assert "give the picture in references" in refusal(where, image="a").message
    error = refusal(where, references=["a", "b"])
    assert (error.field, error.message) == ("references", "mini changes one picture at once, not 2")
    assert plan(where, references=["a"]).base.strength is None  # though it draws nothing from words alone


def test_a_control_that_a_model_lacks_is_refused_with_those_it_has(tmp_path: Path) -> None:
    control = ControlConfig(weights=WEIGHTS, licence_parts=STRICT)
    where = equipped(installation(tmp_path, variant(controls=True)), controls={"canny": control})
    error = refusal(where, controls=[{"kind": "pose", "image": "a"}])
    assert (error.field, error.allowed) == ("controls", ("canny",))
    with pytest.raises(InvalidRequest, match="'start' must be below 'end'"):
        plan(where, controls=[{"kind": "canny", "image": "a", "start": 0.6, "end": 0.5}])
    (picture,) = plan(where, controls=[{"kind": "canny", "image": "a", "scale": 0.5, "end": 0.8}]).base.inputs
    assert (picture.kind, picture.scale, picture.start, picture.end) == ("canny", 0.5, 0.0, 0.8)


def test_what_reads_a_picture_counts_in_the_verdict_where_it_is_used(tmp_path: Path) -> None:
    where = equipped(
        installation(tmp_path, variant(controls=True)),
        controls={"canny": ControlConfig(weights=WEIGHTS, licence_parts=STRICT)},
        image_prompt=ImagePromptConfig(kind="redux", weights=WEIGHTS, licence_parts=STRICT),
    )
    assert judge_licences(plan(where), where.catalog).product == "allowed"
    requests: list[dict[str, Any]] = [
        {"controls": [{"kind": "canny", "image": "a"}]},
        {"image_prompts": [{"image": "a"}]},
    ]
    for job_request in requests:
        verdict = judge_licences(plan(where, **job_request), where.catalog)
        assert verdict.product == "refused"
        assert verdict.reasons[0].startswith("mini, ")


def test_a_picture_for_reference_stays_one_whatever_changes_it(tmp_path: Path) -> None:
    where = installation(tmp_path, variant())
    source = LicenceVerdict(
        reference="allowed", internal="conditional", product="refused", licences=("x",), reasons=("because",)
    )
    verdict = judge_licences(plan(where, image="a"), where.catalog, [source])
    assert (verdict.internal, verdict.product, verdict.reasons) == ("conditional", "refused", ("because",))
    assert set(verdict.licences) > {"x"}


@pytest.mark.parametrize(
    ("steps", "strength", "taken"), [(20, 0.75, 15), (20, 0.72, 15), (20, 0.05, 1), (30, 0.1, 3), (20, 1.0, 20)]
)
def test_a_redrawn_picture_takes_its_share_of_the_steps(
    tmp_path: Path, steps: int, strength: float, taken: int
) -> None:
    where = installation(tmp_path, variant())
    base = plan(where, image="a", strength=strength, num_inference_steps=steps).base
    assert base.taken_steps == taken
    whole = plan(where, num_inference_steps=steps).base.estimated_seconds
    assert base.estimated_seconds == pytest.approx(whole * taken / steps)


def test_a_strength_that_leaves_nothing_is_refused_with_one_that_does_not(tmp_path: Path) -> None:
    where = installation(tmp_path, variant())
    with pytest.raises(InvalidRequest, match=r"give 0\.034 or more"):
        plan(where, image="a", strength=0.03, num_inference_steps=30)
    assert plan(where, image="a", strength=0.034, num_inference_steps=30).base.taken_steps >= 1


def test_steps_that_look_at_pictures_are_timed_apart(tmp_path: Path) -> None:
    where = installation(tmp_path, variant(modes=("txt2img", "edit"), references=3))
    rates, size = Rates(), Size(width=128, height=128)
    model = where.catalog.models["mini"]
    rates.observe(step_work("mini", size), 1.0)
    assert step_seconds(rates, model, size, 2) == 1.0
    rates.observe(step_work("mini", size, 2), 3.0)
    assert (step_seconds(rates, model, size), step_seconds(rates, model, size, 2)) == (1.0, 3.0)
    assert plan(where, rates, references=["a", "b"]).base.estimated_seconds == 3.0 * 20
