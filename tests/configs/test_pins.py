"""A commit is written into a YAML as a person would: nothing else of it changes, however it is laid out."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.load import load_catalog, parse_document
from configs.pins import find_moving, write_commits
from tests.catalogue import copy_configs, edit, load_installation

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "{repo: studio/model, revision: main, unpinned: in training}"
OWN = "weights:\n  path: deployments/weights/mini\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("w:\n  revision: main\n  repo: a/b\n", f"w:\n  revision: {COMMIT}\n  repo: a/b\n"),
        (
            "w:  # ours\n  revision: 'main' # moves\n\n  # why\n  unpinned: in training  # for now\n  repo: a/b\n",
            f"w:  # ours\n  revision: {COMMIT} # moves\n\n  # why\n  repo: a/b\n",
        ),
        ("w:\n  revision: main\n  unpinned: in\n    training\nid: x", f"w:\n  revision: {COMMIT}\nid: x"),
        ("w:\n  unpinned: >-\n    in\n    training\n  revision: main\n", f"w:\n  revision: {COMMIT}\n"),
        ("w:\r\n  revision: main\r\n  unpinned: x\r\nid: y\r\n", f"w:\r\n  revision: {COMMIT}\r\nid: y\r\n"),
        ("w: {revision: main, unpinned: x}\n", f"w: {{revision: {COMMIT}}}\n"),
        ("w: {unpinned: 'x, y' , revision: main}\n", f"w: {{revision: {COMMIT}}}\n"),
        ("w: {repo: a, unpinned: x, revision: main}\n", f"w: {{repo: a, revision: {COMMIT}}}\n"),
        ("w: {\n  revision: main,\n  unpinned: x,\n  }\n", f"w: {{\n  revision: {COMMIT},\n  }}\n"),
        ("w: {\n  unpinned: x, revision: main}\n", f"w: {{\n  revision: {COMMIT}}}\n"),
        ("w:\n  revision: main\n  unpinned: x", f"w:\n  revision: {COMMIT}\n"),
    ],
)
def test_only_the_revision_changes_and_its_excuse_goes(before: str, after: str) -> None:
    document = parse_document(Path("x.yaml"), before)
    text = write_commits(document, {("w",): COMMIT})
    assert text == after
    data = document.data["w"]
    data.pop("unpinned", None)
    assert parse_document(Path("x.yaml"), text).data == {**document.data, "w": {**data, "revision": COMMIT}}


def test_weights_that_are_named_twice_are_written_once() -> None:
    document = parse_document(Path("x.yaml"), "a: &same\n  revision: main\n  unpinned: x\nb: *same\n")
    assert write_commits(document, {("a",): COMMIT, ("b",): COMMIT}) == f"a: &same\n  revision: {COMMIT}\nb: *same\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_configs(tmp_path)


def test_every_repository_of_a_model_is_found_wherever_it_is_named(root: Path) -> None:
    part = "licence_parts: [{part: x, licence: mit}]"
    lines = (
        f"borrowed: {{text_encoder_4: {REPO}}}",
        f"controls: {{canny: {{weights: {REPO}, {part}}}, pose: {{weights: {{path: x}}, {part}}}}}",
        f"image_prompt: {{kind: redux, weights: {REPO}, image_encoder: {REPO}, {part}}}",
        "text_length:",
    )
    file = root / "configs/models/mini.yaml"
    edit(file, "text_length:", "\n".join(lines))
    edit(file, OWN, f"weights: {{path: x, file: x.safetensors, config: {REPO}}}\n")
    places = [".".join(map(str, place)) for place, _ in find_moving(load_catalog(root).models["mini"])]
    assert places == [
        "weights.config",
        "borrowed.text_encoder_4",
        "controls.canny.weights",
        "image_prompt.weights",
        "image_prompt.image_encoder",
    ]


def test_a_placed_model_at_a_branch_starts(root: Path) -> None:
    edit(root / "configs/models/mini.yaml", OWN, f"weights: {REPO}\n")
    assert load_installation("local", root).catalog.models["mini"].weights.moving
