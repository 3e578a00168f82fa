"""Training mini at toy size: stages resume as if never stopped, and what is exported draws at every size."""

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline
from transformers import CLIPTokenizer, T5Tokenizer

from deployments.networks.srvgg import SRVGGNetCompact
from training.mini import export as exporting
from training.mini.alignment import CHANNELS
from training.mini.attention import MatmulProcessor
from training.mini.autoencoder import AutoencoderPlan, train_autoencoder
from training.mini.dataset import name_of, render_world, scene_at
from training.mini.denoiser import DenoiserPlan, train_denoiser
from training.mini.evaluate import mark
from training.mini.examination import set_questions
from training.mini.judges import answers_of
from training.mini.latents import token_grid
from training.mini.networks import Shape, build_transformer, image_ids
from training.mini.parallel import Crew
from training.mini.templates import TEMPLATES
from training.mini.tokenizers import TEXT_LENGTH, sample_captions, train_clip_tokenizer, train_t5_tokenizer
from training.mini.workspace import Workspace
from training.mini.world.scene import HELD_OUT, SIZES

pytestmark = pytest.mark.timeout(1200)  # they train, beside whatever else runs on the machine

TOY = Shape(heads=1, head_width=16, rope_axes=(4, 6, 6), double_blocks=1, single_blocks=1, t5_width=32, clip_width=32)
CREW = Crew()


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokenizers")
    texts = list(sample_captions(5, 1500))
    train_clip_tokenizer(texts).save_pretrained(folder / "clip")
    train_t5_tokenizer(texts).save_pretrained(folder / "t5")
    return folder


def toy_space(root: Path, tokenizers: Path) -> Workspace:
    """A workspace with random latents and features in place of a rendered and encoded world."""
    space = Workspace(root, 5)
    space.path("tokenizer").symlink_to(tokenizers)
    rng = np.random.default_rng(0)
    for size in SIZES:
        rows, columns = token_grid(size)
        latents = rng.normal(size=(6, rows * columns, 64)).astype(np.float16)
        np.save(space.path("latents", f"{name_of(size)}-0.npy"), latents)
        features = rng.normal(size=(6, rows * columns, CHANNELS)).astype(np.float16)
        np.save(space.path("features", f"{name_of(size)}-0.npy"), features)
        cover = rng.integers(0, 255, (6, rows * columns), dtype=np.uint8)
        np.save(space.path("world", f"cover-{name_of(size)}.npy"), cover)
        np.save(space.path("world", f"indices-{name_of(size)}.npy"), _people_and_things(space.seed, 3))
    return space


def _people_and_things(seed: int, each: int) -> list[int]:
    """Numbers of scenes that show people, and as many that do not."""
    kinds: tuple[list[int], list[int]] = [], []
    for number in range(100):
        kinds[bool(scene_at(seed, number).garments)].append(number)
    return [number for kind in kinds for number in kind[:each]]


def toy_plan(steps: int) -> DenoiserPlan:
    return DenoiserPlan(steps=steps, cooldown=1, batch=2, log_every=1, save_every=2, shape=TOY)


def test_tokenizers_fold_case_and_fit_templates_after_saving(tokenizers: Path) -> None:
    clip, t5 = CLIPTokenizer.from_pretrained(tokenizers / "clip"), T5Tokenizer.from_pretrained(tokenizers / "t5")
    for tokenizer in (clip, t5):
        assert tokenizer("A Red BICYCLE").input_ids == tokenizer("a red bicycle").input_ids
        assert tokenizer.model_max_length == TEXT_LENGTH
        for template in TEMPLATES.values():
            assert len(tokenizer(template.format(prompt="a red bicycle icon")).input_ids) <= TEXT_LENGTH
    assert "bicycle" in t5.decode(t5("a red bicycle").input_ids)


@pytest.mark.long
def test_a_stopped_denoiser_resumes_as_if_it_had_never_stopped(tmp_path: Path, tokenizers: Path) -> None:
    whole, halves = (toy_space(tmp_path / name, tokenizers) for name in ("whole", "halves"))
    through = list(train_denoiser(whole, toy_plan(4), CREW))
    interrupted = train_denoiser(halves, toy_plan(4), CREW)
    assert len(list(islice(interrupted, 3))) == 3  # the checkpoint of step 2 is on disk, step 3 is lost
    resumed = list(train_denoiser(halves, toy_plan(4), CREW))
    assert [f["step"] for f in resumed] == [3, 4]
    assert [f["loss"] for f in resumed] == [f["loss"] for f in through[2:]]
    states = [space.load("denoiser") for space in (whole, halves)]
    assert all(torch.equal(a, b) for a, b in zip(states[0]["mean"], states[1]["mean"], strict=True))  # type: ignore[index]


