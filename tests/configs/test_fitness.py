"""A model's YAML that asks of its family what it cannot do is refused at the start, with file, line and what it can."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs import load
from configs.capabilities import CapabilityTable
from configs.errors import ConfigError
from deployments.families.registry import FAMILIES
from tests.catalogue import add_lora, copy_configs, edit

FLUX = FAMILIES.table().families["flux"]["base"]
PLAIN = FLUX.model_copy(
    update={
        "lora": False,
        "controls": False,
        "image_prompt": None,
        "steps": (4, 30),
        "text_length": 128,
        "licence_parts": ("transformer", "autoencoder"),
    }
)
FAMILY = FAMILIES.table().families["flux"]
TABLE = CapabilityTable(families={**FAMILIES.table().families, "flux": {**FAMILY, "plain": PLAIN}})
WEIGHTS = "{weights: {path: x}, licence_parts: [{part: x, licence: mit}]}"
ENCODER = "{kind: redux, weights: {path: x}, licence_parts: [{part: x, licence: mit}]}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """mini as a variant that can do little."""
    root = copy_configs(tmp_path)
    edit(root / "configs/models/mini.yaml", "family: flux\n", "family: flux\nvariant: plain\n")
    return root


def test_every_model_that_ships_fits_its_family() -> None:
    table = FAMILIES.table()
    installation = load.load_installation("local", table)
    models = installation.catalog.models
    expected = {id: table.find(model.family, model.variant) for id, model in models.items()}
    assert installation.capabilities == expected


def test_what_fits_loads_with_what_it_can_do(root: Path) -> None:
    assert load.load_installation("local", TABLE, root).capabilities["mini"] == PLAIN


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("family: flux", "family: fluks", r"mini\.yaml:5: family: 'fluks' is not known; known: diffusers, flux, "),
        ("variant: plain", "variant: plane", r"mini\.yaml:6: variant: flux has no 'plane'; known: base, .*plain"),
        ("draft: 12", "draft: 3", r"mini\.yaml:11: steps\.draft: flux \(plain\) draws in 4 to 30 steps, not in 3"),
        ("high: 28", "high: 31", r"mini\.yaml:11: steps\.high: .*4 to 30 steps, not in 31"),
        ("text_length: 64", "text_length: 129", r"mini\.yaml:9: text_length: .*at most 128 tokens"),
        ("160x96]", "160x90]", r"mini\.yaml:10: native_sizes\.2: .*multiples of 16 pixels, and 160x90 is not one"),
        ("upscaler:", f"controls: {{canny: {WEIGHTS}}}\nupscaler:", r"mini\.yaml:14: controls: .*no ControlNets"),
        ("upscaler:", f"image_prompt: {ENCODER}\nupscaler:", r"mini\.yaml:14: image_prompt: .*no pictures as prompts"),
        ("- {part: autoencoder, licence: apache-2.0}", "", r"mini\.yaml:17: licence_parts: 'autoencoder' of .*named"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_line(root: Path, old: str, new: str, message: str) -> None:
    edit(root / "configs/models/mini.yaml", old, new)
    with pytest.raises(ConfigError, match=message):
        load.load_installation("local", TABLE, root)


def test_a_model_without_guidance_has_no_guidance_scale(root: Path) -> None:
    edit(root / "configs/models/flux-1-schnell.yaml", "guidance_scale: 0", "guidance_scale: 3.5")
    with pytest.raises(ConfigError, match=r"schnell\.yaml:\d+: guidance_scale: .*draws without guidance: write 0"):
        load.load_installation("local", TABLE, root)


def test_schnell_never_gets_28_steps(root: Path) -> None:
    edit(root / "configs/models/flux-1-schnell.yaml", "high: 4", "high: 28")
    with pytest.raises(ConfigError, match=r"schnell\.yaml:\d+: steps\.high: .*1 to 12 steps, not in 28"):
        load.load_installation("local", TABLE, root)


def test_a_lora_is_not_fused_into_a_model_that_takes_none(root: Path) -> None:
    add_lora(root, "icons")
    edit(root / "configs/profiles/local.yaml", "  - model: mini\n", "  - model: mini\n    loras: [{lora: icons}]\n")
    with pytest.raises(ConfigError, match=r"local\.yaml:7: generators\.0\.loras: mini takes no LoRAs"):
        load.load_installation("local", TABLE, root)


def test_a_lora_needs_a_model_that_takes_loras(root: Path) -> None:
    add_lora(root, "icons", "models: [mini]")
    with pytest.raises(ConfigError, match=r"icons\.yaml:3: family: no model of flux that it is for takes LoRAs"):
        load.load_installation("local", TABLE, root)


@pytest.mark.parametrize(
    ("weights", "runtime", "message"),
    [
        (
            "{path: x, file: a-Q8_0.gguf, config: {path: x}}",
            "{}",
            r"mini\.yaml:7: weights\.file: .*quantisation: gguf'",
        ),
        ("{path: x}", "{quantisation: gguf}", r"mini\.yaml:\d+: runtime\.quantisation: 'gguf' is a kind of file"),
        ("{path: x, file: a-Q8_0.gguf}", "{quantisation: gguf}", r"mini\.yaml:\d+: weights: .*give 'config'"),
        ("{path: x, file: a.ckpt, config: {path: x}}", "{}", r"mini\.yaml:\d+: weights\.file: .*not of a kind"),
    ],
)
def test_a_gguf_and_its_setting_belong_together(root: Path, weights: str, runtime: str, message: str) -> None:
    mini = root / "configs/models/mini.yaml"
    edit(mini, "weights:\n  path: deployments/weights/mini\n", f"weights: {weights}\n")
    edit(mini, "runtime: {dtype: float32, device: auto}", f"runtime: {runtime}")
    with pytest.raises(ConfigError, match=message):
        load.load_installation("local", TABLE, root)


def test_what_stands_beside_a_model_is_no_gguf(root: Path) -> None:
    net = "{weights: {path: x, file: a.gguf, config: {path: x}}, licence_parts: [{part: x, licence: mit}]}"
    edit(root / "configs/models/flux-1-dev.yaml", "text_length:", f"controls: {{canny: {net}}}\ntext_length:")
    with pytest.raises(ConfigError, match=r"controls\.canny: only a model's own transformer is read from a GGUF"):
        load.load_installation("local", TABLE, root)


def test_controls_and_image_prompts_fit_where_the_family_takes_them(root: Path) -> None:
    taking = FLUX.model_copy(update={"controls": True, "image_prompt": "redux"})
    able = CapabilityTable(families={**TABLE.families, "flux": {**FAMILY, "plain": taking}})
    lines = f"controls: {{canny: {WEIGHTS}}}\nimage_prompt: {ENCODER}\n"
    edit(root / "configs/models/mini.yaml", "upscaler:", f"{lines}upscaler:")
    mini = load.load_installation("local", able, root).catalog.models["mini"]
    assert (list(mini.controls), mini.image_prompt is not None) == (["canny"], True)
    edit(root / "configs/models/mini.yaml", "kind: redux", "kind: ip-adapter")
    with pytest.raises(ConfigError, match=r"mini\.yaml:15: image_prompt\.kind: .*by redux, not by ip-adapter"):
        load.load_installation("local", able, root)
