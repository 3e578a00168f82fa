"""LoRAs, slots and step caches in YAML: what is wrong is refused with file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.contracts import StepCacheConfig
from configs.errors import ConfigError
from configs.load import load_catalog
from tests.catalogue import add_lora, add_model, copy_configs, edit, load_installation


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_configs(tmp_path)


def test_a_lora_says_what_a_user_wants_to_know(root: Path) -> None:
    lines = ("description: flat", "trigger_words: [fluenticon]", "default_strength: 0.8", "models: [mini]")
    add_lora(root, "icons", *lines)
    lora = load_catalog(root).loras["icons"]
    assert (lora.description, lora.trigger_words, lora.default_strength) == ("flat", ("fluenticon",), 0.8)


def test_a_lora_fits_its_family_or_the_models_it_names(root: Path) -> None:
    add_lora(root, "any")
    add_lora(root, "large", "models: [flux-1-dev]")
    add_model(root, "other", "paint")
    catalog = load_catalog(root)
    fits = {
        id: [model.id for model in catalog.models.values() if catalog.loras[id].fits(model)] for id in catalog.loras
    }
    family = [model.id for model in catalog.models.values() if model.family == "flux"]
    assert {"flux-1-dev", "mini"} < set(family)
    assert fits == {"any": family, "large": ["flux-1-dev"]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("default_strength: 3", r"icons\.yaml:6: default_strength: .*less than or equal to 2"),
        ("default_strength: .nan", r"icons\.yaml:6: default_strength: .*finite"),
        ("models: [mimi]", r"icons\.yaml:6: models\.0: 'mimi' is not known; known: flux-1-dev"),
        ("models: [other]", r"icons\.yaml:6: models\.0: other is of the family paint, not of flux"),
        ("trigger_word: x", r"icons\.yaml:6: trigger_word: is not a setting; did you mean trigger_words"),
        ("trigger_words: ['']", r"icons\.yaml:6: trigger_words\.0: .*at least 1"),
    ],
)
def test_a_wrong_lora_is_refused_at_its_line(root: Path, line: str, message: str) -> None:
    add_model(root, "other", "paint")
    add_lora(root, "icons", line)
    with pytest.raises(ConfigError, match=message):
        load_catalog(root)


def test_a_lora_of_a_family_that_nobody_has_is_refused(root: Path) -> None:
    add_lora(root, "icons", family="fluks")
    with pytest.raises(ConfigError, match=r"icons\.yaml:3: family: 'fluks' is not known; known: flux"):
        load_catalog(root)


def test_a_lora_must_say_what_it_learned_from(root: Path) -> None:
    edit(add_lora(root, "icons"), ", {part: training data, licence: apache-2.0}", "")
    with pytest.raises(ConfigError, match=r"icons\.yaml:5: licence_parts: 'training data' is missing"):
        load_catalog(root)


def test_a_lora_is_not_fused_into_a_model_that_it_does_not_fit(root: Path) -> None:
    add_lora(root, "icons", "models: [flux-1-dev]")
    edit(root / "configs/profiles/local.yaml", "  - model: mini\n", "  - model: mini\n    loras: [{lora: icons}]\n")
    with pytest.raises(ConfigError, match=r"local\.yaml:7: .*'icons' is for flux-1-dev, not mini"):
        load_installation("local", root)


@pytest.mark.parametrize("value", ["{rank: 4}", "{16: -1}", "{0: 4}"])
def test_slots_are_counts_per_rank(root: Path, value: str) -> None:
    file = root / "configs/models/mini.yaml"
    edit(file, "upscaler: mini-x4\n", f"upscaler: mini-x4\nlora_slots: {value}\n")
    with pytest.raises(ConfigError, match=r"mini\.yaml:14: lora_slots\.\w+: "):
        load_catalog(root)


def test_a_model_has_slots_without_asking(root: Path) -> None:
    assert load_catalog(root).models["mini"].lora_slots == {16: 8, 64: 2}


def test_a_quality_may_skip_steps(root: Path) -> None:
    edit(root / "configs/qualities/draft.yaml", "order: 1\n", "order: 1\nstep_cache: {threshold: 0.1}\n")
    assert load_catalog(root).qualities["draft"].step_cache == StepCacheConfig(threshold=0.1)


def test_no_quality_that_ships_skips_steps() -> None:
    assert all(quality.step_cache is None for quality in load_catalog().qualities.values())


def test_the_highest_quality_is_exact(root: Path) -> None:
    edit(root / "configs/qualities/ultra.yaml", "order: 4\n", "order: 4\nstep_cache: {threshold: 0.1}\n")
    with pytest.raises(ConfigError, match=r"ultra\.yaml:5: step_cache: ultra is the highest quality"):
        load_catalog(root)


@pytest.mark.parametrize("value", ["{}", "{threshold: 0.1, skip: [3]}", "{threshold: 0}", "{skip: [0]}"])
def test_a_step_cache_has_one_rule(root: Path, value: str) -> None:
    edit(root / "configs/qualities/draft.yaml", "order: 1\n", f"order: 1\nstep_cache: {value}\n")
    with pytest.raises(ConfigError, match=r"draft\.yaml:5: step_cache"):
        load_catalog(root)
