"""The refiner goes on from the drawing's latents: the plan says so, replicas pass them by reference, and what comes out
is the picture of diffusers' own pair."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from configs.catalog import Installation
from configs.contracts import StepCacheConfig
from configs.errors import InvalidRequest, StageError
from configs.placements import GeneratorPlacement
from deployments.generator import Generator
from deployments.messages import Done, GenerateRequest, Inputs, Latents, Passed, Picture
from deployments.stages.kind import Draft, Stage, Work
from deployments.stages.refine import REFINE, RefineSettings, RefineStage
from router.job_request import JobRequest
from router.pictures.names import FoundPicture
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from router.replicas import DirectReplicas
from router.stage_table import kind_of, lines_of
from tests.catalogue import load_installation
from tests.deployments.families.test_handover import told
from tests.deployments.pictures import RECIPE
from tests.deployments.samplers_alone import sampling_as
from tests.deployments.sdxl_alone import _pipeline
from tests.deployments.tiny_sdxl import build, config

LOCAL = load_installation("local")
PLACED = ("sdxl-base", "sdxl-refiner", "sdxl-turbo", "playground-2.5", "flux-1-dev", "sd-3.5-medium")
PROFILE = LOCAL.profile.model_copy(update={"generators": tuple(GeneratorPlacement(model=id) for id in PLACED)})
STUDIO = LOCAL.model_copy(update={"profile": PROFILE})
SIDE = 64


def plan(refine: dict[str, Any] | None, studio: Installation = STUDIO, **said: Any) -> Plan:
    request = {"prompt": "a red bicycle", "model": "sdxl-base", "size": "1024x1024", "seed": 3, **said}
    stages = {} if refine is None else {"stages": {"refine": refine}}
    found: dict[str, FoundPicture] = {}
    return make_plan(JobRequest.model_validate(request | stages), studio, Rates(), 3, found)


def test_the_plan_ends_the_drawing_where_the_refiner_takes_over() -> None:
    whole, asked = plan(None), plan({"model": "sdxl-refiner", "denoising_start": 0.8}, num_inference_steps=30)
    stage = asked.find(RefineStage)
    assert stage is not None
    assert (asked.base.denoising_end, stage.denoising_start, stage.strength) == (0.8, 0.8, None)
    assert (asked.base.taken_steps, stage.taken_steps) == (24, 6)
    assert (stage.sampler, stage.schedule, stage.num_inference_steps) == ("euler", "leading", 30)
    assert asked.base.estimated_seconds < whole.base.estimated_seconds * 0.9
    assert [line.text for line in lines_of(asked.stages)][:2] == [
        "1024x1024 with sdxl-base: the first 80% of 30 steps of Euler",
        "with sdxl-refiner: the last 20% of 30 steps",
    ]
    assert Plan.model_validate(asked.model_dump(mode="json")) == asked


def test_a_second_pass_over_a_picture_is_as_before() -> None:
    asked = plan({"model": "sdxl-refiner"}, sampler="ddim")
    stage = asked.find(RefineStage)
    assert stage is not None
    assert (asked.base.denoising_end, stage.denoising_start, stage.strength) == (None, None, 0.3)
    assert (asked.base.sampler, stage.sampler) == ("ddim", "euler")


def test_the_refiner_goes_on_with_the_sampler_of_the_drawing() -> None:
    stage = plan({"model": "sdxl-refiner", "denoising_start": 0.7}, sampler="dpmpp_2m", schedule="karras").find(
        RefineStage
    )
    assert stage is not None
    assert (stage.sampler, stage.schedule) == ("dpmpp_2m", "karras")


@pytest.mark.parametrize(
    ("refine", "said", "field", "hint"),
    [
        ({"model": "sdxl-refiner"}, {"model": "flux-1-dev"}, "stages.refine.denoising_start", "hands no latents over"),
        ({"model": "sdxl-refiner"}, {"model": "playground-2.5"}, "stages.refine.denoising_start", "hands no latents"),
        ({"model": "playground-2.5"}, {}, "stages.refine.model", "choose sdxl-base or sdxl-refiner or sdxl-turbo"),
        ({"model": "flux-1-dev"}, {}, "stages.refine.model", "cannot go on from latents of sdxl-base"),
        ({"model": "sdxl-refiner", "strength": 0.3}, {}, "stages.refine.strength", "give one"),
        ({}, {"model": "sd-3.5-medium"}, "stages.refine.denoising_start", "leave denoising_start out"),
    ],
)
def test_a_pair_that_cannot_is_refused_by_its_field(
    refine: dict[str, Any], said: dict[str, Any], field: str, hint: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        plan({"denoising_start": 0.8, **refine}, **said)
    assert refused.value.field == field
    assert hint in refused.value.message


def test_a_drawing_that_skips_steps_or_has_no_named_sampler_is_not_handed_over() -> None:
    base = plan(None).base
    settings = RefineSettings(model="sdxl-refiner", denoising_start=0.8)
    for change, field in (
        ({"step_cache": StepCacheConfig(threshold=0.1)}, "stages.refine.denoising_start"),
        ({"sampler": "default", "schedule": None}, "sampler"),
        ({"strength": 0.15}, "strength"),
    ):
        changed = base.model_copy(update=change)
        model = STUDIO.catalog.models["sdxl-base"]
        icon = STUDIO.catalog.asset_types["icon"]
        draft = Draft(STUDIO, model, "standard", changed, base.size, base.size, ("png",), Rates(), icon, None, settings)
        with pytest.raises(InvalidRequest) as refused:
            REFINE.plan(draft)
        assert refused.value.field == field


class Shelf:
    """References that are none of what they stand for, as in a cluster."""

    def __init__(self) -> None:
        self.kept: dict[str, Passed] = {}

    def put(self, picture: Passed) -> str:
        self.kept[f"reference {len(self.kept)}"] = picture
        return f"reference {len(self.kept) - 1}"


class Reference(str):
    """One that can be held weakly."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {variant: tmp_path_factory.mktemp(variant) for variant in ("base", "refiner")}
    for variant, folder in made.items():
        build(folder, variant)
    return made


