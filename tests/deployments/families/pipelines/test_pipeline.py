"""A pipeline called whole draws what diffusers draws for the same seed, alone and in company, and can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import ConfigError, StageError
from configs.runtime import Runtime
from configs.schema import ControlConfig, LicencePart
from configs.weights import Weights
from deployments.families.pipelines import WholePipeline, load
from deployments.families.pipelines.along import follow
from deployments.families.pipelines.manners import manner_of
from deployments.pipelines.whole import Stopped
from tests.deployments import asking
from tests.deployments.diffusers_alone import difference, left_half, painting
from tests.deployments.tiny import parts
from tests.deployments.tiny_wholes import (
    SIDE,
    save_qwen,
    save_sana,
    save_stable_diffusion,
    save_z,
    stock_pixels,
    whole_config,
    whole_request,
)

TOLERANCE = 1e-5
LICENCE = (LicencePart(part="ControlNet", licence="apache-2.0"),)


@dataclass(frozen=True)
class Case:
    """A family with its tiny weights, and its pipeline's class."""

    family: str
    pipeline: str
    save: Callable[[Path], Path]
    named: bool = True


CASES = (
    Case("qwen-image", "QwenImagePipeline", save_qwen, named=False),
    Case("z-image", "ZImagePipeline", save_z, named=False),
    Case("diffusers", "SanaPipeline", save_sana),
    Case("diffusers", "StableDiffusionPipeline", save_stable_diffusion),
)


@dataclass(frozen=True)
class Built:
    """Ours and diffusers' own."""

    case: Case
    folder: Path
    whole: WholePipeline
    stock: Any


@pytest.fixture(scope="module", params=CASES, ids=lambda case: str(case.pipeline))
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    case: Case = request.param
    folder = case.save(tmp_path_factory.mktemp(case.pipeline))
    stock = getattr(parts, case.pipeline).from_pretrained(folder, dtype=torch.float32)
    stock.set_progress_bar_config(disable=True)
    named = {"pipeline": case.pipeline} if case.named else {}
    return Built(case, folder, load(whole_config(folder, case.family, **named)), stock)


@pytest.fixture
def drawing_over(built: Built) -> Built:
    """The families that draw over pictures, and whose prompts are counted."""
    if built.case.family == "diffusers":
        pytest.skip("it draws from words alone")
    return built


def silent(step: int, steps: int) -> None:
    """A watch that never stops anything."""


@pytest.mark.parametrize("guidance", [0.0, 4.0])
def test_the_same_seed_gives_the_pipelines_picture(built: Built, guidance: float) -> None:
    asked = whole_request(guidance_scale=guidance)
    assert difference(built.whole.render([asked], silent), stock_pixels(built.stock, asked)) <= TOLERANCE


def test_company_changes_nothing(built: Built) -> None:
    asked = [
        whole_request(seed=1, prompt="a bicycle"),
        whole_request(seed=2, prompt="a much longer description of a red bicycle", negative_prompt=""),
        whole_request(seed=3, prompt="x", negative_prompt="ugly, blurry, cropped"),
    ]
    together = built.whole.render(asked, silent)
    for picture, one in zip(together, asked, strict=True):
        assert difference(picture[None], stock_pixels(built.stock, one)) <= TOLERANCE


def test_a_picture_is_what_was_rendered(built: Built) -> None:
    [picture] = built.whole.draw([whole_request()], silent)
    levels = (built.whole.render([whole_request()], silent)[0] * 255).round().byte().permute(1, 2, 0)
    assert (picture.width, picture.height) == (SIDE, SIDE)
    assert picture.rgb == levels.contiguous().numpy().tobytes()


def test_progress_rises_to_its_end(built: Built) -> None:
    seen: list[tuple[int, int]] = []
    built.whole.draw([whole_request(num_inference_steps=4)], lambda *step: seen.append(step))
    assert [step for step, _ in seen] == list(range(1, len(seen) + 1))
    assert {steps for _, steps in seen} == {len(seen)}
    assert len(seen) >= 4


