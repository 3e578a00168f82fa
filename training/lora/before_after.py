"""The same prompts and seeds without an adapter and with it, beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from safetensors.torch import load_file

from deployments.families.training import Trainable
from training.lora.adapter import Adapter
from training.lora.checkpoints import ADAPTER
from training.lora.layouts import component_of, from_diffusers
from training.lora.saving import settings_of

_GAP = 4


def draw(trainable: Trainable, prompts: Sequence[str]) -> list[Image.Image]:
    """One picture of each prompt, as the model now is; seeds are their places."""
    *told, empty = trainable.encode_text([*prompts, ""])
    return [trainable.draw(one, empty, trainable.manner, seed) for seed, one in enumerate(told)]


def draw_with(trainable: Trainable, checkpoint: Path, prompts: Sequence[str]) -> list[Image.Image]:
    """The same with the adapter of `checkpoint`, which is taken off again."""
    adapter = Adapter(trainable, settings_of(checkpoint))
    try:
        adapter.load(from_diffusers(load_file(checkpoint / ADAPTER), component_of(trainable)))
        return draw(trainable, prompts)
    finally:
        adapter.remove()


def lay_out(rows: Sequence[Sequence[Image.Image]]) -> Image.Image:
    """Rows of pictures of one size, one under another."""
    width, height = rows[0][0].size
    across, down = max(map(len, rows)), len(rows)
    sheet = Image.new("RGB", (across * (width + _GAP) - _GAP, down * (height + _GAP) - _GAP), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            sheet.paste(picture, (x * (width + _GAP), y * (height + _GAP)))
    return sheet
