"""Pictures that the stages made, kept, and how far today's are from them to the eye.

`python -m tests.deployments.stages.goldens` makes them anew, and says how far each was from what it is now: look at
those that moved before committing them.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter
from rich.console import Console

from configs.inputs import drawn_over
from configs.load import load_catalog
from deployments.messages import Done, Picture
from deployments.stages import tiles
from deployments.stages.brand_colours import Palette, PaletteRequest
from deployments.stages.clean import CleanRequest
from deployments.stages.composite import composite
from deployments.stages.cut_out import CutOut, CutOutRequest
from deployments.stages.encode import encode
from deployments.stages.linear import resize, sharpen
from deployments.stages.oklab import to_oklab
from deployments.stages.similarity import measure_ssim
from deployments.stages.upscaler import Lanczos, Upscaler, UpscaleRequest
from deployments.stages.vector import rasterise
from tests.deployments.pictures import asked, icon, soft_icon
from training.mini.world.drawing import draw
from training.mini.world.pictures import rasterise as render
from training.mini.world.scene import Scene, sample_placement

FOLDER = Path(__file__).parent / "golden"
COLOUR, STRUCTURE = 0.02, 0.02
"""How far a picture may be: OKLab distance that one pixel in a hundred exceeds (0.02 is just seen), and what is missing
of SSIM."""
_GROUND = (255, 0, 255, 255)
_SIDE = 192


@dataclass(frozen=True, slots=True)
class Distance:
    """Between two pictures, on magenta where they are transparent; 0 where nothing differs."""

    colour: float
    structure: float

    @property
    def seen(self) -> bool:
        """Whether somebody who looks would tell them apart."""
        return self.colour > COLOUR or self.structure > STRUCTURE


def measure_distance(one: Image.Image, other: Image.Image) -> Distance:
    """How far two pictures of one size are apart to the eye. Raises ValueError for two sizes."""
    if one.size != other.size:
        raise ValueError(f"{one.size} and {other.size} are no two pictures of one size")
    first, second = _laid(one), _laid(other)
    apart = np.linalg.norm(to_oklab(np.asarray(first)) - to_oklab(np.asarray(second)), axis=-1)
    return Distance(round(float(np.quantile(apart, 0.99)), 4), round(1 - measure_ssim(first, second), 4))


def scene(subject: str, colour: str, ground: str, style: str, side: int = _SIDE) -> Picture:
    """One of mini's world, the same each time."""
    told = Scene(subject, colour, ground, style, placement=sample_placement(random.Random(1)))
    return Picture(side, side, render(draw(told), (side, side)).tobytes())


def shown(picture: Picture) -> Image.Image:
    """As an image, with alpha where it has any."""
    image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
    if picture.alpha:
        image.putalpha(Image.frombytes("L", image.size, picture.alpha))
    return image


async def _brand(picture: Picture, mode: Any) -> Picture:
    kit = load_catalog().brand_kits["atelier"].palette
    roles, tolerances = tuple(one.role for one in kit), tuple(one.tolerance for one in kit)
    request = PaletteRequest(tuple(one.colour for one in kit), 1.0, mode, roles, tolerances)
    return await _by(Palette(), "pull", picture, request)


async def _cut(picture: Picture, by: Any) -> Picture:
    return await _by(CutOut(load_catalog().cutters["mini-matting"]), "cut_out", picture, CutOutRequest(by))


async def _by(replica: Any, method: str, picture: Picture, request: Any) -> Picture:
    try:
        done: Done = await getattr(replica, method)(picture, request)
    finally:
        replica.close()
    assert isinstance(done.picture, Picture)
    return done.picture


