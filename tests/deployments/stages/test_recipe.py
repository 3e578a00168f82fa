"""Every file gives its recipe back, says that a machine made it, and speaks the dialect of other tools."""

from __future__ import annotations

import io
import json
import tracemalloc
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
import resvg_py
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from configs.errors import InvalidRequest
from configs.formats import Format
from configs.noise import Neighbourhood, SeedVariation
from deployments.stages import xmp
from deployments.stages.encode import FinishRequest, encode
from deployments.stages.recipe import read_recipe, to_json, to_parameters
from tests.deployments.pictures import RECIPE, asked, icon
from tests.short_form import examples

FORMATS: tuple[Format, ...] = ("png", "webp", "svg")
AWKWARD = 'a "red" <b>&amp; ]]> bicycle\nрусский 日本語 🚲 \x01\x1f %s {}\\'


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {file.format: file.data for file in encode(icon(64), asked(*FORMATS, prompt=AWKWARD)).files}


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_gives_the_recipe_back(files: dict[str, bytes], kind: str) -> None:
    assert read_recipe(files[kind]) == replace(RECIPE, prompt=AWKWARD)


def test_a_large_drawing_of_others_is_searched_without_being_held_as_a_tree() -> None:
    """A tree is twenty times as large as its text, and a drawing may have 50 MB."""
    drawing = "<svg>" + "<a/>" * 250_000 + "</svg>"
    tracemalloc.start()
    try:
        assert xmp.find_recipe(drawing) is None
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 * len(drawing)


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_says_that_a_machine_made_it(files: dict[str, bytes], kind: str) -> None:
    assert f'Iptc4xmpExt:DigitalSourceType="{xmp.MACHINE_MADE}"'.encode() in files[kind]
    assert b'xmp:CreatorTool="Atelier 0.1.0"' in files[kind]


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompt=st.text(max_size=200), negative=st.text(max_size=50), seed=st.integers(0, 2**64 - 1))
@pytest.mark.parametrize("kind", ["png", "webp", "jpeg"])
def test_any_prompt_survives(kind: Format, prompt: str, negative: str, seed: int) -> None:
    request = asked(kind, size=(16, 16), prompt=prompt, negative_prompt=negative, seed=seed)
    (file,) = encode(icon(16), request).files
    assert read_recipe(file.data) == request.recipe


@given(words=st.text())
def test_any_words_are_xml(words: str) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><title>{xmp.to_text(words)}</title></svg>'
    assert resvg_py.svg_to_bytes(svg_string=drawing, skip_system_fonts=True)


def test_png_text_is_found_before_the_pixels(files: dict[str, bytes]) -> None:
    image = Image.open(io.BytesIO(files["png"]))
    assert set(image.info) >= {"atelier", "parameters", "XML:com.adobe.xmp", "srgb"}
    assert image.size == (256, 256)


def test_parameters_are_in_the_dialect_that_other_tools_read() -> None:
    assert to_parameters(RECIPE).split("\n") == [
        "a red bicycle icon, minimal vector style <lora:icons:0.8>",
        "Negative prompt: blurry",
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 3.5, Seed: 9223372036854775809, "
        "Size: 128x128, "
        "Model hash: ababababab, Model: mini, Hires upscaler: mini-x4, Hires resize: 512x512, Version: Atelier 0.1.0",
    ]


@pytest.mark.parametrize(
    ("sampler", "schedule", "said"),
    [
        ("euler", "simple", "Sampler: Euler, Schedule type: Simple, "),
        ("euler_ancestral", "sgm_uniform", "Sampler: Euler a, Schedule type: SGM Uniform, "),
        ("dpmpp_2m_sde", "exponential", "Sampler: DPM++ 2M SDE, Schedule type: Exponential, "),
        ("dpmpp_3m_sde", "normal", "Sampler: DPM++ 3M SDE, Schedule type: Normal, "),
        ("uni_pc", "leading", "Sampler: UniPC, "),
        ("ddim", None, "Sampler: DDIM, "),
        ("lcm", None, "Sampler: LCM, "),
        ("multinomial", None, ""),
        ("default", None, ""),
    ],
)
def test_the_sampler_is_the_one_that_drew_under_the_name_that_other_tools_have(
    sampler: str, schedule: str | None, said: str
) -> None:
    settings = to_parameters(replace(RECIPE, sampler=sampler, schedule=schedule)).splitlines()[-1]
    assert settings.startswith(f"Steps: 20, {said}CFG scale: 3.5, ")


def test_a_recipe_of_before_there_was_a_choice_is_written_and_read_as_before() -> None:
    old = replace(RECIPE, sampler="default", schedule=None)
    assert not {"sampler", "schedule"} & set(json.loads(to_json(old)))
    (file,) = encode(icon(16), FinishRequest(16, 16, ("png",), old)).files
    assert read_recipe(file.data) == old


def test_the_xmp_alone_is_enough(files: dict[str, bytes]) -> None:
    """Some tools drop text that they do not know, and keep XMP."""
    packet = Image.open(io.BytesIO(files["png"])).info["XML:com.adobe.xmp"]
    rewritten = io.BytesIO()
    Image.new("RGB", (8, 8)).save(rewritten, "WEBP", xmp=packet.encode())
    assert read_recipe(rewritten.getvalue()).prompt == AWKWARD


def test_a_recipe_rewritten_as_an_attribute_is_still_read(files: dict[str, bytes]) -> None:
    root = ElementTree.fromstring(files["svg"])
    element = root.find(f".//{xmp.RECIPE}")
    parent = root.find(".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    assert element is not None
    assert parent is not None
    parent.remove(element)
    parent.set(xmp.RECIPE, element.text or "")
    assert read_recipe(ElementTree.tostring(root)).prompt == AWKWARD


@pytest.mark.parametrize(
    "file",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<svg", b"<a>\xff</a>"],
)
def test_a_file_without_a_recipe_is_refused(file: bytes) -> None:
    with pytest.raises(InvalidRequest, match="carries no recipe"):
        read_recipe(file)


def test_a_damaged_recipe_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(InvalidRequest, match="damaged"):
        read_recipe(files["svg"].replace(b'"seed":', b'"sead":'))


def test_entities_are_never_expanded() -> None:
    bomb = (
        f'<!DOCTYPE svg [<!ENTITY a "{"x" * 9}">]><svg xmlns:r="urn:atelier:recipe:1#"><r:recipe>&a;</r:recipe></svg>'
    )
    with pytest.raises(InvalidRequest, match="carries no recipe"):
        read_recipe(bomb.encode())


def test_whose_noise_was_turned_is_in_the_recipe_and_in_the_dialect() -> None:
    near = Neighbourhood(seed=5, strength=0.2, variations=(SeedVariation(seed=3, strength=0.5),))
    recipe = replace(RECIPE, seed=9, near=near)
    (file,) = encode(icon(16), replace(asked("png", size=(16, 16)), recipe=recipe)).files
    assert read_recipe(file.data) == recipe
    assert "Seed: 5, Variation seed: 9, Variation seed strength: 0.2, " in to_parameters(recipe)
