"""Training goes on from the weights that ship, without the work files that made them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import torch

from configs.load import ROOT
from training.mini.denoiser import DenoiserPlan, Learner
from training.mini.export import assemble
from training.mini.networks import Networks
from training.mini.restore import restore
from training.mini.workspace import Workspace

SHIPPED = ROOT / "deployments/weights/mini"
parts: Any = diffusers


def test_restored_checkpoints_are_the_shipped_weights_and_can_be_trained_on(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    restore(space, SHIPPED)
    shipped = parts.FluxPipeline.from_pretrained(SHIPPED, dtype=torch.float32)
    again = assemble(space, DenoiserPlan())
    for name in ("transformer", "text_encoder", "text_encoder_2", "vae"):
        expected, found = getattr(shipped, name).state_dict(), getattr(again, name).state_dict()
        assert expected.keys() == found.keys()
        assert all(torch.equal(expected[key], found[key]) for key in expected)
    assert again.vae.config.scaling_factor == shipped.vae.config.scaling_factor
    state = space.load("denoiser")
    assert state is not None
    learner = Learner(Networks(DenoiserPlan().shape, len(again.tokenizer), len(again.tokenizer_2)), 1e-3)
    assert learner.restore(state) == 0