def _inpainted() -> Picture:
    """The right half drawn, the left half kept."""
    drawn, kept = scene("cat", "blue", "mint", "product"), scene("mug", "purple", "mint", "product")
    mask = Image.new("RGB", (_SIDE, _SIDE))
    mask.paste((255, 255, 255), (_SIDE // 2, 0, _SIDE, _SIDE))
    inputs = drawn_over(kept, Picture(_SIDE, _SIDE, mask.tobytes()))
    return Picture(_SIDE, _SIDE, composite(shown(drawn), inputs).tobytes())


def _tiled() -> Picture:
    """Tiles that came back darker one by one, and soft, put together."""
    whole = scene("rocket", "red", "beach", "premium")
    layout = tiles.lay_out(_SIDE, _SIDE, (96, 96), 0.25)
    redrawn = {}
    for number, place in enumerate(layout.places):
        tile = tiles.cut(whole, *place, layout)
        changed = shown(tile).filter(ImageFilter.GaussianBlur(1)).point(lambda level, less=8 * number: level - less)
        redrawn[place] = tiles.hold(Picture(tile.width, tile.height, changed.tobytes()), tile)
    return tiles.blend(redrawn, layout, _SIDE, _SIDE)


def _traced() -> Image.Image:
    clean = CleanRequest().apply(scene("fish", "orange", "light blue", "icon", 256)).picture
    assert isinstance(clean, Picture)
    return rasterise(encode(clean, asked("svg")).files[0].data.decode(), _SIDE, _SIDE)


async def _draw_all() -> dict[str, Image.Image]:
    """Each golden as the stages draw it today."""
    soft, premium, star = (
        soft_icon(1),
        scene("rocket", "red", "beach", "premium"),
        scene("star", "red", "light pink", "icon"),
    )
    enlarge = UpscaleRequest(1, _SIDE, _SIDE)
    small = scene("bicycle", "green", "mint", "icon", 48)
    pictures = {
        "clean-soft-icon": CleanRequest().apply(soft).picture,
        "clean-noise": CleanRequest().apply(icon(256, noise=8.0)).picture,
        "brand-soft": await _brand(premium, "soft"),
        "brand-snap": await _brand(icon(), "snap"),
        "cut-out-flat": await _cut(star, "flat"),
        "cut-out-network": await _cut(scene("mug", "purple", "mint", "premium"), "network"),
        "upscale-lanczos": await _by(Lanczos(), "upscale", small, enlarge),
        "upscale-mini-x4": await _by(Upscaler(load_catalog().upscalers["mini-x4"]), "upscale", small, enlarge),
        "tile-blend": _tiled(),
        "inpaint": _inpainted(),
    }
    images = {name: shown(picture) for name, picture in pictures.items()}
    images["finish-sharpened"] = sharpen(resize(shown(premium), 96, 96), 1.0)
    images["svg"] = _traced()
    return images


def load_golden(name: str) -> Image.Image:
    """The kept picture. Raises FileNotFoundError."""
    return Image.open(FOLDER / f"{name}.webp")


def draw_all() -> dict[str, Image.Image]:
    """What the stages make today, by name."""
    return asyncio.run(_draw_all())


def main() -> None:
    """Write all of them, and say which moved."""
    argparse.ArgumentParser(prog="python -m tests.deployments.stages.goldens", description=__doc__).parse_args()
    FOLDER.mkdir(exist_ok=True)
    console, drawn = Console(highlight=False), draw_all()
    for gone in {file.stem for file in FOLDER.glob("*.webp")} - set(drawn):
        (FOLDER / f"{gone}.webp").unlink()
    for name, image in drawn.items():
        console.print(f"{name}: {_moved(name, image)}")
        image.save(FOLDER / f"{name}.webp", lossless=True, exact=True, method=6)


def _moved(name: str, image: Image.Image) -> str:
    if not (FOLDER / f"{name}.webp").exists() or load_golden(name).size != image.size:
        return "new"
    apart = measure_distance(load_golden(name), image)
    return f"{apart.colour} in colour, {apart.structure} in structure{', which is seen' if apart.seen else ''}"


def _laid(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, _GROUND), image).convert("RGB")


if __name__ == "__main__":
    main()
