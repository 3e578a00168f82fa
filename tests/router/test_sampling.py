"""Every plan names its sampler: the request's, else the YAML's, else the checkpoint's; what cannot be is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.catalog import Installation
from configs.errors import AtelierError, InvalidRequest
from configs.fitness import find_misfits
from configs.placements import GeneratorPlacement
from configs.sampling import LABELS, Sampling, read_sampling, title
from configs.schema import ModelConfig
from configs.weights import Weights
from deployments.checkpoints.sampling import usual_sampling
from deployments.stages.refine import RefineStage
from router.job_request import JobRequest
from router.jobs.documents import PLAN
from router.planning.making import make_plan
from router.rates import Rates
from router.sampling import choose_sampling
from tests.catalogue import load_installation

LOCAL = load_installation("local")
EVERY = LOCAL.model_copy(
    update={
        "profile": LOCAL.profile.model_copy(
            update={"generators": tuple(GeneratorPlacement(model=id) for id in LOCAL.catalog.models)}
        )
    }
)
MODELS = sorted(EVERY.catalog.models)
SDXL = EVERY.catalog.models["sdxl-base"]


def chosen(model: str, **said: Any) -> Sampling:
    request = JobRequest(prompt="a bicycle", model=model, **said)
    return choose_sampling(request, EVERY.catalog.models[model], EVERY)


@pytest.mark.parametrize("id", MODELS)
def test_each_model_that_ships_has_a_usual_sampler_and_each_that_it_can_may_be_asked_for(id: str) -> None:
    can = EVERY.capabilities[id].samplers
    usual = chosen(id)
    assert usual.sampler in can
    assert usual.sampler != "default", "what ships is known by name before it is fetched"
    for sampler, schedules in can.items():
        assert chosen(id, sampler=sampler).sampler == sampler
        for schedule in schedules:
            assert chosen(id, sampler=sampler, schedule=schedule) == Sampling(sampler=sampler, schedule=schedule)


@given(
    sampler=st.none() | st.sampled_from([*LABELS, "default", "heun", "Euler", ""]) | st.text(max_size=64),
    schedule=st.none() | st.sampled_from(["karras", "simple", "normal", "beta", ""]) | st.text(max_size=64),
    model=st.sampled_from(MODELS),
)
def test_whatever_is_asked_for_is_planned_by_name_or_refused_by_its_field(
    sampler: str | None, schedule: str | None, model: str
) -> None:
    can, refused = EVERY.capabilities[model].samplers, None
    try:
        planned = chosen(model, sampler=sampler, schedule=schedule)
    except AtelierError as error:
        refused = error
    if refused is not None:
        assert refused.field == "sampler" or (refused.field == "schedule" and schedule is not None)
        assert len(refused.message.splitlines()) == 1
        return
    assert planned.sampler == sampler or sampler is None
    assert planned.sampler in can
    assert planned.schedule == schedule or schedule is None
    assert planned.schedule is None or planned == chosen(model) or planned.schedule in can[planned.sampler]


@pytest.mark.parametrize(
    ("model", "said", "field", "allowed"),
    [
        ("mini", {"sampler": "ddim"}, "sampler", "choose sdxl-base"),
        ("sdxl-base", {"sampler": "heun"}, "sampler", "euler, euler_ancestral, dpmpp_2m"),
        ("sdxl-base", {"sampler": "ddim", "schedule": "karras"}, "schedule", "leading, normal, sgm_uniform"),
        ("sdxl-base", {"sampler": "lcm", "schedule": "karras"}, "schedule", "leave it out"),
        ("playground-2.5", {"sampler": "euler_ancestral"}, "sampler", "dpmpp_2m, dpmpp_2m_sde, dpmpp_3m_sde, euler"),
    ],
)
def test_a_refusal_says_what_may_be(model: str, said: dict[str, str], field: str, allowed: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        chosen(model, **said)
    assert refused.value.field == field
    assert allowed in refused.value.message


def checkpoint(folder: Path, settings: object, **yaml: Any) -> tuple[ModelConfig, Installation]:
    """SDXL from `folder`, whose scheduler says `settings`."""
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(settings))
    model = SDXL.model_copy(update={"sampler": None, "schedule": None, "weights": Weights(path=str(folder)), **yaml})
    return model, EVERY


@pytest.mark.parametrize(
    ("settings", "yaml", "usual"),
    [
        ({"_class_name": "EulerAncestralDiscreteScheduler", "timestep_spacing": "trailing"}, {}, "Euler a SGM Uniform"),
        ({"_class_name": "DPMSolverMultistepScheduler", "use_karras_sigmas": True}, {}, "DPM++ 2M Karras"),
        ({"_class_name": "DPMSolverMultistepScheduler"}, {"sampler": "ddim"}, "DDIM Normal"),
        ({"_class_name": "DPMSolverMultistepScheduler", "use_karras_sigmas": True}, {"sampler": "ddim"}, "DDIM"),
        ({"_class_name": "EulerDiscreteScheduler"}, {"schedule": "exponential"}, "Euler Exponential"),
        ({"_class_name": "HeunDiscreteScheduler"}, {}, ""),
        (["nonsense"], {}, ""),
    ],
)
def test_the_yaml_comes_before_the_checkpoint(
    tmp_path: Path, settings: object, yaml: dict[str, Any], usual: str
) -> None:
    found = usual_sampling(*checkpoint(tmp_path, settings, **yaml))
    assert title(found.sampler, found.schedule) == usual


def test_weights_that_are_not_here_yet_are_drawn_as_their_checkpoint_says() -> None:
    bare = SDXL.model_copy(update={"sampler": None, "schedule": None})
    assert usual_sampling(bare, EVERY) == Sampling(sampler="default", schedule=None)
    flux = EVERY.catalog.models["flux-1-dev"]
    assert usual_sampling(flux, EVERY) == Sampling(sampler="euler", schedule=None)


def test_a_plan_and_what_is_sent_carry_it() -> None:
    request = JobRequest(prompt="a bicycle", sampler="euler", schedule="karras")
    base = make_plan(request, LOCAL, Rates(), first_seed=1).base
    assert (base.sampler, base.schedule) == ("euler", "karras")
    plain = make_plan(JobRequest(prompt="a bicycle"), LOCAL, Rates(), first_seed=1).base
    assert (plain.sampler, plain.schedule) == ("euler", "simple")


@pytest.mark.parametrize(
    ("yaml", "place"),
    [
        ({"sampler": "multinomial"}, ("sampler",)),
        ({"sampler": "ddim", "schedule": "karras"}, ("schedule",)),
        ({"sampler": "lcm", "schedule": "normal"}, ("schedule",)),
        ({"sampler": None, "schedule": "simple"}, ("schedule",)),
        ({"sampler": None, "schedule": "karras"}, None),
    ],
)
def test_a_yaml_that_its_family_cannot_meet_is_refused_at_the_start(
    yaml: dict[str, Any], place: tuple[str, ...] | None
) -> None:
    found = [misfit.place for misfit in find_misfits(SDXL.model_copy(update=yaml), EVERY.capabilities[SDXL.id])]
    assert found == ([] if place is None else [place])


def test_what_a_scheduler_says_beyond_the_names_is_left_to_it() -> None:
    assert read_sampling({}) == Sampling()
    assert read_sampling({"_class_name": "EulerDiscreteScheduler", "use_beta_sigmas": True}).schedule is None


def test_a_plan_from_before_there_was_a_choice_is_drawn_as_its_checkpoint_says() -> None:
    request = JobRequest(prompt="a bicycle", stages={"refine": {}})  # type: ignore[arg-type]
    plan = make_plan(request, LOCAL, Rates(), first_seed=1)
    stored = json.loads(PLAN.write(plan)) | {"document_version": 3}
    for stage in stored["stages"]:
        for name in ("sampler", "schedule"):
            stage.pop(name, None)
    read = PLAN.read(json.dumps(stored))
    refine = read.find(RefineStage)
    assert refine is not None
    assert [(one.sampler, one.schedule) for one in (read.base, refine)] == [("default", None)] * 2
    assert [stage.model_dump(exclude={"sampler", "schedule"}) for stage in read.stages] == [
        stage.model_dump(exclude={"sampler", "schedule"}) for stage in plan.stages
    ]
    assert PLAN.read(PLAN.write(plan)) == plan


def test_workers_of_an_older_release_leave_plans_that_name_a_sampler_alone() -> None:
    """They would draw with another one, and decode what is to be handed over."""
    assert PLAN.version > 3
