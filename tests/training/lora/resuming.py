"""`python -m tests.training.lora.resuming WEIGHTS FOLDER`: go on with a run in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from tests.deployments.tiny import tiny_config
from tests.training.lora.conftest import COLOURS, changed, plain
from training.lora.base import load_base
from training.lora.trainer import Trainer

WHOLE = {"steps": 12, "checkpoint_every": 6, "ema": 0.9, "caption_dropout": 0.3, "guidance": "contrastive"}


def main() -> None:
    """To the end of the run, whose settings are `WHOLE`."""
    weights, folder = map(Path, sys.argv[1:])
    torch.set_num_threads(1)
    settings = changed(**WHOLE)
    pictures = [plain(colour) for colour in COLOURS]
    for _ in Trainer(load_base(tiny_config(weights), settings), pictures, settings, folder).run():
        pass


if __name__ == "__main__":
    main()
