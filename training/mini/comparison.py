"""`python -m training.mini.comparison`: the upscaler against Lanczos, in decibels and side by side."""

import argparse
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table

from training.mini.polish import load_polished
from training.mini.upscaler import UpscalerPlan, enlarge, load_upscaler, make_pair, upscaler_scene
from training.mini.workspace import DEFAULT, SEED, Workspace

Pixels = np.ndarray[Any, Any]
TARGET = Path("training/mini/card/upscaler.png")
INPUTS = ("clean 128 px render", "draft through the autoencoder")


def decibels(result: Pixels, target: Pixels) -> float:
    """PSNR of two uint8 pictures of one size."""
    error = float(np.square(result.astype(float) - target.astype(float)).mean())
    return 10 * math.log10(255**2 / max(error, 1e-6))


def lanczos(picture: Pixels) -> Pixels:
    size = (picture.shape[1] * 4, picture.shape[0] * 4)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def main() -> None:
    """Print the mean PSNR over scenes that no training saw, and draw three of them: Lanczos, ours, the original."""
    parser = argparse.ArgumentParser(prog="python -m training.mini.comparison", description=__doc__)
    parser.add_argument("--root", type=Path, default=DEFAULT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=40)
    options = parser.parse_args()
    space = Workspace(options.root, options.seed)
    model, vae = load_upscaler(space, UpscalerPlan()), load_polished(space)
    torch.manual_seed(options.seed)
    scores: dict[tuple[str, str], list[float]] = {}
    rows: list[Pixels] = []
    for index in range(options.count):
        scene = upscaler_scene(space.seed + 1, index)
        pair = make_pair(scene, vae, 0.0)
        for name, small in zip(INPUTS, pair.small[:2], strict=True):
            for method, large in (("Lanczos", lanczos(small)), ("mini-x4", enlarge(model, small))):
                scores.setdefault((name, method), []).append(decibels(large, pair.large))
        if scene.size == (128, 128) and len(rows) < 3:
            small = pair.small[1]
            rows.append(np.concatenate([lanczos(small), enlarge(model, small), pair.large], 1))
    table = Table("input", "Lanczos", "mini-x4")
    for name in INPUTS:
        table.add_row(name, *(f"{np.mean(scores[name, method]):.1f} dB" for method in ("Lanczos", "mini-x4")))
    Console(highlight=False).print(table)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(rows)).quantize(256).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