@pytest.fixture
def replicas(folders: dict[str, Path]) -> Iterator[tuple[DirectReplicas, Shelf]]:
    shelf = Shelf()
    made = {
        f"generator-sdxl-{variant}": Generator(
            config(folder, variant), put=lambda one: Reference(shelf.put(one)), get=lambda name: shelf.kept[str(name)]
        )
        for variant, folder in folders.items()
    }
    yield DirectReplicas(made), shelf
    for generator in made.values():
        generator.close()


def asked_of(stage: Stage, work: Work) -> GenerateRequest:
    message = kind_of(stage).message(stage, work)
    assert isinstance(message, GenerateRequest)
    return message


def run(replicas: DirectReplicas, stage: Stage, work: Work) -> Any:
    async def last() -> Any:
        message = replace(asked_of(stage, work), width=SIDE, height=SIDE)
        async with aclosing(replicas.run(stage.deployment, message)) as messages:
            return [each async for each in messages][-1]

    return asyncio.run(last())


def test_what_two_replicas_draw_is_diffusers_own_pair(
    folders: dict[str, Path], replicas: tuple[DirectReplicas, Shelf]
) -> None:
    asked = plan({"model": "sdxl-refiner", "denoising_start": 0.6}, num_inference_steps=10, sampler="dpmpp_2m_sde")
    stage = asked.find(RefineStage)
    assert stage is not None
    work = Work("one", asked.seeds[0], RECIPE, Inputs())
    begun = run(replicas[0], asked.base, work)
    assert isinstance(begun, Done)
    assert isinstance(replicas[1].kept[str(begun.picture)], Latents)
    ended = run(replicas[0], stage, replace(work, picture=begun.picture))
    drawn = replicas[1].kept[str(ended.picture)]
    assert isinstance(drawn, Picture)
    ours = np.frombuffer(drawn.rgb, np.uint8).reshape(SIDE, SIDE, 3).astype(np.int16)
    assert np.abs(ours - pair_alone(folders, asked, stage, work)).max() <= 1


def pair_alone(folders: dict[str, Path], asked: Plan, stage: RefineStage, work: Work) -> Any:
    base, refiner = (_pipeline(folders[variant], 0) for variant in ("base", "refiner"))
    first, second = asked_of(asked.base, work), asked_of(stage, work)
    with sampling_as(base, first):
        latents = base(**told(first), width=SIDE, height=SIDE, denoising_end=0.6).images
    with sampling_as(refiner, second):
        drawn = refiner(**{**told(second), "output_type": "np"}, image=latents, denoising_start=0.6).images[0]
    return (drawn * 255).round().astype(np.int16)


def test_latents_of_another_autoencoder_fail_with_what_to_change(
    tmp_path: Path, replicas: tuple[DirectReplicas, Shelf]
) -> None:
    asked = plan({"model": "sdxl-refiner", "denoising_start": 0.6}, num_inference_steps=10)
    stage = asked.find(RefineStage)
    assert stage is not None
    foreign = Latents(SIDE, SIDE, (1, 4, 8, 8), bytes(4 * 256), "16 0.3611 0.1159")
    work = Work("one", 1, RECIPE, Inputs(), picture=foreign)
    with pytest.raises(StageError, match="leave 'denoising_start' out") as refused:
        run(replicas[0], stage, work)
    assert refused.value.field == "denoising_start"
