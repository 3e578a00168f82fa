"""Janus draws what transformers' own `generate` draws for the same seed, alone and in company, and can be stopped."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import ConfigError, StageError
from configs.runtime import Runtime
from configs.schema import LoraConfig
from configs.weights import Weights
from deployments.families.family import FusedLora
from deployments.families.janus import Janus, load
from deployments.pipelines.whole import Stopped
from tests.deployments.diffusers_alone import difference
from tests.deployments.tiny import tiny_config
from tests.deployments.tiny_janus import LINES, SIDE, TEMPLATE, alone, janus_config, janus_request, read, save_janus

TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_janus(tmp_path_factory.mktemp("janus"))


@pytest.fixture(scope="module")
def janus(weights: Path) -> Janus:
    return load(janus_config(weights))


@pytest.fixture(scope="module")
def stock(weights: Path) -> Any:
    return read(weights)


def silent(step: int, steps: int) -> None:
    """A watch that never stops anything."""


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("guidance", [1.5, 5.0])
def test_the_same_seed_gives_transformers_picture(
    janus: Janus, stock: Any, weights: Path, seed: int, guidance: float
) -> None:
    asked = janus_request(seed=seed, guidance_scale=guidance)
    assert difference(janus.render([asked], silent), alone(stock, weights, asked)) <= TOLERANCE


def test_company_changes_nothing(janus: Janus, stock: Any, weights: Path) -> None:
    asked = [
        janus_request(seed=1, prompt="a bicycle"),
        janus_request(seed=2, prompt="a much longer description of a red bicycle"),
        janus_request(seed=1, prompt="x"),
    ]
    for picture, one in zip(janus.render(asked, silent), asked, strict=True):
        assert difference(picture[None], alone(stock, weights, one)) <= TOLERANCE


def test_a_checkpoints_own_narrowing_counts(tmp_path: Path) -> None:
    folder = save_janus(tmp_path, temperature=0.7, top_k=5, top_p=0.8, do_sample=True)
    stock = read(folder)
    for seed in range(3):
        asked = janus_request(seed=seed)
        assert difference(load(janus_config(folder)).render([asked], silent), alone(stock, folder, asked)) <= TOLERANCE


def test_prompts_seeds_and_guidance_count(janus: Janus) -> None:
    one = janus.render([janus_request()], silent)
    for other in (janus_request(seed=8), janus_request(prompt="a house"), janus_request(guidance_scale=1.0)):
        assert difference(janus.render([other], silent), one) > 1e-3


def test_pixels_are_transformers_own(janus: Janus, weights: Path) -> None:
    from transformers.models.janus.image_processing_pil_janus import JanusImageProcessorPil

    processor: Any = JanusImageProcessorPil.from_pretrained(weights)
    [picture] = janus.draw([janus_request()], silent)
    # It can only read channels first, and says what it has read only in the other order.
    channels_first = list(janus.render([janus_request()], silent).permute(0, 3, 1, 2))
    [expected] = processor.postprocess(channels_first, return_tensors="PIL.Image.Image")["pixel_values"]
    assert (picture.width, picture.height) == expected.size == (SIDE, SIDE)
    assert max(abs(a - b) for a, b in zip(picture.rgb, expected.tobytes(), strict=True)) <= 1


def test_a_line_of_tokens_is_a_step(janus: Janus) -> None:
    seen: list[tuple[int, int]] = []
    janus.draw([janus_request()], lambda *step: seen.append(step))
    assert seen == [(line, LINES) for line in range(1, LINES + 1)]
    assert janus.work(janus_request()).steps == LINES


def test_a_call_stops_within_a_line_and_leaves_no_trace(janus: Janus) -> None:
    before = janus.render([janus_request()], silent)
    seen: list[int] = []

    def stop(step: int, steps: int) -> None:
        seen.append(step)
        if step == 2:
            raise Stopped

    with pytest.raises(Stopped):
        janus.draw([janus_request(seed=3)], stop)
    assert seen == [1, 2]
    assert torch.equal(janus.render([janus_request()], silent), before)


def test_a_lost_picture_is_said_plainly(janus: Janus, monkeypatch: pytest.MonkeyPatch) -> None:
    head = janus._model.model.generation_head
    monkeypatch.setattr(head, "forward", lambda states: torch.full((states.shape[0], 64), float("nan")))
    with pytest.raises(StageError, match="not-a-number"):
        janus.draw([janus_request()], silent)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"width": SIDE * 2}, "size"),
        ({"num_inference_steps": LINES + 1}, "num_inference_steps"),
        ({"prompt": "x" * 100}, "prompt"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_its_field(janus: Janus, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(StageError) as refused:
        janus.work(janus_request(**changes))
    assert refused.value.field == field


def test_it_loads_without_torchvision(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    assert load(janus_config(weights)).device == "cpu"


def test_tokens_and_template_are_found_where_older_releases_put_them(tmp_path: Path, janus: Janus) -> None:
    folder = save_janus(tmp_path)
    (folder / "chat_template.jinja").rename(folder / "unused.txt")
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": TEMPLATE}))
    generation = json.loads((folder / "generation_config.json").read_text())
    del generation["generation_kwargs"]
    (folder / "generation_config.json").write_text(json.dumps(generation))
    old = load(janus_config(folder))
    assert torch.equal(old.render([janus_request()], silent), janus.render([janus_request()], silent))


def test_a_folder_without_a_template_is_refused(tmp_path: Path) -> None:
    folder = save_janus(tmp_path)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ConfigError, match="no chat template"):
        load(janus_config(folder))


def test_a_folder_of_another_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"]}))
    with pytest.raises(ConfigError, match="holds a LlamaForCausalLM where JanusForConditionalGeneration is needed"):
        load(janus_config(tmp_path))


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = save_janus(tmp_path)
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.generation_head.proj_out.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ConfigError, match="model.generation_head.proj_out.weight' is missing"):
        load(janus_config(folder))


def test_what_it_cannot_do_refuses_the_start(weights: Path) -> None:
    lora = LoraConfig(
        id="icons",
        name="Icons",
        family="janus",
        weights=Weights(path="icons"),
        licence_parts=tiny_config(weights).licence_parts,
    )
    with pytest.raises(ConfigError, match="takes no LoRAs"):
        load(janus_config(weights), [FusedLora(lora, 1.0)])
    with pytest.raises(ConfigError, match="cannot be offloaded"):
        load(janus_config(weights, runtime=Runtime(offload="model")))


def test_the_weights_have_a_name(janus: Janus) -> None:
    assert len(janus.weights) == 64
    assert (janus.device, janus.dtype) == ("cpu", "float32")
