"""A mistyped architecture is refused by name: without that its model would pass for one that nobody has counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.errors import ConfigError
from configs.load import load_catalog
from tests.catalogue import copy_configs, edit

NET = "weights: {path: x}, licence_parts: [{part: x, licence: mit}]"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("architecture: mini", "architecture: minni", "architecture"),
        (
            "text_length:",
            f"controls: {{canny: {{architecture: minni, {NET}}}}}\ntext_length:",
            r"controls\.canny\.architecture",
        ),
        (
            "text_length:",
            f"image_prompt: {{kind: redux, architecture: minni, {NET}}}\ntext_length:",
            r"image_prompt\.architecture",
        ),
    ],
)
def test_a_mistyped_architecture_lists_those_that_there_are(tmp_path: Path, old: str, new: str, place: str) -> None:
    root = copy_configs(tmp_path)
    edit(root / "configs/models/mini.yaml", old, new)
    with pytest.raises(ConfigError, match=rf"mini\.yaml:\d+: {place}: 'minni' is not known; known: flux-1-dev, .*mini"):
        load_catalog(root)


def test_one_that_was_written_and_not_yet_counted_may_be_named(tmp_path: Path) -> None:
    root = copy_configs(tmp_path)
    (root / "configs/architectures/ours.yaml").write_text("id: ours\nsource: the test\nfolder: models/ours\n")
    edit(root / "configs/models/mini.yaml", "architecture: mini", "architecture: ours")
    catalog = load_catalog(root)
    assert (catalog.models["mini"].architecture, "ours" in catalog.figures) == ("ours", False)
