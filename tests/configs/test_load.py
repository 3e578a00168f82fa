"""YAML that is wrong is refused with file, line, field and what is allowed; YAML that ships is right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from configs.errors import ConfigError
from configs.load import ROOT, load_catalog
from tests.catalogue import load_installation


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "configs", tmp_path / "configs", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize("profile", [file.stem for file in (ROOT / "configs" / "profiles").glob("*.yaml")])
def test_every_profile_that_ships_loads(profile: str) -> None:
    installation = load_installation(profile)
    assert installation.profile.default_model in installation.catalog.models


def test_asset_types_of_the_brief_are_there() -> None:
    assert {"icon", "product_illustration", "logo_illustration", "premium_illustration"} <= set(
        load_catalog().asset_types
    )


def test_a_typo_names_file_line_and_the_likely_setting(checkout: Path) -> None:
    _edit(checkout / "configs/models/mini.yaml", "guidance_scale:", "guidence_scale:")
    with pytest.raises(ConfigError, match=r"configs/models/mini\.yaml:11: guidence_scale: .*did you mean guidance"):
        load_catalog(checkout)


def test_a_wrong_type_names_the_field(checkout: Path) -> None:
    _edit(checkout / "configs/models/mini.yaml", "steps: {draft: 12", "steps: {draft: many")
    with pytest.raises(ConfigError, match=r"mini\.yaml:\d+: steps\.draft: .*integer"):
        load_catalog(checkout)


def test_an_unknown_reference_lists_what_is_known(checkout: Path) -> None:
    _edit(checkout / "configs/profiles/local.yaml", "default_model: mini", "default_model: mimi")
    with pytest.raises(ConfigError, match=r"local\.yaml:4: default_model: 'mimi' is not known; known: mini"):
        load_installation("local", checkout)


def test_broken_yaml_names_the_line(checkout: Path) -> None:
    (checkout / "configs/qualities/draft.yaml").write_text("id: draft\nname: [\n")
    with pytest.raises(ConfigError, match=r"draft\.yaml:\d+: not valid YAML"):
        load_catalog(checkout)


def test_a_key_given_twice_is_refused(checkout: Path) -> None:
    _edit(checkout / "configs/qualities/draft.yaml", "order: 1", "order: 1\norder: 2")
    with pytest.raises(ConfigError, match="'order' is there twice"):
        load_catalog(checkout)


def test_an_id_must_be_the_file_name(checkout: Path) -> None:
    _edit(checkout / "configs/qualities/draft.yaml", "id: draft", "id: drafty")
    with pytest.raises(ConfigError, match="must be the file's name"):
        load_catalog(checkout)


def test_a_licence_must_be_known(checkout: Path) -> None:
    _edit(
        checkout / "configs/models/mini.yaml", "part: transformer, licence: apache-2.0", "part: transformer, licence: x"
    )
    with pytest.raises(ConfigError, match=r"licence_parts\.0\.licence: 'x' is not known"):
        load_catalog(checkout)


def test_a_model_needs_its_upscaler_in_the_profile(checkout: Path) -> None:
    _edit(checkout / "configs/profiles/local.yaml", "upscalers:\n  - upscaler: mini-x4\n", "")
    with pytest.raises(ConfigError, match="mini needs 'mini-x4' among upscalers"):
        load_installation("local", checkout)


@pytest.mark.parametrize("setting", ["offload: model", "quantisation: fp8", "preset: small", "vae_tiling: true"])
def test_an_upscaler_refuses_settings_that_are_for_models(checkout: Path, setting: str) -> None:
    _edit(checkout / "configs/upscalers/mini-x4.yaml", "scale: 4", f"runtime: {{{setting}}}\nscale: 4")
    name = setting.split(":")[0]
    with pytest.raises(
        ConfigError, match=rf"mini-x4\.yaml:7: runtime: '{name}' is for models; what counts here is dtype"
    ):
        load_catalog(checkout)


def test_an_unknown_profile_lists_the_profiles() -> None:
    with pytest.raises(ConfigError, match="there is no profile 'laptop'; known: door, gpu, local, worker"):
        load_installation("laptop")


def test_a_size_explains_how_to_write_it(checkout: Path) -> None:
    _edit(checkout / "configs/asset_types/icon.yaml", "default_size: 512x512", "default_size: big")
    with pytest.raises(ConfigError, match=r"icon\.yaml:\d+: default_size: 'big' is not a size: write WIDTHxHEIGHT"):
        load_catalog(checkout)
