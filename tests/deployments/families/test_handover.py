"""A picture that SDXL's base hands over to the refiner is that of diffusers' own pair, row by row of mixed batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import StageError
from deployments.families.registry import FAMILIES
from deployments.families.sdxl import load
from deployments.messages import GenerateRequest, Latents, Picture
from tests.deployments import asking
from tests.deployments.diffusers_alone import difference, left_half, painting, to_pil
from tests.deployments.families.conformance.tinies import TINIES
from tests.deployments.samplers_alone import sampling_as
from tests.deployments.sdxl_alone import _pipeline, ask, draw, over
from tests.deployments.tiny import parts
from tests.deployments.tiny_sdxl import build, config

SAMPLERS = FAMILIES.table().find("sdxl", "refiner").samplers


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {variant: tmp_path_factory.mktemp(variant) for variant in ("base", "refiner")}
    for variant, folder in made.items():
        build(folder, variant)
    return made


@pytest.fixture(scope="module")
def pair(folders: dict[str, Path]) -> tuple[Any, Any]:
    return load(config(folders["base"])), load(config(folders["refiner"], "refiner"))


def told(asked: GenerateRequest) -> dict[str, Any]:
    return {
        "prompt": asked.prompt,
        "negative_prompt": asked.negative_prompt or None,
        "num_inference_steps": asked.num_inference_steps,
        "guidance_scale": asked.guidance_scale,
        "generator": torch.Generator("cpu").manual_seed(asked.seed),
        "output_type": "latent",
    }


def pair_alone(folders: dict[str, Path], asked: GenerateRequest) -> tuple[torch.Tensor, torch.Tensor]:
    """What diffusers' two pipelines make of a request that is handed over: at that moment, and at the end."""
    base, refiner, share = _pipeline(folders["base"], 0), _pipeline(folders["refiner"], 0), asked.denoising_end
    with sampling_as(base, asked):
        call: Any = base
        more: dict[str, Any] = {"width": asked.width, "height": asked.height}
        if asked.image is not None:
            call = parts.StableDiffusionXLImg2ImgPipeline(**base.components, force_zeros_for_empty_prompt=True)
            more = {"image": to_pil(asked.image), "strength": asked.strength}
        call.set_progress_bar_config(disable=True)
        begun = call(**told(asked), **more, denoising_end=share).images
    with sampling_as(refiner, asked):
        refiner.set_progress_bar_config(disable=True)
        ended = refiner(**told(asked), image=begun, denoising_start=share).images
    return begun, ended


def going_on(asked: GenerateRequest, latents: object) -> GenerateRequest:
    share = asked.denoising_end
    return asking.replace(asked, image=None, strength=1.0, latents=latents, denoising_start=share, denoising_end=1.0)


def test_each_row_of_a_mixed_batch_is_that_of_diffusers_pair(folders: dict[str, Path], pair: tuple[Any, Any]) -> None:
    base, refiner = pair
    asked = [
        ask(seed=seed, sampler=sampler, schedule=schedules[seed % len(schedules)] if schedules else None)
        for seed, (sampler, schedules) in enumerate(SAMPLERS.items())
    ]
    asked = [
        asking.replace(each, num_inference_steps=8 + each.seed, denoising_end=(0.8, 0.5, 0.6)[each.seed % 3])
        for each in asked
    ]
    asked.append(over(0.9, seed=9, num_inference_steps=10, denoising_end=0.7))
    begun = draw(base, asked)
    handed = [base.decode(state) for state in begun]
    ended = draw(refiner, [going_on(each, latents) for each, latents in zip(asked, handed, strict=True)])
    for each, first, latents, last in zip(asked, begun, handed, ended, strict=True):
        expected = pair_alone(folders, each)
        assert isinstance(latents, Latents)
        assert 0 < last.steps < each.num_inference_steps
        assert difference(first.latents, expected[0]) <= 1e-5, each.sampler
        assert difference(last.latents, expected[1]) <= 1e-5, each.sampler
        assert isinstance(refiner.decode(last), Picture)


@pytest.mark.parametrize("share", [0.2, 0.33, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("steps", [5, 20])
def test_every_share_is_cut_where_diffusers_cuts(
    folders: dict[str, Path], pair: tuple[Any, Any], share: float, steps: int
) -> None:
    asked = ask(seed=3, num_inference_steps=steps, denoising_end=share, guidance_scale=1.0)
    (begun,) = draw(pair[0], [asked])
    after = going_on(asked, pair[0].decode(begun))
    expected = pair_alone(folders, asked) if begun.steps < steps else None
    if expected is None:
        with pytest.raises(StageError) as refused:
            pair[1].work(after)
        assert refused.value.field == "denoising_start"
        return
    (ended,) = draw(pair[1], [after])
    assert begun.steps + ended.steps == steps
    assert difference(ended.latents, expected[1]) <= 1e-5


def test_what_cannot_be_handed_over_is_refused_by_its_field(pair: tuple[Any, Any]) -> None:
    base, refiner = pair
    (state,) = draw(base, [ask(num_inference_steps=4, denoising_end=0.5)])
    latents = base.decode(state)
    over_all = asking.replace(over(masked=True), denoising_end=0.5)
    wrong: list[tuple[Callable[[], GenerateRequest], str]] = [
        (lambda: ask(latents=latents), "denoising_start"),
        (lambda: ask(denoising_start=0.5), "denoising_start"),
        (lambda: ask(latents=latents, denoising_start=0.5, width=48, height=80), "latents"),
        (lambda: ask(latents=asking.replace(latents, space="16 0.3"), denoising_start=0.5), "denoising_start"),
        (lambda: ask(latents=latents, denoising_start=0.5, image=painting(64, 64)), "image"),
        (lambda: ask(denoising_end=0.0), "denoising_end"),
        (lambda: ask(denoising_end=0.001), "denoising_end"),
        (lambda: over_all, "mask"),
        (lambda: ask(denoising_end=0.5, controls=(asking.control("depth", left_half(64, 64)),)), "controls"),
    ]
    for request, field in wrong:
        with pytest.raises(StageError) as refused:
            base.work(request())
        assert refused.value.field == field
    with pytest.raises(StageError, match="give it one"):
        refiner.work(ask())


@pytest.mark.parametrize("row", [row for row in TINIES if row[0] != "sdxl"], ids="-".join)
def test_no_other_family_goes_on_from_latents(tmp_path: Path, row: tuple[str, str]) -> None:
    tiny = TINIES[row]
    tiny.build(tmp_path)
    model = FAMILIES.find(row[0])(tiny.config(tmp_path))
    given = Latents(64, 64, (1, 4, 8, 8), bytes(4 * 256), "4 0.13025")
    with pytest.raises(StageError) as refused:
        model.work(tiny.ask(latents=given, denoising_start=0.5))
    assert refused.value.field == "latents"
