"""LoRAs of a request: checked against the catalogue, strengths settled, and drawn by the deployment that suits them."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.catalog import Installation
from configs.errors import IncompatibleLora, InvalidRequest, UnknownName
from configs.schema import AppliedLora
from router.job_request import JobRequest
from router.licences.verdicts import judge_licences
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from tests.catalogue import add_lora, add_model, copy_configs, edit, load_installation


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = copy_configs(tmp_path)
    add_model(root, "other", "paint")
    add_lora(root, "icons", "trigger_words: [fluenticon, flat style]", "default_strength: 0.8")
    add_lora(root, "people", "trigger_words: [p3ople]", data_licence="flux-1-dev-non-commercial")
    add_lora(root, "large", "models: [flux-1-dev]")
    add_lora(root, "photo", family="paint")
    return root


def run_fused(root: Path, *combinations: str, plain: bool = True) -> Installation:
    """The local profile with further deployments of mini, each with a combination fused in."""
    lines = "".join(f"  - model: mini\n    loras: {loras}\n" for loras in combinations)
    profile = root / "configs/profiles/local.yaml"
    if plain:
        edit(profile, "generators:\n", f"generators:\n{lines}")
    else:
        edit(profile, "  - model: mini\n    replicas: {min_replicas: 1, max_replicas: 1}\n", lines)
    return load_installation("local", root)


def plan_of(installation: Installation, *loras: dict[str, object], **request: object) -> Plan:
    values = {"prompt": "a red bicycle", "loras": loras, **request}
    return make_plan(JobRequest.model_validate(values), installation, Rates(), first_seed=7)


def uses(**strengths: float) -> tuple[AppliedLora, ...]:
    return tuple(AppliedLora(lora=id, strength=strength) for id, strength in strengths.items())


def test_loras_go_with_the_request_to_the_plain_deployment(root: Path) -> None:
    base = plan_of(load_installation("local", root), {"id": "icons"}, {"id": "people", "strength": -0.5}).base
    assert (base.deployment, base.fused) == ("generator-mini", ())
    assert base.loras == tuple(use.model_copy(update={"version": "1.0.0"}) for use in uses(icons=0.8, people=-0.5))


def test_a_combination_with_a_deployment_of_its_own_is_drawn_there_in_any_order(root: Path) -> None:
    installation = run_fused(root, "[{lora: icons, strength: 0.8}, {lora: people, strength: 0.5}]")
    base = plan_of(installation, {"id": "people", "strength": 0.5}, {"id": "icons"}).base
    assert base.deployment == "generator-mini+icons@0.8+people@0.5"
    assert (base.fused, base.loras) == (uses(icons=0.8, people=0.5), ())


@pytest.mark.parametrize("loras", [[], [{"id": "icons", "strength": 0.7}], [{"id": "icons"}, {"id": "people"}]])
def test_anything_else_is_drawn_by_the_plain_deployment(root: Path, loras: list[dict[str, object]]) -> None:
    base = plan_of(run_fused(root, "[{lora: icons, strength: 0.8}]"), *loras).base
    assert (base.deployment, base.fused) == ("generator-mini", ())
    assert len(base.loras) == len(loras)


def test_a_model_that_runs_only_fused_says_so(root: Path) -> None:
    installation = run_fused(root, "[{lora: icons, strength: 0.8}]", plain=False)
    plan = plan_of(installation)
    assert (plan.base.fused, str(plan.notes[0])) == (
        uses(icons=0.8),
        "this installation runs mini only with icons@0.8",
    )
    with pytest.raises(InvalidRequest, match=r"only with icons@0\.8 fused in") as caught:
        plan_of(installation, {"id": "people"})
    assert (caught.value.field, caught.value.allowed) == ("loras", ("icons@0.8",))


def test_an_unknown_lora_lists_those_of_the_model(root: Path) -> None:
    with pytest.raises(UnknownName, match="'icon' is not a LoRA for mini; choose one of icons, people") as caught:
        plan_of(load_installation("local", root), {"id": "icon"})
    assert (caught.value.field, caught.value.allowed) == ("loras", ("icons", "people"))


def test_a_catalogue_without_loras_says_that_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="'icons' is not a LoRA for mini; none is installed for it"):
        plan_of(load_installation("local", copy_configs(tmp_path)), {"id": "icons"})


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("photo", "made for models of the family paint, and mini is of the family flux; .*runs none of them"),
        ("large", "made for flux-1-dev, not mini; choose flux-1-dev as model"),
    ],
)
def test_a_lora_for_other_models_says_for_which(root: Path, id: str, message: str) -> None:
    with pytest.raises(IncompatibleLora, match=message):
        plan_of(load_installation("gpu", root), {"id": id}, model="mini")


def test_each_lora_is_given_once_and_not_too_many_of_them(root: Path) -> None:
    installation = load_installation("local", root)
    with pytest.raises(InvalidRequest, match="'icons' is there twice"):
        plan_of(installation, {"id": "icons"}, {"id": "icons", "strength": 0.1})
    five: list[dict[str, object]] = [{"id": "icons"}] * 5
    with pytest.raises(InvalidRequest, match="5 LoRAs are more than the 4"):
        plan_of(installation, *five)


def test_strength_zero_takes_no_part_and_the_plan_says_so(root: Path) -> None:
    plan = plan_of(load_installation("local", root), {"id": "icons", "strength": 0})
    assert (plan.base.loras, str(plan.notes[0])) == ((), "icons at strength 0 takes no part")
    assert "fluenticon" not in plan.base.full_prompt


def test_trigger_words_that_the_prompt_lacks_come_first_once(root: Path) -> None:
    installation = load_installation("local", root)
    prompt = plan_of(installation, {"id": "icons"}, {"id": "people"}, prompt="a Flat Style bicycle").base.full_prompt
    assert prompt.startswith("fluenticon, p3ople, a Flat Style bicycle, ")
    assert plan_of(installation, {"id": "icons"}, prompt="fluenticons").base.full_prompt.startswith("fluenticon, ")


def test_a_lora_that_is_subtracted_brings_no_trigger_words(root: Path) -> None:
    plan = plan_of(load_installation("local", root), {"id": "icons", "strength": -1})
    assert plan.base.full_prompt.startswith("a red bicycle, ")


def test_what_a_lora_learned_from_decides_what_its_pictures_may_be_used_for(root: Path) -> None:
    for installation in (load_installation("local", root), run_fused(root, "[{lora: people}]")):
        verdict = judge_licences(plan_of(installation, {"id": "people"}), installation.catalog)
        assert verdict.product == "refused"
        assert verdict.reasons[0].startswith("people (training data): FLUX.1 [dev] Non-Commercial License")
        assert judge_licences(plan_of(installation, {"id": "icons"}), installation.catalog).product == "allowed"


def test_a_step_cache_of_the_quality_is_in_the_plan_without_the_last_step(root: Path) -> None:
    edit(root / "configs/qualities/draft.yaml", "order: 1\n", "order: 1\nstep_cache: {skip: [2, 5, 11, 12]}\n")
    edit(root / "configs/qualities/standard.yaml", "order: 2\n", "order: 2\nstep_cache: {threshold: 0.1}\n")
    installation = load_installation("local", root)
    draft, standard = (plan_of(installation, quality=quality).base.step_cache for quality in ("draft", "standard"))
    assert draft is not None
    assert draft.skip == (2, 5)
    assert standard is not None
    assert standard.threshold == 0.1
    assert plan_of(installation, quality="draft", num_inference_steps=3).base.step_cache is None
    assert plan_of(installation, quality="high").base.step_cache is None