@pytest.mark.long
def test_the_autoencoder_learns_and_resumes_on_the_same_data(tmp_path: Path) -> None:
    space = Workspace(tmp_path, 5)
    list(render_world(space, 12, processes=1))
    plan = AutoencoderPlan(steps=6, batch=4, crop=32, log_every=1, save_every=3, share=1.0, probe=1)
    losses = [f["loss"] for f in train_autoencoder(space, plan, CREW)]
    assert losses[-1] < losses[0]
    (tmp_path / "checkpoints" / "autoencoder.pt").unlink()
    assert len(list(islice(train_autoencoder(space, plan, CREW), 4))) == 4
    again = [f["loss"] for f in train_autoencoder(space, plan, CREW)]
    assert again == pytest.approx(losses[3:], rel=1e-3)


def test_matmul_attention_is_the_pipelines_attention() -> None:
    torch.manual_seed(0)
    model = build_transformer(TOY)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    inputs = {
        "hidden_states": torch.randn(2, 6, 64),
        "encoder_hidden_states": torch.randn(2, 5, 32),
        "pooled_projections": torch.randn(2, 32),
        "timestep": torch.tensor([0.3, 0.8]),
        "guidance": torch.tensor([1.0, 3.5]),
        "img_ids": image_ids(2, 3),
        "txt_ids": torch.zeros(5, 3),
    }
    with torch.no_grad():
        expected = model(**inputs, return_dict=False)[0]
        model.set_attn_processor(MatmulProcessor())
        assert torch.allclose(model(**inputs, return_dict=False)[0], expected, atol=1e-4)


def test_an_exported_folder_draws_at_every_size(
    tmp_path: Path, tokenizers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = toy_space(tmp_path / "space", tokenizers)
    list(train_denoiser(space, toy_plan(2), CREW))
    monkeypatch.setattr(exporting, "DenoiserPlan", lambda: toy_plan(2))
    space.save("scale", {"shift": 0.1, "scaling": 1.1})
    list(render_world(space, 12, processes=1))
    list(train_autoencoder(space, AutoencoderPlan(steps=1, batch=2, crop=32, share=1.0), CREW))
    exporting.export(space, tmp_path / "mini")
    loader: Any = FluxPipeline
    pipeline = loader.from_pretrained(tmp_path / "mini", dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    for width, height in SIZES:
        picture = pipeline("a red bicycle", width=width, height=height, num_inference_steps=2, max_sequence_length=64)
        assert picture.images[0].size == (width, height)


def test_the_compact_upscaler_loads_a_state_dict_with_the_official_names() -> None:
    official = {"body.0.weight": (8, 3, 3, 3), "body.0.bias": (8,), "body.1.weight": (8,)}
    official |= {"body.2.weight": (8, 8, 3, 3), "body.2.bias": (8,), "body.3.weight": (8,)}
    official |= {"body.4.weight": (48, 8, 3, 3), "body.4.bias": (48,)}
    network = SRVGGNetCompact(num_feat=8, num_conv=1)
    network.load_state_dict({name: torch.zeros(shape) for name, shape in official.items()}, strict=True)
    picture = torch.rand(1, 3, 5, 7)
    enlarged = network(picture)
    assert enlarged.shape == (1, 3, 20, 28)
    assert torch.equal(enlarged[0, :, ::4, ::4], picture[0])
    with pytest.raises(ValueError, match="act_type"):
        SRVGGNetCompact(act_type="swish")


def test_the_table_counts_what_was_asked() -> None:
    questions = set_questions(1, seen=6, people=3)
    right = torch.tensor([answers_of(q.scene) for q in questions])
    rows = {row.judged: row for row in mark(questions, right)}
    assert all(row.right == row.of for row in rows.values())
    assert rows["subject"].of == len(questions)
    assert rows["subject, held-out pairs"].of == len(HELD_OUT)
    assert rows["garment with its colour"].of == sum(len(q.scene.garments) for q in questions)
    wrong = right.clone()
    wrong[0, 0] = (wrong[0, 0] + 1) % 10
    assert {row.judged: row for row in mark(questions, wrong)}["subject"].right == len(questions) - 1


def test_exam_prompts_cover_every_held_out_pair_and_are_the_same_every_time() -> None:
    questions = set_questions(1)
    assert len(questions) >= 300
    assert {(q.scene.subject, q.scene.colour) for q in questions} >= HELD_OUT
    assert questions == set_questions(1)
