"""`python -m training.lora.merging`: from files to a file that draws, or a sentence that says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from configs.errors import ConfigError
from configs.load import load_catalog
from configs.schema import LicencePart
from tests.deployments.loras import published
from tests.deployments.loras.published import draw, save
from tests.deployments.loras.test_import import model as model
from tests.deployments.loras.test_import import root as root
from training.lora.merging.__main__ import main
from training.lora.merging.inputs import Wanted, parse, union

Run = Callable[..., str]
LICENCES = ("--licence", "adapter=apache-2.0", "--licence", "training data=apache-2.0")


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object, code: int = 0) -> str:
        assert main([str(one) for one in arguments], root) == code
        printed = capsys.readouterr()
        return " ".join((printed.err if code else printed.out).split())

    return run


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """One as kohya writes it, one as diffusers does; alpha is half and a quarter of the rank."""
    tensors, _ = published.kohya(draw(1))
    more, metadata = published.diffusers(draw(2, rank=8))
    return (
        save(tmp_path, "ink", tensors, {"modelspec.trigger_phrase": "inkline"}),
        save(tmp_path, "flat", more, metadata | {"modelspec.trigger_phrase": "flaticon"}),
    )


def test_two_files_become_one_that_is_their_sum(files: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    out = tmp_path / "both.safetensors"
    said = run(f"{files[0]}@0.7", f"{files[1]}@0.5", "--out", out, *LICENCES)
    tensors, layer = load_file(out), "transformer_blocks.0.ff.net.0.proj"
    a, b = (tensors[f"transformer.{layer}.lora_{side}.weight"] for side in "AB")
    truth = 0.7 * draw(1).delta(layer) + 0.5 * draw(2, rank=8).delta(layer)
    assert torch.allclose(b @ a, truth, atol=1e-5)
    assert "mixed, in slots" in said
    assert "inkline, flaticon" in said
    assert f"atelier loras add {out} --id both --licence adapter=apache-2.0" in said


def test_the_header_says_what_it_was_made_of_by_hash_alone(files: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    out = tmp_path / "both.safetensors"
    run(f"{files[0]}@0.7,single_*=0.5", files[1], "--out", out, "--method", "svd", "--rank", 6, *LICENCES)
    with safe_open(out, "pt") as opened:
        header = opened.metadata()
    told = json.loads(header["atelier.merged"])
    assert told["method"] == "svd"
    assert [one["strength"] for one in told["of"]] == [0.7, 1.0]
    assert told["of"][0]["blocks"] == {"single_*": 0.5}
    assert header["modelspec.trigger_phrase"] == "inkline, flaticon"
    assert json.loads(header["atelier.licences"])["adapter"] == "apache-2.0"
    assert str(tmp_path) not in json.dumps(header)
    assert "ink.safetensors" not in json.dumps(header)


def test_a_result_is_taken_in_and_can_be_merged_again_by_its_id(
    files: tuple[Path, Path], run: Run, root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "both.safetensors"
    said = run(*files, "--out", out, "--id", "both", *LICENCES)
    taken = load_catalog(root).loras["both"]
    assert "taken in as configs/loras/both.yaml" in said
    assert taken.trigger_words == ("inkline", "flaticon")
    smaller = tmp_path / "small.safetensors"
    said = run("both@0.5", "--out", smaller, "--method", "svd", "--rank", 2)
    assert "up to 2" in said
    assert "training data: apache-2.0" in said


def test_a_lora_is_extracted_from_a_tuned_model(model: Path, run: Run, tmp_path: Path) -> None:
    lora, tuned = draw(3), tmp_path / "tuned.safetensors"
    weights = load_file(next((model / "transformer").glob("*.safetensors")))
    for layer in lora.layers:
        weights[f"{layer}.weight"] = weights[f"{layer}.weight"] + lora.delta(layer)
    weights["proj_out.bias"] = weights["proj_out.bias"] + 1
    save_file(weights, tuned)
    out = tmp_path / "taken.safetensors"
    said = run("--extract", tuned, "--model", "tiny", "--rank", 4, "--out", out)
    tensors = load_file(out)
    assert len(tensors) == 2 * len(lora.layers)
    for layer in lora.layers:
        a, b = (tensors[f"transformer.{layer}.lora_{side}.weight"] for side in "AB")
        assert torch.allclose(b @ a, lora.delta(layer), atol=1e-4)
    assert "left out" in said
    assert "not known" in said


def test_nothing_is_extracted_from_the_model_itself(model: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "none.safetensors"
    said = run("--extract", model, "--model", "tiny", "--rank", 4, "--out", out, code=1)
    assert "there is nothing to extract" in said
    assert not out.exists()


def test_a_result_that_does_not_pass_leaves_what_was_there(files: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    out = tmp_path / "both.safetensors"
    out.write_bytes(b"mine")
    said = run(f"{files[0]}@1", f"{files[0]}@-1", "--out", out, code=1)
    assert "no measurable effect" in said
    assert out.read_bytes() == b"mine"
    assert {file.stem for file in tmp_path.glob("*.safetensors")} == {"both", "flat", "ink"}
    assert not [*tmp_path.glob(".*")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.safetensors@1",), "is neither a file nor a LoRA of the installation"),
        (("{ink}@much",), "write FILE@STRENGTH"),
        (("{ink}@70",), "a strength of 70 is no strength"),
        (("{ink}", "--method", "svd"), "svd needs --rank"),
        (("{ink}", "--method", "svd", "--rank", "0"), "between 1 and 512"),
        (("{ink}", "--method", "dare", "--rank", "4", "--density", "0"), "between 0 and 1"),
        (("{ink}", "--model", "none"), "there is no model 'none'"),
        (("{ink}", "--id", "both"), "the licence of adapter and of training data is missing"),
        (("--extract", "{ink}", "--model", "tiny", "--rank", "4"), "give it in diffusers' layout"),
        (("--extract", "{ink}", "--rank", "4"), "--extract needs --model"),
        (("--extract", "{ink}", "--model", "tiny"), "--extract needs --rank"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    arguments: tuple[str, ...], says: str, files: tuple[Path, Path], run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out.safetensors"
    assert says in run(*(one.format(ink=files[0]) for one in arguments), "--out", out, code=1)
    assert not out.exists()


@pytest.mark.parametrize("given", [(), ("a.safetensors", "--extract", "b")])
def test_one_of_the_two_jobs_is_named(given: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*given, "--out", str(tmp_path / "x.safetensors")])


def test_inputs_are_read_as_they_are_written() -> None:
    assert parse("a.safetensors") == Wanted("a.safetensors")
    assert parse("icons@-0.5") == Wanted("icons", -0.5)
    assert parse("a@b.safetensors@.5,x.*=2,y=0") == Wanted("a@b.safetensors", 0.5, (("x.*", 2.0), ("y", 0.0)))
    with pytest.raises(ConfigError, match="write FILE@STRENGTH"):
        parse("a.safetensors@0.5,x")


def test_a_union_of_licences_loses_none() -> None:
    def part(name: str, licence: str) -> LicencePart:
        return LicencePart(part=name, licence=licence)

    both = union(
        {
            "LoRA 'ink'": (part("adapter", "apache-2.0"), part("training data", "apache-2.0")),
            "LoRA 'flat'": (part("adapter", "apache-2.0"), part("training data", "cc-by-nc-4.0")),
        },
        {},
    )
    assert both == (
        part("adapter", "apache-2.0"),
        part("training data", "apache-2.0"),
        part("training data of LoRA 'flat'", "cc-by-nc-4.0"),
    )


def test_a_part_under_many_licences_keeps_each() -> None:
    data = tuple(LicencePart(part="training data", licence=id) for id in ("own", "bought", "unknown"))
    assert [one.part for one in union({"ink": data}, {"training data": "own"})] == [
        "training data",
        "training data of ink",
        "training data of ink, 2",
    ]
    assert {one.licence for one in union({"ink": data, "flat": data}, {})} == {"own", "bought", "unknown"}


def test_what_was_merged_here_brings_its_licences_along(files: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    run(files[0], "--out", first, *LICENCES)
    said = run(first, files[1], "--out", second)
    assert "adapter: apache-2.0; training data: apache-2.0" in said
