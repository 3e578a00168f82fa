"""The base in fewer bits: what learns stays in float32, and the base is never touched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from configs.schema import ModelConfig
from tests.training.lora.conftest import changed
from training.lora.base import load_base
from training.lora.checkpoints import ADAPTER
from training.lora.events import Ended, Stepped
from training.lora.pictures import TrainingPicture
from training.lora.trainer import Trainer

needs_a_gpu = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="diffusers makes 4 bits of weights on a GPU only"
)


@pytest.mark.parametrize(
    "changes",
    [
        {"precision": "bfloat16"},
        {"precision": "bfloat16", "gradient_checkpointing": True},
        {"precision": "bfloat16", "kind": "dora"},
        pytest.param({"precision": "bfloat16", "base": "nf4"}, marks=needs_a_gpu),
        {"precision": "bfloat16", "base": "fp8"},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())),
)
def test_an_adapter_learns_in_float32_over_a_base_in_fewer_bits(
    changes: dict[str, object], config: ModelConfig, squares: Sequence[TrainingPicture], tmp_path: Path
) -> None:
    settings = changed(**changes, steps=3, checkpoint_every=3)
    model = load_base(config, settings)
    before = {name: value.clone() for name, value in model.denoiser.state_dict().items()}
    *events, ended = Trainer(model, squares, settings, tmp_path).run()
    assert isinstance(ended, Ended)
    assert all(torch.isfinite(torch.tensor(each.loss)) for each in events if isinstance(each, Stepped))
    learned = load_file(ended.checkpoint / ADAPTER)
    assert {value.dtype for value in learned.values()} == {torch.float32}
    assert any(value.abs().max() > 0 for name, value in learned.items() if "lora_B" in name)
    after = model.denoiser.state_dict()
    assert before.keys() == after.keys()
    assert all(_equal(value, after[name]) for name, value in before.items())


def _equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.equal(one.contiguous().view(torch.uint8), other.contiguous().view(torch.uint8))
