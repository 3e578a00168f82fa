"""What a model cannot do is refused with field, reason and alternatives; what an asset type brings along is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from configs import load
from configs.capabilities import Capabilities, CapabilityTable
from configs.catalog import Installation
from configs.errors import Unsupported
from deployments.families.registry import FAMILIES
from router.job_request import JobRequest
from router.placement import models_for
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from tests.catalogue import add_lora, add_model, copy_configs, edit

FLUX = FAMILIES.table().families["flux"]
ABLE: dict[str, Any] = {"guidance": "classifier-free", "negative_prompt": True}


def variant(**changes: Any) -> Capabilities:
    return FLUX["base"].model_copy(update=changes)


def flux_as(variants: dict[str, Capabilities]) -> CapabilityTable:
    """The table as it is, but for flux."""
    return CapabilityTable(families={**FAMILIES.table().families, "flux": variants})


def installation(folder: Path, can: Capabilities, other: Capabilities | None = None) -> Installation:
    """The local profile, whose mini can do `can`; beside it the model `other` where that is given."""
    root = copy_configs(folder)
    add_lora(root, "icons")
    edit(root / "configs/models/mini.yaml", "family: flux\n", "family: flux\nvariant: mini\n")
    edit(root / "configs/models/mini.yaml", "guidance_scale: 3.5", "guidance_scale: 0")
    variants = {**FLUX, "mini": can}
    if other is not None:
        edit(add_model(root, "other", "flux"), "variant: mini", "variant: other")
        edit(root / "configs/profiles/local.yaml", "generators:\n", "generators:\n  - model: other\n")
        variants["other"] = other
    return load.load_installation("local", flux_as(variants), root)


def plan(where: Installation, **job_request: object) -> Plan:
    return make_plan(JobRequest.model_validate({"prompt": "a red bicycle", **job_request}), where, Rates(), 7)


def refusal(where: Installation, **job_request: object) -> Unsupported:
    with pytest.raises(Unsupported) as caught:
        plan(where, **job_request)
    assert type(caught.value) is Unsupported
    assert caught.value.code == "unsupported_capability"
    return caught.value


@pytest.mark.parametrize(
    ("can", "why"),
    [
        ({"guidance": "embedded"}, "it reads guidance as a number"),
        ({"guidance": "none"}, "it draws without guidance"),
        ({"guidance": "classifier-free"}, "its pipeline has no place for one"),
    ],
)
def test_a_negative_prompt_where_none_is_read_says_why(tmp_path: Path, can: dict[str, Any], why: str) -> None:
    error = refusal(installation(tmp_path, variant(**can)), negative_prompt="blurry")
    assert error.field == "negative_prompt"
    assert error.message.startswith("mini takes no negative prompt: ")
    assert why in error.message
    assert error.message.endswith("leave it out")


def test_a_model_that_takes_one_is_named(tmp_path: Path) -> None:
    where = installation(tmp_path, variant(), variant(**ABLE))
    assert refusal(where, negative_prompt="blurry").message.endswith("leave it out, or choose other as model")
    assert plan(where, negative_prompt="blurry", model="other").base.negative_prompt == "blurry"


@pytest.mark.parametrize("job_request", [{}, {"negative_prompt": ""}, {"negative_prompt": "  "}])
def test_what_the_asset_type_wants_to_avoid_fails_nobody(tmp_path: Path, job_request: dict[str, str]) -> None:
    assert plan(installation(tmp_path, variant()), **job_request).base.negative_prompt.strip() == ""


def test_what_the_asset_type_wants_to_avoid_is_planned_where_it_counts(tmp_path: Path) -> None:
    where = installation(tmp_path, variant(**ABLE))
    assert plan(where).base.negative_prompt == where.catalog.asset_types["icon"].negative_prompt != ""
    assert plan(where, negative_prompt="").base.negative_prompt == ""


def test_loras_are_refused_where_a_model_takes_none(tmp_path: Path) -> None:
    where = installation(tmp_path, variant(lora=False), variant())
    error = refusal(where, loras=[{"id": "icons"}])
    assert error.field == "loras"
    assert error.message == "mini takes no LoRAs; leave them out, or choose other as model"
    assert plan(where, loras=[{"id": "icons"}], model="other").base.loras
    assert models_for(where.catalog.loras["icons"], where) == ("other",)


def test_guidance_is_refused_where_there_is_none(tmp_path: Path) -> None:
    where = installation(tmp_path, variant(guidance="none"))
    error = refusal(where, guidance_scale=3.5)
    assert error.field == "guidance_scale"
    assert error.message == "mini draws without guidance; leave guidance_scale out"
    assert plan(where, guidance_scale=0).base.guidance_scale == 0
    assert plan(where).base.guidance_scale == 0


@pytest.mark.parametrize("steps", [1, 3, 31, 100])
def test_steps_outside_the_range_are_refused_with_the_range(tmp_path: Path, steps: int) -> None:
    error = refusal(installation(tmp_path, variant(steps=(4, 30))), num_inference_steps=steps)
    assert error.field == "num_inference_steps"
    assert error.message == f"mini draws in 4 to 30 steps, not in {steps}"


def test_a_model_with_one_count_of_steps_says_which(tmp_path: Path) -> None:
    root = copy_configs(tmp_path)
    edit(root / "configs/models/mini.yaml", "{draft: 12, standard: 20, high: 28, ultra: 30}", "{standard: 24}")
    table = flux_as({**FLUX, "base": variant(steps=(24, 24))})
    for other in sorted((root / "configs/models").glob("flux*.yaml")):
        other.unlink()
    (root / "configs/profiles/gpu.yaml").unlink()
    where = load.load_installation("local", table, root)
    assert refusal(where, num_inference_steps=20).message == "mini draws in 24 steps, not in 20"


@pytest.mark.parametrize("steps", [4, 30])
def test_steps_at_the_ends_of_the_range_are_drawn(tmp_path: Path, steps: int) -> None:
    where = installation(tmp_path, variant(steps=(4, 30)))
    assert plan(where, num_inference_steps=steps).base.num_inference_steps == steps


def test_a_model_that_only_changes_pictures_draws_none_from_words(tmp_path: Path) -> None:
    where = installation(tmp_path, variant(modes=("inpaint", "edit")), variant())
    error = refusal(where)
    assert (error.field, error.allowed) == ("model", ("other",))
    assert "it redraws what a mask marks or changes pictures as it is told; choose other as model" in error.message


def test_a_model_without_a_step_cache_is_planned_exactly(tmp_path: Path) -> None:
    root = copy_configs(tmp_path)
    edit(root / "configs/qualities/draft.yaml", "order: 1\n", "order: 1\nstep_cache: {threshold: 0.1}\n")
    for cached in (True, False):
        table = flux_as({**FLUX, "base": variant(step_cache=cached)})
        where = load.load_installation("local", table, root)
        assert (plan(where, quality="draft").base.step_cache is not None) is cached