def test_a_call_stops_within_a_step_and_leaves_no_trace(built: Built) -> None:
    asked = whole_request(num_inference_steps=4)
    before = built.whole.render([asked], silent)
    taken = 0

    def stop(step: int, steps: int) -> None:
        nonlocal taken
        taken = step
        raise Stopped

    with pytest.raises(Stopped):
        built.whole.draw([asking.replace(asked, seed=1)], stop)
    assert taken == 1
    assert torch.equal(built.whole.render([asked], silent), before)


def test_a_failing_call_leaves_no_trace(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    before = built.whole.render([whole_request()], silent)
    with monkeypatch.context() as broken:
        broken.setattr(built.whole._pipeline.scheduler, "step", _fail)
        with pytest.raises(ZeroDivisionError):
            built.whole.draw([whole_request(seed=2)], silent)
    assert torch.equal(built.whole.render([whole_request()], silent), before)


def _fail(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError


def test_a_lost_picture_is_said_plainly(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built.whole, "render", lambda *_: torch.full((1, 3, SIDE, SIDE), float("nan")))
    with pytest.raises(StageError, match="not-a-number"):
        built.whole.draw([whole_request()], silent)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"height": 0}, "size"),
        ({"mask": left_half(SIDE, SIDE)}, "mask"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_its_field(built: Built, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(StageError) as refused:
        built.whole.work(whole_request(**changes))
    assert refused.value.field == field


def test_work_tells_guided_rows_apart(built: Built) -> None:
    guided, plain = (built.whole.work(whole_request(guidance_scale=scale)) for scale in (4.0, 0.0))
    assert guided.steps == 3
    assert built.whole.size(guided.bucket) == 2 * built.whole.size(plain.bucket)


def test_drawing_over_a_part_from_nothing_but_noise(drawing_over: Built) -> None:
    asked = whole_request(image=painting(SIDE, SIDE), mask=left_half(SIDE, SIDE), strength=1.0, num_inference_steps=4)
    alone = stock_pixels(drawing_over.stock, asked)
    together = drawing_over.whole.render([asking.replace(asked, image=painting(SIDE, SIDE, 5), seed=9), asked], silent)
    assert difference(drawing_over.whole.render([asked], silent), alone) <= TOLERANCE
    assert difference(together[1:], alone) <= TOLERANCE


@pytest.mark.parametrize(("strength", "steps"), [(1.0, 4), (0.7, 3), (0.5, 2)])
def test_strength_takes_the_last_steps(drawing_over: Built, strength: float, steps: int) -> None:
    asked = whole_request(image=painting(SIDE, SIDE), strength=strength, num_inference_steps=4)
    seen: list[int] = []
    drawing_over.whole.draw([asked], lambda step, _: seen.append(step))
    assert drawing_over.whole.work(asked).steps == len(seen) == steps


def test_a_prompt_too_long_is_refused(drawing_over: Built) -> None:
    with pytest.raises(StageError, match="reads 512: shorten it") as refused:
        drawing_over.whole.work(whole_request(prompt="x" * 600))
    assert refused.value.field == "prompt"
    drawing_over.whole.work(whole_request(prompt="x" * 80))


def test_a_picture_to_draw_over_is_refused_where_there_is_no_way(built: Built) -> None:
    if built.case.family != "diffusers":
        pytest.skip("it draws over pictures")
    with pytest.raises(StageError, match="takes no 'image'"):
        built.whole.work(whole_request(image=painting(SIDE, SIDE)))


@pytest.fixture
def following(built: Built) -> Built:
    """The families that follow ControlNets."""
    if built.case.family == "diffusers":
        pytest.skip("it follows none")
    return built


def test_controls_of_one_net_are_followed_together_each_in_its_part_of_the_steps(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = save_qwen(tmp_path_factory.mktemp("union"))
    config = whole_config(folder, "qwen-image")
    union = dict.fromkeys(("canny", "depth"), config.controls["canny"])
    whole, stock = load(config.model_copy(update={"controls": union})), parts.QwenImagePipeline.from_pretrained(folder)
    canny = asking.control("canny", painting(SIDE, SIDE, 1), 0.6, 0.0, 0.5)
    depth = asking.control("depth", painting(SIDE, SIDE, 2), 0.9, 0.0, 0.5)
    drawn = {}
    for controls in ((canny,), (canny, depth), (asking.replace(canny, end=1.0),)):
        asked = whole_request(controls=controls, num_inference_steps=4)
        drawn[controls] = whole.render([asked], silent)
        assert difference(drawn[controls], stock_pixels(stock, asked, folder)) <= TOLERANCE
    one, *others = drawn.values()
    assert all(difference(other, one) > 1e-4 for other in others)
    assert whole.work(whole_request(controls=(canny,))).bucket != whole.work(whole_request()).bucket


PICTURE, OTHER, MASK = painting(SIDE, SIDE), painting(SIDE, SIDE, 1), left_half(SIDE, SIDE)


@pytest.mark.parametrize(
    ("family", "changes", "field", "why"),
    [
        ("qwen-image", {"controls": [asking.control("canny", PICTURE)], "image": OTHER}, "controls", "no control"),
        (
            "qwen-image",
            {"controls": [asking.control("canny", PICTURE)], "image": OTHER, "mask": MASK},
            "controls",
            "masks",
        ),
        ("qwen-image", {"controls": [asking.control("inpaint", PICTURE)]}, "controls", "fills what a mask marks"),
        (
            "qwen-image",
            {"controls": [asking.control("inpaint", PICTURE)], "image": OTHER, "mask": MASK},
            "controls",
            "the same picture",
        ),
        (
            "qwen-image",
            {"controls": [asking.control("inpaint", PICTURE)], "image": PICTURE, "mask": MASK, "strength": 0.5},
            "strength",
            "noise alone",
        ),
        (
            "qwen-image",
            {"controls": [asking.control("canny", PICTURE), asking.control("inpaint", PICTURE)]},
            "controls",
            "canny and inpaint",
        ),
        ("z-image", {"controls": [asking.control("depth", PICTURE, end=0.5)]}, "controls", "all steps"),
        (
            "z-image",
            {"controls": [asking.control("depth", PICTURE), asking.control("depth", OTHER)]},
            "controls",
            "depth and depth",
        ),
        ("z-image", {"controls": [asking.control("old", PICTURE)], "image": OTHER, "mask": MASK}, "controls", "masks"),
    ],
)
def test_controls_that_cannot_be_followed_as_asked_are_refused(
    following: Built, family: str, changes: dict[str, Any], field: str, why: str
) -> None:
    if following.case.family != family:
        pytest.skip(f"of {family}")
    with pytest.raises(StageError, match=why) as refused:
        following.whole.work(whole_request(**{**changes, "controls": tuple(changes["controls"])}))
    assert refused.value.field == field


@pytest.mark.parametrize("offload", ["group", "sequential"])
def test_nets_that_borrow_from_a_transformer_in_pieces_refuse_the_start(tmp_path: Path, offload: str) -> None:
    net = ControlConfig(weights=Weights(path="none"), licence_parts=LICENCE)
    runtime = Runtime.model_validate({"device": "cuda", "offload": offload})
    config = whole_config(tmp_path, "z-image", controls={"depth": net}, runtime=runtime)
    with pytest.raises(ConfigError, match="in pieces") as refused:
        follow(config, manner_of(config).along, None)
    assert refused.value.field == "runtime.offload"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (None, "needs 'pipeline'"),
        ("NoSuchPipeline", "has no pipeline 'NoSuchPipeline'"),
        ("UNet2DConditionModel", "has no pipeline"),
        ("DiffusionPipeline", "cannot be asked for 'prompt'"),
        ("PixArtSigmaPipeline", "cannot be asked for 'callback_on_step_end'"),
        ("FluxImg2ImgPipeline", "takes 'image'"),
        ("WanPipeline", "takes 'num_frames'"),
    ],
)
def test_a_class_that_does_other_work_is_refused(tmp_path: Path, name: str | None, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        load(whole_config(tmp_path, "diffusers", pipeline=name))


def test_a_described_family_has_its_own_class(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="leave 'pipeline' out"):
        load(whole_config(tmp_path, "z-image", pipeline="SanaPipeline"))


@pytest.mark.parametrize("name", ["os.system", "a b", "../x", "", "_Private"])
def test_a_pipeline_is_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="pipeline"):
        whole_config(tmp_path, "diffusers", pipeline=name)
