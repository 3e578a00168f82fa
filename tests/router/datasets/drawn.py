"""Sets of pictures drawn by mini's world: clean ones, and faults to plant in them."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.mini.world.drawing import draw
from training.mini.world.palette import COLOURS, PLAIN
from training.mini.world.pictures import rasterise
from training.mini.world.scene import Scene, clashes, sample_placement
from training.mini.world.subjects import THINGS

SIDE = 512


@dataclass(frozen=True)
class Drawn:
    """A picture with a caption of it."""

    image: Image.Image
    caption: str


def draw_set(
    seed: int, count: int, style: str = "icon", side: int = SIDE, ground: str | None = None, trigger: str = "kestrel"
) -> list[Drawn]:
    """`count` subjects, each once as long as there are any, in one style; on one ground where it is given."""
    rng = random.Random(seed)
    subjects = list(THINGS)
    rng.shuffle(subjects)
    return [_draw(rng, subjects[i % len(subjects)], style, side, ground, trigger) for i in range(count)]


def _draw(rng: random.Random, subject: str, style: str, side: int, ground: str | None, trigger: str) -> Drawn:
    behind = ground or rng.choice([name for name in PLAIN if name != "white"])
    colour = rng.choice([name for name in COLOURS if not clashes((name,), behind)])
    scene = Scene(subject, colour, behind, style, placement=sample_placement(rng))
    name = THINGS[subject].names[0]
    caption = (
        f"{'an' if colour[0] in 'aeiou' else 'a'} {colour} {name} with round details, {trigger} style, on {behind}"
    )
    return Drawn(Image.fromarray(rasterise(draw(scene), (side, side))), caption)


def reencoded(image: Image.Image, quality: int) -> Image.Image:
    """After a JPEG file of that quality."""
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def enlarged(image: Image.Image, times: float = 3) -> Image.Image:
    """A small one, brought to this size."""
    small = image.resize((round(image.width / times), round(image.height / times)), Image.Resampling.LANCZOS)
    return small.resize(image.size, Image.Resampling.BICUBIC)


def cropped(image: Image.Image, share: float, at: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """A part of it, `share` of each side, at its size."""
    width, height = round(image.width * share), round(image.height * share)
    left, top = round((image.width - width) * at[0]), round((image.height - height) * at[1])
    return image.crop((left, top, left + width, top + height)).resize(image.size, Image.Resampling.LANCZOS)


def marked(image: Image.Image, text: str = "© stockpix 2026") -> Image.Image:
    """With a watermark in the corner at the bottom right."""
    over = Image.new("RGBA", image.size)
    font = ImageFont.load_default(image.width // 28)
    ImageDraw.Draw(over).text(
        (image.width * 0.97, image.height * 0.96), text, font=font, fill=(255, 255, 255, 150), anchor="rs"
    )
    return Image.alpha_composite(image.convert("RGBA"), over).convert("RGB")


def to_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()
