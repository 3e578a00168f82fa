"""A request's sampler and schedule are diffusers' own, made from what the checkpoint says of the model; and weights
that differ in their scheduler's settings have different names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.capabilities import Capabilities
from configs.errors import ConfigError, StageError
from deployments.families.flux import load as load_flux
from deployments.families.registry import FAMILIES
from deployments.families.samplers import Samplers, sampling_of, settings_hash
from deployments.families.sdxl import load
from tests.deployments.diffusers_alone import difference
from tests.deployments.sdxl_alone import ask, draw, over, stock
from tests.deployments.tiny import parts, save_tiny, tiny_config
from tests.deployments.tiny_sdxl import SCHEDULE, build, config

TABLE = FAMILIES.table()
CHECKPOINTS: Mapping[str, tuple[Any, Capabilities]] = {
    "euler": (parts.EulerDiscreteScheduler(**SCHEDULE, timestep_spacing="leading"), TABLE.find("sdxl", "base")),
    "karras": (parts.DPMSolverMultistepScheduler(**SCHEDULE, use_karras_sigmas=True), TABLE.find("sdxl", "base")),
    "third order": (parts.DPMSolverMultistepScheduler(**SCHEDULE, solver_order=3), TABLE.find("sdxl", "base")),
    "v prediction": (parts.DDIMScheduler(**SCHEDULE, prediction_type="v_prediction"), TABLE.find("sdxl", "base")),
    "edm": (parts.EDMEulerScheduler(sigma_max=70.0), TABLE.find("sdxl", "edm")),
    "flow": (parts.FlowMatchEulerDiscreteScheduler(shift=3.0), TABLE.find("hidream", "base")),
    "flow of UniPC": (
        parts.UniPCMultistepScheduler(use_flow_sigmas=True, prediction_type="flow_prediction", flow_shift=3.0),
        TABLE.find("hidream", "base"),
    ),
}
KEPT = ("beta_start", "beta_end", "beta_schedule", "prediction_type", "sigma_max", "num_train_timesteps")


def choices(can: Capabilities) -> Iterator[tuple[str, str | None]]:
    for sampler, schedules in can.samplers.items():
        yield from ((sampler, schedule) for schedule in schedules or (None,))


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_from_any_checkpoint_each_choice_is_made_as_it_is_named_and_what_was_learned_is_kept(name: str) -> None:
    own, can = CHECKPOINTS[name]
    samplers = Samplers(own)
    for sampler, schedule in choices(can):
        made = samplers.find(ask(sampler=sampler, schedule=schedule))
        named = sampling_of(made)
        assert (named.sampler, named.schedule) == (sampler, schedule)
        for setting in KEPT:
            if setting in own.config and setting in made.config and "use_flow_sigmas" not in made.config:
                assert made.config[setting] == own.config[setting], setting
        assert made is samplers.find(ask(sampler=sampler, schedule=schedule)), "made once"
    usual = sampling_of(own)
    assert samplers.find(ask()) is samplers.find(ask(sampler=usual.sampler, schedule=usual.schedule)) is own


@pytest.mark.parametrize("flow", ["flow", "flow of UniPC"])
def test_a_flow_keeps_its_shift_under_each_name(flow: str) -> None:
    samplers = Samplers(CHECKPOINTS[flow][0])
    for sampler in ("euler", "lcm", "uni_pc"):
        settings = samplers.find(ask(sampler=sampler)).config
        assert settings.get("shift", settings.get("flow_shift")) == 3.0


@pytest.fixture(scope="module")
def sdxl(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("sdxl")
    build(folder)
    return folder, load(config(folder))


@pytest.mark.parametrize("steps", [1, 2, 7])
@pytest.mark.parametrize("sampler", TABLE.find("sdxl", "base").samplers)
def test_each_choice_of_sdxl_is_diffusers_own_in_one_batch_of_all(
    sdxl: tuple[Path, Any], sampler: Any, steps: int
) -> None:
    folder, family = sdxl
    schedules = TABLE.find("sdxl", "base").samplers[sampler] or (None,)
    asked = [ask(seed=2, num_inference_steps=steps, sampler=sampler, schedule=each) for each in schedules]
    asked += [over(0.6, seed=3, num_inference_steps=steps + 2, sampler=sampler, schedule=each) for each in schedules]
    asked.append(ask(seed=4, num_inference_steps=3))
    for state, each in zip(draw(family, asked), asked, strict=True):
        assert torch.isfinite(state.latents).all()
        assert difference(state.latents, stock(folder, each)) <= 1e-5, (each.sampler, each.schedule)


def test_what_a_checkpoint_cannot_is_refused_by_its_field(sdxl: tuple[Path, Any]) -> None:
    for wrong, field in (
        ({"sampler": "heun"}, "sampler"),
        ({"sampler": "euler_ancestral", "schedule": "karras"}, "schedule"),
        ({"schedule": "simple"}, "schedule"),
    ):
        with pytest.raises(StageError) as refused:
            sdxl[1].work(ask(**wrong))
        assert refused.value.field == field


def test_a_scheduler_of_edm_and_the_variant_go_together(tmp_path: Path) -> None:
    build(tmp_path, "playground")
    with pytest.raises(ConfigError, match="set 'variant: edm'"):
        load(config(tmp_path, "base"))


@pytest.mark.parametrize(
    "change",
    [
        {"shift": 2.5},
        {"use_dynamic_shifting": True},
        {"use_karras_sigmas": True},
        {"stochastic_sampling": True},
        {"shift_terminal": 0.1},
        {"_class_name": "FlowMatchLCMScheduler"},
    ],
    ids=str,
)
def test_settings_of_a_scheduler_that_change_pictures_change_the_weights_name(change: dict[str, Any]) -> None:
    settings = {"shift": 2.0, **change}
    kind = getattr(parts, settings.pop("_class_name", "FlowMatchEulerDiscreteScheduler"))
    names = {settings_hash(parts.FlowMatchEulerDiscreteScheduler(shift=2.0)), settings_hash(kind(**settings))}
    assert len(names) == 2


def test_the_name_of_weights_follows_the_file_and_not_how_it_is_written(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path)
    file = folder / "scheduler" / "scheduler_config.json"
    settings, names = json.loads(file.read_text()), []
    for change in ({}, {"_diffusers_version": "9"}, {"shift": 2.5, "use_dynamic_shifting": False}):
        file.write_text(json.dumps(settings | change, indent=4, sort_keys=True))
        names.append(load_flux(tiny_config(folder)).weights)
    assert names[0] == names[1] != names[2]


def test_minis_own_settings_leave_its_weights_the_name_that_its_recipes_have() -> None:
    mini = parts.FlowMatchEulerDiscreteScheduler.from_pretrained("deployments/weights/mini", subfolder="scheduler")
    assert settings_hash(mini) is None


@pytest.mark.parametrize(
    "own",
    [
        parts.HeunDiscreteScheduler(**SCHEDULE),
        parts.UniPCMultistepScheduler(**SCHEDULE, predict_x0=False),
    ],
    ids=lambda own: type(own).__name__,
)
def test_a_yaml_that_names_a_sampler_needs_none_that_is_known_of_the_checkpoint(tmp_path: Path, own: Any) -> None:
    build(tmp_path, scheduler=own)
    with pytest.raises(ConfigError, match="Name a 'sampler' in its YAML"):
        load(config(tmp_path))
    family, asked = load(config(tmp_path, sampler="dpmpp_2m", schedule="karras")), ask(num_inference_steps=4)
    named = replace(asked, sampler="dpmpp_2m", schedule="karras")
    ours = [state.latents for state in draw(family, [asked, named])]
    assert torch.equal(ours[0], ours[1])
    assert difference(ours[1], stock(tmp_path, named)) <= 1e-5


def test_a_yaml_that_its_checkpoint_cannot_meet_is_refused(tmp_path: Path) -> None:
    build(tmp_path, "playground")
    with pytest.raises(ConfigError, match="correct 'sampler' in its YAML") as refused:
        load(config(tmp_path, "base", sampler="ddim"))
    assert refused.value.field == "sampler"
