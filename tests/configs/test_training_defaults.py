"""What a training is set to where nobody says otherwise: by family, model, asset type, and what is learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.errors import ConfigError
from configs.load import load_catalog, load_installation
from configs.training import TrainingSettings
from configs.training_bases import trainable
from configs.training_defaults import settings_of
from deployments.families.registry import FAMILIES
from tests.catalogue import copy_configs, edit

STUDIO = load_installation("local", FAMILIES.table())
CATALOG = STUDIO.catalog
BASES = trainable(CATALOG, STUDIO.capabilities)


def usual(model: str, asset_type: str | None = None, pictures: int = 30, subject: bool = False) -> TrainingSettings:
    config = CATALOG.models[model]
    return settings_of(CATALOG.trainings[config.family], config, asset_type, pictures, subject)


def test_every_family_that_is_trained_on_has_settings_with_a_source() -> None:
    assert set(CATALOG.trainings) == {CATALOG.models[id].family for id in BASES}
    for defaults in CATALOG.trainings.values():
        assert set(CATALOG.asset_types) == set(defaults.asset_types)


@pytest.mark.parametrize("model", BASES)
def test_thirty_pictures_are_looked_at_between_20_and_100_times(model: str) -> None:
    for asset_type in (None, *CATALOG.asset_types):
        settings = usual(model, asset_type)
        looks = settings.steps * settings.batch * settings.accumulation / 30
        assert 15 <= looks <= 100
        assert settings.alpha is None, "alpha is the rank: loaders take it for that where a file says nothing"
        assert settings.checkpoint_every <= settings.steps


def test_a_model_with_embedded_guidance_is_told_what_its_yaml_says() -> None:
    for model in BASES:
        if STUDIO.capabilities[model].guidance == "embedded":
            assert usual(model).guidance_scale == CATALOG.models[model].training_guidance == 1


def test_mini_is_trained_as_it_was_measured_to_learn_best() -> None:
    settings = usual("mini", "premium_illustration", pictures=24)
    assert (settings.rank, settings.batch, settings.steps, settings.rate) == (8, 4, 200, 2e-3)
    assert (settings.guidance, settings.guidance_least, settings.guidance_most) == ("contrastive", 1, 5)
    assert (settings.shift, settings.schedule, settings.precision) == (2, "cosine", "float32")


def test_more_pictures_take_more_steps_within_bounds() -> None:
    assert [usual("flux-1-dev", pictures=count).steps for count in (5, 20, 40, 200)] == [500, 1000, 2000, 3000]


def test_a_subject_is_learned_otherwise_than_a_style() -> None:
    style, subject = (usual("flux-2-klein-base-4b", subject=subject) for subject in (False, True))
    assert (style.rank, style.rate, style.steps) == (16, 3e-4, 600)
    assert (subject.rank, subject.rate, subject.steps) == (32, 2e-4, 1050)


def test_a_family_that_is_none_is_refused(tmp_path: Path) -> None:
    root = copy_configs(tmp_path, trained=True)
    (root / "configs/training/sd3.yaml").rename(root / "configs/training/sd4.yaml")
    edit(root / "configs/training/sd4.yaml", "id: sd3", "id: sd4")
    with pytest.raises(ConfigError, match=r"sd4\.yaml:2: id: 'sd4' is not known; known: .*sd3"):
        load_installation("local", FAMILIES.table(), root)


def test_terms_for_a_model_that_is_not_here_wait_for_it(tmp_path: Path) -> None:
    root = copy_configs(tmp_path, trained=True)
    for model in ("flux-2-klein-4b", "flux-2-klein-base-4b"):
        (root / f"configs/models/{model}.yaml").unlink()
    catalog = load_installation("local", FAMILIES.table(), root).catalog
    assert "flux-2-klein-base-4b" in catalog.trainings["flux2"].models


def test_sdxl_is_weighed_by_min_snr_and_hidream_taught_in_its_attention() -> None:
    assert (usual("sdxl-base").min_snr, usual("sdxl-base").noise) == (5, "uniform")
    assert usual("hidream-i1-full").targets == "attention"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rank: 16", "rang: 16", r"sd3\.yaml:\d+: 'rang' is no setting of a training; they are "),
        ("rank: 16", "rank: 0", r"sd3\.yaml:\d+: .*greater than or equal to 1"),
        ("rank: 16", "steps: 9", r"sd3\.yaml:\d+: .*follows from 'looks', 'fewest' and 'most'"),
        ("most: 3000", "most: 30", r"sd3\.yaml:\d+: .*'fewest' is above 'most' for sd3"),
    ],
)
def test_what_cannot_be_is_refused_at_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    root = copy_configs(tmp_path, trained=True)
    edit(root / "configs/training/sd3.yaml", old, new)
    with pytest.raises(ConfigError, match=message):
        load_catalog(root)
