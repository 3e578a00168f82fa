"""The tiny models of all families, each built and loaded once for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.deployments.families.conformance.tinies import find
from tests.deployments.families.conformance.trying import Folders, Tried


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    torch.set_num_threads(1)
    return Folders(tmp_path_factory.mktemp("families"))


@pytest.fixture(scope="package", autouse=True)
def small_references() -> Iterator[None]:
    """References of a few tokens, for diffusers and for the families here: those of the real sizes are slow."""
    from diffusers.pipelines.flux import pipeline_flux_kontext
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline_flux_kontext, "PREFERRED_KONTEXT_RESOLUTIONS", [(64, 96), (96, 96), (96, 64)])
        patched.setattr(pipeline_qwenimage_edit_plus, "VAE_IMAGE_SIZE", 64 * 64)
        patched.setattr(pipeline_qwenimage_edit_plus, "CONDITION_IMAGE_SIZE", 64 * 64)
        yield


@pytest.fixture
def tried(folders: Folders, row: tuple[str, str]) -> Tried:
    return folders.find(*row, find(*row))
