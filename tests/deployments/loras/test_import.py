"""`python -m deployments.loras`: what is taken in can be used, and what is refused leaves nothing behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from configs.errors import ConfigError
from configs.load import ROOT, load_catalog
from configs.schema import LicencePart, LoraConfig
from configs.weights import Weights
from deployments import terminal
from deployments.loras import files, intake
from deployments.loras.__main__ import main
from deployments.loras.convert import convert
from deployments.loras.intake import to_yaml
from deployments.loras.keys import Anatomy
from deployments.loras.origin import frequent_tags, guess, trigger_words
from tests.deployments.loras import published
from tests.deployments.loras.published import draw, save
from tests.deployments.tiny import save_tiny

LICENCES = ("--licence", "adapter=apache-2.0", "--licence", "training data=apache-2.0")
AWAY = ("models", "loras", "training", "*.py", "*.pyc")
"""Of `configs`: the models that ship, and what speaks of them."""
MODEL = """
id: tiny
name: Tiny
description: Random weights
family: flux
weights: {{path: {folder}}}
text_length: 64
native_sizes: [96x96]
steps: {{draft: 2}}
guidance_scale: 3.5
seconds_per_step: 0.01
licence_parts: [{{part: transformer, licence: apache-2.0}}]
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("flux"))


@pytest.fixture
def root(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with one tiny model, and a weights folder of its own."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs", ignore=shutil.ignore_patterns(*AWAY))
    (tmp_path / "configs" / "models").mkdir()
    (tmp_path / "configs" / "models" / "tiny.yaml").write_text(MODEL.format(folder=model))
    monkeypatch.setenv("ATELIER_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    tensors, _ = published.kohya(draw())
    return save(
        tmp_path, "download", tensors, {"modelspec.trigger_phrase": "fluenticon", "ss_base_model_version": "f1"}
    )


Run = Callable[..., str]


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command; returns what it printed, to stderr if it was refused."""

    def run(*arguments: object, code: int = 0) -> str:
        assert main([str(one) for one in arguments], root) == code
        printed = capsys.readouterr()
        return " ".join((printed.err if code else printed.out).split())

    return run


def taken(root: Path) -> list[str]:
    """What lies in the weights folder and beside the YAMLs."""
    return sorted(path.name for folder in ("weights/loras", "configs/loras") for path in (root / folder).glob("*.*s*"))


def test_check_reports_and_writes_nothing(run: Run, root: Path, lora: Path) -> None:
    report = run("check", lora)
    for words in ("kohya", "f1", "15 of 15 (100%)", "rank │ 4", "mixed, in slots", "fluenticon", "changes tiny"):
        assert words in report
    assert taken(root) == []


def test_what_is_taken_in_can_be_used(run: Run, root: Path, lora: Path, anatomy: Anatomy) -> None:
    report = run("import", lora, "--id", "icons", "--name", "Icons", "--strength", 0.8, *LICENCES)
    assert "taken in as configs/loras/icons.yaml" in report
    config = load_catalog(root).loras["icons"]
    assert (config.family, config.models, config.trigger_words) == ("flux", ("tiny",), ("fluenticon",))
    assert (config.name, config.default_strength) == ("Icons", 0.8)
    assert {(part.part, part.licence) for part in config.licence_parts} == {
        ("adapter", "apache-2.0"),
        ("training data", "apache-2.0"),
    }
    lora.unlink()
    file = files.find(config, "LoRA 'icons'")
    assert file.parent == root / "weights" / "loras"
    assert len(file.stem) == 64
    contents = files.read(file, "LoRA 'icons'")
    assert len(convert(contents.tensors, contents.metadata, anatomy).changes) == len(draw().layers)


def test_what_peft_wrote_beside_a_file_goes_into_it(run: Run, root: Path, tmp_path: Path, anatomy: Anatomy) -> None:
    tensors, _ = published.peft(draw())
    file = save(tmp_path, "adapter_model", tensors)
    file.with_name("adapter_config.json").write_text('{"r": 4, "lora_alpha": 12}')
    run("import", file, "--id", "peft", "--trigger", "", *LICENCES)
    contents = files.read(files.find(load_catalog(root).loras["peft"], "x"), "x")
    scaled = convert(contents.tensors, contents.metadata, anatomy).changes
    plain = convert(tensors, {}, anatomy).changes
    for place, change in scaled.items():
        weight = anatomy.weights[place]
        before = plain[place].merged(weight, 3.0)
        torch.testing.assert_close(change.merged(weight, 1.0), before)


def test_licences_are_asked_for(run: Run, root: Path, lora: Path) -> None:
    refusal = run("import", lora, "--id", "icons", code=1)
    assert "refused: the licence of adapter and of training data is missing" in refusal
    assert '--licence "adapter=ID" --licence "training data=ID"' in refusal
    only = run("import", lora, "--id", "icons", "--licence", "adapter=apache-2.0", code=1)
    assert "the licence of training data is missing" in only
    unknown = run("import", lora, "--id", "icons", "--licence", "adapter=mine", *LICENCES[2:], code=1)
    assert "licence 'mine' is not known; known: " in unknown
    assert "write PART=ID" in run("import", lora, "--id", "icons", "--licence", "apache-2.0", code=1)
    assert taken(root) == []


def test_an_id_that_is_taken_is_replaced_only_if_asked(run: Run, root: Path, lora: Path) -> None:
    run("import", lora, "--id", "icons", *LICENCES)
    assert "there is a LoRA 'icons' already" in run("import", lora, "--id", "icons", *LICENCES, code=1)
    run("import", lora, "--id", "icons", "--trigger", "other", "--replace", *LICENCES)
    replaced = load_catalog(root).loras["icons"]
    assert (replaced.trigger_words, replaced.version) == (("other",), "1.0.1")
    run("import", lora, "--id", "icons", "--replace", "--version", "2.0.0", *LICENCES)
    assert load_catalog(root).loras["icons"].version == "2.0.0"
    assert "version: '2' is not a version" in run("import", lora, "--id", "new", "--version", "2", *LICENCES, code=1)
    assert "id: String should match pattern" in run("import", lora, "--id", "My Icons", *LICENCES, code=1)


@pytest.mark.parametrize(
    ("size", "reason"),
    [(1e-6, "changes no weight by more than"), (0.004, "what 'tiny' predicts changes by")],
)
def test_what_has_no_effect_is_refused_and_not_taken_in(
    size: float, reason: str, run: Run, root: Path, tmp_path: Path
) -> None:
    file = save(tmp_path, "faint", *published.diffusers(draw(size=size)))
    refusal = run("import", file, "--id", "faint", *LICENCES, code=1)
    assert "LoRA 'faint', tried with 'tiny': " in refusal
    assert "no measurable effect" in refusal
    assert reason in refusal
    assert taken(root) == []


def test_files_that_are_no_lora_of_a_model_here_are_refused(run: Run, root: Path, tmp_path: Path) -> None:
    pickled = tmp_path / "lora.pt"
    torch.save({}, pickled)
    assert "is a pickle" in run("check", pickled, code=1)
    assert "does not exist: check the path" in run("check", tmp_path / "nobody.safetensors", code=1)
    assert "is a folder: give the .safetensors file in it" in run("check", tmp_path, code=1)
    renamed = shutil.copy(save(tmp_path, "whole", *published.kohya(draw())), tmp_path / "lora.bin")
    assert "is not called .safetensors: rename it" in run("check", renamed, code=1)
    name = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q"
    sides = {f"{name}.lora_down.weight": torch.ones(4, 64), f"{name}.lora_up.weight": torch.ones(64, 4)}
    other = save(tmp_path, "xl", sides | {f"{name}.alpha": torch.ones(())})
    assert "which no model here is; models are of flux" in run("check", other, code=1)
    assert "made for SDXL" in run("check", other, "--family", "flux", code=1)
    assert "there is no model 'mini'; known: tiny" in run("check", other, "--model", "mini", code=1)
    assert "'tiny' is of the family flux, not of sdxl" in run(
        "check", other, "--model", "tiny", "--family", "sdxl", code=1
    )
    nobody = save(tmp_path, "nobody", {"x": torch.ones(4)})
    assert "name its family with --family" in run("check", nobody, code=1)


def test_a_model_whose_weights_are_elsewhere_has_to_be_named(run: Run, root: Path, lora: Path) -> None:
    (root / "configs/models/tiny.yaml").write_text(MODEL.format(folder="nowhere"))
    assert "no model of flux is here: --model tiny" in run("check", lora, code=1)


def test_configs_that_would_not_load_are_put_back(
    run: Run, root: Path, lora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise ConfigError("the configs do not load")

    monkeypatch.setattr(intake, "load_catalog", refuse)
    assert "the configs do not load" in run("import", lora, "--id", "icons", *LICENCES, code=1)
    assert taken(root) == []


def test_arguments_that_are_not_known_are_a_usage_error(root: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main(["inspect"], root)
    assert left.value.code == 2


def test_any_name_survives_the_yaml(root: Path, lora: Path) -> None:
    names = ('a: "b" # c', "- élan ☕ 🎨", "{x}, [y]", "line\nbreak\ttab", "yes", "\u2028 \\u0041")
    (root / "configs/loras").mkdir(exist_ok=True)  # git keeps no empty folders
    for number, name in enumerate(names):
        config = LoraConfig(
            id=f"lora-{number}",
            name=name,
            description=name,
            family="flux",
            trigger_words=(name,),
            weights=Weights(path=str(lora)),
            licence_parts=tuple(LicencePart(part=part, licence="apache-2.0") for part in ("adapter", "training data")),
        )
        (root / "configs/loras" / f"{config.id}.yaml").write_text(to_yaml(config, "x"), encoding="utf-8")
        assert load_catalog(root).loras[config.id] == config


def test_what_files_say_of_themselves_is_read_and_never_trusted() -> None:
    assert trigger_words({"modelspec.trigger_phrase": "a b, c,,a b"}) == ("a b", "c")
    assert trigger_words({"trigger_word": "x" * 101}) == ()
    tags = '{"10_a": {"cat": 9, "dog": 2}, "5_b": {"dog": 1, "style": 20}}'
    assert frequent_tags({"ss_tag_frequency": tags}, 2) == ("style", "cat")
    for broken in ("", "[1]", "{", '{"a": 3}', '{"a": {"b": "many"}}'):
        assert frequent_tags({"ss_tag_frequency": broken}) == ()
    assert guess({"x.weight": torch.ones(1)}) is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("command", ["check", "import"])
def test_a_report_that_cannot_be_printed_takes_nothing_in(
    command: str, root: Path, lora: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = taken(root)
    arguments = [command, str(lora), *(("--id", "new", *LICENCES) if command == "import" else ())]
    with open("/dev/full", "w") as full, monkeypatch.context() as patched:
        patched.setattr("sys.stdout", full)
        assert terminal.run(lambda: main(arguments, root)) == 1
    assert capsys.readouterr().err == "cannot print: No space left on device\n"
    assert taken(root) == before
