"""The tiny models, one at a time."""

from __future__ import annotations

import pytest
import torch

from tests.training.lora.families.taught import Classroom, Taught


@pytest.fixture(scope="session")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    torch.set_num_threads(1)
    return Classroom(tmp_path_factory.mktemp("taught"))


@pytest.fixture
def taught(classroom: Classroom, row: tuple[str, str]) -> Taught:
    return classroom.find(row)
