"""`python -m training.matting.examine`: how well the stage cuts out, on renders that no training saw; and a sheet."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console

from configs.load import load_catalog
from deployments.stages.cut import Cut
from deployments.stages.soft_ground import load_soft_ground
from training.matting.samples import Sample
from training.matting.trainer import held_out, measure
from training.mini.workspace import SEED

SHEET = Path(".atelier/training/matting/sheet.png")
_TILE = 160


def main() -> None:
    """Cut out, measure, print, and draw each picture beside what was cut out of it, on magenta."""
    parser = argparse.ArgumentParser(prog="python -m training.matting.examine", description=__doc__)
    parser.add_argument("--count", type=int, default=96)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--cutter", default="mini-matting", help="id of a YAML under configs/cutters")
    options = parser.parse_args()
    cutter = load_soft_ground(load_catalog().cutters[options.cutter])
    samples = held_out(options.seed, options.count, 4)
    cuts = [cutter.cut(Image.fromarray(sample.picture)) for sample in samples]
    done = [(cut.alpha, sample) for cut, sample in zip(cuts, samples, strict=True) if isinstance(cut, Cut)]
    figures = measure([alpha for alpha, _ in done], [sample for _, sample in done])
    console = Console(highlight=False)
    console.print(f"cut out {figures.count} of {len(samples)}; the others are refused and stay whole")
    console.print(f"mean alpha error {figures.error:.4f}, IoU {figures.overlap:.3f}")
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    lay_out(samples, cuts).save(SHEET)
    console.print(f"sheet: {SHEET}")


def lay_out(samples: Sequence[Sample], cuts: Sequence[Cut | str], columns: int = 8) -> Image.Image:
    """Each picture, and beside it what was cut out of it; nothing beside one that was refused."""
    sheet = Image.new("RGB", (columns * 2 * _TILE, -(-len(samples) // columns) * _TILE), "#808080")
    for index, (sample, cut) in enumerate(zip(samples, cuts, strict=True)):
        place = index % columns * 2 * _TILE, index // columns * _TILE
        sheet.paste(_small(Image.fromarray(sample.picture)), place)
        if isinstance(cut, Cut):
            image = Image.fromarray(np.dstack([cut.rgb, cut.alpha]), "RGBA")
            ground = Image.new("RGBA", image.size, "#ff00ff")
            sheet.paste(_small(Image.alpha_composite(ground, image).convert("RGB")), (place[0] + _TILE, place[1]))
    return sheet


def _small(image: Image.Image) -> Image.Image:
    image.thumbnail((_TILE, _TILE))
    return image


if __name__ == "__main__":
    main()
