"""SDXL is diffusers' SDXL: same seed, same picture, alone and in a batch of everything that a batch may mix."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from configs.errors import ConfigError, StageError
from configs.runtime import Runtime
from configs.schema import ControlConfig, ImagePromptConfig
from configs.weights import Weights
from deployments.families.diffusion import Diffusion
from deployments.families.sdxl import load
from deployments.loras.changes import LowRank
from deployments.loras.keys import Place
from deployments.loras.merged import Merged, Part
from deployments.loras.slots import Adapter, Selection
from deployments.messages import GenerateRequest, Picture
from tests.deployments import asking, tiny_sdxl
from tests.deployments.diffusers_alone import difference, painting
from tests.deployments.sdxl_alone import ask, draw, over, stock, stock_union
from tests.deployments.tiny import parts
from tests.deployments.tiny_sdxl import LICENCE, SCHEDULE, build, config

TARGETS = ("attn1.to_q", "attn2.to_k", "attn2.to_out.0", "ff.net.0.proj", "proj_in", "time_emb_proj", "linear_1")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("sdxl")

    @lru_cache
    def folder(variant: str) -> Path:
        build(root / variant, variant)
        return root / variant

    return folder


@pytest.fixture(scope="module")
def loaded(folders: Any) -> Any:
    @lru_cache
    def family(variant: str) -> Diffusion[Any]:
        return load(config(folders(variant), variant, lora_slots={8: 2}))

    return family


def levels(picture: Picture) -> Any:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3).astype(np.int16)


@pytest.mark.parametrize("variant", ["base", "refiner", "playground"])
def test_equals_the_pipeline(folders: Any, loaded: Any, variant: str) -> None:
    asked = over(0.7, width=48, height=80) if variant == "refiner" else ask(width=48, height=80)
    (state,) = draw(loaded(variant), [asked])
    assert difference(state.latents, stock(folders(variant), asked)) <= 1e-5
    expected = np.asarray(stock(folders(variant), asked, output_type="pil")[0]).astype(np.int16)
    assert np.abs(levels(loaded(variant).decode(state)) - expected).max() <= 1


@pytest.mark.parametrize("masked", [False, True], ids=["img2img", "inpaint"])
@pytest.mark.parametrize("strength", [0.4, 1.0])
@pytest.mark.parametrize("variant", ["base", "playground"])
def test_drawing_over_a_picture_equals_the_pipeline(
    folders: Any, loaded: Any, variant: str, strength: float, masked: bool
) -> None:
    asked = over(strength, masked)
    (state,) = draw(loaded(variant), [asked])
    assert difference(state.latents, stock(folders(variant), asked)) <= 1e-5


def test_the_inpainting_unet_draws_over_what_it_sees(folders: Any, loaded: Any) -> None:
    asked = [over(0.5, masked=True, seed=1), over(1.0, masked=True, seed=2, guidance_scale=1.0)]
    for state, each in zip(draw(loaded("inpaint"), asked), asked, strict=True):
        assert difference(state.latents, stock(folders("inpaint"), each)) <= 1e-5


@pytest.fixture(scope="module")
def changes(loaded: Any) -> dict[str, LowRank]:
    """A LoRA of random numbers for some linears of each kind."""
    unet = loaded("base")._architecture.denoiser
    names = [name for name in loaded("base").slots.targets if name.endswith(TARGETS)]
    return {name: _random(unet.get_submodule(name)) for name in names}


def _random(linear: Any, rank: int = 4) -> LowRank:
    generator = torch.Generator().manual_seed(linear.in_features)
    a = torch.randn(rank, linear.in_features, generator=generator) / linear.in_features**0.5
    b = torch.randn(linear.out_features, rank, generator=generator) / linear.out_features**0.5
    return LowRank(a, b * 0.5 * float(linear.weight.detach().norm()) / rank)


def as_file(changes: dict[str, LowRank]) -> dict[str, torch.Tensor]:
    return {f"unet.{name}.lora_A.weight": change.a for name, change in changes.items()} | {
        f"unet.{name}.lora_B.weight": change.b for name, change in changes.items()
    }


def test_a_mixed_batch_is_each_request_alone(folders: Any, loaded: Any, changes: dict[str, LowRank]) -> None:
    family = loaded("base")
    canny = asking.control("canny", painting(64, 64, seed=3), scale=0.7, end=0.6)
    depth = asking.control("depth", painting(64, 64, seed=4), scale=1.3, start=0.3)
    seen, also = asking.image_prompt(painting(80, 48, seed=5), 0.8), asking.image_prompt(painting(64, 64, seed=6), -0.4)
    asked = [
        ask(seed=1, num_inference_steps=3, negative_prompt=""),
        ask(seed=2, num_inference_steps=6, guidance_scale=1.0, prompt="blue"),
        ask(seed=3, num_inference_steps=4),
        over(0.7, seed=4),
        over(0.9, masked=True, seed=5, guidance_scale=8.0, controls=(canny,)),
        ask(seed=6, num_inference_steps=5, controls=(canny, depth)),
        ask(seed=7, num_inference_steps=5, image_prompts=(seen,)),
        over(0.8, seed=8, guidance_scale=0.0, controls=(depth,), image_prompts=(seen, also)),
    ]
    slot = family.slots.put(Adapter("lora", "sdxl", 4, changes, 0))
    worn: list[Selection] = [((slot, -0.7),) if each.seed in (3, 5, 7) else () for each in asked]
    try:
        states = draw(family, asked, worn)
        (bare,) = draw(family, asked[2:3])
    finally:
        family.slots.drop(slot)
    for state, each, selection in zip(states, asked, worn, strict=True):
        alone = stock(folders("base"), each, loras=[(as_file(changes), -0.7)] if selection else ())
        assert difference(state.latents, alone) <= 1e-5
    assert difference(bare.latents, states[2].latents) > 1e-2, "the LoRA matters"


def test_a_union_controlnet_equals_the_pipeline(tmp_path: Path) -> None:
    build(tmp_path, width=tiny_sdxl.UNION)
    union = ControlConfig(weights=Weights(path=str(tmp_path / "union")), mode=1, licence_parts=LICENCE)
    family = load(config(tmp_path, controls={"pose": union}, image_prompt=None))
    asked = ask(controls=(asking.control("pose", painting(64, 64, seed=3), scale=0.7, end=0.6),))
    plain, following = draw(family, [ask(seed=2), asked])
    assert difference(following.latents, stock_union(tmp_path, asked)) <= 1e-5
    assert difference(plain.latents, stock(tmp_path, ask(seed=2))) <= 1e-5
    for mode, message in {9: "has no mode 9: it has 6", None: "is a union of 6, and 'mode' must"}.items():
        wrong = config(tmp_path, controls={"pose": union.model_copy(update={"mode": mode})})
        with pytest.raises(ConfigError, match=message):
            load(wrong)


def test_an_adapter_that_reads_patches_equals_the_pipeline(tmp_path: Path) -> None:
    build(tmp_path)
    tiny_sdxl.save_adapter(tiny_sdxl.unet_of("base"), tmp_path / "ip-adapter", tokens=True)
    asked = [ask(image_prompts=(asking.image_prompt(painting(80, 48), 0.7),)), ask(seed=2, guidance_scale=1.0)]
    for state, each in zip(draw(load(config(tmp_path)), asked), asked, strict=True):
        assert difference(state.latents, stock(tmp_path, each)) <= 1e-5


def test_a_unet_with_embedded_guidance_equals_the_pipeline(tmp_path: Path) -> None:
    build(tmp_path, scheduler=parts.LCMScheduler(**SCHEDULE))
    parts.UNet2DConditionModel.from_config(tiny_sdxl.unet_of("base").config, time_cond_proj_dim=8).save_pretrained(
        tmp_path / "unet"
    )
    family = load(config(tmp_path, controls={}, image_prompt=None))
    asked = [ask(guidance_scale=8.0), ask(guidance_scale=2.0, num_inference_steps=2)]
    for state, each in zip(draw(family, asked), asked, strict=True):
        assert state.rows == family.work(each).rows == 1
        assert difference(state.latents, stock(tmp_path, each)) <= 1e-5


def test_a_lora_of_convolutions_is_merged_as_the_pipeline_does(folders: Any, loaded: Any) -> None:
    family, name = loaded("base"), "down_blocks.0.resnets.0.conv1"
    generator = torch.Generator().manual_seed(0)
    shape = family._architecture.denoiser.get_submodule(name).weight.shape
    change = LowRank(
        torch.randn(4, *shape[1:], generator=generator) / 8, torch.randn(shape[0], 4, 1, 1, generator=generator) / 8
    )
    merged = Merged(family.anatomy)
    merged.apply("lora", [Part({Place("unet", name): change}, 0.8)])
    (state,) = draw(family, [ask()])
    merged.clear()
    assert difference(state.latents, stock(folders("base"), ask(), loras=[(as_file({name: change}), 0.8)])) <= 1e-5
    assert difference(state.latents, draw(family, [ask()])[0].latents) > 1e-2


def test_an_empty_negative_prompt_is_zeros_only_where_the_checkpoint_says_so(loaded: Any) -> None:
    assert not loaded("base").encode("a", "").negative_tokens.any()
    assert loaded("base").encode("a", "b").negative_tokens.any()
    assert loaded("refiner").encode("a", "").negative_tokens.any()


def test_the_same_request_is_the_same_picture_and_its_work_is_known(loaded: Any) -> None:
    for asked in (ask(guidance_scale=1.0), over(0.5)):
        (one,), (other,) = draw(loaded("turbo"), [asked]), draw(loaded("turbo"), [asked])
        assert loaded("turbo").decode(one) == loaded("turbo").decode(other)
        work = loaded("turbo").work(asked)
        assert (work.bucket, work.rows, work.steps) == (one.bucket, one.rows, one.steps)


def test_a_preview_is_small(loaded: Any) -> None:
    family, asked = loaded("playground"), ask(width=256, height=128, num_inference_steps=2)
    state = family.start(asked, family.encode("a", ""))
    with pytest.raises(StageError, match="before the first step"):
        family.preview(state)
    family.step([state])
    preview = family.preview(state)
    assert (preview.width, preview.height) == (128, 64)


@pytest.mark.parametrize(
    ("variant", "asked", "field", "message"),
    [
        ("base", ask(width=60), "size", "multiples of 8"),
        ("base", ask(num_inference_steps=0), "num_inference_steps", "at least one step"),
        ("base", over(0.1), "strength", "leaves none of 5 steps: raise it to 0.2"),
        ("base", asking.replace(over(), image=painting(96, 64)), "image", "must have 64x64"),
        ("base", ask(controls=(asking.control("pose2", painting(64, 64)),)), "controls", "follows canny, depth"),
        ("base", ask(controls=(asking.control("canny", painting(96, 64)),)), "controls", "must have 64x64"),
        ("base", ask(image_prompts=(asking.image_prompt(Picture(8, 8, b"x")),)), "image_prompts", "three bytes"),
        ("base", ask(references=(painting(64, 64),)), "references", "give the one to draw over"),
        ("refiner", ask(), "image", "draws over a picture"),
        ("refiner", over(masked=True), "mask", "leave the mask out"),
        (
            "refiner",
            over(image_prompts=(asking.image_prompt(painting(64, 64)),)),
            "image_prompts",
            "no pictures as prompts",
        ),
        ("refiner", over(controls=(asking.control("canny", painting(64, 64)),)), "controls", "no control"),
        ("inpaint", over(), "mask", "is white for"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    loaded: Any, variant: str, asked: GenerateRequest, field: str, message: str
) -> None:
    with pytest.raises(StageError, match=message) as refused:
        loaded(variant).work(asked)
    assert refused.value.field == field
    with pytest.raises(StageError, match=message):
        draw(loaded(variant), [asked])


def test_weights_that_do_not_fit_are_refused(folders: Any, tmp_path: Path) -> None:
    base = folders("base")
    adapter = ImagePromptConfig(kind="ip-adapter", weights=Weights(path=str(base / "canny")), licence_parts=LICENCE)
    redux = adapter.model_copy(update={"kind": "redux"})
    refused = {
        "has no 'kontext'; known: base": config(base, variant="kontext"),
        "holds a StableDiffusionXLPipeline": config(base, variant="refiner"),
        "holds no config.json and model.safetensors": config(base, image_prompt=adapter),
        "it reads pictures with an ip-adapter, not 'redux'": config(base, image_prompt=redux),
    }
    refused["set 'model'"] = config(base, runtime=Runtime(offload="sequential"))
    for message, wrong in refused.items():
        with pytest.raises(ConfigError, match=message):
            load(wrong)
    build(tmp_path, scheduler=parts.HeunDiscreteScheduler(**SCHEDULE))
    with pytest.raises(ConfigError, match="its scheduler is HeunDiscreteScheduler; this family samples with DDIM"):
        load(config(tmp_path))


def test_an_adapter_of_another_unet_is_refused(folders: Any, tmp_path: Path) -> None:
    wide = parts.UNet2DConditionModel.from_config(tiny_sdxl.unet_of("base").config, cross_attention_dim=48)
    tiny_sdxl.save_adapter(wide, tmp_path)
    adapter = ImagePromptConfig(kind="ip-adapter", weights=Weights(path=str(tmp_path)), licence_parts=LICENCE)
    with pytest.raises(ConfigError, match="was made for another model"):
        load(config(folders("base"), image_prompt=adapter))


def test_controls_and_adapters_are_part_of_the_weights_name(folders: Any, loaded: Any) -> None:
    plain = load(config(folders("base"), controls={}, image_prompt=None))
    only = {"canny": config(folders("base")).controls["canny"]}
    controlled = load(config(folders("base"), controls=only, image_prompt=None))
    assert len({plain.weights, controlled.weights, loaded("base").weights}) == 3
