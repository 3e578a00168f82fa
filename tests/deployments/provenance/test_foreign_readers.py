"""Programs of others read our files: ExifTool the mark and the manifest, sd-parsers what another program would draw."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sd_parsers import ParserManager

from configs.formats import Format
from deployments.provenance.signing import SIGNED
from deployments.stages.encode import FinishRequest, encode
from deployments.stages.recipe import read_parameters, read_recipe, to_parameters
from deployments.stages.xmp import MACHINE_MADE
from tests.deployments.pictures import RECIPE, icon
from tests.deployments.provenance.samples import a_signatory, written


@pytest.mark.parametrize("kind", SIGNED)
def test_exiftool_reads_the_mark_of_each_format(tmp_path: Path, kind: Format) -> None:
    program = shutil.which("exiftool")
    assert program, "ExifTool is not installed: run tests/install-servers.sh (`make test` does it) and test again"
    file = tmp_path / f"a.{kind}"
    file.write_bytes(written(kind, a_signatory(tmp_path)))
    done = subprocess.run([program, "-json", "-G1", file], capture_output=True, text=True, check=True)
    (told,) = json.loads(done.stdout)
    assert told["XMP-iptcExt:DigitalSourceType"] == MACHINE_MADE
    assert told["XMP-xmp:CreatorTool"] == f"Atelier {RECIPE.atelier}"
    assert not [name for name in told if "Warning" in name]
    if kind != "png":  # which has it in a text of its own
        assert told["ExifIFD:UserComment"] == to_parameters(RECIPE)
    if kind in ("png", "jpeg"):  # where it knows C2PA, too
        assert told["JUMBF:JUMDLabel"] == "c2pa"
        assert told["CBOR:ActionsDigitalSourceType"] == MACHINE_MADE


@pytest.mark.parametrize("kind", [kind for kind in SIGNED if kind != "avif"])  # which it does not open
def test_sd_parsers_reads_prompts_sampler_and_model(tmp_path: Path, kind: Format) -> None:
    file = tmp_path / f"a.{kind}"
    file.write_bytes(written(kind, a_signatory(tmp_path)))
    read = ParserManager().parse(file)
    assert read is not None
    (prompt,), (negative,), (sampler,) = read.prompts, read.negative_prompts, read.samplers
    assert (prompt.value, negative.value) == (f"{RECIPE.full_prompt} <lora:icons:0.8>", RECIPE.negative_prompt)
    assert (sampler.name, sampler.parameters["seed"]) == ("DPM++ 2M", str(RECIPE.seed))
    assert sampler.model is not None
    assert (sampler.model.name, sampler.model.hash) == (RECIPE.model, RECIPE.weights[:10])


@pytest.mark.parametrize("kind", SIGNED)
def test_a_private_file_says_how_and_not_what(kind: Format) -> None:
    hidden = replace(RECIPE, private=True, loras=())
    (file,) = encode(icon(64), FinishRequest(64, 64, (kind,), hidden)).files
    said = read_parameters(file.data)
    assert said is not None
    assert said.startswith("Steps: 20, ")
    assert said == to_parameters(hidden.outward())
    for words in (RECIPE.full_prompt, RECIPE.negative_prompt):
        assert words.encode() not in file.data
        assert words.encode("utf-16-be") not in file.data


def test_words_of_any_script_are_in_the_comment_and_what_is_too_long_for_a_segment_is_left_out() -> None:
    wordy = replace(RECIPE, full_prompt="ein Fuchs, 狐, лиса 🦊")
    (file,) = encode(icon(64), FinishRequest(64, 64, ("jpeg",), wordy)).files
    assert read_parameters(file.data) == to_parameters(wordy)
    endless = replace(RECIPE, full_prompt="a fox, " * 5000)
    (file,) = encode(icon(64), FinishRequest(64, 64, ("jpeg",), endless)).files
    assert read_parameters(file.data) is None
    assert read_recipe(file.data) == endless
