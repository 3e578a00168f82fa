"""Every scorer of the table keeps what the protocol says; the one that ships tells right prompts from wrong ones."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
)

from configs.errors import ConfigError
from configs.load import load_catalog
from configs.runtime import Runtime
from configs.schema import LicencePart
from configs.scorers import ScorerConfig, ScorerKind
from configs.weights import Weights
from deployments.messages import Picture
from deployments.scorers.scorer import Scorer
from deployments.scorers.table import SCORERS, load_scorer
from deployments.scorers.towers import TwoTowers
from deployments.stages.measures import measure
from training.mini.world.pictures import render
from training.mini.world.scene import sample_any
from training.scorer.sentences import tell

WORDS = ("a", "bicycle", "blue", "mug", "of", "red")
_TEXT = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
_READ = _TEXT | {"vocab_size": 10, "max_position_embeddings": 12}
_READ |= {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
_SEEN = _TEXT | {"image_size": 32, "patch_size": 16}


def two_towers(folder: Path) -> None:
    torch.manual_seed(0)
    sizes = {"length": 8, "width": 4, "text_width": 16, "layers": 1, "dimensions": 8}
    network = TwoTowers(1 + len(WORDS), **sizes)
    save_file(
        {name: tensor.contiguous() for name, tensor in network.state_dict().items()}, folder / "model.safetensors"
    )
    (folder / "config.json").write_text(json.dumps({"words": WORDS, **sizes}))


def tokenizer(folder: Path) -> None:
    vocabulary = {word: number for number, word in enumerate(("<pad>", "<s>", "</s>", "<unk>", *WORDS))}
    raw = Tokenizer(models.WordLevel(vocabulary, "<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    kind: Any = PreTrainedTokenizerFast  # transformers has no types
    kind(tokenizer_object=raw, pad_token="<pad>", eos_token="</s>", bos_token="<s>", unk_token="<unk>").save_pretrained(
        folder
    )


def clip(folder: Path) -> None:
    torch.manual_seed(4)
    config = CLIPConfig(text_config=_READ, vision_config=_SEEN, projection_dim=8)
    CLIPModel(config).save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    tokenizer(folder)


def siglip(folder: Path) -> None:
    torch.manual_seed(0)
    SiglipModel(SiglipConfig(text_config=_READ, vision_config=_SEEN)).save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    tokenizer(folder)


MADE: dict[str, tuple[ScorerKind, Callable[[Path], None]]] = {
    "two-towers": ("two-towers", two_towers),
    "clip": ("clip", clip),
    "siglip": ("clip", siglip),
}


def config(kind: ScorerKind, folder: Path) -> ScorerConfig:
    return ScorerConfig(
        id="tiny",
        name="Tiny",
        kind=kind,
        weights=Weights(path=str(folder)),
        runtime=Runtime(device="cpu"),
        licence_parts=(LicencePart(part="network", licence="apache-2.0"),),
    )


@pytest.fixture(scope="module", params=MADE)
def scorer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    kind, make = MADE[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    make(folder)
    return load_scorer(config(kind, folder))


def picture(number: int, width: int = 48, height: int = 40) -> Picture:
    rng = np.random.default_rng(number)
    return Picture(width, height, rng.integers(0, 256, (height, width, 3), np.uint8).tobytes())


def test_every_kind_has_a_row_and_is_tried_here() -> None:
    assert {kind for kind, _ in MADE.values()} == set(SCORERS)


def test_a_score_lies_between_nothing_and_one_and_is_the_same_again(scorer: Scorer) -> None:
    for number in range(4):
        score = scorer.score(picture(number), "a red bicycle")
        assert score is not None
        assert 0 <= score <= 1
        assert scorer.score(picture(number), "a red bicycle") == score


def test_what_was_scored_before_changes_nothing(scorer: Scorer) -> None:
    alone = scorer.score(picture(1), "a red bicycle")
    scorer.score(picture(2, 200, 30), "blue mug of a bicycle of a mug of a bicycle of a mug of a bicycle of a mug")
    assert scorer.score(picture(1), "a red bicycle") == alone


def test_both_picture_and_words_count(scorer: Scorer) -> None:
    scores = {scorer.score(picture(n), words) for n in range(1, 5) for words in ("a red bicycle", "blue mug")}
    assert len(scores) > 1


def test_a_long_prompt_and_a_tiny_picture_are_scored(scorer: Scorer) -> None:
    assert scorer.score(picture(1, 2, 3), "a red bicycle of a blue mug " * 40) is not None


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("harm", ["gone", "cut"])
def test_weights_that_are_not_whole_are_refused_in_a_sentence(made: str, harm: str, tmp_path: Path) -> None:
    kind, make = MADE[made]
    make(tmp_path)
    file = tmp_path / "model.safetensors"
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ConfigError) as refused:
        load_scorer(config(kind, tmp_path))
    assert "scorer 'tiny'" in str(refused.value)
    assert "\n" not in str(refused.value).strip()


def test_towers_of_other_sizes_than_their_config_are_refused(tmp_path: Path) -> None:
    two_towers(tmp_path)
    told = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(told | {"dimensions": 16}))
    with pytest.raises(ConfigError, match="export them together"):
        load_scorer(config("two-towers", tmp_path))


def test_a_text_model_is_no_scorer(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_size": 8}))
    with pytest.raises(ConfigError, match="scorer 'tiny'"):
        load_scorer(config("clip", tmp_path))


def test_two_towers_pass_over_words_that_they_do_not_know(tmp_path: Path) -> None:
    two_towers(tmp_path)
    towers = load_scorer(config("two-towers", tmp_path))
    assert towers.score(picture(1), "kindly paint: red bicycle!") == towers.score(picture(1), "red bicycle")
    assert towers.score(picture(1), "ein Fahrrad") is None


def test_a_clip_that_learned_preferences_is_one_of_the_kind_and_orders_pictures_as_it_learned(tmp_path: Path) -> None:
    """PickScore and HPSv2 are CLIPs whose scaled cosine is the logit of being chosen."""
    clip(tmp_path)
    learned = config("clip", tmp_path).model_copy(update={"says": "preference"})
    taste, bare = load_scorer(learned), CLIPModel.from_pretrained(tmp_path)
    processor, words = (
        CLIPImageProcessorPil.from_pretrained(tmp_path),
        PreTrainedTokenizerFast.from_pretrained(tmp_path),
    )
    shown = [picture(number) for number in range(8)]
    images = [Image.frombytes("RGB", (one.width, one.height), one.rgb) for one in shown]
    with torch.inference_mode():
        pixels = processor(images=images, return_tensors="pt").pixel_values
        logits = bare(pixel_values=pixels, **words("a red bicycle", return_tensors="pt")).logits_per_image[:, 0]
    scores = [measure(one, ("preference",), "a red bicycle", taste)["preference"] for one in shown]
    positive = [place for place in range(8) if logits[place] > 0]
    assert len(positive) > 2
    assert sorted(positive, key=lambda place: scores[place]) == sorted(positive, key=lambda place: float(logits[place]))


def test_the_one_that_ships_tells_true_sentences_from_nearly_true_ones() -> None:
    towers = load_scorer(load_catalog().scorers["mini-scorer"])
    right = of = 0
    for number in range(12):
        scene = sample_any(random.Random(f"told-{number}"))
        levels = render(scene)
        shown = Picture(levels.shape[1], levels.shape[0], levels.tobytes())
        true, others = tell(scene, random.Random(number))
        score = towers.score(shown, true) or 0.0
        right += sum(score > (towers.score(shown, other) or 0.0) for other in others)
        of += len(others)
    assert right / of > 0.85, f"{right} of {of}"
